"""A folder of Hugo content: every file with front matter in a section of posts is a post."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from digest.model import Document, FeedInfo, Post, SkippedPost
from digest.sources import _dates, _hugo_content
from digest.sources._files import NO_DATE, leave_out, leave_out_failed
from digest.sources._folder_source import FolderReading, FolderSource, folder_of
from digest.sources._hugo_content import HugoFile, read_post_file
from digest.sources._hugo_site import NOWHERE, HugoSite, find_sites, make_bare_site
from digest.sources._hugo_tree import ContentFile, ContentTree
from digest.sources._normalize import read_source_filter

__all__ = ["HugoFolder", "build", "read_post_file"]

_FEW = 3


def build(options: Mapping[str, object]) -> FolderSource:
    """Return the source for ``folder``; ``site``, ``timezone``, ``language``, ``name`` are free."""
    folder = folder_of(options.get("folder"))
    language = str(options.get("language") or "")
    sites = find_sites(folder, language)
    full = [
        site for site in sites if any(True for _ in ContentTree(site=site, folder=folder).entries())
    ]
    site = (full or sites or [make_bare_site(folder)])[0]
    site = site.under(
        base=str(options.get("site") or ""),
        timezone=str(options.get("timezone") or ""),
        language="" if site.language else language,
    )
    posts = HugoFolder(
        folder=folder,
        site=site,
        is_known=bool(sites),
        others=tuple(one.code for one in full[1:]),
    )
    name = str(options.get("name") or folder)
    return FolderSource(name=name, folder=folder, posts=posts, wanted=read_source_filter(options))


@dataclass(frozen=True, kw_only=True)
class HugoFolder:
    """A folder of Hugo content as a ``PostFolder``.

    ``is_known`` tells that a configuration of Hugo was found, ``others`` are the codes of the
    languages that the folder has besides and nobody chose among.
    """

    folder: Path
    site: HugoSite
    is_known: bool = True
    others: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """Return what the configuration says, as text."""
        return repr(self.site)

    @cached_property
    def _tree(self) -> ContentTree:
        return ContentTree(site=self.site, folder=self.folder)

    def files(self) -> Sequence[Path]:
        """Return the files of pages and of the sections they lie in."""
        tree = ContentTree(site=self.site, folder=self.folder)
        return [entry.path for entry in (*tree.entries(), *tree.section_files)]

    def read(self, now: datetime) -> FolderReading:
        """Return the posts as Hugo would list them at *now*, without documents."""
        tree = ContentTree(site=self.site, folder=self.folder)
        taken = [_take_file(entry, tree) for entry in tree.entries()]
        files = [file for file in taken if isinstance(file, HugoFile)]
        sections = None if tree.is_part else _find_sections(files, tree)
        read = [
            file if isinstance(file, SkippedPost) else _make_post(file, tree, sections, now)
            for file in taken
        ]
        return FolderReading(
            posts=tuple(one for one in read if isinstance(one, Post)),
            skipped=tuple(one for one in read if isinstance(one, SkippedPost)),
            dates=tuple(file.published for file in files if file.published),
        )

    def info(self, dates: Sequence[datetime]) -> FeedInfo:
        """Return title, language, address and zone of the site."""
        return FeedInfo(
            title=self.site.title,
            language=self.site.language,
            site=self.site.base,
            timezone=self.site.timezone or _dates.find_common_zone(dates, self.site.language),
        )

    def path(self, post: Post) -> Path:
        """Return the file that *post* is written in."""
        return self.site.root / post.guid

    def document(self, post: Post) -> Document | SkippedPost:
        """Return the clean text of *post*, or why it cannot be read."""
        path = self.path(post)
        parsed = _hugo_content.parse_file(path)
        if isinstance(parsed, SkippedPost):
            return parsed
        return _hugo_content.write_document(path, parsed[1], post.url)

    def warnings(self) -> Iterator[str]:
        """Yield what somebody should know of the folder."""
        if unread := sorted(path.name for path in self._tree.unread()):
            more = f" and {len(unread) - _FEW} more" if len(unread) > _FEW else ""
            yield (
                f"{self.folder}: {', '.join(unread[:_FEW])}{more}: posts in this format are not"
                " read. Use the site's feed if they belong in an issue."
            )
        if self.others:
            yield (
                f"{self.folder} is in several languages; {self.site.code} is read. Choose another"
                f" ({', '.join(self.others)}) with --language, or language in [[sources]]."
            )
        if not self.site.base:
            yield (
                f"{self.folder}: no base URL is known, so links point to {NOWHERE}."
                " Give it with --site URL, or as site in digest.toml."
            )
        if not self.is_known:
            yield (
                f"{self.folder}: no generator's configuration was found, so it is read as Hugo's"
                " with no settings. Links are right only if the site keeps Hugo's own rules."
            )


def _take_file(entry: ContentFile, tree: ContentTree) -> HugoFile | SkippedPost:
    """Take the file apart; whatever a reader of ours trips over costs this file alone."""
    try:
        return _hugo_content.read_content_file(entry, tree)
    except Exception as error:
        return leave_out_failed(entry.path, error)


def _make_post(
    file: HugoFile, tree: ContentTree, sections: frozenset[str] | None, now: datetime
) -> Post | SkippedPost:
    try:
        reason = _find_refusal(file, sections, now)
        if reason.startswith(NO_DATE):
            return leave_out(file.path, reason)
        return _hugo_content.make_post(file, tree, reason)
    except Exception as error:
        return leave_out_failed(file.path, error)


def _find_refusal(file: HugoFile, sections: frozenset[str] | None, now: datetime) -> str:
    """Return why the file is no post of *sections* (None: of any) at *now*, "" if it is one."""
    if hidden := _hugo_content.find_refusal(file, now):
        return hidden
    if sections is not None and file.page.section not in sections:
        where = f"the section {file.page.section}" if file.page.section else "no section"
        return f"it is a page, no post: it stands in {where}"
    if not file.own:
        return "it has no front matter: no title, no date"
    if file.published is None:
        said = file.matter.get("date")
        cause = NO_DATE + (f" that can be read, but {str(said)[:60]!r}" if said else "")
        return f"{cause}. Set date in its front matter."
    return ""


def _find_sections(files: Sequence[HugoFile], tree: ContentTree) -> frozenset[str]:
    """Return the sections that hold posts: those that the site calls so, else those of dated pages.

    A section of a manual has dates, if any, of the last change. What stands in no section is a
    page (about, search), unless most of what is dated stands there.
    """
    if tree.site.main:
        return frozenset(tree.site.main)
    pages = Counter(file.page.section for file in files)
    dated = Counter(
        f.page.section for f in files if f.dates.is_own or (f.published and not f.dates.date)
    )
    found = {name for name, count in dated.items() if name and 2 * count >= pages[name]}
    if dated[""] > sum(dated[name] for name in found):
        found.add("")
    return frozenset(found)
