"""A summarizer that reads each post once: what it made of a text is remembered while it runs."""

from dataclasses import dataclass, field

from digest.model import Post, Study, Summary, SummaryFrom
from digest.model.ports.editorial import Summarizer

_MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedSummarizer:
    """Meets the port ``Summarizer`` on top of another one.

    A post is known by its address and what it says, so a changed one is read again.
    """

    summarizer: Summarizer
    _studies: dict[tuple[str, ...], Study] = field(default_factory=dict)
    _strengths: dict[tuple[str, ...], float] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Return the version of the summarizer that reads."""
        return self.summarizer.version

    def read(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> Summary:
        """Return the reading of *post*; the summary has at most *max_chars* characters."""
        return self.study(post, max_chars=max_chars, prefer=prefer).reading

    def study(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> Study:
        """Return the reading of *post* with what it was made from."""
        key = (*_key(post), str(max_chars), prefer)
        if key not in self._studies:
            _bound(self._studies)
            study = self.summarizer.study(post, max_chars=max_chars, prefer=prefer)
            self._studies[key] = study
        return self._studies[key]

    def strength(self, post: Post) -> float:
        """Return 0-1, how strong the post's best quotation to display is; 0 where it has none."""
        key = _key(post)
        if key not in self._strengths:
            _bound(self._strengths)
            self._strengths[key] = self.summarizer.strength(post)
        return self._strengths[key]


def _key(post: Post) -> tuple[str, ...]:
    return post.url, post.content_hash, *post.tags, *post.people


def _bound(kept: dict[tuple[str, ...], Study] | dict[tuple[str, ...], float]) -> None:
    """Forget what is oldest, where there is much."""
    if len(kept) >= _MOST:
        del kept[next(iter(kept))]
