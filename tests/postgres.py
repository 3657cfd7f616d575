"""A real PostgreSQL in a temporary folder, on a socket of its own: no port, no password."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.unprivileged import Identity, give, identity

_BIN = ("/usr/lib/postgresql", "/usr/pgsql-*", "/opt/homebrew/opt/postgresql@*", "/usr/local/pgsql")
# A test cluster may lose everything when the machine stops, so it need not wait for a disk.
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB")
_NAMES = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A running cluster; ``sockets`` is the folder its socket lies in."""

    sockets: Path

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy URL of *database*."""
        return f"postgresql+psycopg://digest@/{database}?host={self.sockets}"

    def create(self) -> str:
        """Make an empty database of its own; return its name."""
        name = f"test_{next(_NAMES)}"
        self._run(f"CREATE DATABASE {name} STRATEGY = file_copy")
        return name

    def drop(self, database: str) -> None:
        """Remove *database*, whoever is still connected."""
        self._run(f"DROP DATABASE {database} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        import psycopg

        where = f"host={self.sockets} user=digest dbname=postgres"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running() -> Iterator[Cluster]:
    """Run a fresh cluster; as another user where we are root, which PostgreSQL refuses."""
    home = Path(tempfile.mkdtemp(prefix="digest-pg-"))
    whom = identity("postgres")
    try:
        give(home, whom)
        _initialize(home / "data", whom)
        server = _start(home, whom)
        try:
            _await(home, server)
            yield Cluster(sockets=home)
        finally:
            server.terminate()
            server.wait(30)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def binary(name: str) -> str:
    """Return the path of a PostgreSQL program, on the PATH or where distributions hide it."""
    found = shutil.which(name)
    for place in _BIN if not found else ():
        for path in sorted(Path("/").glob(f"{place.lstrip('/')}/**/bin/{name}"), reverse=True):
            found = found or str(path)
    if not found:
        raise FileNotFoundError(f"{name} is missing: install PostgreSQL (apt install postgresql)")
    return found


def _initialize(data: Path, whom: Identity) -> None:
    command = [binary("initdb"), "-D", str(data), "-U", "digest", "-A", "trust", "-E", "UTF8"]
    command += ["--locale=C", "--no-sync", "--no-instructions"]
    subprocess.run(command, check=True, capture_output=True, cwd="/", **whom)


def _start(home: Path, whom: Identity) -> subprocess.Popen[bytes]:
    command = [binary("postgres"), "-D", str(home / "data"), "-k", str(home), "-h", ""]
    for setting in _FAST:
        command += ["-c", setting]
    with (home / "log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **whom)


def _await(home: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while "ready to accept connections" not in (home / "log").read_text("utf-8", "replace"):
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL does not start:\n{(home / 'log').read_text()}")
        time.sleep(0.02)
