"""Issue -> Thread: a planner, not a cutter.

A thread opens with a hook that stands alone, goes on with one idea a part, each told from one
story's summary and its best quotation, and ends on what is left to say. Every text is taken in
the fullest form that fits whole; only where not even a title does is one divided.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from digest.catalogue import Catalogue, catalogue
from digest.errors import DraftError
from digest.model import Attachment, Issue, Part, Quote, Section, Story, Thread
from digest.ports import Network
from digest.render.hashtags import hashtags
from digest.render.sayings import best_quote, on_display, points, quotes, words_of
from digest.render.split import Room, split
from digest.render.telling import (
    evidence,
    harmless,
    hooks,
    invitation,
    leftovers,
    spoken,
    tellings,
)
from digest.text.links import encoded

MOST_IDEAS = 8
FEWEST_IDEAS = 3
IDEAS_OF_ONE = 6  # how far a single story may be told
_URL = re.compile(r"https?://[!-~]*[\w/#=&+-]", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """How one thread is to be.

    ``link`` is a page that holds the whole issue; where there is none the thread leads to its
    lead story. ``card`` is a picture of the issue's pull-quote.
    """

    link: str = ""
    card: Attachment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """One part to be: its text, the link that goes with it, the picture of its quotation."""

    text: str
    link: str = ""
    media: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What all of the planning needs at hand."""

    network: Network
    words: Catalogue
    issue: Issue
    taste: Taste

    @property
    def stories(self) -> tuple[Story, ...]:
        return tuple(self.issue.stories)

    @property
    def link(self) -> str:
        return self.taste.link or self.stories[0].post.url

    @property
    def on_root(self) -> bool:
        return self.network.limits.link != "last"

    def room(self, below: str = "") -> Room:
        """Return the room of a part that must hold *below* under its text."""
        limits = self.network.limits
        extra = f"\n\n{below}" if below else ""
        extra += " 8/8" if limits.numbering else ""
        return Room(
            measure=self.network.measure,
            limit=limits.characters - self.network.measure(extra),
            bytes=limits.bytes and limits.bytes - len(extra.encode()),
        )

    @property
    def apart(self) -> bool:
        """Return whether picture and link exclude each other, as where a link is a card."""
        return bool(self.taste.card) and self.network.limits.card

    def story_link(self, story: Story) -> str:
        """Return the link of one story's part: every story told is one step away.

        A page of the whole issue on the root leads to all of them; without one each part leads to
        its own, but where a link costs or the network wants a single one.
        """
        limits = self.network.limits
        each = limits.link == "each" or (limits.link == "root" and not self.taste.link)
        return story.post.url if each else ""

    def shown(self, link: str) -> str:
        """Return *link* as it stands in a text, "" where it travels as a card."""
        return "" if self.network.limits.card or not link else encoded(link)

    def footer(self) -> str:
        """Return what stands under the part with the thread's link: the link, and hashtags."""
        tags = " ".join(hashtags(self.stories, self.network.limits.hashtags))
        link = self.shown(self.link)
        if link and not self.on_root:
            whole = bool(self.taste.link)
            link = f"{invitation(len(self.stories), whole, self.words)}\n{link}"
        return "\n\n".join(text for text in (link, tags) if text)


def plan(
    issue: Issue, network: Network, *, words: Catalogue | None = None, taste: Taste | None = None
) -> Thread:
    """Return the thread of *issue* for *network*: 3 to 8 parts where the issue has as much.

    The furniture is in the language of the issue unless *words* says otherwise. Raises DraftError
    where the issue has no story.
    """
    desk = _Desk(
        network=network,
        words=words or catalogue(issue.edition.language),
        issue=issue,
        taste=taste or Taste(),
    )
    if not desk.stories:
        raise DraftError(issue.id, "there is no story to make a thread of")
    return thread_of(network, _finished(desk, _ideas(desk)))


def plan_story(
    story: Story, issue: Issue, network: Network, *, card: Attachment | None = None
) -> Thread:
    """Return a thread on one *story* of *issue*: its summary, its quotations, its link.

    *card* is a picture of the story's best quotation.
    """
    alone = on_display(story, issue)
    alone = replace(alone, sections=(Section(title="", stories=(story,)),), also=())
    return plan(alone, network, taste=Taste(card=card))


def thread_of(network: Network, ideas: Sequence[Idea], *said: str) -> Thread:
    """Return the thread that *ideas* make as they stand; *said* is what to warn of before."""
    parts = tuple(
        Part(
            text=idea.text,
            length=network.measure(idea.text),
            limit=network.limits.characters,
            link=_link(network, idea),
            media=idea.media,
        )
        for idea in ideas
    )
    noted = [network.limits.note] if network.limits.note else []
    found = ((n, line) for n, part in enumerate(parts, 1) for line in network.warnings(part.text))
    return Thread(
        network=network.name,
        parts=parts,
        cost_usd=network.cost(parts),
        warnings=(*noted, *said, *(f"part {n}: {line}" for n, line in found)),
    )


def _link(network: Network, idea: Idea) -> str | None:
    """Return the link a reader of the part sees first: its card, or the last one in its text."""
    if network.limits.card:
        return idea.link or None
    return next(iter(_URL.findall(idea.text)[::-1]), None)


def number(ideas: Sequence[Idea]) -> list[Idea]:
    """Return *ideas* with their place behind every one but the first: " 2/7"."""
    return [
        replace(idea, text=f"{idea.text} {place}/{len(ideas)}") if place > 1 else idea
        for place, idea in enumerate(ideas, 1)
    ]


