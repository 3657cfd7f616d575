"""Composition root: Settings -> adapters -> the kit that the pipeline runs on."""

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
from platformdirs import user_cache_path

from digest import config, plugins
from digest.app.accounts import account as account
from digest.app.accounts import postable as postable
from digest.app.accounts import quota as quota
from digest.app.accounts import sign_in as sign_in
from digest.app.stores import audience as audience
from digest.app.stores import feeds as feeds
from digest.app.stores import issues as issues
from digest.app.stores import keyring as keyring
from digest.app.stores import keys_beside as keys_beside
from digest.app.stores import keys_from_outside as keys_from_outside
from digest.app.stores import laid_out
from digest.app.stores import outbox as outbox
from digest.app.stores import pictures as pictures
from digest.app.stores import posts as posts
from digest.app.stores import renew as renew
from digest.app.stores import renewed as renewed
from digest.app.stores import where as where
from digest.config import LookSettings, Settings, SourceSettings
from digest.errors import ConfigError, DraftError, FetchError
from digest.model import Edition, Image, Post, Revision, Thread
from digest.pipeline import Kit
from digest.ports import Network, Source, Summarizer
from digest.recall import Recall
from digest.render import wording
from digest.render.clean import link
from digest.render.illustrate import story_card
from digest.render.letterhead import Letterhead, Look
from digest.render.templates import Templates
from digest.render.thread import plan_story
from digest.sources._single import single
from digest.store.edits import EditStore
from digest.store.engine import connect
from digest.store.issues import IssueStore
from digest.store.pictures import PictureStore
from digest.store.posts import PostStore

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


def edition(settings: Settings, name: str = "weekly", *, typed: bool = False) -> Edition:
    """Return the edition *name*; that of a *typed* source is named after the source."""
    found = settings.edition(name)
    known = templates(settings).themes("email")
    if found.theme not in known:
        where = f"{settings.file or config.FILE}: digests.{name}.theme"
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


def kit(settings: Settings, *, sourceless: bool = False) -> Kit:
    """Return the adapters that *settings* ask for; ConfigError says which one is not well set.

    A *sourceless* one needs no source: it works on what is stored.
    """
    engine = connect(settings.store_url)
    store = PostStore(engine)
    return Kit(
        sources=() if sourceless and not settings.sources else sources(settings),
        feeds=store,
        posts=store,
        issues=IssueStore(engine),
        edits=EditStore(engine),
        summarizer=Recall(summarizer=summarizer(settings)),
        networks=networks(settings),
        templates=templates(settings),
        letterhead=letterhead(settings),
        pictures=PictureStore(engine, laid_out(settings)),
        get=partial(_fetched, settings),
    )


def _fetched(settings: Settings, url: str) -> bytes:
    """Return the picture at *url*; FetchError where the server does not give it."""
    from digest.fetch import Client

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
        raise ConfigError(settings.file or config.FILE, "no source is configured", remedy)
    return tuple(_named(settings, place, one) for place, one in enumerate(settings.sources))


def _named(settings: Settings, place: int, one: SourceSettings) -> Source:
    """Return the source at *place* of the file; a ConfigError names file and key."""
    where, known = f"{settings.file or config.FILE}: sources[{place}]", plugins.names("sources")
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
        where = f"{settings.file or config.FILE}: networks.{unknown[0]}"
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


def letterhead(settings: Settings) -> Letterhead:
    """Return what ``[mail]`` and ``[look]`` say of sender, ways to leave and looks."""
    mail, look = settings.mail, settings.look
    try:
        made = _look(look)
        wording.check(look.strings, own=bool(settings.templates))
    except ConfigError as error:
        where = f"{settings.file or config.FILE}: look.{error.subject}"
        raise ConfigError(where, error.cause, error.remedy) from None
    pages = settings.serve.url.rstrip("/")
    return Letterhead(
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


def _look(look: LookSettings) -> Look:
    """Return what is set of *look* on top of the theme's own."""
    if look.logo and not link(look.logo).startswith("https://"):
        cause = "mail programs show pictures from https only"
        raise ConfigError(f"logo = {look.logo!r}", cause, "Write an address: https://...")
    logo = Image(url=look.logo, alt=look.logo_alt, width=look.logo_width) if look.logo else None
    plain = Look(logo=logo, heading=look.heading, body=look.body)
    return replace(plain, accent=look.accent or plain.accent, order=look.order or plain.order)


def templates(settings: Settings) -> Templates:
    """Return the shipped templates with the user's own folder on top where one is set."""
    return Templates.load(settings.folder / settings.templates if settings.templates else None)
