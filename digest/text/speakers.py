"""Who said a quotation: the clause beside it first, then the person the text is speaking of."""

import re
from dataclasses import dataclass, field, replace

from digest.model import Document, Post, Quote
from digest.text import speech
from digest.text.lexicon import ASKS, HAN, ROLE_HAN, ROLE_LATIN
from digest.text.names import Cast, Person, cast, foremost, likely_name
from digest.text.quotes import Span, find
from digest.text.speech import Cue

_PRONOUN = re.compile(
    r"他們|她們|他们|她们|他|她|\b(?:[Hh]e|[Ss]he|[Tt]hey)\b|[這这那][位名][^，。：]{0,8}"
)
_NOBODY = re.compile(
    r"有人|某[位個人]|一[位名](?!(?:是|叫))|有[位個]|許多|很多人|不少|人們|大家|網友|批評者|專家|觀眾|學生們|受訪者|消息人士|"
    r"主持人|記者|\b(?:one|a|an|some|many|several|critics|experts|officials|residents|people|"
    r"others|everyone|someone|nobody|analysts|neighbours|neighbors|witnesses|a spokes\w+|"
    r"another|visitors|customers|I|we|you)\b"
)
_OBJECT = re.compile(
    r"(?:對|向|跟|和|與|給|問|告訴|讓|叫|請|被|把|在|從|of|to|with|by|about|for|told|asked|and)\s*$"
)
_POSSESSED = re.compile(r"\s*(?:的|'s|’s)")
_NOT_SUBJECT = re.compile(r"\s*(?:的|'s|’s|時|后|後|之後)")
_SPEECH_NOUN = re.compile(
    r"\s*(?:的|'s|’s)\s*[^，。]{0,10}?(?:回答|答案|說法|看法|觀點|結論|判斷|警告|解釋|建議|比喻|一句話|一段話|名言|話|回應|"
    r"理由|想法|描述|評論|總結|提醒|答覆|解法|邏輯|論點|立場|原則|態度|主張|answer|reply|verdict|words|advice|response|view|conclusion|"
    r"reaction|explanation|line|take|point)"
)
_THESE_WORDS = re.compile(
    r"\s*(?:[這这][句番段席]話|[說说](?:出)?[這这]|[這这]是)[^。\n]*|"
    r"\s*(?:These|Those) (?:were|are) the words\b[^.\n]*|\s*So said\b[^.\n]*"
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
    askers: frozenset[str] = frozenset()


def read(post: Post) -> tuple[Quote, ...]:
    """Return the quotations of *post* in reading order, with speakers where they are named.

    A speaker is a guess only where nothing else fits; where two people fit, there is none.
    """
    spans = find(post.document)
    people = cast(post)
    askers = _askers(post.document, people)
    talks = [(person, count) for person, count in people.named if person.name not in askers]
    people = replace(people, main=people.main or foremost(talks))
    scene = _Scene(document=post.document, people=people, askers=askers)
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
        if not cue.strong and not _opens(scene, cue):
            continue
        person, settled = _subject(scene, cue, span)
        if person or settled:
            return True, why, person
    return True, why, _implied(scene, span)


def _opens(scene: _Scene, cue: Cue) -> bool:
    """Tell whether a person, by name or pronoun, opens the clause of *cue*."""
    text = scene.document.text
    named = next(scene.people.mentions(text, cue.start, cue.end), None)
    pronoun = _pronoun(text, cue.start, cue.end, first=True)
    starts = [at for at in (named and named[0], pronoun) if at is not None]
    return bool(starts) and min(starts) - cue.start <= 4


def _askers(document: Document, people: Cast) -> frozenset[str]:
    """Return the names of those who host or ask."""
    text = document.text
    return frozenset(
        person.name
        for at, stop, person in people.mentions(text, 0, len(text))
        if re.search(r"(?:主持人|記者|\b[Hh]ost(?: is)?)\s?$", text[max(0, at - 8) : at])
        or re.match(r"[^，。,.]{0,6}(?:追?問|提問)|\s(?:asks|asked)\b", text[stop : stop + 10])
    )


def _subject(scene: _Scene, cue: Cue, span: Span) -> tuple[Person | None, bool]:
    """Return the subject of *cue*, and whether that settles it (somebody not named said it)."""
    text = scene.document.text
    end = cue.verb[0] if cue.verb and cue.verb[0] > cue.start else cue.end
    region = text[cue.start : end]
    if cue.side == "after" and not region.strip() and cue.verb:  # said X
        return _inverted(scene, cue)
    named = _named(scene, cue.start, end, first=cue.side == "after")
    pronoun = _pronoun(text, cue.start, end, first=cue.side == "after")
    nobody = _NOBODY.search(region.lower())
    if named and (pronoun is None or _closer(named[0], pronoun, first=cue.side == "after")):
        return named[1], True
    if pronoun is not None:
        return _antecedent(scene, cue.start, span, named[1] if named else None), True
    if nobody:
        return _by_role(scene, region), True
    found = _unlisted(scene, region) if cue.verb else None
    return found or _by_role(scene, region), cue.strong and _has_subject(region, cue)


def _has_subject(region: str, cue: Cue) -> bool:
    """Tell whether somebody, though not by name, is the subject of the cue's verb."""
    clause = region.strip().rstrip("，,")
    kept = _ADVERB.sub("", re.split("[，；]", clause)[-1]) if clause > "\u2e80" else clause
    return cue.verb is not None and len(kept.strip()) > 1


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
    """Return where a pronoun is the subject of a clause, or the owner of what is said."""
    found = [
        match.start()
        for match in _PRONOUN.finditer(text, start, end)
        if not _OBJECT.search(text, max(start, match.start() - 8), match.start())
        and (
            not _NOT_SUBJECT.match(text, match.end(), end)
            or _SPEECH_NOUN.match(text, match.end(), end)
        )
    ]
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
        if re.search(
            rf"{called}(?:, )?[^，。；、」,.\n]{{0,4}}$", text[max(0, at - 24) : at]
        ) or re.match(
            rf"(?:（[^）]*）)?,? (?:an?|the|its|her|his|who is)?\s?[^.。\n]{{0,40}}\b{called}\b",
            text[stop : stop + 80],
        ):
            found.add(person.name)
    return next((p for p in scene.people.people if {p.name} == found), None)


def _unlisted(scene: _Scene, region: str) -> Person | None:
    """Return a person named in Han before the verb and nowhere known yet."""
    text = scene.document.text
    clause = re.split("[，、；：]", region.rstrip("，,：: "))[-1].strip()
    subject = clause[: len(clause) - len(_ADVERB.search(clause).group())]  # type: ignore[union-attr]
    *roles, tail = re.split(rf"(?:{ROLE_HAN}|[{HAN}][員师師长長者民])(?=.)|的", subject)
    opening = (clause[:size] for size in (4, 3, 2) if text.count(clause[:size]) > 1)
    called = tail.strip()[-3:] if tail.strip()[-4:-3] in tuple("人家手工生伯叔") else ""
    for name in (tail.strip(), called, *opening):
        if re.fullmatch(f"[{HAN}]{{2,6}}", name) and (
            likely_name(name) or (roles and name == tail.strip() and len(name) < 4)
        ):
            return Person(name=name, forms=frozenset({name}))
    return None


def _antecedent(scene: _Scene, at: int, span: Span, nearer: Person | None) -> Person | None:
    """Return whom a pronoun in the clause that starts at *at* means."""
    clause = scene.document.text[at : span.opened] if at < span.opened else ""
    if nearer and not ASKS.search(clause):
        return nearer
    text = scene.document.text
    asked = text[:at].rstrip(' \n“「"')[-1:] in ("?", "？") if at == span.closed else False
    if scene.people.main and (asked or re.search("[這这][位名]", text[at : at + 12])):
        return scene.people.main
    found = _not_asking(scene, _focus(scene, at))
    return found if found is None or found != nearer else scene.people.main


def _focus(scene: _Scene, at: int) -> Person | None:
    """Return the person the text was last speaking of before *at*: speaker or subject."""
    document = scene.document
    number = _block_at(document, at)
    for back in range(number, max(-1, number - 4), -1):
        block = document.blocks[back]
        end = min(at, block.end)
        subject = _last_subject(scene, block.start, end)
        if subject:
            return subject
        if scene.last and scene.last_block == back:
            return scene.last
    return scene.last or scene.people.main


def _not_asking(scene: _Scene, found: Person | None) -> Person | None:
    """Return the one a conversation is with where *found* is the one who asks."""
    main = scene.people.main
    return main if found and found.name in scene.askers and main else found


def _block_at(document: Document, at: int) -> int:
    return next((n for n, b in enumerate(document.blocks) if b.start <= at <= b.end), 0)


def _last_subject(scene: _Scene, start: int, end: int) -> Person | None:
    """Return the first person named in the last sentence of ``[start, end)`` that names one."""
    text = scene.document.text
    bounds = [start, *(m.end() for m in re.finditer(r"[。！？]|[.!?]\s", text[start:end]))]
    stops = [start + b if b != start else start for b in bounds]
    for first, last in zip(reversed(stops), reversed([*stops[1:], end]), strict=True):
        found = [
            one for one in scene.people.mentions(text, first, last) if _narrated(text, first, one)
        ]
        subjects = [p for at, _, p in found if not _OBJECT.search(text, max(first, at - 8), at)]
        if subjects or len({person.name for _, _, person in found}) == 1:
            return subjects[0] if subjects else found[0][2]
    return None


def _narrated(text: str, start: int, mention: tuple[int, int, Person]) -> bool:
    """Tell whether a mention stands outside quotation marks and owns nothing."""
    at, stop, _ = mention
    head = text[start:at]
    quoted = head.count("「") > head.count("」") or head.count("“") > head.count("”")
    return not quoted and not _POSSESSED.match(text, stop)


def _named_next(scene: _Scene, span: Span) -> tuple[Person | None] | None:
    """Return whom the next sentence gives the words to (說這話的人是…), None if it does not."""
    document = scene.document
    stop = document.blocks[min(span.block + 1, len(document.blocks) - 1)].end
    match = _THESE_WORDS.match(document.text, span.closed, stop)
    if match is None:
        return None
    found = next(scene.people.mentions(document.text, match.start(), match.end()), None)
    return (found[2] if found else None,)


def _implied(scene: _Scene, span: Span) -> Person | None:
    """Return who speaks where no clause says so: the one spoken of, if no other is near."""
    text, block = scene.document.text, scene.document.blocks[span.block]
    if scene.last and scene.last_block == span.block:
        return scene.last
    subject = _last_subject(scene, block.start, span.opened)
    if subject:
        return subject
    named = _named_next(scene, span)
    if named is not None or span.block == 0:
        return named[0] if named else scene.people.main
    before = scene.document.blocks[span.block - 1]
    if before.kind != "heading" and not text[before.start : before.end].endswith(("?", "？")):
        subject = _last_subject(scene, before.start, before.end)
        if subject:
            return subject
    found = scene.last or scene.people.main
    return found if found == scene.people.main else None
