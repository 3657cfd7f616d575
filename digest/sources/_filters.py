"""Which posts of a source are wanted: by category, tag, word, language and path."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import unquote, urlsplit

from digest.errors import ConfigError
from digest.model import HELD, Batch, Post, Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Words to look for, one tuple a kind; letters count alike in upper and lower case.

    ``paths`` are beginnings of the path of a post's address, ``languages`` of its BCP 47 tag;
    ``words`` stand anywhere in title, abstract or text.
    """

    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def finds(self, post: Post) -> str:
        """Return the first thing of this filter that *post* has, "" if it has none."""
        path = unquote(urlsplit(post.url).path)
        said = "\n".join((post.title, post.abstract, post.document.text)).casefold()
        found = (
            *_equal(self.categories, post.categories),
            *_equal(self.tags, post.tags),
            *(word for word in self.words if word.casefold() in said),
            *(one for one in self.languages if post.language.casefold().startswith(one.casefold())),
            *(one for one in self.paths if path.startswith(one)),
        )
        return next(iter(found), "")

    @property
    def is_blank(self) -> bool:
        """Tell whether the filter looks for nothing."""
        return not any(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted of a source: ``only`` what one filter finds, ``without`` what another does."""

    only: Filter = Filter()
    without: Filter = Filter()

    def refusal(self, post: Post) -> str:
        """Return why *post*, all of it known, is not wanted; "" if it is."""
        if found := self.without.finds(post):
            return f"left out by the filter: {found}"
        if not self.only.is_blank and not self.only.finds(post):
            return "left out by the filter: it has nothing of what is wanted"
        return ""

    def sift(self, batch: Batch) -> Batch:
        """Return *batch* without the posts that are known to be unwanted before they are read."""
        if self.without.is_blank:
            return batch
        refused = {post.guid or post.url: self.without.finds(post) for post in batch.posts}
        skipped = tuple(
            Skipped(url=p.url, title=p.title, reason=f"left out by the filter: {why}")
            for p in batch.posts
            if (why := refused[p.guid or p.url])
        )
        kept = tuple(post for post in batch.posts if not refused[post.guid or post.url])
        return replace(batch, posts=kept, skipped=(*batch.skipped, *skipped))

    def judged(self, post: Post) -> Post:
        """Return *post*, now that it was read: out of every period if it is not wanted."""
        why = self.refusal(post)
        return replace(post, new_at=HELD, note=why) if why else post


def wanted(options: Mapping[str, object]) -> Wanted:
    """Return what ``only`` and ``without`` of *options*, tables of lists, ask for."""
    return Wanted(
        only=_filter(options.get("only"), "only"),
        without=_filter(options.get("without"), "without"),
    )


def _filter(table: object, name: str) -> Filter:
    if not table:
        return Filter()
    known = {one.name for one in fields(Filter)}
    if not isinstance(table, Mapping) or not known.issuperset(table):
        raise ConfigError(f"sources: {name}", "has an unknown key", f"Known: {sorted(known)}.")
    return Filter(**{key: tuple(str(v) for v in _listed(value)) for key, value in table.items()})


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else [value]


def _equal(wanted: Iterable[str], own: Iterable[str]) -> list[str]:
    names = {name.casefold() for name in own}
    return [one for one in wanted if one.casefold() in names]