def _ideas(desk: _Desk) -> list[Idea]:
    """Return the parts without footer: hook, stories, and at the end what got no part."""
    footer = desk.footer()
    lead, *others = desk.stories
    ideas = _hook(desk, lead, footer if desk.on_root else "") + _quoted(desk, lead)
    ending = bool(footer) and not desk.on_root
    apart = sum(_is_apart(desk, story) for story in others)
    told, untold = _chosen(others, MOST_IDEAS - len(ideas) - ending - apart)
    for place, story in enumerate(told):
        ideas += _story(desk, story, led=place % 3 == 1)
    wanted = FEWEST_IDEAS if others else IDEAS_OF_ONE
    ideas += _more(desk, wanted - len(ideas) - ending, ideas)
    rest = _fitting(desk.room(footer if ending else ""), leftovers(untold, desk.words))
    return [*ideas, *(rest or [Idea(text="")] if ending else rest)]


def _chosen(stories: Sequence[Story], most: int) -> tuple[list[Story], list[Story]]:
    """Return the best *most* stories in reading order, and the others."""
    ranked = sorted(range(len(stories)), key=lambda n: (-stories[n].pick.score, n))
    kept = set(ranked[: max(most, 0)])
    return (
        [story for n, story in enumerate(stories) if n in kept],
        [story for n, story in enumerate(stories) if n not in kept],
    )


def _hook(desk: _Desk, lead: Story, below: str) -> list[Idea]:
    forms = hooks(desk.issue, lead, len(desk.stories), desk.words)
    return _fitting(desk.room(below), forms)


def _story(desk: _Desk, story: Story, *, led: bool) -> list[Idea]:
    quote, link = best_quote(story, desk.issue), desk.story_link(story)
    if quote and _is_apart(desk, story):
        pictured = _with_card(desk, [Idea(text=harmless(spoken(quote, desk.words)))])
        return [*pictured, *_told(desk, story, None, link)]
    led = led or _is_shown(desk, story)
    return _with_card(desk, _told(desk, story, quote, link, led=led))


def _told(
    desk: _Desk, story: Story, quote: Quote | None, link: str, *, led: bool = False
) -> list[Idea]:
    ideas = _fitting(desk.room(desk.shown(link)), tellings(story, quote, desk.words, led=led))
    return [replace(idea, link=link) for idea in ideas[:1]] + ideas[1:]


def _is_shown(desk: _Desk, story: Story) -> bool:
    """Return whether the quotation on display was said in *story*."""
    shown = desk.issue.pull_quote
    return shown is not None and best_quote(story, desk.issue) == shown.quote


def _is_apart(desk: _Desk, story: Story) -> bool:
    """Return whether quotation and story need two parts: the picture takes the link's place."""
    return desk.apart and _is_shown(desk, story) and bool(desk.story_link(story))


def _quoted(desk: _Desk, lead: Story) -> list[Idea]:
    """Return the lead's quotation as a part of its own, with a point where there is room."""
    quote = best_quote(lead, desk.issue)
    forms = map(harmless, evidence(quote, lead, desk.words) if quote else ())
    text = next(filter(desk.room().fits, forms), "")
    return _with_card(desk, [Idea(text=text)]) if text else []


def _more(desk: _Desk, missing: int, ideas: Sequence[Idea]) -> list[Idea]:
    """Return up to *missing* more parts, where few stories have more to say."""
    said, stories = "\n".join(idea.text for idea in ideas), desk.stories
    told = [(words_of(q), spoken(q, desk.words)) for s in stories for q in quotes(s)]
    told += [(point, point) for s in stories for point in points(s)]
    further = [harmless(text) for words, text in told if harmless(words) not in said]
    fitting = [Idea(text=text) for text in further if desk.room().fits(text)]
    return fitting[: max(missing, 0)]


def _with_card(desk: _Desk, ideas: Sequence[Idea]) -> list[Idea]:
    card, shown = desk.taste.card, desk.issue.pull_quote
    if not card or not shown:
        return list(ideas)
    said = harmless(words_of(shown.quote))
    return [replace(idea, media=(card,)) if said in idea.text else idea for idea in ideas]


def _fitting(room: Room, forms: Iterable[str]) -> list[Idea]:
    """Return the first of *forms* that fits whole, none if it is empty; else the last divided."""
    last = ""
    for last in map(harmless, forms):
        if room.fits(last):
            return [Idea(text=last)] if last else []
    return [Idea(text=text) for text in split(last, room)]


def _finished(desk: _Desk, ideas: Sequence[Idea]) -> list[Idea]:
    """Return *ideas* with their links, footer and numbers, in one part where that is all."""
    at = 0 if desk.on_root else len(ideas) - 1
    footed = [_footed(desk, idea, footer=n == at) for n, idea in enumerate(ideas)]
    if desk.network.limits.parts == 1:
        return [_merged(desk, footed, at)]
    return number(footed) if desk.network.limits.numbering else footed


def _footed(desk: _Desk, idea: Idea, *, footer: bool) -> Idea:
    link = desk.link if footer else idea.link
    below = desk.footer() if footer else desk.shown(link)
    text = "\n\n".join(text for text in (idea.text, below) if text)
    return replace(idea, text=text, link=encoded(link) if link else "")


def _merged(desk: _Desk, ideas: Sequence[Idea], at: int) -> Idea:
    """Return *ideas* as one part: as many as fit, in order, and always the one with the footer."""
    kept = {at}
    for place in range(len(ideas)):
        tried = sorted({*kept, place})
        if desk.room().fits("\n\n".join(ideas[n].text for n in tried)):
            kept.add(place)
    chosen = [ideas[n] for n in sorted(kept)]
    media = tuple(picture for idea in chosen for picture in idea.media)
    return Idea(text="\n\n".join(i.text for i in chosen), link=ideas[at].link, media=media)
