"""The themes of a period: what several posts share that the blog does not always write about."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

from digest.model import Post, Theme

MOST = 8
COMMON = 0.4
ALIKE = 0.6
_FORMS = frozenset(
    {"podcast", "podcasts", "video", "videos", "interview", "interviews", "news", "newsletter"}
    | {"blog", "essay", "essays", "review", "reviews", "article", "articles", "weekly", "digest"}
    | {"general", "misc", "other", "uncategorized", "訪談", "專訪", "新聞", "週報", "影片", "文章"}
    | {"其他", "未分類", "访谈", "专访", "新闻", "周报", "视频", "インタビュー", "ニュース"}
)
_NAME = re.compile(r"[A-Z][\w.+-]*(?: (?:[A-Z0-9][\w.+-]*))*")
_FOLD = str.maketrans({"臺": "台", "　": "", " ": "", "-": "", "_": ""})


@dataclass(frozen=True, slots=True)
class Subject:
    """A theme with the posts that are about it, as indexes into the posts of the period."""

    theme: Theme
    posts: frozenset[int]


def themes(posts: Sequence[Post], before: Sequence[Post]) -> tuple[Theme, ...]:
    """Return the themes of *posts*, the most telling first; see ``subjects``."""
    return tuple(subject.theme for subject in subjects(posts, before))


def subjects(posts: Sequence[Post], before: Sequence[Post], days: int = 7) -> tuple[Subject, ...]:
    """Return the themes of *posts* with the posts on each.

    A theme has posts on two episodes at least and covers less than ``COMMON`` of a period of some
    size. Its change is against the mean of the spans of *days* in *before*, rounded, but not below
    1 for what these had at all: where the change equals the posts, the theme is new. It is None
    where *before* has less than half as many posts: too little to compare with.
    """
    named = _Names(posts)
    then = _then(named, before)
    spans = _spans(before, days)
    found = []
    for key, holders in named.holders.items():
        if not _is_theme(key, holders, named, posts):
            continue
        past = max(1, round(then[key] / spans)) if then[key] else 0
        change = len(holders) - past if 2 * len(before) >= len(posts) else None
        found.append((_weight(holders, named, past), key, frozenset(holders), change))
    found.sort(key=lambda item: (-item[0], item[1]))
    return tuple(_apart(found, named))


class _Names:
    """What the posts of a period name, by folded form: who names it and how it is written."""

    def __init__(self, posts: Sequence[Post]) -> None:
        self.holders: defaultdict[str, set[int]] = defaultdict(set)
        self.written: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.episodes = [post.episode or post.id for post in posts]
        for index, post in enumerate(posts):
            for name in _named(post):
                self.holders[fold(name)].add(index)
                self.written[fold(name)][name] += 1
        self._read_titles(posts)

    def _read_titles(self, posts: Sequence[Post]) -> None:
        names = [(key, min(forms).lower()) for key, forms in self.written.items()]
        for index, post in enumerate(posts):
            said = f"{post.title}\n{post.abstract}".lower()
            for key, name in names:
                if name in said and mentions(said, name):
                    self.holders[key].add(index)

    def spelling(self, key: str) -> str:
        return min(self.written[key].items(), key=lambda item: (-item[1], item[0]))[0]

    def spread(self, holders: Iterable[int]) -> int:
        """Return on how many episodes *holders* report."""
        return len({self.episodes[index] for index in holders})


def mentions(text: str, name: str) -> bool:
    """Tell whether *name* stands in *text* and is no part of a longer Latin word there."""
    return re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text) is not None


def fold(name: str) -> str:
    """Return the form in which two spellings of one name are equal."""
    return name.casefold().translate(_FOLD)


def _named(post: Post) -> Iterator[str]:
    yield from dict.fromkeys((*post.tags, *post.people, *_NAME.findall(post.title)))


def _then(named: _Names, before: Sequence[Post]) -> Counter[str]:
    then: Counter[str] = Counter()
    for post in before:
        mine = {fold(name) for name in _named(post)}
        then.update(mine & named.holders.keys())
    return then


def _spans(before: Sequence[Post], days: int) -> float:
    """Return how many times *days* the posts of *before* span, 1 at least."""
    moments = [post.published for post in before]
    return max(1.0, (max(moments) - min(moments)).days / days) if moments else 1.0


def _is_theme(key: str, holders: set[int], named: _Names, posts: Sequence[Post]) -> bool:
    if len(key) < 2 or key in _FORMS or key.isdecimal() or named.spread(holders) < 2:
        return False
    if len(posts) >= 5 and len(holders) > COMMON * len(posts):
        return False
    return not any(_places(key, posts[index]) for index in holders)


def _places(key: str, post: Post) -> bool:
    """Tell whether *key* is a section of the blog or the show that a post reports on."""
    return any(key in fold(name) for name in (*post.categories, post.episode_name))


def _weight(holders: set[int], named: _Names, past: int) -> float:
    return (
        named.spread(holders) * (1 + log((len(holders) + 1) / (past + 1)) / 2) + len(holders) / 100
    )


def _apart(
    found: Sequence[tuple[float, str, frozenset[int], int | None]], named: _Names
) -> Iterator[Subject]:
    """Yield the weightiest of *found*, without those that a weightier one already tells."""
    told: list[tuple[str, frozenset[int]]] = []
    for _, key, holders, change in found:
        if any(_same(key, holders, other, others) for other, others in told):
            continue
        told.append((key, holders))
        yield Subject(Theme(name=named.spelling(key), posts=len(holders), change=change), holders)
        if len(told) == MOST:
            return


def _same(key: str, holders: frozenset[int], other: str, others: frozenset[int]) -> bool:
    shared = len(holders & others)
    return key in other or other in key or shared >= ALIKE * min(len(holders), len(others))


def lookup(found: Sequence[Subject]) -> Mapping[int, list[Theme]]:
    """Return the themes of each post by its index, the most telling first."""
    mine: defaultdict[int, list[Theme]] = defaultdict(list)
    for subject in found:
        for index in subject.posts:
            mine[index].append(subject.theme)
    return mine
