"""Composition of what readers meet: the letters they get, the hooks that report on them."""

from collections.abc import Sequence
from datetime import UTC
from typing import cast

from digest.audience.imap_mailbox import ImapMailbox, is_loopback
from digest.audience.importer import Terms
from digest.audience.webhooks import Setup, Webhook, WebhookModule
from digest.config import credentials, plugins
from digest.config.settings import CONFIG_FILE, Settings
from digest.http.json_api import JsonService
from digest.model.errors import ConfigError, FetchError
from digest.sources._dates import parse_moment


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
        read_time=lambda cell: parse_moment(cell, UTC, "en-GB" if day_first else "en-US"),
    )


def load_webhooks(settings: Settings) -> dict[str, Webhook]:
    """Return the webhooks of providers that may report; ConfigError names what is missing."""
    return {name: _load_webhook(settings, name) for name in settings.serve.hooks}


def _load_webhook(settings: Settings, name: str) -> Webhook:
    options = settings.serve.hooks[name]
    where = f"{settings.file or CONFIG_FILE}: serve.hooks.{name}"
    kind = options.get("kind", name)
    known = ("kind", "secret_file", *(("topic",) if kind == "ses" else ()))
    if unknown := sorted(set(options) - set(known)):
        remedy = f"Known: {', '.join(known)}."
        raise ConfigError(f"{where}.{unknown[0]}", "there is no such key", remedy)
    kinds = plugins.list_adapters("webhooks")
    if kind not in kinds:
        remedy = f'Write kind = "...", one of: {", ".join(kinds)}.'
        raise ConfigError(where, f"{kind!r} is no kind of hook", remedy)
    module = cast("WebhookModule", plugins.load_adapter("webhooks", kind))
    service = f"hook_{name}"
    secret = credentials.read_secret(service, "secret", options, settings.folder)
    if not secret and getattr(module, "SECRET", True):
        remedy = "Anybody could report bounces: set it, or secret_file in that section."
        raise ConfigError(
            where, f"{credentials.name_variable(service, 'secret')} is not set", remedy
        )
    try:
        return module.build(Setup(secret=secret, options=options, fetch=_fetch_url))
    except ValueError as error:
        what = "its secret" if secret else "topic"
        raise ConfigError(f"{where}: {what}", str(error)) from None
    except ModuleNotFoundError as error:
        remedy = "Install it: pip install 'digest-newsletter[webhooks]'"
        raise ConfigError(where, f"needs the package {error.name}", remedy) from None


def find_mailbox(settings: Settings) -> ImapMailbox:
    """Return the mailbox that bounces return to; ConfigError names what is missing."""
    there, where = settings.mailbox, f"{settings.file or CONFIG_FILE}: mailbox"
    for key, value in (("host", there.host), ("user", there.user)):
        if not value:
            remedy = "Set it in [mailbox], or give --maildir DIR or --mbox FILE."
            raise ConfigError(f"{where}.{key}", "is not set", remedy)
    options = {"password_file": there.password_file}
    password = credentials.read_secret("mailbox", "password", options, settings.folder)
    if not password:
        remedy = "Set it, or password_file in [mailbox]."
        raise ConfigError(where, "DIGEST_MAILBOX_PASSWORD is not set", remedy)
    if there.security == "none" and not is_loopback(there.host):
        remedy = 'Set security = "tls" or "starttls" in [mailbox].'
        raise ConfigError(where, "the password would be sent in the open", remedy)
    return ImapMailbox(
        host=there.host,
        user=there.user,
        password=password,
        folder=there.folder,
        port=there.port,
        security=there.security,
        ca_file=str(settings.folder / there.ca_file) if there.ca_file else "",
    )


def _fetch_url(url: str) -> bytes:
    """Return what *url* answers; OSError where that is no success."""
    service = JsonService(url, timeout=10.0)
    try:
        response = service.call("GET", "")
    except FetchError as error:
        raise OSError(str(error)) from None
    finally:
        service.close()
    if response.status // 100 != 2:
        raise OSError(f"{url}: {response.status}")
    return response.body
