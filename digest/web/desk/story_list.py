"""Revision -> the rows of the list and the sheet of one story. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from digest.editorial.candidates import PeriodPost as Ranked
from digest.model import Issue, Post, Quote, ScoreShare, Story

_MARKS = {"「": "」", "『": "』", "“": "”", "‘": "’", "«": "»", "„": "“"}
_OPENERS = {closer: opener for opener, closer in _MARKS.items()}
AROUND = 70  # characters of the source that are shown before and after a quotation


def key_of(url: str) -> str:
    """Return what the post at *url* goes by in addresses and on the page."""
    return sha256(url.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    """A line of the list; ``note`` says why a post that was left out was left out.

    ``score`` is None where none was given. ``siblings`` are (key, title, url) of the posts on the
    same episode. ``marks`` name what the editor should see at a glance: "lead", "pinned", "edited",
    "speaker", "alt".
    """

    key: str
    url: str
    title: str
    place: int = 0
    category: str = ""
    minutes: int = 0
    score: float | None = None
    reason: str = ""
    note: str = ""
    marks: tuple[str, ...] = ()
    siblings: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryList:
    """All posts of the period by what became of them; ``minutes`` is what the chosen ones take."""

    chosen: tuple[StoryRow, ...]
    also: tuple[StoryRow, ...]
    skipped: tuple[StoryRow, ...]
    minutes: int

    @property
    def total(self) -> int:
        """Return how many posts there are."""
        return len(self.chosen) + len(self.also) + len(self.skipped)


def list_stories(
    issue: Issue, choices: Mapping[str, str] | None = None, ranked: Sequence[Ranked] = ()
) -> StoryList:
    """Return the rows of *issue*; *choices* are the editor's, by the post's id.

    With the posts *ranked* those that are only listed stand in the order of their worth.
    """
    stories, made = tuple(issue.stories), choices or {}
    home = {s.post.id: section.title for section in issue.sections for s in section.stories}
    told = {story.post.url for story in stories}
    by_url = {one.post.url: one for one in ranked}
    also = [row for row in _list_also(issue, stories, by_url) if row.url not in told]
    return StoryList(
        chosen=tuple(
            _make_row(place, story, home[story.post.id], made.get(story.post.id, ""))
            for place, story in enumerate(stories, 1)
        ),
        also=tuple(sorted(also, key=lambda row: -(row.score or 0.0))),
        skipped=tuple(
            StoryRow(
                key=key_of(one.url),
                url=one.url,
                title=one.title or _name_by_path(one.url),
                note=one.reason,
            )
            for one in issue.skipped
            if one.url not in told
        ),
        minutes=sum(story.minutes for story in stories),
    )


def _list_also(
    issue: Issue, stories: Sequence[Story], ranked: Mapping[str, Ranked]
) -> Iterator[StoryRow]:
    beside = {post.url: post.title for story in stories for post in story.pick.siblings}
    for url, title in {**{link.url: link.title for link in issue.also}, **beside}.items():
        one = ranked.get(url)
        yield StoryRow(
            key=key_of(url),
            url=url,
            title=title or _name_by_path(url),
            score=one.score if one else None,
            marks=("by-you",) if one and one.choice == "list" else (),
        )


def _make_row(place: int, story: Story, section: str, choice: str) -> StoryRow:
    post = story.post
    return StoryRow(
        key=key_of(post.url),
        url=post.url,
        title=post.title or _name_by_path(post.url),
        place=place,
        category=section or next(iter(post.categories), post.episode_name),
        minutes=story.minutes,
        score=story.pick.score,
        reason=next(iter(story.pick.reasons), ""),
        marks=tuple(_list_marks(place, story, choice)),
        siblings=tuple((key_of(p.url), p.title, p.url) for p in story.pick.siblings),
    )


def _list_marks(place: int, story: Story, choice: str) -> Iterator[str]:
    if place == 1:
        yield "lead"
    if choice == "pin":
        yield "pinned"
    if story.edited:
        yield "edited"
    if any(quote.speech and not quote.speaker for quote in story.reading.quotes[:1]):
        yield "speaker"
    if story.post.image and not story.post.image.alt:
        yield "alt"


def _name_by_path(url: str) -> str:
    """Return what to call a post without a title."""
    return urlsplit(url).path.strip("/").rpartition("/")[2] or url


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteChoice:
    """A quotation to choose from, with where it stands; ``before`` and ``after`` are its context.

    ``chosen`` says that the issue displays it, ``picked`` that its story quotes it, ``verbatim``
    that the post holds it so.
    """

    text: str
    start: int
    end: int
    speaker: str
    speech: bool
    score: float
    paragraph: int
    before: str
    after: str
    verbatim: bool
    chosen: bool
    picked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySheet:
    """One post as the inspector shows it; ``story`` is None for one that is not told.

    ``reasons`` and ``shares`` are those of a post that is not told; ``people`` are those who may
    have said something.
    """

    row: StoryRow
    state: str
    story: Story | None = None
    post: Post | None = None
    candidates: tuple[QuoteChoice, ...] = ()
    best: float = 0.0
    reasons: tuple[str, ...] = ()
    shares: tuple[ScoreShare, ...] = ()
    people: tuple[str, ...] = ()


def make_story_sheet(
    issue: Issue,
    listed: StoryList,
    key: str,
    *,
    picked: Mapping[str, str] | None = None,
    ranked: Sequence[Ranked] = (),
) -> StorySheet | None:
    """Return the sheet of the post *key*, None where the issue does not know it.

    *picked* is the span, "START:END", that each story quotes, by the post's id.
    """
    for story in issue.stories:
        if key_of(story.post.url) == key:
            row = next(one for one in listed.chosen if one.key == key)
            return StorySheet(
                row=row,
                state="chosen",
                story=story,
                post=story.post,
                candidates=list_quote_choices(story, issue, (picked or {}).get(story.post.id, "")),
                best=max(one.pick.score for one in issue.stories),
                people=_list_people(story),
            )
    for state, rows in (("also", listed.also), ("skipped", listed.skipped)):
        for row in rows:
            if row.key == key:
                one = next((one for one in ranked if one.post.url == row.url), None)
                post = one.post if one else _find_sibling(issue, row.url)
                return StorySheet(
                    row=row,
                    state=state,
                    post=post,
                    reasons=one.reasons if one else (),
                    shares=one.shares if one else (),
                )
    return None


def _list_people(story: Story) -> tuple[str, ...]:
    """Return who is named in *story*: those who speak in it first."""
    speakers = (quote.speaker for quote in story.reading.quotes if quote.speaker)
    return tuple(dict.fromkeys((*speakers, *story.post.people)))


def _find_sibling(issue: Issue, url: str) -> Post | None:
    beside = (post for story in issue.stories for post in story.pick.siblings)
    return next((post for post in beside if post.url == url), None)


def list_quote_choices(story: Story, issue: Issue, span: str = "") -> tuple[QuoteChoice, ...]:
    """Return the quotations of *story*: what is on display, speech by somebody named, the rest.

    *span*, "START:END", is the one that the story quotes where it is not on display.
    """
    shown = issue.pull_quote
    display = shown.quote if shown and shown.url == story.post.url else None

    def first(one: Quote) -> tuple[bool, bool]:
        here = one == display or f"{one.start}:{one.end}" == span
        return not here, not (one.speech and one.speaker)

    quotes = sorted(story.reading.quotes, key=first)
    return tuple(
        _make_quote_choice(
            one,
            story.post,
            chosen=one == display,
            picked=display is None and f"{one.start}:{one.end}" == span,
        )
        for one in quotes
    )


def _make_quote_choice(quote: Quote, post: Post, *, chosen: bool, picked: bool) -> QuoteChoice:
    text = post.document.text
    return QuoteChoice(
        text=quote.text,
        start=quote.start,
        end=quote.end,
        speaker=quote.speaker or "",
        speech=quote.speech,
        score=quote.score,
        paragraph=find_paragraph(post, quote.start),
        before=text[max(0, quote.start - AROUND) : quote.start].rpartition("\n")[2],
        after=text[quote.end : quote.end + AROUND].partition("\n")[0],
        verbatim=text[quote.start : quote.end] == quote.text,
        chosen=chosen,
        picked=picked,
    )


def strip_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of *text* without the quotation marks that enclose it, or stand alone."""
    while start < end:
        said = text[start:end]
        closer, opener = _MARKS.get(said[0]), _OPENERS.get(said[-1])
        if closer and closer not in said[1:-1]:
            start, end = start + 1, end - (said[-1] == closer)
        elif opener and opener not in said[:-1]:
            end -= 1
        else:
            break
    return start, end


def find_paragraph(post: Post, offset: int) -> int:
    """Return which block of *post* the character at *offset* stands in, from 1; 0 if in none."""
    blocks: Sequence[int] = [block.start for block in post.document.blocks]
    return sum(start <= offset for start in blocks)
