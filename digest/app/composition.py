"""Composition: ``App`` builds from the settings all that the program runs on."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import msgspec
from platformdirs import user_cache_path, user_data_path
from sqlalchemy import Engine

from digest.app import accounts, mailer_factory, reader_settings
from digest.audience.welcome_mail import Letters, send_letter
from digest.config import credentials, link_tokens, plugins
from digest.config.settings import (
    CONFIG_FILE,
    DigestSettings,
    LookSettings,
    Settings,
    SourceSettings,
)
from digest.delivery.campaigns import Campaigns
from digest.delivery.preflight import Preflight
from digest.delivery.send_mail import MailSender
from digest.editorial.pipeline import PipelineDeps
from digest.editorial.pull_quote_scorer import PullQuoteScorer
from digest.editorial.summarizers._cache import CachedSummarizer
from digest.model import Digest, Image, Post, Revision, Thread
from digest.model.errors import ConfigError, DraftError, FetchError
from digest.model.picture_name import is_picture_name
from digest.model.ports.audience import Audience
from digest.model.ports.editorial import Feeds, Issues, Pictures, Source, Summarizer
from digest.model.ports.mail import Ledger, Mailer
from digest.model.ports.schedule import Occurrences, Reviews
from digest.model.ports.social import Account, Network, Outbox
from digest.render import branding
from digest.render.branding import Appearance, Branding
from digest.render.images import keep_story_card
from digest.render.sanitize import clean_link
from digest.render.templates import Templates
from digest.render.thread import plan_story
from digest.schedule.loader import ScheduleFolder
from digest.schedule.review import ReviewLinks, ReviewMailing
from digest.schedule.runner import TickRunner
from digest.schedule.timers import TimerSetup
from digest.sources._discovery import fetch_page_post
from digest.sources._recognition import kind_of
from digest.store.audience import AudienceStore
from digest.store.edits import EditStore
from digest.store.engine import connect
from digest.store.issues import IssueStore
from digest.store.locks import hold_lock
from digest.store.mailings import LedgerStore
from digest.store.outbox import OutboxStore
from digest.store.pictures import PictureStore
from digest.store.posts import PostStore
from digest.store.renewals import count_renewals, find_last_renewal, renew_tokens
from digest.store.restore_guard import remember_key
from digest.store.schedule import OccurrenceStore, ReviewStore
from digest.text.embeds import resolve_url

_OK = 200
_GENERIC = frozenset({"content", "posts", "post", "articles", "public", "index", "feed"})


def use_typed_source(
    settings: Settings, *, feed: str = "", folder: str = "", site: str = "", language: str = ""
) -> Settings:
    """Return *settings* with its sources replaced by one that was typed: a feed or a folder.

    *language* chooses among those that the folder has.
    """
    if feed and folder:
        raise ConfigError("--feed and --folder", "both were given", "Give one of them.")
    if folder and not Path(folder).is_dir():
        raise ConfigError(folder, "there is no such folder", "Give the folder of the posts.")
    feed, site = _complete_address("--feed", feed), _complete_address("--site", site)
    where = str(Path(folder).resolve()) if folder else resolve_url(feed) or feed
    kind = kind_of(Path(folder)) if folder else "feed"
    name = f"{where} ({language})" if language else where
    source = SourceSettings(kind=kind, name=name, url=feed, folder=where if folder else "")
    source = msgspec.structs.replace(source, site=site, language=language)
    return msgspec.structs.replace(settings, sources=(source,), site=site or settings.site)


def _complete_address(option: str, address: str) -> str:
    """Return the web *address* that was typed, whole: https is meant where nothing is said."""
    if not address or address.startswith(("https://", "http://")):
        return address
    host, _, _ = address.partition("/")
    if "://" in address or not ("." in host or ":" in host) or host.startswith("."):
        remedy = "Write it whole, like https://blog.example.org/; a folder is given with --folder."
        raise ConfigError(option, f"{address!r} is no web address", remedy)
    return f"https://{address}"


def make_slug(source: SourceSettings) -> str:
    """Return a name for the issues of *source*: its host or telling folder, and a mark of its own.

    The mark, four hexadecimal digits of the whole address, keeps two blogs of one name apart.
    """
    where = source.url or source.folder
    if source.url:
        words = urlsplit(source.url).netloc.rpartition("@")[2] or source.url
    else:
        telling = [p for p in Path(source.folder).parts if p.lower() not in _GENERIC]
        words = telling[-1] if telling else "digest"
    name = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:55] or "digest"
    mark = sha256(f"{where}{source.language}".encode()).hexdigest()[:4]
    return f"{name}-{mark}"


def _fetch_picture(settings: Settings, url: str) -> bytes:
    """Return the picture at *url*; FetchError where the server does not give it."""
    from digest.http.client import Client

    client = Client(origin=settings.site, allow_private=settings.fetch.allow_private)
    with closing(client):
        answer = client.get(url, accept="image/*")
    if answer.status != _OK:
        raise FetchError(url, f"the server answered {answer.status}", "Look at it in a browser.")
    return answer.body


def _build_sources(settings: Settings) -> tuple[Source, ...]:
    """Return the configured sources; ConfigError if there is none."""
    if not settings.sources:
        remedy = "Try: digest draft --feed URL, or set up a blog with: digest init URL"
        raise ConfigError(settings.file or CONFIG_FILE, "no source is configured", remedy)
    return tuple(_name_source(settings, place, one) for place, one in enumerate(settings.sources))


def _name_source(settings: Settings, place: int, one: SourceSettings) -> Source:
    """Return the source at *place* of the file; a ConfigError names file and key."""
    where = f"{settings.file or CONFIG_FILE}: sources[{place}]"
    plugins.check_name("sources", one.kind, f"{where}.kind")
    try:
        return _build_source(settings, one)
    except ConfigError as error:
        raise ConfigError(f"{where}.{error.subject}", error.cause, error.remedy) from None


def _build_source(settings: Settings, one: SourceSettings) -> Source:
    folder = str(settings.folder / one.folder) if one.folder else ""
    options = {
        "name": one.name or resolve_url(one.url) or one.url or folder,
        "url": one.url,
        "folder": folder,
        "site": one.site or settings.site,
        "timezone": settings.timezone,
        "language": one.language or settings.language,
        "allow_private": settings.fetch.allow_private,
        "user_agent": one.user_agent or settings.fetch.user_agent,
        "headers": one.headers,
        "only": msgspec.to_builtins(one.only),
        "without": msgspec.to_builtins(one.without),
    }
    return cast(Source, plugins.load_adapter("sources", one.kind).build(options))


def _build_summarizer(settings: Settings, name: str) -> Summarizer:
    """Return the summarizer *name*; a ``model`` of the user's own counts from the file."""
    options = dict(settings.summarizers.get(name, {}))
    if name == "extract" and "model" in options:
        options["model"] = str(settings.folder / options["model"])
    return cast(Summarizer, plugins.load_adapter("summarizers", name).build(options))


