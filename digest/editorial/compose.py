"""Stories -> Issue: sections, pull-quote, and the lines it is known by. Pure.

The lines an issue is known by: subject, preheader and headline. Pure.

They complement each other and the issue's first story: the subject holds the lead's hook and a
second one, the preheader the titles that are not in it, the headline what the stories are about.
Every line is made of whole titles, or of whole clauses of them; nothing is cut inside a word.

Stories -> Issue: sections, pull-quote, subject and preheader. Pure.

The lead stands alone in the first, untitled section; the other stories stand by category, in the
order the curator gave them.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from unicodedata import east_asian_width

from digest.model import (
    Digest,
    Issue,
    Link,
    Period,
    Placement,
    PullQuote,
    Quote,
    Section,
    Selection,
    Story,
    Theme,
)
from digest.text.graphemes import split_graphemes
from digest.text.language import detect_language
from digest.text.localization import Catalogue, load_catalogue
from digest.text.ranking.pull_quotes import is_displayable

SUBJECT_COLUMNS = 60
PHONE_COLUMNS = 40  # what a phone shows of a subject in one line: 33-41 Latin letters
PREHEADER_COLUMNS = 110
HEADLINE_COLUMNS = 44
MOST_SUBJECTS = 3
_SHORTEST = 12  # columns; a clause below is a name or a label
_WORD_COLUMNS = 4  # what a Latin word counts at most there: "Computex 2025:" is a label too
_FEW = 24  # columns; a subject below says how many stories there are
_CLAUSE = re.compile(r"[：:｜|—–]+\s*|\s-\s")
_PAUSE = re.compile(r"(?<=[，、；。？！])|(?<=[,;.?!])\s")
_LATIN = re.compile(r"[^\W\u2e80-\uffff]+")
_NUMBERED = re.compile(
    r"[（(][一二三四五六七八九十百\d上中下]+[)）]|第\s?[一二三四五六七八九十百\d]+\s?[集篇回部話话章期]"
    r"|\b(?:part|episode|ep\.?|vol\.?|#)\s?\d",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[。．.!！?？…—」』”）)]$")
_PAIRS = ("「」", "『』", "（）", "()", "《》", "〈〉", "“”", "[]", "【】")


def count_columns(text: str) -> int:
    """Return the columns *text* takes where a Han character takes two (UAX #11)."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def write_subject(stories: Sequence[Story], words: Catalogue) -> str:
    """Return the lead's hook with that of another story, or with how many stories follow."""
    if not stories:
        return words.gettext("Weekly digest")
    lead = find_hook(stories[0].post.title)
    second = _find_second_hook(stories, lead)
    if second:
        return words.gettext("{first}, plus {second}", first=lead, second=second)
    counted = _count_stories(lead, len(stories) - 1, words)
    return counted if count_columns(lead) <= PHONE_COLUMNS else lead


def _find_second_hook(stories: Sequence[Story], lead: str) -> str:
    """Return the hook of the first story that goes with the hook *lead*, "" where none does.

    Its language is the lead's, and both together are no longer than a subject may be.
    """
    if _ENDS.search(lead) or count_columns(lead) > PHONE_COLUMNS:
        return ""
    room = SUBJECT_COLUMNS - count_columns(lead) - len(", plus ")
    for story in stories[1:]:
        found = find_hook(story.post.title, room)
        fits = _SHORTEST <= count_columns(found) <= room and not _ENDS.search(found.rstrip("？?"))
        if fits and found not in lead and detect_language(found)[:2] == detect_language(lead)[:2]:
            return found
    return ""


def _count_stories(lead: str, more: int, words: Catalogue) -> str:
    if not more or _ENDS.search(lead):
        return lead
    whole = words.ngettext("{first}, and {n} more", "{first}, and {n} more", more, first=lead)
    return whole if count_columns(whole) <= SUBJECT_COLUMNS else lead


def find_hook(title: str, limit: int = PHONE_COLUMNS) -> str:
    """Return *title* if it is at most *limit* columns wide, else its first clause that is.

    A clause of a few letters, one that only numbers a series, and a quotation without who said it
    come last; what follows a label (whose claim it is) stays with it where both fit a subject. A
    title without such a clause is taken up to ``SUBJECT_COLUMNS``, and a longer one up to its last
    pause or word before that.
    """
    title = " ".join(title.split())
    if count_columns(title) <= limit:
        return title
    whole = count_columns(title) <= SUBJECT_COLUMNS
    if whole and _names_only(first := _CLAUSE.split(title)[0].strip()) and not _is_label(first):
        return title
    if clause := _find_first_clause(title, limit):
        return clause
    return title if whole else _find_first_clause(title, SUBJECT_COLUMNS) or _shorten_title(title)


def _names_only(clause: str) -> bool:
    """Return whether *clause* is too short to be more than a name or a label."""
    words = _LATIN.findall(clause)
    spare = sum(max(len(word) - _WORD_COLUMNS, 0) for word in words)
    return count_columns(clause) - spare - clause.count(" ") < _SHORTEST


def _find_first_clause(title: str, limit: int) -> str:
    found = (one for one in _list_clauses(title) if count_columns(one) <= limit)
    clauses = [one for one in found if not _names_only(one)]
    return min(clauses, key=lambda one: (_is_label(one), clauses.index(one)), default="")


def _list_clauses(title: str) -> Iterator[str]:
    """Yield the clauses of *title* that can stand alone: no pair of marks is torn."""
    for clause in map(str.strip, _CLAUSE.split(title)):
        if all(clause.count(pair[0]) == clause.count(pair[1]) for pair in _PAIRS):
            yield clause


def _is_label(clause: str) -> bool:
    return bool(_NUMBERED.search(clause)) or clause[:1] in "「『“"


def _shorten_title(title: str, limit: int = SUBJECT_COLUMNS) -> str:
    """Return the longest beginning of *title* in *limit*: clauses, else words with an ellipsis."""
    pieces = [piece for piece in _PAUSE.split(title) if piece]
    for many in range(len(pieces) - 1, 0, -1):
        found = "".join(pieces[:many]).rstrip("，、；,; ")
        torn = any(found.count(pair[0]) != found.count(pair[1]) for pair in _PAIRS)
        if _SHORTEST <= count_columns(found) <= limit and not torn:
            return found
    return _by_words(title)


def _by_words(title: str) -> str:
    import rjieba

    found = ""
    for word in rjieba.cut(title[: 8 * SUBJECT_COLUMNS]):
        if count_columns(found + word) >= SUBJECT_COLUMNS:
            break
        found += word
    long = count_columns(found) < _SHORTEST  # one word, longer than a line
    found = _cut_to_columns(title, SUBJECT_COLUMNS - 1 if long else count_columns(found))
    return f"{found.rstrip(' ，、：；,;:')}…"


def _cut_to_columns(text: str, limit: int) -> str:
    """Return the beginning of *text* that is at most *limit* columns wide, no character torn."""
    found = ""
    for one in split_graphemes(text):
        if count_columns(found + one) > limit:
            break
        found += one
    return found


def write_preheader(stories: Sequence[Story], words: Catalogue) -> str:
    """Return the titles that ``subject`` does not tell, as many whole ones as fit.

    Those in the lead's language come first. Where there are none: the lead's summary.
    """
    if not stories:
        return ""
    told = write_subject(stories, words)
    rest = [story.post.title for story in stories[1:] if find_hook(story.post.title) not in told]
    rest = [
        title for title in rest if not any(part in told for part in _list_clauses(title) if part)
    ]
    own = detect_language(stories[0].post.title)[:2]
    rest.sort(key=lambda title: detect_language(title)[:2] != own)
    titles: list[str] = []
    for title in map(_fit_title, rest):
        if count_columns("; ".join([*titles, title])) <= PREHEADER_COLUMNS:
            titles.append(title)
    if not titles:
        return _find_gist(stories[0].reading.summary)
    listed = _in_a_row(titles, words)
    lead, more = find_hook(stories[0].post.title), len(stories) - 1
    counted = told != lead and told == _count_stories(lead, more, words)
    return listed if counted else words.gettext("Also: {titles}", titles=listed)


def _find_gist(summary: str) -> str:
    """Return as many of the first sentences of *summary* as fit, else clauses of the first."""
    from digest.text.sentences import split_sentences

    ends = [end for _, end in split_sentences(summary)]
    fitting = [end for end in ends if count_columns(summary[:end]) <= PREHEADER_COLUMNS]
    if fitting or not ends:
        return summary[: max(fitting, default=0)].strip()
    begun = _shorten_title(" ".join(summary[: ends[0]].split()), PREHEADER_COLUMNS - 1)
    return f"{begun.rstrip('…')}…"


def _in_a_row(titles: Sequence[str], words: Catalogue) -> str:
    """Return *titles* one after the other; one that ends with a mark needs no second one."""
    gap = words.gettext("; ")
    after = [("" if words.is_wide else " ") if one[-1:] in "。．.!！?？" else gap for one in titles]
    return "".join(chain.from_iterable(zip(titles, [*after[:-1], ""], strict=True)))


def _fit_title(title: str) -> str:
    """Return *title*, or what of a long one makes a line."""
    return find_hook(title, SUBJECT_COLUMNS)


def write_headline(
    stories: Sequence[Story], themes: Sequence[Theme], period: Period, words: Catalogue
) -> str:
    """Return what the issue is about: its themes, else the categories of its stories.

    Only what its own stories carry, and not what the lead's title says already, for that stands
    below. An issue of fewer than two subjects says how many stories are worth reading.
    """
    subjects = list(_list_subjects(stories, themes))
    if len(subjects) < 2:
        one, many = "{n} story worth reading", "{n} stories worth reading"
        return words.ngettext(one, many, len(stories))
    days = (period.end - period.start).days
    about = {7: "This week: {subjects}"} | dict.fromkeys(range(28, 32), "This month: {subjects}")
    wording = about.get(days, "In this issue: {subjects}")
    while True:
        line = words.gettext(wording, subjects=words.listed(subjects))
        if count_columns(line) <= HEADLINE_COLUMNS or len(subjects) == 2:
            return line
        subjects.pop()


def _list_subjects(stories: Sequence[Story], themes: Sequence[Theme]) -> Iterator[str]:
    """Yield at most ``MOST_SUBJECTS`` names, none of which holds another."""
    title = _fold_case(stories[0].post.title) if stories else ""
    carried = " ".join(_fold_case(word) for story in stories for word in _words_of(story))
    named = (theme.name for theme in themes if _fold_case(theme.name) in carried)
    categories = (name for story in stories for name in story.post.categories)
    found: list[str] = []
    for name in chain(named, categories):
        known = [title, *map(_fold_case, found)]
        if not any(_fold_case(name) in one or (one and one in _fold_case(name)) for one in known):
            found.append(name)
    yield from found[:MOST_SUBJECTS]


def _words_of(story: Story) -> Iterator[str]:
    yield story.post.title
    yield from story.post.tags
    yield from story.post.categories


def _fold_case(text: str) -> str:
    return "".join(text.casefold().split())


PULL_QUOTE_CHARS = range(10, 141)


def compose_issue(
    stories: Sequence[Story],
    selection: Selection,
    posts: Sequence[str],
    *,
    edition: Digest,
    period: Period,
) -> Issue:
    """Return the issue of *stories*; *posts* are the ids of all, each gets its fate."""
    words = load_catalogue(edition.language)
    return Issue(
        id=f"{edition.name}-{period.label}",
        edition=edition,
        period=period,
        subject=write_subject(stories, words),
        preheader=write_preheader(stories, words),
        headline=write_headline(stories, selection.themes, period, words),
        intro=_write_intro(stories, len(stories) + len(selection.also), words),
        sections=_make_sections(stories, words),
        pull_quote=pull_quote(stories, edition.language),
        also=_list_also(stories, selection),
        skipped=selection.skipped,
        themes=selection.themes,
        notes=tuple(n for n in edition.notes if n.issue in ("", f"{edition.name}-{period.label}")),
        fates=_find_placements(stories, selection, posts),
    )


def _write_intro(stories: Sequence[Story], total: int, words: Catalogue) -> str:
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


def _make_sections(stories: Sequence[Story], words: Catalogue) -> tuple[Section, ...]:
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
            is_displayable(quote),
            _is_fresh(quote, story),
            _is_in_language(quote, language),
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


def _is_fresh(quote: Quote, story: Story) -> bool:
    """Return whether the summary of *story* does not hold *quote* already."""
    return quote.text not in story.reading.summary


def _is_in_language(quote: Quote, language: str) -> bool:
    """Return whether *quote* is in *language*; scripts of one language count as the same."""
    return detect_language(quote.text)[:2] == (
        language[:2].lower() or detect_language(quote.text)[:2]
    )


def _list_also(stories: Sequence[Story], selection: Selection) -> tuple[Link, ...]:
    """Return the listed posts, without those that stand under their story already."""
    shown = {post.id for story in stories for post in story.pick.siblings}
    listed = (post for post in selection.also if post.id not in shown)
    return tuple(Link(url=post.url, title=post.title) for post in listed)


def _find_placements(
    stories: Sequence[Story], selection: Selection, posts: Sequence[str]
) -> dict[str, Placement]:
    fates: dict[str, Placement] = dict.fromkeys(posts, "skipped")
    fates |= {post.id: "listed" for post in selection.also}
    return fates | {story.post.id: "featured" for story in stories}
