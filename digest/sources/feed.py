"""A feed (RSS, Atom) and the pages of its posts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from hashlib import sha256
from urllib.parse import urljoin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digest.errors import ConfigError, SourceError
from digest.fetch import Answer, Client
from digest.model import (
    About,
    Batch,
    Failed,
    Fetched,
    Image,
    Media,
    Post,
    Skipped,
    Unchanged,
    Validators,
)
from digest.sources import _dates, _jsonfeed, _page, _xmlfeed, _zones
from digest.sources._decode import decode
from digest.sources._entry import Entry, Listing
from digest.sources._listing import listing
from digest.text.blocks import from_html
from digest.text.embeds import canonical

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json,"
    " application/xml;q=0.9, */*;q=0.8"
)
_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_OK = 200
_NOT_MODIFIED = 304
_GONE = 410


def build(options: Mapping[str, object]) -> "Feed":
    """Return the source of ``url``; ``name``, ``timezone``, ``allow_private`` are free."""
    url = str(options.get("url") or "")
    if not url.startswith(("http://", "https://")):
        raise ConfigError(url or "a feed", "is no http or https address", "Set url to the feed's.")
    allow = options.get("allow_private") or ()
    allowed = tuple(str(a) for a in allow) if isinstance(allow, list | tuple) else ()
    return Feed(
        name=str(options.get("name") or url),
        url=url,
        zone=str(options.get("timezone") or ""),
        language=str(options.get("language") or ""),
        client=Client(origin=url, allow_private=allowed),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The port ``Source`` for the feed at ``url``; ``zone`` is the site's, an IANA name."""

    name: str
    url: str
    zone: str = ""
    language: str = ""
    client: Client = field(default_factory=Client)

    def poll(self, validators: Validators, now: datetime) -> Fetched:
        """Return what the feed lists now; ``Unchanged`` on a 304 and on the same bytes again."""
        try:
            answer = self.client.get(self.url, validators, accept=_ACCEPT)
            if answer.status == _NOT_MODIFIED:
                return Unchanged(source=self.name)
            if answer.status != _OK:
                return self._refused(answer)
            mark = sha256(answer.body).hexdigest()
            if mark == validators.body_hash:
                return Unchanged(source=self.name)
            found = parse(answer.body, answer.content_type)
        except SourceError as error:
            said = (
                f"{error.subject} {error.cause}" if error.subject.startswith("its") else error.cause
            )
            return Failed(source=self.name, cause=said, remedy=error.remedy)
        return self._batch(found, answer, replace(answer.validators, body_hash=mark), now)

    def complete(self, post: Post) -> Post:
        """Return *post* with the text of its page; with a note where that is not to be had."""
        try:
            answer = self.client.get(post.url, accept=_PAGE)
        except SourceError as error:
            return replace(post, note=f"its page {error.cause}")
        if answer.status != _OK:
            return replace(post, note=f"its page answered {answer.status}")
        if "html" not in answer.content_type and b"<html" not in answer.body[:2000].lower():
            return replace(post, note=f"its page is no HTML but {answer.content_type or 'unnamed'}")
        page = _page.read(decode(answer.body, answer.content_type), answer.url, post.document.text)
        return _completed(post, page)

    def _refused(self, answer: Answer) -> Failed:
        if answer.status == _GONE:
            remedy = "Take it out of digest.toml, or give its new address."
            return Failed(source=self.name, cause="the feed is gone for good (410)", remedy=remedy)
        cause = f"the server answered {answer.status}"
        return Failed(source=self.name, cause=cause, remedy="Check the address; try again later.")

    def _batch(
        self, found: Listing, answer: Answer, validators: Validators, now: datetime
    ) -> Batch:
        zone = _zone(self.zone)
        site = urljoin(answer.url, found.link) if found.link else ""
        made = [_post(self, one, answer.url, found.language, zone, now) for one in found.entries]
        posts = tuple(one for one in made if isinstance(one, Post))
        dates = (_dates.moment(one.published or one.updated, UTC) for one in found.entries)
        broken = "the feed breaks off or is not well-formed; what could be read was used"
        return Batch(
            source=self.name,
            posts=posts,
            about=About(
                title=found.title,
                language=found.language,
                site=site,
                timezone=self.zone or _zones.common(d for d in dates if d),
            ),
            skipped=tuple(one for one in made if isinstance(one, Skipped)),
            validators=validators,
            warnings=(broken,) if found.partial else (),
        )


def _post(
    feed: Feed, entry: Entry, base: str, language: str, zone: tzinfo, now: datetime
) -> Post | Skipped:
    link = urljoin(base, entry.link or (entry.guid if entry.guid.startswith("http") else ""))
    if not canonical(link) or not (entry.link or entry.guid):
        return Skipped(url=entry.guid, title=entry.title, reason="it has no link to read on")
    published = _dates.moment(entry.published or entry.updated, zone)
    updated = _dates.moment(entry.updated, zone)
    document = from_html(entry.content or entry.summary, link)
    heard = tuple(
        Media(kind="video" if kind.startswith("video") else "audio", url=url)
        for url, kind in entry.media
        if kind.startswith(("audio", "video"))
    )
    abstract = from_html(entry.summary).text if entry.content and entry.summary else ""
    return Post(
        id="",
        source=feed.name,
        url=link,
        title=entry.title,
        published=min((published or now).astimezone(UTC), now),
        first_seen=now,
        guid=entry.guid,
        listing=listing(entry.title, abstract, document.text),
        updated=updated.astimezone(UTC) if updated else None,
        language=feed.language or language,
        author=entry.author,
        abstract=" ".join(abstract.split()),
        tags=entry.tags,
        image=Image(url=urljoin(link, entry.image))
        if entry.image
        else next(iter(document.images), None),
        document=replace(document, media=(*heard, *document.media)),
    )


def _completed(post: Post, page: _page.Page) -> Post:
    """Return *post* with what its page adds; the page's word counts where the feed is silent."""
    episode, name = _page.episode(page)
    text = page.document if not page.why else post.document
    return replace(
        post,
        title=post.title or page.title,
        abstract=page.abstract or post.abstract,
        author=post.author or page.author,
        language=page.language.replace("_", "-") or post.language,
        tags=page.tags or post.tags,
        categories=page.categories or post.categories,
        image=_page.picture(page) or post.image,
        episode=episode or post.episode,
        episode_name=name or post.episode_name,
        document=text,
        text_from="feed" if page.why else "page",
        note=page.why,
    )


def parse(body: bytes, content_type: str = "") -> Listing:
    """Return the feed that *body* is, of whatever format; SourceError says why it is none."""
    text = decode(body, content_type)
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return _jsonfeed.read(text.lstrip("\ufeff \t\r\n"))
    return _xmlfeed.read(text)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
