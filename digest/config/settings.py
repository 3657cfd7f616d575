"""TOML and environment -> frozen ``Settings``; an error names file, key, cause and remedy.

A value of ``digest.toml`` can be replaced by ``DIGEST__SECTION__KEY`` in the environment, e.g.
``DIGEST__MAIL__MAILER=smtp``; lists and tables are given as JSON. Relative paths count from the
folder of the file they stand in.

``[audience]`` and ``[serve]`` of ``digest.toml``.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from platformdirs import user_config_path, user_data_path

from digest.config import plugins, validation
from digest.model import Digest, Image, Link, Note, Quota, SummaryFrom
from digest.model.errors import ConfigError
from digest.text.notation import parse_json, parse_toml

_Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class AudienceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[audience]``: what new subscribers get, how long they may take to confirm, bounces.

    ``digests`` are chosen beforehand, "weekly" or the first one where empty; ``offered`` are those
    that the form shows, all where empty.
    Who never confirms is removed after ``unconfirmed_days`` (0: never).
    ``key_file`` holds the secrets that sign links, one a line, the newest first; ``soft_bounces``
    is after how many temporary bounces in a row an address is given up.
    """

    digests: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    key_file: str = ""
    confirm_days: Annotated[int, msgspec.Meta(ge=1, le=60)] = 7
    unconfirmed_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 30
    soft_bounces: Annotated[int, msgspec.Meta(ge=1, le=20)] = 3


class MailboxSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[mailbox]``: the IMAP folder that bounces return to; the password is a secret.

    It comes from ``DIGEST_MAILBOX_PASSWORD``, the file that ``password_file`` names or the keyring.
    """

    host: str = ""
    user: str = ""
    folder: str = "INBOX"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    security: Literal["tls", "starttls", "none"] = "tls"
    ca_file: str = ""
    password_file: str = ""


class ServeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[serve]``: where the public pages listen and under which address readers reach them.

    ``intro`` stands over the form. ``trusted_proxies`` are addresses or networks whose
    ``client_header`` is believed; ``per_minute`` is how many requests one client may make.
    ``archive`` is a folder written by ``digest export --format web``. ``hooks`` names the
    providers that may report bounces: ``[serve.hooks.resend]``.
    """

    url: str = ""
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8710
    intro: str = ""
    trusted_proxies: tuple[str, ...] = ()
    client_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"
    per_minute: _Count = 60
    archive: str = ""
    hooks: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)


CONFIG_FILE = "digest.toml"
ENVIRONMENT_PREFIX = "DIGEST__"
_Table = TypeVar("_Table", bound=msgspec.Struct)


class FilterSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``only`` and ``without`` of a source: what its posts are chosen by."""

    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


class SourceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[sources]]``: one feed or folder; ``site`` is the base URL of a folder's posts.

    ``language`` chooses among those that a folder has. ``user_agent`` and ``headers`` are what a
    feed's server is told; headers go to that server alone.
    """

    kind: str
    name: str = ""
    url: str = ""
    folder: str = ""
    site: str = ""
    language: str = ""
    user_agent: str = ""
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    only: FilterSettings | None = None
    without: FilterSettings | None = None


class QuotaSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``quotas.CATEGORY``: how many stories of it an issue holds."""

    least: int = 0
    most: int | None = None


class NoteSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[digests.NAME.notes]]``: a block of the editor's own, in every issue or in ``issue``."""

    text: str
    place: Literal["top", "lead", "quote", "sections", "themes", "also"] = "top"
    title: str = ""
    image: str = ""
    image_alt: str = ""
    link: str = ""
    link_title: str = ""
    sponsor: bool = False
    issue: str = ""

    def note(self) -> Note:
        """Return the note as an issue carries it."""
        return Note(
            text=self.text,
            place=self.place,
            title=self.title,
            image=Image(url=self.image, alt=self.image_alt) if self.image else None,
            link=Link(url=self.link, title=self.link_title) if self.link else None,
            sponsor=self.sponsor,
            issue=self.issue,
        )


class DigestSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[digests.NAME]``: what differs from the blog's own title, language and zone."""

    title: str = ""
    language: str = ""
    timezone: str = ""
    stories: Annotated[int, msgspec.Meta(ge=1, le=50)] = 7
    theme: str = "default"
    max_chars: Annotated[int, msgspec.Meta(ge=40, le=1000)] = 140
    summarizer: str = "extract"
    prefer: SummaryFrom = "author"
    quotas: dict[str, QuotaSettings] = msgspec.field(default_factory=dict)
    notes: tuple[NoteSettings, ...] = ()


class MailSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[mail]``: who writes, where answers go, how to leave, where issues stand on the web.

    ``pictures`` is how the lead's picture comes to the reader: by a "link" to where it is, small
    in the message ("embed"), or small from under ``archive`` ("host").
    ``return_path`` takes the bounces: a token of the reader is put behind its local part.
    ``notices`` names the mailer of single mails where ``mailer`` takes whole issues only.
    """

    mailer: str = "folder"
    notices: str = ""
    return_path: str = ""
    from_: str = msgspec.field(name="from", default="")
    reply_to: str = ""
    postal_address: str = ""
    unsubscribe: str = ""
    unsubscribe_mail: str = ""
    preferences: str = ""
    archive: str = ""
    list_id: str = ""
    pictures: Literal["link", "embed", "host"] = "link"


class LookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[look]``: colours, logo, fonts, order and wording, without touching a template.

    ``strings`` replaces single lines of furniture: English wording -> your own; ``utm`` is added
    to the links of stories: ``source``, ``medium``, ... become ``utm_source``, ``utm_medium``.
    """

    accent: str = ""
    logo: str = ""
    logo_alt: str = ""
    logo_width: int = 160
    heading: str = ""
    body: str = ""
    order: tuple[str, ...] = ()
    strings: dict[str, str] = msgspec.field(default_factory=dict)
    utm: dict[str, str] = msgspec.field(default_factory=dict)


class FetchSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[fetch]``: hosts and networks that may be private although no one typed them.

    ``user_agent`` is what sources without their own call the program.
    """

    allow_private: tuple[str, ...] = ()
    user_agent: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole ``digest.toml``; ``folder`` is where it stands and is no key of the file."""

    title: str = ""
    language: str = ""
    timezone: str = ""
    site: str = ""
    store: str = ""
    templates: str = ""
    sources: tuple[SourceSettings, ...] = ()
    digests: dict[str, DigestSettings] = msgspec.field(default_factory=dict)
    mail: MailSettings = msgspec.field(default_factory=MailSettings)
    look: LookSettings = msgspec.field(default_factory=LookSettings)
    summarizers: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    mailers: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    networks: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    fetch: FetchSettings = msgspec.field(default_factory=FetchSettings)
    audience: AudienceSettings = msgspec.field(default_factory=AudienceSettings)
    serve: ServeSettings = msgspec.field(default_factory=ServeSettings)
    mailbox: MailboxSettings = msgspec.field(default_factory=MailboxSettings)
    file: str = ""

    @property
    def folder(self) -> Path:
        """Return the folder that relative paths count from."""
        return Path(self.file).parent if self.file else Path.cwd()

    @property
    def store_url(self) -> str:
        """Return the SQLAlchemy URL of the store; by default a file in the user's data folder."""
        if "://" in self.store:
            return self.store
        path = self.folder / self.store if self.store else user_data_path("digest") / "digest.db"
        return f"sqlite:///{path}"

    def edition(self, name: str) -> Digest:
        """Return the edition *name*, blank where the file is; "weekly" exists unwritten."""
        if name not in self.digests and name != "weekly":
            known = ", ".join(sorted({"weekly", *self.digests}))
            raise ConfigError(f"digest {name!r}", "it is not configured", f"There is: {known}.")
        own = self.digests.get(name, DigestSettings())
        return Digest(
            name=name,
            title=own.title or self.title,
            language=own.language or self.language,
            timezone=own.timezone or self.timezone,
            site=self.site,
            stories=own.stories,
            theme=own.theme,
            max_chars=own.max_chars,
            prefer=own.prefer,
            notes=tuple(one.note() for one in own.notes),
            quotas={name: Quota(least=q.least, most=q.most) for name, q in own.quotas.items()},
        )


def find_config_file(given: str | None) -> Path | None:
    """Return the configuration file: *given*, else here, else the user's; None if there is none."""
    if given:
        path = Path(given)
        if not path.is_file():
            raise ConfigError(given, "there is no such file", "Write one with: digest init URL")
        return path.resolve()
    for path in (Path.cwd() / CONFIG_FILE, user_config_path("digest") / CONFIG_FILE):
        if path.is_file():
            return path
    return None


