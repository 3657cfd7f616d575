"""Issue -> Thread: a planner, not a cutter.

A thread opens with a hook that stands alone, goes on with one idea a part, each told from one
story's summary and its best quotation, and ends on what is left to say. Every text is taken in
the fullest form that fits whole; only where not even a title does is one divided.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from digest.catalogue import Catalogue, catalogue
from digest.errors import DraftError
from digest.model import Attachment, Issue, Part, Section, Story, Thread
from digest.ports import Network
from digest.render.hashtags import hashtags
from digest.render.split import Room, split
from digest.render.telling import (
    best_quote,
    hooks,
    invitation,
    leftovers,
    quotes,
    spoken,
    tellings,
)
from digest.text.links import encoded

MOST_PARTS = 8
FEWEST_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """How a thread is to be.

    ``link`` is where it leads, the digest's site where it is empty; ``numbering`` puts " 2/7"
    behind every part but the first; ``card`` is a picture of the issue's pull-quote.
    """

    link: str = ""
    numbering: bool = False
    card: Attachment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """One part to be: its text, and the picture of the quotation in it."""

    text: str
    media: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What all of the planning needs at hand; ``link`` is in ASCII."""

    network: Network
    words: Catalogue
    taste: Taste
    link: str

    def room(self, below: str = "") -> Room:
        """Return the room of a part that must hold *below* under its text."""
        limits = self.network.limits
        extra = (f"\n\n{below}" if below else "") + self.number(MOST_PARTS, MOST_PARTS)
        return Room(
            measure=self.network.measure,
            limit=limits.characters - self.network.measure(extra),
            bytes=limits.bytes and limits.bytes - len(extra.encode()),
        )

    def number(self, place: int, of: int) -> str:
        """Return what numbers the part at *place*, from 1; the first is never numbered."""
        return f" {place}/{of}" if self.taste.numbering and place > 1 else ""

    def footer(self, stories: Sequence[Story]) -> str:
        """Return what stands under the part with the link: the link in words, and hashtags."""
        limits = self.network.limits
        tags = " ".join(hashtags(stories, limits.hashtags))
        lines = [self.link] if self.link and not limits.card else []
        if lines and limits.link == "last":
            lines.insert(0, invitation(len(stories), self.words))
        return "\n".join([*lines, *([f"\n{tags}" if lines else tags] if tags else [])])


def plan(
    issue: Issue, network: Network, *, words: Catalogue | None = None, taste: Taste | None = None
) -> Thread:
    """Return the thread of *issue* for *network*: 3 to 8 parts where the issue has as much.

    The furniture is in the language of the issue unless *words* says otherwise. Raises DraftError
    where the issue has no story.
    """
    taste = taste or Taste()
    link = taste.link or issue.edition.site
    desk = _Desk(
        network=network,
        words=words or catalogue(issue.edition.language),
        taste=taste,
        link=encoded(link) if link else "",
    )
    stories = tuple(issue.stories)
    if not stories:
        raise DraftError(issue.id, "there is no story to make a thread of")
    return _thread(desk, _ideas(desk, issue, stories), desk.footer(stories))


def plan_story(
    story: Story, issue: Issue, network: Network, *, taste: Taste | None = None
) -> Thread:
    """Return a thread on one *story* of *issue*: its summary, its quotations, its link."""
    alone = replace(issue, sections=(Section(title="", stories=(story,)),), also=())
    taste = replace(taste or Taste(), link=(taste and taste.link) or story.post.url)
    return plan(alone, network, taste=taste)


def _ideas(desk: _Desk, issue: Issue, stories: Sequence[Story]) -> list[Idea]:
    """Return the parts without footer: hook, stories, and at the end what got no part."""
    on_root = desk.network.limits.link == "root"
    footer = desk.footer(stories)
    lead, *others = stories
    opening = hooks(issue, lead, len(stories), desk.words)
    ideas = _fitting(desk.room(footer if on_root else ""), opening)
    ideas += _quoted(desk, issue, lead)
    ending = bool(footer) and not on_root
    told, untold = _chosen(others, MOST_PARTS - len(ideas) - ending)
    for place, story in enumerate(told):
        ideas += _story(desk, issue, story, led=place % 3 == 1)
    ideas += _more(desk, stories, FEWEST_PARTS - len(ideas) - ending, ideas)
    rest = _fitting(desk.room(footer if ending else ""), leftovers(untold, desk.words))
    return [*ideas, *(rest or [Idea(text="")] if ending else rest)]


