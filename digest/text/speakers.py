"""Who said a quotation: the clause beside it first, then the person it follows on from."""

import re
from collections.abc import Sequence

from digest.model import Document, Post, Quote
from digest.text.lexicon import SAYS
from digest.text.names import Cast, Person, cast
from digest.text.quotes import Span, find
from digest.text.tokens import units

_AFTER = re.compile(r"[，,、]?[^。！？!?.「『“\n]{0,60}")
_BEFORE = re.compile(r"[^。！？!?」』”\n]{0,60}$")
_PRONOUN = re.compile(r"他|她|\b(?:he|she)\b", re.IGNORECASE)
_SPEECH_LEAST = 8


def read(post: Post) -> tuple[Quote, ...]:
    """Return the quotations of *post* in reading order, with speakers where they are named."""
    people = cast(post)
    known: dict[int, Person] = {}
    last: Person | None = None
    quotes: list[Quote] = []
    for span in find(post.document):
        speech, person, why = _judge(post.document, span, people, last)
        if span.utterance in known:
            speech, person, why = True, known[span.utterance], "goes on"
        if speech and person:
            known[span.utterance] = last = person
        quotes.append(_quote(post.document, span, person if speech else None, speech, why))
    return tuple(quotes)


def _quote(document: Document, span: Span, person: Person | None, speech: bool, why: str) -> Quote:
    return Quote(
        text=document.text[span.start : span.end],
        start=span.start,
        end=span.end,
        speech=speech,
        utterance=span.utterance,
        speaker=person.name if person else None,
        why=why,
    )


def _judge(
    document: Document, span: Span, people: Cast, last: Person | None
) -> tuple[bool, Person | None, str]:
    block = document.blocks[span.block]
    text = document.text
    if len(units(text[span.start : span.end])) < _SPEECH_LEAST:
        return False, None, "a term"
    for side, match in (
        ("after", _AFTER.match(text, span.closed, block.end)),
        ("before", _BEFORE.search(text, max(block.start, span.opened - 60), span.opened)),
    ):
        if match and SAYS.search(match.group()):
            return True, _subject(text, match.span(), people, last), f"speech verb {side}"
    if span.opened == block.start:
        return True, last, "opens a paragraph"
    return False, None, "no speech verb"


def _subject(
    text: str, clause: tuple[int, int], people: Cast, last: Person | None
) -> Person | None:
    named: Sequence[Person] = [person for _, _, person in people.mentions(text, *clause)]
    if named:
        return named[0]
    return last if _PRONOUN.search(text[slice(*clause)]) else None
