"""How much each sentence of a post says of what the post is about."""

import math
from collections import Counter
from collections.abc import Sequence

_K1, _B = 1.5, 0.75


def bm25(query: Sequence[str], sentences: Sequence[Sequence[str]]) -> list[float]:
    """Return the Okapi BM25 score of each of *sentences* (lists of terms) for *query*."""
    count = len(sentences)
    if not count:
        return []
    seen = Counter(term for sentence in sentences for term in set(sentence))
    mean = sum(map(len, sentences)) / count or 1.0
    weight = {t: math.log(1 + (count - seen[t] + 0.5) / (seen[t] + 0.5)) for t in set(query)}
    return [_score(Counter(sentence), len(sentence) / mean, weight) for sentence in sentences]


def _score(uses: Counter[str], length: float, weight: dict[str, float]) -> float:
    norm = _K1 * (1 - _B + _B * length)
    return sum(w * uses[t] * (_K1 + 1) / (uses[t] + norm) for t, w in weight.items() if uses[t])
