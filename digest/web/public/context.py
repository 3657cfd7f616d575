"""What the public pages stand on: put together from the settings once, used by every request.

The issue that came out last, for the form: looked up now and then, not at every request.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from digest.app.composition import App
from digest.app.reader_settings import (
    choose_digests,
    find_archive_url,
    find_title,
    list_titles,
    load_webhooks,
)
from digest.audience.webhooks import Webhook
from digest.audience.welcome_mail import Letters
from digest.config.link_tokens import Keyring
from digest.config.settings import AudienceSettings, ServeSettings
from digest.model.errors import DigestError
from digest.model.ports.audience import Audience
from digest.render.branding import make_slug
from digest.web.public.public_pages import Choice, Latest, Pages

_LASTS = 60.0  # seconds that what was found is good for


def make_newest_finder(app: App, archive: str) -> Callable[[], Latest | None]:
    """Return what finds the issue that was approved last; nothing without an *archive*.

    Where the archive is served from here, an issue that is not in it yet is passed over. A store
    that does not answer has no newest issue: the form is shown all the same.
    """
    found: tuple[float, Latest | None] = (-_LASTS, None)

    def latest() -> Latest | None:
        nonlocal found
        if archive and time.monotonic() - found[0] >= _LASTS:
            found = (time.monotonic(), _find_newest(app, archive))
        return found[1]

    return latest


def _find_newest(app: App, archive: str) -> Latest | None:
    try:
        approved = [one for one in app.issues.shelf() if one.approved_at]
    except DigestError:
        return None
    shown = [one for one in approved if _is_out(app, one.issue)]
    if not shown:
        return None
    last = max(shown, key=lambda one: one.approved_at or one.created)
    return Latest(url=f"{archive.rstrip('/')}/{make_slug(last.issue)}/", title=last.subject)


def _is_out(app: App, issue: str) -> bool:
    folder = app.settings.serve.archive
    return not folder or (app.settings.folder / folder / make_slug(issue) / "index.html").is_file()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSite:
    """The parts of a running site; ``digests`` maps the names of the digests to their titles."""

    audience: Audience
    keyring: Keyring
    pages: Pages
    letters: Letters
    digests: dict[str, str]
    offered: tuple[str, ...]
    chosen: tuple[str, ...]
    settings: AudienceSettings
    serve: ServeSettings
    latest: Callable[[], Latest | None]
    archive: Path | None = None
    hooks: dict[str, Webhook] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC)

    def choices(self, chosen: tuple[str, ...], also: tuple[str, ...] = ()) -> tuple[Choice, ...]:
        """Return the digests that can be chosen, and those of *also*, each chosen or not."""
        names = dict.fromkeys((*self.offered, *also))
        return tuple(
            Choice(name=name, title=self.digests.get(name, name), chosen=name in chosen)
            for name in names
        )


def make_site(app: App) -> PublicSite:
    """Return the site that *settings* describe."""
    letterhead = app.letterhead
    titles = list_titles(app.settings)
    serve, audience = app.settings.serve, app.settings.audience
    pages = Pages(
        templates=app.templates,
        letterhead=letterhead,
        title=find_title(app.settings),
        language=app.settings.language or "en",
        site=app.settings.site,
        base=urlsplit(serve.url).path.rstrip("/"),
        archive=find_archive_url(app.settings),
    )
    return PublicSite(
        audience=app.audience,
        keyring=app.keyring,
        pages=pages,
        letters=app.letters,
        digests=titles,
        offered=audience.offered or tuple(titles),
        chosen=choose_digests(app.settings),
        settings=audience,
        serve=serve,
        latest=make_newest_finder(app, pages.archive),
        archive=app.settings.folder / serve.archive if serve.archive else None,
        hooks=load_webhooks(app.settings),
    )
