"""An issue through a service that keeps its readers itself: one request, kept in the outbox."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

from digest.app import composition
from digest.app.mailer_factory import open_any_mailer
from digest.config.settings import Settings
from digest.delivery.outbox import Pace, send_campaign
from digest.model import Mail, OutboxEntry, Receipt
from digest.model.outbox import entry
from digest.model.ports.mail import Campaigner
from digest.render.export import embed_pictures
from digest.render.slots import Slotted, html_of, placeholder, split, text_of

_URL = re.compile(r"(?:https?://|mailto:)[^\s\"'<>]*$")
_OPENS = "SLOT--"


def campaigner(settings: Settings, name: str = "") -> Campaigner:
    """Return the service *name*, the configured mailer by default."""
    return cast(Campaigner, open_any_mailer(settings, name))


def parcel(settings: Settings, job: str, revision: int, mail: Mail, target: str) -> OutboxEntry:
    """Return *mail* as the outbox keeps it: where a reader's own links stand, named slots.

    The service puts its own links there; pictures that the message carries stand in the HTML.
    """
    held = {
        "subject": mail.subject,
        "preheader": mail.preheader,
        "html": _slotted(settings, html_of(mail), mail),
        "text": _slotted(settings, text_of(mail)),
    }
    payload = json.dumps(held, ensure_ascii=False)
    return entry(job, target, payload, revision=revision)


def _slotted(settings: Settings, slotted: Slotted, mail: Mail | None = None) -> str:
    """Return the text with slots in place of the links to leave and to choose.

    The payload is one text, so here a slot is known by its mark: where the words hold what opens
    one, the slot "literal" stands for it.
    """
    chooses, pieces = f"{settings.mail.preferences.rstrip('/')}/", split(slotted)
    for at in range(0, len(pieces), 2):
        words = pieces[at]
        if at + 1 < len(pieces) and (url := _URL.search(words)):
            words = words[: url.start()]
            pieces[at + 1] = "preferences" if url[0] == chooses else "unsubscribe"
        words = embed_pictures(mail, words) if mail else words
        pieces[at] = words.replace(_OPENS, placeholder("literal"))
    return "".join(placeholder(one) if at % 2 else one for at, one in enumerate(pieces))


def send(
    settings: Settings, service: Campaigner, one: OutboxEntry, *, pace: Pace | None = None
) -> Iterator[Receipt]:
    """Send *one* through *service*, once; see ``digest.delivery.outbox``."""
    yield from send_campaign(one, service, composition.outbox(settings), pace=pace)


def test(service: Campaigner, one: OutboxEntry, addresses: Sequence[str]) -> Iterator[Receipt]:
    """Let *service* send what *one* holds to *addresses* alone; yield a receipt for each."""
    outcome = service.test(one, addresses)
    for address in addresses:
        yield Receipt(target=address, status=outcome.status, id=outcome.id, reason=outcome.reason)


def put_off(settings: Settings, target: str, now: datetime) -> Sequence[str]:
    """Return the jobs that a run through *target* did not finish and that may go on at *now*."""
    entries = composition.outbox(settings).entries(target=target)
    return [
        one.job
        for one in entries
        if not one.done and one.state not in ("held", "rejected")
        if one.retry_at is None or one.retry_at <= now
    ]


def done(settings: Settings, job: str, target: str) -> bool:
    """Tell whether *job* went out through *target*."""
    return any(one.done for one in composition.outbox(settings).entries(job, target))
