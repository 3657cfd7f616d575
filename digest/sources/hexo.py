"""A Hexo site, or its folder ``source/_posts``: every file there is a post."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property
from pathlib import Path, PurePosixPath

from digest.model import Document, FeedInfo, Post, SkippedPost
from digest.model.errors import SourceError
from digest.sources import _dates, _front_matter
from digest.sources._files import (
    BROKEN,
    NO_ADDRESS,
    NO_DATE,
    leave_out,
    leave_out_failed,
    read_text_file,
)
from digest.sources._folder_post import FileFacts, make_post, name_unread
from digest.sources._folder_source import FolderReading, FolderSource, folder_of
from digest.sources._front_matter import FrontMatter, read_words
from digest.sources._hexo_links import HexoFacts, build_address
from digest.sources._hexo_site import UNREAD, HexoSite, find_hexo
from digest.sources._normalize import read_source_filter
from digest.sources._tokens import UnknownTokenError
from digest.text.document import parse_html, parse_markdown
from digest.text.template_tags import resolve_tags

NOWHERE = "https://example.invalid"
_PAGES = (".html", ".htm")
_MORE = re.compile(r"<!-- ?more ?-->", re.IGNORECASE)
_TABS = re.compile(r"^\t+", re.MULTILINE)
_BARE_HEAD = re.compile(r"(?:\w[\w-]*+:[^\n]*\n(?:[ \t-][^\n]*\n)*)+-{3,}\n")


def build(options: Mapping[str, object]) -> FolderSource:
    """Return the source for ``folder``; ``site``, ``timezone``, ``language``, ``name`` are free."""
    folder = folder_of(options.get("folder"))
    site = find_hexo(folder)
    base = str(options.get("site") or "").rstrip("/")
    site = replace(
        site,
        links=replace(site.links, base=base or site.links.base),
        timezone=str(options.get("timezone") or "") or site.timezone,
        language=site.language or str(options.get("language") or ""),
    )
    name = str(options.get("name") or folder)
    posts = HexoFolder(folder=folder, site=site)
    return FolderSource(name=name, folder=folder, posts=posts, wanted=read_source_filter(options))


@dataclass(frozen=True, kw_only=True)
class HexoFolder:
    """A folder of a Hexo site as a ``PostFolder``."""

    folder: Path
    site: HexoSite

    @property
    def mark(self) -> str:
        """Return what the configuration says, as text."""
        return repr(self.site)

    def files(self) -> Sequence[Path]:
        """Return the files of posts."""
        return list(self.site.post_files(self.folder))

    def read(self, now: datetime) -> FolderReading:
        """Return the posts that are out at *now*, without documents."""
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
        address = f"{site.links.base}/" if site.links.base else ""
        return FeedInfo(title=site.title, language=site.language, site=address, timezone=zone)

    def path(self, post: Post) -> Path:
        """Return the file that *post* is written in."""
        return self.site.source / post.guid

    def document(self, post: Post) -> Document | SkippedPost:
        """Return the clean text of *post*, its tags resolved."""
        path = self.path(post)
        try:
            _, body = split_post(read_text_file(path)[0])
        except (SourceError, ValueError, RecursionError) as error:
            return leave_out(path, f"{BROKEN}: {error}")
        text = resolve_tags(body, {}, self._link)
        base = post.url if post.url.endswith("/") else f"{post.url.removesuffix('.html')}/"
        is_page = path.suffix.lower() in _PAGES
        return parse_html(text, base) if is_page else parse_markdown(text, base)

    def warnings(self) -> Iterator[str]:
        """Yield what somebody should know of the folder."""
        yield from name_unread(self.folder, self.site.post_files(self.folder, UNREAD))
        if not self.site.links.base:
            yield (
                f"{self.folder}: no base URL is known, so links point to {NOWHERE}/."
                " Give it with --site URL, as site in digest.toml, or as url in _config.yml."
            )

    @cached_property
    def _addresses(self) -> Mapping[str, str]:
        """The addresses of all posts by their slugs and by the names of their files."""
        facts = [self._facts(path) for path in self.site.post_files(self.site.source)]
        files = [one for one in facts if isinstance(one, FileFacts)]
        slugs = {self._named(one.path)["title"]: one.url for one in files}
        return {one.path.stem: one.url for one in files} | slugs

    def _link(self, name: str) -> str:
        """Return the address of the post called *name*; of a post's own file it is the name."""
        found = self._addresses.get(name.removesuffix(".md"), "")
        return found or (name if "." in name else "")

    @property
    def _zone(self) -> tzinfo:
        return _dates.find_zone(self.site.timezone)

    def _named(self, path: Path) -> Mapping[str, str]:
        within = PurePosixPath(*path.relative_to(self.site.source / "_posts").parts)
        return self.site.parse_name(within)

    def _facts(self, path: Path) -> FileFacts | SkippedPost:
        """Take the post in *path* apart; whatever trips a reader of ours costs this file alone."""
        try:
            return self._read_file(path)
        except (SourceError, ValueError, RecursionError) as error:
            return leave_out(path, f"{BROKEN}: {error}")
        except Exception as error:
            return leave_out_failed(path, error)

    def _read_file(self, path: Path) -> FileFacts | SkippedPost:
        matter, body = split_post(read_text_file(path)[0])
        named = self._named(path)
        moment = self._moment(matter.get("date")) or self._named_date(named)
        if moment is None:
            return leave_out(path, f"{NO_DATE}. Set date in its front matter.")
        rules = self.site.links
        categories = tuple(_read_categories(matter))
        facts = HexoFacts(
            slug=named["title"],
            date=moment.astimezone(self._zone),
            title=read_words(matter.get("title")),
            permalink=read_words(matter.get("permalink")),
            categories=categories,
            values={key: read_words(value) for key, value in matter.items() if read_words(value)},
        )
        try:
            url = build_address(facts, replace(rules, base=rules.base or NOWHERE))
        except UnknownTokenError as error:
            reason = f"{NO_ADDRESS} has {error}, for which it has no value. Set it in its head."
            return leave_out(path, reason)
        assets = path.with_suffix("")
        return FileFacts(
            path=path,
            guid=path.relative_to(self.site.source).as_posix(),
            url=url,
            base=f"{rules.base or NOWHERE}/",
            static=(self.site.source,),
            beside=assets if rules.assets and assets.is_dir() else None,
            title=facts.title or facts.slug,
            published=moment,
            matter=matter,
            body=body,
            categories=categories,
            language=read_words(matter.get("lang")) or self.site.language,
            separator=found[0] if (found := _MORE.search(body)) else "",
            hidden=_find_hidden_reason(matter),
            zone=self._zone,
        )

    def _moment(self, given: object) -> datetime | None:
        """Return the time *given*; of one with an offset Hexo takes UTC's clock for the site's."""
        if isinstance(given, datetime) and given.tzinfo:
            given = given.astimezone(UTC).replace(tzinfo=None)
        return _front_matter.read_moment(given, self._zone)

    def _named_date(self, named: Mapping[str, str]) -> datetime | None:
        if not {"year", "month", "day"} <= named.keys():
            return None
        day = date(int(named["year"]), int(named["month"]), int(named["day"]))
        return _front_matter.read_moment(day, self._zone)


def split_post(text: str) -> tuple[FrontMatter, str]:
    """Return front matter and text of a post; Hexo needs no line above the front matter."""
    start, line, rest = text.partition("\n---")
    text = _TABS.sub(lambda tabs: "  " * len(tabs[0]), start) + line + rest
    if not text.startswith(("---", "{", "+++")) and _BARE_HEAD.match(text):
        return _front_matter.split_front_matter(f"---\n{text}")
    return _front_matter.split_front_matter(text)


def _find_hidden_reason(matter: FrontMatter) -> str:
    if matter.get("published") is False:
        return "it is a draft (published: false)"
    return "the site lists it nowhere (hidden)" if matter.get("hidden") is True else ""


def _read_categories(matter: FrontMatter) -> Iterator[str]:
    """Yield the categories of a post, of several hierarchies the last."""
    given = matter.get("categories") or matter.get("category")
    several = given if isinstance(given, list) else [given]
    nested = [one for one in several if isinstance(one, list)]
    yield from (read_words(one) for one in (nested[-1] if nested else several) if read_words(one))
