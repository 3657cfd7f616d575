"""Who said a quotation: the clause beside it first, then the person the text is speaking of."""

import re
from dataclasses import dataclass, field

from digest.model import Document, Post, Quote
from digest.text import speech
from digest.text.lexicon import ASKS, HAN, ROLE_HAN, ROLE_LATIN
from digest.text.names import Cast, Person, cast, likely_name
from digest.text.quotes import Span, find
from digest.text.speech import Cue

_PRONOUN = re.compile(
    r"他們|她們|他们|她们|他|她|\b(?:[Hh]e|[Ss]he|[Tt]hey)\b|[這这那][位名][^，。：]{0,8}"
)
_NOBODY = re.compile(
    r"有人|某[位個人]|一[位名個](?!(?:是|叫))|有[位個]|許多|很多人|不少|人們|大家|網友|批評者|專家|觀眾|學生們|受訪者|消息人士|"
    r"主持人|記者|\b(?:one|a|an|some|many|several|critics|experts|officials|residents|people|"
    r"others|everyone|someone|nobody|analysts|neighbours|neighbors|witnesses|a spokes\w+|"
    r"another|visitors|customers|I|we|you)\b"
)
_OBJECT = re.compile(
    r"(?:對|向|跟|和|與|給|問|告訴|讓|叫|請|被|把|在|從|of|to|with|by|about|for|told|asked|and)\s*$"
)
_POSSESSED = re.compile(r"\s*(?:的|'s|’s)")
_SPEECH_NOUN = re.compile(
    r"\s*(?:的|'s|’s)\s*[^，。]{0,10}?(?:回答|答案|說法|看法|觀點|結論|判斷|警告|解釋|建議|比喻|一句話|一段話|名言|話|回應|"
    r"理由|想法|描述|評論|總結|提醒|答覆|answer|reply|verdict|words|advice|response|view|conclusion|"
    r"reaction|explanation|line|take|point)"
)
_ADVERB = re.compile(
    r"(?:曾經?|也|則|就|卻|還|又|更|才|便|接著|隨後|隨即|最後|後來|直接|坦白|特別|進一步|一再|多次|笑著|苦笑著?|立刻|這樣|如此|"
    r"當時|繼續|明確|公開|再次|後|在[^，。]{1,12}[中上裡時後]|對[^，。]{1,8}|[^，。]{0,4}地)*$"
)


@dataclass(slots=True)
class _Scene:
    """What has been read so far of a post: who was spoken of, who spoke."""

    document: Document
    people: Cast
    spoken: dict[int, Person | None] = field(default_factory=dict)
    last: Person | None = None
    last_block: int = -1


def read(post: Post) -> tuple[Quote, ...]:
    """Return the quotations of *post* in reading order, with speakers where they are named.

    A speaker is a guess only where nothing else fits; where two people fit, there is none.
    """
    spans = find(post.document)
    scene = _Scene(document=post.document, people=cast(post))
    quotes: dict[int, Quote] = {}
    groups: dict[int, list[Span]] = {}
    for span in spans:
        groups.setdefault(span.utterance, []).append(span)
    for number, group in groups.items():
        quotes |= {quote.start: quote for quote in _utterance(scene, number, group)}
    return tuple(quotes[start] for start in sorted(quotes))


def _utterance(scene: _Scene, number: int, group: list[Span]) -> list[Quote]:
    """Return the quotations of one utterance: what holds for one of its spans holds for all."""
    judged = [_judge(scene, span) for span in group]
    said = any(speaks for speaks, _, _ in judged)
    reasons = [why for speaks, why, _ in judged if speaks == said]
    person = next((found for speaks, _, found in judged if speaks and found), None)
    if said:
        scene.last, scene.last_block = person, group[-1].block
    return [_quote(scene.document, span, number, said, person, reasons[0]) for span in group]


