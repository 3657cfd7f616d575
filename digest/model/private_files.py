"""Files that hold addresses of readers, or what is not out yet: for their owner alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

FILE_MODE, FOLDER_MODE = 0o600, 0o700


def make_private_folder(folder: Path) -> None:
    """Make *folder*, and those above it that are missing, for their owner alone."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=FOLDER_MODE, exist_ok=True)


@contextmanager
def open_private(path: Path) -> Iterator[BinaryIO]:
    """Open *path* to be written anew; where it is not there yet it is made for its owner alone."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "wb") as file:
        yield file


def write_private(path: Path, content: bytes) -> None:
    """Write *content* to *path*, made for its owner alone where it is not there yet."""
    with open_private(path) as file:
        file.write(content)


def is_open_to_others(path: Path) -> bool:
    """Tell whether anybody but its owner may read or write *path*; False where it is not there."""
    try:
        return os.name == "posix" and bool(path.stat().st_mode & 0o077)
    except OSError:
        return False
