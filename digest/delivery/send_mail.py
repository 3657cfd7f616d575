"""Mailings: an approved issue or a correction to its audience, each reader once.

Mail leaves here: Settings -> a mailer, a copier and the ledger, put together.

``plan`` says what ``send`` would do; ``send`` does it and can be run again until nothing is left.
``send_test`` and ``notify`` are single mails, which no ledger keeps.

Mails that wait for a person: listed, sent once more, or left out for good.

Put right what went out: one more mail, to those who got the issue and to nobody else.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex

import msgspec

from digest.audience import subscriptions
from digest.config.link_tokens import Keyring, make_bounce_address
from digest.delivery.campaigns import Campaigns
from digest.delivery.pacing import RetryPolicy
from digest.delivery.sender import deliver_mailing, make_receipt
from digest.model import Digest, Mail, Receipt, Revision
from digest.model.errors import ConfigError, DraftError, NothingToDo, StoreError
from digest.model.mailing import Delivery, Mailing, MailingTally, Message
from digest.model.outbox import OutboxState
from digest.model.ports.audience import Audience
from digest.model.ports.mail import Ledger, Mailer
from digest.model.refusals import find_refusal_cause
from digest.render import mime
from digest.render.branding import Branding
from digest.render.personalize import Personalizer, RecipientLinks, find_sender
from digest.render.transactional import letter_to_all, render_correction
from digest.text.address import Unfit
from digest.text.address import address as judge_address


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSender:
    """Sends a mail to an audience, each reader once, or a single mail that no ledger keeps.

    ``mailer`` names the configured mailer, which ``open_mailer`` opens; ``open_single`` opens the
    one for single mails. Where the mailer keeps its readers itself, ``campaigns`` stands in its
    place. ``open_audience`` raises StoreError where the keys are not the store's own. ``sender``
    and ``reply_to`` are what notices come from; ``return_path`` is the mailbox of bounces;
    ``soft_bounces`` soft ones end a subscription.
    """

    mailer: str
    open_mailer: Callable[[], Mailer]
    open_single: Callable[[], Mailer]
    campaigns: Campaigns | None
    ledger: Ledger
    open_audience: Callable[[], Audience]
    keyring: Keyring
    sender: str = ""
    reply_to: str = ""
    return_path: str = ""
    soft_bounces: int = 3

    def plan(self, revision: Revision) -> Plan:
        """Return what ``send`` would do now; DigestError where the mailer cannot be reached."""
        return self.planned(make_mailing(revision), revision.mail.subject)

    def planned(self, job: Mailing, subject: str) -> Plan:
        """Return what sending *job* comes to."""
        if self.campaigns:
            where = self.campaigns.check()
            left = int(not self.campaigns.is_done(job.job))
            return Plan(job=job.job, subject=subject, where=where, audience=None, left=left)
        books, where = self.ledger, self.open_mailer().check()
        if known := books.find(job.job):
            left = books.tally(known).left
            return Plan(
                job=job.job, subject=subject, where=where, audience=known.audience, left=left
            )
        audience = books.receivers(job.edition, job.of)
        return Plan(job=job.job, subject=subject, where=where, audience=audience, left=audience)

    def send(self, revision: Revision, *, tempo: RetryPolicy | None = None) -> Iterator[Receipt]:
        """Send the approved *revision* to everybody; yield a receipt for each copy once settled.

        Run again it goes on where it ended. NothingToDo where nothing is left, or nobody
        subscribed; DraftError where it may not leave; DigestError where the mailer is not ready,
        before anything is sent.
        """
        check_sendable(revision)
        yield from self.send_job(make_mailing(revision), revision.mail, tempo=tempo)

    def send_job(
        self, job: Mailing, mail: Mail, *, tempo: RetryPolicy | None = None
    ) -> Iterator[Receipt]:
        """Send *mail* to the audience of *job*, frozen now unless it was before; as ``send``."""
        if self.campaigns:
            yield from self.campaigns.send(job.job, job.revision, mail)
            return
        carrier, books = self.open_mailer(), self.ledger
        carrier.check()
        passes = self._passes()
        mailing = _freeze_audience(books, replace(job, mailer=carrier.name))
        tally = books.tally(mailing)
        keyed = carrier.traits.key_lasts and mailing.mailer == carrier.name
        retried = tally["unknown"] if keyed else 0
        if not tally.left + tally["armed"] + retried:
            if tally.waiting:
                raise _waiting_error(mailing, tally)
            raise _nothing_left(mailing, tally)
        first = books.find(mailing.of) if mailing.of else None
        copier = Personalizer.of(
            mime.open_message(mail),
            job=mailing.job,
            digest=mailing.hash,
            passes=passes,
            answers=(first.job, first.hash) if first else ("", ""),
        )
        try:
            yield from deliver_mailing(mailing, books, carrier, copier, tempo)
        finally:
            self._note_gone(mailing)

    def _note_gone(self, mailing: Mailing) -> None:
        """Suppress the readers whose addresses the server says do not exist."""
        gone = [one for one in self.ledger.deliveries(mailing, ["rejected"]) if is_gone(one.reason)]
        if not gone:
            return
        audience, most = self.open_audience(), self.soft_bounces
        for one in gone:
            notice = f"{mailing.job}/{one.subscriber}"
            subscriptions.record_bounce(
                audience, one.subscriber, datetime.now(UTC), hard=True, notice=notice, most=most
            )

    def _passes(self) -> Callable[[int], RecipientLinks]:
        """Return what makes each reader's own token and return path."""
        self.open_audience()  # StoreError where these keys are not the store's: no link would work
        keys, mailbox = self.keyring.at_once(), self.return_path

        def of(subscriber: int) -> RecipientLinks:
            back = make_bounce_address(mailbox, keys.sign(subscriber, "bounce")) if mailbox else ""
            return RecipientLinks(token=keys.sign(subscriber, "reader"), return_path=back)

        return of

    def send_test(
        self, revision: Revision, addresses: Sequence[str], mail: Mail | None = None
    ) -> Iterator[Receipt]:
        """Send *revision* to *addresses*: the very bytes of the audience, with dummy tokens.

        Or *mail*, a correction of it.

        As often as wanted, approved or not. ConfigError for a malformed address, before anything
        leaves.
        """
        job = replace(make_mailing(revision), hash=revision.hash)
        yield from self.send_test_mail(job, mail or revision.mail, addresses)

    def send_test_mail(
        self, job: Mailing, mail: Mail, addresses: Sequence[str]
    ) -> Iterator[Receipt]:
        """Send the *mail* of *job* to *addresses*, as ``send_test`` does."""
        addresses = [_judge_address(one) for one in addresses]
        if self.campaigns:
            yield from self.campaigns.test(f"test-{job.job}", job.revision, mail, addresses)
            return
        carrier, message = self.open_mailer(), mime.open_message(mail)
        copier = Personalizer.of(message, job=job.job, digest=job.hash, passes=_preview_links)
        moment = datetime.now(UTC)
        messages = [
            copier.made(address, "", _preview_links(0), key=f"test\0{token_hex(16)}", moment=moment)
            for address in addresses
        ]
        yield from _send_single(carrier, messages)

    def notify(
        self, to: str, subject: str, text: str, *, html: str = "", name: str = ""
    ) -> Receipt:
        """Send one plain mail now, a notice to the editor or a letter to one reader.

        The receipt tells of failures of the way; DigestError of what has to be mended: no sender, a
        malformed address, a mailer that is not set up. No ledger keeps it: it may be sent again.
        """
        from email.utils import parseaddr

        sender = parseaddr(self.sender)
        if "@" not in sender[1]:
            raise ConfigError(
                "mail.from", "is not set", "Set from in [mail]: readers see who writes."
            )
        headers = mime.Headers(
            subject=subject,
            sender=sender,
            reply_to=parseaddr(self.reply_to) if self.reply_to else None,
            automatic=True,
        )
        content = mime.build_message(headers, text, html)
        copier = Personalizer.of(content, job="notice", digest="", passes=_preview_links)
        moment = datetime.now(UTC)
        message = copier.made(
            to, name, _preview_links(0), key=f"notice\0{token_hex(16)}", moment=moment
        )
        (found,) = _send_single(self.open_single(), [message])
        return found


