"""A folder of posts as a source, whatever generator makes a site of it: polled, then completed."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from digest.model import (
    Batch,
    CacheValidators,
    Document,
    Failed,
    FeedInfo,
    Fetched,
    Post,
    SkippedPost,
    SourceMove,
    Unchanged,
)
from digest.model.errors import ConfigError
from digest.sources import _front_matter
from digest.sources._files import BROKEN, DOUBLE, NO_DATE, WRONG, leave_out, leave_out_failed
from digest.sources._normalize import SourceFilter

_FEW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderReading:
    """What a folder holds: its posts, what is left out, and all dates that its files have."""

    posts: tuple[Post, ...]
    skipped: tuple[SkippedPost, ...] = ()
    dates: tuple[datetime, ...] = ()


class PostFolder(Protocol):
    """A folder of posts as its generator reads it."""

    @property
    def mark(self) -> str:
        """Return a text that changes when what the configuration says does."""
        ...

    def files(self) -> Sequence[Path]:
        """Return the files whose change changes the posts; OSError where they cannot be listed."""
        ...

    def read(self, now: datetime) -> FolderReading:
        """Return the posts as they are listed at *now*, without documents."""
        ...

    def info(self, dates: Sequence[datetime]) -> FeedInfo:
        """Return what the site says of itself; *dates* tell a zone that it does not say."""
        ...

    def warnings(self) -> Iterable[str]:
        """Yield what somebody should know of the folder where it has posts."""
        ...

    def path(self, post: Post) -> Path:
        """Return the file that *post* is written in."""
        ...

    def document(self, post: Post) -> Document | SkippedPost:
        """Return the clean text of *post*, or why it cannot be read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSource:
    """The port ``Source`` for a folder; no file is rendered before it is wanted."""

    name: str
    folder: Path
    posts: PostFolder
    wanted: SourceFilter = field(default_factory=SourceFilter)

    def poll(
        self, validators: CacheValidators, now: datetime, adopted: SourceMove | None = None
    ) -> Fetched:
        """Return the posts of the folder, without documents, if a file changed or one is due.

        ``body_hash`` stands for names, sizes and times of all files and for what is said of the
        site (another base URL gives other addresses), ``last_modified`` for the date of the next
        post that is not due yet. A folder with a broken file is read, and the file named, every
        time until somebody mends it.
        """
        del adopted  # a folder does not move by itself
        try:
            mark = _hash_folder(self.posts)
        except OSError as error:
            return Failed(source=self.name, cause=str(error), remedy="Check that it may be read.")
        due = _front_matter.read_moment(validators.last_modified, UTC)
        if mark == validators.body_hash and (due is None or now < due):
            return Unchanged(source=self.name)
        found = self.posts.read(now)
        posts, doubles = _drop_double_addresses(found.posts, self.posts)
        skipped = (*found.skipped, *doubles)
        waiting = [date for date in found.dates if date > now]
        broken = any(one.reason.startswith(BROKEN) for one in skipped)
        return Batch(
            source=self.name,
            by_hand=True,
            posts=tuple(replace(post, source=self.name) for post in posts),
            about=self.posts.info(found.dates),
            skipped=skipped,
            validators=CacheValidators(
                body_hash="" if broken else mark,
                last_modified=min(waiting).isoformat() if waiting else "",
            ),
            warnings=(
                *_list_mistakes(skipped, self.folder),
                *(self.posts.warnings() if posts else ()),
            ),
        )

    def refusal(self, post: Post) -> str:
        """Return what the filter finds against *post* as far as it is read, or ""."""
        return self.wanted.refusal(post)

    def complete(self, post: Post) -> Post:
        """Return *post* with the document of its file."""
        try:
            document = self.posts.document(post)
        except Exception as error:
            return replace(post, note=leave_out_failed(self.posts.path(post), error).reason)
        if isinstance(document, SkippedPost):
            return replace(post, note=document.reason)
        return replace(post, document=document, text_from="file", note="")


def folder_of(options: object) -> Path:
    """Return the folder that *options* name; ConfigError where there is none."""
    given = str(options or "")
    if not given or not Path(given).is_dir():
        cause = f"there is no folder {given}" if given else "is missing"
        raise ConfigError("folder", cause, "Set folder to that of the posts.")
    return Path(given)


def _list_mistakes(skipped: Sequence[SkippedPost], folder: Path) -> Iterable[str]:
    """Yield what somebody should mend, files without a date together where there are many."""
    wrong = [s for s in skipped if s.reason.startswith(WRONG)]
    undated = [s for s in wrong if s.reason.startswith(NO_DATE)]
    if len(undated) > _FEW:
        wrong = [s for s in wrong if s not in undated]
        yield (
            f"{folder}: {len(undated)} files have no date, so they are no posts, like"
            f" {undated[0].url}. Set date in the front matter of those that are."
        )
    yield from (f"{one.url}: {one.reason}" for one in wrong)


def _drop_double_addresses(
    posts: Sequence[Post], folder: PostFolder
) -> tuple[tuple[Post, ...], list[SkippedPost]]:
    """Return the posts of *posts* with addresses of their own, and those left out for want of it.

    A generator writes two posts of one address over each other.
    """
    first: dict[str, Post] = {}
    doubles = []
    for post in posts:
        if (other := first.setdefault(post.url, post)) is not post:
            reason = f"{DOUBLE} {other.guid}, {post.url}. Give it another slug or url."
            doubles.append(leave_out(folder.path(post), reason))
    return tuple(first.values()), doubles


def _hash_folder(folder: PostFolder) -> str:
    """Return a hash of the site and of names, sizes, times of the files: it changes if one does."""
    seen = sha256(folder.mark.encode("utf-8", "surrogatepass"))
    for path in folder.files():
        facts = path.stat() if path.exists() else path.lstat()  # a link may lead nowhere
        seen.update(os.fsencode(path) + f"\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()
