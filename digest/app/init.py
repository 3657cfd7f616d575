"""``digest init URL|FOLDER``: find out what can be found out, and write a commented digest.toml.

Find the feed of a blog from any of its addresses, or what a folder of posts says of its site.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from digest.config import plugins
from digest.http.client import Client, Response
from digest.model import Batch, CacheValidators, Failed, FeedInfo
from digest.model.errors import ConfigError, DigestError, FetchError, SourceError
from digest.model.ports.editorial import Source
from digest.sources import _discovery
from digest.sources._discovery import find_feeds
from digest.sources._encoding import decode_body
from digest.sources._feed_formats import is_web_page, parse_feed
from digest.sources._recognition import kind_of
from digest.sources.feed import make_feed_info

_ERROR = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class BlogFeed:
    """A feed of the blog: its address, title and how many posts it lists."""

    url: str
    title: str = ""
    posts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BlogFolder:
    """A folder of posts: its kind of source, how many posts it holds, and what its site says."""

    folder: Path
    kind: str
    posts: int
    about: FeedInfo
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The feeds of a blog, the best first, and what the best says of the blog."""

    feeds: tuple[BlogFeed, ...]
    about: FeedInfo


def discover_feeds(url: str, allow_private: Sequence[str] = ()) -> Found:
    """Return the feeds to be found from *url*, a feed or any page of a blog; SourceError if none.

    The best comes first: that of posts, all dated and titled, before that of everything.
    """
    client, answer = _ask_address(url, allow_private)
    url = url if "://" in url else answer.url
    if answer.status >= _ERROR:
        raise SourceError(url, f"the server answered {answer.status}", "Check the address.")
    if not is_web_page(answer.body, answer.content_type):
        return _single_feed(answer.url, answer.body, answer.content_type)
    found = find_feeds(client, answer.url, answer.body, answer.content_type)
    if not found:
        remedy = "Give the address of the feed itself; blogs often keep it at /feed or /index.xml."
        raise SourceError(url, "no feed was found there", remedy)
    told = make_feed_info(found[0].listing, found[0].url)
    if told.site.startswith(answer.url):  # a feed of a section names that as its site
        told = replace(told, site=answer.url)
    return Found(
        feeds=tuple(
            BlogFeed(url=one.url, title=one.title, posts=len(one.listing.entries)) for one in found
        ),
        about=told,
    )


def read_folder(folder: Path) -> BlogFolder:
    """Return what *folder* says of its site; ConfigError where its generator cannot be read."""
    kind = kind_of(folder)
    source = cast(Source, plugins.load_adapter("sources", kind).build({"folder": str(folder)}))
    found = source.poll(CacheValidators(), datetime.now(UTC))
    if not isinstance(found, Batch) or not found.posts:
        cause = found.cause if isinstance(found, Failed) else f"holds no post of {kind.title()}"
        raise SourceError(str(folder), cause, "Give the folder of the site, or its feed's URL.")
    return BlogFolder(
        folder=folder,
        kind=kind,
        posts=len(found.posts),
        about=found.about,
        warnings=found.warnings,
    )


def _ask_address(url: str, allow_private: Sequence[str]) -> tuple[Client, Response]:
    """Return the answer of *url*; where it begins with a host, that of https, else of http."""
    if "://" in url:
        client = Client(origin=url, allow_private=allow_private, pace=0.0)
        return client, client.get(url)
    if any(c.isspace() for c in url) or not urlsplit(f"//{url}").hostname:
        raise SourceError(repr(url), "is no web address", "Write it like https://blog.example.org/")
    try:
        return _ask_address(f"https://{url}", allow_private)
    except FetchError as error:
        try:
            return _ask_address(f"http://{url}", allow_private)
        except FetchError:
            raise error from None


def _single_feed(url: str, body: bytes, content_type: str) -> Found:
    try:
        listing = parse_feed(body, content_type)
    except SourceError as error:
        raise SourceError(url, f"{error.subject} {error.cause}", error.remedy) from None
    only = BlogFeed(url=url, title=listing.title, posts=len(listing.entries))
    return Found(feeds=(only,), about=make_feed_info(listing, url))


_NAME = 200  # a longer name is a mistake of the list

TEMPLATE = """\
# Written by: digest init {asked}
# Every value can also come from the environment: DIGEST__MAIL__MAILER=smtp

title = {title}
language = {language}        # BCP 47: zh-Hant-TW, en, ja, ...
timezone = {timezone}        # IANA; decides where a week begins
site = {site}
# store = "digest.db"             # by default a file in your data folder

[[sources]]
name = {source}        # its posts are known by it, wherever the feed moves
kind = {kind}
{key} = {where}
{others}
"""
TAIL = """\
[digests.weekly]
stories = 7                       # fewer when a week has fewer episodes
# max_chars = 140                 # of a summary in Chinese; twice that in English
# prefer = "author"               # or "extract": sentences of the post itself

[mail]
# mailer = "smtp"                 # or resend, buttondown, listmonk; by default .eml files
# from = "{name} <weekly@example.org>"
# reply_to = "editor@example.org"
# postal_address = "..."          # many countries ask for one
# unsubscribe = "https://digest.example.org/u"

# [fetch]
# allow_private = ["nas.example"] # names and networks of your own that may be read: "10.0.0.0/8"
"""
OPML_HEAD = """\
# Written by: digest init --opml {asked}
# Every value can also come from the environment: DIGEST__MAIL__MAILER=smtp

title = {title}
# language = "en"                 # BCP 47; by default what the first source says of itself
# timezone = "Asia/Taipei"        # IANA; decides where a week begins; by default as above
# site = "https://example.org/"
# store = "digest.db"             # by default a file in your data folder

# A source may be narrowed: only = {{ tags = ["tea"] }}, without = {{ words = ["advertisement"] }}
"""
OPML_SOURCE = """\
[[sources]]
{name}kind = "feed"
url = {url}

"""


