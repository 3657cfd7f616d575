"""Near-duplicates: texts that share most of their sentences word for word."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

SHARE = 0.6
_STOP = re.compile(r"[。！？!?\n]+|\.\s+")
_SHORTEST = 8


def of(texts: Sequence[str]) -> Mapping[int, int]:
    """Return for each text that repeats a longer one (or an equal, earlier one) which it repeats.

    A text repeats another when ``SHARE`` of its characters stand in whole sentences of it. Each
    sentence counts for the longest text it stands in, so the cost is linear in the characters.
    """
    owner: dict[str, int] = {}
    repeats: dict[int, int] = {}
    for here in sorted(range(len(texts)), key=lambda index: (-len(texts[index]), index)):
        shared: Counter[int] = Counter()
        total = 0
        for sentence in _sentences(texts[here]):
            total += len(sentence)
            first = owner.setdefault(sentence, here)
            if first != here:
                shared[repeats.get(first, first)] += len(sentence)
        if shared:
            other, common = shared.most_common(1)[0]
            if common >= SHARE * total:
                repeats[here] = other
    return repeats


@lru_cache(maxsize=512)
def _sentences(text: str) -> tuple[str, ...]:
    folded = ("".join(sentence.split()).casefold() for sentence in _STOP.split(text))
    return tuple(sentence for sentence in folded if len(sentence) >= _SHORTEST)
