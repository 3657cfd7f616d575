"""What mail was put off or left behind goes on with the next tick, without a person.

A schedule's own run sees to its issue until it gives it up. All others, issues and corrections
that a person sent, go on here: for as long as a mail server would try (RFC 5321, 4.5.4.1), never
what is paused, and only what is still approved.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.delivery.send_mail import MailSender, decode_correction, make_mailing
from digest.model import Mail, Occurrence, Receipt, Revision, TickStep
from digest.model.errors import BusyError, DigestError, NothingToDo
from digest.model.mailing import Mailing
from digest.model.ports.editorial import Issues

PATIENCE = timedelta(days=5)
_FORGOTTEN = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """What is left of mailings, seen at ``now``.

    ``in_hand`` tells whether a run of a schedule sees to an issue of an edition, or gave it up.
    ``tell`` writes to the editor: an edition, a job, and how many copies of it are given up.
    """

    mail: MailSender
    issues: Issues
    now: datetime
    in_hand: Callable[[str, str], bool]
    tell: Callable[[str, str, int], None]

    def go_on(self) -> Iterator[TickStep]:
        """Send what may go on, and give up what was put off for too long; yield what came of it.

        DigestError where the editor could not be told; then nothing was given up.
        """
        yield from self._campaigns()
        for mailing in self.mail.ledger.mailings():
            age = self.now - mailing.started
            if age > _FORGOTTEN or mailing.paused or not self._mine(mailing):
                continue
            if age > PATIENCE:
                yield from self._given_up(mailing)
            elif self._due(mailing) and (mail := self._find_mail(mailing)):
                receipts = self.mail.send_job(mailing, mail)
                yield from self._steps(mailing.edition, mailing.job, receipts)

    def _mine(self, mailing: Mailing) -> bool:
        same = mailing.mailer == self.mail.mailer
        return same and not self.in_hand(mailing.edition, mailing.issue)

    def _due(self, mailing: Mailing) -> bool:
        """Tell whether a copy of *mailing* may be tried now."""
        put_off = self.mail.ledger.deliveries(mailing, ["deferred"])
        if any(one.until is None or one.until <= self.now for one in put_off):
            return True
        tally = self.mail.ledger.tally(mailing)
        return bool(tally["queued"] + tally["claimed"]) or (
            tally["unknown"] > 0 and self._settles_itself(mailing)
        )

    def _settles_itself(self, mailing: Mailing) -> bool:
        """Tell whether asking again about an unknown copy of *mailing* cannot double it."""
        lasts = self.mail.open_mailer().traits.key_lasts
        unsure = self.mail.ledger.deliveries(mailing, ["unknown"]) if lasts else ()
        return any(one.key and one.armed and self.now - one.armed < lasts for one in unsure)

    def _find_mail(self, mailing: Mailing) -> Mail | None:
        """Return the mail of *mailing*; None where it may not leave any more."""
        if mailing.content:
            return decode_correction(mailing)
        revision = self.issues.approved(mailing.issue)
        if revision is None or "email" in revision.withheld:
            return None
        return revision.mail if make_mailing(revision).hash == mailing.hash else None

    def _given_up(self, mailing: Mailing) -> Iterator[TickStep]:
        """Pause *mailing* where copies of it are still put off, once the editor was told."""
        left = sum(1 for _ in self.mail.ledger.deliveries(mailing, ["deferred"]))
        if not left:
            return
        self.tell(mailing.edition, mailing.job, left)
        self.mail.ledger.pause(mailing, paused=True)
        reason = f"put off for {PATIENCE.days} days and given up: {left} of {mailing.audience}"
        receipt = Receipt(target="email", status="held", reason=reason)
        yield _make_step(mailing.edition, mailing.job, receipt, self.now)

    def _campaigns(self) -> Iterator[TickStep]:
        """Go on with issues that the service put off."""
        if self.mail.campaigns is None:
            return
        for job in self.mail.campaigns.list_put_off(self.now):
            revision = self.issues.approved(job)
            if revision and self._young(revision) and "email" not in revision.withheld:
                edition = revision.issue.edition.name
                if not self.in_hand(edition, job):
                    yield from self._steps(edition, job, self.mail.send(revision))

    def _young(self, revision: Revision) -> bool:
        return revision.approved is not None and self.now - revision.approved <= PATIENCE

    def _steps(self, edition: str, job: str, receipts: Iterator[Receipt]) -> Iterator[TickStep]:
        """Yield *receipts* as steps; what is raised is one too, unless another is at it."""
        try:
            for receipt in receipts:
                yield _make_step(edition, job, receipt, self.now)
        except (NothingToDo, BusyError):
            return
        except (DigestError, OSError) as error:
            receipt = Receipt(target="email", status="deferred", reason=str(error))
            yield _make_step(edition, job, receipt, self.now)


def _make_step(edition: str, job: str, receipt: Receipt, now: datetime) -> TickStep:
    """Return a step that belongs to no run of a schedule: its occurrence has no key."""
    return TickStep(
        occurrence=Occurrence(digest=edition, key="", at=now, issue=job), receipt=receipt
    )
