"""Put right what went out: one more mail, to those who got the issue and to nobody else."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from digest import app
from digest.config import Settings
from digest.errors import ConfigError, DraftError
from digest.model import Mail, Revision
from digest.model.mailing import Mailing
from digest.render.correction import correction
from digest.usecases.mailroom import job_of, ledger

_encode = msgspec.json.Encoder().encode
_mail = msgspec.json.Decoder(Mail).decode


def draft(settings: Settings, revision: Revision, text: str, subject: str = "") -> Mail:
    """Return the correction of *revision* that says *text*; ConfigError for a lacking key."""
    letterhead = app.letterhead(settings)
    for key, value in (("from", letterhead.sender), ("unsubscribe", letterhead.unsubscribe)):
        if not value:
            raise ConfigError(f"mail.{key}", "is not set", f"Set {key} in [mail].")
    return correction(revision, text, letterhead, subject)


def job(settings: Settings, revision: Revision, mail: Mail) -> Mailing:
    """Return the mailing of the correction *mail*: the same one where the same was begun before.

    DraftError where the issue went out to nobody.
    """
    name, digest = revision.issue.id, sha256(mail.mime).hexdigest()
    first, *before = _mailings(settings, name)
    for known in before:
        if known.hash == digest:
            return known
    return replace(
        job_of(revision),
        job=f"{name}.correction-{len(before) + 1}",
        hash=digest,
        content=_encode(mail),
        of=first.job,
        started=datetime.now(UTC),
    )


def unfinished(settings: Settings, revision: Revision) -> tuple[Mailing, Mail]:
    """Return the newest correction that was begun, with its mail; DraftError if there is none."""
    _, *before = _mailings(settings, revision.issue.id)
    if not before:
        remedy = "Write one: --text FILE, or --edit."
        raise DraftError(revision.issue.id, "has no correction yet", remedy)
    return before[-1], mail_of(before[-1])


def mail_of(mailing: Mailing) -> Mail:
    """Return the mail of the correction *mailing*."""
    return _mail(mailing.content)


def _mailings(settings: Settings, issue: str) -> tuple[Mailing, ...]:
    found = ledger(settings).mailings(issue)
    if not found:
        raise DraftError(issue, "went out to nobody", "Mend it: digest show --edit; then draft it.")
    return found
