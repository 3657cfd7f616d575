"""Dates as feeds and pages print them, by rules of our own: a wrong date is worse than none."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from unicodedata import normalize

_HALF = "上午|下午|早上|晚上|中午|凌晨|午前|午後|午后|am|pm|a\\.m\\.|p\\.m\\."
_YEAR_FIRST = re.compile(
    r"(?:(?P<era>民國)\s*)?(?P<year>\d{2,4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*"
    r"(?P<day>\d{1,2})(?!\d)\s*日?"
    r"(?:\s*[,(]?\s*(?:星期|週|周|禮拜)[一二三四五六日天]\s*\)?|\s*\([一二三四五六日天月火水木金土]\))?"
    rf"(?:[T,\s]*(?P<half>{_HALF})?\s*(?P<hour>\d{{1,2}})\s*[:時时點点]\s*(?P<minute>\d{{1,2}})?"
    rf"\s*(?:[:分]\s*(?P<second>\d{{1,2}})?)?(?:[.,]\d+)?\s*秒?\s*(?P<later>{_HALF})?)?"
    r"\s*(?P<zone>[A-Za-z+\-\[\]/_0-9: ]*)\Z",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?\Z", re.IGNORECASE)
_UNIX = re.compile(r"\d{9,10}(?:\d{3})?\Z")
_YEAR_OF_NOBODY = re.compile(r"(?<![+\-:.\d])00\d\d\b(?!:)")
_HAN_MONTH = re.compile(r"(十[一二]?|[一二三四五六七八九]|\d{1,2})\s*月")
_HAN_DAY = re.compile(r"(?:星期|週|周|禮拜)[一二三四五六日天]\s*,?\s*")
_NUMERALS = "一 二 三 四 五 六 七 八 九 十 十一 十二".split()  # noqa: SIM905 - twelve words, read as a line - read in a row
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905 - twelve words, read as a line
_AFTERNOON = ("下午", "晚上", "午後", "午后", "pm", "p.m.")
_AMBIGUOUS = frozenset({"CST", "IST", "BST"})
_FIRST_YEAR, _LAST_YEAR = 1990, 9000
_FIRST_ROC_YEAR = 1911


def moment(text: str, zone: tzinfo) -> datetime | None:
    """Return the aware time that *text* prints, None if it prints none that can be believed.

    A date without a zone, or with one whose letters mean several (CST), is the site's (*zone*).
    A year before 1990 is a default that nobody set (Hugo's 0001, Unix' 1970).
    """
    plain = " ".join(normalize("NFKC", text[:200]).split())
    if not plain:
        return None
    for read in (_year_first, _unix, _mail):
        try:
            found = read(plain, zone)
        except (ValueError, OverflowError, OSError):
            continue
        if found is not None:
            return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None
    return None


def is_zero(text: str) -> bool:
    """Tell whether *text* prints the zero time of Go, which Hugo writes for a page without date."""
    found = _YEAR_OF_NOBODY.search(text)
    return found is not None and found[0] == "0001"


def _year_first(text: str, zone: tzinfo) -> datetime | None:
    """ISO 8601 and its relatives, with slashes, dots or 年月日, halves of the day, any zone."""
    found = _YEAR_FIRST.match(text)
    if not found or (not found["era"] and len(found["year"]) != len("2026")):
        return None
    year = int(found["year"]) + (_FIRST_ROC_YEAR if found["era"] else 0)
    day = datetime(year, int(found["month"]), int(found["day"]), tzinfo=_zone(found["zone"], zone))
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    half = (found["half"] or found["later"] or "").lower()
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half and half not in _AFTERNOON and half != "中午" and hour == 12:
        hour = 0
    if hour > 24 or minute > 59:
        return None
    return day + timedelta(hours=hour, minutes=minute, seconds=min(second, 59))


def _zone(name: str, zone: tzinfo) -> tzinfo:
    name = name.strip().partition("[")[0]
    if name.upper() in ("Z", "UTC", "GMT"):
        return UTC
    found = _OFFSET.match(name)
    if not found:
        return zone
    return _offset(found[1], int(found[2]), int(found[3] or 0))


def _offset(sign: str, hours: int, minutes: int) -> tzinfo:
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(offset if sign == "+" else -offset)


def _unix(text: str, _zone_of_site: tzinfo) -> datetime | None:
    return datetime.fromtimestamp(int(text[:10]), UTC) if _UNIX.match(text) else None


def _mail(text: str, zone: tzinfo) -> datetime | None:
    """RFC 822 and its many dialects, as far as email.utils reads them (0001 it takes for 2001)."""
    if _YEAR_OF_NOBODY.search(text):
        return None
    if not text.isascii():
        text = _HAN_MONTH.sub(_month, _HAN_DAY.sub("", text))
    words = text.split()
    lettered = words[-1].upper()
    offset = _OFFSET.match(lettered)
    if offset and lettered[0] in "GU":
        text = f"{' '.join(words[:-1])} {offset[1]}{offset[2]:0>2}{offset[3] or '00'}"
    found = parsedate_tz(text if ":" in text else f"{text} 00:00:00")
    if found is None:
        return None
    year, month, day, hour, minute, second = found[:6]
    named = zone
    said = ":" in text and ":" not in lettered and not lettered.isdigit()
    if said and found[9] is not None and lettered not in _AMBIGUOUS:
        named = timezone(timedelta(seconds=found[9]))
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=named)


def _month(found: re.Match[str]) -> str:
    number = int(found[1]) if found[1].isdigit() else _NUMERALS.index(found[1]) + 1
    return f" {_MONTHS[number - 1]} " if 1 <= number <= len(_MONTHS) else found[0]
