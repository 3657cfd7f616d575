"""Copies: posts that say, word for word, what another post says; whole texts decide.

What posts share is no proof: parts of a series repeat their list of parts, notes are made from one
template, and an excerpt may be all navigation. So titles, dates and lengths have a say.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from unicodedata import normalize

from digest.model import Post
from digest.text import similarity

COPIED_SHARE = 0.8  # of a text that stands in the other one
_NEARLY_ALL = 0.95
_SHORT = 60  # words or characters: what says no more may be a template's
_LONG = 300  # what is longer is no template
_OF_ITS_OWN = 40  # what is worth telling by itself
_FRAME = 20  # what stands in more posts than this belongs to the blog
_NEAR = timedelta(hours=12)  # less than from one day's post to the next
_READ = 20_000
_STOP = re.compile(r"[。！？!?\n]+|\.\s+")
_SHORTEST = 8
_NOT_LETTERS = re.compile(r"[\W_]+")
_NUMBERS = re.compile(
    r"\d+|(?<![〇一二三四五六七八九十百])[〇一二三四五六七八九十百]++(?=[\s篇部回講讲集話话期章節节月日年號号）)]|\Z)"
)


def find_copies(posts: Sequence[Post]) -> Mapping[int, int]:
    """Return for each post that repeats a longer one (or an equal, earlier one) which it repeats.

    What is repeated is itself no copy. The cost is linear in the characters.
    """
    texts = [_split_long_sentences(post.document.text[:_READ]) for post in posts]
    common = Counter(sentence for text in texts for sentence in text)
    place: dict[str, list[int]] = {}
    repeats: dict[int, int] = {}
    for here in sorted(range(len(posts)), key=lambda n: (-len(posts[n].document.text), n)):
        own = [sentence for sentence in texts[here] if common[sentence] <= _FRAME]
        shared: Counter[int] = Counter()
        for sentence in own:
            for there in place.get(sentence, ()):
                shared[there] += len(sentence)
        whole = sum(map(len, own))
        original = next(
            (
                there
                for there, chars in shared.most_common()
                if is_copy(posts[here], posts[there], chars / whole)
            ),
            None,
        )
        if original is not None:
            repeats[here] = original
        else:
            for sentence in own:
                place.setdefault(sentence, []).append(here)
    return repeats


def is_copy(post: Post, other: Post, share: float) -> bool:
    """Tell whether *post* says what *other* says, where *share* of its text stands in that too."""
    if share < COPIED_SHARE or post.released or other.released:
        return False
    size = similarity.measure_text(post.document.text[:_READ])
    one_title = extract_letters(post.title) == extract_letters(other.title)
    same_words = extract_letters(post.document.text) == extract_letters(other.document.text)
    excerpt = "feed" in (post.text_from, other.text_from)
    if _differs_in_numbers(post.title, other.title):
        return same_words and size >= _SHORT
    if size < _SHORT:
        return same_words and one_title and has_near_date(post, other)
    if size < _LONG and not has_near_date(post, other):
        return same_words and (one_title or not excerpt)
    if one_title:
        return True
    if excerpt:
        return same_words and size >= _LONG
    return share >= _NEARLY_ALL or (size >= _LONG and size * (1 - share) < _OF_ITS_OWN)


def has_near_date(post: Post, other: Post) -> bool:
    """Tell whether two dates may be one in two zones, and not those of a daily column."""
    return abs(post.published - other.published) <= _NEAR


def rank_copy(post: Post) -> tuple[bool, bool, int, float]:
    """Return what to sort copies by, so that the best comes first.

    A title, a date that is believed (no later than the post was seen), the richer text, the
    earlier date.
    """
    believed = post.dated and post.published < post.first_seen
    return not post.title, not believed, -len(post.document.text), post.published.timestamp()


def extract_letters(text: str) -> str:
    """Return the letters and figures of *text* alone, in one width and case."""
    return _NOT_LETTERS.sub("", normalize("NFKC", text)).lower()


def _differs_in_numbers(title: str, other: str) -> bool:
    """Tell whether two titles count: part 2 is not part 3, nor is Monday's list Tuesday's."""
    numbers, others = (_NUMBERS.findall(normalize("NFKC", one)) for one in (title, other))
    return bool(numbers and others) and numbers != others


@lru_cache(maxsize=512)
def _split_long_sentences(text: str) -> tuple[str, ...]:
    """Return the different sentences of *text* that are long enough to tell texts apart by."""
    folded = map(extract_letters, _STOP.split(text))
    return tuple(dict.fromkeys(one for one in folded if len(one) >= _SHORTEST))
