"""How a thread tells a story: every text in several whole forms, the fullest first.

A form is made of whole things only: sentences of the summary, a quotation with its speaker, a
title. Whoever plans takes the first form that fits.
"""

import re
from collections.abc import Iterator, Sequence

from digest.catalogue import Catalogue, catalogue
from digest.model import Edition, Issue, Quote, Story
from digest.render.sayings import (
    HAN,
    has_nobody,
    is_about_itself,
    points,
    said,
    says,
    topics,
    words_of,
)
from digest.render.split import Rank, breaks
from digest.text.line import seen

MOST_TITLES = 3
MOST_SENTENCES = 12  # of a summary; the rest of a longer one is no summary
FRESH = 1 / 3  # a title of which its summary says less tells something of its own
NEAR = 40  # characters of the post between a point that leads to a quotation and this
SHARED = 3  # words or pairs of Han characters in both a quotation and a point on the same matter
THIN = 30  # a summary with fewer Han characters, or half as many words, says too little alone
_LATIN = re.compile(r"[^\W\u2e80-\uffff]+")
_PING = re.compile(r"(?<![A-Za-z0-9_.&/=])[@＠#＃](?=\w)")
_HERE = "\0"
_BETWEEN = re.compile(rf"[“「『]?{_HERE}[”」』]?")


def spoken(quote: Quote, words: Catalogue) -> str:
    """Return *quote* with its speaker on a line below."""
    return f"{said(quote)}\n{_words_for(quote, words).gettext('— {name}', name=quote.speaker)}"


def _named(quote: Quote, words: Catalogue) -> str:
    """Return *quote* behind its speaker, between the marks of the quotation's own language."""
    words = _words_for(quote, words)
    named = words.gettext("{name}: “{quote}”", name=quote.speaker, quote=_HERE)
    return _BETWEEN.sub(lambda _: said(quote), named)


def _words_for(quote: Quote, words: Catalogue) -> Catalogue:
    """Return the furniture around *quote*: English around Latin letters in a Chinese thread."""
    latin = words.tag != "en" and not HAN.search(words_of(quote))
    return catalogue("en", words.strings) if latin else words


def evidence(quote: Quote, story: Story, words: Catalogue) -> Iterator[str]:
    """Yield what may stand in a part of the quotation: with a point it belongs to, and alone."""
    shown = spoken(quote, words)
    told = f"{story.reading.summary}\n{words_of(quote)}"
    fresh = [point for point in points(story) if not says(told, point)]
    beside = (point for point in fresh if words_of(quote) not in point)
    yield from (f"{shown}\n\n{point}" for point in beside if _is_about(point, quote, story))
    yield shown


def _is_about(point: str, quote: Quote, story: Story) -> bool:
    """Return whether *point* leads to *quote*: it stands right before it, or tells of the same."""
    at = story.post.document.text.find(point)
    leads = at >= 0 and 0 <= quote.start - (at + len(point)) <= NEAR
    return leads or len(topics(point) & topics(words_of(quote))) >= SHARED


def hooks(issue: Issue, lead: Story, count: int, words: Catalogue) -> Iterator[str]:
    """Yield what may open a thread of *count* stories: the lead, told so that it stands alone."""
    frame = _frame(issue.edition, count, words) if count > 1 else ""
    told = tuple(_headed(lead)) if count > 1 else ()
    for opening in (*told, *_openings(lead)):
        yield f"{opening}\n\n{frame}".strip()
    yield from _openings(lead)


def _headed(lead: Story) -> Iterator[str]:
    """Yield the title over the summary, where it says what the summary does not."""
    title, summary = _line(lead.post.title), _line(lead.reading.summary)
    if not says(summary, title, FRESH) and not _wants_title(lead):
        yield from (f"{title}\n\n{told}" for told in _beginnings(summary))


def tellings(
    story: Story,
    quote: Quote | None,
    words: Catalogue,
    *,
    led: bool = False,
    kept: bool = False,
) -> Iterator[str]:
    """Yield what may tell *story* in one part; *led* puts the quotation before the summary.

    A quotation over nothing but the title is told only where it must be *kept*, and none beside
    words that hold it already.
    """
    openings = tuple(_openings(story))
    if quote:
        if led and not _wants_title(story):
            with_it = openings if kept else openings[:-1]
            fresh = (told for told in with_it if words_of(quote) not in told)
            yield from (f"{spoken(quote, words)}\n\n{told}" for told in fresh)
        elif words_of(quote) not in openings[0]:
            yield f"{openings[0]}\n\n{_named(quote, words)}"
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
    if count == 1:
        return words.gettext("The full story:")
    if whole:
        return words.ngettext("{n} story in full:", "All {n} stories in full:", count)
    return words.gettext("The story this began with:")


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
        elif told == summary and _is_thin(summary) and not says(summary, title):
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

    A last sentence that only speaks of the article ("This post explains ..."), or of what stands
    elsewhere, is left out.
    """
    cuts = [place.offset for place in breaks(text) if place.rank <= Rank.SENTENCE]
    if len(cuts) >= MOST_SENTENCES:
        text, cuts = text[: cuts[MOST_SENTENCES - 1]].strip(), cuts[: MOST_SENTENCES - 1]
    while cuts and is_about_itself(text[cuts[-1] :]):
        text = text[: cuts.pop()].strip()
    yield from (text[:end].strip() for end in reversed([*cuts, len(text)]) if end)


def _wants_title(story: Story) -> bool:
    """Return whether the summary breaks off, speaks of nobody by name, or says too little.

    That is an extract without what the title speaks of, or "he" without who that is.
    """
    summary, names = story.reading.summary.rstrip(), [*story.post.people]
    names += [quote.speaker for quote in story.reading.quotes if quote.speaker]
    if summary.endswith(("…", "...")) or has_nobody(summary, names):
        return True
    extract = story.reading.summary_from == "extract" and bool(summary)
    return extract and not says(summary, story.post.title)


def _is_thin(text: str) -> bool:
    return sum(map(len, HAN.findall(text))) + 2 * len(_LATIN.findall(text)) < THIN
