"""Files with readers' addresses are for their owner alone; a store that is hurt is told so."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine

from digest.model.errors import StoreError, TemplateError
from digest.model.private_files import is_open_to_others, make_private_folder, write_private
from digest.render.email import render_email
from digest.render.templates import Templates
from digest.store.engine import connect, raise_store_errors, read_version
from digest.store.schema import HEAD
from tests.command import digest
from tests.issues import chinese, letterhead


@pytest.fixture(autouse=True)
def generous():
    """A umask that lets everybody read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def execute(engine: Engine, *statements: str) -> None:
    with raise_store_errors(engine), engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_made_is_for_its_owner_alone(tmp_path: Path) -> None:
    make_private_folder(tmp_path / "a" / "b")
    write_private(tmp_path / "a" / "b" / "c", b"x")
    made = [tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c"]
    assert [mode(path) for path in made] == [0o700, 0o700, 0o600]
    assert not any(map(is_open_to_others, made))


def test_the_store_and_what_stands_beside_it_is_private(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/new/digest.db")
    with engine.connect() as held:
        held.exec_driver_sql("CREATE TABLE more (x)")
        found = sorted((tmp_path / "new").iterdir())
        assert {mode(path) for path in found} == {0o600}
        assert len(found) > 1
    assert mode(tmp_path / "new") == 0o700


def test_exports_backups_and_mails_are_private(tmp_path: Path) -> None:
    digest("demo", "d", cwd=tmp_path)
    folder = tmp_path / "d"
    digest("export", "--format", "eml", "--out", "issue2.eml", cwd=folder)
    digest("backup", "copies/b.db", cwd=folder)
    digest("subscribers", "add", "lin@example.org", "--confirmed", cwd=folder)
    digest("subscribers", "export", "readers.csv", cwd=folder)
    digest("approve", cwd=folder)
    digest("send", "--yes", cwd=folder)
    mails = list((folder / "outgoing").glob("*.eml"))
    assert mails
    files = [folder / "issue2.eml", folder / "copies" / "b.db", folder / "readers.csv", *mails]
    assert {mode(path) for path in files} == {0o600}
    assert {mode(folder / "outgoing"), mode(folder / "copies")} == {0o700}


def test_doctor_warns_of_older_files(tmp_path: Path) -> None:
    digest("demo", "d", cwd=tmp_path)
    store = next((tmp_path / "d").glob("*.db"))
    assert f"{store.name}: may be read" not in digest("doctor", cwd=tmp_path / "d").out
    store.chmod(0o644)
    assert f"{store.name}: may be read" in digest("doctor", cwd=tmp_path / "d").out


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + bytes(4000), b"not a store " * 99])
def test_a_store_that_lost_its_content_is_named_with_the_way_out(
    tmp_path: Path, content: bytes
) -> None:
    store = tmp_path / "digest.db"
    store.write_bytes(content)
    with pytest.raises(StoreError, match="digest restore FILE") as told:
        connect(f"sqlite:///{store}")
    assert str(store) in str(told.value)


def test_a_damaged_store_is_named_with_the_way_out(tmp_path: Path) -> None:
    store = tmp_path / "digest.db"
    connect(f"sqlite:///{store}").dispose()
    whole = store.read_bytes()
    store.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(StoreError, match="digest restore FILE"):
        connect(f"sqlite:///{store}")


def test_an_empty_store_is_restored(tmp_path: Path) -> None:
    digest("demo", "d", cwd=tmp_path)
    folder = tmp_path / "d"
    digest("backup", "b.db", cwd=folder)
    store = next(path for path in folder.glob("*.db") if path.name != "b.db")
    for beside in folder.glob(f"{store.name}*"):
        beside.unlink()
    store.touch()
    assert "digest restore FILE" in digest("show", cwd=folder, status=1).err
    digest("restore", "b.db", "--yes", cwd=folder)
    assert digest("show", cwd=folder).status == 0
    assert mode(store) == 0o600


def test_a_full_disk_is_called_full(tmp_path: Path) -> None:
    store = tmp_path / "digest.db"
    connect(f"sqlite:///{store}").dispose()
    engine = connect(f"sqlite:///{store}")
    filling = ["PRAGMA max_page_count = 1", "CREATE TABLE big (x)"]
    with pytest.raises(StoreError, match=r"full.*Make room on the disk"):
        execute(engine, *filling, "INSERT INTO big VALUES (zeroblob(9000000))")


def test_a_store_that_may_not_be_written_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "digest.db"
    engine = connect(f"sqlite:///{store}")
    engine.dispose()
    with closing(sqlite3.connect(store)) as settled:
        settled.execute("PRAGMA journal_mode = DELETE")
    monkeypatch.setattr(os, "access", lambda path, wanted: wanted != os.W_OK)
    frozen = connect(f"sqlite:///{store}")
    assert read_version(frozen) == HEAD
    assert [path.name for path in tmp_path.iterdir()] == ["digest.db"]
    with pytest.raises(StoreError, match="can be looked at"):
        execute(frozen, "CREATE TABLE more (x)")


@pytest.mark.parametrize("absolute", [True, False])
def test_a_template_may_not_lead_out_of_its_folder(tmp_path: Path, absolute: bool) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret", "utf-8")
    theme = tmp_path / "own" / "email" / "default"
    theme.mkdir(parents=True)
    (theme / "themes.mjml.jinja").symlink_to(secret if absolute else "../../../secret.txt")
    with pytest.raises(TemplateError, match="leads out of the folder"):
        render_email(chinese(), Templates.load(tmp_path / "own"), letterhead())


def test_a_link_within_the_templates_may_be_followed(tmp_path: Path) -> None:
    theme = tmp_path / "own" / "email" / "default"
    theme.mkdir(parents=True)
    (theme / "real.jinja").write_text("", "utf-8")
    (theme / "themes.mjml.jinja").symlink_to("real.jinja")
    assert (
        "本週主題"
        not in render_email(chinese(), Templates.load(tmp_path / "own"), letterhead()).html
    )
