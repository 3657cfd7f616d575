"""A whole audience: a list taken in, and who gets an issue chosen, scaled to a million readers.

100,000 readers by default; ``DIGEST_BENCH_READERS=1000000`` measures the whole.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, literal, select

from digest.store.engine import connect
from digest.store.mailings import select_receivers
from tests import postgres
from tests.bench.measure import Figure, command

READERS = int(os.environ.get("DIGEST_BENCH_READERS", "100000"))
MILLION = 1_000_000
NOTHING_NEW = 3


def bench_sqlite(folder: Path) -> Iterator[Figure]:
    """A list of readers into SQLite, again, and the audience of an issue out of it."""
    yield from measured(folder, f"sqlite:///{folder / 'digest.db'}", "SQLite")


def bench_postgresql(folder: Path) -> Iterator[Figure]:
    """The same with PostgreSQL."""
    with postgres.running() as cluster:
        yield from measured(folder, cluster.url(cluster.create()), "PostgreSQL")


def measured(folder: Path, url: str, where: str) -> Iterator[Figure]:
    """Yield what taking in, taking in again and freezing cost in seconds of the clock."""
    path = written(folder / "readers.csv")
    (folder / "digest.toml").write_text(f'store = "{url}"\n', "utf-8")
    words = [sys.executable, "-m", "digest", "--quiet", "subscribers", "import", str(path)]
    env = {"PYTHONPATH": str(Path.cwd())}
    connect(url).dispose()
    for what in ("import", "import again"):
        start = time.perf_counter()
        cost = command([*words, "--confirmed"], folder, env, well=(0, NOTHING_NEW))
        took = time.perf_counter() - start
        yield figure(f"{where}: {what}", took, 90.0)
        yield figure(f"{where}: CPU, {what}", cost.cpu)
        yield Figure(what=f"{where}: memory, {what}", value=cost.memory, unit="MiB", bar=300.0)
    yield figure(f"{where}: freeze", frozen(url), 30.0)


def figure(what: str, took: float, bar: float | None = None) -> Figure:
    """Return what *took* so long, scaled to a million readers."""
    return Figure(what=f"{what} ({READERS:,})", value=took * MILLION / READERS, unit="s/M", bar=bar)


def written(path: Path) -> Path:
    """Write a list of ``READERS`` and return its path."""
    with path.open("w", encoding="utf-8") as file:
        file.write("email,name,language\n")
        for n in range(READERS):
            file.write(f"reader.{n}@mail{n % 997}.example.org,讀者 {n},zh-Hant-TW\n")
    return path


def frozen(url: str) -> float:
    """Return how long INSERT ... SELECT of a whole audience takes; AssertionError if one lacks."""
    engine = connect(url)
    number = Column("subscriber", Integer, primary_key=True, autoincrement=False)
    table = Table("frozen", MetaData(), number, Column("state", String(10), nullable=False))
    table.create(engine)
    chosen = select_receivers("weekly").add_columns(literal("queued"))
    start = time.perf_counter()
    with engine.begin() as connection:
        connection.execute(insert(table).from_select(["subscriber", "state"], chosen))
    took = time.perf_counter() - start
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar() == READERS
    engine.dispose()
    return took
