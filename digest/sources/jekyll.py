"""A Jekyll site, or its folder ``_posts``: every dated file there is a post."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from functools import cached_property
from pathlib import Path, PurePosixPath

from digest.model import Document, FeedInfo, Post, SkippedPost
from digest.model.errors import SourceError
from digest.sources import _dates, _front_matter
from digest.sources._files import BROKEN, NO_ADDRESS, leave_out, leave_out_failed, read_text_file
from digest.sources._folder_post import FileFacts, make_post, name_unread
from digest.sources._folder_source import FolderReading, FolderSource, folder_of
from digest.sources._front_matter import FrontMatter, read_words
from digest.sources._jekyll_links import NAMED, JekyllFacts, build_path
from digest.sources._jekyll_site import UNREAD, JekyllSite, find_jekyll
from digest.sources._normalize import read_source_filter
from digest.sources._tokens import UnknownTokenError
from digest.text.document import parse_html, parse_markdown
from digest.text.template_tags import resolve_tags

NOWHERE = "https://example.invalid/"
_PAGES = (".html", ".htm")


def build(options: Mapping[str, object]) -> FolderSource:
    """Return the source for ``folder``; ``site``, ``timezone``, ``language``, ``name`` are free."""
    folder = folder_of(options.get("folder"))
    site = find_jekyll(folder)
    base = str(options.get("site") or "")
    site = replace(
        site,
        base=f"{base.rstrip('/')}/" if base else site.base,
        timezone=str(options.get("timezone") or "") or site.timezone,
        language=site.language or str(options.get("language") or ""),
    )
    name = str(options.get("name") or folder)
    posts = JekyllFolder(folder=folder, site=site)
    return FolderSource(name=name, folder=folder, posts=posts, wanted=read_source_filter(options))


@dataclass(frozen=True, kw_only=True)
class JekyllFolder:
    """A folder of a Jekyll site as a ``PostFolder``."""

    folder: Path
    site: JekyllSite

    @property
    def mark(self) -> str:
        """Return what the configuration says, as text."""
        return repr(self.site)

    def files(self) -> Sequence[Path]:
        """Return the files of posts."""
        return list(self.site.post_files(self.folder))

    def read(self, now: datetime) -> FolderReading:
        """Return the posts that Jekyll would build at *now*, without documents."""
        facts = [self._facts(path) for path in self.files()]
        files = [one for one in facts if isinstance(one, FileFacts)]
        read = [one if isinstance(one, SkippedPost) else make_post(one, now) for one in facts]
        return FolderReading(
            posts=tuple(one for one in read if isinstance(one, Post)),
            skipped=tuple(one for one in read if isinstance(one, SkippedPost)),
            dates=tuple(one.published for one in files),
        )

    def info(self, dates: Sequence[datetime]) -> FeedInfo:
        """Return title, language, address and zone of the site."""
        site = self.site
        zone = site.timezone or _dates.find_common_zone(dates, site.language)
        return FeedInfo(title=site.title, language=site.language, site=site.base, timezone=zone)

    def path(self, post: Post) -> Path:
        """Return the file that *post* is written in."""
        return self.site.source / post.guid

    def document(self, post: Post) -> Document | SkippedPost:
        """Return the clean text of *post*, its Liquid resolved."""
        path = self.path(post)
        try:
            own, body = _front_matter.split_front_matter(read_text_file(path)[0])
        except (SourceError, ValueError, RecursionError) as error:
            return leave_out(path, f"{BROKEN}: {error}")
        page = {f"page.{key}": read_words(value) for key, value in own.items() if read_words(value)}
        values = {**self.site.values, **page, "page.url": post.url}
        text = resolve_tags(body, values, self._link)
        is_page = path.suffix.lower() in _PAGES
        return parse_html(text, post.url) if is_page else parse_markdown(text, post.url)

    def warnings(self) -> Iterator[str]:
        """Yield what somebody should know of the folder."""
        yield from name_unread(self.folder, self.site.post_files(self.folder, UNREAD))
        if not self.site.base:
            yield (
                f"{self.folder}: no base URL is known, so links point to {NOWHERE}."
                " Give it with --site URL, as site in digest.toml, or as url in _config.yml."
            )

    @cached_property
    def _addresses(self) -> Mapping[str, str]:
        """The addresses of all posts by their names, with date and without folder."""
        facts = (self._facts(path) for path in self.site.post_files(self.site.source))
        return {one.path.stem: one.url for one in facts if isinstance(one, FileFacts)}

    def _link(self, name: str) -> str:
        """Return the address of the post, or of the file of the site, called *name*."""
        found = self._addresses.get(PurePosixPath(name).stem) or self._addresses.get(
            PurePosixPath(name).name
        )
        return found or (self._base + name.lstrip("/") if "." in name else "")

    @property
    def _base(self) -> str:
        return self.site.base or NOWHERE

    @property
    def _zone(self) -> tzinfo:
        return _dates.find_zone(self.site.timezone)

    def _facts(self, path: Path) -> FileFacts | SkippedPost:
        """Take the post in *path* apart; whatever trips a reader of ours costs this file alone."""
        try:
            return self._read_file(path)
        except (SourceError, ValueError, RecursionError) as error:
            return leave_out(path, f"{BROKEN}: {error}")
        except Exception as error:
            return leave_out_failed(path, error)

    def _read_file(self, path: Path) -> FileFacts | SkippedPost:
        within = PurePosixPath(*path.relative_to(self.site.source).parts)
        named = NAMED.match(path.name)
        if named is None:
            return leave_out(path, "its name does not begin with a date, so Jekyll leaves it out")
        own, body = _front_matter.split_front_matter(read_text_file(path)[0])
        matter = self.site.matter(own, within)
        moment = _front_matter.read_moment(matter.get("date") or _pad_date(named[1]), self._zone)
        if moment is None:
            return leave_out(path, f"{BROKEN}: its date {matter.get('date')!r} cannot be read")
        facts = JekyllFacts(
            path=within,
            date=moment.astimezone(self._zone),
            slug=read_words(matter.get("slug")) or named[2].rstrip("."),
            categories=tuple(_read_categories(matter, within)),
            permalink=read_words(matter.get("permalink")),
        )
        try:
            where = build_path(facts, self.site.permalink)
        except UnknownTokenError as error:
            reason = f"{NO_ADDRESS} has {error}, a token that Jekyll does not know. Mend permalink."
            return leave_out(path, reason)
        return FileFacts(
            path=path,
            guid=within.as_posix(),
            url=self._base + where.lstrip("/"),
            base=self._base,
            static=(self.site.source,),
            title=read_words(matter.get("title")) or _make_title(facts.slug),
            published=moment,
            matter=matter,
            body=body,
            categories=facts.categories,
            language=read_words(matter.get("lang")) or self.site.language,
            separator=read_words(matter.get("excerpt_separator")) or self.site.separator,
            hidden=_find_hidden_reason(matter),
            zone=self._zone,
        )


def _pad_date(date: str) -> str:
    """Return the date that begins a file's name, as the digits of ISO 8601."""
    year, month, day = (int(part) for part in date.split("-"))
    return f"{year + 2000 if year < 100 else year:04}-{month:02}-{day:02}"


def _find_hidden_reason(matter: FrontMatter) -> str:
    if matter.get("published") is False:
        return "it is not published (published: false)"
    return "it is a draft" if _front_matter.is_true(matter.get("draft")) else ""


def _read_categories(matter: FrontMatter, path: PurePosixPath) -> Iterator[str]:
    """Yield the categories of a post: the folders above ``_posts``, then those of its head."""
    yield from path.parts[: path.parts.index("_posts")]
    several = matter.get("categories")
    if isinstance(several, str):
        yield from several.split()
    elif isinstance(several, list):
        yield from (read_words(one) for one in several if read_words(one))
    if one := read_words(matter.get("category")):
        yield one


def _make_title(slug: str) -> str:
    return " ".join(part.capitalize() for part in slug.split("-"))
