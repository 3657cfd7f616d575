"""A feed (RSS, Atom, JSON Feed) and the pages of its posts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from urllib.parse import urljoin, urlsplit

from digest.http.client import USER_AGENT, Client, Response
from digest.model import (
    Batch,
    CacheValidators,
    Document,
    Failed,
    FeedInfo,
    Fetched,
    Post,
    SkippedPost,
    SourceMove,
    Unchanged,
)
from digest.model.errors import ConfigError, FetchError, SourceError
from digest.model.ports.editorial import RETRY_PREFIX
from digest.sources import _article, _dates
from digest.sources._discovery import find_feeds
from digest.sources._encoding import decode_body
from digest.sources._feed_formats import is_web_page, parse_feed
from digest.sources._feed_parsers import FeedEntry, ParsedFeed
from digest.sources._normalize import FeedContext, SourceFilter, make_posts, read_source_filter
from digest.text.boilerplate import Surroundings, trim
from digest.text.embeds import resolve_url

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json,"
    " application/xml;q=0.9, */*;q=0.8"
)
_BROWSERS_ACCEPT = "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8"
_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_OK, _NOT_MODIFIED, _GONE = 200, 304, 410
_UNAUTHORIZED, _FORBIDDEN, _NOT_ACCEPTABLE = 401, 403, 406
_LOOK_BACK = timedelta(days=35)  # a month, and the days until somebody looks at it
_MAX_PAGES = 20
_LONGEST_DESCRIPTION = 500
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")  # RFC 9110, 5.6.2
_PASSING = (408, 425, 429, 500, 502, 503, 504)


def build(options: Mapping[str, object]) -> "FeedSource":
    """Return the source of ``url``; ``name``, ``timezone``, ``only``, ... are free."""
    url = str(options.get("url") or "")
    if not url.startswith(("http://", "https://")):
        cause = f"{url!r} is no http or https address" if url else "is missing"
        raise ConfigError("url", cause, "Set url to the address of the feed.")
    allow = options.get("allow_private") or ()
    allowed = tuple(str(a) for a in allow) if isinstance(allow, list | tuple) else ()
    return FeedSource(
        name=str(options.get("name") or resolve_url(url)),
        url=url,
        zone=str(options.get("timezone") or ""),
        language=str(options.get("language") or ""),
        wanted=read_source_filter(options),
        client=Client(
            origin=url,
            allow_private=allowed,
            user_agent=str(options.get("user_agent") or USER_AGENT),
            headers=_headers(options.get("headers")),
        ),
    )


def _headers(table: object) -> dict[str, str]:
    """Return the headers of *table*; ConfigError where one cannot be sent."""
    several = {str(k): str(v) for k, v in table.items()} if isinstance(table, Mapping) else {}
    for name, value in several.items():
        if not _HEADER.match(name) or not value.isascii() or not value.isprintable():
            remedy = 'Write it like: headers = { Authorization = "Bearer ..." }'
            raise ConfigError("headers", f"{name!r} cannot be sent as it is written", remedy)
    return several


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSource:
    """The port ``Source`` for the feed at ``url``; ``zone`` is the site's, an IANA name.

    ``since`` is how far back its pages of older posts are read; ``around`` is what the listing
    showed to recur in its posts, to be known on their pages.
    """

    name: str
    url: str
    zone: str = ""
    language: str = ""
    wanted: SourceFilter = field(default_factory=SourceFilter)
    client: Client = field(default_factory=Client)
    since: datetime | None = None
    around: Surroundings = field(default_factory=Surroundings)

    def reaching(self, since: datetime) -> "FeedSource":
        """Return the source that reads on, page after page, until the posts of *since*."""
        return replace(self, since=since)

    def poll(
        self, validators: CacheValidators, now: datetime, adopted: SourceMove | None = None
    ) -> Fetched:
        """Return what the feed lists now; ``Unchanged`` on a 304 and on the same bytes again.

        A page that was given instead of a feed leads to the feed of its posts, for good.
        """
        url = adopted.new if adopted is not None and adopted.old == self.url else self.url
        try:
            answer = self._ask(url, validators)
            if who := answer.challenger:
                return self._challenged(answer, who, now)
            if answer.status == _OK and is_web_page(answer.body, answer.content_type):
                return self._found(answer, now)
            return self._read(answer, validators, now)
        except SourceError as error:
            said = f"{error.subject} {error.cause}"
            cause = error.cause if isinstance(error, FetchError) else said
            return Failed(source=self.name, cause=cause, remedy=error.remedy)

    def _ask(self, url: str, validators: CacheValidators) -> Response:
        """Return what *url* answers; one that wants a browser's Accept gets it, once."""
        answer = self.client.get(url, validators, accept=_ACCEPT)
        picky = answer.status in (_FORBIDDEN, _NOT_ACCEPTABLE) and not answer.challenger
        return self.client.get(url, validators, accept=_BROWSERS_ACCEPT) if picky else answer

    def _challenged(self, answer: Response, who: str, now: datetime) -> Failed:
        return Failed(
            source=self.name,
            cause=f"the site asks for a browser before it answers ({who}, status {answer.status})",
            remedy="Ask whoever runs the site to exempt the feed from that check, or give another"
            " address of the feed.",
            wait_until=answer.wait_until(now),
        )

    def refusal(self, post: Post) -> str:
        """Return what the filter finds against *post* as far as it is read, or ""."""
        return self.wanted.refusal(post)

    def complete(self, post: Post) -> Post:
        """Return *post* with the text of its page; with a note where that is not to be had."""
        try:
            if not self.client.permits(post.url):
                return replace(post, note="robots.txt of its host asks programs not to read it")
            answer = self.client.get(post.url, accept=_PAGE)
        except SourceError as error:
            return replace(post, note=f"{RETRY_PREFIX}its page {error.cause}")
        if who := answer.challenger:
            return replace(post, note=f"{RETRY_PREFIX}its page asks for a browser first ({who})")
        if answer.status != _OK:
            passing = RETRY_PREFIX if answer.status in _PASSING else ""
            return replace(post, note=f"{passing}its page answered {answer.status}")
        if not is_web_page(answer.body, answer.content_type):
            return replace(post, note=f"its page is no HTML but {answer.content_type or 'unnamed'}")
        if urlsplit(answer.url).path in ("", "/") and urlsplit(post.url).path not in ("", "/"):
            return replace(post, note="its page leads to the home page")
        try:
            html = decode_body(answer.body, answer.content_type)
        except SourceError as error:
            return replace(post, note=f"{RETRY_PREFIX}its page: {error.subject} {error.cause}")
        page = _article.read_article(html, answer.url, post.document.text, post.title)
        own = trim(page.document, post.title, self.around)
        return _complete_post(post, replace(page, document=own))

    def _read(self, answer: Response, validators: CacheValidators, now: datetime) -> Fetched:
        move = SourceMove(old=self.url, new=answer.moved) if answer.moved else None
        if answer.status == _NOT_MODIFIED:
            return Unchanged(source=self.name, move=move)
        if answer.status != _OK:
            return self._refused(answer, now)
        mark = sha256(answer.body).hexdigest()
        if mark == validators.body_hash:
            return Unchanged(source=self.name, move=move)
        found = parse_feed(answer.body, answer.content_type)
        seen = replace(answer.validators, body_hash=mark)
        return replace(self._batch(found, answer.url, now), validators=seen, move=move)

    def _older(self, first: ParsedFeed, url: str, since: datetime) -> Iterator[ParsedFeed]:
        """Yield the pages of older posts (RFC 5005) until one holds what was before *since*."""
        page, seen = first, {url}
        while len(seen) <= _MAX_PAGES and page.older:
            dates = list(_dates_of(page, _dates.find_zone(self.zone)))
            url = urljoin(url, page.older)
            if url in seen or not dates or dates[-1] < since:
                return
            seen.add(url)
            answer = self.client.get(url, accept=_ACCEPT)
            if answer.status != _OK:
                raise FetchError(url, f"answered {answer.status}")
            page = parse_feed(answer.body, answer.content_type)
            yield page

    def _found(self, page: Response, now: datetime) -> Fetched:
        """Return the batch of the best feed that *page* leads to."""
        feeds = find_feeds(self.client, page.url, page.body, page.content_type)
        if not feeds:
            remedy = "Give the address of the feed itself; blogs often keep it at /feed."
            cause = "it is a web page that leads to no feed"
            return Failed(source=self.name, cause=cause, remedy=remedy)
        best = feeds[0]
        move = SourceMove(old=self.url, new=best.url, settled=True)
        return replace(self._batch(best.listing, best.url, now), move=move)

    def _refused(self, answer: Response, now: datetime) -> Failed:
        if answer.status == _GONE:
            remedy = "Take it out of digest.toml, or give its new address."
            cause = "the feed is gone for good (410)"
            return Failed(source=self.name, cause=cause, remedy=remedy, gone=True)
        return Failed(
            source=self.name,
            cause=f"the server answered {answer.status}",
            remedy=_REMEDIES.get(answer.status, "Check the address; try again later."),
            wait_until=answer.wait_until(now),
        )

    def _batch(self, found: ParsedFeed, url: str, now: datetime) -> Batch:
        found, warnings = self._whole(found, url, now)
        frame = FeedContext(
            source=self.name,
            base=resolve_url(url),
            zone=_dates.find_zone(self.zone),
            language=self.language,
            now=now,
            around=self.around,
        )
        several = list(make_posts(found, frame))
        return Batch(
            source=self.name,
            posts=tuple(one for one in several if isinstance(one, Post)),
            about=make_feed_info(found, url, self.zone),
            skipped=tuple(one for one in several if isinstance(one, SkippedPost)),
            warnings=tuple(warnings),
            partial=found.partial,
            begins=min(_dates_of(found, frame.zone), default=None),
        )

    def _whole(self, found: ParsedFeed, url: str, now: datetime) -> tuple[ParsedFeed, list[str]]:
        """Return *found* with the posts of its older pages, and what is to be said of the feed."""
        warnings = []
        if found.partial:
            warnings.append(_BROKEN)
        entries = {one.guid or one.link or one.title: one for one in reversed(found.entries)}
        older: list[FeedEntry] = []
        try:
            for page in self._older(found, url, self.since or now - _LOOK_BACK):
                keys = [one.guid or one.link or one.title for one in page.entries]
                fresh = [e for k, e in zip(keys, page.entries, strict=True) if k not in entries]
                if not fresh:
                    break
                older += fresh
                entries |= dict(zip(keys, page.entries, strict=True))
        except SourceError as error:
            warnings.append(f"its older posts could not be read: {error.subject} {error.cause}")
        return replace(found, entries=(*found.entries, *older)), warnings


