"""The themes of a period: what several of its posts are about, and whether that is new.

A name comes from tags, people and the words of titles. What it is worth is measured in the texts:
how many episodes are about it, how densely they speak of it, and how much more than before.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, log2, sqrt

from digest.model import Post, Theme
from digest.text.topics import PostWords, TopicName, find_aliases, list_title_names, make_name_key

MOST = 8
COMMON = 0.4
ALIKE = 0.6
_FEW = 5
_WORD = 3
_OFTEN = 5
_DENSE = 400
_MEASURED = 200
_NO_THEME = frozenset(
    {"podcast", "podcasts", "video", "videos", "interview", "interviews", "news", "newsletter"}
    | {"blog", "essay", "essays", "review", "reviews", "article", "articles", "weekly", "digest"}
    | {"general", "misc", "other", "uncategorized", "訪談", "專訪", "新聞", "週報", "影片", "文章"}
    | {"ceo", "cto", "cfo", "coo", "founder", "president", "執行長", "创始人", "創辦人", "總裁"}
    | {"part", "guide", "introduction", "faq", "how to", "tips", "q&a", "指南", "入門", "教學"}
    | {"其他", "未分類", "访谈", "专访", "新闻", "周报", "视频", "インタビュー", "ニュース"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A theme with the posts that are about it, as indexes into the posts of the period.

    ``core`` are those that carry its name in title, tags or people.
    """

    theme: Theme
    posts: frozenset[int]
    core: frozenset[int]
    weight: float

    @property
    def rises(self) -> bool:
        """Tell whether more than half of the posts are more than there used to be."""
        return 2 * (self.theme.change or 0) > self.theme.posts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    key: str
    name: str
    posts: frozenset[int]
    core: frozenset[int]
    density: float
    rarity: float
    then: int


def find_themes(posts: Sequence[Post], before: Sequence[Post]) -> tuple[Theme, ...]:
    """Return the themes of *posts*, the most telling first; see ``find_subjects``."""
    return tuple(subject.theme for subject in find_subjects(posts, before))


def find_subjects(
    posts: Sequence[Post], before: Sequence[Post], days: int = 7
) -> tuple[Subject, ...]:
    """Return at most ``MOST`` themes of *posts*, the most telling first.

    A theme has posts on two episodes at least and covers less than ``COMMON`` of a period of some
    size. A post is about it that names it in title, abstract, tags or people, or speaks of it
    densely. The change is against the mean of the spans of *days* in *before*, rounded, but not
    below 1 for what these had at all: where the change equals the posts, the theme is new. It is
    None where *before* has less than half as many posts: too little to compare with.
    """
    period = _Period(posts, before, days)
    known = 2 * len(before) >= len(posts)
    weighed = sorted(
        ((period.weight(found), found) for found in period.found()),
        key=lambda pair: (-pair[0], pair[1].key),
    )
    return tuple(
        Subject(
            theme=Theme(
                name=found.name,
                posts=len(found.posts),
                change=len(found.posts) - period.usual(found) if known else None,
            ),
            posts=found.posts,
            core=found.core,
            weight=weight,
        )
        for weight, found in _drop_repeated(weighed)
    )


