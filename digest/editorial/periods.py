"""Periods of a blog's own zone: an ISO week, a span of days, the last complete week."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.model import Issue, Period
from digest.model.errors import ConfigError, NothingToDo

_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)


def find_week(label: str, timezone: str) -> Period:
    """Return the ISO week *label* ("2026-W02") in *timezone*; ConfigError if there is none."""
    found = _WEEK.fullmatch(label.strip())
    if found:
        try:
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return _week_of(monday, timezone)
        except (ValueError, OverflowError):  # no such week in that year
            pass
    raise ConfigError(f"week {label!r}", "there is no such ISO week", "Write it like 2026-W02.")


def find_span(since: date, until: date, timezone: str) -> Period:
    """Return the days from *since* to *until*, both included; ConfigError if they are reversed."""
    named = f"period {since} to {until}"
    if until < since:
        raise ConfigError(named, "it ends before it starts", "Exchange the two days.")
    try:
        return _make_period(since, until, f"{since}..{until}", timezone)
    except OverflowError:
        cause = "it reaches beyond the calendar"
        raise ConfigError(named, cause, "Choose days of years from 2 to 9998.") from None


def current_week(now: datetime, timezone: str) -> Period:
    """Return the last complete ISO week before *now*.

    Not the running one: a draft of a whole week stays the same from Monday to Sunday, and no post
    is published behind its back.
    """
    today = now.astimezone(_find_zone(timezone)).date()
    return _week_of(today - timedelta(days=today.weekday() + 7), timezone)


def describe_unfinished(issue: Issue, now: datetime) -> Iterator[str]:
    """Yield what to say of *issue* where its period goes on after *now*."""
    period, zone = issue.period, _find_zone(issue.edition.timezone or "UTC")
    if now < period.end:
        end = f"{period.end.astimezone(zone):%Y-%m-%d %H:%M}"
        yield f"{period.label} is not over: what appears until {end} is left for the next issue"


def nothing_in(
    period: Period, newest: datetime | None, zone: str, sources: Sequence[str]
) -> NothingToDo:
    """Return the answer that *period* has no post, naming the week of the *newest* there is."""
    if newest is None:
        subject = ", ".join(sources) or period.label
        return NothingToDo(subject, "there is no post in it", "Check that it is the right place.")
    newest = newest.astimezone(ZoneInfo(zone))
    year, number, _ = newest.isocalendar()
    remedy = f"The newest are of {newest:%Y-%m-%d}: digest draft --week {year}-W{number:02}"
    return NothingToDo(period.label, "no post of this period", remedy)


def _week_of(monday: date, timezone: str) -> Period:
    year, number, _ = monday.isocalendar()
    return _make_period(monday, monday + timedelta(days=6), f"{year}-W{number:02d}", timezone)


def _make_period(first: date, last: date, label: str, timezone: str) -> Period:
    zone = _find_zone(timezone)
    start, end = (
        datetime.combine(day, time(), zone).astimezone(UTC)
        for day in (first, last + timedelta(days=1))
    )
    return Period(start=start, end=end, label=label)


def _find_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigError(
            f"timezone {name!r}", "there is no such zone", "Write one like Asia/Taipei or UTC."
        ) from None
