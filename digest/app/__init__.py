"""Composition: the program is put together from its settings here, and nowhere below."""
