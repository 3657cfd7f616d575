"""The choice: one fate for every post, no episode twice, reasons a person can read."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from digest.curate import curate, current_week, span, week
from digest.errors import ConfigError
from digest.model import Document, Edition, Period, Post, Selection

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
PERIOD = Period(start=MONDAY, end=MONDAY + timedelta(days=7), label="2026-W10")
EDITION = Edition(language="en", stories=3)
WORDS = {
    "tide": [
        "tide",
        "mill",
        "miller",
        "moon",
        "almanac",
        "sluice",
        "harbour",
        "flood",
        "ebb",
        "grain",
    ],
    "bees": [
        "bees",
        "hive",
        "keeper",
        "drone",
        "wax",
        "swarm",
        "clover",
        "queen",
        "smoker",
        "honey",
    ],
    "rail": [
        "train",
        "track",
        "whistle",
        "boiler",
        "station",
        "signal",
        "coal",
        "tunnel",
        "guard",
        "ticket",
    ],
}


def told(name: str, topic: str) -> str:
    """Return a text about *topic* that only the post *name* has."""
    random = Random(name)
    return "\n".join(f"{name}: {' '.join(random.choices(WORDS[topic], k=9))}." for _ in range(9))


def post(name: str, topic: str = "tide", **given: Any) -> Post:
    moment = MONDAY + timedelta(hours=len(name))
    values = {
        "id": name,
        "source": "blog",
        "url": f"https://blog.example/{name}/",
        "title": f"Notes on {name}",
        "published": moment,
        "first_seen": moment,
        "document": Document(text=told(name, topic)),
    }
    return Post(**{**values, **given})


def ids(selection: Selection) -> list[str]:
    return [pick.post.id for pick in selection.picks]


def test_a_week_is_a_half_open_span_of_the_blogs_own_days() -> None:
    period = week("2026-W02", "Asia/Taipei")
    assert period.start == datetime(2026, 1, 4, 16, tzinfo=UTC)
    assert period.end == datetime(2026, 1, 11, 16, tzinfo=UTC)
    assert period.label == "2026-W02"


@pytest.mark.parametrize("label", ["2025-W53", "2026-02", "W02", "2026-W00", "", "next"])
def test_a_week_that_does_not_exist_is_refused_with_a_remedy(label: str) -> None:
    with pytest.raises(ConfigError, match="Write it like 2026-W02"):
        week(label, "UTC")


def test_the_week_of_a_clock_change_is_an_hour_short() -> None:
    period = week("2026-W13", "Europe/Berlin")
    assert period.end - period.start == timedelta(days=7, hours=-1)


def test_a_span_includes_its_last_day() -> None:
    period = span(date(2026, 1, 1), date(2026, 1, 31), "UTC")
    assert datetime(2026, 1, 31, 23, 59, tzinfo=UTC) in period
    assert datetime(2026, 2, 1, tzinfo=UTC) not in period


def test_a_reversed_span_and_an_unknown_zone_are_refused() -> None:
    with pytest.raises(ConfigError, match="ends before it starts"):
        span(date(2026, 2, 1), date(2026, 1, 1), "UTC")
    with pytest.raises(ConfigError, match="no such zone"):
        week("2026-W02", "Mars/Olympus")


@pytest.mark.parametrize("hour", [0, 12, 23])
@pytest.mark.parametrize("day", range(7))
def test_the_current_week_is_the_last_complete_one(day: int, hour: int) -> None:
    now = datetime(2026, 3, 9 + day, hour, tzinfo=UTC)
    assert current_week(now, "UTC").label == "2026-W10"


def test_one_story_an_episode_and_the_others_beside_it() -> None:
    posts = [post(name, episode="https://talk.example/1") for name in ("a", "bb", "ccc")]
    posts.append(post("dddd", "bees"))
    selection = curate(posts, PERIOD, EDITION)
    assert len(selection.picks) == 2
    chosen = next(pick for pick in selection.picks if pick.post.episode)
    assert len(chosen.siblings) == 2
    assert set(chosen.siblings) <= set(selection.also)
    assert "3 posts on this episode" in chosen.reasons
