"""How likely each word of a post, and each pair of neighbours, is to be in its description."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import mul

from digest.model import Document, Post
from digest.text.sentences import Sentence
from digest.text.tokens import FUNCTION, is_han, units

Gram = str | tuple[str, str]

NAMES: tuple[str, ...] = (
    "title", "tags", "headings", "lead", "opening", "ending", "early", "relative", "repeated",
    "often", "title_often", "named", "digit", "starts_section", "function",
)  # fmt: skip
_LEAD, _OPENING = 3, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The sentences of a post as units, and what else its author wrote about it.

    ``sentences`` are lists of units; ``sections`` runs parallel and numbers their headings.
    """

    sentences: Sequence[Sequence[str]]
    sections: Sequence[int]
    title: Sequence[str]
    tags: Sequence[Sequence[str]]
    headings: Sequence[Sequence[str]]
    foreign: bool


def words(post: Post, sentences: Sequence[Sentence]) -> Words:
    """Return the words of *post* and of its *sentences*."""
    document = post.document
    found = [units(document.text[s.start : s.end]) for s in sentences]
    everything = sum(map(len, found)) or 1
    return Words(
        sentences=found,
        sections=[s.section for s in sentences],
        title=units(post.title),
        tags=[units(tag) for tag in post.tags],
        headings=[units(heading) for heading in _headings(document)],
        foreign=sum(is_han(unit) for one in found for unit in one) / everything > 1 / 3,
    )


def _headings(document: Document) -> Iterable[str]:
    return (document.of(block) for block in document.blocks if block.kind == "heading")


def grams(run: Sequence[str], size: int) -> list[Gram]:
    """Return the units of *run* (size 1) or the pairs of neighbours in it (size 2)."""
    return list(run) if size == 1 else list(pairwise(run))


def table(seen: Words, size: int) -> dict[Gram, list[float]]:
    """Return the figures of every gram of *size* in the post, in the order of ``NAMES``."""
    sentences = [grams(sentence, size) for sentence in seen.sentences]
    count = len(sentences) or 1
    first: dict[Gram, int] = {}
    for at, sentence in enumerate(sentences):
        for gram in sentence:
            first.setdefault(gram, at)
    often = Counter(gram for sentence in sentences for gram in set(sentence))
    headed = Counter(gram for heading in seen.headings for gram in set(grams(heading, size)))
    title = set(grams(seen.title, size))
    tags = {gram for tag in seen.tags for gram in grams(tag, size)}
    opens = _starts(sentences, seen.sections)
    ending = _ending(sentences, seen.sections)
    return {
        gram: [
            float(gram in title),
            float(gram in tags),
            min(headed[gram], 3) / 3,
            float(at < _LEAD),
            float(_LEAD <= at < _OPENING),
            float(gram in ending),
            1 / math.sqrt(1 + at),
            at / count,
            float(often[gram] > 1),
            math.log1p(often[gram]),
            math.log1p(often[gram]) if gram in title else 0.0,
            float(_named(gram, foreign=seen.foreign)),
            float((gram if isinstance(gram, str) else gram[0])[0].isdigit()),
            float(gram in opens),
            float(_function(gram)),
        ]
        for gram, at in first.items()
    }


def _starts(sentences: Sequence[Sequence[Gram]], sections: Sequence[int]) -> set[Gram]:
    """Return the grams of the sentences that stand first in a section."""
    heads = (
        sentence
        for at, sentence in enumerate(sentences)
        if at == 0 or sections[at] != sections[at - 1]
    )
    return {gram for sentence in heads for gram in sentence}


def _ending(sentences: Sequence[Sequence[Gram]], sections: Sequence[int]) -> set[Gram]:
    """Return the grams of the last section."""
    last = sections[-1] if sections else 0
    return {
        g for one, number in zip(sentences, sections, strict=True) if number == last for g in one
    }


def _named(gram: Gram, *, foreign: bool) -> bool:
    """Tell whether *gram* starts with a word of Latin script in a text that is written in Han."""
    return foreign and not is_han(gram if isinstance(gram, str) else gram[0])


def _function(gram: Gram) -> bool:
    if isinstance(gram, str):
        return gram in FUNCTION
    return gram[0] in FUNCTION or gram[1] in FUNCTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A logistic model of grams of one size; ``priors`` adds to single units by themselves."""

    weights: Sequence[float]
    bias: float
    priors: Mapping[str, float]

    def likely(self, figures: Mapping[Gram, Sequence[float]]) -> dict[Gram, float]:
        """Return for each gram of *figures* the probability that a description has it."""
        return {gram: self._one(gram, row) for gram, row in figures.items()}

    def _one(self, gram: Gram, row: Sequence[float]) -> float:
        prior = self.priors.get(gram, 0.0) if isinstance(gram, str) else 0.0
        score = self.bias + prior + sum(map(mul, self.weights, row))
        return 1 / (1 + math.exp(-score)) if -30 < score < 30 else float(score > 0)
