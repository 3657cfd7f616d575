"""What can be looked at and done at the desk: one object, shared by all requests of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import RLock
from urllib.parse import unquote, urlsplit

from digest.app import accounts, archive
from digest.app.composition import App
from digest.delivery.networks import list_looks
from digest.delivery.preflight import find_lacks
from digest.editorial import candidates, pipeline
from digest.editorial.candidates import PeriodPost
from digest.editorial.pipeline import Drafted, PipelineDeps
from digest.model import IssueSummary, OutboxEntry, Revision
from digest.model.draft import Finding
from digest.model.errors import DigestError
from digest.model.mailing import Mailing, MailingTally
from digest.model.picture_name import is_picture_name
from digest.model.ports.editorial import Issues
from digest.model.ports.mail import Ledger
from digest.model.ports.social import Network, Outbox
from digest.render.preflight import check_revision
from digest.render.quote_card import is_available
from digest.render.web_page import render_page
from digest.web.desk.schedule_panel import Agenda, find_agenda
from digest.web.desk.send_jobs import EMAIL, Dispatch, Outside
from digest.web.desk.thread_preview import ThreadPreview, preview_thread

_PICTURES = frozenset({".avif", ".gif", ".jpeg", ".jpg", ".png", ".webp"})


@dataclass(kw_only=True)
class Desk:
    """The issues of one store under one configuration; ``issue`` is the one to begin with."""

    app: App
    issue: str = ""
    lock: RLock = field(default_factory=RLock)
    ranking: RLock = field(default_factory=RLock)
    beat: int = 0
    closing: bool = False
    trouble: str = ""
    dispatch: Dispatch = field(default_factory=Dispatch)
    outside: Outside = field(default_factory=Outside)
    tests: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    cards: dict[str, bytes] = field(default_factory=dict)
    _made: dict[str, Drafted] = field(default_factory=dict)
    _ranked: dict[str, tuple[object, tuple[PeriodPost, ...]]] = field(default_factory=dict)

    @cached_property
    def kit(self) -> PipelineDeps:
        """Return the adapters to make an issue anew with; it needs no source to work."""
        return self.app.kit(sourceless=True)

    @cached_property
    def issues(self) -> Issues:
        """Return the issues in the store."""
        return self.app.issues

    @cached_property
    def outbox(self) -> Outbox:
        """Return the outbox in the store."""
        return self.app.outbox

    @cached_property
    def networks(self) -> Mapping[str, Network]:
        """Return the networks by name."""
        return {one.name: one for one in self.app.networks}

    def revision(self, issue: str = "", number: int | None = None) -> Revision:
        """Return a revision of *issue*, the newest where no *number* is given."""
        return self.issues.load(issue or self.issue, number)

    def drafted(self, revision: Revision) -> Drafted | None:
        """Return what *revision* was made from, to be edited.

        None where it cannot be edited: it is not the newest, or was drafted by a digest that kept
        nothing but the result.
        """
        issue = revision.issue.id
        with self.lock:
            known, history = self._made.get(issue), self.kit.edits.history(issue)
            if known and known.revision.hash == revision.hash and known.history == history:
                return replace(known, revision=revision)
            if self.kit.issues.generated(issue) is None and not self.kit.sources:
                return None
            made = pipeline.preview_issue(self.kit, issue, datetime.now(UTC))
            made = replace(made, revision=revision)
            self._made[issue] = made
            return made

    def renew(self, app: App) -> None:
        """Go on under other settings, those of *app*: what was made before is made again."""
        self.app = app
        for name in ("kit", "issues", "outbox", "networks", "ledger"):
            self.__dict__.pop(name, None)
        self._made.clear()
        self.outside.known.clear()

    def touch(self) -> None:
        """Tell the open pages that something changed."""
        self.beat += 1

    def keep(self, made: Drafted) -> Drafted:
        """Keep what a command has just made, to be shown."""
        self.touch()
        self._made[made.revision.issue.id] = made
        return made

    def ranked(self, issue: str, *, wait: bool = True) -> tuple[PeriodPost, ...]:
        """Return all posts of the period with rank and score; it takes a while the first time.

        Unless *wait*, nothing where that is not known yet.
        """
        mark, known = self._mark(issue), self._ranked.get(issue)
        if known and (known[0] == mark or not wait):
            return known[1]
        if not wait:
            return ()
        with self.ranking:  # beside the commands, which need not wait for it
            known = self._ranked.get(issue)
            if known and known[0] == mark:
                return known[1]
            found = candidates.list_period_posts(self.kit, issue)
            self._ranked[issue] = (mark, found)
            return found

    def _mark(self, issue: str) -> object:
        """Return what tells whether the posts would be ranked differently now."""
        history = self.kit.edits.history(issue)
        generated = self.kit.issues.generated(issue)
        chosen = {k: v for k, v in history.values.items() if k.startswith(("choice/", "added/"))}
        return chosen, generated.posts if generated else None

    def findings(self, revision: Revision) -> tuple[Finding, ...]:
        """Return what preflight says of *revision*, and what was found outside, if it was asked.

        What no mail to many may lack stands in the way only where there are readers.
        """
        address = bool(self.kit.letterhead.postal_address)
        lacks = [*find_lacks(revision.mail, postal_address=address)]
        if not self.audience(revision):
            lacks = [replace(one, level="warning") for one in lacks]
        look = self.outside.of(revision.mail)
        mail = [replace(one, channel=EMAIL) for one in (*lacks, *(look.findings if look else ()))]
        return (*check_revision(revision), *mail)

    def feeds(self, revision: Revision) -> tuple[ThreadPreview, ...]:
        """Return the threads of *revision* as their networks show them, those with parts."""
        by_machine = accounts.list_postable()
        return tuple(
            replace(
                preview_thread(
                    thread,
                    revision,
                    self.networks[thread.network],
                    handle=self._handle(thread.network, revision),
                ),
                by_hand=thread.network not in by_machine,
                quota=accounts.describe_quota(thread.network),
            )
            for thread in sorted(revision.threads, key=lambda one: _place_of(one.network))
            if thread.network in self.networks
        )

    def _handle(self, network: str, revision: Revision) -> str:
        options = self.app.settings.networks.get(network, {})
        host = urlsplit(revision.issue.edition.site).hostname or "example.org"
        return "@" + str(options.get("handle") or host).lstrip("@")

    def web(self, revision: Revision) -> str:
        """Return the web archive's page of *revision*."""
        published = revision.approved or revision.created
        templates = self.app.templates
        return render_page(revision.issue, published, templates, self.app.letterhead)

    def card(self, revision: Revision) -> bytes | None:
        """Return the quote card (PNG); None where nobody is quoted or cards are not installed."""
        if not revision.issue.pull_quote or not is_available():
            return None
        if revision.hash not in self.cards:  # one costs half a second
            try:
                made = archive.card_of(self.app, revision)
            except DigestError:
                return None
            self.cards.clear()
            self.cards[revision.hash] = made
        return self.cards.get(revision.hash)

    def kept(self, name: str) -> bytes | None:
        """Return the picture of a thread that the store keeps under *name*, None if it does not."""
        if not is_picture_name(name):
            return None
        try:
            return self.app.pictures.read(name)
        except DigestError:
            return None

    def picture(self, url: str) -> Path | None:
        """Return the file of the picture at *url* where a source's own folder holds it."""
        wanted = urlsplit(url)
        name = unquote(wanted.path).lstrip("/")
        if Path(name).suffix.lower() not in _PICTURES:
            return None
        for root in self._roots(wanted.netloc):
            path = (root / name).resolve()
            if path.is_relative_to(root.resolve()) and path.is_file():
                return path
        return None

    def _roots(self, host: str) -> Sequence[Path]:
        """Return the folders that hold what a site on *host* shows: ``static`` of a Hugo blog."""
        found = []
        for source in self.app.settings.sources:
            site = source.site or self.app.settings.site
            if source.folder and urlsplit(site).netloc == host:
                here = (self.app.settings.folder / source.folder).resolve()
                found += [parent / "static" for parent in here.parents[:3]]
        return [root for root in found if root.is_dir()]

    @cached_property
    def ledger(self) -> Ledger:
        """Return the ledger of mailings in the store."""
        return self.app.ledger

    def audience(self, revision: Revision) -> int:
        """Return how many readers get *revision*, or got it."""
        mailing = self.ledger.find(revision.issue.id)
        edition = revision.issue.edition.name
        return mailing.audience if mailing else self.ledger.receivers(edition)

    def went(self, issue: str, channel: str) -> int:
        """Return which revision of *issue* left by *channel*, or is about to; 0 for none."""
        if channel == EMAIL and (mailing := self.ledger.find(issue)):
            return mailing.revision
        mine = (one for one in self.outbox.entries(issue) if one.target == channel)
        return max((one.revision for one in mine if one.state != "skipped"), default=0)

    def tally(self, issue: str) -> MailingTally | None:
        """Return how far the mailing of *issue* is, None where none was begun."""
        mailing = self.ledger.find(issue)
        return self.ledger.tally(mailing) if mailing else None

    def mailings(self, issue: str) -> tuple[tuple[Mailing, MailingTally], ...]:
        """Return the mailings of *issue*, a correction of it too, and how far each is."""
        return tuple((one, self.ledger.tally(one)) for one in self.ledger.mailings(issue))

    def agenda(self, revision: Revision) -> Agenda | None:
        """Return what a schedule means to do with *revision*, None where there is none.

        DigestError where its file cannot be read.
        """
        issue = revision.issue
        return find_agenda(self.app, issue.edition.name, issue.id, datetime.now(UTC))

    def run(self, revision: Revision) -> Agenda | None:
        """Return ``agenda``, None also where the schedule cannot be read."""
        try:
            return self.agenda(revision)
        except DigestError:
            return None

    def shelf(self) -> tuple[IssueSummary, ...]:
        """Return the issues there are, newest first."""
        return self.issues.shelf()

    def sent(self, issue: str = "") -> tuple[OutboxEntry, ...]:
        """Return what left, leaves or waits."""
        return self.outbox.entries(issue)


def _place_of(network: str) -> tuple[int, str]:
    order = (*list_looks(),)
    return (order.index(network) if network in order else len(order), network)
