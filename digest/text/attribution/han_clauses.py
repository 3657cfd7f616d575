"""Who the clauses beside a quotation in Han are about: by their grammar, with the people known."""

import re

from digest.text.attribution.cues import Cue
from digest.text.attribution.discourse import OBJECT, Discourse
from digest.text.attribution.han_subjects import (
    ROLE,
    ClauseSubject,
    find_clause_start,
    find_clause_subject,
    find_voices,
)
from digest.text.attribution.people import Person
from digest.text.word_lists import HAN, SAYS

IN_HAN = re.compile(f"[{HAN}]")
_LINKED = re.compile(r"[的和與与跟及、家]|[’']s")
_PART = re.compile(r"[。！？!?；;，,：:「『“\n]")
_BEGINS = re.compile(rf"[\s，,—–]*(?:[A-Z][\w.'’-]+ ?){{0,3}}[{HAN}]")


def find_last_voice(scene: Discourse, cue: Cue) -> tuple[Person, bool] | None:
    """Return who was the last to say something in the block ahead of *cue*, told or quoted."""
    block = scene.document.blocks[scene.block_at(cue.start)]
    voice: Person | None = None
    for found in find_voices(scene.narration, max(block.start, cue.end - 300), cue.end):
        person = find_person_at_end(scene, found)
        role = ROLE.search(scene.narration, found.start, found.end)
        if person or (found.kind == "name" and found.tagged) or (found.kind == "noun" and role):
            voice = person
    return (voice, True) if voice else None


def find_clause_after(scene: Discourse, at: int, stop: int) -> Cue | None:
    """Return the clause at *at*, right after a quotation, in which a person says it, if it does.

    It may go on with what it was said of, or in which book.
    """
    text = scene.narration
    verb = SAYS.search(text, at, min(stop, at + 60))
    if verb is None or not _BEGINS.match(text, at):
        return None
    if re.search(r"[。！？；\n·]", text[at : verb.start()]):
        return None
    found = find_clause_subject(text, at, verb.start())
    if found is None or find_person_at_end(scene, found) is None:
        return None
    return Cue(side="after", start=at, end=verb.end(), verb=verb.span(), strong=True)


def behind(scene: Discourse, at: int, stop: int) -> Person | None:
    """Return whom the text right after a quotation tells of first, by name, up to *stop*."""
    stop = min(stop, at + 160)
    while at < stop:
        end = _PART.search(scene.narration, at, stop)
        until = end.start() if end else stop
        found = _find_opening_subject(scene, at, until, to_verb=False) if until - at > 1 else None
        person = find_person_at_end(scene, found) if found else None
        if person or (found and found.kind != "noun"):
            return person
        if end and end.group() in "「『“：:\n":
            return None
        at = until + 1
    return None


def find_person_at_end(scene: Discourse, found: ClauseSubject) -> Person | None:
    """Return the person whose name ends the phrase *found*."""
    named = list(scene.people.mentions(scene.narration, found.start, found.end))
    if not named or named[-1][1] != found.end:
        return None
    led = OBJECT.search(scene.narration, max(found.start, named[-1][0] - 4), named[-1][0])
    return None if led else named[-1][2]


def find_nearest_subject(scene: Discourse, cue: Cue, end: int) -> ClauseSubject | None:
    """Return the subject of the clause of the verb, or of the nearest one before it."""
    to_verb = cue.verb is not None
    if cue.side == "after":
        return _find_opening_subject(scene, cue.start, end, to_verb=to_verb)
    at = end
    while at > cue.start:
        start = find_clause_start(scene.narration, cue.start, at - 1)
        found = _find_opening_subject(scene, start, at, to_verb=to_verb and at == end)
        if found:
            return found
        at = start
    return None


def _find_opening_subject(
    scene: Discourse, start: int, end: int, *, to_verb: bool
) -> ClauseSubject | None:
    """Return the subject that opens a clause: somebody known by name, or what grammar tells."""
    first = next(scene.people.mentions(scene.narration, start, end), None)
    if first and first[0] <= start + 1 and not _LINKED.match(scene.narration, first[1]):
        return ClauseSubject(start=first[0], end=first[1], kind="name")
    return find_clause_subject(scene.narration, start, end, to_verb=to_verb)
