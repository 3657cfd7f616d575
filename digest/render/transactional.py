"""Single mails in the dress of an issue: letters to a reader, corrections, reviews.

The review mail: the draft as it would go out, and above it the links to approve or hold it.

Letters to one reader: confirm, welcome, known already, a new link; made like an issue's mail.

A mail that puts an issue right, to those who got it: the editor's words, and little else.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from html import escape
from typing import Literal

from digest.model import Digest, Mail, Revision
from digest.model.draft import Slots
from digest.model.errors import DraftError
from digest.model.mailing import Message
from digest.render import branding, mime
from digest.render.branding import Branding
from digest.render.editor_notes import render_note
from digest.render.export import export_revision
from digest.render.mjml import compile_template
from digest.render.personalize import Personalizer, RecipientLinks
from digest.render.preflight import check_revision
from digest.render.slots import SlotMarks
from digest.render.templates import Templates
from digest.text.localization import load_catalogue

LetterKind = Literal["confirm", "welcome", "known", "link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a letter is about: ``title`` of the newsletter, the button's ``url``, the way out.

    ``titles`` names the digests, ``days`` is how long the button works, ``leave`` the URL of the
    reader's own page, "" where they are no subscriber yet; ``archive`` the earlier issues.
    """

    kind: LetterKind
    recipient: str
    language: str
    title: str
    url: str
    name: str = ""
    titles: Sequence[str] = ()
    days: int = 0
    leave: str = ""
    archive: str = ""


def render_letter(
    about: Letter,
    letterhead: Branding,
    templates: Templates,
    *,
    key: str,
    moment: datetime,
    back: str = "",
) -> Message:
    """Return the finished message, known by *key*; what bounces comes *back* to that address."""
    words = load_catalogue(about.language, letterhead.strings)
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
        "light": branding.make_light_palette(look.accent),
        "dark": branding.make_dark_palette(look.accent),
        "words": words,
        "_": words.gettext,
        "ngettext": words.ngettext,
        "direction": "ltr",
        "postal_address": letterhead.postal_address,
    }
    html = compile_template(templates, "email/letter.mjml.jinja", values).html
    text = templates.render("email/letter.txt.jinja", values).strip("\n") + "\n"
    message = mime.build_message(_build_letter_headers(about, view, letterhead), text, html)
    mine = RecipientLinks(
        token=mime.make_dummy_values()["token"], return_path=back
    )  # its links are its own
    copier = Personalizer.of(message, job="letter", digest="", passes=lambda _number: mine)
    return copier.made(about.recipient, "", mine, key=key, moment=moment)


def _build_letter_headers(
    about: Letter, view: Mapping[str, str], letterhead: Branding
) -> mime.Headers:
    return mime.Headers(
        subject=view["subject"],
        sender=parseaddr(letterhead.sender or mime.NOBODY),
        reply_to=parseaddr(letterhead.reply_to) if letterhead.reply_to else None,
        language=about.language,
        unsubscribe=(about.leave,) if about.leave else (),
        personal=False,
        automatic=True,
    )


_PAGE = (
    '<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme"'
    ' content="light dark"><title>{subject}</title></head><body style="margin:0 auto;'
    'max-width:36em;padding:1.5em;font-family:{fonts};font-size:16px;line-height:1.6">'
    "{body}<hr>{foot}</body></html>"
)
_FONTS = "-apple-system,'Noto Sans TC','PingFang TC','Segoe UI',Roboto,sans-serif"
_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")


def render_correction(
    revision: Revision, text: str, letterhead: Branding, subject: str = ""
) -> Mail:
    """Return the mail that corrects the mail of *revision*: *text* is Markdown, as in notes.

    It answers the reader's own copy, so that both stand together. DraftError for an empty text.
    """
    if not text.strip():
        raise DraftError("correction", "says nothing", "Write it: --text FILE, or --edit.")
    edition = revision.issue.edition
    words = load_catalogue(edition.language, letterhead.strings)
    before = revision.mail.subject
    title = subject or words.gettext("Correction: {subject}", subject=before)
    note = words.gettext("This corrects “{subject}”, which we sent you.", subject=before)
    return _plain_page(edition, letterhead, title, text, note, answers=True)


def letter_to_all(edition: Digest, text: str, letterhead: Branding, subject: str) -> Mail:
    """Return a letter to the readers of *edition* that is no issue: *text* is Markdown.

    DraftError for an empty text.
    """
    if not text.strip():
        raise DraftError("letter", "says nothing", "Write it into the file.")
    words = load_catalogue(edition.language, letterhead.strings)
    note = words.gettext(
        "You get this email because you subscribed to {title}.", title=edition.title
    )
    return _plain_page(edition, letterhead, subject, text, note, answers=False)


