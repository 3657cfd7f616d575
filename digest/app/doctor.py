"""``digest doctor``: what is configured, reachable and missing, each with its remedy."""

import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from digest.app import accounts, mailer_factory
from digest.app.composition import App
from digest.audience.imap_mailbox import is_loopback
from digest.config import credentials
from digest.delivery import deliverability
from digest.model import Batch, CacheValidators, Failed
from digest.model.errors import DigestError
from digest.model.private_files import is_open_to_others
from digest.render.quote_card import is_available
from digest.render.templates import find_shipped_templates
from digest.store.engine import connect, read_version
from digest.text.domain_names import ascii_host

Level = Literal["ok", "note", "warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at; ``remedy`` says what to do where it is not ok."""

    level: Level
    subject: str
    finding: str
    remedy: str = ""
    record: str = ""


def examine_mail(app: App, ask: deliverability.Ask | None = None) -> Iterator[Check]:
    """Yield what DNS says of mail from here, with the records to publish; nothing is sent."""
    ask = ask or deliverability.make_ask()
    if ask is None:
        remedy = "Install it: pip install 'digest-newsletter[dns]'"
        yield Check(level="error", subject="DNS", finding="needs dnspython", remedy=remedy)
        return
    mail, options = app.settings.mail, app.settings.mailers.get("smtp", {})
    sender = parseaddr(mail.from_)[1]
    if "@" not in sender:
        yield Check(level="error", subject="mail.from", finding="is not set", remedy="Set it.")
        return
    host = str(options.get("host", "")) if mail.mailer == "smtp" else ""
    own = is_loopback(host)
    sending = deliverability.SenderSetup(
        domain=ascii_host(sender.rpartition("@")[2]),
        bounce_domain=ascii_host(mail.return_path.rpartition("@")[2]),
        dkim_domain=ascii_host(str(options.get("dkim_domain", ""))),
        selector=str(options.get("dkim_selector", "")),
        public_key=_public_key(app, str(options.get("dkim_key_file", ""))),
        host=str(options.get("hostname") or socket.getfqdn()) if own else host,
        own_host=own,
        unsubscribe=mail.unsubscribe or app.settings.serve.url,
        report_to=_ascii_address(parseaddr(mail.reply_to)[1] or sender),
    )
    for verdict in deliverability.examine(sending, ask):
        yield Check(**asdict(verdict))


def _ascii_address(address: str) -> str:
    local, _, host = address.rpartition("@")
    return f"{local}@{ascii_host(host)}"


def _public_key(app: App, file: str) -> str:
    """Return the public half of the DKIM key in *file* as its record has it, "" where unknown."""
    if not file or not find_spec("cryptography"):
        return ""
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_private_key,
    )

    try:
        key = load_pem_private_key((app.settings.folder / file).read_bytes(), None).public_key()
    except (OSError, ValueError, TypeError):
        return ""
    return b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def run_checks(app: App) -> Iterator[Check]:
    """Yield one check after the other; a failing one does not stop the next."""
    yield _check_configuration(app)
    yield _check_store(app)
    yield from _private_files(app)
    yield from _check_sources(app)
    yield from _check_mail(app)
    yield from _check_mailer(app)
    yield from _check_looks(app)
    yield from _summarizers(app)
    yield from _networks(app)
    yield from _check_accounts(app)


def _check_configuration(app: App) -> Check:
    if app.settings.file:
        return Check(level="ok", subject="configuration", finding=app.settings.file)
    return Check(
        level="note",
        subject="configuration",
        finding="there is no digest.toml",
        remedy="Write one with: digest init URL",
    )


def _check_store(app: App) -> Check:
    try:
        engine = connect(app.settings.store_url)
    except DigestError as error:
        return _failed_check("store", error)
    where = engine.url.render_as_string(hide_password=True)
    return Check(level="ok", subject="store", finding=f"{where}, version {read_version(engine)}")


def _private_files(app: App) -> Iterator[Check]:
    """Warn of files with readers' addresses that others on this computer may read."""
    url, own = app.settings.store_url, app.settings.folder
    store = [Path(url.removeprefix("sqlite:///"))] if url.startswith("sqlite:///") else []
    beside = [path for one in store for path in one.parent.glob(f"{one.name}*")]
    outgoing = own / str(app.settings.mailers.get("folder", {}).get("folder") or "outgoing")
    for path in sorted({*beside, outgoing}):
        if is_open_to_others(path):
            mode = "700" if path.is_dir() else "600"
            yield Check(
                level="warning",
                subject=path.name,
                finding="may be read by others on this computer",
                remedy=f"chmod {mode} '{path}'",
            )


def _check_sources(app: App) -> Iterator[Check]:
    if not app.settings.file and not app.settings.sources:
        return
    try:
        sources = app.sources
    except DigestError as error:
        yield _failed_check("sources", error)
        return
    for source in sources:
        found = source.poll(CacheValidators(), datetime.now(UTC))
        if isinstance(found, Failed):
            cause, remedy = found.cause, found.remedy
            yield Check(level="error", subject=source.name, finding=cause, remedy=remedy)
        elif isinstance(found, Batch):
            yield _check_answer(found)


