"""The built-in summarizer: the post's own sentences, chosen without a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.errors import ConfigError
from digest.model import Post, Quote, Reading, SummaryFrom
from digest.ports import Summarizer
from digest.text import boilerplate, choosing, ranking, sentences, speakers
from digest.text.sentences import Sentence

_POINTS = 3


def build(options: Mapping[str, str]) -> Summarizer:
    """Return the summarizer; it takes no options yet."""
    if options:
        raise ConfigError(
            f"option {next(iter(options))!r} of summarizer extract", "is not known", "Remove it."
        )
    return Extract()


@dataclass(frozen=True, slots=True)
class Extract:
    """Summaries, key points and quotations that stand verbatim in the post."""

    def read(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> Reading:
        """Return the reading of *post*; the summary has at most *max_chars* characters.

        The author's abstract comes first unless *prefer* is "extract"; one that is too long is
        cut at a sentence. Where the post has no text, the abstract is what there is.
        """
        scored = _scored(post)
        summary, came_from = _summary(post, scored, max_chars, prefer)
        return Reading(
            summary=summary,
            summary_from=came_from,
            quotes=_best_first(speakers.read(post)),
            points=_points(post, scored, max_chars),
        )


def _scored(post: Post) -> list[tuple[Sentence, float]]:
    text = post.document.text
    found = [
        s for s in sentences.of(post.document) if not boilerplate.about_page(text[s.start : s.end])
    ]
    scores = ranking.rank(post.title, [text[s.start : s.end] for s in found])
    return list(zip(found, scores, strict=True))


def _summary(
    post: Post, scored: Sequence[tuple[Sentence, float]], max_chars: int, prefer: SummaryFrom
) -> tuple[str, SummaryFrom]:
    extract = _extract(post.document.text, scored, max_chars)
    if post.abstract and (prefer == "author" or not extract):
        return _fitted(post.abstract, max_chars), "author"
    return extract, "extract"


def _extract(text: str, scored: Sequence[tuple[Sentence, float]], max_chars: int) -> str:
    """Return the best whole sentences; the start of the text where none is short enough."""
    usable = [
        (s, score) for s, score in scored if not boilerplate.hangs(text[s.start : s.end])
    ] or list(scored)
    chosen = choosing.fill(text, [s for s, _ in usable], [v for _, v in usable], max_chars)
    if not chosen and scored:
        first = scored[0][0]
        return choosing.shorten(text[first.start : first.end], max_chars)
    return choosing.join(text, chosen)


def _fitted(abstract: str, max_chars: int) -> str:
    """Return as many whole sentences of *abstract* as fit; of a long first one, its start."""
    if len(abstract) <= max_chars:
        return abstract
    fitting = [end for _, end in sentences.split(abstract) if end <= max_chars]
    return abstract[: fitting[-1]] if fitting else choosing.shorten(abstract, max_chars)


def _points(
    post: Post, scored: Sequence[tuple[Sentence, float]], max_chars: int
) -> tuple[str, ...]:
    text = post.document.text
    best = sorted(scored, key=lambda pair: -pair[1])[:_POINTS]
    inside = [s for s, _ in best if s.end - s.start <= max_chars]
    return tuple(text[s.start : s.end] for s in sorted(inside, key=lambda s: s.start))


def _best_first(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    return tuple(sorted(quotes, key=lambda quote: (not quote.speech, quote.start)))
