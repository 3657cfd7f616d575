"""How strong a post's best quotation is: what curation weighs beside freshness and topic."""

import math
from dataclasses import dataclass, field

from digest.model import Post
from digest.text.attribution import speakers
from digest.text.ranking import pull_quotes

_MOST = 2000


@dataclass(frozen=True, slots=True)
class PullQuoteScorer:
    """Scores each post once while the program runs; one that changed is scored again."""

    _scores: dict[tuple[str, ...], float] = field(default_factory=dict)

    def score(self, post: Post) -> float:
        """Return 0-1, how strong the post's best quotation to display is; 0 where it has none.

        Told by title, place, size and speaker alone, without weighing every word of the post.
        """
        key = (post.url, post.content_hash, *post.tags, *post.people)
        if key not in self._scores:
            if len(self._scores) >= _MOST:
                del self._scores[next(iter(self._scores))]
            self._scores[key] = _score(post)
        return self._scores[key]


def _score(post: Post) -> float:
    shown = [
        quote for quote in speakers.attribute_quotes(post) if pull_quotes.is_displayable(quote)
    ]
    scored = pull_quotes.rank_quotes(post, {}, shown)
    return 1 / (1 + math.exp(-scored[0].score)) if scored else 0.0
