"""Stories -> Issue: sections, pull-quote, subject and preheader. Pure.

The lead stands alone in the first, untitled section; the other stories stand by category, in the
order the curator gave them. Every line of furniture is a whole sentence or a whole title: nothing
is cut to fit, a shorter whole one is taken instead.
"""

import re
from collections.abc import Sequence
from unicodedata import east_asian_width

from digest.catalogue import Catalogue, catalogue
from digest.model import (
    Edition,
    Fate,
    Issue,
    Link,
    Period,
    PullQuote,
    Quote,
    Section,
    Selection,
    Story,
)
from digest.text.pullquotes import displayable
from digest.text.script import language_of

SUBJECT_COLUMNS = 60  # what a phone's list shows is 33-41 Latin letters in one or two lines
PREHEADER_COLUMNS = 110
PULL_QUOTE_CHARS = range(10, 141)
_CLAUSE = re.compile(r"[：:｜|—–]+\s*|\s-\s")


def compose(
    stories: Sequence[Story],
    selection: Selection,
    posts: Sequence[str],
    *,
    edition: Edition,
    period: Period,
) -> Issue:
    """Return the issue of *stories*; *posts* are the ids of all, each gets its fate."""
    words = catalogue(edition.language)
    return Issue(
        id=f"{edition.name}-{period.label}",
        edition=edition,
        period=period,
        subject=subject(stories, words),
        preheader=preheader(stories, words),
        headline=words.gettext("The best of {span}", span=words.span(period, edition.timezone)),
        intro=_intro(stories, len(posts), words),
        sections=_sections(stories, words),
        pull_quote=pull_quote(stories, edition.language),
        also=_also(stories, selection),
        skipped=selection.skipped,
        themes=selection.themes,
        notes=tuple(n for n in edition.notes if n.issue in ("", f"{edition.name}-{period.label}")),
        fates=_fates(stories, selection, posts),
    )


def columns(text: str) -> int:
    """Return the columns *text* takes where a Han character takes two (UAX #11)."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def subject(stories: Sequence[Story], words: Catalogue) -> str:
    """Return the lead's title, or its longest clause that fits, and how many stories follow."""
    if not stories:
        return words.gettext("Weekly digest")
    lead, more = headline(stories[0].post.title), len(stories) - 1
    if not more:
        return lead
    whole = words.ngettext("{first}, and {n} more", "{first}, and {n} more", more, first=lead)
    return whole if columns(whole) <= SUBJECT_COLUMNS else lead


def headline(title: str, limit: int = SUBJECT_COLUMNS) -> str:
    """Return *title*, or where it is wider than *limit* columns the longest clause that fits."""
    title = " ".join(title.split())
    if columns(title) <= limit:
        return title
    clauses = [clause for clause in _CLAUSE.split(title) if 12 <= columns(clause) <= limit]
    return max(clauses, key=columns, default=title)


def preheader(stories: Sequence[Story], words: Catalogue) -> str:
    """Return the titles that follow the lead, as many whole ones as fit; else its summary."""
    titles: list[str] = []
    for story in stories[1:]:
        title = headline(story.post.title)
        if columns("; ".join([*titles, title])) > PREHEADER_COLUMNS:
            break
        titles.append(title)
    if titles:
        return words.gettext("Also: {titles}", titles=words.gettext("; ").join(titles))
    return stories[0].reading.summary if stories else ""


def _intro(stories: Sequence[Story], total: int, words: Catalogue) -> str:
    minutes = sum(story.minutes for story in stories)
    return words.ngettext(
        "{n} story out of {total} new posts, about {minutes} minutes of reading.",
        "{n} stories out of {total} new posts, about {minutes} minutes of reading.",
        len(stories),
        total=words.number(total),
        minutes=words.number(minutes),
    )


def _sections(stories: Sequence[Story], words: Catalogue) -> tuple[Section, ...]:
    if not stories:
        return ()
    lead, *others = stories
    by_category: dict[str, list[Story]] = {}
    for story in others:
        category = next(iter(story.post.categories), words.gettext("More stories"))
        by_category.setdefault(category, []).append(story)
    rest = [Section(title=name, stories=tuple(of)) for name, of in by_category.items()]
    return (Section(title="", stories=(lead,)), *rest)


def pull_quote(stories: Sequence[Story], language: str = "") -> PullQuote | None:
    """Return the strongest quotation: speech by somebody named, of a length to show.

    A whole statement comes before a question and before the first half of a thought (「……，」她說),
    and one in the issue's own *language* before a stronger one in another.
    """
    shown = [
        (displayable(quote), _speaks(quote, language), quote.score, -place, story, quote)
        for place, story in enumerate(stories)
        for quote in story.reading.quotes
        if quote.speech and quote.speaker and len(quote.text) in PULL_QUOTE_CHARS
    ]
    if not shown:
        return None
    *_, story, quote = max(shown, key=lambda one: one[:4])
    return PullQuote(quote=quote, url=story.post.url, title=story.post.title)


def _speaks(quote: Quote, language: str) -> bool:
    """Return whether *quote* is in *language*; scripts of one language count as the same."""
    return language_of(quote.text)[:2] == (language[:2].lower() or language_of(quote.text)[:2])


def _also(stories: Sequence[Story], selection: Selection) -> tuple[Link, ...]:
    """Return the listed posts, without those that stand under their story already."""
    shown = {post.id for story in stories for post in story.pick.siblings}
    listed = (post for post in selection.also if post.id not in shown)
    return tuple(Link(url=post.url, title=post.title) for post in listed)


def _fates(stories: Sequence[Story], selection: Selection, posts: Sequence[str]) -> dict[str, Fate]:
    fates: dict[str, Fate] = dict.fromkeys(posts, "skipped")
    fates |= {post.id: "listed" for post in selection.also}
    return fates | {story.post.id: "featured" for story in stories}
