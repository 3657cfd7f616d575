"""Stories -> Issue: sections, pull-quote, subject and preheader. Pure.

The lead stands alone in the first, untitled section; the other stories stand by category, in the
order the curator gave them.
"""

from collections.abc import Sequence

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
from digest.titling import headline, preheader, subject

PULL_QUOTE_CHARS = range(10, 141)


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
        headline=headline(stories, selection.themes, period, words),
        intro=_intro(stories, len(stories) + len(selection.also), words),
        sections=_sections(stories, words),
        pull_quote=pull_quote(stories, edition.language),
        also=_also(stories, selection),
        skipped=selection.skipped,
        themes=selection.themes,
        notes=tuple(n for n in edition.notes if n.issue in ("", f"{edition.name}-{period.label}")),
        fates=_fates(stories, selection, posts),
    )


def _intro(stories: Sequence[Story], total: int, words: Catalogue) -> str:
    minutes = sum(story.minutes for story in stories)
    time = words.ngettext("about {n} minute of reading", "about {n} minutes of reading", minutes)
    if total <= len(stories):
        return words.ngettext("{n} story, {time}.", "{n} stories, {time}.", len(stories), time=time)
    return words.ngettext(
        "{n} story out of {total} new posts, {time}.",
        "{n} stories out of {total} new posts, {time}.",
        len(stories),
        total=words.number(total),
        time=time,
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
    one that the summary does not hold before one that readers would meet twice, and one in the
    issue's own *language* before a stronger one in another.
    """
    shown = [
        (
            displayable(quote),
            _fresh(quote, story),
            _speaks(quote, language),
            quote.score,
            -place,
            story,
            quote,
        )
        for place, story in enumerate(stories)
        for quote in story.reading.quotes
        if quote.speech and quote.speaker and len(quote.text) in PULL_QUOTE_CHARS
    ]
    if not shown:
        return None
    *_, story, quote = max(shown, key=lambda one: one[:5])
    return PullQuote(quote=quote, url=story.post.url, title=story.post.title)


def _fresh(quote: Quote, story: Story) -> bool:
    """Return whether the summary of *story* does not hold *quote* already."""
    return quote.text not in story.reading.summary


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
