"""One file of a Jekyll or Hexo site: what is known of it, and the post it makes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from digest.model import Post, SkippedPost
from digest.sources import _front_matter
from digest.sources._front_matter import FrontMatter, read_words
from digest.sources._normalize import clean_abstract, hash_listing
from digest.sources._pictures import PictureFolders, find_picture
from digest.text.document import parse_markdown
from digest.text.embeds import canonicalize_url
from digest.text.post_identity import sketch_text

_FEW, _LONGEST = 3, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """A post's file, taken apart by the rules of its generator.

    ``url`` is its address and ``base`` that of the site, ``static`` folders whose files stand
    below it; ``separator`` divides the author's excerpt from the rest, ``hidden`` says why the
    generator leaves the post out, "" if it does not.
    """

    path: Path
    guid: str
    url: str
    base: str
    title: str
    published: datetime
    matter: FrontMatter
    body: str
    static: tuple[Path, ...] = ()
    beside: Path | None = None
    categories: tuple[str, ...] = ()
    language: str = ""
    separator: str = ""
    hidden: str = ""
    zone: tzinfo = UTC


def make_post(file: FileFacts, now: datetime) -> Post | SkippedPost:
    """Return the post of *file* without its document; Skipped where it is not shown at *now*."""
    hidden = file.hidden
    if file.published > now:
        hidden = hidden or f"it is dated in the future, {file.published:%Y-%m-%d %H:%M %z}"
    if hidden:
        return SkippedPost(url=file.url, reason=hidden, title=file.title)
    matter = file.matter
    abstract = clean_abstract(
        read_words(matter.get("description")) or read_words(matter.get("excerpt"))
    )
    abstract = abstract or _find_excerpt(file)
    updated = next(
        (found for key in ("last_modified_at", "updated", "lastmod", "modified")
         if (found := _front_matter.read_moment(matter.get(key), file.zone))), None,
    )  # fmt: skip
    source = canonicalize_url(read_words(matter.get("source_url")))
    published = file.published.astimezone(UTC)
    return Post(
        id="",
        source="",
        url=file.url,
        title=file.title,
        published=published,
        first_seen=published,
        guid=file.guid,
        listing=hash_listing(file.title, abstract, file.body),
        sketch=sketch_text(file.body),
        updated=updated.astimezone(UTC) if updated else None,
        language=file.language,
        author=", ".join(_front_matter.read_names(matter.get("author") or matter.get("authors"))),
        abstract=abstract,
        tags=_read_tags(matter),
        categories=file.categories,
        people=_front_matter.read_names(matter.get("related_people") or matter.get("people")),
        image=find_picture(matter, _make_picture_folders(file)),
        episode=source,
        episode_name=read_words(matter.get("source_name")) if source else "",
    )


def name_unread(folder: Path, paths: Iterable[Path]) -> Iterator[str]:
    """Yield one warning that names the posts at *paths*, whose format is not read; none if none."""
    if unread := sorted(path.name for path in paths):
        more = f" and {len(unread) - _FEW} more" if len(unread) > _FEW else ""
        yield (
            f"{folder}: {', '.join(unread[:_FEW])}{more}: posts in this format are not"
            " read. Use the site's feed if they belong in an issue."
        )


def _find_excerpt(file: FileFacts) -> str:
    """Return what stands before the author's separator, where that is one short text."""
    if not file.separator.strip() or file.separator not in file.body:
        return ""
    opening = parse_markdown(file.body.partition(file.separator)[0])
    is_short = len(opening.blocks) == 1 and len(opening.text) <= _LONGEST
    return opening.text if is_short and opening.blocks[0].kind == "paragraph" else ""


def _read_tags(matter: FrontMatter) -> tuple[str, ...]:
    given = matter.get("tags") or matter.get("tag")
    several = given.replace(",", " ").split() if isinstance(given, str) else given
    return _front_matter.read_list(several)


def _make_picture_folders(file: FileFacts) -> PictureFolders:
    own = file.url if file.url.endswith("/") else file.url.rpartition("/")[0] + "/"
    return PictureFolders(
        base=file.base, url=own, beside=file.beside, static=file.static, is_below=True
    )
