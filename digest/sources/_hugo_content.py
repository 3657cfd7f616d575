"""One content file of Hugo: front matter and text taken apart, and the post they make."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from html import unescape
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from digest.model import Document, Post, SkippedPost
from digest.model.errors import SourceError
from digest.sources import _article, _front_matter
from digest.sources._files import BROKEN, NO_ADDRESS, leave_out, read_text_file
from digest.sources._front_matter import FrontMatter
from digest.sources._hugo_cascade import inherit_values
from digest.sources._hugo_dates import PageDates
from digest.sources._hugo_links import build_address
from digest.sources._hugo_page import PageAddress
from digest.sources._hugo_site import HugoSite
from digest.sources._hugo_tree import ContentFile, ContentTree
from digest.sources._normalize import clean_abstract, hash_listing
from digest.sources._pictures import PictureFolders, find_picture
from digest.sources._tokens import UnknownTokenError
from digest.text.document import parse_html, parse_markdown
from digest.text.embeds import canonicalize_url
from digest.text.post_identity import sketch_text
from digest.text.text_buffer import fold_line

_PAGES = (".html", ".htm")
_DATED = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d)")
_FIRST_HEADING = re.compile(r"^#{1,2}[ \t]++(.+)$", re.MULTILINE)
_FIRST_HEADLINE = re.compile(
    r"<(?:h1|title)\b[^<>]*>(.{0,500}?)</(?:h1|title)>", re.DOTALL | re.IGNORECASE
)
_TAGS = re.compile(r"<[^<>]*>")
_NEVER = (False, 0, "never", "false", "0")


@dataclass(frozen=True, kw_only=True)
class HugoFile:
    """One file, taken apart; ``matter`` has what the page inherits, ``published`` is aware.

    ``published`` is None where nobody dates the page.
    """

    entry: ContentFile
    own: FrontMatter
    matter: Mapping[str, object]
    body: str
    dates: PageDates
    published: datetime | None
    modified: datetime
    page: PageAddress = field(
        default_factory=lambda: PageAddress(path=PurePosixPath(), filename="")
    )

    @property
    def path(self) -> Path:
        """Return where the file is."""
        return self.entry.path

    @property
    def is_page(self) -> bool:
        """Tell whether the file is HTML."""
        return self.path.suffix.lower() in _PAGES

    @cached_property
    def title(self) -> str:
        """The title that the front matter gives, else the first heading, else the file's name."""
        return _front_matter.read_words(self.matter.get("title")) or _find_heading(self)

    def document(self, url: str) -> Document:
        """Return the clean text of the file; addresses in it count from *url*."""
        return write_document(self.path, self.body, url)


def read_post_file(path: Path) -> Post | SkippedPost:
    """Return the one post in the file *path*, with its document, whatever its date or state.

    Markdown, with front matter or without, or an HTML page. A file that cannot be read as a post
    is Skipped, with cause and remedy.
    """
    name = path.parent.name if path.stem == "index" else path.stem
    entry = ContentFile(path=path, within=PurePosixPath("posts", name), name=name)
    tree = ContentTree(site=HugoSite(), folder=path.parent)
    file = read_content_file(entry, tree)
    if isinstance(file, SkippedPost):
        return file
    made = make_post(replace(file, published=file.published or file.modified), tree, "")
    if isinstance(made, SkippedPost):
        return made
    if file.is_page and not file.matter:
        return _read_page_post(made, file)
    return replace(made, document=file.document(made.url), text_from="file")


def parse_file(path: Path) -> tuple[FrontMatter, str, datetime] | SkippedPost:
    """Return front matter and text of the file at *path*, and when it was changed."""
    try:
        text, modified = read_text_file(path)
        return *_front_matter.split_front_matter(text), modified
    except SourceError as error:
        return leave_out(path, f"{BROKEN}: {error}")
    except ValueError as error:
        reason = f"{BROKEN} front matter: {error}. Mend the lines at the head of the file."
        return leave_out(path, reason)


def write_document(path: Path, body: str, url: str) -> Document:
    """Return the clean text of *body*, of the file *path*; addresses in it count from *url*."""
    is_page = path.suffix.lower() in _PAGES
    return parse_html(body, url) if is_page else parse_markdown(body, url)


def read_content_file(entry: ContentFile, tree: ContentTree) -> HugoFile | SkippedPost:
    """Take the file of *entry* apart; what cannot be read is Skipped, with cause and remedy."""
    parsed = parse_file(entry.path)
    if isinstance(parsed, SkippedPost):
        return parsed
    own, body, modified = parsed
    matter = inherit_values(own, tree.inherited(entry.within), entry.within, tree.site.code)
    dates = tree.site.dates.read(matter, entry.name, modified)
    published = dates.publish or dates.date or _parse_name_date(entry.name, tree.site)
    slug = _strip_climbing(_front_matter.read_words(matter.get("slug")).strip("-") or dates.slug)
    return HugoFile(
        entry=entry,
        own=own,
        matter=matter,
        body=body,
        dates=dates,
        published=published,
        modified=modified,
        page=PageAddress(
            path=entry.within,
            filename=entry.name,
            is_bundle=entry.is_bundle,
            title=_front_matter.read_words(matter.get("title")),
            slug=slug,
            url=_find_given_url(matter, tree.site),
            date=dates.date,
            folders=tree.folders(entry.within),
            sections=tree.above(entry.within),
        ),
    )


