"""Mail leaves here: Settings -> a mailer, a copier and the ledger, put together.

``plan`` says what ``send`` would do; ``send`` does it and can be run again until nothing is left.
``send_test`` and ``notify`` are single mails, which no ledger keeps.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex

from digest import app
from digest.audience import joining
from digest.config import Settings
from digest.errors import ConfigError, DraftError, NothingToDo
from digest.mailing.gate import Tempo
from digest.mailing.run import deliver
from digest.model import Mail, Receipt, Revision
from digest.model.mailing import Mailing, Message, Tally
from digest.model.refusal import concern_of
from digest.ports.mail import Ledger, Mailer
from digest.render import mime
from digest.render.copies import Copier, Pass, sender_of
from digest.store.engine import connect
from digest.store.ledger import LedgerStore
from digest.tokens import bounce_address
from digest.usecases import campaigns
from digest.usecases.carriers import keeps_readers, mailer

_ADDRESS = re.compile(r"[^\s<>,;:@]+@[^\s<>,;:@]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What sending a job comes to: through which mailer, to how many, how many have it.

    ``audience`` is None where the mailer keeps the readers itself.
    """

    job: str
    subject: str
    where: str
    audience: int | None
    left: int


def ledger(settings: Settings) -> Ledger:
    """Return the ledger in the store."""
    return LedgerStore(connect(settings.store_url))


def plan(settings: Settings, revision: Revision) -> Plan:
    """Return what ``send`` would do now; DigestError where the mailer cannot be reached."""
    return planned(settings, job_of(revision), revision.mail.subject)


def planned(settings: Settings, job: Mailing, subject: str) -> Plan:
    """Return what sending *job* comes to."""
    name = settings.mail.mailer
    if keeps_readers(settings):
        with closing(campaigns.campaigner(settings)) as service:
            where = service.check()
        left = int(not campaigns.done(settings, job.job, name))
        return Plan(job=job.job, subject=subject, where=where, audience=None, left=left)
    books, where = ledger(settings), mailer(settings).check()
    if known := books.find(job.job):
        left = books.tally(known).left
        return Plan(job=job.job, subject=subject, where=where, audience=known.audience, left=left)
    audience = books.receivers(job.edition, job.of)
    return Plan(job=job.job, subject=subject, where=where, audience=audience, left=audience)


def job_of(revision: Revision) -> Mailing:
    """Return the mailing that *revision* makes, not frozen yet."""
    return Mailing(
        job=revision.issue.id,
        issue=revision.issue.id,
        edition=revision.issue.edition.name,
        revision=revision.number,
        hash=sha256(revision.mail.mime).hexdigest(),
        mailer="",
        started=datetime.now(UTC),
    )


def send(
    settings: Settings, revision: Revision, *, tempo: Tempo | None = None
) -> Iterator[Receipt]:
    """Send the approved *revision* to everybody; yield a receipt for each copy as it is settled.

    Run again it goes on where it ended. NothingToDo where nothing is left, or nobody subscribed;
    DraftError where it may not leave; DigestError where the mailer is not ready, before anything
    is sent.
    """
    check(revision)
    yield from send_job(settings, job_of(revision), revision.mail, tempo=tempo)


def send_job(
    settings: Settings, job: Mailing, mail: Mail, *, tempo: Tempo | None = None
) -> Iterator[Receipt]:
    """Send *mail* to the audience of *job*, frozen now unless it was before; as ``send``."""
    if keeps_readers(settings):
        with closing(campaigns.campaigner(settings)) as service:
            one = campaigns.parcel(settings, job.job, job.revision, mail, service.name)
            yield from campaigns.send(settings, service, one)
        return
    carrier, books = mailer(settings), ledger(settings)
    carrier.check()
    passes = _passes(settings)
    mailing = _frozen(books, replace(job, mailer=carrier.name))
    tally = books.tally(mailing)
    keyed = carrier.traits.key_lasts and mailing.mailer == carrier.name
    retried = tally["unknown"] if keyed else 0
    if not tally.left + tally["armed"] + retried:
        if tally.waiting:
            raise _waiting(mailing, tally)
        raise _nothing(mailing, tally)
    first = books.find(mailing.of) if mailing.of else None
    copier = Copier.of(
        mime.open_message(mail),
        job=mailing.job,
        digest=mailing.hash,
        passes=passes,
        answers=(first.job, first.hash) if first else ("", ""),
    )
    try:
        yield from deliver(mailing, books, carrier, copier, tempo)
    finally:
        _note_gone(settings, books, mailing)


def _note_gone(settings: Settings, books: Ledger, mailing: Mailing) -> None:
    """Suppress the readers whose addresses the server says do not exist."""
    gone = [one for one in books.deliveries(mailing, ["rejected"]) if is_gone(one.reason)]
    if not gone:
        return
    audience, most = app.audience(settings), settings.audience.soft_bounces
    for one in gone:
        notice = f"{mailing.job}/{one.subscriber}"
        joining.bounce(
            audience, one.subscriber, datetime.now(UTC), hard=True, notice=notice, most=most
        )


def is_gone(reason: str) -> bool:
    """Tell whether a copy was refused since its address does not exist: it is sent no more."""
    return reason.startswith("5") and concern_of(reason) == "reader"


def check(revision: Revision) -> None:
    """DraftError where *revision* may not go to an audience."""
    name = revision.issue.id
    if "email" in revision.withheld:
        raise DraftError(name, "its email was not approved", f"Then: digest approve {name}")
    if not revision.approved:
        raise DraftError(name, "is not approved", f"Read it, then: digest approve {name}")
    head, _, _ = revision.mail.mime.partition(b"\r\n\r\n")
    if b"\r\nlist-unsubscribe:" not in head.lower():
        remedy = "Set unsubscribe in [mail], then draft and approve it again."
        raise DraftError(name, "has no way to unsubscribe", remedy)
    if sender_of(revision.mail.mime).startswith("nobody@"):
        remedy = "Set from in [mail], then draft and approve it again."
        raise DraftError(name, "nobody sends it", remedy)


