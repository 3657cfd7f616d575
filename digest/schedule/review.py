"""Review of a scheduled draft by mail: links that ask, act once, and mean one revision."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Literal

from digest.config.link_tokens import Keyring
from digest.delivery.send_mail import MailSender
from digest.editorial import pipeline
from digest.model import Occurrence, Review, Revision
from digest.model.errors import DigestError, DraftError
from digest.model.ports.editorial import Issues
from digest.model.ports.schedule import Occurrences, Reviews
from digest.model.scheduled_run import log_run_event, move_run
from digest.render.transactional import (
    ReviewRequest,
    Translate,
    render_review_html,
    render_review_text,
)
from digest.schedule.rules import Schedule
from digest.text.localization import load_catalogue

Action = Literal["approve", "hold"]
LASTS = timedelta(days=14)
_ACTIONS: tuple[Action, ...] = ("approve", "hold")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """What the page behind a link says; ``ask`` is what its button would do, "" without one.

    ``heading`` and ``text`` are messages of the catalogue, ``values`` fill their slots; ``status``
    is that of HTTP.
    """

    heading: str
    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    status: int = 200
    ask: Literal["approve", "hold", "again", ""] = ""


_FORGED = ReviewPage(
    heading="This link does not work",
    text="It may have been cut off: copy the whole of it from the mail.",
    status=404,
)
_EXPIRED = ReviewPage(
    heading="This link is too old",
    text="Look at the draft with digest preview, or approve it with digest approve.",
    status=410,
)
_USED = ReviewPage(
    heading="This link was used already",
    text="Each link acts once. What became of the draft: digest schedule explain.",
    status=410,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLinks:
    """Where reviews are answered: the stores and the keys, opened once."""

    reviews: Reviews
    issues: Issues
    occurrences: Occurrences
    keyring: Keyring

    def look(self, token: str, now: datetime) -> ReviewPage:
        """Return what the link says, and do nothing: scanners and previews follow every link."""
        found = self._open(token, now)
        return found if isinstance(found, ReviewPage) else _question_page(found)

    def act(self, token: str, now: datetime, *, again: bool = False) -> ReviewPage:
        """Do what the link is for, once; return what came of it.

        *again* asks for a new mail where the draft has changed since this one.
        """
        found = self._open(token, now)
        if isinstance(found, ReviewPage):
            return self._once_more(token, now) if again and found.ask == "again" else found
        if not self.reviews.use(found.review.name, found.action):
            return _USED
        try:
            return self._hold(found, now) if found.action == "hold" else self._approve(found, now)
        except DraftError as error:
            self.reviews.release(found.review.name, found.action)
            return ReviewPage(heading="It cannot be approved", text=str(error), status=422)
        except DigestError:
            self.reviews.release(found.review.name, found.action)
            raise

    def _approve(self, link: "_Link", now: datetime) -> ReviewPage:
        pipeline.approve_revision(self.issues, link.revision, now)
        ahead = now < link.run.at
        return ReviewPage(
            heading="Approved",
            text="{issue} revision {number} leaves at its time: {when}."
            if ahead
            else "{issue} revision {number} leaves with the next tick.",
            values={**link.facts, "when": link.run.key.replace("T", " ")},
        )

    def _hold(self, link: "_Link", now: datetime) -> ReviewPage:
        said = link.say("held by an editor, by the link of the review mail")
        held = move_run(link.run, "held", said, now)
        self.occurrences.save(replace(held, owed="", told=(*held.told, "held")))
        return ReviewPage(
            heading="Held",
            text="{issue} waits until somebody approves it. The other link of the mail still does.",
            values=link.facts,
        )

    def _once_more(self, token: str, now: datetime) -> ReviewPage:
        review = self._review(token, now)
        run = self._run(review[0]) if not isinstance(review, ReviewPage) else None
        if run is not None:
            self.occurrences.save(
                log_run_event(replace(run, reviewed=0), "a new review mail is wanted", now)
            )
        return ReviewPage(
            heading="It is on its way", text="The next tick mails you the draft as it is."
        )

    def _open(self, token: str, now: datetime) -> "_Link | ReviewPage":
        """Return what the link may still do, or the page that says why it does nothing."""
        found = self._review(token, now)
        if isinstance(found, ReviewPage):
            return found
        review, action = found
        run = self._run(review)
        if run is None or run.state not in ("drafted", "held"):
            return _over_page(run)
        if self.issues.approved(review.issue) is not None:
            return ReviewPage(
                heading="It is approved already", text="It leaves with the next tick."
            )
        newest = self.issues.load(review.issue)
        if (newest.number, newest.hash) != (review.revision, review.hash):
            return _moved_page(review, newest)
        return _Link(review=review, action=action, run=run, revision=newest)

    def _review(self, token: str, now: datetime) -> "tuple[Review, Action] | ReviewPage":
        verdict = self.keyring.verify(token, "review", now)
        if verdict is None:
            return _FORGED
        name, _, word = verdict.subject.rpartition("-")
        review = self.reviews.find(name)
        action = next((one for one in _ACTIONS if one == word), None)
        if review is None or action is None:
            return _FORGED
        if verdict.expired:
            return _EXPIRED
        return _USED if action in review.used else (review, action)

    def _run(self, review: Review) -> Occurrence | None:
        found = self.occurrences.latest(review.digest, 1, review.key)
        return found[0] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """A link that may act."""

    review: Review
    action: Action
    run: Occurrence
    revision: Revision

    def say(self, message: str) -> str:
        """Return *message* in the language of the issue."""
        return load_catalogue(self.revision.issue.edition.language).gettext(message)

    @property
    def facts(self) -> dict[str, object]:
        """Return what fills the slots of messages on it."""
        return {
            "issue": self.review.issue,
            "number": self.review.revision,
            "subject": self.revision.mail.subject,
        }


def _question_page(link: _Link) -> ReviewPage:
    if link.action == "hold":
        text = "{issue} revision {number} then waits until somebody approves it: {subject}"
        return ReviewPage(heading="Hold this issue?", text=text, values=link.facts, ask="hold")
    text = "{issue} revision {number} then goes out as the mail shows it: {subject}"
    return ReviewPage(heading="Approve this issue?", text=text, values=link.facts, ask="approve")


def _over_page(run: Occurrence | None) -> ReviewPage:
    if run is not None and run.state in ("approved", "sent"):
        return ReviewPage(heading="It is approved already", text=run.reason)
    reason = run.reason if run else "Its run is not on record any more."
    return ReviewPage(heading="This run is over", text=reason, status=410)


def _moved_page(review: Review, newest: Revision) -> ReviewPage:
    return ReviewPage(
        heading="The draft has changed since",
        text=(
            "The mail showed revision {number} of {issue}; there is revision {newest} now."
            " Nothing was done: look at it first."
        ),
        values={"number": review.revision, "issue": review.issue, "newest": newest.number},
        status=409,
        ask="again",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewMailing:
    """What a review mail is made and sent with; ``pages`` is where its links lead, "" nowhere."""

    issues: Issues
    reviews: Reviews
    keyring: Keyring
    mail: MailSender
    pages: str = ""


def send_review(
    mailing: ReviewMailing,
    schedule: Schedule,
    one: Occurrence,
    revision: Revision,
    now: datetime,
    to: str,
) -> None:
    """Mail *to* the draft of *one* with links to approve or hold it; DigestError where it fails.

    The revision is closed first: what the mail shows is what the links approve.
    """
    if not to:
        raise DigestError("review mail", "nobody is named to get it", "Set mail.reply_to.")
    mailing.issues.close(revision)
    expires = (now + LASTS).replace(microsecond=0)
    review = Review(
        name=token_hex(8),
        digest=one.digest,
        key=one.key,
        issue=one.issue,
        revision=revision.number,
        hash=revision.hash,
        expires=expires,
    )
    say = load_catalogue(revision.issue.edition.language).gettext
    asked = ReviewRequest(
        revision=revision,
        plan=_describe_plan(schedule, one, say),
        until=schedule.told(expires),
        targets=schedule.targets,
    )
    if mailing.pages:
        mailing.reviews.keep(review)
        link = _make_links(mailing.keyring, review, mailing.pages)
        asked = replace(asked, approve=link("approve"), hold=link("hold"))
    receipt = mailing.mail.notify(
        to, asked.subject, render_review_text(asked), html=render_review_html(asked)
    )
    if receipt.status != "sent":
        raise DigestError(f"review mail to {to}", f"{receipt.status}: {receipt.reason}")


def _make_links(keyring: Keyring, review: Review, base: str) -> Callable[[Action], str]:
    def link(action: Action) -> str:
        token = keyring.sign(f"{review.name}-{action}", "review", review.expires)
        return f"{base}/review/{token}"

    return link


def _describe_plan(schedule: Schedule, one: Occurrence, say: Translate) -> str:
    """Return what becomes of the draft if nobody does anything."""
    when = f"{schedule.told(one.at)} ({schedule.timezone})"
    if one.state == "held" or schedule.unapproved == "hold":
        return say("It waits until somebody approves it.")
    if schedule.unapproved == "send":
        return say("It goes out by itself at {when}, unless you hold it.", when=when)
    return say("It is skipped at {when}, unless you approve it.", when=when)
