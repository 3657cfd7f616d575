"""From scored sentences to a text of bounded length: the set that says most, in reading order."""

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter, mul

from digest.text.ranking.word_model import Gram
from digest.text.sentences import Sentence
from digest.text.text_buffer import is_wide

NAMES: tuple[str, ...] = ("words", "pairs", "sentences", "count")
MOST = 4
_CANDIDATES = 26
_BEAM = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SentenceCandidate:
    """A sentence that may be chosen; ``at`` is its place in the post, ``score`` its own worth.

    ``needs`` holds the places of sentences of which it needs one to be read, the nearest first;
    its own where it stands. ``grams`` are those of size 1 and 2 that a description may have.
    """

    at: int
    sentence: Sentence
    score: float
    needs: Sequence[int]
    units: int
    grams: tuple[frozenset[Gram], frozenset[Gram]]

    @property
    def chars(self) -> int:
        """Return the length in characters."""
        return self.sentence.end - self.sentence.start


Piece = tuple[SentenceCandidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryAim:
    """What is wanted: at most ``max_chars`` characters that say what a description would.

    ``likely`` tells for grams of size 1 and 2 how likely a description has them; ``units`` how
    long it is, ``usual`` in characters; ``gap`` is what stands between two sentences.
    """

    max_chars: int
    units: float
    usual: float
    gap: int
    likely: tuple[Mapping[Gram, float], Mapping[Gram, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _SentenceSet:
    """Candidates chosen together, and what they cover so far.

    ``sums`` are those of ``_compute_sums``.
    """

    members: tuple[SentenceCandidate, ...] = ()
    covered: tuple[frozenset[Gram], frozenset[Gram]] = (frozenset(), frozenset())
    gained: tuple[float, float] = (0.0, 0.0)
    sums: tuple[int, int, float] = (0, 0, 0.0)


_GrownSet = tuple[
    float, _SentenceSet, Piece, tuple[float, float]
]  # its worth, what it grew from, and by what


def choose_sentences(
    candidates: Sequence[SentenceCandidate], aim: SummaryAim, weights: Sequence[float]
) -> tuple[SentenceCandidate, ...]:
    """Return the candidates that together make the best summary, in reading order.

    *weights* go with ``NAMES``. None needs a sentence left out, unless all do; nothing where none
    fits.
    """
    whole = build_pieces(candidates)
    fitting = [
        p for p in whole or [(c,) for c in candidates] if _count_chars(p, aim) <= aim.max_chars
    ]
    best = sorted(fitting, key=lambda piece: -piece[-1].score)[:_CANDIDATES]
    beam = [_SentenceSet()]
    found: list[_GrownSet] = []
    for _ in range(MOST):
        grown = _grow_sets(beam, best, aim, weights)
        beam = [_add_piece(one, piece, gained) for _, one, piece, gained in grown[:_BEAM]]
        found += grown[:1]
    if not found:
        return ()
    _, one, piece, _ = max(found, key=itemgetter(0))
    return tuple(sorted((*one.members, *piece), key=lambda c: c.at))


def build_pieces(candidates: Sequence[SentenceCandidate]) -> list[Piece]:
    """Return each candidate with the nearest before it that it cannot be read without.

    A piece longer than ``MOST`` sentences is none.
    """
    found: dict[int, Piece] = {}
    for candidate in candidates:
        if candidate.at in candidate.needs:
            found[candidate.at] = (candidate,)
        else:
            near = next((at for at in candidate.needs if at in found), None)
            if near is not None and len(found[near]) < MOST:
                found[candidate.at] = (*found[near], candidate)
    return list(found.values())


def _count_chars(piece: Piece, aim: SummaryAim) -> int:
    return sum(c.chars + aim.gap for c in piece) - aim.gap


def _grow_sets(
    beam: Sequence[_SentenceSet], best: Sequence[Piece], aim: SummaryAim, weights: Sequence[float]
) -> list[_GrownSet]:
    """Return the sets of *beam*, each with one more piece, the best first."""
    found: dict[frozenset[int], _GrownSet] = {}
    for one in beam:
        taken = frozenset(c.at for c in one.members)
        room = aim.max_chars - one.sums[1] - len(taken) * aim.gap
        for piece in best:
            new = _find_missing_sentences(piece, taken)
            if not new or len(taken) + len(new) > MOST or _count_chars(new, aim) > room:
                continue
            key = taken.union(c.at for c in new)
            if key not in found:
                gained = _compute_gain(one, new, aim)
                figures = _compute_figures(len(key), _compute_sums(new, one.sums), gained, aim)
                found[key] = (math.fsum(map(mul, weights, figures)), one, new, gained)
    return sorted(found.values(), key=lambda grown: -grown[0])


def _find_missing_sentences(piece: Piece, taken: Set[int]) -> Piece:
    """Return what of *piece* is to be added to sentences *taken* already: its last at least."""
    if len(piece) == 1:
        return () if piece[0].at in taken else piece
    if not taken.isdisjoint(piece[-1].needs):
        piece = piece[-1:]
    return tuple(c for c in piece if c.at not in taken)


def _compute_gain(one: _SentenceSet, piece: Piece, aim: SummaryAim) -> tuple[float, float]:
    """Return what *one* has gained with *piece*, of words and of pairs."""
    (words, pairs), (told, told_pairs) = one.gained, one.covered
    for number, candidate in enumerate(piece, 1):
        words += sum(map(aim.likely[0].__getitem__, candidate.grams[0] - told))
        pairs += sum(map(aim.likely[1].__getitem__, candidate.grams[1] - told_pairs))
        if number < len(piece):
            told, told_pairs = told | candidate.grams[0], told_pairs | candidate.grams[1]
    return words, pairs


def _add_piece(one: _SentenceSet, piece: Piece, gained: tuple[float, float]) -> _SentenceSet:
    """Return *one* with *piece*, which has *gained* so much."""
    words, pairs = one.covered
    return _SentenceSet(
        members=(*one.members, *piece),
        covered=(
            words.union(*(c.grams[0] for c in piece)),
            pairs.union(*(c.grams[1] for c in piece)),
        ),
        gained=gained,
        sums=_compute_sums(piece, one.sums),
    )


def compute_set_figures(members: Sequence[SentenceCandidate], aim: SummaryAim) -> list[float]:
    """Return what is known of *members* as a set, in the order of ``NAMES``."""
    words, pairs = (
        sum(map(likely.__getitem__, set(chain.from_iterable(c.grams[size] for c in members))))
        for size, likely in enumerate(aim.likely)
    )
    return _compute_figures(len(members), _compute_sums(members, (0, 0, 0.0)), (words, pairs), aim)


def _compute_sums(
    members: Sequence[SentenceCandidate], before: tuple[int, int, float]
) -> tuple[int, int, float]:
    """Return the units and characters of *members*, and their worth a character, after *before*."""
    units, chars, worth = before
    for one in members:
        units, chars, worth = units + one.units, chars + one.chars, worth + one.score * one.chars
    return units, chars, worth


def _compute_figures(
    count: int, sums: tuple[int, int, float], gained: tuple[float, float], aim: SummaryAim
) -> list[float]:
    """Return the expected F1 of words and of pairs, what the sentences are worth, their number."""
    units, chars, worth = sums
    half = (units + aim.units) / 2 or 1.0
    return [gained[0] / half, gained[1] / half, worth / max(aim.usual, chars), float(count)]


def join_sentences(text: str, sentences: Sequence[Sentence]) -> str:
    """Return *sentences* as one text; neighbours keep what stands between them in the source."""
    result = ""
    last: Sentence | None = None
    for sentence in sentences:
        if last and sentence.block == last.block and sentence.place == last.place + 1:
            result += text[last.end : sentence.start]
        elif last:
            result += _choose_separator(result[-1], text[sentence.start])
        result += text[sentence.start : sentence.end]
        last = sentence
    return result


def _choose_separator(before: str, after: str) -> str:
    """Return what stands between two sentences: nothing beside Han, kana and marks as wide.

    After a mark of ASCII there is a space before Han too: it was written for a script with spaces.
    """
    return "" if is_wide(before) or (is_wide(after) and not before.isascii()) else " "


def shorten_text(text: str, max_chars: int) -> str:
    """Return *text* cut to *max_chars* at a clause or word, with an ellipsis where it is cut."""
    if len(text) <= max_chars:
        return text
    if max_chars < 1:
        return ""
    cut = text[: max_chars - 1]
    clause = max(map(cut.rfind, "，、；：,;"))
    space = cut.rfind(" ")
    for end in (clause, space):
        if end >= max_chars // 2:
            return cut[:end].rstrip() + "…"
    return cut.rstrip() + "…"