def _check_prefer(settings: Settings, digest: str) -> None:
    """Raise ConfigError where *digest* prefers a summary that its summarizer does not make."""
    own = settings.digests.get(digest, DigestSettings())
    if own.prefer == "author":
        return
    makes: tuple[str, ...] = getattr(
        plugins.load_adapter("summarizers", own.summarizer), "MAKES", ()
    )
    if own.prefer not in makes:
        where = f"{settings.file or CONFIG_FILE}: digests.{digest}.prefer"
        cause = f"the summarizer {own.summarizer!r} makes no summary by {own.prefer!r}"
        raise ConfigError(where, cause, f"Choose from: {', '.join(makes)}.")


def _build_networks(settings: Settings) -> tuple[Network, ...]:
    """Return every network there is, with its own options: a draft costs nothing."""
    return tuple(_build_network(settings, name) for name in plugins.list_adapters("networks"))


def _build_network(settings: Settings, name: str) -> Network:
    given = {
        "cache": str(user_cache_path("digest")),
        "allow_private": settings.fetch.allow_private,
    }
    options = {**settings.networks.get(name, {}), **given}
    return cast(Network, plugins.load_adapter("networks", name).build(options))


def _build_letterhead(settings: Settings) -> Branding:
    """Return what ``[mail]`` and ``[look]`` say of sender, ways to leave and looks."""
    mail, look = settings.mail, settings.look
    try:
        made = _build_look(look)
        branding.check_strings(look.strings, own=bool(settings.templates))
    except ConfigError as error:
        where = f"{settings.file or CONFIG_FILE}: look.{error.subject}"
        raise ConfigError(where, error.cause, error.remedy) from None
    pages = settings.serve.url.rstrip("/")
    return Branding(
        sender=mail.from_,
        reply_to=mail.reply_to,
        postal_address=mail.postal_address,
        unsubscribe=mail.unsubscribe or (f"{pages}/u" if pages else ""),
        unsubscribe_mail=mail.unsubscribe_mail,
        preferences=mail.preferences or (f"{pages}/p" if pages else ""),
        list_id=mail.list_id,
        archive=mail.archive,
        carry=mail.pictures,
        look=made,
        strings=look.strings,
        utm={f"utm_{name.removeprefix('utm_')}": value for name, value in look.utm.items()},
    )


