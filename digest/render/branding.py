"""What every issue of a digest carries: sender, footer, links, colours and wording.

What every issue of a digest carries whatever it says: sender, footer, links and looks.

The colours of an issue, light and dark, derived from the few that a user names.

Contrast is WCAG 2.2's (success criterion 1.4.3): every text colour made here is above 4.5:1 on
the ground it is used on, whatever accent a user likes.

Whether a user's own wording of the furniture can be used: its message exists, its slots do.
"""

import re
from collections.abc import Mapping
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from digest.model import Image
from digest.model.errors import ConfigError
from digest.render.sanitize import clean_picture
from digest.text.localization import DOMAIN, LOCALE_DIR

PictureMode = Literal["link", "embed", "host"]
BLOCKS = ("lead", "quote", "sections", "themes", "also")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_FONTS = re.compile(r"[\w \-,.'\"\u3000-\u9fff]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
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
class HostedPicture:
    """A picture at a URL of ours, its size in CSS pixels; ``jpeg`` where the message carries it."""

    url: str
    width: int
    height: int
    jpeg: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding:
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
    look: Appearance = field(default_factory=Appearance)
    strings: Mapping[str, str] = field(default_factory=dict)
    utm: Mapping[str, str] = field(default_factory=dict)
    carry: PictureMode = "link"
    pictures: Mapping[str, HostedPicture] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """Return the domain that the sender writes from."""
        from email.utils import parseaddr

        return parseaddr(self.sender)[1].rpartition("@")[2] or "example.invalid"

    def picture(self, image: Image | None) -> Image | None:
        """Return *image* as a mail may show it (``clean.picture``), from our place if kept."""
        ours = self.pictures.get(image.url) if image else None
        shown = clean_picture(image, carried=ours is not None)
        if shown is None or ours is None:
            return shown
        return Image(url=ours.url, alt=shown.alt, width=ours.width, height=ours.height)

    def page(self, issue: str) -> str:
        """Return the URL of the page of *issue* (its id) in the web archive, "" without one."""
        return f"{self.archive.rstrip('/')}/{make_slug(issue)}/" if self.archive else ""


def make_slug(issue: str) -> str:
    """Return the folder of *issue* (its id) in a web archive: ``weekly-2026-w02``."""
    return _NOT_SLUG.sub("-", issue.lower()).strip("-")[:64] or "issue"


READABLE = 4.6

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one scheme, as ``#rrggbb``.

    ``paper`` lies around the sheet, ``sheet`` under the text, ``tint`` under the quotation;
    ``link`` is the accent made readable on all three; ``fill`` and ``on_fill`` are the button.
    """

    paper: str
    sheet: str
    ink: str
    mute: str
    rule: str
    tint: str
    link: str
    fill: str
    on_fill: str


def make_light_palette(accent: str) -> Palette:
    """Return the light palette around *accent*."""
    tint = mix_colours(accent, "#ffffff", 0.07)
    link = make_readable(accent, on=(tint, "#f5f2ec"))
    return Palette(
        paper="#f5f2ec",
        sheet="#ffffff",
        ink="#1d1b18",
        mute=make_readable("#676157", on=(tint, "#f5f2ec")),
        rule="#e3ddd2",
        tint=tint,
        link=link,
        fill=link,
        on_fill="#ffffff",
    )


def make_dark_palette(accent: str) -> Palette:
    """Return the dark palette around *accent*: designed for the night, not inverted."""
    tint = mix_colours(accent, "#1f1d1b", 0.11)
    return Palette(
        paper="#131211",
        sheet="#1f1d1b",
        ink="#ece7de",
        mute=make_readable("#aca599", on=(tint, "#1f1d1b")),
        rule="#3a362f",
        tint=tint,
        link=make_readable(accent, on=(tint, "#1f1d1b")),
        fill=make_readable(accent, on=("#ffffff",)),
        on_fill="#ffffff",
    )


def make_readable(colour: str, *, on: tuple[str, ...]) -> str:
    """Return *colour*, lighter or darker in its own hue until readable on all of *on*."""
    hue, lightness, saturation = rgb_to_hls(*(channel / 255 for channel in _parse_hex(colour)))
    goal = 1.0 if _measure_luminance(on[0]) < 0.18 else 0.0
    for step in range(41):
        level = lightness + (goal - lightness) * step / 40
        shade = _format_hex(*(value * 255 for value in hls_to_rgb(hue, level, saturation)))
        if all(measure_contrast(shade, ground) >= READABLE for ground in on):
            break
    return shade


def mix_colours(one: str, other: str, share: float) -> str:
    """Return the colour that is *share* (0-1) of *one* and the rest of *other*."""
    pairs = zip(_parse_hex(one), _parse_hex(other), strict=True)
    return _format_hex(*(a * share + b * (1 - share) for a, b in pairs))


def measure_contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    low, high = sorted((_measure_luminance(one), _measure_luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _measure_luminance(colour: str) -> float:
    linear = (_linearize_channel(channel / 255) for channel in _parse_hex(colour))
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _linearize_channel(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _format_hex(*channels: float) -> str:
    return "#" + "".join(f"{round(channel):02x}" for channel in channels)


def _parse_hex(colour: str) -> Colour:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


_SLOT = re.compile(r"\{\w+\}")


def check_strings(strings: Mapping[str, str], *, own: bool = False) -> None:
    """Raise ConfigError for a wording of *strings* that is of no use.

    With *own* templates there may be messages that only they know.
    """
    from difflib import get_close_matches

    known = _load_messages() if strings else frozenset()
    for message, wording in strings.items():
        if message not in known and not own:
            near = get_close_matches(message, known, n=1, cutoff=0.3)
            cause = f"there is no such wording{f'; is it {near[0]!r}?' if near else ''}"
            raise ConfigError(f"strings: {message!r}", cause, "Write the English words exactly.")
        slots = sorted(set(_SLOT.findall(message)))
        if odd := sorted(set(_SLOT.findall(wording)) - set(slots)):
            remedy = f"There is {', '.join(slots)}." if slots else "Write words only."
            raise ConfigError(f"strings: {message!r}", f"nothing fills {odd[0]}", remedy)


@cache
def _load_messages() -> frozenset[str]:
    """Return the English words of every message."""
    from babel.messages.pofile import read_po

    path = LOCALE_DIR / "zh_Hant" / "LC_MESSAGES" / f"{DOMAIN}.po"
    with path.open("rb") as file:
        ids = [message.id for message in read_po(file) if message.id]
    return frozenset(one for found in ids for one in ([found] if isinstance(found, str) else found))
