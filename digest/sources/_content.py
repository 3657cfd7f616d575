"""One content file of Hugo: front matter and text taken apart, and the post they make."""

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote

from digest.errors import SourceError
from digest.identity import sketch
from digest.model import (
    Document,
    Image,
    Post,
    Skipped,
)
from digest.sources import _front, _page, _site
from digest.sources._abstract import plain
from digest.sources._front import Matter
from digest.sources._listing import listing
from digest.text.blocks import from_html, from_markdown
from digest.text.embeds import absolute, canonical
from digest.text.line import fold, seen

_CONTENT = (".md", ".markdown", ".mdown", ".html", ".htm")
_DATED = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d)")
_IMAGE_KEYS = ("image", "images", "cover", "featured_image", "featuredimage", "thumbnail")
_LARGEST = 15 << 20  # as a page from the network
_FEW = 3
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_FIRST_HEADING = re.compile(r"^#{1,2}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_FIRST_HEADLINE = re.compile(
    r"<(?:h1|title)\b[^<>]*>(.*?)</(?:h1|title)>", re.DOTALL | re.IGNORECASE
)
_TAGS = re.compile(r"<[^<>]*>")
BROKEN, NO_DATE, DOUBLE = "broken", "it has no date", "it has the address of"
WRONG = (BROKEN, NO_DATE, DOUBLE)  # how a reason begins that somebody should mend


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
        text, changed = _loaded(path)
        matter, body = _front.split(text)
    except SourceError as error:
        return left(path, f"{BROKEN}: {error}")
    except (ValueError, RecursionError) as error:
        reason = f"{BROKEN} front matter: {error}. Mend the lines at the head of the file."
        return left(path, reason)
    if not matter and not lenient:
        return left(path, "it has no front matter: no title, no date")
    dates = (_front.moment(matter.get(key), place.zone) for key in ("publishdate", "date"))
    published = next((d for d in dates if d), None) or _named_date(path, place.zone)
    if published is None and not lenient:
        said = matter.get("date")
        cause = f"{NO_DATE} that can be read, but {str(said)[:60]!r}" if said else NO_DATE
        return left(path, f"{cause}. Set date in its front matter.")
    return File(path=path, matter=matter, body=body, published=published or changed)


def left(path: Path, reason: str) -> Skipped:
    """Return the file at *path* as left out for *reason*, in words that can be printed."""
    name = os.fsencode(path).decode("utf-8", "replace")
    return Skipped(url=seen(name).replace("\n", " "), reason=fold(reason))


def tripped(path: Path, error: Exception) -> Skipped:
    """Return the file at *path* as left out because reading it ended in *error*."""
    said = f"{type(error).__name__}: {error}"
    return left(path, f"{BROKEN}: reading it failed ({said}). Mend the file, and report this.")


