"""The clock: which slots there are, which are due, and that windows leave no gap."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.schedule.rules import (
    MOST,
    Schedule,
    ScheduledTime,
    draft_time,
    find_slot_before,
    find_window,
    judge_slots,
    list_ahead,
    list_due,
    list_upcoming,
    name_window,
    natural_start,
    window_end,
)

WEEKLY = Schedule(name="weekly", digest="weekly", crons=("0 8 * * 1",), timezone="Asia/Taipei")


def local(text: str, zone: str) -> datetime:
    """Return the moment that the clocks of *zone* show as *text*, the first of two."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def keys(cron: str, zone: str, after: str, count: int) -> list[str]:
    made = replace(WEEKLY, crons=tuple(cron.split(" & ")), timezone=zone)
    return [slot.key for slot in list_ahead(made, local(after, zone), count)]


@pytest.mark.parametrize(
    ("cron", "zone", "after", "wanted"),
    [
        # the hour that spring leaves out
        ("30 2 * * *", "America/New_York", "2026-03-07T12:00", "08T03:00 09T02:30 10T02:30"),
        ("30 2 * * 0", "America/New_York", "2026-03-07T12:00", "08T03:00 15T02:30 22T02:30"),
        ("0 2 * * *", "Europe/Berlin", "2026-03-28T12:00", "29T03:00 30T02:00 31T02:00"),
        ("0 0 * * *", "Asia/Beirut", "2026-03-28T12:00", "29T01:00 30T00:00 31T00:00"),
        # the hour that autumn repeats
        ("30 1 * * *", "America/New_York", "2026-10-31T12:00", "01T01:30 02T01:30 03T01:30"),
        ("30 2 * * 0", "Europe/Berlin", "2026-10-24T12:00", "25T02:30 01T02:30 08T02:30"),
        ("0 8 * * 1", "Europe/Berlin", "2026-10-24T12:00", "26T08:00 02T08:00 09T08:00"),
        # half an hour of summer time
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00", "04T02:30 05T02:15 06T02:15"),
        # the day that Samoa left out
        ("0 8 * * 5", "Pacific/Apia", "2011-12-20T12:00", "23T08:00 31T00:00 06T08:00"),
        ("0 8 * * 1", "Pacific/Apia", "2011-12-20T12:00", "26T08:00 02T08:00 09T08:00"),
        # days that not every month or year has
        ("0 8 29 2 *", "UTC", "2026-01-01T00:00", "29T08:00 29T08:00 29T08:00"),
        ("0 8 31 * *", "UTC", "2026-01-01T00:00", "31T08:00 31T08:00 31T08:00"),
        ("0 8 L * *", "UTC", "2028-01-01T00:00", "31T08:00 29T08:00 31T08:00"),
        # several times, one of them twice
        (
            "0 8 * * 1 & 0 17 * * 4 & 0 8 * * 1",
            "UTC",
            "2026-02-01T00:00",
            "02T08:00 05T17:00 09T08:00",
        ),
    ],
)
def test_slots_follow_the_clock_of_the_zone(cron: str, zone: str, after: str, wanted: str) -> None:
    assert [key[8:] for key in keys(cron, zone, after, 3)] == wanted.split()


def test_a_repeated_hour_is_one_occurrence_of_each_key() -> None:
    hourly = replace(WEEKLY, crons=("30 * * * *",), timezone="America/New_York")
    start = local("2026-10-31T23:45", "America/New_York")
    got = list(islice(list_upcoming(hourly, start), 5))
    assert [slot.key[8:] for slot in got] == [
        "01T00:30", "01T01:30", "01T02:30", "01T03:30", "01T04:30",
    ]  # fmt: skip
    assert got[2].at - got[1].at == timedelta(hours=2)


def test_the_slot_before_is_the_one_that_comes_before() -> None:
    for zone in ("America/New_York", "Pacific/Apia", "Asia/Taipei"):
        made = replace(WEEKLY, crons=("30 2 * * *", "0 8 * * 1"), timezone=zone)
        for start in ("2026-03-01T00:00", "2026-10-30T00:00", "2011-12-27T00:00"):
            slots = list_ahead(made, local(start, zone), 12)
            for earlier, later in pairwise(slots):
                assert find_slot_before(made, later.at) == earlier


ZONES = st.sampled_from(
    ["Asia/Taipei", "America/New_York", "Europe/Berlin", "Pacific/Apia", "America/Sao_Paulo",
     "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut", "Europe/Dublin", "UTC"]
)  # fmt: skip
CRONS = st.sampled_from(
    ["0 8 * * 1", "30 2 * * *", "30 1 * * *", "0 0 * * *", "0 0 1 * *", "15 2 * * 0", "0 8 L * *",
     "0 12 * * 1,4", "45 23 * * 6", "0 */6 * * *"]
)  # fmt: skip
WINDOWS = st.sampled_from(["since-last-sent", "calendar-week", "calendar-month", "calendar-day"])
MOMENTS = st.integers(1_230_768_000, 1_893_456_000).map(lambda s: datetime.fromtimestamp(s, UTC))
SCHEDULES = st.builds(
    lambda zone, cron, kind, lead: replace(
        WEEKLY, timezone=zone, crons=(cron,), window=kind, lead=timedelta(hours=lead)
    ),
    ZONES,
    CRONS,
    WINDOWS,
    st.integers(0, 30),
)


