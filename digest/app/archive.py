"""What an issue looks like on the web: its archive as plain files, and its quote card."""

import re
from collections.abc import Iterable
from pathlib import Path

from digest.app.composition import App
from digest.model import Revision
from digest.model.errors import DigestError
from digest.model.picture_name import is_picture_name
from digest.render.images import PICTURES_FOLDER
from digest.render.quote_card import CardShape, draw_card, is_available
from digest.render.web_page import render_archive


def card_of(app: App, revision: Revision, shape: CardShape = "wide") -> bytes:
    """Return the quote card (PNG) of *revision*: the wide one as its threads show it, if they do.

    DigestError where the issue quotes nobody, or the extra ``cards`` is not installed.
    """
    frozen = _find_frozen_card(revision) if shape == "wide" else ""
    if frozen:
        return app.pictures.read(frozen)
    made = draw_card(
        revision.issue,
        app.templates,
        app.letterhead,
        shape=shape,
    )
    if made is None:
        remedy = "Choose a period whose posts quote somebody by name."
        raise DigestError(revision.issue.id, "the issue has no pull-quote to show", remedy)
    return made.png


def _find_frozen_card(revision: Revision) -> str:
    """Return the name of the card in the threads of *revision*, "" where they show none."""
    shown = (one.path for t in revision.threads for part in t.parts for one in part.media)
    return next(filter(is_picture_name, shown), "")


def make_archive_pages(app: App, revision: Revision) -> dict[str, bytes]:
    """Return the files of the archive by path: every approved issue of the digest, and this one.

    Quote cards are among them where there are some, and the pictures that mails take from here.
    """
    name = revision.issue.edition.name
    shown = {one.issue.id: one for one in app.issues.all_approved(name)}
    shown[revision.issue.id] = revision
    cards = {
        issue: card_of(app, one)
        for issue, one in shown.items()
        if _find_frozen_card(one) or (one.issue.pull_quote and is_available())
    }
    files = render_archive(
        tuple(shown.values()),
        app.templates,
        app.letterhead,
        cards,
    )
    return files | _list_hosted_pictures(app, shown.values())


def _list_hosted_pictures(app: App, revisions: Iterable[Revision]) -> dict[str, bytes]:
    """Return the pictures below the archive that the mails of *revisions* show."""
    below = re.escape(f"{app.settings.mail.archive.rstrip('/')}/{PICTURES_FOLDER}/")
    names = {n for one in revisions for n in re.findall(rf"{below}([0-9a-f.]+\w+)", one.mail.html)}
    kept = app.pictures
    return {
        f"{PICTURES_FOLDER}/{name}": kept.read(name)
        for name in sorted(names)
        if is_picture_name(name)
    }


def write_files(files: dict[str, bytes], folder: Path) -> None:
    """Write *files* below *folder*; DigestError names what cannot be written."""
    for name, content in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            remedy = "Name a place that you may write to with --out."
            raise DigestError(str(path), f"cannot be written: {error.strerror}", remedy) from None
