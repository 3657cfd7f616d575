"""A folder of Hugo content: every file with front matter in a section of posts is a post."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from digest.model import (
    Batch,
    Failed,
    FeedInfo,
    Fetched,
    Move,
    Post,
    Skipped,
    Unchanged,
    Validators,
)
from digest.model.errors import ConfigError
from digest.sources import _dates, _front_matter, _hugo_content
from digest.sources._files import BROKEN, leave_out, leave_out_failed
from digest.sources._hugo_content import File, read
from digest.sources._hugo_site import NOWHERE, HugoSite, bare_site, find_sites
from digest.sources._hugo_tree import ContentFile, Tree
from digest.sources._normalize import Wanted, wanted

__all__ = ["Hugo", "build", "read"]

_FEW = 3


def build(options: Mapping[str, object]) -> "Hugo":
    """Return the source for ``folder``; ``site``, ``timezone``, ``language``, ``name`` are free."""
    folder = Path(str(options.get("folder") or ""))
    if not options.get("folder") or not folder.is_dir():
        cause = f"there is no folder {folder}" if options.get("folder") else "is missing"
        raise ConfigError("folder", cause, "Set folder to that of the posts.")
    language = str(options.get("language") or "")
    sites = find_sites(folder, language)
    full = [site for site in sites if any(True for _ in Tree(site=site, folder=folder).entries())]
    site = (full or sites or [bare_site(folder)])[0]
    site = site.under(
        base=str(options.get("site") or ""),
        timezone=str(options.get("timezone") or ""),
        language="" if site.language else language,
    )
    name = str(options.get("name") or folder)
    return Hugo(
        name=name,
        folder=folder,
        site=site,
        wanted=wanted(options),
        is_known=bool(sites),
        others=tuple(one.code for one in full[1:]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hugo:
    """The port ``Source`` for a content folder; no file is rendered before it is wanted.

    ``is_known`` tells that a configuration of Hugo was found, ``others`` are the codes of the
    languages that the folder has besides and nobody chose among.
    """

    name: str
    folder: Path
    site: HugoSite
    wanted: Wanted = field(default_factory=Wanted)
    is_known: bool = True
    others: tuple[str, ...] = ()

    def poll(self, validators: Validators, now: datetime, adopted: Move | None = None) -> Fetched:
        """Return the posts of the folder, without documents, if a file changed or one is due.

        ``body_hash`` stands for names, sizes and times of all files and for what is said of the
        site (another base URL gives other addresses), ``last_modified`` for the date of the next
        post that is not due yet. A folder with a broken file is read, and the file named, every
        time until somebody mends it.
        """
        del adopted  # a folder does not move by itself
        tree = self._tree()
        try:
            entries = list(tree.entries())
            mark = _mark(entries, tree)
        except OSError as error:
            return Failed(source=self.name, cause=str(error), remedy="Check that it may be read.")
        due = _front_matter.moment(validators.last_modified, UTC)
        if mark == validators.body_hash and (due is None or now < due):
            return Unchanged(source=self.name)
        posts, skipped, dates = _read_all(entries, tree, now)
        waiting = [date for date in dates if date > now]
        broken = any(one.reason.startswith(BROKEN) for one in skipped)
        return Batch(
            source=self.name,
            by_hand=True,
            posts=tuple(replace(post, source=self.name) for post in posts),
            about=self._about(dates),
            skipped=skipped,
            validators=Validators(
                body_hash="" if broken else mark,
                last_modified=min(waiting).isoformat() if waiting else "",
            ),
            warnings=tuple(self._warnings(skipped, tree, posts=bool(posts))),
        )

    def refusal(self, post: Post) -> str:
        """Return what the filter finds against *post* as far as it is read, or ""."""
        return self.wanted.refusal(post)

    def complete(self, post: Post) -> Post:
        """Return *post* with the document of its file."""
        path = self.path(post)
        try:
            parsed = _hugo_content.parse(path)
            if isinstance(parsed, Skipped):
                return replace(post, note=parsed.reason)
            document = _hugo_content.write_document(path, parsed[1], post.url)
            whole = replace(post, document=document, text_from="file", note="")
        except Exception as error:
            return replace(post, note=leave_out_failed(path, error).reason)
        return whole

    def path(self, post: Post) -> Path:
        """Return the file that *post* is written in."""
        return self.site.root / post.guid

    def _tree(self) -> Tree:
        return Tree(site=self.site, folder=self.folder)

    def _about(self, dates: Iterable[datetime]) -> FeedInfo:
        return FeedInfo(
            title=self.site.title,
            language=self.site.language,
            site=self.site.base,
            timezone=self.site.timezone or _dates.common(dates, self.site.language),
        )

    def _warnings(self, skipped: Iterable[Skipped], tree: Tree, *, posts: bool) -> Iterator[str]:
        """Yield what somebody should know or mend of the folder."""
        wrong = [s for s in skipped if s.reason.startswith(_hugo_content.WRONG)]
        undated = [s for s in wrong if s.reason.startswith(_hugo_content.NO_DATE)]
        if len(undated) > _FEW:
            wrong = [s for s in wrong if s not in undated]
            yield (
                f"{self.folder}: {len(undated)} files have no date, so they are no posts, like"
                f" {undated[0].url}. Set date in the front matter of those that are."
            )
        yield from (f"{one.url}: {one.reason}" for one in wrong)
        if unread := sorted(path.name for path in tree.unread()):
            more = f" and {len(unread) - _FEW} more" if len(unread) > _FEW else ""
            yield (
                f"{self.folder}: {', '.join(unread[:_FEW])}{more}: posts in this format are not"
                " read. Use the site's feed if they belong in an issue."
            )
        if posts and self.others:
            yield (
                f"{self.folder} is in several languages; {self.site.code} is read. Choose another"
                f" ({', '.join(self.others)}) with --language, or language in [[sources]]."
            )
        if posts and not self.site.base:
            yield (
                f"{self.folder}: no base URL is known, so links point to {NOWHERE}."
                " Give it with --site URL, or as site in digest.toml."
            )

        if posts and not self.is_known:
            yield (
                f"{self.folder}: no generator's configuration was found, so it is read as Hugo's"
                " with no settings. Links are right only if the site keeps Hugo's own rules."
            )


def _read_all(
    entries: Iterable[ContentFile], tree: Tree, now: datetime
) -> tuple[tuple[Post, ...], tuple[Skipped, ...], list[datetime]]:
    """Return the posts of *entries*, what is left out, and the dates of all that is dated."""
    taken = [_taken(entry, tree) for entry in entries]
    files = [file for file in taken if isinstance(file, File)]
    sections = None if tree.is_part else _sections(files, tree)
    made = [
        file if isinstance(file, Skipped) else _made(file, tree, sections, now) for file in taken
    ]
    dates = [file.published for file in files if file.published]
    posts, doubles = _distinct([one for one in made if isinstance(one, Post)], tree)
    return posts, (*(one for one in made if isinstance(one, Skipped)), *doubles), dates


def _taken(entry: ContentFile, tree: Tree) -> File | Skipped:
    """Take the file apart; whatever a reader of ours trips over costs this file alone."""
    try:
        return _hugo_content.take(entry, tree)
    except Exception as error:
        return leave_out_failed(entry.path, error)


def _made(file: File, tree: Tree, sections: frozenset[str] | None, now: datetime) -> Post | Skipped:
    try:
        reason = _refusal(file, sections, now)
        if reason.startswith(_hugo_content.NO_DATE):
            return leave_out(file.path, reason)
        return _hugo_content.post(file, tree, reason)
    except Exception as error:
        return leave_out_failed(file.path, error)


def _refusal(file: File, sections: frozenset[str] | None, now: datetime) -> str:
    """Return why the file is no post of *sections* (None: of any) at *now*, "" if it is one."""
    if hidden := _hugo_content.refusal(file, now):
        return hidden
    if sections is not None and file.page.section not in sections:
        where = f"the section {file.page.section}" if file.page.section else "no section"
        return f"it is a page, no post: it stands in {where}"
    if not file.own:
        return "it has no front matter: no title, no date"
    if file.published is None:
        said = file.matter.get("date")
        cause = _hugo_content.NO_DATE + (
            f" that can be read, but {str(said)[:60]!r}" if said else ""
        )
        return f"{cause}. Set date in its front matter."
    return ""


def _sections(files: Sequence[File], tree: Tree) -> frozenset[str]:
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


def _distinct(posts: Sequence[Post], tree: Tree) -> tuple[tuple[Post, ...], list[Skipped]]:
    """Return the posts of *posts* with addresses of their own, and those left out for want of it.

    Hugo writes two posts of one address over each other.
    """
    first: dict[str, Post] = {}
    doubles = []
    for post in posts:
        if (other := first.setdefault(post.url, post)) is not post:
            path = tree.site.root / post.guid
            reason = (
                f"{_hugo_content.DOUBLE} {other.guid}, {post.url}. Give it another slug or url."
            )
            doubles.append(leave_out(path, reason))
    return tuple(first.values()), doubles


def _mark(entries: Iterable[ContentFile], tree: Tree) -> str:
    """Return a hash of the site and of names, sizes, times of the files: it changes if one does."""
    seen = sha256(repr(tree.site).encode("utf-8", "surrogatepass"))
    for path in (entry.path for entry in (*entries, *tree.section_files)):
        facts = path.stat() if path.exists() else path.lstat()  # a link may lead nowhere
        seen.update(os.fsencode(path) + f"\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()
