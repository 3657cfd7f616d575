"""What the public pages stand on: put together from the settings once, used by every request.

The issue that came out last, for the form: looked up now and then, not at every request.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from digest.app import composition
from digest.app.reader_settings import (
    choose_digests,
    find_archive_url,
    find_title,
    list_titles,
    load_hooks,
    make_letters,
)
from digest.audience.provider_webhooks import Hook
from digest.audience.welcome_mail import Letters
from digest.config.link_tokens import Keyring
from digest.config.settings import AudienceSettings, ServeSettings, Settings
from digest.model.errors import DigestError
from digest.model.ports.audience import Audience
from digest.render.branding import slug
from digest.web.public.pages import Choice, Latest, Pages

_LASTS = 60.0  # seconds that what was found is good for


def newest(settings: Settings, archive: str) -> Callable[[], Latest | None]:
    """Return what finds the issue that was approved last; nothing without an *archive*.

    Where the archive is served from here, an issue that is not in it yet is passed over. A store
    that does not answer has no newest issue: the form is shown all the same.
    """
    found: tuple[float, Latest | None] = (-_LASTS, None)

    def latest() -> Latest | None:
        nonlocal found
        if archive and time.monotonic() - found[0] >= _LASTS:
            found = (time.monotonic(), _found(settings, archive))
        return found[1]

    return latest


def _found(settings: Settings, archive: str) -> Latest | None:
    try:
        approved = [one for one in composition.issues(settings).shelf() if one.approved_at]
    except DigestError:
        return None
    shown = [one for one in approved if _is_out(settings, one.issue)]
    if not shown:
        return None
    last = max(shown, key=lambda one: one.approved_at or one.created)
    return Latest(url=f"{archive.rstrip('/')}/{slug(last.issue)}/", title=last.subject)


def _is_out(settings: Settings, issue: str) -> bool:
    folder = settings.serve.archive
    return not folder or (settings.folder / folder / slug(issue) / "index.html").is_file()


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
    hooks: dict[str, Hook] = field(default_factory=dict)

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


def site(settings: Settings) -> PublicSite:
    """Return the site that *settings* describe."""
    letterhead = composition.letterhead(settings)
    titles = list_titles(settings)
    serve, audience = settings.serve, settings.audience
    pages = Pages(
        templates=composition.templates(settings),
        letterhead=letterhead,
        title=find_title(settings),
        language=settings.language or "en",
        site=settings.site,
        base=urlsplit(serve.url).path.rstrip("/"),
        archive=find_archive_url(settings),
    )
    return PublicSite(
        audience=composition.audience(settings),
        keyring=composition.keyring(settings),
        pages=pages,
        letters=make_letters(settings),
        digests=titles,
        offered=audience.offered or tuple(titles),
        chosen=choose_digests(settings),
        settings=audience,
        serve=serve,
        latest=newest(settings, pages.archive),
        archive=settings.folder / serve.archive if serve.archive else None,
        hooks=load_hooks(settings),
    )
