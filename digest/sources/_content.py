"""One content file of Hugo: front matter and text taken apart, and the post they make."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

from digest.errors import SourceError
from digest.identity import sketch
from digest.model import (
    Document,
    Image,
    Post,
    Skipped,
)
from digest.sources import _front, _site
from digest.sources._decode import decode
from digest.sources._front import Matter
from digest.sources._listing import listing
from digest.text.blocks import from_html, from_markdown
from digest.text.embeds import canonical

_CONTENT = (".md", ".markdown", ".mdown", ".html", ".htm")
_DATED = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d)")
_IMAGE_KEYS = ("image", "images", "cover", "featured_image", "featuredimage", "thumbnail")
_FIRST_HEADING = re.compile(r"^#{1,2}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
BROKEN, NO_DATE = "broken", "it has no date"
WRONG = (BROKEN, NO_DATE)  # how a reason begins that somebody should mend


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How the files of one folder are read.

    ``base`` is the site's URL and ``root`` the folder whose sub-folders are its paths; ``section``
    stands before a file that is in none. ``zone`` is that of dates without one.
    """

    source: str = ""
    base: str = _site.NOWHERE
    root: Path | None = None
    section: str = "posts"
    zone: tzinfo = UTC
    language: str = ""


_ANYWHERE = Place()


