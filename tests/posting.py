"""Fixtures for what posts: a network behind the fault proxy, and an outbox in a fresh store."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from digest.store.engine import connect
from digest.store.outbox import OutboxStore
from tests.accounts import World, world
from tests.bluesky_server import bluesky_serving
from tests.mastodon_server import mastodon_serving
from tests.x_server import XServer, x_serving


@pytest.fixture(scope="session")
def bluesky_url() -> Iterator[str]:
    """Yield the URL of a real Bluesky server with one account."""
    with bluesky_serving() as url:
        yield url


@pytest.fixture(scope="session")
def mastodon_url() -> Iterator[str]:
    """Yield the URL of a mastodon-mock."""
    with mastodon_serving() as url:
        yield url


@pytest.fixture
def x_server() -> Iterator[XServer]:
    """Yield an X of its own."""
    with x_serving() as server:
        yield server


@pytest.fixture
def open_world(request: pytest.FixtureRequest) -> Iterator["object"]:
    """Yield a function that opens a network by name, behind a proxy of its own."""
    with ExitStack() as stack:

        def opened(network: str) -> World:
            if network == "x":
                server = request.getfixturevalue("x_server")
                return stack.enter_context(world(network, server.url, server))
            url = request.getfixturevalue(f"{network}_url")
            return stack.enter_context(world(network, url))

        yield opened


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty store with all its tables, to be copied: making one takes its time."""
    path = tmp_path_factory.mktemp("store") / "digest.db"
    connect(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def store_path(empty_store: Path, tmp_path: Path) -> Path:
    """Return a fresh store of this test's own."""
    return Path(shutil.copy(empty_store, tmp_path / "posting.db"))


@contextmanager
def opened_outbox(path: Path) -> Iterator[OutboxStore]:
    """Yield the outbox in the store at *path*."""
    engine = connect(f"sqlite:///{path}")
    yield OutboxStore(engine)
    engine.dispose()


@pytest.fixture
def outbox(store_path: Path) -> Iterator[OutboxStore]:
    """Yield an empty outbox."""
    with opened_outbox(store_path) as store:
        yield store
