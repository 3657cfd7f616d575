"""What providers report over HTTP, one file each: whether it is theirs, and what it says.

A file has ``build(setup) -> Webhook``. ``genuine`` is asked before ``reports``; a report counts
once, however often a provider repeats it, so a late repetition does no harm.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from digest.audience.bounces import DeliveryReport
from digest.text.notation import parse_json

Headers = Mapping[str, str]
TOLERANCE = 300  # seconds that a signed time is good for, either way


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a webhook is made of: its ``secret``, its options, and what fetches a URL."""

    secret: str
    options: Mapping[str, str] = field(default_factory=dict)
    fetch: Callable[[str], bytes] | None = None


class Webhook(Protocol):
    """One provider's way to report."""

    def genuine(self, headers: Headers, raw: bytes, now: datetime) -> bool:
        """Tell whether the provider sent *raw*; *headers* are in lower case. Never raises."""
        ...

    def reports(self, raw: bytes) -> Sequence[DeliveryReport]:
        """Return what the genuine *raw* reports; nothing where it is about no bounce."""
        ...


class WebhookModule(Protocol):
    """A file of this folder."""

    def build(self, setup: Setup) -> Webhook:
        """Return the webhook; ValueError where the secret or an option is not in its form."""
        ...


def is_fresh(stamp: str, now: datetime) -> bool:
    """Tell whether the Unix time *stamp* is now, give or take ``TOLERANCE``."""
    known = stamp.isascii() and stamp.isdecimal()
    return known and abs(int(stamp[:12]) - now.timestamp()) <= TOLERANCE


def read_json(raw: bytes | str) -> object:
    """Return what the JSON in *raw* is, None where it is none."""
    try:
        return parse_json(raw)
    except ValueError:
        return None


def read_object(raw: bytes | str) -> dict[str, Any]:
    """Return the JSON object in *raw*, empty where there is none."""
    found = read_json(raw)
    return found if isinstance(found, dict) else {}


def read_objects(found: object) -> list[dict[str, Any]]:
    """Return the objects in the list *found*."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text_of(found: Mapping[str, Any], *names: str) -> str:
    """Return the first of the values *names* that is a text, "" where none is."""
    values = (found.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value), "")
