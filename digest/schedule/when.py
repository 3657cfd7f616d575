"""How people write times: ``when = "Mon 08:00"`` -> cron, ``max_late = "36h"`` -> a timedelta."""

import re
from datetime import timedelta

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
EXAMPLES = '"Mon 08:00", "Mon,Thu 08:00", "weekdays 07:30", "daily 07:30", "1st 09:00"'
_FULL = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_NTH = re.compile(r"(\d{1,2})(st|nd|rd|th)")
_PART = re.compile(r"(\d+)(w|d|h|m)")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
_LONGEST_MONTH = 31


def cron(when: str) -> str:
    """Return the cron expression (five fields) that *when* stands for; ValueError says why not.

    Days, then the time of day: weekdays and ranges of them ("Mon,Thu", "Mon-Fri", "weekdays"),
    "daily", days of the month ("1st", "1st,15th", "last"), or a weekday of the month ("1st Mon").
    """
    *days, clock = when.replace(", ", ",").split() or [""]
    found = _CLOCK.fullmatch(clock) if days else None
    if not found:
        raise ValueError("is no day and time")
    hour, minute = int(found[1]), int(found[2])
    if hour > 23 or minute > 59:
        raise ValueError(f"{clock} is no time of day")
    return f"{minute} {hour} {_days([day.lower() for day in days])}"


def _days(words: list[str]) -> str:
    """Return the last three fields: day of the month, month, day of the week."""
    match words:
        case ["daily"] | ["every", "day"]:
            return "* * *"
        case ["weekdays"]:
            return "* * 1-5"
        case [nth, day] if _NTH.fullmatch(nth) or nth == "last":
            return f"* * {_weekday(day)}{'L' if nth == 'last' else f'#{_number(nth, 5)}'}"
        case [several] if several[0].isdigit() or several == "last":
            return f"{','.join(_monthday(one) for one in several.split(','))} * *"
        case [several]:
            return f"* * {','.join(_range(one) for one in several.split(','))}"
    raise ValueError(f"{' '.join(words)!r} names no days")


def _monthday(word: str) -> str:
    return "L" if word == "last" else str(_number(word, _LONGEST_MONTH))


def _number(word: str, most: int) -> int:
    found = _NTH.fullmatch(word)
    if not found or not 1 <= int(found[1]) <= most:
        raise ValueError(f"{word!r} is no day of a month" if most > 5 else f"no month has {word}")
    return int(found[1])


def _range(word: str) -> str:
    return "-".join(str(_weekday(day)) for day in word.split("-", 1))


def _weekday(word: str) -> int:
    names = (*DAYS, *_FULL)
    if word not in names:
        raise ValueError(f"{word!r} is no day of the week")
    return names.index(word) % len(DAYS)


def duration(text: str) -> timedelta:
    """Return the time that *text* stands for: "36h", "90m", "2d", "1w", "1d12h", "0"."""
    parts = _PART.findall(text.replace(" ", ""))
    if text.strip() == "0":
        return timedelta()
    if not parts or "".join(n + unit for n, unit in parts) != text.replace(" ", ""):
        raise ValueError("is no time span")
    try:
        return sum((timedelta(**{_UNITS[unit]: int(n)}) for n, unit in parts), timedelta())
    except OverflowError:
        raise ValueError("is longer than anybody waits") from None
