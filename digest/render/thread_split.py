"""Where a text may be divided, and its division into parts that a network takes.

A part never ends inside a word, link, mention, tag, number, quotation or bracket pair, and never
begins with closing punctuation (the line-breaking rules of CJK typesetting, JIS X 4051, with
those of Latin text). Paragraphs are kept before sentences, sentences before clauses, clauses
before words; only what is longer than a whole part is divided further, a quotation before a word, a
word only between graphemes, a run of punctuation last, a link, mention or tag never.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from digest.model.errors import DraftError
from digest.text.graphemes import split_graphemes

if TYPE_CHECKING:
    import regex


class BreakRank(IntEnum):
    """How good a place is to divide a text, the best first."""

    PARAGRAPH = 0
    LINE = 1
    SENTENCE = 2
    CLAUSE = 3
    WORD = 4
    QUOTED_SENTENCE = 5
    QUOTED_CLAUSE = 6
    QUOTED_WORD = 7
    GRAPHEME = 8
    ANYWHERE = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRoom:
    """What a part may hold: ``limit`` as counted by ``measure``, and ``bytes`` of UTF-8."""

    measure: Callable[[str], int]
    limit: int
    bytes: int | None = None

    def fits(self, text: str) -> bool:
        """Return whether *text* fits."""
        return self.fill(text) <= 1

    def fill(self, text: str) -> float:
        """Return how much of the room *text* takes; more than 1 does not fit."""
        part = self.measure(text) / self.limit
        return max(part, len(text.encode()) / self.bytes) if self.bytes else part


@dataclass(frozen=True, slots=True)
class TextBreak:
    """A place to divide a text: what follows begins at ``offset``."""

    offset: int
    rank: BreakRank


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    start: int
    end: int


_HAN = (
    r"\u2e80-\u2fff\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3105-\u9fff\uf900-\ufaff"
    r"\uff66-\uff9f\U00020000-\U0003ffff"
)
_LETTER = rf"(?:(?!https?://)(?![{_HAN}])[\w\p{{M}}\u200c\u200d])"
_TOKENS = (
    r"(?P<link>https?://[^\s\u3000-\u3004\u3008-\u301f，。！？；：、（）“”…]+)"
    r"|(?P<mention>(?<![A-Za-z0-9_.])[@＠][A-Za-z0-9_.-]*[A-Za-z0-9_](?:@[A-Za-z0-9_.-]*\w)?)"
    r"|(?P<tag>(?<!\w)[#＃](?:(?!https?://)[\w\p{M}])+)"
    r"|(?P<space>\s+)"
    rf"|(?P<word>{_LETTER}+(?:[.,:/_'’&+@·‧-]+{_LETTER}+)*[%℃°]?)"
    rf"|(?P<han>[{_HAN}][\p{{M}}\ufe00-\ufe0f]*)"
    r"|(?P<mark>\X)"
)
_PAIRS = {
    "「": "」", "『": "』", "（": "）", "《": "》", "〈": "〉", "【": "】", "〔": "〕", "［": "］",
    "｛": "｝", "“": "”", "‘": "’", "«": "»", "(": ")", "[": "]", "{": "}", "〝": "〞", '"': '"',
}  # fmt: skip
_CLOSERS = frozenset(_PAIRS.values())
_OPENERS = frozenset(_PAIRS) - _CLOSERS
_SENTENCE_END = frozenset("。！？!?．｡")
_CLAUSE_END = frozenset("，、；：,;:")
_DASHES = frozenset("—―–─－…‥⋯～~")
_NEVER_FIRST = (
    _CLOSERS - {'"'} | _SENTENCE_END | _CLAUSE_END | frozenset(".·・％%‰℃々ー〻ゝゞヽヾ︰")
)
_ROUNDING = 1e-9
_ABBREVIATIONS = frozenset((
    "mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "vs", "etc", "eg", "ie", "cf", "no", "vol",
    "fig", "al", "inc", "ltd", "co", "corp", "u.s", "u.k", "e.g", "i.e", "a.m", "p.m", "jan", "feb",
    "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
))  # fmt: skip


@cache
def _compile_tokens() -> "regex.Pattern[str]":
    import regex

    return regex.compile(_TOKENS)


@lru_cache(maxsize=64)
def find_breaks(text: str) -> tuple[TextBreak, ...]:
    """Return every place where *text* may be divided, in order."""
    whole = {0, *accumulate(map(len, split_graphemes(text)))}
    return tuple(place for place in _scan_breaks(text) if place.offset in whole)


def split_into_sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of *text*, whole, without the white space around them."""
    cuts = [b.offset for b in find_breaks(text) if b.rank <= BreakRank.SENTENCE]
    pieces = (text[a:b].strip() for a, b in pairwise([0, *cuts, len(text)]))
    return tuple(piece for piece in pieces if piece)


