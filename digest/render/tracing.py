"""Where each character of a rendered text came from: marks put into templates, and taken out.

A mark is NUL, the number of the file, ":", the line, NUL; a feed cannot bring one, because text is
cleaned of control characters before a template sees it.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

_MARK = re.compile("\0(\\d+):(\\d+)\0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line, from 1, of the file *path*."""

    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """A rendered *text*; from each of the offsets *starts* on it came from the place beside it."""

    text: str
    starts: tuple[int, ...]
    places: tuple[Place, ...]

    def place(self, at: int) -> Place | None:
        """Return where the character at the offset *at* came from."""
        found = bisect_right(self.starts, at) - 1
        if found < 0:
            return None
        start = self.places[found]
        return Place(
            path=start.path, line=start.line + self.text.count("\n", self.starts[found], at)
        )


def marked(tree: nodes.Template, file: int) -> nodes.Template:
    """Return *tree*, of the file with the number *file*, with a mark before each piece of text."""
    _Marking(file).visit(tree)
    return tree


def traced(text: str, files: Sequence[str]) -> Traced:
    """Return *text* without its marks, which name *files* by number, and what they said."""
    pieces = _MARK.split(text)
    plain, starts, places, end = [pieces[0]], [], [], len(pieces[0])
    for file, line, piece in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        starts.append(end)
        places.append(Place(path=files[int(file)], line=int(line)))
        plain.append(piece)
        end += len(piece)
    return Traced(text="".join(plain), starts=tuple(starts), places=tuple(places))


class _Marking(NodeTransformer):
    def __init__(self, file: int) -> None:
        self.file = file

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.Node:  # noqa: N802 - Jinja's naming
        """Put the mark of its line before a piece of text."""
        node.data = f"\0{self.file}:{node.lineno}\0{node.data}"
        return node
