"""Who left, read from a store that was moved aside: the marks that suppress them."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import cast

from digest.model import Suppressed


def departed(path: Path) -> Mapping[bytes, Suppressed] | None:
    """Return why each mark is suppressed in the SQLite store at *path*.

    None where it cannot be read: a broken store may be why another is put in its place.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as store:
            rows = store.execute("SELECT mark, reason FROM suppressions").fetchall()
    except sqlite3.Error:
        return None
    return {bytes(mark): cast(Suppressed, reason) for mark, reason in rows}
