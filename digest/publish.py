"""What an issue looks like on the web: its archive as plain files, and its quote card."""

from pathlib import Path

from digest import app
from digest.config import Settings
from digest.errors import DigestError
from digest.model import Revision
from digest.render.card import Card, Shape, available, card
from digest.render.web import archive


def card_of(settings: Settings, revision: Revision, shape: Shape = "wide") -> Card:
    """Return the quote card of *revision*; DigestError where the issue quotes nobody."""
    made = card(revision.issue, app.templates(settings), app.letterhead(settings), shape=shape)
    if made is None:
        remedy = "Choose a period whose posts quote somebody by name."
        raise DigestError(revision.issue.id, "the issue has no pull-quote to show", remedy)
    return made


def pages(settings: Settings, revision: Revision) -> dict[str, bytes]:
    """Return the files of the archive by path: every approved issue of the digest, and this one.

    Quote cards are among them where the extra ``cards`` is installed.
    """
    name = revision.issue.edition.name
    shown = {one.issue.id: one for one in app.issues(settings).all_approved(name)}
    shown[revision.issue.id] = revision
    cards = {
        issue: card_of(settings, one).png
        for issue, one in shown.items()
        if one.issue.pull_quote and available()
    }
    return archive(tuple(shown.values()), app.templates(settings), app.letterhead(settings), cards)


def write(files: dict[str, bytes], folder: Path) -> None:
    """Write *files* below *folder*; DigestError names what cannot be written."""
    for name, content in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            remedy = "Name a place that you may write to with --out."
            raise DigestError(str(path), f"cannot be written: {error.strerror}", remedy) from None
