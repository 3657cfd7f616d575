"""Who said a quotation: the clause beside it first, then the person the text is speaking of.

Japanese speech clauses: 「…」と佐藤は語った, 佐藤氏は「…」と述べた, who the topic of them is.

Quotations without a full stop are the rule there, so the clause alone tells speech from a term.
Where the topic is no person known by name, nobody is named.
"""

import re
from dataclasses import replace

from digest.model import Document, Post, Quote
from digest.text.attribution import han_clauses, speech
from digest.text.attribution.clauses import find_subject, opens_with_person
from digest.text.attribution.cues import Cue, find_cue_after, find_cue_before, is_modal, is_paused
from digest.text.attribution.discourse import (
    Discourse,
    blank_quotations,
    guess_sex,
    start_discourse,
)
from digest.text.attribution.han_subjects import find_clause_subject
from digest.text.attribution.people import Person, PostPeople, find_main_person, find_people
from digest.text.attribution.quotes import QuoteSpan, find_quotations, read_signature
from digest.text.attribution.speaking_names import score_speaking_names
from digest.text.tokens import is_han

_SAYS = re.compile(
    r"と(?:[^。「」、]{0,14}(?:は|が|も)、?)?(?:も|、)?[^。「」、]{0,8}?(?:語|話[しすさ]|述べ|言[いうっわ]|強調し|強調す|指摘|説明し|"
    r"説明す|付け加え|付け足|振り返|明かし|明かす|訴え|答え|主張|コメント|つぶや|笑[いうっ]|警告|尋ね|"
    r"問い?かけ|書[いく]|記し)"
)
_ACCORDING = re.compile(r"(?:によると|によれば)、?$")
_TOPIC = re.compile(
    r"(?:氏|さん|様|先生|教授|社長|監督|選手|CEO|CTO)?(?:は|が|も|によると|によれば)"
)
_PRONOUN = re.compile(r"(?:彼女|彼|同氏)(?:は|が|も)")


def has_japanese_clause(text: str, span: QuoteSpan) -> bool:
    """Tell whether a Japanese speech clause follows *span*, or one leads to it (…によると、)."""
    if _SAYS.match(text, span.closed):
        return True
    return bool(_ACCORDING.search(text, max(0, span.opened - 8), span.opened)) and text.startswith(
        "と", span.closed
    )


def find_japanese_speaker(told: Discourse, span: QuoteSpan) -> Person | None:
    """Return who is the topic of the clause around *span*, if it is somebody known by name."""
    text = told.document.text
    start = max(told.sentence(span.opened), told.document.blocks[span.block].start)
    after = _SAYS.match(text, span.closed)
    parts = [(span.closed, after.end())] if after else []
    for low, high in [*parts, (start, span.opened)]:
        for _, stop, person in told.people.mentions(text, low, high):
            if _TOPIC.match(text, stop):
                return person
        if _PRONOUN.search(text, low, high):
            return told.last
        if re.search("[はが]", text[low:high]):
            return None
    return told.last if told.last_block == span.block else None


_THESE_WORDS = re.compile(
    r"\s*(?:[這这][句番段席]話|[說说](?:出)?[這这]|[這这]是)[^。\n]*|"
    r"\s*(?:These|Those) (?:were|are) the words\b[^.\n]*|\s*So said\b[^.\n]*"
)
_THESE_QUESTIONS = re.compile(
    r"\s*(?:[「“][^」”\n]*[」”]\s*){0,9}"
    r"[這这](?:不是(?=[^，。]{0,20}(?:原話|說的|說過))|(?:些|類|类|樣的|样的|種|种|個|个)"
    r"(?:問題|问题|疑問|提問|問句|標題|标题|口號|標語|說法|聲音|想法|質疑|論調|對話|情況|場景|話|字))"
)
_WITH_THESE = re.compile(
    r"\s*[^。\n「」]{0,40}?(?:[用以](?:[這这][句番段個]|一句)|問出|问出|說出|说出|[這这]樣(?:說|"
    r"開場|開頭)|如此)[^。\n]*"
)

