"""What ``digest tick`` runs on: Settings -> schedules and the crew that a tick works with."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from email.utils import parseaddr

from digest.app import accounts, composition
from digest.config.settings import Settings
from digest.delivery import send_mail
from digest.delivery.outbox import Deliver, post_thread
from digest.delivery.resume import Leftovers
from digest.editorial import pipeline
from digest.editorial.collect import find_failure, list_warnings
from digest.editorial.pipeline import PipelineDeps
from digest.http import json_api
from digest.model import Collected, Occurrence, Period, Receipt, Revision, Rhythm
from digest.model.errors import ConfigError, DigestError, NothingToDo
from digest.model.ports.schedule import Occurrences
from digest.schedule import loader, notifications, review
from digest.schedule.explain import ScheduleFacts, end_pause, list_slots
from digest.schedule.explain import find_departure as leaves
from digest.schedule.loader import EMAIL
from digest.schedule.rules import ON_TIME, Schedule, ahead
from digest.schedule.tick import Step, TickDeps, tick
from digest.store.engine import connect
from digest.store.locks import exclusive
from digest.store.schedule import OccurrenceStore
from digest.text.localization import catalogue

Warn = Callable[[str], None]
_RUNS = 60  # of a schedule that are looked through for an issue


def occurrences(settings: Settings) -> Occurrences:
    """Return the runs of schedules in the store."""
    return OccurrenceStore(connect(settings.store_url))


def run(settings: Settings, now: datetime, warn: Warn) -> Iterator[Step]:
    """Do what is due of every schedule; yield what came of it.

    A schedule that cannot be read, or breaks, stops no other; its error is raised at the end.
    Where nothing was drafted the sources are read at least once an hour all the same.
    """
    loaded = loader.load(settings)
    errors: list[DigestError] = list(loaded.errors)
    drafting = _Drafting(settings=settings, now=now, warn=warn)
    hands = crew(settings, now, warn, drafting)
    for schedule in loaded.schedules:
        try:
            yield from tick(schedule, hands, now)
        except DigestError as error:
            errors.append(error)
    if loaded.schedules:
        drafting.keep_up()
    try:
        yield from _left(settings, loaded.schedules, now, warn).go_on()
    except DigestError as error:
        errors.append(error)
    for earlier in errors[:-1]:
        warn(str(earlier))
    if errors:
        raise errors[-1]


def crew(
    settings: Settings, now: datetime, warn: Warn, drafting: "_Drafting | None" = None
) -> TickDeps:
    """Return what a tick works with."""
    drafting = drafting or _Drafting(settings=settings, now=now, warn=warn)
    return TickDeps(
        occurrences=occurrences(settings),
        issues=composition.issues(settings),
        draft=drafting.draft,
        target=lambda name: target(settings, name),
        tell=lambda schedule, owing: tell(settings, schedule, owing, warn),
        review=lambda schedule, one, revision: review.ask(
            settings, schedule, one, revision, now, address(editor(settings, schedule))
        ),
        warn=warn,
    )


def _left(
    settings: Settings, schedules_: Sequence[Schedule], now: datetime, warn: Warn
) -> Leftovers:
    """Return what mail of other runs is left; the editor hears of it as of a schedule's runs."""
    by_digest = {one.digest: one for one in schedules_}

    def in_hand(edition: str, issue: str) -> bool:
        runs = occurrences(settings).latest(edition, _RUNS) if edition in by_digest else ()
        mine = [one for one in runs if one.issue == issue]
        return any(one.open or _is_given_up(one) for one in mine)

    def told(edition: str, job: str, left: int) -> None:
        schedule = by_digest.get(edition)
        to = editor(settings, schedule) if schedule else settings.mail.reply_to
        own = settings.digests.get(edition)
        language = (own.language if own else "") or settings.language
        subject, text = notifications.given_up(job, left, language)
        warn(text.strip())
        if to := to or settings.mail.from_:
            _sent(send_mail.notify(settings, address(to), subject, text))

    return Leftovers(settings=settings, now=now, in_hand=in_hand, tell=told)


