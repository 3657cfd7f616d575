"""Composition root: Settings -> adapters -> the kit that the pipeline runs on.

What is kept, as the ports see it: each opened on the store that the settings name.
"""

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import msgspec
from platformdirs import user_cache_path, user_data_path

from digest.config import credentials, link_tokens, plugins
from digest.config.settings import CONFIG_FILE, LookSettings, Settings, SourceSettings
from digest.editorial.pipeline import PipelineDeps
from digest.editorial.summarizers._cache import CachedSummarizer
from digest.model import Digest, Image, Post, Revision, Thread
from digest.model.errors import ConfigError, DraftError, FetchError
from digest.model.picture_name import is_name
from digest.model.ports.audience import Audience
from digest.model.ports.editorial import Feeds, Issues, Pictures, Posts, Source, Summarizer
from digest.model.ports.social import Network, Outbox
from digest.render import branding
from digest.render.branding import Appearance, Branding
from digest.render.images import story_card
from digest.render.sanitize import link
from digest.render.templates import Templates
from digest.render.thread import plan_story
from digest.sources._discovery import single
from digest.store.audience import AudienceStore
from digest.store.edits import EditStore
from digest.store.engine import connect
from digest.store.issues import IssueStore
from digest.store.outbox import OutboxStore
from digest.store.pictures import PictureStore
from digest.store.posts import PostStore
from digest.store.renewals import count_renewals, last_renewal, renew_tokens
from digest.store.restore_guard import acquaint


def pictures(settings: Settings) -> Pictures:
    """Return the pictures in the store."""
    return PictureStore(connect(settings.store_url), laid_out(settings))


def where(settings: Settings, path: str) -> str:
    """Return the file of the picture that a thread names *path*, laid out if it is kept."""
    return str(pictures(settings).path(path)) if is_name(path) else path


def laid_out(settings: Settings) -> Path:
    """Return where pictures are laid out as files: beside the store, else in the cache."""
    path = settings.store_url.removeprefix("sqlite:///")
    if path != settings.store_url:
        return Path(path).with_suffix(".pictures")
    return user_cache_path("digest") / "pictures"


def issues(settings: Settings) -> Issues:
    """Return the issues in the store, which need no source to be looked at or approved."""
    return IssueStore(connect(settings.store_url))


def posts(settings: Settings) -> Posts:
    """Return the posts in the store, which need no source to be looked at."""
    return PostStore(connect(settings.store_url))


def feeds(settings: Settings) -> Feeds:
    """Return what is stored of the sources."""
    return PostStore(connect(settings.store_url))


def outbox(settings: Settings) -> Outbox:
    """Return the outbox in the store."""
    return OutboxStore(connect(settings.store_url))


def audience(settings: Settings, *, adopt: bool = False) -> Audience:
    """Return the subscribers in the store; StoreError where its keys are gone, unless *adopt*."""
    engine, keys = connect(settings.store_url), keyring(settings)
    acquaint(engine, keys.names, adopt=adopt)
    return AudienceStore(engine, keys)


def keyring(settings: Settings) -> link_tokens.Keyring:
    """Return the keys that sign links: from the environment or a file, else made once and kept."""
    renewals = partial(_count_renewals, settings)
    if found := keys_from_outside(settings):
        return link_tokens.parse(found, "the key of the audience", renewals)
    return link_tokens.kept(keys_beside(settings), renewals)


def _count_renewals(settings: Settings) -> int:
    return count_renewals(connect(settings.store_url))


def renew(settings: Settings, now: datetime) -> int:
    """Make all tokens in the links of mails that are out outdated; return how often that was."""
    return renew_tokens(connect(settings.store_url), now)


def renewed(settings: Settings) -> tuple[int, datetime | None]:
    """Return how often the tokens were renewed, and when last."""
    engine = connect(settings.store_url)
    return count_renewals(engine), last_renewal(engine)


def keys_from_outside(settings: Settings) -> str:
    """Return the keys that the environment, a file of its own or the keyring holds, "" if none."""
    options = {"key_file": settings.audience.key_file}
    return credentials.secret("audience", "key", options, settings.folder)


def keys_beside(settings: Settings) -> Path:
    """Return the file that holds the keys where none are configured: beside the store."""
    url = settings.store_url
    if url.startswith("sqlite:///"):
        return Path(f"{url.removeprefix('sqlite:///')}.keys")
    folder = settings.folder if settings.file else user_data_path("digest")
    return folder / "digest.keys"


