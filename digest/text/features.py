"""What the ranker sees of a sentence: named figures, most of them between 0 and 1."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.model import Post
from digest.text.ranking import bm25
from digest.text.sentences import Sentence
from digest.text.tokens import terms, units

GROUPS: dict[str, tuple[str, ...]] = {
    "place": (
        "early", "first", "opening", "relative", "starts_block", "starts_section", "last_section",
        "ending",
    ),
    "title": ("title_match", "title_share", "heading_match", "own_heading", "tags"),
    "centre": ("centre", "lead_likeness"),
}  # fmt: skip
NAMES: tuple[str, ...] = tuple(name for group in GROUPS.values() for name in group)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A post as the features need it: its sentences' texts and terms, and what they hold against.

    ``texts`` and ``terms`` run parallel to ``sentences``.
    """

    post: Post
    sentences: Sequence[Sentence]
    texts: Sequence[str]
    terms: Sequence[Sequence[str]]


def view(post: Post, sentences: Sequence[Sentence]) -> View:
    """Return the view of *post* on *sentences*."""
    texts = [post.document.text[s.start : s.end] for s in sentences]
    return View(
        post=post,
        sentences=sentences,
        texts=texts,
        terms=[terms(text) for text in texts],
    )


def table(seen: View) -> list[list[float]]:
    """Return a row of figures for each sentence, in the order of ``NAMES``."""
    if not seen.sentences:
        return []
    columns = _place(seen) | _title(seen) | _centre(seen)
    ordered = [columns[name] for name in NAMES]
    return [list(row) for row in zip(*ordered, strict=True)]


def _place(seen: View) -> dict[str, list[float]]:
    found, count = seen.sentences, len(seen.sentences)
    last = found[-1].section
    sections = [s.section for s in found]
    return {
        "early": [1 / math.sqrt(at + 1) for at in range(count)],
        "first": [float(at == 0) for at in range(count)],
        "opening": [float(s == sections[0]) for s in sections],
        "relative": [at / count for at in range(count)],
        "starts_block": [float(s.place == 0) for s in found],
        "starts_section": [
            float(at == 0 or sections[at - 1] != section) for at, section in enumerate(sections)
        ],
        "last_section": [float(s == last and last > 0) for s in sections],
        "ending": [float(count - at <= 4) for at in range(count)],
    }


def _title(seen: View) -> dict[str, list[float]]:
    document = seen.post.document
    headings = [document.of(b) for b in document.blocks if b.kind == "heading"]
    own = [set(terms(heading)) for heading in ["", *headings]]
    wanted = set(units(seen.post.title))
    tags = [tag.lower() for tag in seen.post.tags]
    return {
        "title_match": _scaled(bm25(terms(seen.post.title), seen.terms)),
        "title_share": [_share(wanted, units(text)) for text in seen.texts],
        "heading_match": _scaled(bm25(terms(" ".join(headings)), seen.terms)),
        "own_heading": [
            _share(own[s.section], words)
            for s, words in zip(seen.sentences, seen.terms, strict=True)
        ],
        "tags": [
            sum(tag in text.lower() for tag in tags) / (len(tags) or 1) for text in seen.texts
        ],
    }


def _scaled(scores: list[float]) -> list[float]:
    most = max(scores, default=0.0) or 1.0
    return [score / most for score in scores]


def _share(wanted: set[str], words: Iterable[str]) -> float:
    return len(wanted.intersection(words)) / (len(wanted) or 1)


def _centre(seen: View) -> dict[str, list[float]]:
    weights = weigh(seen.terms)
    lead = total(weights[: max(3, len(weights) // 10)])
    whole = total(weights)
    return {
        "centre": [cosine(one, whole) for one in weights],
        "lead_likeness": [cosine(one, lead) for one in weights],
    }


def weigh(sentences: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """Return the TF-IDF weights of each of *sentences*, lists of terms, scaled to length 1."""
    seen = Counter(term for sentence in sentences for term in set(sentence))
    count = len(sentences)
    idf = {term: math.log((1 + count) / (1 + n)) + 1 for term, n in seen.items()}
    return [_unit({t: n * idf[t] for t, n in Counter(s).items()}) for s in sentences]


def _unit(weights: dict[str, float]) -> dict[str, float]:
    size = math.sqrt(sum(w * w for w in weights.values())) or 1.0
    return {term: weight / size for term, weight in weights.items()}


def total(weights: Iterable[dict[str, float]]) -> dict[str, float]:
    """Return the sum of *weights*, scaled to length 1."""
    summed: dict[str, float] = {}
    for one in weights:
        for term, weight in one.items():
            summed[term] = summed.get(term, 0.0) + weight
    return _unit(summed)


def cosine(one: dict[str, float], other: dict[str, float]) -> float:
    """Return the product of two weightings of length 1."""
    return sum(weight * other.get(term, 0.0) for term, weight in one.items())