def _find_given_url(matter: Mapping[str, object], site: HugoSite) -> str:
    """Return the ``url`` of the front matter; one that leads elsewhere counts as not given."""
    given = _front_matter.read_words(matter.get("url")).removeprefix(site.links.base)
    scheme, colon, _ = given.partition("/")[0].partition(":")
    if colon and scheme.isalpha():  # javascript:, another site
        return ""
    return _strip_climbing(given)


def _strip_climbing(path: str) -> str:
    """Return *path* without what would climb out of the site; "" where nothing is left of it."""
    kept = [part for part in path.split("/") if unquote(part) not in (".", "..")]
    return "/".join(kept) if any(kept) else ""


def make_post(file: HugoFile, tree: ContentTree, refused: str) -> Post | SkippedPost:
    """Return the post without its document; Skipped where it is *refused* or has no address."""
    matter, site = file.matter, tree.site
    try:
        url = build_address(file.page, site.links)
    except UnknownTokenError as error:
        reason = (
            f"{NO_ADDRESS} has {error}, a token that Hugo does not know."
            " Mend permalinks in the configuration, or url in the file."
        )
        return leave_out(file.path, reason)
    if refused or file.published is None:
        return SkippedPost(url=url, reason=refused, title=file.title)
    abstract = clean_abstract(
        _front_matter.read_words(matter.get("description"))
        or _front_matter.read_words(matter.get("summary"))
    )
    source = canonicalize_url(_front_matter.read_words(matter.get("source_url")))
    published = file.published.astimezone(UTC)
    return Post(
        id="",
        source="",
        url=url,
        title=file.title,
        published=published,
        first_seen=published,
        guid=make_guid(file.path, site),
        listing=hash_listing(file.title, abstract, file.body),
        sketch=sketch_text(file.body),
        updated=_find_update_time(file.dates),
        language=_front_matter.read_words(matter.get("language")) or site.language,
        author=", ".join(_front_matter.read_names(matter.get("author") or matter.get("authors"))),
        abstract=abstract,
        tags=_front_matter.read_list(matter.get("tags")),
        categories=_front_matter.read_list(matter.get("categories")),
        people=_front_matter.read_names(matter.get("related_people") or matter.get("people")),
        image=find_picture(matter, _make_picture_folders(file, site, url)),
        episode=source,
        episode_name=_front_matter.read_words(matter.get("source_name")) if source else "",
    )


def find_refusal(file: HugoFile, now: datetime) -> str:
    """Return why Hugo shows the page nowhere, or in no list, at *now*; "" if it shows it."""
    matter, dates = file.matter, file.dates
    built = matter.get("_build") or matter.get("build")
    build = {str(k).lower(): v for k, v in built.items()} if isinstance(built, dict) else {}
    if _is_draft(matter):
        return "it is a draft"
    if file.published and file.published > now:
        return f"it is dated in the future, {file.published:%Y-%m-%d %H:%M %z}"
    if dates.expiry and dates.expiry <= now:
        return f"it expired on {dates.expiry:%Y-%m-%d}"
    if _front_matter.is_true(matter.get("headless")) or build.get("render", True) in (
        *_NEVER,
        "link",
    ):
        return "it is headless: it has no page of its own"
    if build.get("list", True) in (*_NEVER, "local"):
        return "the site lists it nowhere (build.list)"
    return ""


def _is_draft(matter: Mapping[str, object]) -> bool:
    """Tell whether the page is a draft; ``published: false`` says it as well."""
    if "draft" in matter:
        return _front_matter.is_true(matter["draft"])
    published = matter.get("published")
    return published is False or (isinstance(published, str) and published.lower() == "false")


def make_guid(path: Path, site: HugoSite) -> str:
    """Return what the source calls the file at *path*: its way from the folder of the content."""
    try:
        return path.resolve().relative_to(site.root).as_posix()
    except ValueError:
        return path.name


def _find_update_time(dates: PageDates) -> datetime | None:
    changed = dates.changed if dates.changed != dates.date else None
    return changed.astimezone(UTC) if changed else None


def _make_picture_folders(file: HugoFile, site: HugoSite, url: str) -> PictureFolders:
    own = url if url.endswith("/") else f"{url.removesuffix('.html')}/"
    return PictureFolders(
        base=site.links.base,
        url=own,
        beside=file.path.parent if file.entry.is_bundle else None,
        static=site.static,
    )


def _find_heading(file: HugoFile) -> str:
    found = _FIRST_HEADING.search(file.body)
    return (fold_line(found[1].rstrip(" \t").rstrip("#")) if found else "") or fold_line(
        file.path.stem
    )


def _parse_name_date(name: str, site: HugoSite) -> datetime | None:
    """Return the date that the name of the file begins with, as many blogs write it."""
    found = _DATED.match(name)
    if found is None:
        return None
    year, month, day = map(int, found.groups())
    try:
        return datetime(year, month, day, tzinfo=site.dates.zone)
    except ValueError:
        return None


def _read_page_post(post: Post, file: HugoFile) -> Post:
    """Return *post* as its page tells it: the text without the site around it, and its head."""
    page = _article.read_article(file.body, post.url)
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
