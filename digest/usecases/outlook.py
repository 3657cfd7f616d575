"""All that is to be known of a revision before it leaves, from itself and from outside."""

from collections.abc import Iterator

from digest import app
from digest.config import Settings
from digest.errors import DraftError
from digest.fetch import Client
from digest.model import Finding, Mail, Revision
from digest.preflight import links, sender, spam, words
from digest.render import mime
from digest.render.copies import sender_of
from digest.render.preflight import preflight
from digest.render.slots import read_slots

_PACE = 0.1  # seconds between two looks at one host


def examine(
    settings: Settings, revision: Revision, mail: Mail | None = None, *, offline: bool = False
) -> tuple[Finding, ...]:
    """Return what is wrong with *revision* or worth knowing, errors first; or of *mail* of it.

    Unless *offline* the links are tried, and SpamAssassin and the sender's DNS are asked. An
    error blocks.
    """
    found = [*preflight(revision)] if mail is None else []
    mail = mail or revision.mail
    address = bool(app.letterhead(settings).postal_address)
    found += lacks(mail, postal_address=address)
    if not any(one.level == "error" for one in found):
        found += () if offline else outside(settings, mail)
    return tuple(sorted(found, key=lambda one: one.level))


def lacks(mail: Mail, *, postal_address: bool) -> Iterator[Finding]:
    """Yield what *mail* lacks to go to many; an error where it may not."""
    leaves = any(slot.name == "token" for slot in read_slots(mail).html)
    yield from words.letter(mail, leaves=leaves, postal_address=postal_address)


def outside(settings: Settings, mail: Mail) -> Iterator[Finding]:
    """Yield what SpamAssassin, the addresses in *mail* and its sender's DNS say against it."""
    allowed = settings.fetch.allow_private
    yield from spam.score(mime.fill(mime.open_message(mail), mime.dummy()))
    client = Client(origin=settings.site, allow_private=allowed, pace=_PACE)
    yield from links.reach(mail, read_slots(mail).html, client)
    if look := sender.resolver():
        selector = str(settings.mailers.get("smtp", {}).get("dkim_selector") or "")
        domain = sender_of(mail.mime).rpartition("@")[2]
        if not domain.endswith((".invalid", ".test")):
            yield from sender.examine(domain, look, selector)


def addresses(mail: Mail) -> tuple[tuple[str, str], ...]:
    """Return the addresses that are tried of *mail*, each a "link" or a "picture"."""
    return links.addresses(mail, read_slots(mail).html)


def block(revision: Revision, findings: tuple[Finding, ...]) -> None:
    """DraftError that names the first error of *findings*, if there is one."""
    for one in findings:
        if one.level == "error":
            subject = f"{revision.issue.id}: {one.subject}"
            raise DraftError(subject, one.cause, one.remedy)
