"""What a Mastodon server allows a post to be: asked once a day, remembered, and told if unknown."""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from digest.errors import DigestError, FetchError
from digest.text.notation import parse_json

DEFAULT = 500  # characters, where a server was never asked
_FRESH = timedelta(days=1)
_ROUTES = ("/api/v2/instance", "/api/v1/instance")  # the second one for servers before 4.0
_DEADLINE = 5.0  # seconds; a draft does not wait for longer
_OK = 200
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """The limits of one server; ``note`` is what a person should know of them.

    ``characters`` and ``link``, what a URL counts, are its ``max_characters`` and
    ``characters_reserved_per_url``; ``images`` its ``max_media_attachments``.
    """

    characters: int = DEFAULT
    link: int = 23
    images: int = 4
    asked: str = ""
    note: str = ""


def instance(server: str, cache: Path | None, allow_private: Sequence[str] = ()) -> Instance:
    """Return the limits of *server*: of today from *cache*, else asked for, else of before."""
    now = datetime.now(UTC)
    known = _remembered(server, cache)
    if known and now - datetime.fromisoformat(known.asked) < _FRESH:
        return known
    try:
        found = _asked(server, now, allow_private)
    except DigestError as error:
        cause = f"{urlsplit(server).hostname or server} did not say what it allows ({error.cause})"
        return known or Instance(note=f"{cause}: {DEFAULT} characters are assumed")
    _remember(server, found, cache)
    return found


def _asked(server: str, now: datetime, allow_private: Sequence[str]) -> Instance:
    """Return what *server* says; FetchError where it says nothing of use."""
    from digest.fetch import Client

    with closing(Client(origin=server, allow_private=allow_private)) as client:
        for route in _ROUTES:
            answer = client.get(server.rstrip("/") + route, deadline=_DEADLINE)
            if answer.status != _NOT_FOUND:
                break
    if answer.status != _OK:
        raise FetchError(server, f"it answered {answer.status}")
    return _read(server, answer.body, now)


def _read(server: str, body: bytes, now: datetime) -> Instance:
    try:
        answer: Any = parse_json(body)
        statuses = answer["configuration"]["statuses"]
        return Instance(
            characters=_number(statuses["max_characters"]),
            link=_number(statuses["characters_reserved_per_url"]),
            images=_number(statuses["max_media_attachments"]),
            asked=now.isoformat(),
        )
    except (ValueError, KeyError, TypeError):
        raise FetchError(server, "its answer is not that of a Mastodon server") from None


def _number(value: Any) -> int:  # noqa: ANN401 - as a server wrote it
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(value)
    return value


def _all(cache: Path | None) -> dict[str, Any]:
    try:
        found = parse_json((cache / "mastodon.json").read_text("utf-8")) if cache else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _remembered(server: str, cache: Path | None) -> Instance | None:
    found = _all(cache).get(server)
    try:
        known = Instance(**found) if isinstance(found, Mapping) else Instance()
        datetime.fromisoformat(known.asked)
    except (TypeError, ValueError):  # nothing, or written by another version
        return None
    return known


def _remember(server: str, found: Instance, cache: Path | None) -> None:
    """Write *found* down; where that cannot be done it is asked for again."""
    if cache is None:
        return
    with suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        text = json.dumps(_all(cache) | {server: asdict(found)}, indent=1)
        (cache / "mastodon.json").write_text(text, "utf-8")
