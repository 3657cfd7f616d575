"""A thread as its network shows it: what turns into a link, what is folded away, what is over.

Pure; the measures come from the networks themselves.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from digest.delivery.networks import find_look
from digest.model import Attachment, Image, Part, Revision, Thread
from digest.model.ports.social import Network
from digest.render.thread_edit import extract_part_text

_INK = re.compile(
    r"(?P<url>https?://[^\s「」『』（）()，。、；：！？<>\"]+)"
    r"|(?P<tag>(?<![\w#＃])[#＃][^\W_][\w・]*)"
    r"|(?P<name>(?<![\w@])@[\w.-]+(?:@[\w.-]+\w)?)"
)
Measure = Callable[[str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCard:
    """What a network makes of a link: title, host, and a picture where the post has one."""

    url: str
    title: str
    summary: str
    host: str
    image: Image | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPreview:
    """One part: ``html`` as the network inks it, ``over`` by how much it is too long.

    ``plain`` is its text without the number that numbering puts behind it.
    """

    number: int
    text: str
    plain: str
    html: Markup
    length: int
    limit: int
    over: int
    fold: int
    card: LinkCard | None = None
    media: tuple[Attachment, ...] = ()

    @property
    def share(self) -> int:
        """Return how full the part is, in percent, 100 at most."""
        return min(100, round(100 * self.length / self.limit)) if self.limit else 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPreview:
    """A thread on its network; ``by_hand`` says that a person has to post it."""

    network: str
    name: str
    unit: str
    card_summary: bool
    handle: str
    parts: tuple[PartPreview, ...]
    cost: float | None
    warnings: tuple[str, ...]
    over: int = 0
    by_hand: bool = False
    quota: str = ""
    states: Mapping[int, str] = field(default_factory=dict)


def preview_thread(
    thread: Thread, revision: Revision, network: Network, *, handle: str
) -> ThreadPreview:
    """Return *thread* as it will look."""
    parts = tuple(
        _preview_part(
            number, part, extract_part_text(thread, number - 1, network), revision, network
        )
        for number, part in enumerate(thread.parts, 1)
    )
    look = find_look(thread.network)
    return ThreadPreview(
        network=thread.network,
        name=look.label,
        unit=look.unit,
        card_summary=look.card_summary,
        handle=handle,
        parts=parts,
        cost=thread.cost_usd,
        warnings=thread.warnings,
        over=sum(part.over > 0 for part in parts),
    )


def _preview_part(
    number: int, part: Part, plain: str, revision: Revision, on: Network
) -> PartPreview:
    over, network = part.length > part.limit, on.name
    fits = _count_fitting(part.text, part.limit, on.measure) if over else len(part.text)
    fold = find_look(network).fold
    inside, outside = part.text[:fits], part.text[fits:]
    html = ink_text(inside, network)
    if outside:
        html += Markup("<mark>{}</mark>").format(outside)
    return PartPreview(
        number=number,
        text=part.text,
        plain=plain,
        html=html,
        length=part.length,
        limit=part.limit,
        over=max(0, part.length - part.limit),
        fold=fold if 0 < fold < len(part.text) else 0,
        card=_make_link_card(part, revision),
        media=part.media,
    )


def _count_fitting(text: str, limit: int, measure: Measure) -> int:
    """Return how many characters of *text* fit into *limit* as *measure* counts."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def ink_text(text: str, network: str) -> Markup:
    """Return *text* with its links, tags and names in the ink of *network*, links shortened."""
    html, done = Markup(""), 0
    for found in _INK.finditer(text):
        html += escape(text[done : found.start()])
        said = shorten_address(found[0], find_look(network).address) if found["url"] else found[0]
        html += Markup('<span class="ink">{}</span>').format(said)
        done = found.end()
    return html + escape(text[done:])


def shorten_address(url: str, most: int) -> str:
    """Return *url* as networks show it: without its scheme, cut off after *most* characters."""
    said = url.partition("://")[2].removeprefix("www.").rstrip("/")
    return said if len(said) <= most else said[: most - 1] + "…"


def _make_link_card(part: Part, revision: Revision) -> LinkCard | None:
    """Return the card of the part's link: where it travels beside the text, or is the last one."""
    if not part.link or part.media:
        return None
    issue = revision.issue
    about = next((story for story in issue.stories if story.post.url == part.link), None)
    title = about.post.title if about else issue.headline or issue.subject
    return LinkCard(
        url=part.link,
        title=title,
        summary=about.reading.summary if about else issue.preheader,
        host=urlsplit(part.link).hostname or "",
        image=about.post.image if about else None,
    )
