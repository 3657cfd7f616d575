"""How much each sentence of a post says of what the post is about."""

import math
from collections import Counter
from collections.abc import Sequence

_K1, _B = 1.5, 0.75


def bm25(query: Sequence[str], sentences: Sequence[Sequence[str]]) -> list[float]:
    """Return the Okapi BM25 score of each of *sentences* (lists of terms) for *query*."""
    wanted = frozenset(query)
    count = len(sentences)
    hits = [[term for term in sentence if term in wanted] for sentence in sentences]
    seen = Counter(term for found in hits for term in set(found))
    mean = sum(map(len, sentences)) / (count or 1) or 1.0
    weight = {t: math.log(1 + (count - n + 0.5) / (n + 0.5)) for t, n in seen.items()}
    return [
        _score(Counter(found), len(sentence) / mean, weight) if found else 0.0
        for found, sentence in zip(hits, sentences, strict=True)
    ]


def _score(uses: Counter[str], length: float, weight: dict[str, float]) -> float:
    norm = _K1 * (1 - _B + _B * length)
    return sum(weight[t] * n * (_K1 + 1) / (n + norm) for t, n in uses.items())