def _loaded(path: Path) -> tuple[str, datetime]:
    r"""Return the text of the file, its lines ended by "\n", and when it was changed.

    SourceError where there is no such text: no file of a bearable size, or none in UTF-8.
    """
    if os.fsencode(path).decode("utf-8", "ignore") != str(path):
        raise SourceError("its name", "is not UTF-8", "Rename the file.")
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > _LARGEST:
            cause = f"is no file of at most {_LARGEST >> 20} MB"
            raise SourceError("it", cause, "Take it out of the folder.")
        body = path.read_bytes()
    except OSError as error:
        raise SourceError("it cannot be read", error.strerror or "", "Check the file.") from None
    text = body.decode("utf-8-sig", "replace")
    if not _is_utf8(text):
        raise SourceError("its text", "is not UTF-8", "Save it as UTF-8.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, datetime.fromtimestamp(facts.st_mtime, UTC)


def _is_utf8(text: str) -> bool:
    """Tell whether *text*, decoded as UTF-8, is what was written, but for a few bad bytes.

    Text in another encoding has about as many bad bytes as letters beyond ASCII; UTF-16 has a
    NUL beside every ASCII character.
    """
    bad, nuls = text.count("\ufffd"), text.count("\0")
    few = bad <= _FEW or sum(c > "\x7f" for c in text) - bad >= 2 * bad
    return few and nuls * 10 <= max(len(text), 10 * _FEW)


def post(file: File, place: Place, now: datetime | None) -> Post | Skipped:
    """Return the post without its document; with *now*, Skipped if Hugo would not publish it."""
    matter = file.matter
    url = _url(file, place)
    title = _front.words(matter.get("title")) or _heading(file)
    reason = _unpublished(file, place, now) if now else ""
    if reason:
        return Skipped(url=url, reason=reason, title=title)
    abstract = plain(_front.words(matter.get("description")) or _front.words(matter.get("summary")))
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
    if _front.truth(matter.get("draft")):
        return "it is a draft"
    if file.published > now:
        return f"it is dated in the future, {file.published:%Y-%m-%d %H:%M %z}"
    if expires and expires <= now:
        return f"it expired on {expires:%Y-%m-%d}"
    if _front.truth(matter.get("headless")) or (
        isinstance(built, dict) and built.get("render") in (False, "never")
    ):
        return "it is headless: it has no page of its own"
    return ""


def _url(file: File, place: Place) -> str:
    """Return the post's address by Hugo's rule, front matter ``url`` and ``slug`` honoured.

    It always lies under the site's base: what leads elsewhere counts as not given.
    """
    given = _front.words(file.matter.get("url")).removeprefix(place.base)
    if ":" in given.partition("/")[0]:  # javascript:, another site
        given = ""
    if inside := _inside(given.split("/")):
        return f"{place.base}{inside}{'/' if given.endswith('/') else ''}"
    bundle = file.path.stem == "index"
    *folders, _name = Path(_relative(file.path, place)).parts
    stem = folders.pop() if bundle and folders else file.path.stem
    slug = _segment(_front.words(file.matter.get("slug")))
    named = [*map(_segment, (place.section, *folders)), slug if slug.strip(".") else _segment(stem)]
    return f"{place.base}{_inside(named)}/"


def _segment(name: str) -> str:
    """Return *name* as Hugo writes it in a path: lower case, white space as hyphens."""
    kept = re.sub(r"[^\w\-.+~% ]", "", name).strip()
    return re.sub(r"\s+", "-", kept).lower()


def _inside(parts: Iterable[str]) -> str:
    """Return the path of *parts* in ASCII; one that would climb out of the site is left out."""
    kept = (part for part in parts if unquote(part) not in ("", ".", ".."))
    return "/".join(_quoted(part, "%:?=&~+,;@") for part in kept)


def _quoted(part: str, safe: str) -> str:
    return quote(_BARE_PERCENT.sub("%25", part), safe=safe)


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
        found = absolute(_quoted(address, "/%:?=&~+,;@"), url) if address else ""
        if found:
            return Image(url=found, alt=_front.words(table.get("alt")))
    return None


def _heading(file: File) -> str:
    found = _FIRST_HEADING.search(file.body)
    return (fold(found[1]) if found else "") or fold(file.path.stem)


def _named_date(path: Path, zone: tzinfo) -> datetime | None:
    """Return the date that the name of the file begins with, as many blogs write it."""
    name = path.parent.name if path.stem == "index" else path.stem
    found = _DATED.match(name)
    if found is None:
        return None
    year, month, day = map(int, found.groups())
    try:
        return datetime(year, month, day, tzinfo=zone)
    except ValueError:
        return None


def _page_post(post: Post, file: File) -> Post:
    """Return *post* as its page tells it: the text without the site around it, and its head."""
    page = _page.read(file.body, post.url)
    found = _FIRST_HEADLINE.search(file.body)
    headline = " ".join(_TAGS.sub("", found[1]).split()) if found else ""
    return replace(
        post,
        title=page.title or unescape(headline) or post.title,
        abstract=page.abstract,
        author=page.author,
        language=page.language or post.language,
        tags=page.tags,
        categories=page.categories,
        document=page.document if page.document.text else file.document(post.url),
        text_from="extracted" if page.extracted else "page",
    )