def _is_given_up(one: Occurrence) -> bool:
    """Tell whether the run *one* gave its email up."""
    return EMAIL in one.targets and one.targets[EMAIL].state == "refused"


def departure(settings: Settings, edition: str, issue: str, now: datetime) -> datetime | None:
    """Return when *issue* of the digest *edition* leaves by itself once it is approved.

    None where no schedule sends it; a moment that is over means: with the next tick.
    """
    if not settings.file:
        return None
    for schedule in loader.load(settings).schedules:
        if schedule.digest == edition:
            return leaves(ScheduleFacts.of(schedule, occurrences(settings), now), issue)
    return None


def pause(settings: Settings, schedule: Schedule, now: datetime) -> None:
    """Pause *schedule* from *now* on; one that is paused stays so since it was."""
    _remember(settings, schedule, now, lambda known: replace(known, paused=known.paused or now))


def resume(settings: Settings, schedule: Schedule, now: datetime) -> None:
    """Let *schedule* run again; what fell into the pause is recorded as skipped."""
    end_pause(schedule, occurrences(settings), now)
    _remember(settings, schedule, now, lambda known: replace(known, paused=None))


def leave_out(
    settings: Settings, schedule: Schedule, day: date, now: datetime, *, undo: bool = False
) -> None:
    """Leave the local *day* out of *schedule*, or take that back.

    ConfigError where it does not run on that day, or that day is over.
    """
    slots = list_slots(schedule, day)
    if not slots and not undo:
        near = ", ".join(f"{schedule.local(one.at):%a %Y-%m-%d}" for one in ahead(schedule, now, 2))
        raise ConfigError(f"{schedule.name} {day}", "it does not run on that day", f"Next: {near}.")
    if slots and slots[-1].at <= now:
        remedy = f"See what became of it: digest schedule explain {schedule.name} {day}"
        raise ConfigError(f"{schedule.name} {day}", "is over", remedy)

    def change(known: Rhythm) -> Rhythm:
        others = [one for one in known.skips if one != day.isoformat()]
        return replace(known, skips=tuple(others if undo else sorted([*others, day.isoformat()])))

    _remember(settings, schedule, now, change)


def _remember(
    settings: Settings, schedule: Schedule, now: datetime, change: Callable[[Rhythm], Rhythm]
) -> None:
    occurrences(settings).remember(Rhythm(digest=schedule.digest, since=now), change)


@dataclass(slots=True, kw_only=True)
class _Drafting:
    """Makes drafts; the sources are polled once, before the first."""

    settings: Settings
    now: datetime
    warn: Warn
    kit: PipelineDeps | None = None
    collected: tuple[Collected, ...] = ()

    def draft(self, schedule: Schedule, period: Period) -> Revision:
        """Make and save the issue of *period*; SourceError where no source answers."""
        kit = self.polled()
        if failed := find_failure(self.collected):
            raise failed
        edition = composition.edition(self.settings, schedule.digest)
        drafted = pipeline.draft(kit, edition, lambda _zone: period, self.now, least=schedule.least)
        found = (str(one).removeprefix("warning: ") for one in drafted.findings)
        for line in (*drafted.unread, *found):
            self.warn(line)
        return drafted.revision

    def keep_up(self) -> None:
        """Poll the sources where nobody did for an hour: a feed lists its newest posts only.

        A source that fails is told of when a draft needs it, not at every tick.
        """
        if self.kit is not None:
            return
        try:
            kit = composition.kit(self.settings)
            seen = [kit.feeds.standing(source.name).polled for source in kit.sources]
            if any(at is None or self.now - at >= ON_TIME for at in seen):
                with exclusive(connect(self.settings.store_url), "collect"):
                    self.collected = pipeline.poll(kit, self.now)
        except DigestError:
            return
        for line in (line for one in self.collected for line in one.warnings):
            self.warn(line)

    def polled(self) -> PipelineDeps:
        """Return the kit, its sources polled."""
        if self.kit is None:
            self.kit = composition.kit(self.settings)
            self.collected = pipeline.poll(self.kit, self.now)
            if not find_failure(self.collected):
                for line in list_warnings(self.collected):
                    self.warn(line)
        return self.kit