def _quote(
    document: Document, span: Span, number: int, said: bool, person: Person | None, why: str
) -> Quote:
    return Quote(
        text=document.text[span.start : span.end],
        start=span.start,
        end=span.end,
        speech=said,
        utterance=number,
        speaker=person.name if person and said else None,
        why=why,
    )


def _judge(scene: _Scene, span: Span) -> tuple[bool, str, Person | None]:
    text, block = scene.document.text, scene.document.blocks[span.block]
    quoted = text[span.start : span.end]
    lead = speech.before(text, block.start, span.opened) if span.marked else None
    follow = (
        speech.after(text, span.closed, block.end, paused=speech.paused(quoted))
        if span.marked
        else None
    )
    said, why = speech.judge(scene.document, span, lead, follow)
    if not said:
        return False, why, None
    cues = [cue for cue in (lead, follow) if cue]
    if lead and follow and follow.strong and speech.paused(quoted):
        cues.reverse()
    if any(speech.modal(text, cue) for cue in cues):
        return True, why, None
    for cue in cues:
        person, settled = _subject(scene, cue, span)
        if person or settled:
            return True, why, person
    return True, why, _implied(scene, span)


def _subject(scene: _Scene, cue: Cue, span: Span) -> tuple[Person | None, bool]:
    """Return the subject of *cue*, and whether that settles it (somebody not named said it)."""
    text = scene.document.text
    end = cue.verb[0] if cue.verb and cue.verb[0] > cue.start else cue.end
    region = text[cue.start : end]
    if cue.side == "after" and not region.strip() and cue.verb:  # said X
        return _inverted(scene, cue)
    named = _named(scene, cue.start, end, first=cue.side == "after")
    pronoun = _pronoun(text, cue.start, end, first=cue.side == "after")
    nobody = _NOBODY.search(region)
    if named and (pronoun is None or _closer(named[0], pronoun, first=cue.side == "after")):
        if nobody and nobody.start() + cue.start > named[0]:
            return None, True
        return named[1], True
    if pronoun is not None:
        return _antecedent(scene, cue.start, span, named[1] if named else None), True
    if nobody:
        return _by_role(scene, region), True
    return _unlisted(scene, region), cue.strong and bool(_unlisted(scene, region))


def _closer(named: int, pronoun: int, *, first: bool) -> bool:
    return named < pronoun if first else named > pronoun


def _named(scene: _Scene, start: int, end: int, *, first: bool) -> tuple[int, Person] | None:
    """Return where the subject is named in a clause, and who it is; objects do not count."""
    text = scene.document.text
    found: tuple[int, Person] | None = None
    for at, stop, person in scene.people.mentions(text, start, end):
        if _OBJECT.search(text, max(start, at - 8), at):
            continue
        if _POSSESSED.match(text, stop, end) and not _SPEECH_NOUN.match(text, stop):
            continue
        found = (at, person)
        if first:
            break
    return found


def _pronoun(text: str, start: int, end: int, *, first: bool) -> int | None:
    found = [m.start() for m in _PRONOUN.finditer(text, start, end)
             if not _OBJECT.search(text, max(start, m.start() - 8), m.start())
             and not _POSSESSED.match(text, m.end(), end)]  # fmt: skip
    return (found[0] if first else found[-1]) if found else None


def _inverted(scene: _Scene, cue: Cue) -> tuple[Person | None, bool]:
    """Return who stands right after the verb: said NAME, said the mayor."""
    text = scene.document.text
    assert cue.verb is not None  # noqa: S101 - the caller has seen to it
    stop = min(cue.end, cue.verb[1] + 60)
    for at, _, person in scene.people.mentions(text, cue.verb[1], stop):
        between = text[cue.verb[1] : at]
        if not re.search(r"[,，.]|\b(?:to|of|with|about|for)\b", between):
            return person, True
        break
    clause = text[cue.verb[1] : stop]
    if re.match(r"\s*(?:he|she|they)\b", clause):
        return _focus(scene, cue.start), True
    return _by_role(scene, clause), True


