"""A summarizer that reads each post once: what it made of a text is remembered while it runs."""

from dataclasses import dataclass, field

from digest.model import DetailedSummary, Post, Summary, SummaryFrom
from digest.model.ports.editorial import Summarizer

_MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedSummarizer:
    """Meets the port ``Summarizer`` on top of another one.

    A post is known by its address and what it says, so a changed one is read again.
    """

    summarizer: Summarizer
    _studies: dict[tuple[str, ...], DetailedSummary] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Return the version of the summarizer that reads."""
        return self.summarizer.version

    def read(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> Summary:
        """Return the reading of *post*; the summary has at most *max_chars* characters."""
        return self.study(post, max_chars=max_chars, prefer=prefer).reading

    def study(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> DetailedSummary:
        """Return the reading of *post* with what it was made from."""
        key = (*_cache_key(post), str(max_chars), prefer)
        if key not in self._studies:
            if len(self._studies) >= _MOST:
                del self._studies[next(iter(self._studies))]
            study = self.summarizer.study(post, max_chars=max_chars, prefer=prefer)
            self._studies[key] = study
        return self._studies[key]


def _cache_key(post: Post) -> tuple[str, ...]:
    return post.url, post.content_hash, *post.tags, *post.people
