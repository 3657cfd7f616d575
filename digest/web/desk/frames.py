"""What a frame shows: the frozen bytes of a revision, and the policy they are shown under. Pure.

The mail is shown as it leaves, dummy values in its slots. ``lent`` is the one change that may be
asked for, so that a draft shows its pictures before they are anywhere: those that the message
carries itself are put in its place, and so are those of a folder that is not published yet.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from email import message_from_bytes, policy
from urllib.parse import urlsplit

from digest.model import Revision
from digest.render.mime import dummy, fill, fill_text

_SOURCE = re.compile(r'(<img\b[^>]*?\ssrc=")([^"]*)(")', re.IGNORECASE)
_FRAME = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src {pictures}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
)


def policy_of(hosts: Iterable[str], *, pictures: bool = True) -> str:
    """Return the Content-Security-Policy of a frame that may show pictures of *hosts* only."""
    allowed = " ".join(("data:", "'self'", *hosts)) if pictures else "'none'"
    return _FRAME.format(pictures=allowed)


def hosts(revision: Revision) -> tuple[str, ...]:
    """Return the origins that the issue's own pictures are on, in order."""
    letters = (story.post.image.url for story in revision.issue.stories if story.post.image)
    notes = (note.image.url for note in revision.issue.notes if note.image)
    shown = (found[2] for found in _SOURCE.finditer(revision.mail.html))
    return tuple(sorted({origin for url in (*letters, *notes, *shown) if (origin := _origin(url))}))


def _origin(url: str) -> str:
    """Return the origin of *url* as a policy names it; "" where a browser would not fetch it."""
    parts = urlsplit(url)
    plain = re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", parts.netloc)
    return f"{parts.scheme}://{parts.netloc}" if plain and parts.scheme in ("http", "https") else ""


def mail(revision: Revision) -> str:
    """Return the HTML of the mail as it leaves, with dummies in its slots."""
    return fill_text(revision.mail.html, dummy())


def lent(revision: Revision, local: Callable[[str], str]) -> str:
    """Return the mail with its pictures lent: *local* returns where one is to be had, else ""."""
    carried = _carried(revision.mail.mime)

    def put(found: re.Match[str]) -> str:
        url = found[2].replace("&amp;", "&")
        return found[1] + (carried.get(url) or local(url) or found[2]) + found[3]

    return _SOURCE.sub(put, mail(revision))


def _carried(mime: bytes) -> dict[str, str]:
    """Return the pictures that the message carries, ``cid:`` address -> ``data:`` address."""
    if b"Content-ID:" not in mime:
        return {}
    found = {}
    for part in message_from_bytes(mime, policy=policy.default).walk():
        name, body = part.get("Content-ID", "").strip("<>"), part.get_payload(decode=True)
        if name and isinstance(body, bytes):
            kind = part.get_content_type()
            found[f"cid:{name}"] = f"data:{kind};base64,{b64encode(body).decode()}"
    return found


def source(revision: Revision) -> str:
    """Return the whole message as text."""
    return fill(revision.mail.mime, dummy()).decode("ascii", "replace").replace("\r\n", "\n")


def plain(revision: Revision) -> str:
    """Return the plain text of the mail."""
    return fill_text(revision.mail.text, dummy())
