"""Composition of what readers meet: the letters they get, the hooks that report on them."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC

from digest import app, credentials
from digest.audience import providers
from digest.audience.importing import Terms
from digest.audience.providers import Hook
from digest.config import FILE, Settings
from digest.errors import ConfigError, DigestError
from digest.model.mailing import Message
from digest.sources._dates import moment
from digest.usecases import carriers
from digest.usecases.letters import Letters, Send


def titles(settings: Settings) -> dict[str, str]:
    """Return the title of each digest that there is; "weekly" exists where nothing is written."""
    names = tuple(settings.digests) or ("weekly",)
    return {name: settings.edition(name).title or name for name in names}


def chosen(settings: Settings) -> tuple[str, ...]:
    """Return the digests that a new reader gets; ConfigError names one that there is not."""
    for key, names in (
        ("digests", settings.audience.digests),
        ("offered", settings.audience.offered),
    ):
        for name in names:
            if name not in titles(settings):
                where = f"{settings.file or FILE}: audience.{key}"
                known = ", ".join(titles(settings))
                raise ConfigError(where, f"there is no digest {name!r}", f"There is: {known}.")
    first = "weekly" if "weekly" in titles(settings) else next(iter(titles(settings)))
    return settings.audience.digests or (first,)


def title(settings: Settings) -> str:
    """Return what the newsletter is called."""
    return settings.title or next(iter(titles(settings).values()))


def url(settings: Settings) -> str:
    """Return the address of the public pages, "" where none is set."""
    return settings.serve.url.rstrip("/")


def archive(settings: Settings) -> str:
    """Return the address of the web archive, "" where there is none."""
    served = f"{url(settings)}/archive/" if settings.serve.archive else ""
    return settings.mail.archive or served


def terms(
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
    wanted = tuple(digests) or chosen(settings)
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


def letters(settings: Settings) -> Letters:
    """Return what writes and sends the letters to single readers."""
    return Letters(
        audience=app.audience(settings),
        keyring=app.keyring(settings),
        letterhead=app.letterhead(settings),
        templates=app.templates(settings),
        send=_send(settings),
        title=title(settings),
        titles=titles(settings),
        url=url(settings),
        language=settings.language or "en",
        days=settings.audience.confirm_days,
        archive=archive(settings),
        return_path=settings.mail.return_path,
    )


def _send(settings: Settings) -> Send:
    """Return what takes a finished message to the mailer of single mails."""

    def send(message: Message) -> None:
        carrier = carriers.mailer(settings, settings.mail.notices)
        with closing(carrier.lane()) as lane:
            (outcome,) = lane.send([message], message.key)
        if outcome.status != "sent":
            remedy = "Look at it with: digest doctor"
            raise DigestError(carrier.name, f"did not take a letter: {outcome.reason}", remedy)

    return send


def hooks(settings: Settings) -> dict[str, Hook]:
    """Return the hooks of the providers that may report; ConfigError names what is missing."""
    return {name: _hook(settings, name) for name in settings.serve.hooks}


def _hook(settings: Settings, name: str) -> Hook:
    options = settings.serve.hooks[name]
    where = f"{settings.file or FILE}: serve.hooks.{name}"
    kind = options.get("kind", name)
    if unknown := sorted(set(options) - {"kind", "secret_file"}):
        raise ConfigError(
            f"{where}.{unknown[0]}", "there is no such key", "Known: kind, secret_file."
        )
    if kind not in providers.KINDS:
        remedy = f'Write kind = "...", one of: {", ".join(providers.KINDS)}.'
        raise ConfigError(where, f"{kind!r} is no kind of hook", remedy)
    service = f"hook_{name}"
    secret = credentials.secret(service, "secret", options, settings.folder)
    if not secret:
        remedy = "Anybody could report bounces: set it, or secret_file in that section."
        raise ConfigError(where, f"{credentials.variable(service, 'secret')} is not set", remedy)
    try:
        return providers.hook(kind, secret)
    except ValueError as error:
        raise ConfigError(f"{where}: its secret", str(error)) from None