def _chosen(stories: Sequence[Story], most: int) -> tuple[list[Story], list[Story]]:
    """Return the best *most* stories in reading order, and the others."""
    if len(stories) <= most:
        return list(stories), []
    ranked = sorted(range(len(stories)), key=lambda n: (-stories[n].pick.score, n))
    kept = set(ranked[: max(most, 0)])
    return (
        [story for n, story in enumerate(stories) if n in kept],
        [story for n, story in enumerate(stories) if n not in kept],
    )


def _story(desk: _Desk, issue: Issue, story: Story, *, led: bool) -> list[Idea]:
    quote = best_quote(story, issue)
    shown = issue.pull_quote is not None and quote == issue.pull_quote.quote
    ideas = _fitting(desk.room(), tellings(story, quote, desk.words, led=led or shown))
    return _with_card(desk, issue, ideas)


def _quoted(desk: _Desk, issue: Issue, lead: Story) -> list[Idea]:
    """Return the lead's quotation as a part of its own, if there is one that fits."""
    quote = best_quote(lead, issue)
    text = spoken(quote, desk.words) if quote else ""
    fits = text and desk.room().fits(text)
    return _with_card(desk, issue, [Idea(text=text)]) if fits else []


def _more(desk: _Desk, stories: Sequence[Story], missing: int, ideas: Sequence[Idea]) -> list[Idea]:
    """Return up to *missing* more parts, where a short issue has more to say."""
    said = "\n".join(idea.text for idea in ideas)
    further = [spoken(q, desk.words) for s in stories for q in quotes(s) if q.text not in said]
    further += [point for s in stories for point in s.reading.points if point not in said]
    fitting = [Idea(text=text) for text in further if desk.room().fits(text)]
    return fitting[: max(missing, 0)]


def _with_card(desk: _Desk, issue: Issue, ideas: Sequence[Idea]) -> list[Idea]:
    card, shown = desk.taste.card, issue.pull_quote
    return [
        replace(idea, media=(card,)) if card and shown and shown.quote.text in idea.text else idea
        for idea in ideas
    ]


def _fitting(room: Room, forms: Iterable[str]) -> list[Idea]:
    """Return the first of *forms* that fits whole, none if it is empty; else the last divided."""
    last = ""
    for last in forms:
        if room.fits(last):
            return [Idea(text=last)] if last else []
    return [Idea(text=text) for text in split(last, room)]


def _thread(desk: _Desk, ideas: Sequence[Idea], footer: str) -> Thread:
    at = 0 if desk.network.limits.link == "root" else len(ideas) - 1
    parts = []
    for place, idea in enumerate(ideas):
        below = footer if place == at else ""
        text = "\n\n".join(text for text in (idea.text, below) if text)
        text += desk.number(place + 1, len(ideas))
        parts.append(_part(desk, text, link=desk.link if place == at else "", media=idea.media))
    return Thread(
        network=desk.network.name,
        parts=tuple(parts),
        cost_usd=desk.network.cost(parts),
        warnings=warnings(desk.network, [part.text for part in parts]),
    )


def _part(desk: _Desk, text: str, *, link: str, media: tuple[Attachment, ...]) -> Part:
    network = desk.network
    return Part(
        text=text,
        length=network.measure(text),
        limit=network.limits.characters,
        link=link or None,
        media=media,
    )


def warnings(network: Network, texts: Sequence[str]) -> tuple[str, ...]:
    """Return what *network* would make of *texts* that may surprise, each with its part."""
    found = ((n, said) for n, text in enumerate(texts, 1) for said in network.warnings(text))
    return tuple(f"part {n}: {said}" for n, said in found)
