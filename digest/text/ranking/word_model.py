"""How likely each word of a post, and each pair of neighbours, is to be in its description.

Most of what is known of a gram is known of the sentences it stands in: the first and the last of
them, the most central, and the nearest to the title. So a sentence is weighed once, and a gram is
a sum of a few numbers; ``rows`` spells the same figures out for training.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from operator import mul

from digest.text.ranking.features import FeatureInput
from digest.text.tokens import FUNCTION_WORDS, stem_word

Gram = str | tuple[str, str]

FIRST: tuple[str, ...] = ("lead", "opening", "early", "relative")
LAST: tuple[str, ...] = ("ending",)
MIDDLE: tuple[str, ...] = ("central",)
NEAREST: tuple[str, ...] = ("near_title",)
WRITTEN: tuple[str, ...] = ("title", "tags", "headings", "headed")
OWN: tuple[str, ...] = ("of_title", "function", "prior")
NAMES: tuple[str, ...] = (*FIRST, *LAST, *MIDDLE, *NEAREST, *WRITTEN, *OWN, "often")
Rows = Sequence[Sequence[float]]
_LEAD, _OPENING = 3, 10
_FAR = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GramTable:
    """The grams of one size of a post, and the figures they are weighed by.

    ``first``, ``last``, ``middle`` and ``nearest`` give for each gram a sentence by its index;
    ``by_*`` the figures of that sentence. ``written`` holds the grams that also stand in title,
    tags or headings; ``often`` in how many sentences each stands; ``each`` those of each sentence.
    """

    each: Sequence[frozenset[Gram]]
    first: Mapping[Gram, int]
    last: Mapping[Gram, int]
    middle: Mapping[Gram, int]
    nearest: Mapping[Gram, int]
    by_first: Rows
    by_last: Rows
    by_middle: Rows
    by_nearest: Rows
    written: Mapping[Gram, Sequence[float]]
    title: frozenset[str]
    often: Mapping[Gram, int]

    def rows(self, priors: Mapping[str, float]) -> dict[Gram, list[float]]:
        """Return every gram's figures, in the order of ``NAMES``."""
        none = (0.0,) * len(WRITTEN)
        return {
            gram: [
                *self.by_first[at],
                *self.by_last[self.last[gram]],
                *self.by_middle[self.middle[gram]],
                *self.by_nearest[self.nearest[gram]],
                *self.written.get(gram, none),
                *self._own(gram, priors),
                math.log1p(self.often[gram]),
            ]
            for gram, at in self.first.items()
        }

    def _own(self, gram: Gram, priors: Mapping[str, float]) -> Iterable[float]:
        """Return the means of the figures of *gram*'s units."""
        parts = (gram,) if isinstance(gram, str) else gram
        known = [self.unit(part, priors) for part in parts]
        return (sum(column) / len(parts) for column in zip(*known, strict=True))

    def unit(self, unit: str, priors: Mapping[str, float]) -> tuple[float, float, float]:
        """Return the figures of a unit by itself, in the order of ``OWN``."""
        return float(unit in self.title), float(unit in FUNCTION_WORDS), priors.get(unit, 0.0)


def list_grams(run: Sequence[str], size: int) -> list[Gram]:
    """Return the units of *run* (size 1) or the pairs of neighbours in it (size 2), by stems."""
    stems = list(map(stem_word, run))
    return list(stems) if size == 1 else list(pairwise(stems))


def read_grams(
    seen: FeatureInput, size: int, central: Sequence[float], near: Sequence[float]
) -> GramTable:
    """Return the grams of *size* of a post.

    *central* and *near* say of each sentence how much of the whole post it holds and how near
    it is to the title, 0 to 1.
    """
    found = [frozenset(list_grams(run, size)) for run in seen.runs]
    forward = range(len(found))
    ending = seen.sentences[-1].section if found else 0
    return GramTable(
        each=found,
        first=_find_last_sentences(found, reversed(forward)),
        last=_find_last_sentences(found, forward),
        middle=_find_last_sentences(found, sorted(forward, key=lambda at: (central[at], -at))),
        nearest=_find_last_sentences(found, sorted(forward, key=lambda at: (near[at], -at))),
        by_first=[_compute_place_figures(at, len(found)) for at in forward],
        by_last=[(float(s.section == ending),) for s in seen.sentences],
        by_middle=[(value,) for value in central],
        by_nearest=[(value,) for value in near],
        written=_compute_written_figures(seen, size),
        title=frozenset(map(stem_word, seen.title)),
        often=Counter(chain.from_iterable(found)),
    )


