"""Edit -> History: what an editor says in place of the generator, and how it is taken back.

A block is one editable thing of an issue; its name says what it is and its value is text:

    subject | preheader | headline | intro      the words
    title/POST | summary/POST | alt/POST        a story's words, and its picture's in words
    quote/POST                                  a story's quotation: "START:END words"
    speaker/POST/START:END                      who said it; "" is nobody
    pull-quote                                  "POST START:END words"; "" shows none
    order                                       an outline: ids of posts under "# Section" lines
    choice/POST                                 "pin" | "list" (not told, only listed) | "ban"
    added/POST                                  the post itself, as JSON: its page is read once
    note/NAME                                   a block of the editor's own, its head and Markdown
    thread/NETWORK                              the thread as ``render.manuscript`` writes it

POST is the id of a post. A quotation is a span of the post's clean text; the words are kept with
it, so that it is found again when the text around it has changed. No value (None) is the
generator's own word.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

EditKind = Literal["edit", "undo", "redo"]
Choice = Literal["pin", "list", "ban"]
CHOICES: tuple[Choice, ...] = ("pin", "list", "ban")
WORD_BLOCKS = ("subject", "preheader", "headline", "intro")
STORY_BLOCKS = ("title", "summary", "alt", "quote")
ISSUE_BLOCKS = (*WORD_BLOCKS, "pull-quote", "order")
NAMED_BLOCKS = (*STORY_BLOCKS, "speaker", "choice", "added", "note", "thread")
TYPED_BLOCKS = (*WORD_BLOCKS, "title", "summary", "alt", "note", "thread")
TYPING_PAUSE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What stands in a block of an issue from now on; ``value`` None is the generator's word.

    ``base`` marks what the writer saw in the block, ``over`` what the writer knew
    the generator to say. Edits
    of one command share their ``step``; ``number`` is the place in the issue's log. An undo or
    redo is of the step ``step`` and names no block.
    """

    issue: str
    block: str
    value: str | None
    base: str
    over: str
    at: datetime
    kind: EditKind = "edit"
    step: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EditStep:
    """What one undo takes back: the edits of one command, or of one go at typing."""

    number: int
    edits: tuple[Edit, ...]

    @property
    def blocks(self) -> tuple[str, ...]:
        """Return the names of the blocks it changed."""
        return tuple(dict.fromkeys(edit.block for edit in self.edits))

    @property
    def at(self) -> datetime:
        """Return when its last edit was made."""
        return self.edits[-1].at


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The log of an issue read from its start: the steps that hold, and those taken back.

    The next undo takes the last of ``done``, the next redo the last of ``undone``. ``newest`` is
    the number and time of the log's last entry: it tells one state of the log from another.
    """

    issue: str
    done: tuple[EditStep, ...] = ()
    undone: tuple[EditStep, ...] = ()
    newest: tuple[int, datetime | None] = (0, None)
    edits: Mapping[str, Edit] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """Return the number of the last entry of the log."""
        return self.newest[0]

    @classmethod
    def of(cls, issue: str, log: Iterable[Edit]) -> "History":
        """Return the history that *log*, oldest first, tells."""
        done: list[EditStep] = []
        undone: list[EditStep] = []
        newest: tuple[int, datetime | None] = (0, None)
        for entry in log:
            newest = entry.number, entry.at
            if entry.kind == "undo":
                undone.append(done.pop())
            elif entry.kind == "redo":
                done.append(undone.pop())
            elif done and done[-1].number == entry.step:
                done[-1] = replace(done[-1], edits=(*done[-1].edits, entry))
            else:
                undone.clear()
                done.append(EditStep(number=entry.step, edits=(entry,)))
        last = {edit.block: edit for step in done for edit in step.edits}
        held = {block: edit for block, edit in last.items() if edit.value is not None}
        return cls(issue=issue, done=tuple(done), undone=tuple(undone), newest=newest, edits=held)

    @property
    def values(self) -> dict[str, str]:
        """Return what the editor says, by block."""
        return {name: edit.value for name, edit in self.edits.items() if edit.value is not None}

    def seen(self, block: str, generated: str) -> str:
        """Return the mark of what *block* says now, where the generator says *generated*."""
        edit = self.edits.get(block)
        return (
            fingerprint_text(generated)
            if edit is None or edit.value is None
            else fingerprint_text(edit.value)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Editable:
    """One editable thing of an issue as it stands.

    ``value`` is what it says and ``generated`` what the generator says now, which may be newer
    than what the editor wrote over: then it is ``stale``. ``base`` goes with the next edit of it.
    One that is ``lost`` has no place in the issue any more and is kept for when it has.
    ``problem`` says what is wrong with it, "" where nothing is.
    """

    name: str
    value: str
    generated: str
    base: str
    edited: bool = False
    stale: bool = False
    lost: bool = False
    problem: str = ""
    at: datetime | None = None


def fingerprint_text(text: str) -> str:
    """Return a short mark of *text*, by which two writers tell whether they saw the same."""
    return sha256(text.encode()).hexdigest()[:16]


def continues_typing(last: EditStep | None, edits: Sequence[Edit]) -> bool:
    """Tell whether *edits* go on with the typing that *last* is: one block, within two seconds."""
    if last is None or len(edits) != 1 or last.blocks != (edits[0].block,):
        return False
    return edits[0].at - last.at <= TYPING_PAUSE and is_typed_block(edits[0].block)


def is_typed_block(block: str) -> bool:
    """Tell whether *block* is one that a person types in, rather than chooses."""
    return block.partition("/")[0] in TYPED_BLOCKS


def split_block_name(block: str) -> tuple[str, str, str]:
    """Return the kind of *block*, what it is of, and the rest: ("speaker", POST, "12:40").

    ValueError where there is no such block.
    """
    kind, slash, rest = block.partition("/")
    if kind in ISSUE_BLOCKS and not slash:
        return kind, "", ""
    if kind not in NAMED_BLOCKS or not rest:
        raise ValueError(f"there is no block {block!r}")
    of, _, place = rest.partition("/") if kind == "speaker" else (rest, "", "")
    if kind == "speaker" and parse_span(place) is None:
        raise ValueError(f"{block!r} names no quotation: speaker/POST/START:END")
    return kind, of, place


def parse_span(text: str) -> tuple[int, int] | None:
    """Return the offsets that "START:END" writes; None where it is no span."""
    start, colon, end = text.partition(":")
    if not (colon and start.isascii() and start.isdigit() and end.isascii() and end.isdigit()):
        return None
    return (int(start), int(end)) if int(start) < int(end) else None


def select_blocks_of_kind(values: Mapping[str, str], kind: str) -> Iterator[tuple[str, str]]:
    """Yield what the blocks of *kind* are of, each with its value, in the order of *values*."""
    for block, value in values.items():
        if block.startswith(f"{kind}/"):
            yield block.partition("/")[2], value