class _Period:
    """The posts of a period and those before it, in which names are looked for."""

    def __init__(self, posts: Sequence[Post], before: Sequence[Post], days: int) -> None:
        self.posts = posts
        self.episodes = [post.episode or post.id for post in posts]
        self.said = [PostWords.of(post) for post in posts]
        self.past = [(PostWords.of(post), _list_labels(post)) for post in before]
        self.spans = _count_spans(before, days)
        self.labels = [_list_labels(post) for post in posts]
        uses = Counter(
            label for labels in (*self.labels, *map(_list_labels, before)) for label in labels
        )
        self.vocabulary = {label for label, n in uses.items() if n > 1}
        self.labelled = 2 * sum(bool(post.tags) for post in posts) >= len(posts)
        self.places = [
            make_name_key(name) for post in posts for name in (*post.categories, post.episode_name)
        ]

    def found(self) -> Iterator[_Found]:
        """Yield what may be a theme."""
        most = COMMON * len(self.posts) if len(self.posts) >= _FEW else len(self.posts)
        for folded, spellings in self._names().items():
            found = self._measure(folded, spellings)
            if self._is_host(found) or self.spread(found.posts) < 2:
                continue
            if len(found.posts) <= most and found.rarity > 0:
                yield found

    def _is_host(self, found: _Found) -> bool:
        """Tell whether *found* is a person of one show alone: who hosts it is no theme."""
        shows = {self.posts[index].episode_name for index in found.posts}
        people = {make_name_key(name) for index in found.posts for name in self.posts[index].people}
        return found.key in people and len(shows) == 1 and "" not in shows

    def spread(self, posts: Iterable[int]) -> int:
        """Return on how many episodes *posts* report."""
        return len({self.episodes[index] for index in posts})

    def usual(self, found: _Found) -> int:
        """Return how many posts were on *found* in a span before; 0 only where there was none."""
        return max(1, round(found.then / self.spans)) if found.then else 0

    def weight(self, found: _Found) -> float:
        """Return how telling *found* is: its reach, its density and its rise."""
        usual = found.then * len(self.posts) / max(len(self.past), len(self.posts))
        rise = max(0.0, log((len(found.posts) + 1) / (usual + 1)))
        reach = self.spread(found.posts) + len(found.posts) / len(self.posts)
        return reach * sqrt(found.density * found.rarity) * (1 + rise / 4)

    def _names(self) -> dict[str, Counter[str]]:
        """Return by its key each name that posts on two episodes carry: how often written how."""
        carriers: defaultdict[str, set[int]] = defaultdict(set)
        written: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for index, post in enumerate(self.posts):
            labels = {*post.tags, *post.people}
            for name in labels | set(list_title_names(post.title)):
                carriers[make_name_key(name)].add(index)
                written[make_name_key(name)][name] += 2 if name in labels else 1
        for latin, han in self._aliases(written).items():
            carriers[han] |= carriers.pop(latin)
            written[han] += written.pop(latin)
        wide = [
            folded for folded in carriers if self._may_be(folded, written[folded], carriers[folded])
        ]
        wide.sort(key=lambda folded: (-self.spread(carriers[folded]), folded))
        del wide[_MEASURED:]
        return {name: written[name] for name in wide if not _is_within_longer(name, wide, carriers)}

    def _aliases(self, names: Container[str]) -> dict[str, str]:
        pairs = sorted({pair for said in self.said for pair in find_aliases(said, names)})
        return {latin: han for latin, han in pairs if latin != han and han not in dict(pairs)}

    def _may_be(self, folded: str, written: Iterable[str], carriers: set[int]) -> bool:
        named = len(folded) > 1 and folded not in _NO_THEME and not folded.isdecimal()
        wide = self.spread(carriers) > 1 and folded not in self.places
        known = folded in self.vocabulary or not self.labelled or any(map(_is_phrase, written))
        return named and wide and known

    def _measure(self, folded: str, spellings: Counter[str]) -> _Found:
        name, keys = TopicName(spellings), frozenset(map(make_name_key, spellings))
        about, core, density, mentions = set(), set(), 0.0, 0
        for index, (said, labels) in enumerate(zip(self.said, self.labels, strict=True)):
            found = said.mentions(name)
            mentions += found.body > 0
            if keys & labels or found.title:
                core.add(index)
            if index in core or found.head or _is_dense(found.body, said):
                about.add(index)
                density += max(log2(1 + found.body), float(bool(keys & labels)))
        then = sum(_is_telling(said, name, keys & labels) for said, labels in self.past)
        return _Found(
            key=folded,
            name=_choose_spelling(spellings),
            posts=frozenset(about),
            core=frozenset(core),
            density=density / max(1, len(about)),
            rarity=log(len(self.said) / mentions) if mentions else 0.0,
            then=then,
        )


def _is_within_longer(name: str, names: Iterable[str], carriers: Mapping[str, set[int]]) -> bool:
    """Tell whether *name* never stands but in a longer one."""
    return any(
        name in other and name != other and carriers[name] == carriers[other] for other in names
    )


def _is_phrase(name: str) -> bool:
    """Tell a phrase from a mere word, where the author's tags say which words are subjects."""
    return " " in name or (not name.isascii() and len(name) > _WORD)


def _is_telling(said: PostWords, name: TopicName, labelled: frozenset[str]) -> bool:
    found = said.mentions(name)
    return bool(labelled or found.head or _is_dense(found.body, said))


def _is_dense(often: int, said: PostWords) -> bool:
    return often >= _OFTEN and often * _DENSE >= len(said.body)


def _list_labels(post: Post) -> frozenset[str]:
    return frozenset(map(make_name_key, (*post.tags, *post.people)))


def _count_spans(before: Sequence[Post], days: int) -> float:
    """Return how many times *days* the posts of *before* span, 1 at least."""
    moments = [post.published for post in before]
    return max(1.0, (max(moments) - min(moments)).days / days) if moments else 1.0


def _choose_spelling(written: Counter[str]) -> str:
    return min(written.items(), key=lambda item: (-item[1], item[0]))[0]


def _drop_repeated(weighed: Sequence[tuple[float, _Found]]) -> Iterator[tuple[float, _Found]]:
    """Yield the weightiest of *weighed*, without those that a weightier one already tells."""
    told: list[_Found] = []
    for weight, found in weighed:
        if len(told) < MOST and not any(_is_same(found, other) for other in told):
            told.append(found)
            yield weight, found


def _is_same(found: _Found, other: _Found) -> bool:
    shared = len(found.posts & other.posts)
    inside = found.key in other.key or other.key in found.key
    return inside or shared >= ALIKE * min(len(found.posts), len(other.posts))


def index_by_post(found: Sequence[Subject]) -> Mapping[int, list[Subject]]:
    """Return the themes that each post, by its index, is at the core of, the most telling first."""
    mine: defaultdict[int, list[Subject]] = defaultdict(list)
    for subject in found:
        for index in subject.core:
            mine[index].append(subject)
    return mine