def _find_last_sentences(found: Sequence[frozenset[Gram]], order: Iterable[int]) -> dict[Gram, int]:
    """Return for each gram which sentence in *order* is the last to hold it."""
    at: dict[Gram, int] = {}
    for index in order:
        at.update(dict.fromkeys(found[index], index))
    return at


def _compute_place_figures(at: int, count: int) -> tuple[float, ...]:
    """Return the figures of the sentence *at* of *count*, in the order of ``LOG_HEAD``."""
    return (
        float(at < _LEAD),
        float(_LEAD <= at < _OPENING),
        1 / math.sqrt(1 + at),
        at / count,
    )


def _compute_written_figures(seen: FeatureInput, size: int) -> dict[Gram, tuple[float, ...]]:
    """Return the grams of title, tags and headings, with figures in the order of ``WRITTEN``."""
    title = set(list_grams(seen.title, size))
    tags = {gram for tag in seen.tags for gram in list_grams(tag, size)}
    headed = Counter(gram for heading in seen.headings for gram in set(list_grams(heading, size)))
    return {
        gram: (
            float(gram in title),
            float(gram in tags),
            min(headed[gram], 3) / 3,
            float(gram in headed),
        )
        for gram in title.union(tags, headed)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class GramWeights:
    """A logistic model of grams of one size: a weight for each of ``NAMES``, and a bias.

    ``priors`` says of single units how much likelier than most descriptions take them over.
    """

    weights: Sequence[float]
    bias: float
    priors: Mapping[str, float]

    def likely(self, seen: GramTable) -> dict[Gram, float]:
        """Return for each gram of *seen* the probability that a description has it."""
        by_name = dict(zip(NAMES, self.weights, strict=True))
        first = _weigh_rows(seen.by_first, FIRST, by_name)
        last = _weigh_rows(seen.by_last, LAST, by_name)
        middle = _weigh_rows(seen.by_middle, MIDDLE, by_name)
        nearest = _weigh_rows(seen.by_nearest, NEAREST, by_name)
        written = dict(
            zip(seen.written, _weigh_rows(seen.written.values(), WRITTEN, by_name), strict=True)
        )
        often = [self.bias + by_name["often"] * math.log1p(n) for n in range(len(first) + 1)]
        alone = self._units(seen, by_name)
        scores: dict[Gram, float] = {}
        for gram, at in seen.first.items():
            own = alone[gram] if isinstance(gram, str) else (alone[gram[0]] + alone[gram[1]]) / 2
            scores[gram] = (
                first[at]
                + last[seen.last[gram]]
                + middle[seen.middle[gram]]
                + nearest[seen.nearest[gram]]
                + written.get(gram, 0.0)
                + own
                + often[seen.often[gram]]
            )
        return {
            gram: 1
            / (1 + math.exp(-score if -_FAR < score < _FAR else -math.copysign(_FAR, score)))
            for gram, score in scores.items()
        }

    def _units(self, seen: GramTable, by_name: Mapping[str, float]) -> dict[str, float]:
        """Return what the units of *seen* add by themselves: ``Grams.unit``, weighed."""
        of_title, function, prior = (by_name[name] for name in OWN)
        units = frozenset(
            unit for gram in seen.first for unit in ((gram,) if isinstance(gram, str) else gram)
        )
        alone = {unit: prior * self.priors.get(unit, 0.0) for unit in units}
        for unit in units & seen.title:
            alone[unit] += of_title
        for unit in units & FUNCTION_WORDS:
            alone[unit] += function
        return alone


def _weigh_rows(
    rows: Iterable[Sequence[float]], names: Sequence[str], by_name: Mapping[str, float]
) -> list[float]:
    """Return the weighted sum of each of *rows*, which hold the figures *names*."""
    weights = [by_name[name] for name in names]
    return [sum(map(mul, weights, row)) for row in rows]