def divide_text(text: str, room: PartRoom) -> tuple[str, ...]:
    """Return *text* as parts that fit *room*: few, even, divided at the best places.

    The parts joined are *text* but for white space where they were divided. Raises DraftError
    where a link, mention or tag alone is longer than a part.
    """
    if room.fits(text.strip()):
        return (text.strip(),) if text.strip() else ()
    places = find_breaks(text)
    cuts = _refine_breaks(text, 0, len(text), places, BreakRank.PARAGRAPH, room)
    return _pack_pieces(text, [TextBreak(0, BreakRank.PARAGRAPH), *cuts], room)


def _split_tokens(text: str) -> list[_Token]:
    return [
        _Token(match.lastgroup or "mark", match.start(), match.end())
        for match in _compile_tokens().finditer(text)
    ]


def _scan_breaks(text: str) -> Iterator[TextBreak]:
    tokens = _split_tokens(text)
    inside = _find_paired_tokens(text, tokens)
    solid = [index for index, token in enumerate(tokens) if token.kind != "space"]
    for left, right in pairwise(solid):
        before, after = tokens[left], tokens[right]
        yield from _find_breaks_in_word(text, before)
        gap = text[before.end : after.start]
        rank = _rank_break(text, before, after, gap)
        yield TextBreak(after.start, _rank_quoted(rank) if inside[right] else rank)
    if solid:
        yield from _find_breaks_in_word(text, tokens[solid[-1]])


def _find_breaks_in_word(text: str, token: _Token) -> Iterator[TextBreak]:
    """Yield the places inside a word: the last resort."""
    if token.kind == "word":
        for offset in range(token.start + 1, token.end):
            shut = text[offset] in _NEVER_FIRST
            yield TextBreak(offset, BreakRank.ANYWHERE if shut else BreakRank.GRAPHEME)


def _rank_quoted(rank: BreakRank) -> BreakRank:
    if rank <= BreakRank.SENTENCE:
        return BreakRank.QUOTED_SENTENCE
    return {BreakRank.CLAUSE: BreakRank.QUOTED_CLAUSE, BreakRank.WORD: BreakRank.QUOTED_WORD}.get(
        rank, rank
    )


def _find_paired_tokens(text: str, tokens: Sequence[_Token]) -> list[bool]:
    """Return for each token whether a pair that opened before it closes at or after it."""
    inside = [False] * len(tokens)
    open_at: list[tuple[str, int]] = []
    for index, token in enumerate(tokens):
        mark = text[token.start : token.end]
        expected = [closer for closer, _ in open_at]
        if mark in expected:
            depth = len(expected) - 1 - expected[::-1].index(mark)
            first = open_at[depth][1]
            inside[first + 1 : index + 1] = [True] * (index - first)
            del open_at[depth:]
        elif mark in _PAIRS:
            open_at.append((_PAIRS[mark], index))
    return inside


def _rank_break(text: str, before: _Token, after: _Token, gap: str) -> BreakRank:
    """Return how good the place between two tokens is."""
    last, first = text[before.end - 1], text[after.start]
    if first in _NEVER_FIRST or last in _OPENERS:
        return BreakRank.ANYWHERE
    if gap.count("\n") > 1:
        return BreakRank.PARAGRAPH
    if "\n" in gap:
        return BreakRank.LINE
    if first in _DASHES and not gap:
        return BreakRank.ANYWHERE
    end = _find_word_end(text, before.end)
    if _ends_sentence(text, end, gap, first):
        # 「……。」她說: a quotation keeps whoever is named right behind it.
        return BreakRank.SENTENCE if gap or end == before.end else BreakRank.CLAUSE
    if text[end - 1] in _CLAUSE_END and (gap or not text[end - 1].isascii()):
        return BreakRank.CLAUSE
    if end == before.end and last in _DASHES:
        return BreakRank.CLAUSE
    return _rank_between_words(text, before, after, gap)


def _rank_between_words(text: str, before: _Token, after: _Token, gap: str) -> BreakRank:
    if text[before.end - 1].isdigit() and after.kind in {"han", "word"} and len(gap) < 2:
        return BreakRank.GRAPHEME  # a number and its unit
    if text[before.end - 1] in "第約近$＄€£¥" and text[after.start].isdigit():
        return BreakRank.GRAPHEME
    return BreakRank.WORD if gap or "han" in {before.kind, after.kind} else BreakRank.GRAPHEME


def _find_word_end(text: str, end: int) -> int:
    """Return the end of what stands at *end* before its closing marks."""
    while end > 1 and text[end - 1] in _CLOSERS:
        end -= 1
    return end


