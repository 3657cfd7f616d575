"""The dates of a Hugo page, from the keys that ``frontmatter`` of the configuration lists.

See gohugo.io/configuration/front-matter. What is no date at all counts as not given.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from digest.sources import _front_matter

_ALIASES = {
    "lastmod": ("modified",),
    "publishdate": ("pubdate", "published"),
    "expirydate": ("unpublishdate",),
}
_DEFAULTS = {
    "date": ("date", "publishdate", "lastmod"),
    "lastmod": (":git", "lastmod", "date", "publishdate"),
    "publishdate": ("publishdate", "date"),
    "expirydate": ("expirydate",),
}
_CHANGED = frozenset({"lastmod", "modified", ":git", ":filemodtime"})
_NAMED = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:.(\d{2})-(\d{2})-(\d{2}))?(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDates:
    """When a page is dated, published, changed and taken back; None where nobody says.

    ``is_own`` tells that the page's date is that of its publication and not of a change.
    """

    date: datetime | None = None
    publish: datetime | None = None
    changed: datetime | None = None
    expiry: datetime | None = None
    is_own: bool = False
    slug: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRules:
    """The keys that each date is read from, the first that has one; ``zone`` is of dates without.

    ``:filename`` stands for the date that begins the file's name, whose rest is then the slug.
    """

    zone: tzinfo
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: read_date_keys({}))

    def read(self, matter: Mapping[str, object], name: str, modified: datetime | None) -> PageDates:
        """Return the dates of the page with *matter* in the file (or bundle) called *name*."""
        date, key = self._first("date", matter, name, modified)
        publish, _ = self._first("publishdate", matter, name, modified)
        changed, _ = self._first("lastmod", matter, name, modified)
        expiry, _ = self._first("expirydate", matter, name, modified)
        return PageDates(
            date=date,
            publish=publish or date,
            changed=changed,
            expiry=expiry,
            is_own=bool(date) and key not in _CHANGED,
            slug=_split_name_date(name, self.zone)[1]
            if self._names_slug(matter, name, modified)
            else "",
        )

    def _first(
        self, which: str, matter: Mapping[str, object], name: str, modified: datetime | None
    ) -> tuple[datetime | None, str]:
        for key in self.keys[which]:
            if key == ":filename":
                found = _split_name_date(name, self.zone)[0]
            elif key == ":filemodtime":
                found = modified
            else:
                found = _front_matter.read_moment(matter.get(key), self.zone)
            if found:
                return found, key
        return None, ""

    def _names_slug(
        self, matter: Mapping[str, object], name: str, modified: datetime | None
    ) -> bool:
        """Tell whether a date was taken from the file's name, which gives the slug then."""
        return "slug" not in matter and any(
            self._first(which, matter, name, modified)[1] == ":filename" for which in self.keys
        )


def read_date_keys(settings: object) -> dict[str, tuple[str, ...]]:
    """Return for each kind of date the keys to read, of the table ``frontmatter``."""
    table = settings if isinstance(settings, dict) else {}
    return {which: _expand_keys(table.get(which), own) for which, own in _DEFAULTS.items()}


def _expand_keys(given: object, own: tuple[str, ...]) -> tuple[str, ...]:
    several: Sequence[object] = given if isinstance(given, list) else [given] if given else own
    keys: list[str] = []
    for key in (str(one).lower() for one in several):
        keys += own if key == ":default" else [key]
    return tuple(dict.fromkeys(name for key in keys for name in (key, *_ALIASES.get(key, ()))))


def _split_name_date(name: str, zone: tzinfo) -> tuple[datetime | None, str]:
    """Return the date that *name* begins with, and what follows it."""
    found = _NAMED.match(name)
    if not found:
        return None, ""
    try:
        date = datetime(*(int(part or 0) for part in found.groups()), tzinfo=zone)  # type: ignore[misc, arg-type]  # six numbers
    except ValueError:
        return None, ""
    return date, name[found.end() :].strip(" -_")
