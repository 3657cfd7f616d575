"""Stores that earlier versions left: opened by this one, they say what they said, and send no more.

How they were made stands in ``tests/data/stores/README.md``.
"""

import json
import lzma
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from digest.app.composition import App
from digest.config.settings import load_settings
from digest.store import migrations
from digest.store.engine import connect, read_version
from digest.store.schema import HEAD
from tests.inside import digest
from tests.keeping import DEFERRED, STORES
from tests.smtp_server import SmtpServer, smtp_serving

KEPT = sorted(path.parent for path in STORES.glob("*/*/store.xz"))
MIGRATIONS = Path(migrations.__file__).parent
LANDED = STORES / "migrations.txt"
_IMPORT = re.compile(rb"^(?:from|import) .*\n", re.MULTILINE)


@pytest.fixture(params=KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def kept(request: pytest.FixtureRequest) -> Path:
    """Return the folder of a kept store."""
    path: Path = request.param
    return path


@pytest.fixture
def home(kept: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Return a folder with a copy of that store, and the settings and keys it had."""
    content, store = unpacked(kept / "store.xz"), "digest.db"
    if kept.name == "postgresql":
        store = request.getfixturevalue("postgres_url")
        restore(store, content.decode())
    else:
        (tmp_path / store).write_bytes(content)
    settings = (kept.parent / "digest.toml").read_text("utf-8")
    (tmp_path / "digest.toml").write_text(f'store = "{store}"\n{settings}', "utf-8")
    shutil.copyfile(kept / "keys", App(load_settings(str(tmp_path / "digest.toml"), {})).key_file)
    return tmp_path


def unpacked(path: Path) -> bytes:
    return lzma.decompress(path.read_bytes())


def restore(url: str, sql: str) -> None:
    """Run the dump *sql* in the empty database at *url*."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(sql.encode())


def expected(kept: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((kept / "expected.json").read_text("utf-8"))
    return told


@contextmanager
def mailing() -> Iterator[tuple[SmtpServer, dict[str, str]]]:
    """Yield a server that takes every mail, and the environment that leads there."""
    with smtp_serving() as server:
        yield (
            server,
            {
                "DIGEST__MAILERS__SMTP__HOST": server.host,
                "DIGEST__MAILERS__SMTP__PORT": str(server.port),
                "DIGEST__MAILERS__SMTP__SECURITY": "none",
            },
        )


def test_every_version_left_one_on_each_backend() -> None:
    versions = {path.parent for path in KEPT}
    assert versions
    assert {*KEPT} == {path / backend for path in versions for backend in ("sqlite", "postgresql")}


def test_it_is_brought_up_to_date_and_every_revision_keeps_hash_and_bytes(
    kept: Path, home: Path, tmp_path: Path
) -> None:
    told = expected(kept)
    assert len(told["revisions"]) > 1
    for one in told["revisions"]:
        which = (one["issue"], "--revision", str(one["revision"]))
        assert digest("show", *which, "--json", cwd=home).json()["hash"] == one["hash"], which
        name = f"{one['issue']}.{one['revision']}"
        digest("export", *which, "--format", "eml", "--out", tmp_path / "eml", cwd=home)
        assert (tmp_path / "eml").read_bytes() == unpacked(kept / "said" / f"{name}.eml.xz")
        shown = digest("show", *which, cwd=home).out
        assert shown == (kept / "said" / f"{name}.txt").read_text("utf-8")
    store = connect(load_settings(str(home / "digest.toml"), {}).store_url)
    assert read_version(store) == HEAD
    store.dispose()


def test_readers_are_in_the_states_they_were_in(kept: Path, home: Path) -> None:
    told = expected(kept)
    stats = digest("subscribers", "stats", "--json", cwd=home).json()
    assert stats["states"] == told["states"]
    assert set(told["states"]) == {"active", "pending", "unsubscribed", "bounced", "complained"}
    keys = App(load_settings(str(home / "digest.toml"), {})).keyring
    assert len(told["tokens"]) > 2
    for address, token in told["tokens"].items():
        verdict = keys.verify(token, "reader")
        assert verdict, f"the link in the mail to {address} leads nowhere"
        if not address.startswith("erased@"):
            found = digest("subscribers", "show", verdict.subject, "--json", cwd=home).json()
            assert found["email"].lower() == address.lower()


def test_only_what_is_left_is_sent(kept: Path, home: Path) -> None:
    """The copy that was put off leaves; what is sent does not, nor what may have been."""
    waiting = [tuple(one) for one in expected(kept)["waiting"]]
    (issue,) = {one["issue"] for one in expected(kept)["revisions"] if one["revision"] == 2}
    with mailing() as (server, env):
        digest("send", issue, "--yes", "--offline", cwd=home, env=env)
        assert server.recipients == [DEFERRED]
        digest("send", issue, "--yes", "--offline", cwd=home, status=1, env=env)
        assert server.recipients == [DEFERRED]
    lines = digest("resolve", "--json", cwd=home).out.splitlines()
    waits = [json.loads(line) for line in lines]
    assert sorted((one["target"], one["part"], one["status"]) for one in waits) == waiting
    assert {one[2] for one in waiting} == {"unknown", "held"}


def test_a_migration_that_has_landed_is_never_edited() -> None:
    """Users' stores have run its text; what it imports may move, so imports are left out."""
    lines = (line.split() for line in LANDED.read_text("utf-8").splitlines())
    landed = {name: digest for digest, name in lines}
    present = {
        str(path.relative_to(MIGRATIONS)): sha256(_IMPORT.sub(b"", path.read_bytes())).hexdigest()
        for path in sorted((MIGRATIONS / "versions").glob("*.py"))
    }
    edited = [name for name, digest in landed.items() if present.get(name) != digest]
    assert not edited, f"{edited} ran in users' stores: undo the change and write a new migration"
    added = "".join(f"{present[name]}  {name}\n" for name in present if name not in landed)
    assert not added, f"a new migration? Then add it to tests/data/stores/{LANDED.name}:\n{added}"
