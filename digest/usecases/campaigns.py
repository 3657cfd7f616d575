"""An issue through a service that keeps its readers itself: one request, kept in the outbox."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

from digest import app, deliver
from digest.config import Settings
from digest.deliver import Pace
from digest.model import Entry, Mail, Receipt
from digest.model.outbox import entry
from digest.ports.mail import Campaigner
from digest.render import mime
from digest.render.export import standing_alone
from digest.usecases.carriers import opened

_OWN = re.compile(r"(?:https?://|mailto:)[^\s\"'<>]*" + re.escape(mime.SLOTS["token"]))


def campaigner(settings: Settings, name: str = "") -> Campaigner:
    """Return the service *name*, the configured mailer by default."""
    return cast(Campaigner, opened(settings, name))


def parcel(settings: Settings, job: str, revision: int, mail: Mail, target: str) -> Entry:
    """Return *mail* as the outbox keeps it: where a reader's own links stand, named slots.

    The service puts its own links there; pictures that the message carries stand in the HTML.
    """
    held = {
        "subject": mail.subject,
        "preheader": mail.preheader,
        "html": _slotted(settings, standing_alone(mail)),
        "text": _slotted(settings, mail.text),
    }
    payload = json.dumps(held, ensure_ascii=False)
    return entry(job, target, payload, revision=revision)


def _slotted(settings: Settings, text: str) -> str:
    """Return *text* with slots in place of the links to leave and to choose."""
    chooses = settings.mail.preferences

    def slot(link: re.Match[str]) -> str:
        own = chooses and link[0].startswith(chooses)
        return "SLOT--preferences--SLOT" if own else "SLOT--unsubscribe--SLOT"

    return _OWN.sub(slot, text)


def send(
    settings: Settings, service: Campaigner, one: Entry, *, pace: Pace | None = None
) -> Iterator[Receipt]:
    """Send *one* through *service*, once; see ``digest.deliver``."""
    yield from deliver.send_whole(one, service, app.outbox(settings), pace=pace)


def test(service: Campaigner, one: Entry, addresses: Sequence[str]) -> Iterator[Receipt]:
    """Let *service* send what *one* holds to *addresses* alone; yield a receipt for each."""
    outcome = service.test(one, addresses)
    for address in addresses:
        yield Receipt(target=address, status=outcome.status, id=outcome.id, reason=outcome.reason)


def put_off(settings: Settings, target: str, now: datetime) -> Sequence[str]:
    """Return the jobs that a run through *target* did not finish and that may go on at *now*."""
    entries = app.outbox(settings).entries(target=target)
    return [
        one.job
        for one in entries
        if not one.done and one.state not in ("held", "rejected")
        if one.retry_at is None or one.retry_at <= now
    ]


def done(settings: Settings, job: str, target: str) -> bool:
    """Tell whether *job* went out through *target*."""
    return any(one.done for one in app.outbox(settings).entries(job, target))
