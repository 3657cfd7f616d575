"""Times as people write them."""

from datetime import timedelta

import pytest

from digest.schedule.loader import parse_duration, parse_when
from digest.text.localization import load_catalogue


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Mon 08:00", "0 8 * * 1"),
        ("monday 8:00", "0 8 * * 1"),
        ("Mon,Thu 08:05", "5 8 * * 1,4"),
        ("Mon, Thu 08:05", "5 8 * * 1,4"),
        ("Tue-Fri 23:59", "59 23 * * 2-5"),
        ("weekdays 07:30", "30 7 * * 1-5"),
        ("daily 07:30", "30 7 * * *"),
        ("every day 00:00", "0 0 * * *"),
        ("1st 09:00", "0 9 1 * *"),
        ("1st,15th 09:00", "0 9 1,15 * *"),
        ("last 18:00", "0 18 L * *"),
        ("15th,last 18:00", "0 18 15,L * *"),
        ("2nd Tue 09:00", "0 9 * * 2#2"),
        ("last Fri 17:00", "0 17 * * 5L"),
    ],
)
def test_a_time_is_a_cron_expression(said: str, meant: str) -> None:
    assert parse_when(said) == meant


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Mon", "no day and time"),
        ("08:00", "no day and time"),
        ("", "no day and time"),
        ("Mon 24:00", "24:00 is no time of day"),
        ("Mon 8", "no day and time"),
        ("Moonday 08:00", "'moonday' is no day of the week"),
        ("32nd 08:00", "'32nd' is no day of a month"),
        ("0th 08:00", "'0th' is no day of a month"),
        ("6th Mon 08:00", "no month has 6th"),
        ("Mon Tue Wed 08:00", "names no days"),
    ],
)
def test_what_is_no_time_is_refused(said: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_when(said)


def test_spans_are_read_and_said() -> None:
    assert parse_duration("36h") == timedelta(hours=36)
    assert parse_duration("1w 2d12h5m") == timedelta(days=9, hours=12, minutes=5)
    assert parse_duration("0") == timedelta()
    spans, say = [parse_duration(one) for one in ("5m", "36h", "3d")], load_catalogue("en")
    assert [say.lasting(one) for one in spans] == ["5 min", "36 h", "3 days"]
    for wrong in ("36", "soon", "h", "-3h", "3h soon", "", "999999999999d"):
        with pytest.raises(ValueError, match=r"is no time span|longer than"):
            parse_duration(wrong)
