"""The time zone of a blog, told from the dates it prints and the language it is in."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_HOUR = timedelta(hours=1)
_AGREE = 0.9  # of the dates: a post may have been written on a journey


def named(name: str) -> tzinfo:
    """Return the zone called *name*, UTC where there is none of that name."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def common(moments: Iterable[datetime], language: str = "") -> str:
    """Return the IANA name of the zone that *moments* are of: "Asia/Taipei" for +08:00 in zh-TW.

    Where the territory of *language* (BCP 47) has no zone with these offsets, summer time
    included, it is the offset that most of them have: "Etc/GMT-8" (POSIX signs: that is ahead of
    UTC); "" where there is none, or where it is no whole number of hours.
    """
    several = list(moments)
    offsets = Counter(m.utcoffset() for m in several)
    if not offsets:
        return ""
    offset = offsets.most_common(1)[0][0] or timedelta()
    if any(offsets) and (found := next(_agreeing(several, language), "")):
        return found
    hours, rest = divmod(offset, _HOUR)
    if rest:
        return ""
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"


def _agreeing(moments: Sequence[datetime], language: str) -> Iterator[str]:
    """Yield the zones of the language's territory whose offsets are those of *moments*."""
    for name in _of_territory(language):
        try:
            zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
        agree = sum(m.astimezone(zone).utcoffset() == m.utcoffset() for m in moments)
        if agree >= _AGREE * len(moments):
            yield name


def _of_territory(language: str) -> list[str]:
    """Return the zones of the territory of *language*, by CLDR; those of large cities first."""
    from babel.core import get_global, parse_locale

    try:
        tag = language.replace("_", "-").split("-x-")[0]
        spoken, territory, script, *_ = parse_locale(tag, sep="-")
        whole = "_".join(part for part in (spoken, script) if part)
        likely = get_global("likely_subtags").get(whole, "")
        territory = territory or (parse_locale(likely)[1] if likely else None)
    except ValueError:
        return []
    main = frozenset(get_global("windows_zone_mapping").values())
    names = get_global("territory_zones").get(territory or "", ())
    return sorted(names, key=lambda name: name not in main)
