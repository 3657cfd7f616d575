"""The store of occurrences keeps its promises on SQLite and on PostgreSQL alike."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from digest.model import Occurrence, RunEvent, ScheduleState, TargetResult
from digest.model.errors import BusyError, StoreError
from digest.store.engine import connect
from digest.store.schedule import OccurrenceStore
from tests.make import NOW

ONE = Occurrence(digest="weekly", key="2026-03-16T09:00", at=NOW, schedule="monday")


@pytest.fixture
def store(engine: Engine) -> OccurrenceStore:
    return OccurrenceStore(engine)


def test_an_occurrence_comes_back_as_it_was(store: OccurrenceStore) -> None:
    full = replace(
        ONE,
        state="approved",
        reason="編輯核准",
        issue="weekly-2026-03-16",
        revision=2,
        reviewed=1,
        start=NOW - timedelta(days=7),
        end=NOW,
        targets={"email": TargetResult(state="again", reason="慢一點")},
        owed="trouble",
        told=("held",),
        log=(RunEvent(at=NOW, text="taken up on time"),),
    )
    assert store.claim(full) == full
    assert store.latest("weekly") == (full,)
    assert store.open("weekly") == (full,)
    assert store.owing("weekly") == (full,)
    assert store.covered("weekly", NOW + timedelta(days=99)) == NOW


def test_of_eight_that_claim_at_once_one_has_it(store: OccurrenceStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _n: store.claim(ONE), range(8)))
    assert [one for one in got if one] == [ONE]
    assert store.claim(replace(ONE, digest="daily"))


def test_nothing_is_saved_over_what_another_changed(store: OccurrenceStore) -> None:
    store.claim(ONE)
    saved = store.save(replace(ONE, state="held"))
    assert saved.version == 1
    with pytest.raises(StoreError, match=r"weekly, 2026-03-16T09:00: another digest changed it"):
        store.save(replace(ONE, state="skipped"))
    assert store.latest("weekly") == (saved,)


def test_the_latest_come_first_and_by_day(store: OccurrenceStore) -> None:
    for days in range(5):
        at = NOW + timedelta(days=days)
        store.claim(replace(ONE, key=f"{at:%Y-%m-%dT%H:%M}", at=at))
    assert [one.key[8:10] for one in store.latest("weekly", 2)] == ["20", "19"]
    assert [one.key for one in store.latest("weekly", 9, "2026-03-18")] == ["2026-03-18T01:00"]
    assert store.latest("daily", 9) == ()


def test_what_is_covered_is_where_the_last_approved_window_ends(store: OccurrenceStore) -> None:
    assert store.covered("weekly", NOW + timedelta(days=99)) is None
    for days, state in ((0, "sent"), (7, "approved"), (14, "held"), (21, "skipped")):
        at = NOW + timedelta(days=days)
        key = f"{at:%Y-%m-%dT%H:%M}"
        store.claim(replace(ONE, key=key, at=at, state=state, start=NOW, end=at))
    assert store.covered("weekly", NOW + timedelta(days=99)) == NOW + timedelta(days=7)
    assert store.covered("weekly", NOW + timedelta(days=6)) == NOW
    assert [one.state for one in store.open("weekly")] == ["approved", "held"]


def test_the_rhythm_is_changed_in_one_step(store: OccurrenceStore) -> None:
    assert store.rhythm("weekly") is None
    fresh = ScheduleState(digest="weekly", since=NOW)

    def skip(day: str) -> ScheduleState:
        return store.remember(fresh, lambda one: replace(one, skips=(*one.skips, day)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(skip, [f"2026-03-{day}" for day in range(10, 30)]))
    known = store.rhythm("weekly")
    assert known
    assert len(set(known.skips)) == 20
    assert known == store.remember(fresh, lambda one: one)
    assert replace(known, skips=()) == fresh


def test_one_process_at_a_time_runs_a_schedule(store: OccurrenceStore, store_url: str) -> None:
    other = connect(store_url)
    with store.exclusive("weekly"):
        with pytest.raises(BusyError), OccurrenceStore(other).exclusive("weekly"):
            pass
        with OccurrenceStore(other).exclusive("daily"):
            pass
    other.dispose()
