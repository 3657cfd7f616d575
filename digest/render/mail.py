"""An issue as an email: HTML by way of MJML, plain text, and the whole message with its slots."""

from collections.abc import Iterator
from typing import Any

from digest.catalogue import Catalogue, catalogue
from digest.model import Issue, Mail
from digest.model.draft import Slots
from digest.render import mime
from digest.render.compiling import compiled
from digest.render.letterhead import Letterhead
from digest.render.phrases import whole
from digest.render.plain import plain_text
from digest.render.slots import Marks
from digest.render.templates import Templates
from digest.render.trim import MAX_HTML, shorter
from digest.render.view import Action, View, view

__all__ = ["Letterhead", "render"]


def render(issue: Issue, templates: Templates, letterhead: Letterhead) -> Mail:
    """Return *issue* as a mail with open slots; pure. TemplateError names file, line and cause.

    Where the HTML would be clipped the issue is shortened by the rule of ``trim``.
    """
    words, theme = catalogue(issue.edition.language, letterhead.strings), issue.edition.theme
    marks = Marks()
    for shown in shorter(view(issue, letterhead), words):
        values = _values(shown, letterhead, words, marks)
        mjml, marked = compiled(templates, "email/mail.mjml.jinja", values, theme)
        html = marks.lift(marked)
        if len(html.text.encode()) <= MAX_HTML:
            break
    text = marks.lift(plain_text(values, templates, theme))
    whole_mail = mime.build(_headers(shown, letterhead), text, html, _inline(shown, letterhead))
    return Mail(
        subject=shown.subject,
        preheader=shown.preheader,
        html=html.text,
        text=text.text,
        mjml=marks.lift(mjml).text,
        mime=whole_mail.content,
        slots=Slots(html=html.slots, text=text.slots, mime=whole_mail.slots),
    )


def _values(shown: View, letterhead: Letterhead, words: Catalogue, marks: Marks) -> dict[str, Any]:
    """Return what the templates are given; ``templates/README.md`` explains each name."""
    return {
        "view": shown,
        "look": letterhead.look,
        "light": shown.light,
        "dark": shown.dark,
        "words": words,
        "_": words.gettext,
        "whole": whole,
        "direction": shown.direction,
        "colon": "：" if words.tag != "en" else ": ",
        "foot": tuple(_foot(shown, letterhead, words, marks)),
    }


def _foot(shown: View, letterhead: Letterhead, words: Catalogue, marks: Marks) -> Iterator[Action]:
    own = marks.mark("token")
    if shown.page:
        yield Action(url=shown.page, label=words.gettext("View in browser"))
    if letterhead.preferences:
        yield Action(url=_before(letterhead.preferences) + own, label=words.gettext("Preferences"))
    if letterhead.unsubscribe:
        yield Action(url=_before(letterhead.unsubscribe) + own, label=words.gettext("Unsubscribe"))


def _before(url: str) -> str:
    """Return *url* as the reader's token follows it."""
    return f"{url.rstrip('/')}/"


def _headers(shown: View, letterhead: Letterhead) -> mime.Headers:
    from email.utils import parseaddr

    list_id = letterhead.list_id or f"digest.{letterhead.domain}"
    return mime.Headers(
        subject=shown.subject,
        sender=parseaddr(letterhead.sender or f"<nobody@{letterhead.domain}>"),
        reply_to=parseaddr(letterhead.reply_to) if letterhead.reply_to else None,
        language=shown.language,
        list_id=(shown.title, list_id),
        unsubscribe=tuple(_ways_out(letterhead)),
    )


def _inline(shown: View, letterhead: Letterhead) -> dict[str, bytes]:
    """Return the pictures that the mail carries itself and shows, by content id."""
    urls = {card.image.url for card in shown.cards if card.image}
    carried = (one for one in letterhead.pictures.values() if one.jpeg and one.url in urls)
    return {one.url.removeprefix("cid:"): one.jpeg for one in carried}


def _ways_out(letterhead: Letterhead) -> Iterator[str]:
    if letterhead.unsubscribe:
        yield _before(letterhead.unsubscribe)
    if letterhead.unsubscribe_mail:
        yield f"mailto:{letterhead.unsubscribe_mail}?subject=unsubscribe%20"
