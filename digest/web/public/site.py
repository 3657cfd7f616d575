"""What the public pages stand on: put together from the settings once, used by every request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from digest import app
from digest.audience.providers import Hook
from digest.audience.settings import AudienceSettings, ServeSettings
from digest.config import Settings
from digest.ports import Audience
from digest.tokens import Keyring
from digest.usecases import readership
from digest.usecases.letters import Letters
from digest.web.public.newest import newest
from digest.web.public.pages import Choice, Latest, Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
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


def site(settings: Settings) -> Site:
    """Return the site that *settings* describe."""
    letterhead = app.letterhead(settings)
    titles = readership.titles(settings)
    serve, audience = settings.serve, settings.audience
    pages = Pages(
        templates=app.templates(settings),
        letterhead=letterhead,
        title=readership.title(settings),
        language=settings.language or "en",
        site=settings.site,
        base=urlsplit(serve.url).path.rstrip("/"),
        archive=readership.archive(settings),
    )
    return Site(
        audience=app.audience(settings),
        keyring=app.keyring(settings),
        pages=pages,
        letters=readership.letters(settings),
        digests=titles,
        offered=audience.offered or tuple(titles),
        chosen=readership.chosen(settings),
        settings=audience,
        serve=serve,
        latest=newest(settings, pages.archive),
        archive=settings.folder / serve.archive if serve.archive else None,
        hooks=readership.hooks(settings),
    )