_OK = 200
_GENERIC = frozenset({"content", "posts", "post", "articles", "public", "index", "feed"})


def adhoc(
    settings: Settings, *, feed: str = "", folder: str = "", site: str = "", language: str = ""
) -> Settings:
    """Return *settings* with its sources replaced by one that was typed: a feed or a folder.

    *language* chooses among those that the folder has.
    """
    if feed and folder:
        raise ConfigError("--feed and --folder", "both were given", "Give one of them.")
    if folder and not Path(folder).is_dir():
        raise ConfigError(folder, "there is no such folder", "Give the folder of the posts.")
    feed, site = _whole("--feed", feed), _whole("--site", site)
    where = str(Path(folder).resolve()) if folder else feed
    kind = "hugo" if folder else "feed"
    name = f"{where} ({language})" if language else where
    source = SourceSettings(kind=kind, name=name, url=feed, folder=where if folder else "")
    source = msgspec.structs.replace(source, site=site, language=language)
    return msgspec.structs.replace(settings, sources=(source,), site=site or settings.site)


def _whole(option: str, address: str) -> str:
    """Return the web *address* that was typed, whole: https is meant where nothing is said."""
    if not address or address.startswith(("https://", "http://")):
        return address
    host, _, _ = address.partition("/")
    if "://" in address or not ("." in host or ":" in host) or host.startswith("."):
        remedy = "Write it whole, like https://blog.example.org/; a folder is given with --folder."
        raise ConfigError(option, f"{address!r} is no web address", remedy)
    return f"https://{address}"


def edition(settings: Settings, name: str = "weekly", *, typed: bool = False) -> Digest:
    """Return the edition *name*; that of a *typed* source is named after the source."""
    found = settings.edition(name)
    known = templates(settings).themes("email")
    if found.theme not in known:
        where = f"{settings.file or CONFIG_FILE}: digests.{name}.theme"
        raise ConfigError(
            where, f"there is no theme {found.theme!r}", f"There is: {', '.join(known)}."
        )
    return replace(found, name=slug(settings.sources[0])) if typed else found


def slug(source: SourceSettings) -> str:
    """Return a name for the issues of *source*: its host or telling folder, and a mark of its own.

    The mark, four hexadecimal digits of the whole address, keeps two blogs of one name apart.
    """
    where = source.url or source.folder
    if source.url:
        words = urlsplit(source.url).netloc or source.url
    else:
        telling = [p for p in Path(source.folder).parts if p.lower() not in _GENERIC]
        words = telling[-1] if telling else "digest"
    name = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:55] or "digest"
    mark = sha256(f"{where}{source.language}".encode()).hexdigest()[:4]
    return f"{name}-{mark}"


def kit(settings: Settings, *, sourceless: bool = False) -> PipelineDeps:
    """Return the adapters that *settings* ask for; ConfigError says which one is not well set.

    A *sourceless* one needs no source: it works on what is stored.
    """
    engine = connect(settings.store_url)
    store = PostStore(engine)
    return PipelineDeps(
        sources=() if sourceless and not settings.sources else sources(settings),
        feeds=store,
        posts=store,
        issues=IssueStore(engine),
        edits=EditStore(engine),
        summarizer=CachedSummarizer(summarizer=summarizer(settings)),
        networks=networks(settings),
        templates=templates(settings),
        letterhead=letterhead(settings),
        pictures=PictureStore(engine, laid_out(settings)),
        get=partial(_fetched, settings),
    )


def _fetched(settings: Settings, url: str) -> bytes:
    """Return the picture at *url*; FetchError where the server does not give it."""
    from digest.http.client import Client

    client = Client(origin=settings.site, allow_private=settings.fetch.allow_private)
    with closing(client):
        answer = client.get(url, accept="image/*")
    if answer.status != _OK:
        raise FetchError(url, f"the server answered {answer.status}", "Look at it in a browser.")
    return answer.body


def sources(settings: Settings) -> tuple[Source, ...]:
    """Return the configured sources; ConfigError if there is none."""
    if not settings.sources:
        remedy = "Try: digest draft --feed URL, or set up a blog with: digest init URL"
        raise ConfigError(settings.file or CONFIG_FILE, "no source is configured", remedy)
    return tuple(_named(settings, place, one) for place, one in enumerate(settings.sources))


