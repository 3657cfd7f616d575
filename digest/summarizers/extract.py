"""The built-in summarizer: the post's own sentences, chosen without a network."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from digest.errors import ConfigError
from digest.model import Post, Reading, SummaryFrom
from digest.ports import Summarizer
from digest.text import choosing, extracting, pullquotes, sentences, speakers, weights
from digest.text.extracting import Weighed
from digest.text.weights import Model


def build(options: Mapping[str, str]) -> Summarizer:
    """Return the summarizer; the option ``model`` names a file that ``digest train`` wrote."""
    unknown = sorted(set(options) - {"model"})
    if unknown:
        raise ConfigError(
            f"option {unknown[0]!r} of summarizer extract", "is not known", "Use model, or none."
        )
    path = options.get("model", "")
    return Extract(model=weights.load(Path(path)) if path else weights.shipped())


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Summaries, key points and quotations that stand verbatim in the post."""

    model: Model

    def read(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> Reading:
        """Return the reading of *post*; the summary has at most *max_chars* characters.

        The author's abstract comes first unless *prefer* is "extract"; one that is too long is
        cut at a sentence. Where the post has no text, the abstract is what there is.
        """
        weighed = extracting.weigh(extracting.lay_out(post, max_chars), self.model)
        summary, came_from = self._summary(post, weighed, max_chars, prefer)
        return Reading(
            summary=summary,
            summary_from=came_from,
            quotes=pullquotes.best_first(post, weighed.pairs, speakers.read(post)),
            points=extracting.points(weighed),
        )

    def _summary(
        self, post: Post, weighed: Weighed, max_chars: int, prefer: SummaryFrom
    ) -> tuple[str, SummaryFrom]:
        if post.abstract and prefer == "author":
            return fitted(post.abstract, max_chars), "author"
        extract = self._extract(post.document.text, weighed, max_chars)
        if post.abstract and not extract:
            return fitted(post.abstract, max_chars), "author"
        return extract, "extract"

    def _extract(self, text: str, weighed: Weighed, max_chars: int) -> str:
        """Return the best whole sentences; the start of the text where none is short enough."""
        if max_chars < 1 or not weighed.candidates:
            return ""
        whole = extracting.summary(text, weighed, self.model)
        return whole or choosing.shorten(weighed.layout.texts[0], max_chars)


def fitted(abstract: str, max_chars: int) -> str:
    """Return as many whole sentences of *abstract* as fit; of a long first one, its start."""
    if len(abstract) <= max_chars:
        return abstract
    fitting = [end for _, end in sentences.split(abstract) if end <= max_chars]
    return abstract[: fitting[-1]] if fitting else choosing.shorten(abstract, max_chars)