@given(SCHEDULES, MOMENTS, st.lists(st.booleans(), min_size=2, max_size=12))
def test_windows_leave_no_gap_and_do_not_overlap(
    made: Schedule, start: datetime, told: list[bool]
) -> None:
    """Whatever runs are left out, the windows of those that are told touch each other."""
    slots = list_ahead(made, start, len(told))
    floor = covered = natural_start(made, slots[0])
    labels = []
    for slot, tells in zip(slots, told, strict=True):
        period = find_window(made, slot, covered, floor)
        assert period.start <= period.end <= slot.at
        assert period.since == min(floor, period.start)
        if tells and period.start < period.end:
            assert period.start == covered
            covered = period.end
            labels.append(period.label)
    assert len(set(labels)) == len(labels), "two issues of one name"


@given(SCHEDULES, MOMENTS)
def test_a_run_is_drafted_when_its_window_is_over(made: Schedule, start: datetime) -> None:
    for slot in list_ahead(made, start, 3):
        assert (
            window_end(made, slot) <= draft_time(made, slot) <= max(slot.at, window_end(made, slot))
        )


@given(SCHEDULES, MOMENTS, st.lists(st.integers(1, 60 * 24 * 9), min_size=1, max_size=12))
def test_every_slot_is_due_once_however_ticks_come(
    made: Schedule, start: datetime, waits: list[int]
) -> None:
    now, after, seen = start, start, list[ScheduledTime]()
    for minutes in waits:
        now += timedelta(minutes=minutes)
        for slot in list_due(made, now, after):
            seen.append(slot)
            after = slot.at
        assert list_due(made, now, after) == ()
    everything = [s for s in list_ahead(made, start, len(seen) + 1) if draft_time(made, s) <= now]
    assert seen == everything[-MOST:]


def test_a_long_sleep_is_looked_at_in_bounded_time() -> None:
    often = replace(WEEKLY, crons=("* * * * *",), timezone="UTC")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    slots = list_due(often, start + timedelta(days=3), start)
    assert len(slots) == MOST
    assert slots[-1].at == start + timedelta(days=3)


@pytest.mark.parametrize(
    ("kind", "crons", "key", "wanted"),
    [
        ("since-last-sent", ("0 8 * * 1",), "2026-02-02T08:00", "2026-02-02"),
        ("since-last-sent", ("0 8,20 * * *",), "2026-02-02T20:00", "2026-02-02-2000"),
        ("calendar-week", ("0 8 * * 1",), "2026-02-02T08:00", "2026-W05"),
        ("calendar-week", ("0 8 * * 1",), "2027-01-04T08:00", "2026-W53"),
        ("calendar-month", ("0 8 1 * *",), "2026-01-01T08:00", "2025-12"),
        ("calendar-day", ("0 8 * * *",), "2028-03-01T08:00", "2028-02-29..2028-02-29"),
    ],
)
def test_a_window_is_called_as_people_call_it(
    kind: str, crons: tuple[str, ...], key: str, wanted: str
) -> None:
    made = replace(WEEKLY, window=kind, crons=crons)
    assert name_window(made, ScheduledTime(key=key, at=local(key, "Asia/Taipei"))) == wanted


def asleep(days: float, **changes: object) -> list[str]:
    """Return what becomes of the slots of 3 weeks; the machine wakes *days* after the last."""
    made = replace(WEEKLY, **changes)
    start = local("2026-02-01T00:00", "Asia/Taipei")
    now = local("2026-02-16T08:00", "Asia/Taipei") + timedelta(days=days)
    verdicts = judge_slots(made, list_due(made, now, start), now)
    return ["run" if one.run else one.reason.split(":")[0] for one in verdicts]


@pytest.mark.parametrize(
    ("days", "changes", "wanted"),
    [
        (0.1, {"catch_up": "latest"}, ["missed", "missed", "run"]),
        (0.1, {"catch_up": "skip"}, ["missed", "missed", "missed"]),
        (0.01, {"catch_up": "skip"}, ["missed", "missed", "run"]),
        (0.1, {"catch_up": "all", "max_late": None}, ["run", "run", "run"]),
        (0.1, {"catch_up": "all", "max_late": timedelta(days=10)}, ["missed", "run", "run"]),
        (3.0, {"catch_up": "latest"}, ["missed", "missed", "missed"]),
        (3.0, {"catch_up": "latest", "max_late": timedelta(days=4)}, ["missed", "missed", "run"]),
        (0.1, {"paused": True, "file": "w.toml"}, ["paused in w.toml"] * 3),
        (
            0.1,
            {"skip": ("2026-02-16",), "max_late": None},
            ["missed", "run", "2026-02-16 is left out, as you asked"],
        ),
    ],
)
def test_three_weeks_asleep(days: float, changes: dict[str, object], wanted: list[str]) -> None:
    assert asleep(days, **changes) == wanted


def test_a_pause_holds_from_its_moment_on() -> None:
    slots = list_due(
        WEEKLY, local("2026-02-09T09:00", "Asia/Taipei"), local("2026-02-01T00:00", "UTC")
    )
    paused = local("2026-02-03T12:00", "Asia/Taipei")
    now = slots[-1].at + timedelta(minutes=2)
    first, second = judge_slots(replace(WEEKLY, max_late=None), slots, now, paused=paused)
    assert first.run
    assert second.reason == "paused since Tue 2026-02-03 12:00"