def _judge_address(typed: str) -> str:
    """Return *typed* as mail is sent to it; ConfigError says why it is no address."""
    try:
        return judge_address(typed).sent_to
    except Unfit as error:
        remedy = f"Write it like me@example.org, several with --to once for each; {error}."
        raise ConfigError(f"--to {typed!r}", "is no address", remedy) from None


def make_mailing(revision: Revision) -> Mailing:
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


def is_gone(reason: str) -> bool:
    """Tell whether a copy was refused since its address does not exist: it is sent no more."""
    return reason.startswith("5") and find_refusal_cause(reason) == "reader"


def check_sendable(revision: Revision) -> None:
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
    if find_sender(revision.mail.mime).startswith("nobody@"):
        remedy = "Set from in [mail], then draft and approve it again."
        raise DraftError(name, "nobody sends it", remedy)


def _freeze_audience(books: Ledger, wanted: Mailing) -> Mailing:
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


def _left_home(tally: MailingTally) -> bool:
    """Tell whether a copy may be out."""
    return bool(tally["sent"] + tally["unknown"] + tally["armed"] + tally["held"])


def _other_revision(known: Mailing) -> DraftError:
    cause = f"revision {known.revision} is on its way to its readers"
    remedy = f"Approve that one again: digest approve {known.issue} --revision {known.revision}"
    return DraftError(known.issue, cause, remedy)


