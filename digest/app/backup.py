"""``digest backup`` and ``restore``: the store and the keys of its links, in two files."""

import os
import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from digest.app.composition import App
from digest.model.errors import ConfigError, StoreError
from digest.store.audience import AudienceStore
from digest.store.backup import copy_store, fill_from_copy, read_copy_time, settle_into_one_file
from digest.store.engine import connect
from digest.store.restore_guard import read_suppressed_marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored: of when it is, how much is held, and where the store before it is now.

    ``left`` counts the readers who left since and are kept out; None where nothing tells of them.
    """

    made: datetime
    held: int
    aside: Path | None
    left: int | None = None


def back_up_store(app: App, to: Path, now: datetime) -> Path:
    """Write the store to *to*, a new file or a folder, and return the file.

    The keys that sign the links of readers go beside it, readable by their owner only.
    """
    path = to / f"digest-{now:%Y%m%d-%H%M%S}.db" if to.is_dir() else to
    if path.exists():
        raise ConfigError(str(path), "is there already", "Name a new file, or a folder.")
    engine = connect(app.settings.store_url)
    copy_store(engine, path)
    engine.dispose()
    keys = app.key_file
    if keys.exists():
        _copy_private(keys, path.with_name(f"{path.name}.keys"))
    return path


def restore_store(app: App, path: Path) -> Restored:
    """Put the backup at *path* in place of the store, which is moved aside and not deleted.

    Nothing that may have gone out since leaves by itself. The store is replaced whole or not at
    all. StoreError where *path* is no backup, or the store is in use.
    """
    url = app.settings.store_url
    read_copy_time(path)
    keys, own = path.with_name(f"{path.name}.keys"), app.key_file
    if keys.exists() and not own.exists():
        _copy_private(keys, own)
    if not url.startswith("sqlite:///"):
        made, held = fill_from_copy(path, url)
        return Restored(made=made, held=held, aside=None)
    return _in_place_of(Path(url.removeprefix("sqlite:///")), app, path)


def _in_place_of(store: Path, app: App, path: Path) -> Restored:
    """Make the restored store ready beside *store*, then put it in its place."""
    fresh = store.with_name(f"{store.name}.restoring")
    _remove_store(fresh)
    try:
        made, held = fill_from_copy(path, f"sqlite:///{fresh}")
        left = _keep_out_left(app, fresh, store)
        settle_into_one_file(fresh)
        aside = _move_aside(store)
        fresh.replace(store)
    finally:
        _remove_store(fresh)
    return Restored(made=made, held=held, aside=aside, left=left)


def _remove_store(store: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)


def _keep_out_left(app: App, fresh: Path, store: Path) -> int | None:
    """Keep out of *fresh* who left since the backup was made, as *store* tells."""
    marks = read_suppressed_marks(store) if store.exists() else None
    if not marks:
        return None if marks is None else 0
    audience = AudienceStore(connect(f"sqlite:///{fresh}"), app.keyring)
    return audience.keep_out(marks, datetime.now(UTC))


def _move_aside(store: Path) -> Path | None:
    """Give the store another name, with what SQLite keeps beside it settled into it; return it."""
    if not store.exists():
        return None
    aside = store.with_name(f"{store.name}.before-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    try:
        settle_into_one_file(store)
        os.link(store, aside)
    except sqlite3.OperationalError as error:
        raise _in_use(store, str(error)) from None
    except sqlite3.DatabaseError:  # what is broken is kept as it is
        shutil.copyfile(store, aside)
    except OSError:  # a file system without hard links
        shutil.copyfile(store, aside)
    return aside


def _in_use(store: Path, said: str) -> StoreError:
    return StoreError(str(store), f"cannot be replaced: {said}", "Stop what uses it, then again.")


def _copy_private(source: Path, target: Path) -> None:
    target.touch(mode=0o600)
    shutil.copyfile(source, target)
