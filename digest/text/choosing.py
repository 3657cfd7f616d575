"""From scored sentences to a text of bounded length: the set that says most, in reading order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.text.expectation import Gram, grams
from digest.text.sentences import Sentence

NAMES: tuple[str, ...] = ("words", "pairs", "filled", "count", "sentences")
MOST = 4
_CANDIDATES = 24
_BEAM = 12
_DESCRIPTION = 0.76  # of the units that fit: how long authors' descriptions are


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A sentence that may be chosen; ``at`` is its place in the post, ``score`` its own worth.

    ``hangs``: it needs something before it; ``joins``: the very sentence before it. ``words`` and
    ``pairs`` hold the grams that a description may have, each with how likely it has it.
    """

    at: int
    sentence: Sentence
    score: float
    hangs: bool
    joins: bool
    units: int
    words: Mapping[Gram, float]
    pairs: Mapping[Gram, float]

    @property
    def chars(self) -> int:
        """Return the length in characters."""
        return self.sentence.end - self.sentence.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What is wanted: at most ``max_chars`` characters, which is about ``capacity`` units.

    ``gap`` is what stands between two sentences, in characters.
    """

    max_chars: int
    capacity: float
    gap: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Set:
    """Candidates chosen together, and what they cover so far."""

    members: tuple[Candidate, ...] = ()
    words: frozenset[Gram] = frozenset()
    pairs: frozenset[Gram] = frozenset()
    gained: tuple[float, float] = (0.0, 0.0)
    units: int = 0
    chars: int = 0


def likely_grams(run: Sequence[str], size: int, likely: Mapping[Gram, float]) -> dict[Gram, float]:
    """Return the grams of *run* with how likely a description has each."""
    return {gram: likely.get(gram, 0.0) for gram in grams(run, size)}


def choose(
    candidates: Sequence[Candidate], aim: Aim, weights: Sequence[float]
) -> tuple[Candidate, ...]:
    """Return the candidates that together make the best summary, in reading order.

    *weights* go with ``NAMES``. The first never hangs unless all do; nothing where none fits.
    """
    fitting = [c for c in candidates if c.chars <= aim.max_chars]
    best = sorted(fitting, key=lambda c: -_score(_join(_Set(), c), aim, weights))[:_CANDIDATES]
    beam = [_Set()]
    found: list[tuple[float, tuple[Candidate, ...]]] = []
    for _ in range(MOST):
        grown = _grown(beam, best, aim, weights)
        beam = [one for _, one in grown[:_BEAM]]
        found += [(score, _ordered(one)) for score, one in grown]
    standing = [one for one in found if _stands(one[1])] or found
    return max(standing, key=lambda one: one[0], default=(0.0, ()))[1]


def _stands(members: Sequence[Candidate]) -> bool:
    """Tell whether *members*, in reading order, can be read without what was left out."""
    near = {c.at + 1 for c in members}
    return not members[0].hangs and all(not c.joins or c.at in near for c in members)


def _ordered(one: _Set) -> tuple[Candidate, ...]:
    return tuple(sorted(one.members, key=lambda c: c.at))


def _grown(
    beam: Sequence[_Set], best: Sequence[Candidate], aim: Aim, weights: Sequence[float]
) -> list[tuple[float, _Set]]:
    """Return the sets of *beam*, each with one more candidate, the best first."""
    found: dict[frozenset[int], tuple[float, _Set]] = {}
    for one in beam:
        taken = {c.at for c in one.members}
        for candidate in best:
            gap = aim.gap if one.members else 0
            if candidate.at in taken or one.chars + gap + candidate.chars > aim.max_chars:
                continue
            key = frozenset(taken | {candidate.at})
            if key not in found:
                grown = _join(one, candidate, gap)
                found[key] = (_score(grown, aim, weights), grown)
    return sorted(found.values(), key=lambda pair: -pair[0])


def _join(one: _Set, candidate: Candidate, gap: int = 0) -> _Set:
    words, pairs = one.gained
    words += sum(p for gram, p in candidate.words.items() if gram not in one.words)
    pairs += sum(p for gram, p in candidate.pairs.items() if gram not in one.pairs)
    return _Set(
        members=(*one.members, candidate),
        words=one.words.union(candidate.words),
        pairs=one.pairs.union(candidate.pairs),
        gained=(words, pairs),
        units=one.units + candidate.units,
        chars=one.chars + gap + candidate.chars,
    )


def _score(one: _Set, aim: Aim, weights: Sequence[float]) -> float:
    return sum(map(float.__mul__, weights, figures(one.members, one.gained, one.units, aim)))


def figures(
    members: Sequence[Candidate], gained: tuple[float, float], size: int, aim: Aim
) -> list[float]:
    """Return what is known of a set, in the order of ``NAMES``: two expected F1 come first."""
    half = (size + _DESCRIPTION * aim.capacity) / 2 or 1.0
    chars = sum(c.chars for c in members)
    return [
        gained[0] / half,
        gained[1] / half,
        (chars / aim.max_chars) ** 2,
        float(len(members)),
        sum(c.score * c.chars for c in members) / aim.max_chars,
    ]


def join(text: str, sentences: Sequence[Sentence]) -> str:
    """Return *sentences* as one text; neighbours keep what stands between them in the source."""
    result = ""
    last: Sentence | None = None
    for sentence in sentences:
        if last and sentence.block == last.block and sentence.place == last.place + 1:
            result += text[last.end : sentence.start]
        elif last:
            result += _between(result[-1], text[sentence.start])
        result += text[sentence.start : sentence.end]
        last = sentence
    return result


def _between(before: str, after: str) -> str:
    """Return what stands between two sentences: no space where either side is wide."""
    return "" if max(before, after) >= "\u2e80" else " "


def shorten(text: str, max_chars: int) -> str:
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
