"""The stage that reads what was picked: Picks -> Stories, through the Summarizer port."""

from collections.abc import Iterable
from dataclasses import replace

from digest.model import Digest, Pick, Post, PostCandidate, Quote, Story, Summary
from digest.model.ports.editorial import Summarizer
from digest.text.tokens import estimate_minutes, scale_max_chars


def summarize_picks(
    picks: Iterable[Pick], summarizer: Summarizer, edition: Digest
) -> tuple[Story, ...]:
    """Return a story for every pick, in the order of *picks*.

    A quotation that is not verbatim in its post is dropped, whoever found it.
    """
    return tuple(_tell_story(pick, summarizer, edition) for pick in picks)


def _tell_story(pick: Pick, summarizer: Summarizer, edition: Digest) -> Story:
    text = pick.post.document.text
    most = _find_room(pick.post, edition)
    read = summarizer.read(pick.post, max_chars=most, prefer=edition.prefer)
    reading = Summary(
        summary=read.summary,
        summary_from=read.summary_from,
        quotes=tuple(quote for quote in read.quotes if is_verbatim(quote, text)),
        points=read.points,
    )
    return Story(pick=pick, reading=reading, minutes=estimate_minutes(text))


def study_candidates(
    candidates: Iterable[PostCandidate],
    stories: Iterable[Story],
    summarizer: Summarizer,
    edition: Digest,
) -> tuple[PostCandidate, ...]:
    """Return *candidates*, those that *stories* tell with what their readings were chosen from."""
    posts = {story.post.id: story.post for story in stories}

    def studied(candidate: PostCandidate) -> PostCandidate:
        post = posts.get(candidate.post)
        if post is None:
            return candidate
        made = summarizer.study(post, max_chars=_find_room(post, edition), prefer=edition.prefer)
        return replace(candidate, sentences=made.sentences, quotes=made.quotes)

    return tuple(studied(candidate) for candidate in candidates)


def _find_room(post: Post, edition: Digest) -> int:
    """Return how many characters the summary of *post* may have."""
    return scale_max_chars(post.document.text or post.abstract, edition.max_chars)


def is_verbatim(quote: Quote, text: str) -> bool:
    """Tell whether *quote* stands in *text*, character by character, where it says it does."""
    return bool(quote.text) and text[quote.start : quote.end] == quote.text
