"""What mail was put off or left behind goes on with the next tick, without a person.

A schedule's own run sees to its issue until it gives it up. All others, issues and corrections
that a person sent, go on here: for as long as a mail server would try (RFC 5321, 4.5.4.1), never
what is paused, and only what is still approved.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.app import composition
from digest.app.mailer_factory import open_mailer
from digest.config.settings import Settings
from digest.delivery import campaigns, send_mail
from digest.delivery.send_mail import decode_correction
from digest.model import Mail, Occurrence, Receipt, Revision
from digest.model.errors import BusyError, DigestError, NothingToDo
from digest.model.mailing import Mailing
from digest.model.ports.mail import Ledger
from digest.schedule.tick import Step

PATIENCE = timedelta(days=5)
_FORGOTTEN = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """What is left of mailings, seen at ``now``.

    ``in_hand`` tells whether a run of a schedule sees to an issue of an edition, or gave it up.
    ``tell`` writes to the editor: an edition, a job, and how many copies of it are given up.
    """

    settings: Settings
    now: datetime
    in_hand: Callable[[str, str], bool]
    tell: Callable[[str, str, int], None]

    def go_on(self) -> Iterator[Step]:
        """Send what may go on, and give up what was put off for too long; yield what came of it.

        DigestError where the editor could not be told; then nothing was given up.
        """
        yield from self._campaigns()
        books = send_mail.ledger(self.settings)
        for mailing in books.mailings():
            age = self.now - mailing.started
            if age > _FORGOTTEN or mailing.paused or not self._mine(mailing):
                continue
            if age > PATIENCE:
                yield from self._given_up(books, mailing)
            elif self._due(books, mailing) and (mail := self._mail(mailing)):
                receipts = send_mail.send_job(self.settings, mailing, mail)
                yield from self._steps(mailing.edition, mailing.job, receipts)

    def _mine(self, mailing: Mailing) -> bool:
        same = mailing.mailer == self.settings.mail.mailer
        return same and not self.in_hand(mailing.edition, mailing.issue)

    def _due(self, books: Ledger, mailing: Mailing) -> bool:
        """Tell whether a copy of *mailing* may be tried now."""
        put_off = books.deliveries(mailing, ["deferred"])
        if any(one.until is None or one.until <= self.now for one in put_off):
            return True
        tally = books.tally(mailing)
        return bool(tally["queued"] + tally["claimed"]) or (
            tally["unknown"] > 0 and self._settles_itself(books, mailing)
        )

    def _settles_itself(self, books: Ledger, mailing: Mailing) -> bool:
        """Tell whether asking again about an unknown copy of *mailing* cannot double it."""
        lasts = open_mailer(self.settings).traits.key_lasts
        unsure = books.deliveries(mailing, ["unknown"]) if lasts else ()
        return any(one.key and one.armed and self.now - one.armed < lasts for one in unsure)

    def _mail(self, mailing: Mailing) -> Mail | None:
        """Return the mail of *mailing*; None where it may not leave any more."""
        if mailing.content:
            return decode_correction(mailing)
        revision = composition.issues(self.settings).approved(mailing.issue)
        if revision is None or "email" in revision.withheld:
            return None
        return revision.mail if send_mail.make_mailing(revision).hash == mailing.hash else None

    def _given_up(self, books: Ledger, mailing: Mailing) -> Iterator[Step]:
        """Pause *mailing* where copies of it are still put off, once the editor was told."""
        left = sum(1 for _ in books.deliveries(mailing, ["deferred"]))
        if not left:
            return
        self.tell(mailing.edition, mailing.job, left)
        books.pause(mailing, paused=True)
        reason = f"put off for {PATIENCE.days} days and given up: {left} of {mailing.audience}"
        receipt = Receipt(target="email", status="held", reason=reason)
        yield _step(mailing.edition, mailing.job, receipt, self.now)

    def _campaigns(self) -> Iterator[Step]:
        """Go on with issues that the service put off."""
        name, issues = self.settings.mail.mailer, composition.issues(self.settings)
        for job in campaigns.put_off(self.settings, name, self.now):
            revision = issues.approved(job)
            if revision and self._young(revision) and "email" not in revision.withheld:
                edition = revision.issue.edition.name
                if not self.in_hand(edition, job):
                    yield from self._steps(edition, job, send_mail.send(self.settings, revision))

    def _young(self, revision: Revision) -> bool:
        return revision.approved is not None and self.now - revision.approved <= PATIENCE

    def _steps(self, edition: str, job: str, receipts: Iterator[Receipt]) -> Iterator[Step]:
        """Yield *receipts* as steps; what is raised is one too, unless another is at it."""
        try:
            for receipt in receipts:
                yield _step(edition, job, receipt, self.now)
        except (NothingToDo, BusyError):
            return
        except (DigestError, OSError) as error:
            receipt = Receipt(target="email", status="deferred", reason=str(error))
            yield _step(edition, job, receipt, self.now)


def _step(edition: str, job: str, receipt: Receipt, now: datetime) -> Step:
    """Return a step that belongs to no run of a schedule: its occurrence has no key."""
    return Step(occurrence=Occurrence(digest=edition, key="", at=now, issue=job), receipt=receipt)
