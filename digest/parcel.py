"""What of a part is handed to an account, as the outbox keeps it: one JSON text."""

import msgspec

from digest.model import Attachment, Entry, Revision, Thread
from digest.model.outbox import entry
from digest.text.links import encoded


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A part ready for the post: its text, pictures, and what a card for ``link`` says."""

    text: str
    language: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    media: tuple[Attachment, ...] = ()


def parcels(revision: Revision, thread: Thread) -> tuple[Entry, ...]:
    """Return the entries of *thread*, one a part; the same revision gives the same bytes."""
    return tuple(
        entry(
            revision.issue.id,
            thread.network,
            msgspec.json.encode(_parcel(revision, thread, number)).decode(),
            part=number,
            revision=revision.number,
        )
        for number in range(1, len(thread.parts) + 1)
    )


def _parcel(revision: Revision, thread: Thread, number: int) -> Parcel:
    issue, part = revision.issue, thread.parts[number - 1]
    about = next((s for s in issue.stories if encoded(s.post.url) == part.link), None)
    return Parcel(
        text=part.text,
        language=issue.edition.language,
        link=part.link or "",
        title=about.post.title if about else issue.subject or issue.edition.title,
        summary=about.reading.summary if about else issue.preheader,
        media=part.media,
    )


def opened(one: Entry) -> Parcel:
    """Return the parcel in *one*."""
    return msgspec.json.decode(one.payload, type=Parcel)
