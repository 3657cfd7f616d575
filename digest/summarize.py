"""The stage that reads what was picked: Picks -> Stories, through the Summarizer port."""

from collections.abc import Iterable, Mapping

from digest.model import Edition, Pick, Post, Quote, Reading, Story, SummaryFrom
from digest.ports import Summarizer
from digest.text.tokens import minutes


def summarize(picks: Iterable[Pick], summarizer: Summarizer, edition: Edition) -> tuple[Story, ...]:
    """Return a story for every pick, in the order of *picks*.

    A quotation that is not verbatim in its post is dropped, whoever found it.
    """
    return tuple(_story(pick, summarizer, edition) for pick in picks)


def _story(pick: Pick, summarizer: Summarizer, edition: Edition) -> Story:
    read = summarizer.read(pick.post, max_chars=edition.max_chars, prefer=edition.prefer)
    text = pick.post.document.text
    reading = Reading(
        summary=read.summary,
        summary_from=read.summary_from,
        quotes=tuple(quote for quote in read.quotes if verbatim(quote, text)),
        points=read.points,
    )
    return Story(pick=pick, reading=reading, minutes=minutes(text))


def verbatim(quote: Quote, text: str) -> bool:
    """Tell whether *quote* stands in *text*, character by character, where it says it does."""
    return bool(quote.text) and text[quote.start : quote.end] == quote.text


def row(
    name: str, post: Post, summarizer: Summarizer, *, max_chars: int, prefer: SummaryFrom
) -> dict[str, object]:
    """Return what ``digest summarize --json`` prints of the file *name*, ready for JSON."""
    reading = summarizer.read(post, max_chars=max_chars, prefer=prefer)
    return {
        "file": name,
        "summary": reading.summary,
        "summary_from": reading.summary_from,
        "points": list(reading.points),
        "quotes": [_shown(quote) for quote in reading.quotes],
        "minutes": minutes(post.document.text),
        "text": post.document.text,
    }


def _shown(quote: Quote) -> dict[str, object]:
    return {
        "text": quote.text,
        "speaker": quote.speaker,
        "speech": quote.speech,
        "start": quote.start,
        "end": quote.end,
        "utterance": quote.utterance,
        "why": quote.why,
    }


def table(row: Mapping[str, object]) -> str:
    """Return *row* as a person reads it: the file, its summary and its best three quotations."""
    quotes = row["quotes"]
    best = [q for q in quotes if q["speech"]][:3] if isinstance(quotes, list) else []
    said = [f"  “{q['text']}” — {q['speaker'] or '?'}" for q in best]
    return "\n".join([f"{row['file']}", f"  {row['summary']}", *said])