def _frozen(books: Ledger, wanted: Mailing) -> Mailing:
    """Return *wanted* with its audience, frozen now unless it was before."""
    known = books.find(wanted.job)
    if known and known.hash != wanted.hash:
        if _left_home(books.tally(known)):
            raise _other_revision(known)
        books.drop(known)
        known = None
    mailing = known or books.freeze(wanted)
    if mailing.paused:
        remedy = f"Go on with: digest send {wanted.issue} --resume"
        raise DraftError(wanted.job, "is paused", remedy)
    if not mailing.audience:
        books.drop(mailing)
        remedy = "Add readers: digest subscribers import FILE. Or try: digest send --to ADDRESS"
        raise NothingToDo(wanted.job, f"nobody gets {wanted.edition!r}", remedy)
    return mailing


def _left_home(tally: Tally) -> bool:
    """Tell whether a copy may be out."""
    return bool(tally["sent"] + tally["unknown"] + tally["armed"] + tally["held"])


def _other_revision(known: Mailing) -> DraftError:
    cause = f"revision {known.revision} is on its way to its readers"
    remedy = f"Approve that one again: digest approve {known.issue} --revision {known.revision}"
    return DraftError(known.issue, cause, remedy)


def _nothing(mailing: Mailing, tally: Tally) -> NothingToDo:
    cause = f"it is sent already, to {tally['sent']} readers"
    if not (refused := tally["rejected"]):
        return NothingToDo(mailing.job, cause)
    remedy = f"Those who were refused get it with: digest resolve {mailing.issue} --resend"
    return NothingToDo(mailing.job, f"{cause}; {refused} were refused", remedy)


def _waiting(mailing: Mailing, tally: Tally) -> DraftError:
    cause = f"{tally.waiting} copies may be out, or not, and wait for you"
    remedy = (
        f"Look at them: digest resolve {mailing.issue}; then settle them with --resend or --skip"
    )
    return DraftError(mailing.job, cause, remedy)


def _passes(settings: Settings) -> Callable[[int], Pass]:
    """Return what makes each reader's own token and return path."""
    app.audience(settings)  # StoreError where these keys are not the store's: no link would work
    keys, mailbox = app.keyring(settings).at_once(), settings.mail.return_path

    def of(subscriber: int) -> Pass:
        back = bounce_address(mailbox, keys.sign(subscriber, "bounce")) if mailbox else ""
        return Pass(token=keys.sign(subscriber, "reader"), return_path=back)

    return of


def send_test(
    settings: Settings, revision: Revision, addresses: Sequence[str], mail: Mail | None = None
) -> Iterator[Receipt]:
    """Send *revision* to *addresses*: the very bytes of the audience, with dummy tokens.

    Or *mail*, a correction of it.

    As often as wanted, approved or not. ConfigError for a malformed address, before anything
    leaves.
    """
    if wrong := [one for one in addresses if not _ADDRESS.fullmatch(one)]:
        remedy = "Write it like me@example.org; for several, give --to once for each."
        raise ConfigError(f"--to {wrong[0]!r}", "is no address", remedy)
    mail = mail or revision.mail
    if keeps_readers(settings):
        with closing(campaigns.campaigner(settings)) as service:
            job = f"test-{revision.issue.id}"
            one = campaigns.parcel(settings, job, revision.number, mail, service.name)
            yield from campaigns.test(service, one, addresses)
        return
    carrier = mailer(settings)
    message, name = mime.open_message(mail), revision.issue.id
    copier = Copier.of(message, job=name, digest=revision.hash, passes=_preview)
    moment = datetime.now(UTC)
    messages = [
        copier.made(address, "", _preview(0), key=f"test\0{token_hex(16)}", moment=moment)
        for address in addresses
    ]
    yield from _single(carrier, messages)


def _preview(_subscriber: int) -> Pass:
    return Pass(token=mime.dummy()["token"])


def notify(
    settings: Settings, to: str, subject: str, text: str, *, html: str = "", name: str = ""
) -> Receipt:
    """Send one plain mail now, a notice to the editor or a letter to one reader; say what became.

    The receipt tells of failures of the way; DigestError of what has to be mended: no sender, a
    malformed address, a mailer that is not set up. No ledger keeps it: it may be sent again.
    """
    from email.utils import parseaddr

    sender = parseaddr(settings.mail.from_)
    if "@" not in sender[1]:
        raise ConfigError("mail.from", "is not set", "Set from in [mail]: readers see who writes.")
    headers = mime.Headers(
        subject=subject,
        sender=sender,
        reply_to=parseaddr(settings.mail.reply_to) if settings.mail.reply_to else None,
        automatic=True,
    )
    content = mime.build(headers, text, html)
    copier = Copier.of(content, job="notice", digest="", passes=_preview)
    moment = datetime.now(UTC)
    message = copier.made(to, name, _preview(0), key=f"notice\0{token_hex(16)}", moment=moment)
    (found,) = _single(mailer(settings, settings.mail.notices), [message])
    return found


def _single(carrier: Mailer, messages: Sequence[Message]) -> Iterator[Receipt]:
    carrier.check()
    with closing(carrier.lane()) as lane:
        for one in messages:
            (outcome,) = lane.send([one], one.key)
            yield Receipt(
                target=one.recipient,
                status=outcome.status,
                id=outcome.id or one.id,
                url=outcome.url,
                reason=outcome.reason,
            )
