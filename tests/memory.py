"""The ports ``Feeds`` and ``Posts`` in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from digest.model import About, Period, Post, Validators


@dataclass
class Memory:
    """Keeps what a store would; ``commits`` counts its transactions."""

    posts: dict[str, Post] = field(default_factory=dict)
    commits: int = 0
    _validators: dict[str, Validators] = field(default_factory=dict)
    _about: dict[str, About] = field(default_factory=dict)

    def validators(self, source: str) -> Validators:
        return self._validators.get(source, Validators())

    def about(self, source: str) -> About:
        return self._about.get(source, About())

    def commit(
        self,
        source: str,
        posts: Sequence[Post],
        validators: Validators | None = None,
        about: About | None = None,
    ) -> None:
        self.commits += 1
        self.posts |= {post.id: post for post in posts}
        if validators is not None:
            self._validators[source] = validators
        if about is not None:
            self._about[source] = about

    def known(self, source: str) -> Mapping[str, Post]:
        return {key: post for key, post in self.posts.items() if post.source == source}

    def within(self, sources: Sequence[str], period: Period) -> tuple[Post, ...]:
        found = (p for p in self.posts.values() if p.source in sources)
        return tuple(p for p in found if (p.new_at or p.published) in period)