def _ends_sentence(text: str, end: int, gap: str, first: str) -> bool:
    last = text[end - 1]
    if last in _SENTENCE_END:
        return bool(gap) and not first.islower() if last.isascii() else True
    if last != "." or not gap or first.islower():
        return False
    word = text[max(0, end - 12) : end - 1].rsplit(None, 1)[-1:] or [""]
    bare = word[0].strip("(“‘\"'").lower()
    return bare not in _ABBREVIATIONS and not (len(bare) == 1 and bare.isalpha())


def _refine_breaks(
    text: str, start: int, end: int, places: Sequence[TextBreak], rank: int, room: PartRoom
) -> list[TextBreak]:
    """Return the places that divide text[start:end] into pieces that fit, no worse than needed."""
    piece = text[start:end].strip()
    if room.fits(piece):
        return []
    if rank > BreakRank.ANYWHERE:
        raise _make_length_error(piece, room)
    here = [place for place in places if start < place.offset < end and place.rank <= rank]
    if rank == BreakRank.WORD:
        here = _keep_between_han_words(text, start, end, here)
    cuts: list[TextBreak] = []
    position = start
    for place in here:
        cuts += [*_refine_breaks(text, position, place.offset, places, rank + 1, room), place]
        position = place.offset
    return cuts + _refine_breaks(text, position, end, places, rank + 1, room)


def _keep_between_han_words(
    text: str, start: int, end: int, here: Sequence[TextBreak]
) -> list[TextBreak]:
    """Return those of *here* that do not stand inside a Chinese word."""
    import rjieba

    words = {start + first for _, first, _ in rjieba.tokenize(text[start:end])}
    return [place for place in here if place.offset in words]


def _make_length_error(atom: str, room: PartRoom) -> DraftError:
    return DraftError(
        f"“{atom[:40]}…”" if len(atom) > 40 else f"“{atom}”",
        f"it is {room.measure(atom)} long and cannot be divided; a part holds {room.limit}",
        "Shorten it, or leave it out of the text.",
    )


def _pack_pieces(text: str, starts: Sequence[TextBreak], room: PartRoom) -> tuple[str, ...]:
    """Return the pieces that begin at *starts* joined to few, even parts.

    Lengths are added up piece by piece, which is exact but where a network sees a link across
    two pieces; then the parts are measured one by one instead.
    """
    ends = [*(place.offset for place in starts[1:]), len(text)]
    pieces = [text[place.offset : end] for place, end in zip(starts, ends, strict=True)]
    parts = _join_pieces(pieces, starts, _SummedSizes(pieces, room))
    if all(map(room.fits, parts)):
        return parts
    return _join_pieces(pieces, starts, _ExactSizes(pieces, room))


class _ExactSizes:
    """How full a part of the pieces [first, last] is, 1.0 being full: each one measured."""

    def __init__(self, pieces: Sequence[str], room: PartRoom) -> None:
        self.pieces, self.room = pieces, room

    def fill(self, first: int, last: int) -> float:
        return self.room.fill("".join(self.pieces[first : last + 1]).strip())


class _SummedSizes:
    """The same from sums of what each piece measures, with and without its trailing space."""

    def __init__(self, pieces: Sequence[str], room: PartRoom) -> None:
        self.whole = [0.0, *accumulate(room.fill(piece) for piece in pieces)]
        self.bare = [room.fill(piece.strip()) for piece in pieces]

    def fill(self, first: int, last: int) -> float:
        return self.whole[last] - self.whole[first] + self.bare[last]


def _join_pieces(
    pieces: Sequence[str], starts: Sequence[TextBreak], sizes: _ExactSizes | _SummedSizes
) -> tuple[str, ...]:
    """Return the division with the fewest parts, then the best places, then the evenest lengths.

    It is the shortest way through the pieces, each step a part.
    """
    best: list[tuple[float, float, int]] = [(0, 0, 0)]  # parts, strain, first piece of the last
    for last in range(len(pieces)):
        ways = []
        for first in range(last, -1, -1):
            fill = sizes.fill(first, last)
            if fill > 1 + _ROUNDING and first < last:
                break
            strain = starts[first].rank + 4 * fill**2
            ways.append((best[first][0] + 1, best[first][1] + strain, first))
        best.append(min(ways))
    return _walk_back(pieces, [first for *_, first in best])


def _walk_back(pieces: Sequence[str], firsts: Sequence[int]) -> tuple[str, ...]:
    parts: list[str] = []
    last = len(pieces)
    while last > 0:
        first = firsts[last]
        parts.append("".join(pieces[first:last]).strip())
        last = first
    return tuple(part for part in reversed(parts) if part)
