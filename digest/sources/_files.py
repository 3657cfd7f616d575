"""The text of one file of posts, or why it cannot be read."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

from digest.model import SkippedPost
from digest.model.errors import SourceError
from digest.text.text_buffer import clean_text, fold_line

BROKEN = "broken"
NO_DATE, DOUBLE, NO_ADDRESS = "it has no date", "it has the address of", "its address"
WRONG = (BROKEN, NO_DATE, DOUBLE, NO_ADDRESS)  # how a reason begins that somebody should mend
_LARGEST = 15 << 20  # as a page from the network
_FEW = 3


def read_text_file(path: Path) -> tuple[str, datetime]:
    r"""Return the text of the file, its lines ended by "\n", and when it was changed.

    SourceError where there is no such text: no file of a bearable size, or none in UTF-8.
    """
    if os.fsencode(path).decode("utf-8", "ignore") != str(path):
        raise SourceError("its name", "is not UTF-8", "Rename the file.")
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > _LARGEST:
            cause = f"is no file of at most {_LARGEST >> 20} MB"
            raise SourceError("it", cause, "Take it out of the folder.")
        body = path.read_bytes()
    except OSError as error:
        raise SourceError("it cannot be read", error.strerror or "", "Check the file.") from None
    text = body.decode("utf-8-sig", "replace")
    if not _is_utf8(text):
        raise SourceError("its text", "is not UTF-8", "Save it as UTF-8.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, datetime.fromtimestamp(facts.st_mtime, UTC)


def leave_out(path: Path, reason: str) -> SkippedPost:
    """Return the file at *path* as left out for *reason*, in words that can be printed."""
    name = os.fsencode(path).decode("utf-8", "replace")
    return SkippedPost(url=clean_text(name).replace("\n", " "), reason=fold_line(reason))


def leave_out_failed(path: Path, error: Exception) -> SkippedPost:
    """Return the file at *path* as left out because reading it ended in *error*."""
    said = f"{type(error).__name__}: {error}"
    cause = f"{BROKEN}: reading it failed ({said}). Mend the file, and report this."
    return leave_out(path, cause)


def _is_utf8(text: str) -> bool:
    """Tell whether *text*, decoded as UTF-8, is what was written, but for a few bad bytes.

    Text in another encoding has about as many bad bytes as letters beyond ASCII; UTF-16 has a
    NUL beside every ASCII character.
    """
    bad, nuls = text.count("\ufffd"), text.count("\0")
    few = bad <= _FEW or sum(c > "\x7f" for c in text) - bad >= 2 * bad
    return few and nuls * 10 <= max(len(text), 10 * _FEW)