def write_configuration(
    url: str, path: Path, *, force: bool = False, allow_private: Sequence[str] = ()
) -> Found:
    """Write the configuration for the blog at *url* to *path* and return what was found.

    ConfigError if *path* is there and *force* is not given; SourceError if no feed is found.
    """
    _check_free(path, force=force)
    found = discover_feeds(url, allow_private)
    _write_file(path, write_toml(url, found))
    return found


def write_folder_configuration(folder: Path, path: Path, *, force: bool = False) -> BlogFolder:
    """Write the configuration for the posts in *folder* to *path*; return what was found.

    ConfigError if *path* is there and *force* is not given, or where no source reads *folder*.
    """
    _check_free(path, force=force)
    found = read_folder(folder)
    home, inner = path.resolve().parent, folder.resolve()
    where = inner.relative_to(home) if inner.is_relative_to(home) else inner
    host = urlsplit(found.about.site).hostname or inner.name or "blog"
    _write_file(
        path,
        _filled(str(folder), found.about, kind=found.kind, where=("folder", str(where)), name=host),
    )
    return found


def write_opml_configuration(opml: Path, path: Path, *, force: bool = False) -> tuple[str, ...]:
    """Write the configuration for the feeds that the file *opml* lists; return their addresses.

    No feed is asked. ConfigError if *path* is there and *force* is not given, or if *opml* cannot
    be read or lists no feed.
    """
    _check_free(path, force=force)
    remedy = "Give the OPML file that a feed reader exports."
    try:
        text = decode_body(opml.read_bytes())
    except OSError as error:
        raise ConfigError(str(opml), f"cannot be read: {error.strerror}", remedy) from None
    except SourceError as error:
        raise ConfigError(str(opml), error.cause, remedy) from None
    feeds = _discovery.read_opml_feeds(text)
    if not feeds:
        raise ConfigError(str(opml), "lists no feed (no outline with an xmlUrl)", remedy)
    _write_file(path, opml_configuration(opml.name, _discovery.read_opml_title(text), feeds))
    return tuple(url for url, _ in feeds)


def _check_free(path: Path, *, force: bool) -> None:
    if path.exists() and not force:
        remedy = "Look at it, or write it anew with: digest init --force URL"
        raise ConfigError(str(path), "is there already", remedy)


def _write_file(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        remedy = "Choose another place: digest --config FILE init URL"
        raise DigestError(str(path), f"cannot be written: {error.strerror}", remedy) from None


def opml_configuration(asked: str, title: str, feeds: Sequence[tuple[str, str]]) -> str:
    """Return the text of a digest.toml for *feeds*, each address and title.

    A source is named by its title where no other has the same; else its address is its name.
    """
    counts = Counter(name for _, name in feeds)
    sources = (
        OPML_SOURCE.format(
            name=f"name = {_quote_toml(name[:_NAME])}\n" if name and counts[name] == 1 else "",
            url=_quote_toml(url),
        )
        for url, name in feeds
    )
    head = OPML_HEAD.format(asked=_to_plain_line(asked), title=_quote_toml(title))
    return (
        f"{head}\n{''.join(sources)}{TAIL.format(name=_to_plain_line(title).replace(chr(34), ''))}"
    )


def write_toml(asked: str, found: Found) -> str:
    """Return the text of a digest.toml for what was *found*."""
    best, *others = found.feeds
    lines = tuple(f"# also found: {feed.url}  ({feed.title})" for feed in others)
    name = urlsplit(best.url).hostname or "blog"
    return _filled(asked, found.about, kind="feed", where=("url", best.url), name=name, lines=lines)


def _filled(
    asked: str,
    about: FeedInfo,
    *,
    kind: str,
    where: tuple[str, str],
    name: str,
    lines: Sequence[str] = (),
) -> str:
    """Return the template for one source of *kind*, *where* being its key and value."""
    key, value = where
    return (TEMPLATE + TAIL).format(
        asked=_to_plain_line(asked),
        name=_to_plain_line(about.title).replace('"', ""),
        title=_quote_toml(about.title),
        language=_quote_toml(about.language or "en"),
        timezone=_quote_toml(about.timezone or "UTC"),
        site=_quote_toml(about.site),
        source=_quote_toml(name.removeprefix("www.")),
        kind=_quote_toml(kind),
        key=key,
        where=_quote_toml(value),
        others="".join(f"{_to_plain_line(line)}\n" for line in lines),
    )


def _to_plain_line(text: str) -> str:
    return " ".join("".join(c for c in text if c.isprintable()).split())


def _quote_toml(text: str) -> str:
    """Return *text* as a TOML basic string."""
    escaped = _to_plain_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