def _nothing_left(mailing: Mailing, tally: MailingTally) -> NothingToDo:
    cause = f"it is sent already, to {tally['sent']} readers"
    if not (refused := tally["rejected"]):
        return NothingToDo(mailing.job, cause)
    remedy = f"Those who were refused get it with: digest resolve {mailing.issue} --resend"
    return NothingToDo(mailing.job, f"{cause}; {refused} were refused", remedy)


def _waiting_error(mailing: Mailing, tally: MailingTally) -> DraftError:
    cause = f"{tally.waiting} copies may be out, or not, and wait for you"
    remedy = (
        f"Look at them: digest resolve {mailing.issue}; then settle them with --resend or --skip"
    )
    return DraftError(mailing.job, cause, remedy)


def _preview_links(_subscriber: int) -> RecipientLinks:
    return RecipientLinks(token=mime.make_dummy_values()["token"])


def _send_single(carrier: Mailer, messages: Sequence[Message]) -> Iterator[Receipt]:
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


_WAITING: tuple[OutboxState, ...] = ("unknown", "held")
_OWED: tuple[OutboxState, ...] = (*_WAITING, "rejected", "deferred")


def list_waiting_mail(ledger: Ledger, issue: str = "", target: str = "") -> Iterator[Receipt]:
    """Yield a receipt for each copy that is unknown, held, refused or put off.

    Of *issue*, then with those that were not tried yet, and for the address *target*. Whose
    address does not exist is owed nothing any more. What a run that ended midway left is settled
    first, unless another is at work.
    """
    states: tuple[OutboxState, ...] = (*_OWED, "queued") if issue else _OWED
    for mailing in ledger.mailings(issue):
        with suppress(StoreError):
            _recover_armed(ledger, mailing)
        for copy in ledger.deliveries(mailing, states):
            if copy.address and target in ("", copy.address) and _is_owed(copy):
                yield make_receipt(copy if copy.state != "queued" else _mark_untried(copy))


def _is_owed(copy: Delivery) -> bool:
    return copy.state != "rejected" or not is_gone(copy.reason)


def _mark_untried(copy: Delivery) -> Delivery:
    return replace(copy, state="deferred", reason=copy.reason or "not tried yet")


def settle_mail(ledger: Ledger, issue: str, *, resend: bool, target: str = "") -> tuple[int, ...]:
    """Queue what waits once more, or leave it out; return how many copies of each mailing.

    What was refused is queued again too; what is only put off leaves by itself, and is left out
    for a *target* alone. Queued copies leave with the next ``send``. StoreError where a run is at
    work.
    """
    to: OutboxState = "queued" if resend else "skipped"
    reason = "" if resend else "left out by you"
    counts = []
    before = (*_WAITING, "deferred") if resend or target else _WAITING
    for mailing in ledger.mailings(issue):
        with ledger.exclusive(f"mail-{mailing.mailer}"):
            refused = [one for one in ledger.deliveries(mailing, ["rejected"]) if _is_owed(one)]
            count = ledger.settle(mailing, before, to, reason, target)
            for copy in refused:
                if copy.address and target in ("", copy.address):
                    count += ledger.settle(mailing, ["rejected"], to, reason, copy.address)
            counts.append(count)
    return tuple(counts)


def settle_by_log(ledger: Ledger, issue: str, lines: Iterable[str]) -> int:
    """Note as sent what the log of a mail server shows as taken; return how many copies.

    A copy is known by its Message-ID. Postfix logs that of a message before it is whole, so there
    a line of its queue must follow; any other log speaks of what was taken.
    """
    unknown = {
        copy.key[:32]: (mailing, copy)
        for mailing in ledger.mailings(issue)
        for copy in ledger.deliveries(mailing, ["unknown"])
        if copy.key and copy.address
    }
    seen, taken = dict[str, str](), set[str]()
    for line in lines:
        if (queue := _QUEUED.search(line)) and queue[1] in seen:
            taken.add(seen[queue[1]])
        for name in _MESSAGE_NAME.findall(line):
            if name in unknown:
                cleaned = _CLEANUP.search(line)
                seen[cleaned[1] if cleaned else ""] = name
                taken |= set() if cleaned else {name}
    reason, count = "found in the log of the server", 0
    for name in taken:
        mailing, copy = unknown[name]
        with ledger.exclusive(f"mail-{mailing.mailer}"):
            count += ledger.settle(mailing, ["unknown"], "sent", reason, copy.address)
    return count


