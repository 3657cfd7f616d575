"""Ports: what a stage is given, as protocols on the standard library alone."""
