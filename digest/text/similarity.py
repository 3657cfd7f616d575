"""What texts have in common: weighted terms of a text, and how near two texts are by them.

How alike posts are by what they say and what they are said to be about.

To compare a week of posts takes a good part of a second, and an editor at work asks for it again
with every post that is pinned or left out; so the last few comparisons are remembered, by all
that they depend on.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from heapq import nsmallest
from math import log, sqrt

from digest.model import Post

READ = 20_000
KEPT = 512
COMMON = 0.2
CROWD = 128
NEAREST = 400
_ALONE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")

Vector = dict[str, float]


def count_words(text: str) -> Counter[str]:
    """Return how often each word stands in the first ``READ`` characters of *text*.

    Words are in lower case; single characters and punctuation say too little and are left out.
    """
    import rjieba

    words = Counter(rjieba.cut(text[:READ].lower()))
    return Counter({word: n for word, n in words.items() if _is_telling(word)})


def _is_telling(word: str) -> bool:
    return len(word) > 1 and word[0].isalnum() and not word.isdecimal()


def build_vectors(texts: Sequence[Mapping[str, float]]) -> list[Vector]:
    """Return each text's ``KEPT`` weightiest terms (TF-IDF, sublinear), as vectors of length 1.

    A term of one text likens it to no other, one of many likens it to all; both are left out, so
    that comparing costs no more than ``KEPT * CROWD`` steps a text.
    """
    most = min(max(COMMON * len(texts), 4), CROWD, len(texts) - 1)
    spread = Counter(word for text in texts for word in text)
    rarity = {word: log(len(texts) / n) for word, n in spread.items() if 1 < n <= most}
    return [_normalize_vector(text, rarity) for text in texts]


def _normalize_vector(text: Mapping[str, float], rarity: Mapping[str, float]) -> Vector:
    weighed = {word: (1 + log(n)) * rarity[word] for word, n in text.items() if word in rarity}
    if len(weighed) > KEPT:
        weighed = dict(nsmallest(KEPT, weighed.items(), key=lambda item: (-item[1], item[0])))
    length = sqrt(sum(weight * weight for weight in weighed.values())) or 1.0
    return {word: weight / length for word, weight in weighed.items()}


def find_neighbours(texts: Sequence[Vector]) -> list[dict[int, float]]:
    """Return for each of *texts* the cosine to the ``NEAREST`` others that share terms with it."""
    holders: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for index, vector in enumerate(texts):
        for word, weight in vector.items():
            holders[word].append((index, weight))
    return [_find_nearest(index, vector, holders) for index, vector in enumerate(texts)]


def _find_nearest(
    here: int, vector: Vector, holders: Mapping[str, Sequence[tuple[int, float]]]
) -> dict[int, float]:
    near: defaultdict[int, float] = defaultdict(float)
    for word, weight in vector.items():
        for there, other in holders[word]:
            near[there] += weight * other
    near.pop(here, None)
    return dict(nsmallest(NEAREST, near.items(), key=lambda item: (-item[1], item[0])))


def measure_text(text: str) -> int:
    """Return how long *text* is: its Han characters and kana, and words of other scripts."""
    alone = len(_ALONE.findall(text))
    return alone + len(_ALONE.sub(" ", text).split())


_NAMED = 3  # what stands in title, abstract, tags or people counts so many times
_PostTexts = tuple[str, str]  # the text of a post, and what it is named


def compare_posts(posts: Sequence[Post], among: Collection[str]) -> list[Mapping[int, float]]:
    """Return for each of *posts* in *among*, ids, its likeness, 0-1, to the others that are.

    They go by their index without the rest. How telling a word is depends on all of *posts*: to
    leave one out makes the others no less alike.
    """
    found = _compare_texts(tuple(_read_post_texts(post) for post in posts))
    kept = [index for index, post in enumerate(posts) if post.id in among]
    if len(kept) == len(posts):
        return list(found)
    place = {index: n for n, index in enumerate(kept)}
    return [{place[i]: x for i, x in found[index].items() if i in place} for index in kept]


def _read_post_texts(post: Post) -> _PostTexts:
    named = " ; ".join((post.title, post.abstract, *post.tags, *post.people))
    return post.document.text[:READ], named


@lru_cache(maxsize=4)
def _compare_texts(texts: tuple[_PostTexts, ...]) -> tuple[Mapping[int, float], ...]:
    return tuple(find_neighbours(build_vectors([_count_post_words(*one) for one in texts])))


def _count_post_words(text: str, named: str) -> Counter[str]:
    words = count_words(text)
    for word, n in count_words(named).items():
        words[word] += _NAMED * n
    return words
