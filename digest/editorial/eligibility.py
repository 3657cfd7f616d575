"""What keeps a post out of an issue, whatever else there is, with the reason."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import median
from urllib.parse import urlsplit

from digest.model import NOTHING_WANTED, Placement, Post, SkippedPost
from digest.text import copies, similarity
from digest.text.localization import Catalogue

THIN = 40
_READ = 20_000
_GLANCE = 2_000
_PAGES = frozenset(
    {"about", "about-me", "about-us", "contact", "privacy", "privacy-policy", "terms", "imprint"}
    | {"impressum", "search", "archive", "archives", "sitemap", "links", "now", "uses", "404"}
    | {"subscribe", "newsletter", "tags", "categories"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is known of posts besides themselves: what became of them, and the editor's word.

    ``refused`` are the ids of posts that the filter of their source speaks against, with what it
    found. ``titles`` are those of the posts that were sifted, by address.
    """

    say: Catalogue
    fates: Mapping[str, Placement]
    pins: Collection[str]
    bans: Collection[str]
    refused: Mapping[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    def sift(
        self, posts: Sequence[Post], before: Sequence[Post]
    ) -> tuple[list[Post], list[SkippedPost]]:
        """Return those of *posts* that may be told, and the others with the reason."""
        self.titles.update({post.url: post.title for post in (*before, *posts)})
        lengths = {
            post.id: _measure_length(post.document.text[:_READ], post.abstract) for post in posts
        }
        least = _find_least_length([lengths[post.id] for post in posts if post.title.strip()])
        against = {post.id: self._against(post, lengths[post.id], least) for post in posts}
        open_ = [post for post in posts if not against[post.id]]
        against |= self._twins(open_, before)
        skipped = [
            SkippedPost(url=post.url, title=post.title, reason=against[post.id])
            for post in posts
            if against[post.id]
        ]
        return [post for post in posts if not against[post.id]], skipped

    def bars(self, post: Post) -> bool:
        """Tell whether nothing but the editor's word keeps *post* out."""
        return post.id in self.bans and not (self._told(post) or self._unfit(post, THIN, THIN))

    def _against(self, post: Post, length: int, least: int) -> str:
        say = self.say.gettext
        if post.id in self.bans:
            return say("left out by the editor")
        if self._told(post):
            return say("already in an earlier issue")
        if post.id in self.refused and post.id not in self.pins:
            return filter_reason(self.refused[post.id], self.say)
        if post.copy_of and post.id not in self.pins:
            return say(
                "the same text as “{title}”", title=self.titles.get(post.copy_of, post.copy_of)
            )
        return self._unfit(post, length, least)

    def _unfit(self, post: Post, length: int, least: int) -> str:
        """Return what of *post* itself speaks against it."""
        say = self.say.gettext
        if not post.title.strip():
            return say("no title")
        if post.id in self.pins:
            return ""
        if _is_page(post):
            return say("a page of the site, not a post")
        return say("too short ({n} words or characters)", n=length) if length < least else ""

    def _told(self, post: Post) -> bool:
        return self.fates.get(post.id) in ("featured", "listed")

    def _twins(self, posts: Sequence[Post], before: Sequence[Post]) -> dict[str, str]:
        """Return the reason against each of *posts* that says what another or a told one says."""
        told = [post for post in before if self._told(post)]
        both = [*told, *posts]
        kin: defaultdict[int, list[int]] = defaultdict(list)
        for here, there in copies.find_copies(both).items():
            kin[there].append(here)
        against = {}
        for root, others in kin.items():
            ranked = sorted(
                (root, *others),
                key=lambda i: (
                    i >= len(told),
                    not self._pinned(both[i]),
                    copies.rank_copy(both[i]),
                ),
            )
            for index in ranked[1:]:
                if index >= len(told) and not self._pinned(both[index]):
                    title = both[ranked[0]].title
                    against[both[index].id] = self.say.gettext(
                        "the same text as “{title}”", title=title
                    )
        return against

    def _pinned(self, post: Post) -> bool:
        return post.id in self.pins


def filter_reason(found: str, say: Catalogue) -> str:
    """Return why a post is left out of which the filter of its source says *found*."""
    if found == NOTHING_WANTED:
        return say.gettext("left out by the filter: it has nothing of what is wanted")
    return say.gettext("left out by the filter: {word}", word=found)


def _find_least_length(lengths: Sequence[int]) -> int:
    """Return from which length on a post can be told; lower for a blog of short notes."""
    return int(min(THIN, median(lengths) / 3)) if lengths else 0


@lru_cache(maxsize=2048)
def _measure_length(text: str, abstract: str) -> int:
    """Return the length of *text* or *abstract*; beyond a glance it does not matter."""
    glance = max(similarity.measure_text(text[:_GLANCE]), similarity.measure_text(abstract))
    return glance if glance >= THIN else max(glance, similarity.measure_text(text))


def _is_page(post: Post) -> bool:
    last = urlsplit(post.url).path.rstrip("/").rpartition("/")[2].removesuffix(".html")
    return last.lower() in _PAGES and not post.tags and not post.categories