def _by_role(scene: _Scene, clause: str) -> Person | None:
    """Return the one person whom the text calls what *clause* calls its subject."""
    role = re.search(rf"(?:{ROLE_HAN})|\b(?:{ROLE_LATIN})\b", clause)
    if role is None or re.search(r"[一有某][位名個]|\b(?:an?|one|another|some)\s", clause):
        return None
    text = scene.document.text
    called = re.escape(role.group())
    found = set()
    for at, stop, person in scene.people.mentions(text, 0, len(text)):
        if re.search(rf"{called}[^，。；、」,.\n]{{0,4}}$", text[max(0, at - 24) : at]) or re.match(
            rf"(?:（[^）]*）)?,? (?:an?|the|its|her|his|who is)?\s?[^.。\n]{{0,40}}\b{called}\b",
            text[stop : stop + 80],
        ):
            found.add(person.name)
    return next((p for p in scene.people.people if {p.name} == found), None)


def _unlisted(scene: _Scene, region: str) -> Person | None:
    """Return a person named in Han before the verb and nowhere known yet."""
    clause = re.split("[，、；：]", region.rstrip("，,：: "))[-1]
    subject = clause[: len(clause) - len(_ADVERB.search(clause).group())]  # type: ignore[union-attr]
    tail = re.split(rf"(?:{ROLE_HAN})(?=.)|的", subject)[-1]
    name = re.search(f"[{HAN}]{{2,6}}$", tail)
    if name and name.group() == tail.strip() and likely_name(tail.strip()):
        return Person(name=tail.strip(), forms=frozenset({tail.strip()}))
    return None


def _antecedent(scene: _Scene, at: int, span: Span, nearer: Person | None) -> Person | None:
    """Return whom a pronoun in the clause that starts at *at* means."""
    clause = scene.document.text[at : span.opened] if at < span.opened else ""
    if nearer and not ASKS.search(clause):
        return nearer
    found = _focus(scene, at)
    return found if found is None or found != nearer else scene.people.main


def _focus(scene: _Scene, at: int) -> Person | None:
    """Return the person the text was last speaking of before *at*: speaker or subject."""
    document, text = scene.document, scene.document.text
    number = _block_at(document, at)
    for back in range(number, max(-1, number - 4), -1):
        block = document.blocks[back]
        end = min(at, block.end)
        subject = _last_subject(scene, block.start, end)
        if subject:
            return subject
        if scene.last and scene.last_block == back:
            return scene.last
    del text
    return scene.last or scene.people.main


def _block_at(document: Document, at: int) -> int:
    return next((n for n, b in enumerate(document.blocks) if b.start <= at <= b.end), 0)


def _last_subject(scene: _Scene, start: int, end: int) -> Person | None:
    """Return the first person named in the last sentence of ``[start, end)`` that names one."""
    text = scene.document.text
    bounds = [start, *(m.end() for m in re.finditer(r"[。！？]|[.!?]\s", text[start:end]))]
    stops = [start + b if b != start else start for b in bounds]
    for first, last in zip(reversed(stops), reversed([*stops[1:], end]), strict=True):
        for at, stop, person in scene.people.mentions(text, first, last):
            quoted = text.count("「", first, at) > text.count("」", first, at)
            possessed = _POSSESSED.match(text, stop)
            if not quoted and not possessed and not _OBJECT.search(text, max(first, at - 8), at):
                return person
    return None


def _implied(scene: _Scene, span: Span) -> Person | None:
    """Return who speaks where no clause says so: the one spoken of, if no other is near."""
    block = scene.document.blocks[span.block]
    if scene.last and scene.last_block == span.block:
        return scene.last
    subject = _last_subject(scene, block.start, span.opened)
    if subject:
        return subject
    found = _focus(scene, max(0, block.start - 1)) if span.block else scene.people.main
    return found if found == scene.people.main or scene.last == found else None