def _check_answer(found: Batch) -> Check:
    """Return what a source that answers holds; what somebody should mend is said by collect."""
    if not found.posts:
        remedy = "Check that it is the right place; digest collect --verbose says what is left out."
        return Check(level="warning", subject=found.source, finding="has no post", remedy=remedy)
    count = len(found.posts)
    left = f", {len(found.skipped)} left out" if found.skipped else ""
    said = f"answers, {count} {'post' if count == 1 else 'posts'}{left}"
    if found.warnings:
        finding = f"{said}; {found.warnings[0]}"
        return Check(level="warning", subject=found.source, finding=finding)
    return Check(level="ok", subject=found.source, finding=said)


def _check_mail(app: App) -> Iterator[Check]:
    mail = app.settings.mail
    for key, value, why in (
        ("from", mail.from_, "readers see who writes"),
        ("postal_address", mail.postal_address, "many countries ask for one in bulk mail"),
        (
            "unsubscribe",
            mail.unsubscribe or app.settings.serve.url,
            "large providers refuse bulk mail without a way to leave",
        ),
    ):
        if value:
            yield Check(level="ok", subject=f"mail.{key}", finding=value)
        else:
            remedy = f"Set {key} in [mail] before you send: {why}."
            yield Check(level="note", subject=f"mail.{key}", finding="is not set", remedy=remedy)


def _check_mailer(app: App) -> Iterator[Check]:
    """Look at where mail goes, issues and single mails, sending nothing."""
    mail = app.settings.mail
    for name in dict.fromkeys(filter(None, (mail.mailer, mail.notices))):
        subject = f"mailer {name}"
        try:
            finding = mailer_factory.check_mailer(app.settings, name)
        except DigestError as error:
            yield _failed_check(subject, error)
        else:
            yield Check(level="ok", subject=subject, finding=finding)


def _check_looks(app: App) -> Iterator[Check]:
    """Look at colours, fonts, templates and themes, and what pictures need."""
    try:
        _ = app.letterhead
        digests = sorted({"weekly", *app.settings.digests})
        themes = {app.edition(name).theme for name in digests}
        own = app.templates.own_files()
    except DigestError as error:
        yield _failed_check("look", error)
    else:
        mine = f", {len(own)} templates of your own" if own else ""
        finding = f"theme {', '.join(sorted(themes))}{mine}; to copy: {find_shipped_templates()}"
        yield Check(level="ok", subject="look", finding=finding)
    if not is_available():
        remedy = "Install them: pip install 'digest-newsletter[cards]'"
        yield Check(level="note", subject="quote cards", finding="no extra", remedy=remedy)
    if app.settings.mail.pictures != "link" and not find_spec("PIL"):
        remedy = "Install it: pip install 'digest-newsletter[pictures]'"
        finding = f"pictures = {app.settings.mail.pictures!r} needs Pillow"
        yield Check(level="error", subject="mail.pictures", finding=finding, remedy=remedy)


def _summarizers(app: App) -> Iterator[Check]:
    """Look at what reads the posts of each digest."""
    for name in sorted({"weekly", *app.settings.digests}):
        try:
            version = app.find_summarizer(name).version
        except DigestError as error:
            yield _failed_check(f"summarizer of {name}", error)
        else:
            yield Check(level="ok", subject=f"summarizer of {name}", finding=version)


def _networks(app: App) -> Iterator[Check]:
    """Look at the options of the networks, as a draft does; what they warn of is said."""
    try:
        networks = app.networks
    except DigestError as error:
        yield _failed_check("networks", error)
        return
    for network in networks:
        if network.limits.note:
            yield Check(level="warning", subject=network.name, finding=network.limits.note)
    names = ", ".join(network.name for network in networks)
    yield Check(level="ok", subject="networks", finding=f"drafts for {names}")


def _check_accounts(app: App) -> Iterator[Check]:
    """Look at the accounts that are set up, posting nothing."""
    for network in accounts.list_postable():
        wanted, options = (
            accounts.find_sign_in(network).secrets,
            app.settings.networks.get(network, {}),
        )
        found = [
            credentials.read_secret(network, key, options, app.settings.folder) for key in wanted
        ]
        if any(found):
            yield _check_account(app, network)
        else:
            remedy = f"Set it up with: digest login {network}"
            yield Check(level="note", subject=network, finding="no account", remedy=remedy)


def _check_account(app: App, network: str) -> Check:
    try:
        with closing(app.account(network)) as account:
            return Check(level="ok", subject=network, finding=f"posts as {account.check()}")
    except DigestError as error:
        return _failed_check(network, error)


def _failed_check(subject: str, error: DigestError) -> Check:
    finding = f"{error.subject}: {error.cause}" if error.cause else error.subject
    return Check(level="error", subject=subject, finding=finding, remedy=error.remedy)
