"""Subscribers: taken in, confirmed, changed, let go; pure work over the port ``Audience``."""
