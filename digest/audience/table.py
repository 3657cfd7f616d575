"""CSV as others may open it: a cell that a spreadsheet would run is text again."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

_RUNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield each of *rows* as a line of CSV (RFC 4180), every cell safe."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def safe(cell: str) -> str:
    """Return *cell* such that no spreadsheet takes it for a formula (CWE-1236)."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_RUNS) else cell


def plain(cell: str) -> str:
    """Return the cell that ``safe`` was given, for a list that comes back."""
    return cell[1:] if cell.startswith("'") and safe(cell[1:]) != cell[1:] else cell
