"""How alike posts are by what they say and what they are said to be about.

To compare a week of posts takes a good part of a second, and an editor at work asks for it again
with every post that is pinned or left out; so the last few comparisons are remembered, by all
that they depend on.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from digest.model import Post
from digest.text import terms

_NAMED = 3  # what stands in title, abstract, tags or people counts so many times
_Said = tuple[str, str]  # the text of a post, and what it is named


def near(posts: Sequence[Post], among: Collection[str]) -> list[Mapping[int, float]]:
    """Return for each of *posts* in *among*, ids, its likeness, 0-1, to the others that are.

    They go by their index without the rest. How telling a word is depends on all of *posts*: to
    leave one out makes the others no less alike.
    """
    found = _compared(tuple(_said(post) for post in posts))
    kept = [index for index, post in enumerate(posts) if post.id in among]
    if len(kept) == len(posts):
        return list(found)
    place = {index: n for n, index in enumerate(kept)}
    return [{place[i]: x for i, x in found[index].items() if i in place} for index in kept]


def _said(post: Post) -> _Said:
    named = " ; ".join((post.title, post.abstract, *post.tags, *post.people))
    return post.document.text[: terms.READ], named


@lru_cache(maxsize=4)
def _compared(texts: tuple[_Said, ...]) -> tuple[Mapping[int, float], ...]:
    return tuple(terms.neighbours(terms.vectors([_words(*one) for one in texts])))


def _words(text: str, named: str) -> Counter[str]:
    words = terms.counts(text)
    for word, n in terms.counts(named).items():
        words[word] += _NAMED * n
    return words
