"""The built-in summarizer: the post's own sentences, chosen without a network."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from digest.errors import ConfigError
from digest.model import Post, Reading, Study, SummaryFrom
from digest.ports import Summarizer
from digest.text import boilerplate, choosing, extracting, pullquotes, sentences, speakers, weights
from digest.text.extracting import Weighed
from digest.text.weights import Model

_STUDIED = 12  # sentences and quotations of a post whose figures are kept


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

    @property
    def version(self) -> str:
        """Return its name and a mark of the weights that it reads by: others have another one."""
        return f"extract {weights.mark(self.model, pullquotes.WEIGHTS)}"

    def read(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> Reading:
        """Return the reading of *post*; the summary has at most *max_chars* characters.

        The author's abstract comes first unless *prefer* is "extract"; one that is too long is
        cut at a sentence. Where the post has no text, the abstract is what there is.
        """
        return self.study(post, max_chars=max_chars, prefer=prefer).reading

    def study(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> Study:
        """Return the reading of *post* with the best sentences and quotations it was made from."""
        weighed = extracting.weigh(extracting.lay_out(post, max_chars), self.model)
        summary, came_from = self._summary(post, weighed, max_chars, prefer)
        quotes = speakers.read(post)
        reading = Reading(
            summary=summary,
            summary_from=came_from,
            quotes=pullquotes.best_first(post, weighed.pairs, quotes),
            points=extracting.points(weighed),
        )
        return Study(
            reading=reading,
            sentences=extracting.strongest(weighed, summary, _STUDIED),
            quotes=pullquotes.weigh(post, weighed.pairs, quotes, _STUDIED),
        )

    def strength(self, post: Post) -> float:
        """Return 0-1, how strong the post's best quotation to display is; 0 where it has none.

        Told by title, place, size and speaker alone, without weighing every word of the post.
        """
        shown = [quote for quote in speakers.read(post) if pullquotes.displayable(quote)]
        scored = pullquotes.best_first(post, {}, shown)
        return 1 / (1 + math.exp(-scored[0].score)) if scored else 0.0

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
        return whole or choosing.shorten(weighed.layout.seen.texts[0], max_chars)


def fitted(abstract: str, max_chars: int) -> str:
    """Return as many whole sentences of *abstract* as fit: from its start, where that fills half.

    Else the longest run of sentences that fills half and needs nothing before it; else its start,
    cut at a clause where not one sentence fits.
    """
    if len(abstract) <= max_chars:
        return abstract
    spans = sentences.split(abstract)
    runs = [
        abstract[first:end]
        for n, (first, _) in enumerate(spans)
        for _, end in spans[n:]
        if end - first <= max_chars and not (n and boilerplate.hangs(abstract[first:end]))
    ]
    opening = max((run for run in runs if abstract.startswith(run)), key=len, default="")
    for run in (opening, max(runs, key=len, default="")):
        if 2 * len(run) >= max_chars:
            return run
    return opening or choosing.shorten(abstract, max_chars)
