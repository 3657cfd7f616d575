"""A mail on its way to everybody it is for: once each, resumable, and no faster than it may.

    queued ─ claim ─ write ─ arm ─ send ─ settle        arm and settle share a commit
                               └── answer lost: unknown, and a person decides

``armed`` is durable before a byte leaves. What a run that was killed left armed is unknown; it is
sent again only where the other side keeps the same request from being carried out twice.
"""
