"""What a frame shows: the frozen bytes of a revision, and the policy they are shown under. Pure.

The mail is shown as it leaves, dummy values in its slots. ``lend_pictures`` is the one change that
may be asked for, so that a draft shows its pictures before they are anywhere: those that the
message carries itself are put in its place, and so are those of a folder that is not published yet.
"""

import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from digest.model import Revision
from digest.render.export import embed_pictures
from digest.render.mime import fill_message, make_dummy_values, open_message
from digest.render.slots import fill_text, read_html, read_text

_SOURCE = re.compile(r'(<img\b[^<>]*?\ssrc=")([^"]*)(")', re.IGNORECASE)
_FRAME = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src {pictures}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
)


def policy_of(hosts: Iterable[str], *, pictures: bool = True) -> str:
    """Return the Content-Security-Policy of a frame that may show pictures of *hosts* only."""
    allowed = " ".join(("data:", "'self'", *hosts)) if pictures else "'none'"
    return _FRAME.format(pictures=allowed)


def list_picture_hosts(revision: Revision) -> tuple[str, ...]:
    """Return the origins that the issue's own pictures are on, in order."""
    letters = (story.post.image.url for story in revision.issue.stories if story.post.image)
    notes = (note.image.url for note in revision.issue.notes if note.image)
    shown = (found[2] for found in _SOURCE.finditer(revision.mail.html))
    return tuple(
        sorted({origin for url in (*letters, *notes, *shown) if (origin := _find_origin(url))})
    )


def _find_origin(url: str) -> str:
    """Return the origin of *url* as a policy names it; "" where a browser would not fetch it."""
    parts = urlsplit(url)
    plain = re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", parts.netloc)
    return f"{parts.scheme}://{parts.netloc}" if plain and parts.scheme in ("http", "https") else ""


def show_mail(revision: Revision) -> str:
    """Return the HTML of the mail as it leaves, with dummies in its slots."""
    return fill_text(read_html(revision.mail), make_dummy_values())


def lend_pictures(revision: Revision, local: Callable[[str], str]) -> str:
    """Return the mail with its pictures lent: *local* returns where one is to be had, else ""."""

    def put(found: re.Match[str]) -> str:
        return found[1] + (local(found[2].replace("&amp;", "&")) or found[2]) + found[3]

    return _SOURCE.sub(put, embed_pictures(revision.mail, show_mail(revision)))


def show_source(revision: Revision) -> str:
    """Return the whole message as text."""
    message = fill_message(open_message(revision.mail), make_dummy_values())
    return message.decode("ascii", "replace").replace("\r\n", "\n")


def show_text(revision: Revision) -> str:
    """Return the plain text of the mail."""
    return fill_text(read_text(revision.mail), make_dummy_values())
