"""Dates as feeds and pages print them, by rules of our own: a wrong date is worse than none."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from unicodedata import normalize

_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(.*))?\Z"
)
_HAN = re.compile(
    r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日?\s*(?:[(（]?(?:星期|週|周)?.?[)）]?)?\s*"
    r"(上午|下午|早上|晚上|中午|凌晨)?\s*(?:(\d{1,2})\s*[:時点點]\s*(\d{1,2})?\s*[:分]?\s*(\d{1,2})?\s*秒?)?\s*\Z"
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?\Z", re.IGNORECASE)
_UNIX = re.compile(r"\d{9,10}(?:\d{3})?\Z")
_YEAR_OF_NOBODY = re.compile(r"\b00\d\d\b(?!:)")
_AMBIGUOUS = frozenset({"CST", "IST", "BST"})
_FIRST_YEAR = 1990


def moment(text: str, zone: tzinfo) -> datetime | None:
    """Return the aware time that *text* prints, None if it prints none that can be believed.

    A date without a zone, or with one whose letters mean several (CST), is the site's (*zone*).
    A year before 1990 is a default that nobody set (Hugo's 0001, Unix' 1970).
    """
    plain = " ".join(normalize("NFKC", text).split())
    if not plain:
        return None
    for read in (_iso, _han, _unix, _mail):
        try:
            found = read(plain, zone)
        except (ValueError, OverflowError):
            continue
        if found is not None:
            return found if found.year >= _FIRST_YEAR else None
    return None


def _iso(text: str, zone: tzinfo) -> datetime | None:
    found = _ISO.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    named = _zone((found[7] or "").strip(), zone)
    if hour == 24:
        return datetime(year, month, day, tzinfo=named) + timedelta(days=1)
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=named)


def _zone(name: str, zone: tzinfo) -> tzinfo:
    if name.upper() in ("Z", "UTC", "GMT"):
        return UTC
    found = _OFFSET.match(name)
    if not found:
        return zone
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(offset if found[1] == "+" else -offset)


def _han(text: str, zone: tzinfo) -> datetime | None:
    found = _HAN.match(text)
    if not found:
        return None
    day = date(int(found[1]), int(found[2]), int(found[3]))
    hour = int(found[5] or 0)
    if found[4] in ("下午", "晚上") and hour < 12:
        hour += 12
    return datetime.combine(day, time(hour, int(found[6] or 0), int(found[7] or 0)), zone)


def _unix(text: str, _zone_of_site: tzinfo) -> datetime | None:
    if not _UNIX.match(text):
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC)


def _mail(text: str, zone: tzinfo) -> datetime | None:
    """RFC 822 and its many dialects, as far as email.utils reads them (0001 it takes for 2001)."""
    if _YEAR_OF_NOBODY.search(text):
        return None
    words = text.split()
    lettered = words[-1].upper() if words else ""
    offset = _OFFSET.match(lettered)
    if offset and lettered[0] in "GU":
        text = f"{' '.join(words[:-1])} {offset[1]}{offset[2]:0>2}{offset[3] or '00'}"
    found = parsedate_tz(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = found[:6]
    if found[9] is None or lettered in _AMBIGUOUS:
        named = zone
    else:
        named = timezone(timedelta(seconds=found[9]))
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=named)
