"""Mail leaves here: Settings -> a mailer, a copier and the ledger, put together.

``plan`` says what ``send`` would do; ``send`` does it and can be run again until nothing is left.
``send_test`` and ``notify`` are single mails, which no ledger keeps.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import cast

from digest import app, credentials, plugins
from digest.config import Settings
from digest.errors import ConfigError, DraftError, NothingToDo
from digest.mailing.gate import Tempo
from digest.mailing.run import deliver
from digest.model import Receipt, Revision
from digest.model.mailing import Mailing, Message, Tally
from digest.ports.mail import Ledger, Mailer
from digest.render import mime
from digest.render.copies import Copier, Pass
from digest.store.engine import connect
from digest.store.ledger import LedgerStore
from digest.tokens import bounce_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What sending a revision comes to: through which mailer, to how many, how many have it."""

    revision: Revision
    job: str
    where: str
    audience: int
    tally: Tally

    @property
    def left(self) -> int:
        """Return how many copies are still to leave."""
        return self.tally.left if self.tally.total else self.audience


def ledger(settings: Settings) -> Ledger:
    """Return the ledger in the store."""
    return LedgerStore(connect(settings.store_url))


def mailer(settings: Settings, name: str = "") -> Mailer:
    """Return the mailer *name*, the configured one by default; ConfigError says what is missing."""
    name = name or settings.mail.mailer
    module = plugins.load("mailers", name)
    options = dict(settings.mailers.get(name, {}))
    wanted = cast("plugins.Postable", module).sign_in()
    for key in getattr(wanted, "secrets", ()):
        if key in options:
            variable = credentials.variable(name, key)
            remedy = f"Set {variable}, or {key}_file to a file that holds it."
            raise ConfigError(f"[mailers.{name}] {key}", "a secret does not stand there", remedy)
        if found := credentials.secret(name, key, options, settings.folder):
            options[key] = found
    if name == "folder":
        options["base"] = str(settings.folder)
    return cast(Mailer, module.build(options))


def plan(settings: Settings, revision: Revision) -> Plan:
    """Return what ``send`` would do now; DigestError where the mailer cannot be reached."""
    books, job = ledger(settings), revision.issue.id
    known = books.find(job)
    return Plan(
        revision=revision,
        job=job,
        where=mailer(settings).check(),
        audience=known.audience if known else books.receivers(revision.issue.edition.name),
        tally=books.tally(known) if known else Tally(),
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
    carrier, books = mailer(settings), ledger(settings)
    carrier.check()
    mailing = _frozen(books, revision, carrier.name)
    tally = books.tally(mailing)
    if not tally.left + tally["armed"]:
        raise _nothing(mailing, tally)
    copier = Copier.of(
        revision.mail.mime, job=mailing.job, digest=mailing.hash, passes=_passes(settings)
    )
    yield from deliver(mailing, books, carrier, copier, tempo)


def check(revision: Revision) -> None:
    """DraftError where *revision* may not go to an audience."""
    name = revision.issue.id
    if not revision.approved:
        raise DraftError(name, "is not approved", f"Read it, then: digest approve {name}")
    head, _, _ = revision.mail.mime.partition(b"\r\n\r\n")
    if b"\r\nlist-unsubscribe:" not in head.lower():
        remedy = "Set unsubscribe in [mail], then draft and approve it again."
        raise DraftError(name, "has no way to unsubscribe", remedy)


def _frozen(books: Ledger, revision: Revision, name: str) -> Mailing:
    """Return the mailing of *revision*, its audience frozen now unless it was before."""
    wanted = Mailing(
        job=revision.issue.id,
        issue=revision.issue.id,
        edition=revision.issue.edition.name,
        revision=revision.number,
        hash=revision.hash,
        mailer=name,
        started=datetime.now(UTC),
    )
    known = books.find(wanted.job)
    if known and known.hash != wanted.hash:
        if _left_home(books.tally(known)):
            raise _other_revision(known)
        books.drop(known)
    mailing = books.freeze(wanted)
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
    if tally.waiting:
        cause = f"{tally.waiting} copies wait for you"
        return NothingToDo(mailing.job, cause, f"Settle them: digest resolve {mailing.issue}")
    return NothingToDo(mailing.job, f"it is sent already, to {tally['sent']} readers")


def _passes(settings: Settings) -> Callable[[int], Pass]:
    """Return what makes each reader's own token and return path."""
    keys, mailbox = app.keyring(settings), settings.mail.return_path

    def of(subscriber: int) -> Pass:
        back = bounce_address(mailbox, keys.sign(subscriber, "bounce")) if mailbox else ""
        return Pass(token=keys.sign(subscriber, "reader"), return_path=back)

    return of


def send_test(
    settings: Settings, revision: Revision, addresses: Sequence[str]
) -> Iterator[Receipt]:
    """Send *revision* to *addresses*: the very bytes of the audience, with dummy tokens.

    As often as wanted, approved or not. DraftError for a malformed address, before anything
    leaves.
    """
    carrier = mailer(settings)
    copier = Copier.of(
        revision.mail.mime, job=revision.issue.id, digest=revision.hash, passes=_preview
    )
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


def deliver_raw(settings: Settings, message: Message) -> Receipt:
    """Send one finished *message* now through the mailer of single mails; no ledger keeps it."""
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
