"""Sentences of Chinese, Japanese and English in one text, as spans that never cut a quotation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digest.model import Block, Document
from digest.text.lexicon import ABBREVIATIONS, HAN, SAYS, words
from digest.text.marks import Pair, pairs

Span = tuple[int, int]

_CLOSERS = r"」』”’\"＂)）\]】〕》〉»"
_STOP = re.compile(rf"(?:[。！？!?．｡]+|[…⋯]+|\.+|\n)[{_CLOSERS}]*")
_GOES_ON = re.compile(rf"[ \t]*[，、；：,;:。．！？!?{_CLOSERS}—–\-]")
_SHORT_CLAUSE = re.compile(r"[^。！？!?「『“\n]{0,24}")
_WORD_BEFORE = re.compile(r"[^\W_][\w.]*$")
_LATIN_START = re.compile(r"[ \t\u00a0]+[\"“‘(\[「]*[A-Z0-9]|[ \t]*(?:\n|$)|[ \t]+[^\x00-\x7f]")
_NAME_DOT = re.compile(r"[^\u3041-\u309f\s][．][^\W\d_]")  # 阿曼達．丘; hiragana ends a sentence
_MAY_END = words("a.m p.m etc inc ltd co corp u.s u.k u.n d.c jr sr ph.d al")
_NEW_START = re.compile(
    r"[ \t\u00a0]+(?:The|An?|He|She|It|They|We|I|You|This|That|These|Those|There|But|And|So|In|On|"
    r"At|If|When|As|For|What|His|Her|Its|Their|My|Our)\b"
)
_HAN = re.compile(f"[{HAN}]")
_ELLIPSIS_LEAST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence: its place in the document's text and in the document's build.

    ``block`` counts the document's blocks, ``section`` its headings so far, and ``place`` the
    sentence within its block.
    """

    start: int
    end: int
    block: int
    section: int
    place: int


def of(document: Document) -> tuple[Sentence, ...]:
    """Return the sentences of *document*'s running text: no headings, code or tables."""
    found: list[Sentence] = []
    section = 0
    for number, block in enumerate(document.blocks):
        if block.kind == "heading":
            section += 1
        elif block.kind in ("paragraph", "item", "quote"):
            found += _of_block(document.text, block, number, section)
    return tuple(found)


def _of_block(text: str, block: Block, number: int, section: int) -> Iterator[Sentence]:
    for place, (start, end) in enumerate(split(text, block.start, block.end)):
        yield Sentence(start=start, end=end, block=number, section=section, place=place)


def split(text: str, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Return the spans of the sentences in ``text[start:end]``, white space trimmed.

    A quotation or parenthesis is never cut; a speech clause after a quotation belongs to it.
    """
    stop = len(text) if end is None else end
    shut = _outermost(pairs(text, start, stop))
    spans: list[Span] = []
    begin, upcoming = start, 0
    for match in _STOP.finditer(text, start, stop):
        while upcoming < len(shut) and shut[upcoming][1] < match.start():
            upcoming += 1
        inside = upcoming < len(shut) and shut[upcoming][0] < match.start()
        if inside and match.end() <= shut[upcoming][1] and match.group()[0] != "\n":
            continue
        if _ends(text, begin, match, stop, quoted=inside):
            spans.append((begin, match.end()))
            begin = match.end()
    spans.append((begin, stop))
    return tuple(_trimmed(text, spans))


def _outermost(found: tuple[Pair, ...]) -> list[Span]:
    shut: list[Span] = []
    for pair in found:
        if pair.closed and (not shut or pair.open > shut[-1][1]):
            shut.append((pair.open, pair.close))
    return shut


def _trimmed(text: str, spans: list[Span]) -> Iterator[Span]:
    for start, end in spans:
        body = text[start:end]
        kept = body.strip()
        if kept:
            first = start + len(body) - len(body.lstrip())
            yield first, first + len(kept)


def _ends(text: str, begin: int, match: re.Match[str], stop: int, *, quoted: bool) -> bool:
    mark = match.group()
    if mark[0] == "\n":
        return True
    if match.end() >= stop or _GOES_ON.match(text, match.end(), stop):
        return False
    if mark == "．" and _NAME_DOT.match(text, match.start() - 1, stop):
        return False
    if mark[0] in "…⋯" and match.start() - begin < _ELLIPSIS_LEAST:
        return False
    if mark[0] == ".":
        return _full_stop(text, begin, match, stop)
    return not (quoted and _speech_follows(text, match.end(), stop)) and _not_mid_word(
        text, match, stop
    )


def _not_mid_word(text: str, match: re.Match[str], stop: int) -> bool:
    """Tell that a mark of ASCII is not part of a name or a link, as in ``Yahoo!`` or ``?q=1``."""
    if match.group()[0] not in "!?":
        return True
    rest = text[match.end() : min(match.end() + 2, stop)]
    return not rest[:1].isascii() or (rest[:1].isspace() and not rest[1:2].islower())


def _full_stop(text: str, begin: int, match: re.Match[str], stop: int) -> bool:
    after = text[match.end() : min(match.end() + 1, stop)]
    if _HAN.match(after) and match.group() != ".":
        return True
    if not _LATIN_START.match(text, match.end(), stop):
        return False
    if len(match.group().rstrip(_CLOSERS)) > 1:  # an ellipsis set as dots
        return True
    word = _WORD_BEFORE.search(text, max(begin, match.start() - 24), match.start())
    if word is None:
        return True
    last = word.group()
    if last.isdecimal() and not text[begin : word.start()].strip():  # the number of an item
        return False
    if last.lower() in _MAY_END and _NEW_START.match(text, match.end(), stop):
        return True
    return not (last.lower() in ABBREVIATIONS or (len(last) == 1 and last.isupper()))


def _speech_follows(text: str, at: int, stop: int) -> bool:
    """Tell whether a short clause with a speech verb follows the quotation that ends at *at*."""
    clause = _SHORT_CLAUSE.match(text, at, stop)
    said = clause.group() if clause else ""
    return bool(SAYS.search(said)) and not said.rstrip().endswith(("：", ":"))