def _named(settings: Settings, place: int, one: SourceSettings) -> Source:
    """Return the source at *place* of the file; a ConfigError names file and key."""
    where, known = f"{settings.file or CONFIG_FILE}: sources[{place}]", plugins.names("sources")
    if one.kind not in known:
        remedy = f"Use one of: {', '.join(known)}."
        raise ConfigError(f"{where}.kind", f"there is no kind {one.kind!r}", remedy)
    try:
        return _source(settings, one)
    except ConfigError as error:
        raise ConfigError(f"{where}.{error.subject}", error.cause, error.remedy) from None


def _source(settings: Settings, one: SourceSettings) -> Source:
    folder = str(settings.folder / one.folder) if one.folder else ""
    options = {
        "name": one.name or one.url or folder,
        "url": one.url,
        "folder": folder,
        "site": one.site or settings.site,
        "timezone": settings.timezone,
        "language": one.language or settings.language,
        "allow_private": settings.fetch.allow_private,
        "only": msgspec.to_builtins(one.only),
        "without": msgspec.to_builtins(one.without),
    }
    return cast(Source, plugins.load("sources", one.kind).build(options))


def added(settings: Settings, urls: Sequence[str], now: datetime) -> tuple[Post, ...]:
    """Return the pages at *urls* as posts; SourceError names one that is no article."""
    allow = settings.fetch.allow_private
    zone = settings.timezone
    return tuple(single(url, now, timezone=zone, allow=allow) for url in urls)


def summarizer(settings: Settings) -> Summarizer:
    """Return the built-in summarizer; a ``model`` of the user's own counts from the file."""
    options = dict(settings.summarizers.get("extract", {}))
    if "model" in options:
        options["model"] = str(settings.folder / options["model"])
    return cast(Summarizer, plugins.load("summarizers", "extract").build(options))


def networks(settings: Settings) -> tuple[Network, ...]:
    """Return every network there is, with its own options: a draft costs nothing."""
    unknown = sorted(set(settings.networks) - set(plugins.names("networks")))
    if unknown:
        known = ", ".join(plugins.names("networks"))
        where = f"{settings.file or CONFIG_FILE}: networks.{unknown[0]}"
        raise ConfigError(where, "there is no such network", f"There is: {known}.")
    return tuple(_network(settings, name) for name in plugins.names("networks"))


def _network(settings: Settings, name: str) -> Network:
    given = {
        "cache": str(user_cache_path("digest")),
        "allow_private": settings.fetch.allow_private,
    }
    options = {**settings.networks.get(name, {}), **given}
    return cast(Network, plugins.load("networks", name).build(options))


def threads_of(settings: Settings, revision: Revision, url: str) -> tuple[Thread, ...]:
    """Return a thread for each network on the story at *url*; DraftError if there is none."""
    for story in revision.issue.stories:
        if story.post.url == url:
            kept, look = pictures(settings), letterhead(settings)
            card = story_card(story, revision.issue, templates(settings), look, kept)
            return tuple(
                plan_story(story, revision.issue, one, card=card) for one in networks(settings)
            )
    remedy = "Look at the stories there are: digest show --verbose"
    raise DraftError(revision.issue.id, f"it has no story at {url}", remedy)


def letterhead(settings: Settings) -> Branding:
    """Return what ``[mail]`` and ``[look]`` say of sender, ways to leave and looks."""
    mail, look = settings.mail, settings.look
    try:
        made = _look(look)
        branding.check(look.strings, own=bool(settings.templates))
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


def _look(look: LookSettings) -> Appearance:
    """Return what is set of *look* on top of the theme's own."""
    if look.logo and not link(look.logo).startswith("https://"):
        cause = "mail programs show pictures from https only"
        raise ConfigError(f"logo = {look.logo!r}", cause, "Write an address: https://...")
    logo = Image(url=look.logo, alt=look.logo_alt, width=look.logo_width) if look.logo else None
    plain = Appearance(logo=logo, heading=look.heading, body=look.body)
    return replace(plain, accent=look.accent or plain.accent, order=look.order or plain.order)


def templates(settings: Settings) -> Templates:
    """Return the shipped templates with the user's own folder on top where one is set."""
    return Templates.load(settings.folder / settings.templates if settings.templates else None)
