"""Labelled posts: ``“…”[[Name]]`` is said by Name, ``[[?]]`` by nobody named, ``[[-]]`` by none."""

import re
from dataclasses import dataclass
from pathlib import Path

from digest.model import Document, Post
from tests.prose import document, post

GOLD = Path(__file__).parent / "gold"
_LABEL = re.compile(r"\[\[([^\]]+)\]\]")


@dataclass(frozen=True)
class Label:
    """What a person said of the quotation that ends at *end* in the clean text."""

    end: int
    speaker: str | None
    speech: bool


@dataclass(frozen=True)
class Labelled:
    """A post and the labels of its quotations."""

    post: Post
    labels: tuple[Label, ...]


def load(name: str) -> list[Labelled]:
    """The labelled posts of tests/gold/NAME.md."""
    found = (GOLD / f"{name}.md").read_text(encoding="utf-8")
    return [_one(part) for part in re.split("^=== ", found, flags=re.MULTILINE) if part.strip()]


def _one(part: str) -> Labelled:
    head, _, body = part.strip().partition("\n\n")
    title, *lines = head.splitlines()
    fields = dict(line.split(": ", 1) for line in lines)
    marked = body.split("\n\n")
    made = document(*(_LABEL.sub("", paragraph) for paragraph in marked))
    given = post(
        title=title, abstract=fields["description"], tags=tuple(fields["tags"].split(", "))
    )
    labels = [
        label for at, text in zip(_starts(made), marked, strict=True) for label in _labels(at, text)
    ]
    return Labelled(post=_with(given, made), labels=tuple(labels))


def _with(given: Post, made: Document) -> Post:
    from dataclasses import replace

    return replace(given, document=made)


def _starts(made: Document) -> list[int]:
    return [block.start for block in made.blocks]


def _labels(at: int, marked: str) -> list[Label]:
    if marked.startswith(("> ", "# ", "- ")):
        marked = marked[2:]
    found, cut = [], 0
    for match in _LABEL.finditer(marked):
        who = match.group(1)
        speaker = None if who in "-?" else who
        found.append(Label(end=at + match.start() - cut, speaker=speaker, speech=who != "-"))
        cut += len(match.group())
    return found