def load_settings(given: str | None, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the file that applies, with the environment laid over it."""
    path = find_config_file(given)
    return _apply_environment(_read_file(path) if path else {}, str(path or ""), environ)


def load_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings that the environment alone gives: before there is a file."""
    return _apply_environment({}, "", environ)


def _apply_environment(
    tree: dict[str, Any], file: str, environ: Mapping[str, str] | None
) -> Settings:
    overlaid = {}
    for key, value in (os.environ if environ is None else environ).items():
        if key.startswith(ENVIRONMENT_PREFIX):
            overlaid[_set_key(tree, key, value)] = key
    return _convert_tree(tree, file, overlaid)


def parse_settings(text: str, file: str = CONFIG_FILE) -> Settings:
    """Return the settings that the TOML *text* holds; *file* names it in errors."""
    return _convert_tree(_parse_file(text, file), file, {})


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return _parse_file(path.read_text("utf-8-sig"), str(path))
    except UnicodeDecodeError:
        cause = "cannot be read: it is not UTF-8"
        raise ConfigError(str(path), cause, "Save it as UTF-8.") from None
    except OSError as error:
        remedy = "Make it readable, or give another with --config."
        raise ConfigError(str(path), f"cannot be read: {error.strerror}", remedy) from None


def _parse_file(text: str, file: str) -> dict[str, Any]:
    try:
        return parse_toml(text)
    except ValueError as error:
        remedy = "Mend that line; strings stand in quotation marks, tables in [brackets]."
        raise ConfigError(file, f"is not valid TOML: {error}", remedy) from None


def _set_key(tree: dict[str, Any], key: str, value: str) -> str:
    """Lay *value* over *tree* and return the dotted key that it is of."""
    *tables, last = key[len(ENVIRONMENT_PREFIX) :].lower().split("__")
    for table in tables:
        tree = tree.setdefault(table, {})
        if not isinstance(tree, dict):
            raise ConfigError(key, f"{table!r} is not a table", "Lists are given whole, as JSON.")
    tree[last] = _parse_value(key, value)
    return ".".join((*tables, last))


def _parse_value(key: str, value: str) -> object:
    """Return a list or table given as JSON, else the text itself."""
    if not value.startswith(("[", "{")):
        return value
    try:
        return parse_json(value)
    except ValueError as error:
        raise ConfigError(key, f"is not valid JSON: {error}", 'Write ["a", "b"].') from None


def _convert_tree(tree: dict[str, Any], file: str, overlaid: Mapping[str, str]) -> Settings:
    """Return the settings of *tree*; *overlaid* are the keys that variables of that name gave."""

    def where(key: str) -> str:
        return f"environment, {overlaid[key]}" if key in overlaid else file or "environment"

    digests = tree.get("digests")
    for name, table in digests.items() if isinstance(digests, dict) else ():
        _convert_table(table, DigestSettings, where, f"digests.{name}")
    settings = _convert_table(tree, Settings, where, "")
    for check, found in (
        (validation.check_zone, _list_values(settings, "timezone")),
        (validation.check_language, _list_values(settings, "language")),
        (validation.check_web_address, _list_urls(settings)),
        (validation.check_mailbox, _list_mailboxes(settings)),
    ):
        for key, value in found:
            check(where(key), key, value)
    for group, key, name in _list_adapter_keys(settings):
        plugins.check_name(group, name, f"{where(key)}: {key}")
    if settings.mail.pictures == "host" and not settings.mail.archive:
        remedy = 'Set mail.archive, or choose pictures = "embed".'
        subject = f"{where('mail.pictures')}: mail.pictures"
        raise ConfigError(subject, "there is no archive to host them", remedy)
    return msgspec.structs.replace(settings, file=file)


def _list_values(settings: Settings, name: str) -> list[tuple[str, str]]:
    """Return the key *name* of the blog and of each digest, with its value."""
    own = [(f"digests.{key}.{name}", getattr(d, name)) for key, d in settings.digests.items()]
    return [(name, getattr(settings, name)), *own]


def _list_adapter_keys(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Yield the group, key and name of each adapter that *settings* speak of."""
    mail = settings.mail
    for key, name in (("mail.mailer", mail.mailer), ("mail.notices", mail.notices)):
        if name:
            yield "mailers", key, name
    for name, digest in settings.digests.items():
        yield "summarizers", f"digests.{name}.summarizer", digest.summarizer
    for group in ("summarizers", "mailers", "networks"):
        for name in getattr(settings, group):
            yield group, f"{group}.{name}", name


def _list_mailboxes(settings: Settings) -> list[tuple[str, str]]:
    mail = settings.mail
    return [
        ("mail.from", mail.from_),
        ("mail.reply_to", mail.reply_to),
        ("mail.unsubscribe_mail", mail.unsubscribe_mail),
    ]


def _list_urls(settings: Settings) -> list[tuple[str, str]]:
    mail = settings.mail
    return [
        ("site", settings.site),
        ("mail.unsubscribe", mail.unsubscribe),
        ("mail.preferences", mail.preferences),
        ("mail.archive", mail.archive),
        ("serve.url", settings.serve.url),
    ]


def _convert_table(
    tree: object, kind: type[_Table], where: Callable[[str], str], table: str
) -> _Table:
    def name_key(key: str) -> str:
        return f"{where(key)}: {key}"

    return validation.convert_table(tree, kind, name_key, table=table)