def read(path: Path, place: Place = _ANYWHERE) -> Post | Skipped:
    """Return the one post in the file *path*, with its document, whatever its date or state.

    Markdown, with front matter or without, or an HTML page. A file that cannot be read as a post
    is Skipped, with cause and remedy.
    """
    file = take(path, place, lenient=True)
    if isinstance(file, Skipped):
        return file
    made = post(file, place, None)
    if isinstance(made, Skipped):
        return made
    if file.is_page and not file.matter:
        return _page_post(made, file)
    return replace(made, document=file.document(made.url), text_from="file")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file, taken apart; ``published`` is aware."""

    path: Path
    matter: Matter
    body: str
    published: datetime

    @property
    def is_page(self) -> bool:
        """Tell whether the file is HTML."""
        return self.path.suffix.lower() in (".html", ".htm")

    def document(self, url: str) -> Document:
        """Return the clean text of the file; addresses in it count from *url*."""
        return from_html(self.body, url) if self.is_page else from_markdown(self.body, url)


def take(path: Path, place: Place, *, lenient: bool = False) -> File | Skipped:
    """Take the file apart; a *lenient* reading gives one without front matter or date its own."""
    try:
        matter, body = _front.split(decode(path.read_bytes()))
    except OSError as error:
        return Skipped(url=str(path), reason=f"{BROKEN}: {error.strerror}")
    except SourceError as error:
        return Skipped(url=str(path), reason=f"{BROKEN}: {error.subject} {error.cause}")
    except ValueError as error:
        reason = f"{BROKEN} front matter: {error}. Mend the lines at the head of the file."
        return Skipped(url=str(path), reason=reason)
    if not matter and not lenient:
        return Skipped(url=str(path), reason="it has no front matter: no title, no date")
    dates = (_front.moment(matter.get(key), place.zone) for key in ("publishdate", "date"))
    published = next((d for d in dates if d), None) or _named_date(path, place.zone)
    if published is None and not lenient:
        said = _front.words(matter.get("date"))
        cause = f"{NO_DATE} that can be read, but {said!r}" if said else NO_DATE
        return Skipped(url=str(path), reason=f"{cause}. Set date in its front matter.")
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return File(path=path, matter=matter, body=body, published=published or changed)


def post(file: File, place: Place, now: datetime | None) -> Post | Skipped:
    """Return the post without its document; with *now*, Skipped if Hugo would not publish it."""
    matter = file.matter
    url = _url(file, place)
    title = _front.words(matter.get("title")) or _heading(file)
    reason = _unpublished(file, place, now) if now else ""
    if reason:
        return Skipped(url=url, reason=reason, title=title)
    abstract = _front.words(matter.get("description")) or _front.words(matter.get("summary"))
    source = canonical(_front.words(matter.get("source_url")))
    updated = _front.moment(matter.get("lastmod"), place.zone)
    published = file.published.astimezone(UTC)
    return Post(
        id="",
        source=place.source,
        url=url,
        title=title,
        published=published,
        first_seen=published,
        guid=_relative(file.path, place),
        listing=listing(title, abstract, file.body),
        sketch=sketch(file.body),
        updated=updated.astimezone(UTC) if updated else None,
        language=_front.words(matter.get("language")) or place.language,
        author=", ".join(_front.names(matter.get("author") or matter.get("authors"))),
        abstract=abstract,
        tags=_front.listed(matter.get("tags")),
        categories=_front.listed(matter.get("categories")),
        people=_front.names(matter.get("related_people") or matter.get("people")),
        image=_image(matter, url),
        episode=source,
        episode_name=_front.words(matter.get("source_name")) if source else "",
    )


def _unpublished(file: File, place: Place, now: datetime) -> str:
    """Return why Hugo leaves the file out at *now*, "" if it does not."""
    matter = file.matter
    expires = _front.moment(matter.get("expirydate"), place.zone)
    built = matter.get("build") or matter.get("_build")
    if _is_set(matter.get("draft")):
        return "it is a draft"
    if file.published > now:
        return f"it is dated in the future, {file.published:%Y-%m-%d %H:%M %z}"
    if expires and expires <= now:
        return f"it expired on {expires:%Y-%m-%d}"
    if _is_set(matter.get("headless")) or (
        isinstance(built, dict) and built.get("render") in (False, "never")
    ):
        return "it is headless: it has no page of its own"
    return ""


def _is_set(value: object) -> bool:
    """Tell whether a switch is on; Hugo takes a text for what it says."""
    return value is True or str(value).strip().lower() == "true"


def _url(file: File, place: Place) -> str:
    """Return the post's address by Hugo's rule, front matter ``url`` and ``slug`` honoured."""
    given = _front.words(file.matter.get("url"))
    if given and not urlsplit(given).scheme and not urlsplit(given).netloc:
        return urljoin(place.base, quote(given.lstrip("/"), safe="/%:?=&~"))
    bundle = file.path.stem == "index"
    *folders, _name = Path(_relative(file.path, place)).parts
    stem = folders.pop() if bundle and folders else file.path.stem
    slug = _segment(_front.words(file.matter.get("slug")))
    stem = slug if slug.strip(".") else stem
    parts = [p for p in (place.section, *folders, stem) if p]
    return urljoin(place.base, "/".join(_segment(p) for p in parts) + "/")


def _segment(name: str) -> str:
    """Return *name* as Hugo writes it in a path: lower case, white space as hyphens."""
    kept = re.sub(r"[^\w\-.+~% ]", "", name).strip()
    return quote(re.sub(r"\s+", "-", kept).lower(), safe="-._~+%")


def _relative(path: Path, place: Place) -> str:
    root = place.root
    try:
        return path.resolve().relative_to(root).as_posix() if root else path.name
    except ValueError:
        return path.name


def _image(matter: Matter, url: str) -> Image | None:
    for key in _IMAGE_KEYS:
        value = matter.get(key)
        first = value[0] if isinstance(value, list) and value else value
        table = first if isinstance(first, dict) else {}
        address = _front.words(table.get("image") or table.get("src") or table.get("url") or first)
        if address and urlsplit(urljoin(url, address)).scheme in ("http", "https"):
            return Image(
                url=urljoin(url, quote(address, safe="/%:?=&~+,;@")),
                alt=_front.words(table.get("alt")),
            )
    return None


def _heading(file: File) -> str:
    found = _FIRST_HEADING.search(file.body)
    return " ".join(found[1].split()) if found else file.path.stem


def _named_date(path: Path, zone: tzinfo) -> datetime | None:
    """Return the date that the name of the file begins with, as many blogs write it."""
    name = path.parent.name if path.stem == "index" else path.stem
    found = _DATED.match(name)
    try:
        return datetime(*(int(part) for part in found.groups()), tzinfo=zone) if found else None  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def _page_post(post: Post, file: File) -> Post:
    return replace(post, document=file.document(post.url), text_from="page")
