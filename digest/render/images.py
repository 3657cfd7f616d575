"""The pictures that go with an issue: made small, kept by content, sent along or hosted.

Pictures made small enough to send along or to host again. Needs the extra ``pictures``.

What is fetched, and whether, is the caller's business; ``Letterhead.pictures`` tells the mail.

The pictures that go with an issue: made or fetched once, kept in the store, named by content.

``quote_card`` is what threads show of the pull-quote; ``pictured`` makes the lead's picture small
and puts it into the mail itself or under the web archive, where ``[mail] pictures`` asks for it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from digest.model import Attachment, Image, Issue, Story
from digest.model.errors import DigestError
from digest.model.picture_name import name_of
from digest.model.ports.editorial import Pictures
from digest.render.branding import Branding, Hosted
from digest.render.quote_card import available, recipe
from digest.render.sanitize import picture
from digest.render.templates import Templates
from digest.render.thread_texts import on_display

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

FOLDER = "pictures"  # below the web archive
Get = Callable[
    [str], bytes
]  # the URL of a picture -> its bytes; DigestError where it is not to be had


def quote_card(
    issue: Issue, templates: Templates, letterhead: Branding, pictures: Pictures
) -> Attachment | None:
    """Return the card of the issue's pull-quote as it is kept; drawn only if it was not before.

    None where the issue has no pull-quote or the extra ``cards`` is not installed.
    """
    wanted = recipe(issue, templates, letterhead) if available() else None
    if wanted is None:
        return None
    key = wanted.key
    name = pictures.named(key) or pictures.keep(wanted.draw().png, key)
    return Attachment(path=name, alt=wanted.alt)


def story_card(
    story: Story, issue: Issue, templates: Templates, letterhead: Branding, pictures: Pictures
) -> Attachment | None:
    """Return the card of the best quotation of *story* alone."""
    return quote_card(on_display(story, issue), templates, letterhead, pictures)


def pictured(issue: Issue, letterhead: Branding, pictures: Pictures, get: Get) -> Branding:
    """Return *letterhead* with the lead's picture made small and kept, where it asks for that.

    What cannot be fetched now is what was kept before, else it stays a link.
    """
    image = shown(issue) if letterhead.carry != "link" else None
    made = _small(image.url, letterhead, pictures, get) if image else None
    return replace(letterhead, pictures={image.url: made}) if image and made else letterhead


def shown(issue: Issue) -> Image | None:
    """Return the one picture that a mail of *issue* may carry: its lead's."""
    lead = issue.sections[0].stories if issue.sections else ()
    image = lead[0].post.image if len(lead) == 1 else None
    return image if picture(image, carried=True) else None


def _small(url: str, letterhead: Branding, pictures: Pictures, get: Get) -> Hosted | None:

    key = f"small:{sha256(url.encode()).hexdigest()}"
    try:
        made = thumbnail(get(url))
        pictures.keep(made.jpeg, key)
    except DigestError:
        name = pictures.named(key)
        if not name:
            return None
        made = of_kept(pictures.read(name))
    if letterhead.carry == "embed":
        return embedded(made)
    return hosted(made, f"{letterhead.archive.rstrip('/')}/{FOLDER}")


SHOWN_WIDTH = 528  # CSS pixels: what the sheet of a mail leaves between its margins
DENSITY = 2  # pixels of a picture for each CSS pixel, for the screens of phones
MAX_BYTES = 200 * 1024
MAX_PIXELS = 60_000_000
MIN_SIDE = 120
_QUALITIES = (82, 72, 60, 45, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A JPEG without metadata; ``width`` and ``height`` are its size in CSS pixels."""

    jpeg: bytes
    width: int
    height: int

    @property
    def name(self) -> str:
        """Return the name that its content gives it."""
        return name_of(self.jpeg)


def thumbnail(content: bytes, *, width: int = SHOWN_WIDTH) -> Thumbnail:
    """Return the picture in *content* at most *width* CSS pixels wide, small in bytes.

    It is turned as its EXIF says, cut to at most three halves of its width in height, and laid on
    white where it is transparent. DigestError for what is no picture, too large or too small.
    """
    picture = _flat(_read(content))
    picture.thumbnail((width * DENSITY, width * DENSITY * 2))
    shown = min(width, picture.width)
    height = round(picture.height * shown / picture.width)
    return Thumbnail(jpeg=_jpeg(picture), width=shown, height=height)


def of_kept(jpeg: bytes) -> Thumbnail:
    """Return the thumbnail that *jpeg* was kept as."""
    picture = _read(jpeg)
    shown = min(SHOWN_WIDTH, picture.width)
    return Thumbnail(jpeg=jpeg, width=shown, height=round(picture.height * shown / picture.width))


def hosted(made: Thumbnail, folder: str) -> Hosted:
    """Return *made* as it will stand under the URL *folder*."""
    url = f"{folder.rstrip('/')}/{made.name}"
    return Hosted(url=url, width=made.width, height=made.height)


def embedded(made: Thumbnail) -> Hosted:
    """Return *made* as a part of the message itself (RFC 2392)."""
    url = f"cid:{made.name}"
    return Hosted(url=url, width=made.width, height=made.height, jpeg=made.jpeg)


def _read(content: bytes) -> "Picture":
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError as error:
        remedy = "Install the extra: pip install 'digest-newsletter[pictures]'"
        raise DigestError("a thumbnail", "Pillow is not installed", remedy) from error
    try:
        with Image.open(BytesIO(content)) as opened:
            _fits(*opened.size)
            return ImageOps.exif_transpose(opened).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise DigestError("a picture", f"cannot be read: {error}") from error


def _fits(width: int, height: int) -> None:
    """Raise DigestError for a size that would fill memory (it is claimed, not yet read)."""
    if width * height > MAX_PIXELS or min(width, height) < MIN_SIDE:
        raise DigestError("a picture", f"{width} by {height} pixels are not what a mail shows")


def _flat(picture: "Picture") -> "Picture":
    from PIL import Image

    flat = Image.new("RGB", picture.size, "white")
    flat.paste(picture, mask=picture.getchannel("A"))
    return flat.crop((0, 0, flat.width, min(flat.height, flat.width * 3 // 2)))


def _jpeg(picture: "Picture") -> bytes:
    """Return *picture* at the best quality that fits ``MAX_BYTES``, else at the lowest."""
    jpeg = b""
    for quality in _QUALITIES:
        written = BytesIO()
        picture.save(written, "JPEG", quality=quality, optimize=True, progressive=True)
        jpeg = written.getvalue()
        if len(jpeg) <= MAX_BYTES:
            break
    return jpeg
