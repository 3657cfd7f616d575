"""What planning a thread has at hand: its network's rules, the issue, the room of a part."""

from collections.abc import Iterable
from dataclasses import dataclass

from digest.catalogue import Catalogue
from digest.model import Attachment, Issue, Story
from digest.ports import Network
from digest.render.hashtags import hashtags
from digest.render.split import Room, split
from digest.render.telling import harmless, invitation
from digest.text.links import encoded


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
class Brief:
    """One issue on its way to one network: what every step of the planning needs."""

    network: Network
    words: Catalogue
    issue: Issue
    taste: Taste

    @property
    def stories(self) -> tuple[Story, ...]:
        """Return the stories of the issue, the lead first."""
        return tuple(self.issue.stories)

    @property
    def link(self) -> str:
        """Return the link of the thread: the issue's page, else the lead."""
        return self.taste.link or self.stories[0].post.url

    @property
    def on_root(self) -> bool:
        """Return whether the link stands in the first part."""
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

    @property
    def returns(self) -> bool:
        """Return whether the last link leads back to the lead, one of several stories."""
        return not self.on_root and not self.taste.link and len(self.stories) > 1

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


def fitting(room: Room, forms: Iterable[str]) -> list[Idea]:
    """Return the first of *forms* that fits whole, none if it is empty; else the last divided."""
    last = ""
    for last in map(harmless, forms):
        if room.fits(last):
            return [Idea(text=last)] if last else []
    return [Idea(text=text) for text in split(last, room)]
