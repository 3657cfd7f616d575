"""A mail that puts an issue right, to those who got it: the editor's words, and little else."""

from html import escape

from digest.catalogue import catalogue
from digest.errors import DraftError
from digest.model import Mail, Revision
from digest.model.draft import Slots
from digest.render import mime
from digest.render.letterhead import Letterhead
from digest.render.notes import markup
from digest.render.slots import Marks

_PAGE = (
    '<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme"'
    ' content="light dark"><title>{subject}</title></head><body style="margin:0 auto;'
    'max-width:36em;padding:1.5em;font-family:{fonts};font-size:16px;line-height:1.6">'
    "{body}<hr>{foot}</body></html>"
)
_FONTS = "-apple-system,'Noto Sans TC','PingFang TC','Segoe UI',Roboto,sans-serif"
_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")


def correction(revision: Revision, text: str, letterhead: Letterhead, subject: str = "") -> Mail:
    """Return the mail that corrects the mail of *revision*: *text* is Markdown, as in notes.

    It answers the reader's own copy, so that both stand together. DraftError for an empty text.
    """
    if not text.strip():
        raise DraftError("correction", "says nothing", "Write it: --text FILE, or --edit.")
    edition = revision.issue.edition
    words = catalogue(edition.language, letterhead.strings)
    before = revision.mail.subject
    title = subject or words.gettext("Correction: {subject}", subject=before)
    note = words.gettext("This corrects “{subject}”, which we sent you.", subject=before)
    marks = Marks()
    link = f"{letterhead.unsubscribe.rstrip('/')}/{marks.mark('token')}"
    leave = words.gettext("Unsubscribe")
    foot = f"<p>{escape(note)}</p><p>{escape(letterhead.postal_address)}</p>"
    foot += f'<p><a href="{escape(link)}">{escape(leave)}</a></p>'
    html = _PAGE.format(
        language=escape(edition.language),
        direction="rtl" if edition.language.split("-")[0] in _RIGHT_TO_LEFT else "ltr",
        subject=escape(title),
        fonts=_FONTS,
        body=markup(text),
        foot=foot,
    )
    plain = "\n\n".join((text.strip(), note, letterhead.postal_address, f"{leave}: {link}"))
    shown, words_only = marks.lift(html), marks.lift(f"{plain}\n")
    message = mime.build(_headers(revision, letterhead, title), words_only, shown)
    return Mail(
        subject=title,
        preheader=note,
        html=shown.text,
        text=words_only.text.removesuffix("\n"),
        mjml="",
        mime=message.content,
        slots=Slots(html=shown.slots, text=words_only.slots, mime=message.slots),
    )


def _headers(revision: Revision, letterhead: Letterhead, subject: str) -> mime.Headers:
    from email.utils import parseaddr

    edition = revision.issue.edition
    return mime.Headers(
        subject=subject,
        sender=parseaddr(letterhead.sender),
        reply_to=parseaddr(letterhead.reply_to) if letterhead.reply_to else None,
        language=edition.language,
        list_id=(edition.title, letterhead.list_id or f"digest.{letterhead.domain}"),
        unsubscribe=(f"{letterhead.unsubscribe.rstrip('/')}/",),
        answers=True,
    )
