"""What can be looked at and done at the desk: one object, shared by all requests of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from digest import app, publish
from digest.config import Settings
from digest.errors import DigestError
from digest.model import Entry, Revision, Volume
from digest.ports import Issues, Network, Outbox
from digest.render.card import available
from digest.render.preflight import Finding, preflight
from digest.render.web import page
from digest.web.desk.feeds import Feed, feed

_PICTURES = frozenset({".avif", ".gif", ".jpeg", ".jpg", ".png", ".webp"})


@dataclass(kw_only=True)
class Desk:
    """The issues of one store under one configuration; ``issue`` is the one to begin with."""

    settings: Settings
    issue: str = ""
    cards: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def issues(self) -> Issues:
        """Return the issues in the store."""
        return app.issues(self.settings)

    @cached_property
    def outbox(self) -> Outbox:
        """Return the outbox in the store."""
        return app.outbox(self.settings)

    @cached_property
    def networks(self) -> Mapping[str, Network]:
        """Return the networks by name."""
        return {one.name: one for one in app.networks(self.settings)}

    def revision(self, issue: str = "", number: int | None = None) -> Revision:
        """Return a revision of *issue*, the newest where no *number* is given."""
        return self.issues.load(issue or self.issue, number)

    def findings(self, revision: Revision) -> tuple[Finding, ...]:
        """Return what preflight says of *revision*."""
        return preflight(revision)

    def feeds(self, revision: Revision) -> tuple[Feed, ...]:
        """Return the threads of *revision* as their networks show them, those with parts."""
        by_machine = app.postable()
        return tuple(
            replace(
                feed(
                    thread,
                    revision,
                    handle=self._handle(thread.network, revision),
                    measure=self.networks[thread.network].measure,
                ),
                by_hand=thread.network not in by_machine,
                quota=app.quota(thread.network),
            )
            for thread in sorted(revision.threads, key=lambda one: _place(one.network))
            if thread.network in self.networks
        )

    def _handle(self, network: str, revision: Revision) -> str:
        options = self.settings.networks.get(network, {})
        host = urlsplit(revision.issue.edition.site).hostname or "example.org"
        return "@" + str(options.get("handle") or host).lstrip("@")

    def web(self, revision: Revision) -> str:
        """Return the web archive's page of *revision*."""
        published = revision.approved or revision.created
        templates = app.templates(self.settings)
        return page(revision.issue, published, templates, app.letterhead(self.settings))

    def card(self, revision: Revision) -> bytes | None:
        """Return the quote card (PNG); None where nobody is quoted or cards are not installed."""
        if not revision.issue.pull_quote or not available():
            return None
        if revision.hash not in self.cards:  # one costs half a second
            try:
                made = publish.card_of(self.settings, revision)
            except DigestError:
                return None
            self.cards.clear()
            self.cards[revision.hash] = made
        return self.cards.get(revision.hash)

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
        for source in self.settings.sources:
            site = source.site or self.settings.site
            if source.folder and urlsplit(site).netloc == host:
                here = (self.settings.folder / source.folder).resolve()
                found += [parent / "static" for parent in here.parents[:3]]
        return [root for root in found if root.is_dir()]

    def shelf(self) -> tuple[Volume, ...]:
        """Return the issues there are, newest first."""
        return self.issues.shelf()

    def sent(self, issue: str = "") -> tuple[Entry, ...]:
        """Return what left, leaves or waits."""
        return self.outbox.entries(issue)


def _place(network: str) -> tuple[int, str]:
    order = ("x", "bluesky", "mastodon", "threads", "linkedin")
    return (order.index(network) if network in order else len(order), network)
