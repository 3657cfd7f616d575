"""What every issue of a digest carries whatever it says: sender, footer, links and looks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from digest.errors import ConfigError
from digest.model import Image
from digest.render.clean import picture

Carry = Literal["link", "embed", "host"]
BLOCKS = ("lead", "quote", "sections", "themes", "also")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_FONTS = re.compile(r"[\w \-,.'\"\u3000-\u9fff]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a user may change of a theme without touching a template.

    ``accent`` is ``#rgb`` or ``#rrggbb``; the rest of the palette follows from it. ``heading`` and
    ``body`` are CSS font lists, put before the theme's own; ``order`` names the blocks between
    head and foot, each of ``BLOCKS`` at most once; a block left out is not shown.
    """

    accent: str = "#b1372a"
    logo: Image | None = None
    heading: str = ""
    body: str = ""
    order: tuple[str, ...] = BLOCKS

    def __post_init__(self) -> None:
        if not _HEX.fullmatch(self.accent):
            raise ConfigError(f"accent = {self.accent!r}", "not a colour", "Write #rrggbb.")
        for name, fonts in (("heading", self.heading), ("body", self.body)):
            if not _FONTS.fullmatch(fonts):
                remedy = "Write names and commas."
                raise ConfigError(f"{name} = {fonts!r}", "not a CSS font list", remedy)
        unknown = [name for name in self.order if name not in BLOCKS]
        if unknown or len(set(self.order)) < len(self.order):
            cause = f"no block {unknown[0]!r}" if unknown else "a block stands twice"
            raise ConfigError(
                f"order = {list(self.order)}", cause, f"Choose of {', '.join(BLOCKS)}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """A picture at a URL of ours, its size in CSS pixels; ``jpeg`` where the message carries it."""

    url: str
    width: int
    height: int
    jpeg: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Who sends, how to answer and to leave, and where the issue lives on the web.

    ``sender`` and ``reply_to`` are RFC 5322 mailboxes. ``unsubscribe`` and ``preferences`` are
    URLs that the reader's token is appended to, ``/token``; ``unsubscribe_mail`` is an address
    that takes "unsubscribe TOKEN" as a subject. ``archive`` is the URL that the web archive is
    published under. ``strings`` replaces furniture, ``utm`` is added to the links of stories,
    ``carry`` says how the picture of a post comes to the reader: by a link to where it is
    ("link"), in the message ("embed"), or small from under ``archive`` ("host"); ``pictures`` maps
    its URL to the small one.
    """

    sender: str = ""
    reply_to: str = ""
    postal_address: str = ""
    unsubscribe: str = ""
    unsubscribe_mail: str = ""
    preferences: str = ""
    archive: str = ""
    list_id: str = ""
    look: Look = field(default_factory=Look)
    strings: Mapping[str, str] = field(default_factory=dict)
    utm: Mapping[str, str] = field(default_factory=dict)
    carry: Carry = "link"
    pictures: Mapping[str, Hosted] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """Return the domain that the sender writes from."""
        from email.utils import parseaddr

        return parseaddr(self.sender)[1].rpartition("@")[2] or "example.invalid"

    def picture(self, image: Image | None) -> Image | None:
        """Return *image* as a mail may show it (``clean.picture``), from our place if kept."""
        ours = self.pictures.get(image.url) if image else None
        shown = picture(image, carried=ours is not None)
        if shown is None or ours is None:
            return shown
        return Image(url=ours.url, alt=shown.alt, width=ours.width, height=ours.height)

    def page(self, issue: str) -> str:
        """Return the URL of the page of *issue* (its id) in the web archive, "" without one."""
        return f"{self.archive.rstrip('/')}/{slug(issue)}/" if self.archive else ""


def slug(issue: str) -> str:
    """Return the folder of *issue* (its id) in a web archive: ``weekly-2026-w02``."""
    return _NOT_SLUG.sub("-", issue.lower()).strip("-")[:64] or "issue"
