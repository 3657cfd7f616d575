"""A folder of Hugo content: every Markdown file with front matter is a post."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from digest.errors import ConfigError
from digest.model import About, Batch, Failed, Fetched, Move, Post, Skipped, Unchanged, Validators
from digest.sources import _content, _front, _site, _zones
from digest.sources._content import Place, read
from digest.sources._filters import Wanted, wanted

__all__ = ["Hugo", "Place", "build", "read"]

_CONTENT = (".md", ".markdown", ".mdown", ".html", ".htm")


def build(options: Mapping[str, object]) -> "Hugo":
    """Return the source for ``folder``; ``site``, ``timezone``, ``language``, ``name`` are free."""
    folder = Path(str(options.get("folder") or ""))
    if not options.get("folder") or not folder.is_dir():
        cause = f"there is no folder {folder}" if options.get("folder") else "is missing"
        raise ConfigError("folder", cause, "Set folder to that of the posts.")
    name, folder = str(options.get("name") or folder), _site.content(folder)
    site = _site.of(folder)
    site = replace(
        site,
        base=_site.based(str(options.get("site") or "")) or site.base,
        timezone=str(options.get("timezone") or site.timezone),
        language=str(options.get("language") or site.language),
    )
    return Hugo(name=name, folder=folder, site=site, wanted=wanted(options))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hugo:
    """The port ``Source`` for a content folder; no file is rendered before it is wanted."""

    name: str
    folder: Path
    site: _site.Site
    wanted: Wanted = field(default_factory=Wanted)

    def poll(self, validators: Validators, now: datetime, adopted: Move | None = None) -> Fetched:
        """Return the posts of the folder, without documents, if a file changed or one is due.

        ``body_hash`` stands for names, sizes and times of all files and for what is said of the
        site (another base URL gives other addresses), ``last_modified`` for the date of the next
        post that is not due yet. A folder with a broken file is read, and the file named, every
        time until somebody mends it.
        """
        del adopted  # a folder does not move by itself
        try:
            mark = _mark(self.folder, self.site)
        except OSError as error:
            return Failed(source=self.name, cause=str(error), remedy="Check that it may be read.")
        due = _front.moment(validators.last_modified, UTC)
        if mark == validators.body_hash and (due is None or now < due):
            return Unchanged(source=self.name)
        place = self._place()
        made = [_made(path, place, now) for path in sorted(_files(self.folder))]
        dates = [date for date, _ in made if date]
        waiting = [date for date in dates if date > now]
        posts, doubles = _distinct([found for _, found in made if isinstance(found, Post)], place)
        skipped = (*(found for _, found in made if isinstance(found, Skipped)), *doubles)
        broken = any(one.reason.startswith(_content.BROKEN) for one in skipped)
        batch = Batch(
            source=self.name,
            posts=posts,
            about=self._about(dates),
            skipped=skipped,
            validators=Validators(
                body_hash="" if broken else mark,
                last_modified=min(waiting).isoformat() if waiting else "",
            ),
            warnings=self._warnings(skipped, posts=bool(posts)),
        )
        return self.wanted.sift(batch)

    def complete(self, post: Post) -> Post:
        """Return *post* with the document of its file."""
        place = self._place()
        path = (place.root or self.folder) / post.guid
        try:
            file = _content.take(path, place)
            if isinstance(file, Skipped):
                return replace(post, note=file.reason)
            whole = replace(post, document=file.document(post.url), text_from="file", note="")
        except Exception as error:
            return replace(post, note=_content.tripped(path, error).reason)
        return self.wanted.judged(whole)

    def _place(self) -> Place:
        resolved = self.folder.resolve()
        root = next((f for f in (resolved, *resolved.parents) if f.name == "content"), None)
        return Place(
            source=self.name,
            base=self.site.base or _site.NOWHERE,
            root=root or resolved,
            section="" if root else "posts",
            zone=_zones.named(self.site.timezone),
            language=self.site.language,
        )

    def _about(self, dates: Iterable[datetime]) -> About:
        return About(
            title=self.site.title,
            language=self.site.language,
            site=self.site.base,
            timezone=self.site.timezone or _zones.common(dates, self.site.language),
        )

    def _warnings(self, skipped: tuple[Skipped, ...], *, posts: bool) -> tuple[str, ...]:
        said = [f"{s.url}: {s.reason}" for s in skipped if s.reason.startswith(_content.WRONG)]
        if posts and not self.site.base:
            said.append(
                f"{self.folder}: no base URL is known, so links point to {_site.NOWHERE}."
                " Give it with --site URL, or as site in digest.toml."
            )
        return tuple(said)


def _made(path: Path, place: Place, now: datetime) -> tuple[datetime | None, Post | Skipped]:
    """Return when the file is published, None if nobody knows, and the post it makes.

    Whatever a reader of ours trips over costs this one file, never the folder.
    """
    try:
        file = _content.take(path, place)
        if isinstance(file, Skipped):
            return None, file
        return file.published, _content.post(file, place, now)
    except Exception as error:
        return None, _content.tripped(path, error)


def _distinct(posts: Sequence[Post], place: Place) -> tuple[tuple[Post, ...], list[Skipped]]:
    """Return the posts of *posts* with addresses of their own, and those left out for want of it.

    Hugo writes two posts of one address over each other.
    """
    first: dict[str, Post] = {}
    doubles = []
    for post in posts:
        if (other := first.setdefault(post.url, post)) is not post:
            path = (place.root or Path()) / post.guid
            reason = f"{_content.DOUBLE} {other.guid}, {post.url}. Give it another slug or url."
            doubles.append(_content.left(path, reason))
    return tuple(first.values()), doubles


def _files(folder: Path) -> Iterator[Path]:
    """Yield the content files under *folder*: no section pages, no resources of a bundle."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        content = [
            n for n in names if n.lower().endswith(_CONTENT) and not n.startswith((".", "_index."))
        ]
        bundle = [n for n in content if n.startswith("index.")]
        if bundle:
            folders.clear()
        yield from (Path(where) / name for name in bundle or content)


def _mark(folder: Path, site: _site.Site) -> str:
    """Return a hash of *site* and of names, sizes, times of the files: it changes if one does."""
    seen = sha256(repr(site).encode("utf-8", "surrogatepass"))
    for path in sorted(_files(folder)):
        facts = path.stat() if path.exists() else path.lstat()  # a link may lead nowhere
        seen.update(os.fsencode(path) + f"\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()
