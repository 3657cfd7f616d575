"""Alembic's folder: one file a version in ``versions``."""
