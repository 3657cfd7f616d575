"""What texts have in common: weighted terms of a text, and how near two texts are by them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log, sqrt

READ = 20_000
KEPT = 96
_CROWD = 256
_TERM = re.compile(r"[^\W_]")
_ALONE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")

Vector = dict[str, float]


def counts(text: str) -> Counter[str]:
    """Return how often each word stands in the first ``READ`` characters of *text*.

    Words are in lower case; single characters and punctuation say too little and are left out.
    """
    import rjieba

    words = Counter(word.lower() for word in rjieba.cut(text[:READ]))
    return Counter({word: n for word, n in words.items() if _tells(word)})


def _tells(word: str) -> bool:
    return len(word) > 1 and bool(_TERM.search(word)) and not word.isdecimal()


def vectors(texts: Sequence[Mapping[str, float]]) -> list[Vector]:
    """Return each text's ``KEPT`` weightiest terms (TF-IDF, sublinear), as vectors of length 1.

    A term of one text only likens it to no other and is left out; so is one of nearly all texts.
    """
    spread = Counter(word for text in texts for word in text)
    rarity = {word: log(len(texts) / n) for word, n in spread.items() if 1 < n < len(texts)}
    return [_unit(text, rarity) for text in texts]


def _unit(text: Mapping[str, float], rarity: Mapping[str, float]) -> Vector:
    weighed = {word: (1 + log(n)) * rarity[word] for word, n in text.items() if word in rarity}
    best = sorted(weighed.items(), key=lambda item: (-item[1], item[0]))[:KEPT]
    length = sqrt(sum(weight * weight for _, weight in best)) or 1.0
    return {word: weight / length for word, weight in best}


def neighbours(texts: Sequence[Vector]) -> list[dict[int, float]]:
    """Return for each vector the cosine to every other one it shares a term with.

    A term in more than ``_CROWD`` vectors links the first of them only: cost stays linear.
    """
    holders: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    near: list[dict[int, float]] = [{} for _ in texts]
    for here, vector in enumerate(texts):
        for word, weight in vector.items():
            known = holders[word]
            _add(near, here, weight, known)
            if len(known) < _CROWD:
                known.append((here, weight))
    return near


def _add(
    near: list[dict[int, float]], here: int, weight: float, known: Iterable[tuple[int, float]]
) -> None:
    mine = near[here]
    for there, other in known:
        cosine = mine.get(there, 0.0) + weight * other
        mine[there] = near[there][here] = cosine


def size(text: str) -> int:
    """Return how long *text* is: its Han characters and kana, and words of other scripts."""
    alone = len(_ALONE.findall(text))
    return alone + len(_ALONE.sub(" ", text).split())
