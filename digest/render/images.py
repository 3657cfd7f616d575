"""The pictures that go with an issue: made small, kept by content, sent along or hosted.

Pictures made small enough to send along or to host again. Needs the extra ``pictures``.

What is fetched, and whether, is the caller's business; ``Letterhead.pictures`` tells the mail.

The pictures that go with an issue: made or fetched once, kept in the store, named by content.

``keep_quote_card`` is what threads show of the pull-quote; ``add_pictures`` makes the lead's
picture small and puts it into the mail itself or under the web archive, where ``[mail] pictures``
asks for it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.util import find_spec

from digest.http.limited_process import run_limited
from digest.model import Attachment, Image, Issue, Story
from digest.model.errors import DigestError
from digest.model.picture_name import name_picture
from digest.model.ports.editorial import Pictures
from digest.render.branding import Branding, HostedPicture
from digest.render.picture_decoder import SECONDS, WIDTH
from digest.render.quote_card import is_available, make_recipe
from digest.render.sanitize import clean_picture
from digest.render.templates import Templates
from digest.render.thread_texts import display_quote

PICTURES_FOLDER = "pictures"  # below the web archive
FetchBytes = Callable[
    [str], bytes
]  # the URL of a picture -> its bytes; DigestError where it is not to be had


def keep_quote_card(
    issue: Issue, templates: Templates, letterhead: Branding, pictures: Pictures
) -> Attachment | None:
    """Return the card of the issue's pull-quote as it is kept; drawn only if it was not before.

    None where the issue has no pull-quote or the extra ``cards`` is not installed.
    """
    wanted = make_recipe(issue, templates, letterhead) if is_available() else None
    if wanted is None:
        return None
    key = wanted.key
    name = pictures.named(key) or pictures.keep(wanted.draw().png, key)
    return Attachment(path=name, alt=wanted.alt)


def keep_story_card(
    story: Story, issue: Issue, templates: Templates, letterhead: Branding, pictures: Pictures
) -> Attachment | None:
    """Return the card of the best quotation of *story* alone."""
    return keep_quote_card(display_quote(story, issue), templates, letterhead, pictures)


def add_pictures(
    issue: Issue, letterhead: Branding, pictures: Pictures, get: FetchBytes
) -> Branding:
    """Return *letterhead* with the lead's picture made small and kept, where it asks for that.

    What cannot be fetched now is what was kept before, else it stays a link.
    """
    image = find_shown_picture(issue) if letterhead.carry != "link" else None
    made = _make_small_picture(image.url, letterhead, pictures, get) if image else None
    return replace(letterhead, pictures={image.url: made}) if image and made else letterhead


def find_shown_picture(issue: Issue) -> Image | None:
    """Return the one picture that a mail of *issue* may carry: its lead's."""
    lead = issue.sections[0].stories if issue.sections else ()
    image = lead[0].post.image if len(lead) == 1 else None
    return image if clean_picture(image, carried=True) else None


def _make_small_picture(
    url: str, letterhead: Branding, pictures: Pictures, get: FetchBytes
) -> HostedPicture | None:

    key = f"small:{sha256(url.encode()).hexdigest()}"
    try:
        made = make_thumbnail(get(url))
        pictures.keep(made.jpeg, key)
    except DigestError:
        name = pictures.named(key)
        if not name:
            return None
        made = read_thumbnail(pictures.read(name))
    if letterhead.carry == "embed":
        return embed_thumbnail(made)
    return host_thumbnail(made, f"{letterhead.archive.rstrip('/')}/{PICTURES_FOLDER}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """A JPEG without metadata; ``width`` and ``height`` are its size in CSS pixels."""

    jpeg: bytes
    width: int
    height: int

    @property
    def name(self) -> str:
        """Return the name that its content gives it."""
        return name_picture(self.jpeg)


def make_thumbnail(content: bytes) -> Thumbnail:
    """Return the picture in *content*, small; see ``picture_decoder.shrink_picture``.

    DigestError for what is no picture of the web, is too large or too small, or does harm.
    """
    if not find_spec("PIL"):
        remedy = "Install the extra: pip install 'digest-newsletter[pictures]'"
        raise DigestError("a thumbnail", "Pillow is not installed", remedy)
    return read_thumbnail(run_limited("digest.render.picture_decoder", content, seconds=SECONDS))


def fit_bytes(content: bytes, most: int) -> bytes:
    """Return the picture in *content* as a JPEG of at most *most* bytes, as large as that lets it.

    DigestError where it moves, is no picture of the web, or Pillow is not installed.
    """
    if why := why_not_fitted(content):
        cause = f"is larger than the {most // 1000} kB the network takes, and {why}"
        raise DigestError("a picture", cause)
    asked = most.to_bytes(8) + content
    return run_limited("digest.render.picture_fitter", asked, seconds=SECONDS)


def why_not_fitted(content: bytes) -> str:
    """Return why the picture in *content* cannot be made smaller, "" where it can."""
    if content.startswith(b"GIF8"):
        return "one that moves cannot be made smaller"
    if not find_spec("PIL"):
        return "Pillow is not installed: pip install 'digest-newsletter[pictures]'"
    return ""


def read_thumbnail(jpeg: bytes) -> Thumbnail:
    """Return the thumbnail that *jpeg*, a JPEG of our own making, was kept as."""
    width, height = _read_jpeg_size(jpeg)
    shown = min(WIDTH, width)
    return Thumbnail(jpeg=jpeg, width=shown, height=round(height * shown / width))


def _read_jpeg_size(jpeg: bytes) -> tuple[int, int]:
    """Return width and height from the frame header of *jpeg* (ITU T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(jpeg) and jpeg[at] == 0xFF:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = jpeg[at + 5 : at + 7], jpeg[at + 7 : at + 9]
            return int.from_bytes(width), int.from_bytes(height)
        at += 2 + length
    raise DigestError("a kept picture", "is no JPEG of ours", "Draft the issue again.")


def host_thumbnail(made: Thumbnail, folder: str) -> HostedPicture:
    """Return *made* as it will stand under the URL *folder*."""
    url = f"{folder.rstrip('/')}/{made.name}"
    return HostedPicture(url=url, width=made.width, height=made.height)


def embed_thumbnail(made: Thumbnail) -> HostedPicture:
    """Return *made* as a part of the message itself (RFC 2392)."""
    url = f"cid:{made.name}"
    return HostedPicture(url=url, width=made.width, height=made.height, jpeg=made.jpeg)
