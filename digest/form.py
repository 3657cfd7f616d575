"""An issue as one text that a person edits: every block under a line with its name.

    # Lines that begin with "#" are for the reader.
    [subject] 5f1c0a9e
    The ferry waits for nobody
    [speakers/4cf1ff26] 90ab11c2
    Lin Du | The ferry waits for people.

Behind a name stands a mark of what the block said when the text was written: a block that says
the same is left alone, and one that was changed elsewhere meanwhile is told from one that was
not. A line of text that looks like one of these has a backslash before it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from digest.model.edit import mark

BACK = "*"
_EDGE = "\n "
MARK = 8  # characters of a mark
_HEADER = re.compile(r"\[(?P<name>[a-z-]+(?:/\S+)?)\](?: (?P<mark>[0-9a-f]{8}))?\s*")
_OURS = re.compile(r"^(?=\\*(?:#|\*\s*$|\[[a-z-]+(?:/\S+)?\](?: [0-9a-f]{8})?\s*$))", re.MULTILINE)
_ESCAPED = re.compile(_OURS.pattern.replace("^(?=", r"^\\(?=", 1), re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One block of the text: its name, what stands below it, and notes for the reader above."""

    name: str
    body: str
    hints: tuple[str, ...] = ()

    def __str__(self) -> str:
        hints = "".join(f"# {' '.join(hint.split())}\n" for hint in self.hints)
        body = f"{_OURS.sub(chr(92) * 2, self._text)}\n" if self._text else ""
        return f"{hints}[{self.name}] {self.mark}\n{body}"

    @property
    def _text(self) -> str:
        return self.body.strip(_EDGE)

    def says(self, entry: "Entry") -> bool:
        """Tell whether *entry* says what it says."""
        return entry.body == self._text

    @property
    def mark(self) -> str:
        """Return the mark of what it says."""
        return mark(self._text)[:MARK]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A block as it was read back; ``mark`` is "" where somebody typed its name."""

    name: str
    mark: str
    body: str

    @property
    def untouched(self) -> bool:
        """Tell whether it says what it said when the text was written."""
        return bool(self.mark) and mark(self.body)[:MARK] == self.mark


def entries(text: str) -> Iterator[Entry]:
    """Yield the blocks of an edited *text*; what stands before the first is nobody's."""
    name, marked, lines = "", "", list[str]()
    for line in _lines(text):
        if found := _HEADER.fullmatch(line):
            if name:
                yield _entry(name, marked, lines)
            name, marked, lines = found["name"], found["mark"] or "", []
        elif not line.startswith("#"):
            lines.append(line)
    if name:
        yield _entry(name, marked, lines)


def _entry(name: str, marked: str, lines: Iterable[str]) -> Entry:
    return Entry(name=name, mark=marked, body=_ESCAPED.sub("", "\n".join(lines).strip(_EDGE)))


def returned(text: str, marks: Mapping[str, str], notes: Mapping[str, Sequence[str]]) -> str:
    """Return an edited *text* to go on with, with *notes* above the blocks that they are about.

    A block that was edited gets its mark of now, by name in *marks*: what was saved of it is not
    asked for again, and what was not may be saved over what stands there.
    """
    touched = {entry.name for entry in entries(text) if not entry.untouched}
    lines = []
    for line in _lines(text):
        found = _HEADER.fullmatch(line)
        if found and found["name"] in touched:
            name = found["name"]
            lines += [f"# ! {one}" for note in notes.get(name, ()) for one in note.split("\n")]
            mark_now = marks.get(name, "") if found["mark"] else ""
            lines.append(f"[{name}] {mark_now}".rstrip())
        elif not line.startswith("# ! "):
            lines.append(line)
    return "\n".join(lines)


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").split("\n")
