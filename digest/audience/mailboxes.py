"""Where bounces lie: a maildir or an mbox file, read message by message."""

import mailbox
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from digest.audience.returns import LONGEST
from digest.errors import ConfigError

_SEEN = "S"


def maildir(folder: Path) -> Iterator[bytes]:
    """Yield the messages of *folder* that nobody read yet; each is marked as read afterwards.

    What an end comes between is read again another time. ConfigError where it is no maildir.
    """
    if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
        remedy = "Give the folder that holds cur, new and tmp."
        raise ConfigError(str(folder), "is no maildir", remedy)
    waiting = [path for name in ("new", "cur") for path in (folder / name).iterdir()]
    for path in sorted(path for path in waiting if path.is_file() and not _seen(path)):
        with path.open("rb") as file:
            yield file.read(LONGEST)
        name, _, flags = path.name.partition(":2,")
        path.rename(folder / "cur" / f"{name}:2,{''.join(sorted({*flags, _SEEN}))}")


def _seen(path: Path) -> bool:
    return path.parent.name == "cur" and _SEEN in path.name.partition(":2,")[2]


def mbox(file: Path) -> Iterator[bytes]:
    """Yield the messages of *file*, which is left as it is; ConfigError where it cannot be read."""
    if not file.is_file():
        raise ConfigError(str(file), "there is no such file", "Give a mailbox in the mbox form.")
    with closing(mailbox.mbox(file, create=False)) as box:
        for name in box.iterkeys():
            yield box.get_bytes(name)[:LONGEST]
