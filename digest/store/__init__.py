"""SQLAlchemy tables and queries behind the store ports; Alembic migrations."""