def pause_mailings(ledger: Ledger, issue: str, *, paused: bool) -> tuple[Mailing, ...]:
    """Pause every mailing of *issue*, or let it go on; return them. A run stops within a second."""
    found = ledger.mailings(issue)
    for mailing in found:
        ledger.pause(mailing, paused=paused)
    return found


def _recover_armed(books: Ledger, mailing: Mailing) -> None:
    """Note as unknown what a run that ended midway left armed."""
    if next(books.deliveries(mailing, ["armed"]), None) is None:
        return
    with books.exclusive(f"mail-{mailing.mailer}"), books.writing(mailing):
        pass


_MESSAGE_NAME = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_CLEANUP = re.compile(r"([0-9A-Za-z]{6,20}): message-id=")
_QUEUED = re.compile(r"([0-9A-Za-z]{6,20}): (?:from|to)=<")
_HEADING = re.compile(r"#\s+([^\n]+)\n?")
_encode = msgspec.json.Encoder().encode
_mail = msgspec.json.Decoder(Mail).decode


def draft_correction(
    letterhead: Branding, revision: Revision, text: str, subject: str = ""
) -> Mail:
    """Return the correction of *revision* that says *text*; ConfigError for a lacking key."""
    _check_sender(letterhead)
    return render_correction(revision, text, letterhead, subject)


def _check_sender(letterhead: Branding) -> None:
    """ConfigError where readers would not see who writes, or could not leave."""
    for key, value in (("from", letterhead.sender), ("unsubscribe", letterhead.unsubscribe)):
        if not value:
            raise ConfigError(f"mail.{key}", "is not set", f"Set {key} in [mail].")


def draft_letter(letterhead: Branding, digest: Digest, text: str, subject: str = "") -> Mail:
    """Return a letter to all readers of *digest* that is no issue; *text* is Markdown.

    Its subject is *subject*, else its first heading, which then stands in the subject alone.
    ConfigError for a lacking key, DraftError without words or a subject.
    """
    _check_sender(letterhead)
    heading = _HEADING.match(text.lstrip())
    if heading and not subject:
        subject, text = heading[1].strip(), text.lstrip()[heading.end() :]
    if not subject:
        remedy = 'Begin it with a heading ("# ..."), or give --subject.'
        raise DraftError("letter", "has no subject", remedy)
    return letter_to_all(digest, text, letterhead, subject)


def make_letter_mailing(digest: Digest, mail: Mail) -> Mailing:
    """Return the mailing of a letter to the readers of *digest*; the same words make the same.

    So the same letter leaves once, however often it is sent.
    """
    fingerprint = sha256(mail.mime).hexdigest()
    job = f"{digest.name}-letter-{fingerprint[:12]}"
    return Mailing(
        job=job,
        issue=job,
        edition=digest.name,
        revision=0,
        hash=fingerprint,
        mailer="",
        started=datetime.now(UTC),
        content=_encode(mail),
    )


def make_correction_mailing(ledger: Ledger, revision: Revision, mail: Mail) -> Mailing:
    """Return the mailing of the correction *mail*: the same one where the same was begun before.

    DraftError where the issue went out to nobody.
    """
    name, digest = revision.issue.id, sha256(mail.mime).hexdigest()
    first, *before = _find_mailings(ledger, name)
    for known in before:
        if known.hash == digest:
            return known
    return replace(
        make_mailing(revision),
        job=f"{name}.correction-{len(before) + 1}",
        hash=digest,
        content=_encode(mail),
        of=first.job,
        started=datetime.now(UTC),
    )


def find_unfinished_correction(ledger: Ledger, revision: Revision) -> tuple[Mailing, Mail]:
    """Return the newest correction that was begun, with its mail; DraftError if there is none."""
    _, *before = _find_mailings(ledger, revision.issue.id)
    if not before:
        remedy = "Write one: --text FILE, or --edit."
        raise DraftError(revision.issue.id, "has no correction yet", remedy)
    return before[-1], decode_correction(before[-1])


def decode_correction(mailing: Mailing) -> Mail:
    """Return the mail of the correction *mailing*."""
    return _mail(mailing.content)


def _find_mailings(ledger: Ledger, issue: str) -> tuple[Mailing, ...]:
    found = ledger.mailings(issue)
    if not found:
        raise DraftError(issue, "went out to nobody", "Mend it: digest show --edit; then draft it.")
    return found
