"""Composition of what readers meet: the letters they get, the hooks that report on them."""

from collections.abc import Sequence
from datetime import UTC

from digest.audience import provider_webhooks
from digest.audience.importer import Terms
from digest.audience.provider_webhooks import Hook
from digest.config import credentials
from digest.config.settings import CONFIG_FILE, Settings
from digest.model.errors import ConfigError
from digest.sources._dates import moment


def list_titles(settings: Settings) -> dict[str, str]:
    """Return the title of each digest that there is; "weekly" exists where nothing is written."""
    names = tuple(settings.digests) or ("weekly",)
    return {name: settings.edition(name).title or name for name in names}


def choose_digests(settings: Settings) -> tuple[str, ...]:
    """Return the digests that a new reader gets; ConfigError names one that there is not."""
    for key, names in (
        ("digests", settings.audience.digests),
        ("offered", settings.audience.offered),
    ):
        for name in names:
            if name not in list_titles(settings):
                where = f"{settings.file or CONFIG_FILE}: audience.{key}"
                known = ", ".join(list_titles(settings))
                raise ConfigError(where, f"there is no digest {name!r}", f"There is: {known}.")
    first = "weekly" if "weekly" in list_titles(settings) else next(iter(list_titles(settings)))
    return settings.audience.digests or (first,)


def find_title(settings: Settings) -> str:
    """Return what the newsletter is called."""
    return settings.title or next(iter(list_titles(settings).values()))


def find_pages_url(settings: Settings) -> str:
    """Return the address of the public pages, "" where none is set."""
    return settings.serve.url.rstrip("/")


def find_archive_url(settings: Settings) -> str:
    """Return the address of the web archive, "" where there is none."""
    served = f"{find_pages_url(settings)}/archive/" if settings.serve.archive else ""
    return settings.mail.archive or served


def make_terms(
    settings: Settings,
    *,
    confirmed: bool,
    digests: Sequence[str] = (),
    language: str = "",
    source: str = "",
    lift: bool = False,
    dry: bool = False,
    day_first: bool = False,
) -> Terms:
    """Return how people are taken in; ConfigError names a digest that there is not.

    With *day_first* 01/02/2024 is the first of February, else the second of January.
    """
    wanted = tuple(digests) or choose_digests(settings)
    for name in digests:
        settings.edition(name)
    return Terms(
        confirmed=confirmed,
        digests=wanted,
        known=frozenset({"weekly", *settings.digests}),
        source=source,
        language=language,
        lift=lift,
        dry=dry,
        read_time=lambda cell: moment(cell, UTC, "en-GB" if day_first else "en-US"),
    )


def load_hooks(settings: Settings) -> dict[str, Hook]:
    """Return the hooks of the providers that may report; ConfigError names what is missing."""
    return {name: _hook(settings, name) for name in settings.serve.hooks}


def _hook(settings: Settings, name: str) -> Hook:
    options = settings.serve.hooks[name]
    where = f"{settings.file or CONFIG_FILE}: serve.hooks.{name}"
    kind = options.get("kind", name)
    if unknown := sorted(set(options) - {"kind", "secret_file"}):
        raise ConfigError(
            f"{where}.{unknown[0]}", "there is no such key", "Known: kind, secret_file."
        )
    if kind not in provider_webhooks.KINDS:
        remedy = f'Write kind = "...", one of: {", ".join(provider_webhooks.KINDS)}.'
        raise ConfigError(where, f"{kind!r} is no kind of hook", remedy)
    service = f"hook_{name}"
    secret = credentials.secret(service, "secret", options, settings.folder)
    if not secret:
        remedy = "Anybody could report bounces: set it, or secret_file in that section."
        raise ConfigError(where, f"{credentials.variable(service, 'secret')} is not set", remedy)
    try:
        return provider_webhooks.hook(kind, secret)
    except ValueError as error:
        raise ConfigError(f"{where}: its secret", str(error)) from None