SpeechVerdict = tuple[bool, str, Person | None]


def attribute_quotes(post: Post) -> tuple[Quote, ...]:
    """Return the quotations of *post* in reading order, with speakers where they are named.

    A speaker is a guess only where nothing else fits; where two people fit, there is none.
    """
    spans = find_quotations(post.document)
    if not spans:
        return ()
    text = blank_quotations(post.document.text, spans)
    people = find_people(
        post, score_speaking_names(text, [span.opened for span in spans if span.marked])
    )
    askers = _find_askers(post.document, people)
    talks = [(person, count) for person, count in people.named if person.name not in askers]
    people = replace(people, main=people.main or find_main_person(talks))
    told = start_discourse(post.document, people, text)
    told.askers = askers
    told.guest = _find_guest(post, people, askers)
    quotes: dict[int, Quote] = {}
    groups: dict[int, list[QuoteSpan]] = {}
    for span in spans:
        groups.setdefault(span.utterance, []).append(span)
    for number, group in groups.items():
        quotes |= {quote.start: quote for quote in _judge_utterance(told, number, group)}
    return tuple(quotes[start] for start in sorted(quotes))


def _judge_utterance(told: Discourse, number: int, group: list[QuoteSpan]) -> list[Quote]:
    """Return the quotations of one utterance: what holds for one of its spans holds for all."""
    text = told.document.text
    told.advance(group[0].opened)
    judged = [_judge_span(told, span) for span in group]
    said = any(speaks for speaks, _, _ in judged)
    reasons = [why for speaks, why, _ in judged if speaks == said]
    person = next((found for speaks, _, found in judged if speaks and found), None)
    if said:
        asks = text[group[-1].start : group[-1].end].endswith(("?", "？"))
        near = "" if person else _read_surroundings(text, group)
        told.spoke(group[-1].closed, group[-1].block, person, asks=asks, sex=guess_sex(near))
    found = []
    for at, span in enumerate(group):
        rest = at > 0 and is_paused(text[group[at - 1].start : group[at - 1].end])
        why = speech.RESTS if said and rest else reasons[0]
        found.append(_make_quote(told.document, span, number, said, person, why))
    return found


def _read_surroundings(text: str, group: list[QuoteSpan]) -> str:
    """Return the words around an utterance, which may tell who a stranger is."""
    start, end = group[0].opened, group[-1].closed
    return text[max(0, start - 24) : start] + " " + text[end : end + 24].split("\n", maxsplit=1)[0]


