"""Letters to one reader: confirm, welcome, known already, a new link; made like an issue's mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Literal

from digest.catalogue import catalogue
from digest.model.mailing import Message
from digest.render import mime, palette
from digest.render.compiling import compiled
from digest.render.copies import Copier, Pass
from digest.render.letterhead import Letterhead
from digest.render.templates import Templates

Kind = Literal["confirm", "welcome", "known", "link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a letter is about: ``title`` of the newsletter, the button's ``url``, the way out.

    ``titles`` names the digests, ``days`` is how long the button works, ``leave`` the URL of the
    reader's own page, "" where they are no subscriber yet; ``archive`` the earlier issues.
    """

    kind: Kind
    recipient: str
    language: str
    title: str
    url: str
    name: str = ""
    titles: Sequence[str] = ()
    days: int = 0
    leave: str = ""
    archive: str = ""


def letter(
    about: Letter,
    letterhead: Letterhead,
    templates: Templates,
    *,
    key: str,
    moment: datetime,
    back: str = "",
) -> Message:
    """Return the finished message, known by *key*; what bounces comes *back* to that address."""
    words = catalogue(about.language, letterhead.strings)
    subjects = {
        "confirm": words.gettext("Please confirm: {title}", title=about.title),
        "welcome": words.gettext("Welcome to {title}", title=about.title),
        "known": words.gettext("You get {title} already", title=about.title),
        "link": words.gettext("Your new link: {title}", title=about.title),
    }
    glances = {
        "confirm": words.gettext("Confirm the subscription"),
        "welcome": words.gettext("The next issue comes to {address}.", address=about.recipient),
        "known": words.gettext("You are subscribed already"),
        "link": words.gettext("Leave, or choose what you get"),
    }
    view = {
        "language": about.language,
        "subject": subjects[about.kind],
        "preheader": glances[about.kind],
        "title": about.title,
    }
    look = letterhead.look
    values = {
        "about": about,
        "view": view,
        "look": look,
        "light": palette.light(look.accent),
        "dark": palette.dark(look.accent),
        "words": words,
        "_": words.gettext,
        "ngettext": words.ngettext,
        "direction": "ltr",
        "postal_address": letterhead.postal_address,
    }
    html = compiled(templates, "email/letter.mjml.jinja", values).html
    text = templates.render("email/letter.txt.jinja", values).strip("\n") + "\n"
    message = mime.build(_headers(about, view, letterhead), text, html)
    mine = Pass(token=mime.dummy()["token"], return_path=back)  # its links are its own
    copier = Copier.of(message, job="letter", digest="", passes=lambda _number: mine)
    return copier.made(about.recipient, "", mine, key=key, moment=moment)


def _headers(about: Letter, view: Mapping[str, str], letterhead: Letterhead) -> mime.Headers:
    return mime.Headers(
        subject=view["subject"],
        sender=parseaddr(letterhead.sender or f"<nobody@{letterhead.domain}>"),
        reply_to=parseaddr(letterhead.reply_to) if letterhead.reply_to else None,
        language=about.language,
        unsubscribe=(about.leave,) if about.leave else (),
        personal=False,
        automatic=True,
    )
