"""Revision -> the bytes of one form of it. Pure."""

import json

from digest.errors import ConfigError
from digest.model import Revision, Thread
from digest.render.data import issue_json
from digest.render.manuscript import written
from digest.render.mime import dummy, fill, fill_text


def exported(revision: Revision, form: str, network: str = "") -> bytes:
    """Return *revision* as *form*: html, text, eml, mjml, json or thread (of one *network*).

    Slots are filled with dummy values, so that a copy that goes astray carries no token.
    """
    mail = revision.mail
    match form:
        case "html":
            return fill_text(mail.html, dummy()).encode()
        case "text":
            return fill_text(mail.text, dummy()).encode()
        case "eml":
            return fill(mail.mime, dummy())
        case "mjml":
            return mail.mjml.encode()
        case "json":
            data = json.dumps(issue_json(revision), ensure_ascii=False, indent=2)
            return f"{data}\n".encode()
        case "thread":
            return written(_thread(revision, network)).encode()
    raise ConfigError(f"format {form!r}", "is not known")


def _thread(revision: Revision, network: str) -> Thread:
    for thread in revision.threads:
        if thread.network == network:
            return thread
    known = ", ".join(thread.network for thread in revision.threads)
    raise ConfigError(f"network {network!r}", "has no draft", f"Give --network: {known}.")
