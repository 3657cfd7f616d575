"""The content files of a Hugo site: which there are, and where each stands.

A folder with an ``index`` file is a bundle: its other files belong to that page. A file called
``_index`` is the page of a section (gohugo.io/content-management/page-bundles).
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from digest.model.errors import SourceError
from digest.sources import _files, _front_matter
from digest.sources._hugo_cascade import Cascade, read_cascades
from digest.sources._hugo_page import ContentSection
from digest.sources._hugo_site import ContentFolder, HugoSite

READ = (".md", ".markdown", ".mdown", ".html", ".htm")
_HISSING = ("x", "z", "ch", "sh")
UNREAD = (".org", ".adoc", ".asciidoc", ".ad", ".rst", ".pdc", ".pandoc")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFile:
    """One content file: where it is, where its page stands below the content, and its name.

    ``within`` and ``name`` are without the suffixes of format and language; those of a bundle are
    its folder's.
    """

    path: Path
    within: PurePosixPath
    name: str
    is_bundle: bool = False


@dataclass(frozen=True, kw_only=True)
class ContentTree:
    """The files of *site* that lie in *folder*."""

    site: HugoSite
    folder: Path

    @cached_property
    def is_part(self) -> bool:
        """Tell whether *folder* is but a part of the site's content, which somebody chose."""
        folder = self.folder.resolve()
        return not any(content.folder.is_relative_to(folder) for content in self.site.contents)

    def entries(self) -> Iterator[ContentFile]:
        """Yield the pages but those of sections, in the order of their files."""
        for content in self.site.contents:
            for path in _walk_files(_find_inner_folder(content.folder, self.folder)):
                entry = self.entry(path, content)
                if entry is not None and not path.name.startswith("_index."):
                    yield entry

    def unread(self) -> Iterator[Path]:
        """Yield the content files of formats that are not read here."""
        for content in self.site.contents:
            yield from _walk_files(_find_inner_folder(content.folder, self.folder), UNREAD)

    def entry(self, path: Path, content: ContentFolder) -> ContentFile | None:
        """Return the file *path* of *content* as an entry; None if it is of another language."""
        stem, dot, code = path.stem.rpartition(".")
        if not dot or code.lower() not in self.site.codes:
            stem, code = path.stem, content.language or self.site.fallback
        if code.lower() != self.site.code:
            return None
        folder = content.at / PurePosixPath(*path.parent.relative_to(content.folder).parts)
        if stem == "index":
            return ContentFile(path=path, within=folder, name=folder.name, is_bundle=True)
        return ContentFile(path=path, within=folder / stem, name=stem)

    @cached_property
    def sections(self) -> Mapping[PurePosixPath, Mapping[str, object]]:
        """The front matter of the sections' pages, by their place below the content."""
        return {entry.within.parent: _read_matter(entry.path) for entry in self.section_files}

    @cached_property
    def section_files(self) -> tuple[ContentFile, ...]:
        """The files of the sections' own pages."""
        found = (
            self.entry(path, content)
            for content in self.site.contents
            for path in _walk_files(content.folder, only="_index.")
        )
        return tuple(entry for entry in found if entry is not None)

    def inherited(self, within: PurePosixPath) -> Iterator[Cascade]:
        """Yield what the page at *within* inherits, the nearest first."""
        for folder in within.parents:
            yield from read_cascades(self.sections.get(folder, {}).get("cascade"))
        yield from self.site.cascades

    def above(self, within: PurePosixPath) -> tuple[ContentSection, ...]:
        """Return the sections that the page at *within* lies in, the outermost first."""
        *folders, _root = within.parents
        return tuple(
            _make_section(folder, self.sections.get(folder, {}))
            for folder in reversed(folders)
            if len(folder.parts) == 1 or folder in self.sections
        )

    def folders(self, within: PurePosixPath) -> tuple[str, ...]:
        """Return the folders of the page at *within* by the slugs of their pages, if any."""
        *folders, _root = within.parents
        pages = ((folder, self.sections.get(folder, {})) for folder in reversed(folders))
        return tuple(
            _front_matter.read_words(page.get("slug")).strip("-") or f.name for f, page in pages
        )


def _make_section(folder: PurePosixPath, matter: Mapping[str, object]) -> ContentSection:
    return ContentSection(
        path=folder,
        name=folder.name.lower().replace(" ", "-"),
        title=_front_matter.read_words(matter.get("title")) or _make_plural_title(folder.name),
        slug=_front_matter.read_words(matter.get("slug")).strip("-"),
    )


def _make_plural_title(name: str) -> str:
    """Return the title that Hugo gives a section without a page: its English plural."""
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return name if name.endswith("s") else f"{name}{'es' if name.endswith(_HISSING) else 's'}"


def _read_matter(path: Path) -> Mapping[str, object]:
    """Return the front matter of *path*, an empty one where it cannot be read."""
    try:
        return _front_matter.split_front_matter(_files.read_text_file(path)[0])[0]
    except (SourceError, ValueError):
        return {}


def _find_inner_folder(one: Path, other: Path) -> Path:
    """Return the inner of two folders that lie in each other."""
    other = other.resolve()
    return other if other.is_relative_to(one) else one


def _walk_files(folder: Path, endings: tuple[str, ...] = READ, only: str = "") -> Iterator[Path]:
    """Yield the content files under *folder*: no resources of a bundle, nothing hidden."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        content = sorted(
            n
            for n in names
            if n.lower().endswith(endings) and not n.startswith((".", "#")) and n.startswith(only)
        )
        bundle = [
            n for n in names if n.startswith("index.") and n.lower().endswith((*READ, *UNREAD))
        ]
        if bundle:
            folders.clear()
        yield from (Path(where) / n for n in content if not bundle or n.startswith("index."))
