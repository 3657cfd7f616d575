"""The outbox's store keeps its promises on SQLite and on PostgreSQL alike."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from digest.model import Outcome, PreparedRequest
from digest.model.errors import StoreError
from digest.model.outbox import arm_entry, claim_entry, make_entry, settle_entry
from digest.store.engine import connect
from digest.store.outbox import OutboxStore
from tests.make import NOW

THREAD = tuple(make_entry("weekly-1", "x", f"第 {n} 則", part=n, revision=1) for n in (1, 2, 3))


@pytest.fixture
def store(engine: Engine) -> OutboxStore:
    return OutboxStore(engine)


def test_an_entry_comes_back_as_it_was(store: OutboxStore) -> None:
    store.enqueue(THREAD)
    first = store.entries("weekly-1", "x")[0]
    armed = arm_entry(claim_entry(first), PreparedRequest(text='{"text":"第 1 則"}', key="k"), NOW)
    outcome = Outcome(status="deferred", reason="慢一點", retry_at=NOW + timedelta(hours=1))
    (saved,) = store.save([settle_entry(armed, outcome)])
    assert saved.version == 1
    assert store.entries("weekly-1")[0] == saved
    assert saved.retry_at == NOW + timedelta(hours=1)
    assert saved.armed == NOW


def test_entries_are_listed_by_job_target_and_part(store: OutboxStore) -> None:
    other = make_entry("weekly-1", "mastodon", "同一期", part=1)
    later = make_entry("weekly-2", "x", "下一期", part=1)
    store.enqueue([later, *reversed(THREAD), other])
    assert [one.part for one in store.entries("weekly-1", "x")] == [1, 2, 3]
    assert {one.target for one in store.entries("weekly-1")} == {"x", "mastodon"}
    assert len(store.entries()) == 5


def test_what_is_queued_already_stays_as_it_is(store: OutboxStore) -> None:
    store.enqueue(THREAD[:2])
    (claimed,) = store.save([claim_entry(store.entries()[0])])
    store.enqueue(THREAD)
    assert store.entries()[0] == claimed
    assert len(store.entries()) == 3


def test_nothing_is_saved_over_what_another_changed(store: OutboxStore) -> None:
    store.enqueue(THREAD)
    first, second, _ = store.entries()
    store.save([claim_entry(first)])
    with pytest.raises(StoreError, match=r"weekly-1, x, part 1: another digest changed it"):
        store.save([claim_entry(second), claim_entry(first)])
    assert [one.state for one in store.entries()] == ["claimed", "queued", "queued"]


def test_of_eight_that_claim_at_once_one_succeeds(store: OutboxStore) -> None:
    store.enqueue(THREAD[:1])
    (first,) = store.entries()

    def take(_n: int) -> bool:
        try:
            store.save([claim_entry(first)])
        except StoreError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 1


def test_what_never_left_can_be_removed(store: OutboxStore) -> None:
    store.enqueue(THREAD)
    store.drop(store.entries()[:2])
    assert [one.part for one in store.entries()] == [3]


def test_one_at_a_time_sends_to_a_target(store: OutboxStore, store_url: str) -> None:
    other = connect(store_url)
    with store.exclusive("x"):
        with (
            pytest.raises(StoreError, match="x: another digest is at it"),
            OutboxStore(other).exclusive("x"),
        ):
            pass
        with OutboxStore(other).exclusive("mastodon"):
            pass
    with OutboxStore(other).exclusive("x"):
        pass
    other.dispose()


def test_a_lock_goes_when_what_it_guards_fails(store: OutboxStore) -> None:
    with pytest.raises(KeyError), store.exclusive("x"):
        raise KeyError
    with store.exclusive("x"):
        pass


def test_a_long_address_and_text_fit(store: OutboxStore) -> None:
    address = "a" * 64 + "@" + "b" * 250
    store.enqueue(
        [replace(make_entry("weekly-1", address, "字" * 100_000), url="https://x.com/" * 100)]
    )
    assert store.entries(target=address)[0].payload == "字" * 100_000