def _plain_page(
    edition: Digest, letterhead: Branding, title: str, text: str, note: str, *, answers: bool
) -> Mail:
    """Return a mail of *text* alone, with *note*, the postal address and the link to leave."""
    marks = SlotMarks()
    link = f"{letterhead.unsubscribe.rstrip('/')}/{marks.mark('token')}"
    leave = load_catalogue(edition.language, letterhead.strings).gettext("Unsubscribe")
    foot = f"<p>{escape(note)}</p><p>{escape(letterhead.postal_address)}</p>"
    foot += f'<p><a href="{escape(link)}">{escape(leave)}</a></p>'
    html = _PAGE.format(
        language=escape(edition.language),
        direction="rtl" if edition.language.split("-")[0] in _RIGHT_TO_LEFT else "ltr",
        subject=escape(title),
        fonts=_FONTS,
        body=render_note(text),
        foot=foot,
    )
    plain = "\n\n".join((text.strip(), note, letterhead.postal_address, f"{leave}: {link}"))
    shown, words_only = marks.lift(html), marks.lift(f"{plain}\n")
    headers = mime.Headers(
        subject=title,
        sender=parseaddr(letterhead.sender),
        reply_to=parseaddr(letterhead.reply_to) if letterhead.reply_to else None,
        language=edition.language,
        list_id=(edition.title, letterhead.list_id or f"digest.{letterhead.domain}"),
        unsubscribe=(f"{letterhead.unsubscribe.rstrip('/')}/",),
        answers=answers,
    )
    message = mime.build_message(headers, words_only, shown)
    return Mail(
        subject=title,
        preheader=note,
        html=shown.text,
        text=words_only.text.removesuffix("\n"),
        mjml="",
        mime=message.content,
        slots=Slots(html=shown.slots, text=words_only.slots, mime=message.slots),
    )


Translate = Callable[..., str]
_BODY = re.compile(r"<body[^<>]*>", re.IGNORECASE)
_BUTTON = (
    "display:inline-block;padding:10px 18px;margin:0 8px 8px 0;border-radius:6px;"
    "border:1px solid #1a1a1a;text-decoration:none;font-weight:600;"
)
_FILLED, _PLAIN = "background:#1a1a1a;color:#ffffff;", "background:#ffffff;color:#1a1a1a;"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRequest:
    """What the editor is asked: ``plan`` is what happens by itself; the links are "" without."""

    revision: Revision
    plan: str
    approve: str = ""
    hold: str = ""
    until: str = ""
    targets: tuple[str, ...] = ()

    @property
    def say(self) -> Translate:
        """Return what says a message in the language of the issue."""
        return load_catalogue(self.revision.issue.edition.language).gettext

    @property
    def subject(self) -> str:
        """Return the subject of the mail."""
        return self.say("For review: {subject}", subject=self.revision.mail.subject)


def render_review_text(asked: ReviewRequest) -> str:
    """Return the review mail in plain text: the question, what preflight found, all the words."""
    parts = [*_list_head_lines(asked), *_list_link_lines(asked), *_list_findings(asked.revision)]
    parts.append("─" * 30 + "\n\n" + export_revision(asked.revision, "text").decode())
    for thread in asked.revision.threads:
        if thread.network in asked.targets and thread.parts:
            said = "\n\n".join(f"{n}. {part.text}" for n, part in enumerate(thread.parts, 1))
            parts.append("─" * 30 + f"\n\n{thread.network}\n\n{said}")
    return "\n\n".join(parts) + "\n"


def render_review_html(asked: ReviewRequest) -> str:
    """Return the issue as its readers would see it, with the question above it."""
    html = export_revision(asked.revision, "html").decode()
    banner = _render_banner(asked)
    return _BODY.sub(lambda found: found[0] + banner, html, count=1)


def _list_head_lines(asked: ReviewRequest) -> Sequence[str]:
    revision = asked.revision
    return (f"{revision.issue.id}, r{revision.number}: {revision.mail.subject}", asked.plan)


def _list_link_lines(asked: ReviewRequest) -> Sequence[str]:
    say = asked.say
    if not asked.approve:
        command = f"digest approve {asked.revision.issue.id}"
        return (say("Approve it with: {command}", command=command),)
    until = say("Each link works once, until {until}, and asks before it acts.", until=asked.until)
    return (f"{say('Approve')}: {asked.approve}", f"{say('Hold')}: {asked.hold}", until)


def _list_findings(revision: Revision) -> Sequence[str]:
    return tuple(str(finding) for finding in check_revision(revision))


def _render_banner(asked: ReviewRequest) -> str:
    lines = [*_list_head_lines(asked)]
    if not asked.approve:
        lines += _list_link_lines(asked)
    told = "".join(f'<p style="margin:0 0 8px">{escape(line)}</p>' for line in lines)
    found = "".join(f"<li>{escape(line)}</li>" for line in _list_findings(asked.revision))
    notes = f'<ul style="margin:8px 0 0;padding-left:20px">{found}</ul>' if found else ""
    return (
        '<div style="background:#fff8dc;color:#1a1a1a;border-bottom:2px solid #1a1a1a;'
        'padding:16px 20px;font:15px/1.5 sans-serif">'
        f"{told}{_render_buttons(asked)}{notes}</div>"
    )


def _render_buttons(asked: ReviewRequest) -> str:
    if not asked.approve:
        return ""
    buttons = (
        f'<a href="{escape(link)}" style="{_BUTTON}{style}">{escape(word)}</a>'
        for link, style, word in (
            (asked.approve, _FILLED, asked.say("Approve")),
            (asked.hold, _PLAIN, asked.say("Hold")),
        )
    )
    return (
        f'<p style="margin:12px 0 0">{"".join(buttons)}</p>'
        f'<p style="margin:0;font-size:13px">{escape(_list_link_lines(asked)[2])}</p>'
    )
