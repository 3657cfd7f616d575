"""The store's two backends, as one fixture: every store test runs on both."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from digest.store.engine import connect


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty store."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_url")
    return f"sqlite:///{tmp_path / 'digest.db'}"


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """Return the engine on that store."""
    engine = connect(store_url)
    yield engine
    engine.dispose()
