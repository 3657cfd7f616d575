"""Ticks on SQLite and on PostgreSQL alike: several at once, one issue."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from digest.model import Review
from digest.store.engine import connect
from digest.store.schedule import ReviewStore
from tests.make import NOW
from tests.ticking import World, taipei


@pytest.fixture
def world(tmp_path: Path, store_url: str) -> World:
    world = World(folder=tmp_path)
    config = tmp_path / "digest.toml"
    text = config.read_text("utf-8").replace('store = "digest.db"', f'store = "{store_url}"')
    config.write_text(text, "utf-8")
    world.schedule('when = "Mon 08:00"\nunapproved = "send"\ncatch_up = "all"\n')
    world.subscribe()
    for day in range(1, 23):
        world.post(f"p{day:02}", taipei(f"2026-02-{day:02} 12:00"))
    return world


def test_four_ticks_at_once_make_each_issue_once(world: World) -> None:
    world.tick("2026-02-02 08:00")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _n: world.tick("2026-02-17 08:00"), range(4)))
    assert world.states() == [("02-02", "sent"), ("02-09", "sent"), ("02-16", "sent")]
    told = world.told()
    assert told == [["p01"], [f"p{d:02}" for d in range(2, 9)], [f"p{d:02}" for d in range(9, 16)]]
    assert world.readers_got() == [3, 3, 3]


def test_a_link_is_used_once(store_url: str) -> None:
    store = ReviewStore(connect(store_url))
    review = Review(
        name="a1b2",
        digest="weekly",
        key="2026-03-16T09:00",
        issue="weekly-2026-03-16",
        revision=2,
        hash="0" * 64,
        expires=NOW,
    )
    store.keep(review)
    assert store.find("a1b2") == review
    assert store.find("b2a1") is None
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _n: store.use("a1b2", "approve"), range(4))) == 1
    assert store.use("a1b2", "hold")
    found = store.find("a1b2")
    assert found
    assert found.used == ("approve", "hold")
    store.release("a1b2", "approve")
    assert store.use("a1b2", "approve")
