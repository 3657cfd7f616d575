"""Revision -> the bytes of one form of it. Pure."""

import json
from email import message_from_bytes

from digest.errors import ConfigError
from digest.model import Mail, Revision, Thread
from digest.render.data import issue_json
from digest.render.manuscript import written
from digest.render.mime import dummy, fill, open_message
from digest.render.slots import fill_text, html_of, text_of


def exported(revision: Revision, form: str, network: str = "") -> bytes:
    """Return *revision* as *form*: html, text, eml, mjml, json or thread (of one *network*).

    Slots are filled with dummy values, so that a copy that goes astray carries no token.
    """
    mail = revision.mail
    match form:
        case "html":
            return embed_pictures(mail, fill_text(html_of(mail), dummy())).encode()
        case "text":
            return fill_text(text_of(mail), dummy()).encode()
        case "eml":
            return fill(open_message(mail), dummy())
        case "mjml":
            return mail.mjml.encode()
        case "json":
            data = json.dumps(issue_json(revision), ensure_ascii=False, indent=2)
            return f"{data}\n".encode()
        case "thread":
            return written(_thread(revision, network)).encode()
    raise ConfigError(f"format {form!r}", "is not known")


def embed_pictures(mail: Mail, html: str) -> str:
    """Return *html*, that of *mail* or a part of it, with the pictures that its message carries."""
    if "cid:" not in html:
        return html
    for part in message_from_bytes(mail.mime).walk():
        name = str(part.get("Content-ID", "")).strip("<>")
        if name:
            content = "".join(str(part.get_payload()).split())
            html = html.replace(
                f'"cid:{name}"', f'"data:{part.get_content_type()};base64,{content}"'
            )
    return html


def _thread(revision: Revision, network: str) -> Thread:
    for thread in revision.threads:
        if thread.network == network:
            return thread
    known = ", ".join(thread.network for thread in revision.threads)
    cause = f"there is no draft for {network!r}" if network else "is missing"
    raise ConfigError("--network", cause, f"Give one of: {known}.")
