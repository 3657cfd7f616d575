"""The ports ``Feeds`` and ``Posts`` in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from digest.model import HELD_TIME, CacheValidators, FeedInfo, FeedState, Period, Post, Version
from digest.text.post_identity import list_post_keys, make_link_key


@dataclass
class Memory:
    """Keeps what a store would; ``commits`` counts its transactions."""

    posts: dict[str, Post] = field(default_factory=dict)
    commits: int = 0
    _validators: dict[str, CacheValidators] = field(default_factory=dict)
    _standing: dict[str, FeedState] = field(default_factory=dict)
    _about: dict[str, FeedInfo] = field(default_factory=dict)

    def validators(self, source: str) -> CacheValidators:
        return self._validators.get(source, CacheValidators())

    def about(self, source: str) -> FeedInfo:
        return self._about.get(source, FeedInfo())

    def commit(
        self,
        source: str,
        posts: Sequence[Post],
        validators: CacheValidators | None = None,
        about: FeedInfo | None = None,
        standing: FeedState | None = None,
    ) -> None:
        self.commits += bool(posts or validators or about)
        if standing is not None:
            self._standing[source] = standing
        self.posts |= {post.id: post for post in posts}
        if validators is not None:
            self._validators[source] = validators
        if about is not None:
            self._about[source] = about

    def names(self) -> tuple[str, ...]:
        return tuple(self._standing)

    def rename(self, old: str, new: str) -> None:
        self.posts |= {p.id: replace(p, source=new) for p in self.known(old).values()}
        for kept in (self._standing, self._validators, self._about):
            if old in kept:
                kept[new] = kept.pop(old)

    def standing(self, source: str) -> FeedState:
        return self._standing.get(source, FeedState())

    def count(self, source: str) -> int:
        return len(self.known(source))

    def matching(self, source: str, wanted: Collection[str]) -> Mapping[str, tuple[Post, ...]]:
        found: dict[str, tuple[Post, ...]] = {}
        for post in self.known(source).values():
            for key in {*list_post_keys(post)} & {*wanted}:
                found[key] = (*found.get(key, ()), post)
        return found

    def known(self, source: str) -> Mapping[str, Post]:
        return {key: post for key, post in self.posts.items() if post.source == source}

    def whole(self, names: Collection[str]) -> tuple[Post, ...]:
        return tuple(self.posts[name] for name in names if name in self.posts)

    def held(self, source: str) -> tuple[Post, ...]:
        return tuple(post for post in self.known(source).values() if post.new_at == HELD_TIME)

    def newest(
        self, source: str = "", *, held: bool = False, most: int = 50
    ) -> tuple[int, tuple[Post, ...]]:
        found = [p for p in self.posts.values() if source in ("", p.source)]
        found = [p for p in found if not held or p.new_at == HELD_TIME]
        found.sort(key=lambda post: post.published, reverse=True)
        return len(found), tuple(found[:most])

    def versions(self, url: str) -> tuple[tuple[Post, tuple[Version, ...]], ...]:
        key = make_link_key(url)
        return tuple((post, ()) for post in self.posts.values() if make_link_key(post.url) == key)

    def within(self, sources: Sequence[str], period: Period) -> tuple[Post, ...]:
        found = (p for p in self.posts.values() if p.source in sources)
        return tuple(p for p in found if (p.new_at or p.published) in period)

    def undecided(
        self, sources: Sequence[str], since: datetime, until: datetime, edition: str, besides: str
    ) -> tuple[Post, ...]:
        found = (p for p in self.posts.values() if p.source in sources)
        return tuple(p for p in found if since <= (p.new_at or p.published) and p.published < until)
