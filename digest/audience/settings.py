"""``[audience]`` and ``[serve]`` of ``digest.toml``."""

from typing import Annotated, Literal

import msgspec

_Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class AudienceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[audience]``: what new subscribers get, how long they may take to confirm, bounces.

    ``digests`` are chosen beforehand, "weekly" or the first one where empty; ``offered`` are those
    that the form shows, all where empty.
    ``key_file`` holds the secrets that sign links, one a line, the newest first; ``soft_bounces``
    is after how many temporary bounces in a row an address is given up.
    """

    digests: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    key_file: str = ""
    confirm_days: Annotated[int, msgspec.Meta(ge=1, le=60)] = 7
    soft_bounces: Annotated[int, msgspec.Meta(ge=1, le=20)] = 3


class ServeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[serve]``: where the public pages listen and under which address readers reach them.

    ``intro`` stands over the form. ``trusted_proxies`` are addresses or networks whose
    ``client_header`` is believed; ``per_minute`` is how many requests one client may make.
    ``archive`` is a folder written by ``digest export --format web``. ``hooks`` names the
    providers that may report bounces: ``[serve.hooks.resend]``.
    """

    url: str = ""
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8710
    intro: str = ""
    trusted_proxies: tuple[str, ...] = ()
    client_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"
    per_minute: _Count = 60
    archive: str = ""
    hooks: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
