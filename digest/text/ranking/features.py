"""What the ranker sees of a sentence: named figures, most of them between 0 and 1.

How much each sentence of a post says of what the post is about.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.model import Post
from digest.text.sentences import Sentence
from digest.text.tokens import list_terms_of_units, split_units

_K1, _B = 1.5, 0.75


def score_bm25(query: Sequence[str], sentences: Sequence[Sequence[str]]) -> list[float]:
    """Return the Okapi BM25 score of each of *sentences* (lists of terms) for *query*."""
    wanted = frozenset(query)
    count = len(sentences)
    hits = [[term for term in sentence if term in wanted] for sentence in sentences]
    seen = Counter(term for found in hits for term in set(found))
    mean = sum(map(len, sentences)) / (count or 1) or 1.0
    weight = {t: math.log(1 + (count - n + 0.5) / (n + 0.5)) for t, n in seen.items()}
    return [
        _score_sentence(Counter(found), len(sentence) / mean, weight) if found else 0.0
        for found, sentence in zip(hits, sentences, strict=True)
    ]


def _score_sentence(uses: Counter[str], length: float, weight: dict[str, float]) -> float:
    norm = _K1 * (1 - _B + _B * length)
    return sum(weight[t] * n * (_K1 + 1) / (n + norm) for t, n in uses.items())


GROUPS: dict[str, tuple[str, ...]] = {
    "place": ("opening", "lead_likeness"),
    "title": ("title_share", "heading_match", "tags"),
    "centre": ("centre",),
}
NAMES: tuple[str, ...] = tuple(name for group in GROUPS.values() for name in group)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureInput:
    """A post as the features need it: its sentences, and what else its author wrote about it.

    ``texts``, ``runs`` (units) and ``terms`` run parallel to ``sentences``; ``title``, ``tags``
    and ``headings`` are units.
    """

    post: Post
    sentences: Sequence[Sentence]
    texts: Sequence[str]
    runs: Sequence[Sequence[str]]
    terms: Sequence[Sequence[str]]
    title: Sequence[str]
    tags: Sequence[Sequence[str]]
    headings: Sequence[Sequence[str]]


def build_feature_input(post: Post, sentences: Sequence[Sentence]) -> FeatureInput:
    """Return the view of *post* on *sentences*."""
    document = post.document
    texts = [document.text[s.start : s.end] for s in sentences]
    runs = [split_units(text) for text in texts]
    return FeatureInput(
        post=post,
        sentences=sentences,
        texts=texts,
        runs=runs,
        terms=[list_terms_of_units(run) for run in runs],
        title=split_units(post.title),
        tags=[split_units(tag) for tag in post.tags],
        headings=[split_units(document.of(b)) for b in document.blocks if b.kind == "heading"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceFigures:
    """What is known of the sentences; ``rows`` are in the order of ``NAMES``.

    ``central`` and ``near`` say how much of the post each holds and how near the title it is.
    """

    rows: Sequence[Sequence[float]]
    central: Sequence[float]
    near: Sequence[float]


def compute_sentence_figures(seen: FeatureInput) -> SentenceFigures:
    """Return the figures of the sentences of *seen*."""
    weights = compute_tf_idf(seen.terms)
    central = _compute_likeness(weights, sum_weights(weights))
    columns = {
        "opening": [float(s.section == seen.sentences[0].section) for s in seen.sentences],
        "lead_likeness": _compute_likeness(
            weights, sum_weights(weights[: max(3, len(weights) // 10)])
        ),
        "title_share": _compute_shares(set(seen.title), seen.runs),
        "heading_match": _score_matches([unit for one in seen.headings for unit in one], seen),
        "tags": _compute_tag_shares(seen),
        "centre": central,
    }
    ordered = (columns[name] for name in NAMES)
    return SentenceFigures(
        rows=[list(row) for row in zip(*ordered, strict=True)],
        central=central,
        near=_score_matches(seen.title, seen),
    )


def _score_matches(wanted: Sequence[str], seen: FeatureInput) -> list[float]:
    """Return how near each sentence is to *wanted* (units), where the nearest has 1."""
    scores = score_bm25(list_terms_of_units(wanted), seen.terms)
    most = max(scores, default=0.0) or 1.0
    return [score / most for score in scores]


def _compute_shares(wanted: set[str], runs: Sequence[Sequence[str]]) -> list[float]:
    return [len(wanted.intersection(run)) / (len(wanted) or 1) for run in runs]


def _compute_tag_shares(seen: FeatureInput) -> list[float]:
    tags = [tag.lower() for tag in seen.post.tags]
    folded = (text.lower() for text in seen.texts)
    return [sum(tag in text for tag in tags) / (len(tags) or 1) for text in folded]


def _compute_likeness(weights: Sequence[dict[str, float]], other: dict[str, float]) -> list[float]:
    return [compute_cosine(one, other) for one in weights]


def compute_tf_idf(sentences: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """Return the TF-IDF weights of each of *sentences*, lists of terms, scaled to length 1."""
    seen = Counter(term for sentence in sentences for term in set(sentence))
    count = len(sentences)
    idf = {term: math.log((1 + count) / (1 + n)) + 1 for term, n in seen.items()}
    return [_normalize_weights({t: n * idf[t] for t, n in Counter(s).items()}) for s in sentences]


def _normalize_weights(weights: dict[str, float]) -> dict[str, float]:
    size = math.sqrt(sum(w * w for w in weights.values())) or 1.0
    return {term: weight / size for term, weight in weights.items()}


def sum_weights(weights: Iterable[dict[str, float]]) -> dict[str, float]:
    """Return the sum of *weights*, scaled to length 1."""
    summed: dict[str, float] = {}
    for one in weights:
        for term, weight in one.items():
            summed[term] = summed.get(term, 0.0) + weight
    return _normalize_weights(summed)


def compute_cosine(one: dict[str, float], other: dict[str, float]) -> float:
    """Return the product of two weightings of length 1."""
    return sum(weight * other.get(term, 0.0) for term, weight in one.items())
