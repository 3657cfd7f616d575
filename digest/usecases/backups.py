"""``digest backup`` and ``restore``: the store and the keys of its links, in two files."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from digest import app
from digest.config import Settings
from digest.errors import ConfigError, StoreError
from digest.store import copies
from digest.store.departed import departed
from digest.store.engine import connect


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored: of when it is, how much is held, and where the store before it is now.

    ``left`` counts the readers who left since and are kept out; None where nothing tells of them.
    """

    made: datetime
    held: int
    aside: Path | None
    left: int | None = None


def backup(settings: Settings, to: Path, now: datetime) -> Path:
    """Write the store to *to*, a new file or a folder, and return the file.

    The keys that sign the links of readers go beside it, readable by their owner only.
    """
    path = to / f"digest-{now:%Y%m%d-%H%M%S}.db" if to.is_dir() else to
    if path.exists():
        raise ConfigError(str(path), "is there already", "Name a new file, or a folder.")
    engine = connect(settings.store_url)
    copies.backup(engine, path)
    engine.dispose()
    keys = app.keys_beside(settings)
    if keys.exists():
        _copied(keys, path.with_name(f"{path.name}.keys"))
    return path


def restore(settings: Settings, path: Path) -> Restored:
    """Put the backup at *path* in place of the store, which is moved aside and not deleted.

    Nothing that may have gone out since leaves by itself. StoreError where *path* is no backup.
    """
    url, aside = settings.store_url, None
    copies.made(path)
    if url.startswith("sqlite:///"):
        aside = _aside(Path(url.removeprefix("sqlite:///")))
    try:
        made, held = copies.restore(path, url)
    except BaseException:
        if aside:
            aside.replace(url.removeprefix("sqlite:///"))
        raise
    keys, own = path.with_name(f"{path.name}.keys"), app.keys_beside(settings)
    if keys.exists() and not own.exists():
        _copied(keys, own)
    return Restored(made=made, held=held, aside=aside, left=_left(settings, aside))


def _left(settings: Settings, aside: Path | None) -> int | None:
    """Keep out who left since the backup was made, as the store before it tells."""
    marks = departed(aside) if aside else None
    if marks is None:
        return None
    try:
        return app.audience(settings).keep_out(marks, datetime.now(UTC))
    except StoreError:  # other keys made these marks
        return None


def _aside(store: Path) -> Path | None:
    """Move the store away, with what SQLite keeps beside it settled into it; return where to."""
    if not store.exists():
        return None
    copies.in_one_file(store)
    aside = store.with_name(f"{store.name}.before-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    try:
        store.replace(aside)
    except OSError as error:
        remedy = "Stop what uses it, then try again."
        raise StoreError(str(store), f"cannot be moved: {error.strerror}", remedy) from None
    for suffix in ("-wal", "-shm"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)
    return aside


def _copied(source: Path, target: Path) -> None:
    target.touch(mode=0o600)
    shutil.copyfile(source, target)
