"""The built-in summarizer: the post's own sentences, chosen without a network."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from digest.config import validation
from digest.model import DetailedSummary, Post, Summary, SummaryFrom
from digest.model.ports.editorial import Summarizer
from digest.text import sentences
from digest.text.attribution import speakers
from digest.text.ranking import pull_quotes, scoring, selection, weights
from digest.text.ranking.scoring import WeighedLayout
from digest.text.ranking.weights import ExtractModel

MAKES: tuple[SummaryFrom, ...] = ("author", "extract")  # where a summary may come from
_STUDIED = 12  # sentences and quotations of a post whose figures are kept


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[summarizers.extract]``: ``model`` is a file that ``digest train`` wrote."""

    model: str = ""


def build(options: Mapping[str, object]) -> Summarizer:
    """Return the summarizer; ConfigError where an option or the file it names is wrong."""
    own = validation.read_options(Options, options, "summarizers", "extract")
    return Extract(
        model=weights.load_model(Path(own.model)) if own.model else weights.load_shipped_model()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Summaries, key points and quotations that stand verbatim in the post."""

    model: ExtractModel

    @property
    def version(self) -> str:
        """Return its name and a mark of the weights that it reads by: others have another one."""
        return f"extract {weights.fingerprint_weights(self.model, pull_quotes.WEIGHTS)}"

    def read(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> Summary:
        """Return the reading of *post*; the summary has at most *max_chars* characters.

        The author's abstract comes first unless *prefer* is "extract"; one that is too long is
        cut at a sentence. Where the post has no text, the abstract is what there is.
        """
        return self.study(post, max_chars=max_chars, prefer=prefer).reading

    def study(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> DetailedSummary:
        """Return the reading of *post* with the best sentences and quotations it was made from."""
        weighed = scoring.weigh_layout(scoring.lay_out(post, max_chars), self.model)
        summary, came_from = self._summary(post, weighed, max_chars, prefer)
        quotes = speakers.attribute_quotes(post)
        reading = Summary(
            summary=summary,
            summary_from=came_from,
            quotes=pull_quotes.rank_quotes(post, weighed.pairs, quotes),
            points=scoring.choose_points(weighed),
        )
        return DetailedSummary(
            reading=reading,
            sentences=scoring.list_best_sentences(weighed, summary, _STUDIED),
            quotes=pull_quotes.weigh_quotes(post, weighed.pairs, quotes, _STUDIED),
        )

    def _summary(
        self, post: Post, weighed: WeighedLayout, max_chars: int, prefer: SummaryFrom
    ) -> tuple[str, SummaryFrom]:
        if post.abstract and prefer == "author":
            return fit_abstract(post.abstract, max_chars), "author"
        extract = self._extract(post.document.text, weighed, max_chars)
        if post.abstract and not extract:
            return fit_abstract(post.abstract, max_chars), "author"
        return extract, "extract"

    def _extract(self, text: str, weighed: WeighedLayout, max_chars: int) -> str:
        """Return the best whole sentences; the start of the text where none is short enough."""
        if max_chars < 1 or not weighed.candidates:
            return ""
        whole = scoring.make_summary(text, weighed, self.model)
        return whole or selection.shorten_text(weighed.layout.seen.texts[0], max_chars)


def fit_abstract(abstract: str, max_chars: int) -> str:
    """Return as many whole sentences of *abstract* as fit: from its start, where that fills half.

    Else the longest run of sentences that fills half and needs nothing before it; else its start,
    cut at a clause where not one sentence fits.
    """
    if len(abstract) <= max_chars:
        return abstract
    spans = sentences.split_sentences(abstract)
    runs = [
        abstract[first:end]
        for n, (first, _) in enumerate(spans)
        for _, end in spans[n:]
        if end - first <= max_chars and not (n and sentences.is_dependent(abstract[first:end]))
    ]
    opening = max((run for run in runs if abstract.startswith(run)), key=len, default="")
    for run in (opening, max(runs, key=len, default="")):
        if 2 * len(run) >= max_chars:
            return run
    return opening or selection.shorten_text(abstract, max_chars)
