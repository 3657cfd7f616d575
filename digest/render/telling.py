"""How a thread tells a story: every text in several whole forms, the fullest first.

A form is made of whole things only: sentences of the summary, a quotation with its speaker, a
title. Whoever plans takes the first form that fits.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from digest.catalogue import Catalogue
from digest.model import Edition, Issue, Quote, Story
from digest.render.split import Rank, breaks
from digest.text.line import fold, seen
from digest.text.pullquotes import displayable

QUOTE_CHARS = range(12, 141)
MOST_TITLES = 3
MOST_SENTENCES = 12  # of a summary; the rest of a longer one is no summary
THIN = 30  # a summary with fewer Han characters, or half as many words, says too little alone
_ALREADY_SAID = 0.7
_WORD = re.compile(r"[^\W\d_\u2e80-\uffff]{4,}")
_LATIN = re.compile(r"[^\W\u2e80-\uffff]+")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")  # kana too
_PING = re.compile(r"(?<![A-Za-z0-9_.&/=])[@＠#＃](?=\w)")
_HERE = "\0"
_BETWEEN = re.compile(rf"[“「『]?{_HERE}[”」』]?")
_OPEN_END = "，,、；;：:— "
_GOES_ON = re.compile(
    r"但|而且|不過|不过|所以|因為|因为|因此|然後|然后|可是|於是|于是|而是|还有|還有"
    r"|(?:and|but|so|because|or|then|also)\b",
    re.IGNORECASE,
)
_LEANS = re.compile(
    rf"{_GOES_ON.pattern}|[他她它牠這那这此其]|(?:he|she|it|they|this|that|these|those|his|her)\b",
    re.IGNORECASE,
)
_ABOUT_ITSELF = re.compile(
    r"本文|本篇|這篇文章|这篇文章|この記事|(?:this|the) (?:post|article|piece)\b", re.IGNORECASE
)
_STATEMENT = re.compile(r"[。．.!！…」』”’)）]$|[，、；,;：:]")


def quotes(story: Story) -> tuple[Quote, ...]:
    """Return the quotations of *story* that can stand by themselves, the best first.

    Whole statements by somebody named, of a length to show, and not in the summary: no question
    (an interviewer asks), no phrase, nothing that goes on from what was said before it ("But") or
    is gone on with after it.
    """
    halves = _halves(story.reading.quotes)
    return tuple(
        quote
        for quote in story.reading.quotes
        if quote.speech and displayable(quote) and len(quote.text) in QUOTE_CHARS
        if quote not in halves and _is_statement(quote.text)
        if not _repeats(quote.text, story.reading.summary)
    )


def _halves(quotes: Sequence[Quote]) -> set[Quote]:
    """Return the spans that make a sentence only together (“Count,” she said, “twice.”)."""
    spans = sorted((q for q in quotes if q.speech), key=lambda q: (q.utterance, q.start))
    pairs = [(a, b) for a, b in pairwise(spans) if a.utterance == b.utterance]
    return {half for a, b in pairs if a.text[-1:] in _OPEN_END for half in (a, b)}


def _repeats(said: str, summary: str) -> bool:
    """Return whether *said* tells no more than *summary* does."""
    return said in summary or (bool(_topics(said)) and _says(summary, said))


def _is_statement(text: str) -> bool:
    said = text.strip()
    asks_or_goes_on = said.endswith(("？", "?")) or _GOES_ON.match(said)
    return not asks_or_goes_on and bool(_STATEMENT.search(said))


def words_of(quote: Quote) -> str:
    """Return what was said, without the comma that led on to "he said"."""
    return quote.text.rstrip(_OPEN_END)


def points(story: Story) -> tuple[str, ...]:
    """Return the points of *story* that can stand by themselves: none that leans on another."""
    return tuple(point for point in story.reading.points if not _LEANS.match(point))


def best_quote(story: Story, issue: Issue) -> Quote | None:
    """Return the quotation to show of *story*: the issue's own, the editor's, or the best."""
    shown = issue.pull_quote
    chosen = [shown.quote] if shown and shown.url == story.post.url else []
    if "quote" in story.edited:
        chosen += story.reading.quotes[:1]
    said = (quote for quote in chosen if quote.speaker and fold(words_of(quote)))
    return next(said, None) or next(iter(quotes(story)), None)


def spoken(quote: Quote, words: Catalogue) -> str:
    """Return *quote* with its speaker on a line below."""
    marked = _marked(words.gettext("“{quote}”", quote=_HERE), quote)
    return f"{marked}\n{words.gettext('— {name}', name=quote.speaker)}"


def _named(quote: Quote, words: Catalogue) -> str:
    """Return *quote* behind its speaker."""
    named = words.gettext("{name}: “{quote}”", name=quote.speaker, quote=_HERE)
    return _marked(named, quote)


def _marked(wording: str, quote: Quote) -> str:
    """Return *wording* with *quote* in it, between the marks of the quotation's own language.

    Those are 「」, or 『』 around a text with 「」 in it, where it holds Han characters, else “”.
    """
    said = words_of(quote)
    marks = "“”" if not _HAN.search(said) else "『』" if "「" in said else "「」"
    return _BETWEEN.sub(lambda _: f"{marks[0]}{said}{marks[1]}", wording)


def hooks(issue: Issue, lead: Story, count: int, words: Catalogue) -> Iterator[str]:
    """Yield what may open a thread of *count* stories: the lead, told so that it stands alone."""
    frame = _frame(issue.edition, count, words) if count > 1 else ""
    for told in _openings(lead):
        yield f"{told}\n\n{frame}".strip()
    yield from _openings(lead)


def tellings(story: Story, quote: Quote | None, words: Catalogue, *, led: bool) -> Iterator[str]:
    """Yield what may tell *story* in one part; *led* puts the quotation before the summary."""
    openings = tuple(_openings(story))
    if quote:
        said = spoken(quote, words)
        named = _named(quote, words)
        if led and not _wants_title(story):
            yield from (f"{said}\n\n{told}" for told in openings)
        else:
            yield f"{openings[0]}\n\n{named}"
    yield from openings


def leftovers(stories: Sequence[Story], words: Catalogue) -> Iterator[str]:
    """Yield what names the *stories* that got no part: three titles, two, one, none."""
    titles = [words.gettext("“{title}”", title=story.post.title) for story in stories]
    for many in range(min(MOST_TITLES, len(titles)), 0, -1):
        listed = words.gettext(", ").join(titles[:many])
        yield words.gettext("Also in this issue: {titles}.", titles=listed)
    yield ""


def invitation(count: int, whole: bool, words: Catalogue) -> str:
    """Return the line above the link: to all *count* stories if *whole*, else to the lead."""
    if whole or count == 1:
        return words.ngettext("The full story:", "All {n} stories in full:", count)
    return words.gettext("Start reading here:")


def _frame(edition: Edition, count: int, words: Catalogue) -> str:
    if not edition.title:
        return words.ngettext(
            "{n} story this time, starting here.", "{n} stories this time, starting here.", count
        )
    return words.ngettext(
        "{n} story from {title}, starting here.",
        "{n} stories from {title}, starting here.",
        count,
        title=edition.title,
    )


def _openings(story: Story) -> Iterator[str]:
    """Yield the summary, all of it and ever fewer of its sentences, then the title alone.

    The title joins a summary that says too little without it: above an extract that does not say
    what it is about, below one of a few words.
    """
    title, summary = _line(story.post.title), _line(story.reading.summary)
    for told in _beginnings(summary):
        if _wants_title(story):
            yield f"{title}\n\n{told}".strip()
        elif told == summary and _is_thin(summary) and not _says(summary, title):
            yield f"{told}\n\n{title}".strip()
    yield from _beginnings(summary)
    yield title


def _line(text: str) -> str:
    """Return *text* in one line, as a reader sees it."""
    return " ".join(seen(text).split())


def harmless(text: str) -> str:
    """Return *text* as a reader sees it, so that no network finds a mention or hashtag in it.

    Whom a title or a quotation names did not ask to be told of it. The word joiner (U+2060) parts
    the mark from the name and cannot be seen.
    """
    return _PING.sub("\\g<0>\u2060", seen(text))


def _beginnings(text: str) -> Iterator[str]:
    """Yield *text* and ever fewer of its first sentences, verbatim.

    A last sentence that only speaks of the article ("This post explains ...") is left out.
    """
    cuts = [place.offset for place in breaks(text) if place.rank <= Rank.SENTENCE]
    if len(cuts) >= MOST_SENTENCES:
        text, cuts = text[: cuts[MOST_SENTENCES - 1]].strip(), cuts[: MOST_SENTENCES - 1]
    while cuts and _ABOUT_ITSELF.match(text, cuts[-1]):
        text = text[: cuts.pop()].strip()
    yield from (text[:end].strip() for end in reversed([*cuts, len(text)]) if end)


def _wants_title(story: Story) -> bool:
    """Return whether the summary breaks off, or is an extract that does not say the title."""
    summary = story.reading.summary.rstrip()
    extract = story.reading.summary_from == "extract" and bool(summary)
    return summary.endswith(("…", "...")) or (extract and not _says(summary, story.post.title))


def _is_thin(text: str) -> bool:
    return sum(map(len, _HAN.findall(text))) + 2 * len(_LATIN.findall(text)) < THIN


def _says(text: str, title: str) -> bool:
    topics = _topics(title)
    return not topics or len(topics & _topics(text)) >= _ALREADY_SAID * len(topics)


def _topics(text: str) -> set[str]:
    """Return the longer Latin words of *text* and the pairs of its Han characters."""
    words = {word.casefold() for word in _WORD.findall(text)}
    return words | {a + b for a, b in pairwise(text) if _HAN.fullmatch(a + b)}