def _make_quote(
    document: Document, span: QuoteSpan, number: int, said: bool, person: Person | None, why: str
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


def _judge_span(told: Discourse, span: QuoteSpan) -> SpeechVerdict:
    """Return whether *span* is speech, why, and whose; what people of a story say is none."""
    said, why, person = _judge_by_context(told, span)
    if person and person.name in told.people.imagined:
        return False, "said in a story", None
    return said, why, person


def _judge_by_context(told: Discourse, span: QuoteSpan) -> SpeechVerdict:
    text = told.document.text
    if span.marked and has_japanese_clause(text, span):
        return True, "a speech clause after it", find_japanese_speaker(told, span)
    lead, follow = _find_cues(told, span)
    signed = None if span.marked else _find_signer(told, span)
    if signed:
        return True, "a signed block quote", signed
    said, why = speech.judge_speech(told.document, span, lead, follow)
    if not said:
        return False, why, None
    if not span.marked:
        return True, why, _drop_doubtful_person(told, _find_introduced_speaker(told, span))
    found = _find_speaker_by_clause(told, span, lead, follow)
    if why == speech.IN_PART:
        return _judge_partial_quote(told, span, found)
    if found:
        return True, why, found[0]
    behind = _behind(told, span)
    return True, why, behind or _drop_doubtful_person(told, _find_implied_speaker(told, span))


def _behind(told: Discourse, span: QuoteSpan) -> Person | None:
    """Return who says the words that open a block: in Han, whom it goes on to tell of by name."""
    block = told.document.blocks[span.block]
    quoted = told.document.text[span.start : span.end]
    if span.opened != block.start or quoted.endswith(("?", "？")) or not is_han(quoted[0]):
        return None
    if told.document.text[span.closed : span.closed + 1] in tuple("這这"):
        return None
    return han_clauses.behind(told, span.closed, block.end)


def _judge_partial_quote(
    told: Discourse, span: QuoteSpan, found: tuple[Person | None] | None
) -> SpeechVerdict:
    """Return whose the words of a sentence are, *found* by a clause, or those of its subject.

    In Han only people known by name report a part: 說 alone leads to what could be said, too.
    """
    here = found or told.subject(told.sentence(span.opened), span.opened)
    person = here[0] if here else None
    if person is None and told.document.text[span.start] >= "\u2e80":
        return False, "part of a sentence", None
    return True, speech.IN_PART, person


def _find_speaker_by_clause(
    told: Discourse, span: QuoteSpan, lead: Cue | None, follow: Cue | None
) -> tuple[Person | None] | None:
    """Return whose the words are by the clauses beside them; None where these do not settle it."""
    text = told.document.text
    clauses = [cue for cue in (lead, follow) if cue]
    paused = is_paused(text[span.start : span.end])
    if lead and follow and follow.strong and paused and not _is_source_note(text, lead, follow):
        clauses.reverse()
    for cue in clauses:
        if not cue.strong and not opens_with_person(told, cue):
            continue
        if is_modal(text, cue):
            return (None,)
        person, settled = find_subject(told, cue)
        if person or settled:
            return (person,)
    return None


def _drop_doubtful_person(told: Discourse, person: Person | None) -> Person | None:
    """Return *person*, unless it is doubtful that this is one: then no guess is made."""
    return person if person and person.name not in told.people.faint else None


def _is_source_note(text: str, lead: Cue, follow: Cue) -> bool:
    """Tell whether *follow* only says who has it from whom: …, according to the Herald."""
    return lead.strong and text.startswith("according to", follow.start)


def _find_cues(told: Discourse, span: QuoteSpan) -> tuple[Cue | None, Cue | None]:
    """Return the clauses before and after a quotation that may be speech clauses."""
    if not span.marked:
        return None, None
    text, block = told.document.text, told.document.blocks[span.block]
    lead = find_cue_before(text, told.narration, block.start, span.opened)
    paused = is_paused(text[span.start : span.end])
    follow = find_cue_after(text, span.closed, block.end, paused=paused)
    if lead is None and not (follow and follow.strong):
        follow = han_clauses.find_clause_after(told, span.closed, block.end) or follow
    if follow and follow.verb is None and not opens_with_person(told, follow):
        follow = None
    return lead, follow


def _find_askers(document: Document, people: PostPeople) -> frozenset[str]:
    """Return the names of those who host or ask."""
    text = document.text
    return frozenset(
        person.name
        for at, stop, person in people.mentions(text, 0, len(text))
        if re.search(r"(?:主持人|記者|\b[Hh]ost(?: is|,)?)\s?$", text[max(0, at - 9) : at])
        or re.match(
            r"[^，。,.「]{0,6}(?:追問|提問|專訪|訪問)|\s?問(?!題)|\s(?:asks|asked)\b",
            text[stop : stop + 10],
        )
    )


def _find_signer(told: Discourse, span: QuoteSpan) -> Person | None:
    """Return who has signed a block quote, in its last line or in the line after it."""
    text, blocks = told.document.text, told.document.blocks
    for block in blocks[span.block : span.block + 3]:
        name = read_signature(text[block.start : block.end].rsplit("\n", 1)[-1])
        if name:
            return _by_signature(told, name)
        if block.kind != "quote":
            break
    return None


def _by_signature(told: Discourse, name: str) -> Person:
    """Return who signs as *name*, which may start with a role: 副執行長江柏仁."""
    known = [person for _, _, person in told.people.mentions(name, 0, len(name))]
    if known:
        return known[-1]
    found = find_clause_subject(name, 0, len(name))
    own = found.name if found and found.name else name
    return Person(name=own, forms=frozenset({own}))


def _find_introduced_speaker(told: Discourse, span: QuoteSpan) -> Person | None:
    """Return whose block quote it is: the subject of what leads to it, the one before it, or main.

    What leads to it ends in a colon or dots, or tells of the one whom the post is mostly about.
    """
    if span.block == 0:
        return told.people.main
    before = told.document.blocks[span.block - 1]
    said = told.narration[before.start : before.end].rstrip()
    if before.kind == "quote" and told.last_block == span.block - 1:
        return told.last
    if told.questioned(span.block):
        return told.guest
    if said.endswith((":", "：", "…", "...")):
        subject = told.subject(before.start, before.end)
        return subject[0] if subject else told.last
    spoken_of = told.subject(before.start, before.end)
    main = told.people.main
    return main if spoken_of and spoken_of[0] == main else None


def _find_guest(post: Post, people: PostPeople, askers: frozenset[str]) -> Person | None:
    """Return whom the page interviews: the main person, or else the one of its title or lists."""
    if people.main:
        return people.main
    others = [(person, count) for person, count in people.named if person.name not in askers]
    listed = " ".join((post.title, *post.tags, *post.people))
    named = [person for person, _ in others if person.name in listed]
    if len(named) == 1:
        return named[0]
    most = max((count for _, count in others), default=0)
    often = {person.name for person, count in others if count == most}
    text = post.document.text
    mentioned = (person for _, _, person in people.mentions(text, 0, len(text)))
    return next((person for person in mentioned if person.name in often), None)


def _find_implied_speaker(told: Discourse, span: QuoteSpan) -> Person | None:
    """Return who speaks where no clause says so: the one spoken of, if no other is near."""
    text, block = told.document.text, told.document.blocks[span.block]
    if told.last_block == span.block:
        here = told.subject(told.sentence(span.opened), span.opened)
        return here[0] if here else told.last
    named = _find_speaker_in_next_sentence(told, span)
    if named is not None:
        return named[0]
    here = told.subject(block.start, span.opened)
    if here:
        return here[0]
    if text[span.start : span.end].endswith(("?", "？")):
        return None
    if told.questioned(span.block):
        return told.guest
    if span.block == 0:
        return told.people.main
    alone = span.opened == block.start and span.closed >= block.end
    turn = told.other(span.block) if alone else None
    if turn:
        return turn
    before = told.document.blocks[span.block - 1]
    asked = told.asked and told.asked[0] == span.block - 1
    if before.kind != "heading" and not text[before.start : before.end].endswith(("?", "？")):
        subject = told.subject(before.start, before.end)
        if subject and not asked:
            asker = subject[0] is not None and subject[0].name in told.askers
            return told.guest if asker and told.guest != subject[0] else subject[0]
    found = told.last or told.people.main
    return found if found == told.people.main else None


def _find_speaker_in_next_sentence(told: Discourse, span: QuoteSpan) -> tuple[Person | None] | None:
    """Return whom the next sentence gives the words to (說這話的人是…), None if it does not."""
    document = told.document
    stop = document.blocks[min(span.block + 1, len(document.blocks) - 1)].end
    if _THESE_QUESTIONS.match(document.text, span.closed, stop):
        return (None,)
    match = _THESE_WORDS.match(document.text, span.closed, stop) or _WITH_THESE.match(
        document.text, span.closed, stop
    )
    if match is None:
        return None
    found = next(told.people.mentions(document.text, match.start(), match.end()), None)
    return (found[2] if found else None,)