def _build_look(look: LookSettings) -> Appearance:
    """Return what is set of *look* on top of the theme's own."""
    if look.logo and not clean_link(look.logo).startswith("https://"):
        cause = "mail programs show pictures from https only"
        raise ConfigError(f"logo = {look.logo!r}", cause, "Write an address: https://...")
    logo = Image(url=look.logo, alt=look.logo_alt, width=look.logo_width) if look.logo else None
    plain = Appearance(logo=logo, heading=look.heading, body=look.body)
    return replace(plain, accent=look.accent or plain.accent, order=look.order or plain.order)


class App:
    """Everything that the program runs on, each part built when it is first asked for.

    Only ``digest.app``, ``digest.web`` and ``digest.cli`` know it; what stands below is given
    the parts that it needs. ConfigError or StoreError comes from the part that is not well set.

        app = App(load_settings("digest.toml"))
        revision = app.issues.newest("weekly")
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._summarizers: dict[str, Summarizer] = {}
        self._scorer = PullQuoteScorer()

    @cached_property
    def engine(self) -> Engine:
        """Return the store, migrated to this version; StoreError where it cannot be opened."""
        return connect(self.settings.store_url)

    @cached_property
    def issues(self) -> Issues:
        """Return the issues in the store, which need no source to be looked at or approved."""
        return IssueStore(self.engine)

    @cached_property
    def posts(self) -> PostStore:
        """Return the posts in the store and the state of their sources."""
        return PostStore(self.engine)

    @property
    def feeds(self) -> Feeds:
        """Return what is stored of the sources."""
        return self.posts

    @cached_property
    def pictures(self) -> Pictures:
        """Return the pictures in the store, laid out as files beside it, else in the cache."""
        path = self.settings.store_url.removeprefix("sqlite:///")
        if path != self.settings.store_url:
            return PictureStore(self.engine, Path(path).with_suffix(".pictures"))
        return PictureStore(self.engine, user_cache_path("digest") / "pictures")

    @cached_property
    def outbox(self) -> Outbox:
        """Return the outbox in the store."""
        return OutboxStore(self.engine)

    @cached_property
    def ledger(self) -> Ledger:
        """Return the ledger of mailings in the store."""
        return LedgerStore(self.engine)

    @cached_property
    def occurrences(self) -> Occurrences:
        """Return the runs of schedules in the store."""
        return OccurrenceStore(self.engine)

    @cached_property
    def reviews(self) -> Reviews:
        """Return the reviews in the store."""
        return ReviewStore(self.engine)

    @cached_property
    def audience(self) -> Audience:
        """Return the subscribers in the store; StoreError where its keys are gone."""
        return self.open_audience()

    def open_audience(self, *, adopt: bool = False) -> Audience:
        """Return the subscribers in the store; with *adopt* its links are signed anew from now."""
        remember_key(self.engine, self.keyring.names, adopt=adopt)
        return AudienceStore(self.engine, self.keyring)

    @cached_property
    def keyring(self) -> link_tokens.Keyring:
        """Return the keys that sign links: from the environment or a file, else made and kept."""
        if keys := self.outside_keys:
            return link_tokens.parse_keyring(keys, "the key of the audience", self._count_renewals)
        return link_tokens.load_keyring(self.key_file, self._count_renewals)

    def _count_renewals(self) -> int:
        """Return how often the tokens were renewed; the store is opened when it matters."""
        return count_renewals(self.engine)

    def renew_tokens(self, now: datetime) -> int:
        """Outdate all tokens in the links of mails that are out; return how often that was."""
        return renew_tokens(self.engine, now)

    @property
    def token_renewals(self) -> tuple[int, datetime | None]:
        """Return how often the tokens were renewed, and when last."""
        return count_renewals(self.engine), find_last_renewal(self.engine)

    @property
    def outside_keys(self) -> str:
        """Return the keys that the environment, a file or the system keyring holds, "" if none."""
        options = {"key_file": self.settings.audience.key_file}
        return credentials.read_secret("audience", "key", options, self.settings.folder)

    @property
    def key_file(self) -> Path:
        """Return the file that holds the keys where none are configured: beside the store."""
        url = self.settings.store_url
        if url.startswith("sqlite:///"):
            return Path(f"{url.removeprefix('sqlite:///')}.keys")
        folder = self.settings.folder if self.settings.file else user_data_path("digest")
        return folder / "digest.keys"

    @cached_property
    def templates(self) -> Templates:
        """Return the shipped templates with the user's own folder on top where one is set."""
        own = self.settings.templates
        return Templates.load(self.settings.folder / own if own else None)

    @cached_property
    def letterhead(self) -> Branding:
        """Return what ``[mail]`` and ``[look]`` say of sender, ways to leave and looks."""
        return _build_letterhead(self.settings)

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Return the configured sources; ConfigError if there is none."""
        return _build_sources(self.settings)

    @cached_property
    def networks(self) -> tuple[Network, ...]:
        """Return every network there is, with its own options: a draft costs nothing."""
        return _build_networks(self.settings)

    def find_summarizer(self, digest: str) -> Summarizer:
        """Return the summarizer of *digest*; what it read once is remembered.

        A digest that is not configured, as that of a typed source, has that of "weekly".
        """
        digests = self.settings.digests
        name = (digests.get(digest) or digests.get("weekly") or DigestSettings()).summarizer
        if name not in self._summarizers:
            built = _build_summarizer(self.settings, name)
            self._summarizers[name] = CachedSummarizer(summarizer=built)
        return self._summarizers[name]

    def kit(self, *, sourceless: bool = False) -> PipelineDeps:
        """Return what the pipeline runs on; ConfigError says what is not well set.

        A *sourceless* one needs no source: it works on what is stored.
        """
        return PipelineDeps(
            sources=() if sourceless and not self.settings.sources else self.sources,
            feeds=self.posts,
            posts=self.posts,
            issues=self.issues,
            edits=EditStore(self.engine),
            find_summarizer=self.find_summarizer,
            scorer=self._scorer,
            networks=self.networks,
            templates=self.templates,
            letterhead=self.letterhead,
            pictures=self.pictures,
            get=partial(_fetch_picture, self.settings),
        )

    def edition(self, name: str = "weekly", *, typed: bool = False) -> Digest:
        """Return the digest *name*; that of a *typed* source is named after the source."""
        edition = self.settings.edition(name)
        themes = self.templates.themes("email")
        if edition.theme not in themes:
            where = f"{self.settings.file or CONFIG_FILE}: digests.{name}.theme"
            cause = f"there is no theme {edition.theme!r}"
            raise ConfigError(where, cause, f"There is: {', '.join(themes)}.")
        _check_prefer(self.settings, name)
        return replace(edition, name=make_slug(self.settings.sources[0])) if typed else edition

    def read_pages(self, urls: Sequence[str], now: datetime) -> tuple[Post, ...]:
        """Return the pages at *urls* as posts; SourceError names one that is no article."""
        allow, zone = self.settings.fetch.allow_private, self.settings.timezone
        return tuple(fetch_page_post(url, now, timezone=zone, allow=allow) for url in urls)

    def plan_story_threads(self, revision: Revision, url: str) -> tuple[Thread, ...]:
        """Return a thread for each network on the story at *url*; DraftError if there is none."""
        issue = revision.issue
        for story in issue.stories:
            if story.post.url == url:
                card = keep_story_card(story, issue, self.templates, self.letterhead, self.pictures)
                return tuple(plan_story(story, issue, one, card=card) for one in self.networks)
        remedy = "Look at the stories there are: digest show --verbose"
        raise DraftError(issue.id, f"it has no story at {url}", remedy)

    def picture_file(self, path: str) -> str:
        """Return the file of the picture that a thread names *path*, laid out if it is kept."""
        return str(self.pictures.path(path)) if is_picture_name(path) else path

    def account(self, network: str, given: Mapping[str, str] | None = None) -> Account:
        """Return the account on *network*; ConfigError names what is missing to open it.

        *given* are options and secrets that were typed; they win over what is configured.
        """
        return accounts.open_account(self.settings, network, self._read_picture, given)

    def _read_picture(self, name: str) -> bytes:
        """Return the picture *name*; the store is opened by who needs it."""
        return self.pictures.read(name)

    def mailer(self, name: str = "") -> Mailer:
        """Return the mailer *name*, the configured one by default; see ``mailer_factory``."""
        return mailer_factory.open_mailer(self.settings, name)

    @property
    def mail_sender(self) -> MailSender:
        """Return what mail leaves by."""
        mail = self.settings.mail
        return MailSender(
            mailer=mail.mailer,
            open_mailer=self.mailer,
            open_single=partial(self.mailer, mail.notices),
            campaigns=self._campaigns,
            ledger=self.ledger,
            open_audience=lambda: self.audience,
            keyring=self.keyring,
            sender=mail.from_,
            reply_to=mail.reply_to,
            return_path=mail.return_path,
            soft_bounces=self.settings.audience.soft_bounces,
        )

    @property
    def _campaigns(self) -> Campaigns | None:
        """Return how whole issues leave; None where the mailer takes mail to one reader."""
        if not mailer_factory.keeps_readers(self.settings):
            return None
        return Campaigns(
            service=self.settings.mail.mailer,
            open_service=partial(mailer_factory.open_campaigner, self.settings),
            outbox=self.outbox,
            preferences=self.settings.mail.preferences,
        )

    @property
    def preflight(self) -> Preflight:
        """Return what looks at an issue before it leaves."""
        return Preflight(
            site=self.settings.site,
            allow_private=self.settings.fetch.allow_private,
            postal_address=bool(self.letterhead.postal_address),
            dkim_selector=str(self.settings.mailers.get("smtp", {}).get("dkim_selector") or ""),
        )

    @property
    def letters(self) -> Letters:
        """Return what writes and sends the letters to single readers."""
        settings = self.settings
        return Letters(
            audience=self.audience,
            keyring=self.keyring,
            letterhead=self.letterhead,
            templates=self.templates,
            send=partial(send_letter, partial(self.mailer, settings.mail.notices)),
            title=reader_settings.find_title(settings),
            titles=reader_settings.list_titles(settings),
            url=reader_settings.find_pages_url(settings),
            language=settings.language or "en",
            days=settings.audience.confirm_days,
            archive=reader_settings.find_archive_url(settings),
            return_path=settings.mail.return_path,
        )

    @property
    def schedules(self) -> ScheduleFolder:
        """Return the user's own schedules beside digest.toml."""
        return ScheduleFolder(
            file=self.settings.file,
            folder=self.settings.folder,
            find_edition=self.settings.edition,
            networks=tuple(self.settings.networks),
        )

    @property
    def review_links(self) -> ReviewLinks:
        """Return where the links of review mails are answered."""
        return ReviewLinks(
            reviews=self.reviews,
            issues=self.issues,
            occurrences=self.occurrences,
            keyring=self.keyring,
        )

    def tick_runner(self, warn: Callable[[str], None]) -> TickRunner:
        """Return what does what is due; *warn* takes what a person should know."""
        return TickRunner(
            schedules=self.schedules,
            occurrences=self.occurrences,
            issues=self.issues,
            outbox=self.outbox,
            mail=self.mail_sender,
            review_mailing=ReviewMailing(
                issues=self.issues,
                reviews=self.reviews,
                keyring=self.keyring,
                mail=self.mail_sender,
                pages=reader_settings.find_pages_url(self.settings),
            ),
            open_kit=self.kit,
            find_edition=self.edition,
            open_account=self.account,
            collecting=partial(hold_lock, self.engine, "collect"),
            language_of=self._language_of,
            allow_private=self.settings.fetch.allow_private,
            warn=warn,
        )

    @property
    def timer_setup(self) -> TimerSetup:
        """Return what a timer is made for."""
        secrets = accounts.list_secrets(self.settings)
        return TimerSetup(file=self.settings.file, timezone=self.settings.timezone, secrets=secrets)

    def _language_of(self, digest: str) -> str:
        """Return the language of the digest *digest*, which may be configured no longer."""
        own = self.settings.digests.get(digest)
        return (own.language if own else "") or self.settings.language