def target(settings: Settings, name: str) -> Deliver:
    """Return what delivers an approved revision to *name*: "email", or a network."""
    return _mailing(settings) if name == EMAIL else _posting(settings, name)


def _mailing(settings: Settings) -> Deliver:
    """Return what sends the email, and says at the end what of the whole mailing is not out."""

    def send(revision: Revision) -> Iterator[Receipt]:
        told: Counter[str] = Counter()
        nothing: NothingToDo | None = None
        try:
            for receipt in send_mail.send(settings, revision):
                told[receipt.status] += 1
                yield receipt
        except NothingToDo as error:
            nothing = error
        rest = [*_rest(settings, revision, told)]
        if nothing and not rest:
            raise nothing
        yield from rest

    return send


def _rest(settings: Settings, revision: Revision, told: Counter[str]) -> Iterator[Receipt]:
    """Yield a receipt for what the runs before left unknown, held or queued."""
    ledger, issue = send_mail.ledger(settings), revision.issue.id
    say = catalogue(revision.issue.edition.language)
    mailing = ledger.find(issue)
    if mailing is None:
        return
    tally = ledger.tally(mailing)
    if tally.waiting > told["unknown"] + told["held"]:
        reason = say.ngettext(
            "{n} copy may or may not be out; settle it: digest resolve {issue}",
            "{n} copies may or may not be out; settle them: digest resolve {issue}",
            tally.waiting,
            issue=issue,
        )
        yield Receipt(target=EMAIL, status="unknown", reason=reason)
    if tally.left and not told["deferred"]:
        one, many = "{n} copy is still to leave", "{n} copies are still to leave"
        reason = say.ngettext(one, many, tally.left)
        yield Receipt(target=EMAIL, status="deferred", reason=reason)


def _posting(settings: Settings, network: str) -> Deliver:
    def post(revision: Revision) -> Iterator[Receipt]:
        with closing(accounts.open_account(settings, network)) as account:
            yield from post_thread(revision, account, composition.outbox(settings))

    return post


def tell(settings: Settings, schedule: Schedule, owing: tuple[Occurrence, ...], warn: Warn) -> None:
    """Tell the editor of *owing*: on stderr, by email and by webhook.

    DigestError where none of those that are set up took it; one that did is enough.
    """
    for one in owing:
        warn(f"{schedule.name} {one.key}: {one.reason}")
    ways: list[Callable[[], object]] = []
    if to := editor(settings, schedule):
        ways.append(lambda: _mailed(settings, schedule, owing, to))
    if url := schedule.notify.webhook:
        payload, allow = notifications.payload(schedule, owing), settings.fetch.allow_private
        ways.append(lambda: json_api.post(url, payload, allow_private=allow))
    failures = [failure for way in ways if (failure := _failure(way))]
    if failures and len(failures) == len(ways):
        raise failures[0]
    for failure in failures:
        warn(str(failure))


def editor(settings: Settings, schedule: Schedule) -> str:
    """Return the address that notices go to, "" where nobody is named or nobody could write."""
    if not settings.mail.from_:
        return schedule.notify.email
    return schedule.notify.email or settings.mail.reply_to or settings.mail.from_


def _failure(way: Callable[[], object]) -> DigestError | None:
    try:
        way()
    except DigestError as error:
        return error
    return None


def _mailed(settings: Settings, schedule: Schedule, owing: tuple[Occurrence, ...], to: str) -> None:
    subject, text = notifications.subject(schedule, owing), notifications.text(schedule, owing)
    _sent(send_mail.notify(settings, address(to), subject, text))


def address(mailbox: str) -> str:
    """Return the bare address of *mailbox*, which may carry a name."""
    return parseaddr(mailbox)[1] or mailbox


def _sent(receipt: Receipt) -> None:
    """Raise DigestError unless *receipt* says that the mail left."""
    if receipt.status != "sent":
        raise DigestError(f"mail to {receipt.target}", f"{receipt.status}: {receipt.reason}")