_BROKEN = "the feed breaks off or is not well-formed; what could be read was used"
_REMEDIES = {
    _UNAUTHORIZED: "It asks for a name and password: write them into its url"
    " (https://NAME:PASSWORD@host/feed), or give the source headers.",
    _FORBIDDEN: "It may refuse programs by their User-Agent: ask the site to let yours in, or set"
    " user_agent for this source in digest.toml.",
    _NOT_ACCEPTABLE: "It may want another kind of client: set user_agent or headers for this source"
    " in digest.toml.",
}


def _dates_of(found: ParsedFeed, zone: tzinfo) -> Iterator[datetime]:
    several = (_dates.parse_moment(one.published or one.updated, zone) for one in found.entries)
    return (date for date in several if date is not None)


def make_feed_info(found: ParsedFeed, url: str, known: str = "") -> FeedInfo:
    """Return what the feed at *url* says of its blog; its zone is *known* or told by its dates."""
    dates = (_dates.parse_moment(one.published or one.updated, UTC) for one in found.entries)
    return FeedInfo(
        title=found.title,
        language=found.language,
        site=resolve_url(found.link, url),
        timezone=known or _dates.find_common_zone((d for d in dates if d), found.language),
    )


def _description(post: Post, page: Document) -> str:
    """Return what the feed says of *post* in place of its text; "" where that is in the *page*."""
    said = " ".join(post.document.text.split())
    if not said or len(said) > _LONGEST_DESCRIPTION or said.endswith("…"):
        return ""
    return "" if _article.extract_letters(said) in _article.extract_letters(page.text) else said


def _complete_post(post: Post, page: _article.ArticlePage) -> Post:
    """Return *post* with what its page adds; nothing of a page that is not shown to be its own."""
    if page.why:
        return replace(post, note=page.why)
    episode, name = _article.find_episode(page)
    text = page.document
    heard = [m for m in post.document.media if m.url not in {n.url for n in text.media}]
    return replace(
        post,
        abstract=page.abstract or post.abstract or _description(post, text),
        author=post.author or page.author,
        language=page.language.replace("_", "-") or post.language,
        tags=page.tags or post.tags,
        categories=page.categories or post.categories,
        image=_article.find_page_picture(page) or post.image,
        episode=episode or post.episode,
        episode_name=name or post.episode_name,
        document=replace(text, media=(*heard, *text.media)) if heard else text,
        text_from="extracted" if page.extracted else "page",
        note="",
    )
