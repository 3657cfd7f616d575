"""Dates as feeds and pages print them, by rules of our own: a wrong date is worse than none.

The time zone of a blog, told from the dates it prints and the language it is in.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import normalize
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from babel.core import Locale

_HALF = "上午|下午|早上|晚上|中午|凌晨|午前|午後|午后|오전|오후|am|pm|a\\.m\\.|p\\.m\\."
_YEAR_FIRST = re.compile(
    r"(?:(?P<era>民國)\s*)?(?P<year>\d{2,4})\s*[-/.年년]\s*(?P<month>\d{1,2})\s*[-/.月월]\s*"
    r"(?P<day>\d{1,2})(?!\d)\s*[日일.]?"
    r"(?:\s*[,(]?\s*(?:星期|週|周|禮拜)[一二三四五六日天]\s*\)?|\s*\([一二三四五六日天月火水木金土]\))?"
    rf"(?:[T,\s]*(?P<half>{_HALF})?\s*(?P<hour>\d{{1,2}})\s*[:時时點点]\s*(?P<minute>\d{{1,2}})?"
    rf"\s*(?:[:分]\s*(?P<second>\d{{1,2}})?)?(?:[.,]\d+)?\s*秒?\s*(?P<later>{_HALF})?)?"
    r"\s*(?P<zone>[A-Za-z+\-\[\]/_0-9: ]*)\Z",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:UTC|GMT|Z)?\s*([+-])(\d{1,2}):?(\d{2})?(?=\s|\Z)", re.IGNORECASE)
_UNIX = re.compile(r"\d{9,10}(?:\d{3})?\Z")
_COMPACT = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)"
    r"(?:[T ]?(?P<hour>[0-2]\d)(?P<minute>[0-5]\d)(?P<second>[0-5]\d)?)?\s*"
    r"(?P<zone>[A-Za-z+\-][A-Za-z+\-0-9: ]*)?\Z"
)
_YEAR_OF_NOBODY = re.compile(r"(?<![+\-:.\d])00\d\d\b(?!:)")
_CLOCK = re.compile(
    r"(?<![\d:])(?P<hour>\d{1,2})\s*[:hH]\s*(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,]\d+)?)?(?:\s*(?P<half>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
_NAMED_ZONE = re.compile(
    r"(?:\b(?:UTC|GMT|Z)\s*)?[+-]\d{2}:?\d{2}\b|\b[A-Z]{1,5}\b(?:[+-]\d{1,2})?"
)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})(?!\d)")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f\u0900-\u0dff\u0e31-\u0e4e]+[^\W\d_]*)*")
_EASTERN_MONTH = re.compile(r"(十[一二]?|[一二三四五六七八九]|\d{1,2})\s*[月월]")
_NUMERALS = "一 二 三 四 五 六 七 八 九 十 十一 十二".split()  # noqa: SIM905 - twelve words, read in a row
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905 - twelve words, read in a row
_AFTERNOON = ("下午", "晚上", "午後", "午后", "오후", "pm", "p.m.")
_AMBIGUOUS = frozenset({"CST", "IST", "BST"})
_UNIVERSAL = frozenset({"Z", "UT", "UTC", "GMT"})
_CENTURY, _PIVOT = 100, 69  # two digits of a year, read as RFC 2822 and POSIX do
_FIRST_YEAR, _LAST_YEAR = 1990, 9000
_FIRST_ROC_YEAR = 1911


def parse_moment(text: str, zone: tzinfo, language: str = "") -> datetime | None:
    """Return the aware time that *text* prints, None if it prints none that can be believed.

    A date without a zone, or with one whose letters mean several (CST), is the site's (*zone*).
    Months are read in every official language (CLDR); where a name means two of them, or 4/5 may
    be either day, the site's *language* (BCP 47) decides, or nobody does.
    A year before 1990 is a default that nobody set (Hugo's 0001, Unix' 1970).
    """
    plain = " ".join(normalize("NFKC", text[:200]).split())
    if not plain:
        return None
    for read in (_parse_year_first, _parse_compact_date, _parse_unix_time, _parse_worded_date):
        try:
            found = read(plain, zone, language)
        except (ValueError, OverflowError, OSError):
            continue
        if found is not None:
            return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None
    return None


def is_zero_time(text: str) -> bool:
    """Tell whether *text* prints the zero time of Go, which Hugo writes for a page without date."""
    found = _YEAR_OF_NOBODY.search(text)
    return found is not None and found[0] == "0001"


def _parse_year_first(text: str, zone: tzinfo, _language: str) -> datetime | None:
    """ISO 8601 and its relatives, with slashes, dots or 年月日, halves of the day, any zone."""
    found = _YEAR_FIRST.match(text)
    if not found or (not found["era"] and len(found["year"]) != len("2026")):
        return None
    year = int(found["year"]) + (_FIRST_ROC_YEAR if found["era"] else 0)
    day = datetime(
        year, int(found["month"]), int(found["day"]), tzinfo=_parse_zone(found["zone"], zone)
    )
    return _combine_clock(day, found, (found["half"] or found["later"] or "").lower())


def _combine_clock(day: datetime, clock: re.Match[str], half: str = "") -> datetime | None:
    """Return *day* at the time of *clock*; 24:00 is the midnight that ends it."""
    hour, minute, second = (int(clock[part] or 0) for part in ("hour", "minute", "second"))
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half and half not in _AFTERNOON and half != "中午" and hour == 12:
        hour = 0
    if hour > 24 or minute > 59:
        return None
    return day + timedelta(hours=hour, minutes=minute, seconds=min(second, 59))


def _parse_zone(name: str, zone: tzinfo) -> tzinfo:
    """Return the zone *name*: an offset before letters (Go's "+0800 CST"), then what they mean."""
    name = name.strip().partition("[")[0].strip()
    if found := _OFFSET.match(name):
        offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(offset if found[1] == "+" else -offset)
    letters = name.upper()
    if letters in _UNIVERSAL:
        return UTC
    known = parsedate_tz(f"1 Jan 2000 00:00:00 {letters}") if letters.isalpha() else None
    seconds = known[9] if known and letters not in _AMBIGUOUS else 0
    return timezone(timedelta(seconds=seconds)) if seconds else zone


def _parse_compact_date(text: str, zone: tzinfo, _language: str) -> datetime | None:
    """ISO 8601's basic format: 20261125T090000Z, with or without its parts."""
    found = _COMPACT.match(text)
    if not found:
        return None
    day = date(int(found["year"]), int(found["month"]), int(found["day"]))
    return _combine_clock(_make_midnight(day, _parse_zone(found["zone"] or "", zone)), found)


def _make_midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _parse_unix_time(text: str, _zone_of_site: tzinfo, _language: str) -> datetime | None:
    return datetime.fromtimestamp(int(text[:10]), UTC) if _UNIX.match(text) else None


def _parse_worded_date(text: str, zone: tzinfo, language: str) -> datetime | None:
    """RFC 822 and its many dialects, month names of any language, days before or after months."""
    if _YEAR_OF_NOBODY.search(text):
        return None
    clock = _CLOCK.search(text)
    if clock is None:
        day = _parse_day(text, language)
        return _make_midnight(day, zone) if day else None
    before, after = text[: clock.start()], text[clock.end() :]
    named = _NAMED_ZONE.search(after)
    if named:
        zone = _parse_zone(named[0], zone)
        after = f"{after[: named.start()]} {after[named.end() :]}"
    day = _parse_day(f"{before} {after}", language)
    if day is None:
        return None
    return _combine_clock(
        _make_midnight(day, zone), clock, f"{clock['half']}m".lower() if clock["half"] else ""
    )


def _parse_day(text: str, language: str) -> date | None:
    """Return the day that *text* names, in numbers alone or with its month in a word."""
    if found := _NUMERIC.search(text):
        return _parse_numeric_day(int(found[1]), int(found[3]), found[4], found[2], language)
    month, text = _find_month(text, language)
    numbers = _NUMBER.findall(text)
    if month is None or len(numbers) != 2:
        return None
    first, second = numbers
    day, year = (second, first) if len(first) == len("2026") else (first, second)
    return date(_parse_year(year), month, int(day))


def _parse_numeric_day(first: int, second: int, year: str, mark: str, language: str) -> date | None:
    """Read 25.11.2026: dots put the day first; of 4/5 only the site's language may tell."""
    if mark == "." or first > 12 or first == second:
        return date(_parse_year(year), second, first)
    if second > 12:
        return date(_parse_year(year), first, second)
    order = _find_day_month_order(language)
    if not order:
        return None
    day, month = (first, second) if order == "d" else (second, first)
    return date(_parse_year(year), month, day)


def _parse_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == len("26"):
        return year + (20 if year < _PIVOT else 19) * _CENTURY
    if len(digits) != len("2026"):
        raise ValueError(digits)
    return year


def _find_month(text: str, language: str) -> tuple[int | None, str]:
    """Return the one month that *text* names, and the text without it; None for none or several.

    What stands before the first number beside another month is a weekday: Spanish "mar" is both.
    """
    if found := _EASTERN_MONTH.search(text):
        number = int(found[1]) if found[1].isdigit() else _NUMERALS.index(found[1]) + 1
        return number, f"{text[: found.start()]} {text[found.end() :]}"
    first_number = _NUMBER.search(text)
    names = [
        (word.start(), month)
        for word in _WORD.finditer(text)
        if (month := _find_named_month(word[0].casefold(), language)) is not None
    ]
    if len(names) > 1 and first_number:
        names = [one for one in names if one[0] > first_number.start()] or names[1:]
    months = {month for _, month in names}
    return (months.pop() if len(months) == 1 else None), text


def _find_named_month(word: str, language: str) -> int | None:
    """Return the month called *word*, in the site's *language* first, then in any."""
    own = _list_month_names(language) if language else {}
    if word in own:
        return own[word]
    if word[:3] in _MONTHS and _is_english_month(word):
        return _MONTHS.index(word[:3]) + 1
    return _list_unambiguous_months().get(word)


def _is_english_month(word: str) -> bool:
    return len(word) == 3 or word in _list_month_names("en") or word == "sept"


@cache
def _list_unambiguous_months() -> Mapping[str, int]:
    """Return the names of months in all official languages that mean one month only."""
    from babel.core import get_global
    from babel.languages import get_official_languages

    territories = get_global("territory_languages")
    several = defaultdict[str, set[int]](set)
    for tag in sorted({tag for place in territories for tag in get_official_languages(place)}):
        for name, month in _list_month_names(tag).items():
            several[name].add(month)
    return {name: months.pop() for name, months in several.items() if len(months) == 1}


@cache
def _list_month_names(language: str) -> Mapping[str, int]:
    """Return what *language* calls the months, in full and short, in and out of a date (CLDR)."""
    locale = _load_locale(language)
    several = defaultdict[str, set[int]](set)
    for names in locale.months.values() if locale else ():
        for number, name in (*names["wide"].items(), *names["abbreviated"].items()):
            words = _WORD.findall(name)
            if words and not _NUMBER.search(name):  # Catalan says "de gener": its name is "gener"
                several[max(words, key=len).casefold()].add(number)
    return {word: months.pop() for word, months in several.items() if len(months) == 1}


@cache
def _find_day_month_order(language: str) -> str:
    """Return "d" or "m", what *language* writes first of day and month; "" where nobody can say.

    English alone says nothing: it is written on both sides of the ocean.
    """
    locale = _load_locale(language)
    if locale is None or (locale.language == "en" and not locale.territory):
        return ""
    pattern = locale.date_formats["short"].pattern.lstrip()
    return next((mark for mark in pattern.lower() if mark in "dmy"), "").replace("y", "")


@cache
def _load_locale(language: str) -> "Locale | None":
    from babel.core import Locale, UnknownLocaleError

    try:
        return Locale.parse(language.replace("_", "-").split("-x-")[0], sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return None


_HOUR = timedelta(hours=1)
_AGREE = 0.9  # of the dates: a post may have been written on a journey


def find_zone(name: str) -> tzinfo:
    """Return the zone called *name*, UTC where there is none of that name."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def find_common_zone(moments: Iterable[datetime], language: str = "") -> str:
    """Return the IANA name of the zone that *moments* are of: "Asia/Taipei" for +08:00 in zh-TW.

    Where the territory of *language* (BCP 47) has no zone with these offsets, summer time
    included, it is the offset that most of them have: "Etc/GMT-8" (POSIX signs: that is ahead of
    UTC); "" where there is none, or where it is no whole number of hours. Dates that are all in
    UTC tell no zone, for many programs print nothing else: the language does where all who speak
    it have one clock, as in zh-TW, ja, ko or de.
    """
    several = list(moments)
    offsets = Counter(m.utcoffset() for m in several)
    if not offsets:
        return ""
    offset = offsets.most_common(1)[0][0] or timedelta()
    if not any(offsets):
        return _by_language(language) or "UTC"
    told = [m for m in several if m.utcoffset()] if offset else several  # others say no zone
    if found := next(_list_agreeing_zones(told, language), ""):
        return found
    hours, rest = divmod(offset, _HOUR)
    if rest:
        return ""
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"


def _list_agreeing_zones(moments: Sequence[datetime], language: str) -> Iterator[str]:
    """Yield the zones of the language's territory whose offsets are those of *moments*."""
    for name in _list_territory_zones(language):
        try:
            zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
        agree = sum(m.astimezone(zone).utcoffset() == m.utcoffset() for m in moments)
        if agree >= _AGREE * len(moments):
            yield name


def _by_language(language: str) -> str:
    """Return the zone of those who speak *language*, "" where they have several clocks."""
    zones = _list_territory_zones(language)
    if not zones:
        return ""
    main = _main_zones() & set(zones)
    clocks = {_clock(zone) for zone in main or zones}
    if not _names_territory(language):
        clocks |= {_clock(zone) for zone in _of_speakers(language)}
    return zones[0] if len(clocks) == 1 else ""


def _of_speakers(language: str) -> Iterator[str]:
    """Yield a zone of each territory where *language* is official throughout, by CLDR."""
    from babel.core import get_global
    from babel.languages import get_official_languages

    spoken = language.replace("_", "-").partition("-")[0].lower()
    for territory, zones in get_global("territory_zones").items():
        if spoken in get_official_languages(territory):
            several = [zone for zone in zones if zone in _main_zones()] or zones
            yield from several[:1]


def _clock(name: str) -> tuple[timedelta | None, ...]:
    """Return the offsets of the zone *name* in the middle of winter and of summer."""
    zone = find_zone(name)
    return tuple(datetime(2026, month, 15, tzinfo=zone).utcoffset() for month in (1, 7))


def _names_territory(language: str) -> bool:
    from babel.core import parse_locale

    try:
        return bool(parse_locale(language.replace("_", "-"), sep="-")[1])
    except ValueError:
        return False


def _main_zones() -> frozenset[str]:
    """Return the zones of large cities."""
    from babel.core import get_global

    return frozenset(get_global("windows_zone_mapping").values())


def _list_territory_zones(language: str) -> list[str]:
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
    main = _main_zones()
    names = get_global("territory_zones").get(territory or "", ())
    return sorted(names, key=lambda name: name not in main)
