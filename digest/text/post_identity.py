"""Which post is which: the same post keeps its id through edits, moves, renames and new guids.

A guid that is unique in its feed tells first, then the canonical link, then title and date. What
is left is the old post under a new host, if at least 80 % of what was known reappears there; or one
that was renamed, if date and a sample of its clauses say so. Copies are told elsewhere, by whole
texts (``text.twins``). All pure: the store is asked through ``find``.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b, sha256
from unicodedata import normalize
from urllib.parse import urlsplit
from zlib import crc32

from digest.model import HELD_TIME, Document, Post
from digest.text import copies
from digest.text.embeds import canonicalize_url

FindPosts = Callable[[Collection[str]], Mapping[str, tuple[Post, ...]]]

WHOLE_TEXT = "w"  # begins the keys of a post's whole text
_CLAUSE = re.compile(r"[^\w\s]+|\n")
_LETTERS = re.compile(r"[\W_]+")
_MIN_CLAUSE = 5
_SAMPLE = 32
_PROBES = 6
_MIN_SAMPLE = 8
_SAME_TEXT = 0.8
_REWRITTEN = 0.2
_GLANCE = 30  # letters: by how a short text begins it is told from another
_SAME_SITE = 0.8
_A_MOMENT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMatch:
    """A post of a batch with its id: ``old`` is what was stored of it, None where it is new."""

    post: Post
    old: Post | None = None


def sketch_text(text: str) -> tuple[int, ...]:
    """Return the smallest hashes of the clauses of *text*: a sample to compare texts by."""
    clauses = (_LETTERS.sub("", part) for part in _CLAUSE.split(normalize("NFKC", text).lower()))
    hashes = {crc32(c.encode("utf-8", "replace")) for c in clauses if len(c) >= _MIN_CLAUSE}
    return tuple(sorted(hashes)[:_SAMPLE])


def add_sketch(post: Post) -> Post:
    """Return *post* with its sketch, made of its text where its source made none."""
    return post if post.sketch else replace(post, sketch=sketch_text(post.document.text))


def estimate_similarity(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the estimated share of clauses that two texts have in common (bottom-k sketches)."""
    together = sorted({*one, *other})[:_SAMPLE]
    if min(len(one), len(other)) < _MIN_SAMPLE:
        return 0.0
    both = {*one} & {*other}
    return sum(value in both for value in together) / len(together)


def list_post_keys(post: Post) -> tuple[str, ...]:
    """Return the keys a post is found by: id, guid, link, title, slug, clauses of its texts."""
    found = (
        f"i{post.id}",
        *_list_name_keys(post),
        *_list_probes("c", post.sketch),
        *list_text_keys(post),
    )
    return tuple(dict.fromkeys(key for key in found if key))


def _list_name_keys(post: Post) -> tuple[str, ...]:
    return (
        _make_guid_key(post),
        _make_post_link_key(post),
        _make_title_key(post),
        _make_slug_key(post),
    )


def list_text_keys(post: Post) -> tuple[str, ...]:
    """Return the keys by which posts are found that have clauses of *post*'s whole text."""
    return _list_probes(WHOLE_TEXT, sketch_text(post.document.text))


def _list_probes(kind: str, sample: Sequence[int]) -> tuple[str, ...]:
    return tuple(f"{kind}{value:08x}" for value in sample[:_PROBES])


def list_same_post_keys(post: Post) -> tuple[str, ...]:
    """Return the keys by which another source's post is known to be this one."""
    return tuple(key for key in (_make_post_link_key(post),) if key)


def find_site_section(url: str) -> str:
    """Return the part of the site that *url* is in: host and path without the last segment."""
    parts = urlsplit(canonicalize_url(url))
    return f"{parts.netloc}{parts.path.rstrip('/').rpartition('/')[0]}"


def identify_posts(batch: Iterable[Post], find: FindPosts, known: int) -> list[PostMatch]:
    """Return every post of *batch* once, with its id and what was stored of it.

    *find* gives the stored posts that have one of some keys, *known* is how many are stored.
    """
    posts, guids = _drop_duplicates(batch)
    stored = find([key for post in posts for key in (f"i{post.id}", *_list_name_keys(post)) if key])
    matched = _Matching(posts, guids, stored)
    for kind in (_make_guid_key, _make_post_link_key, _make_title_key):
        matched.by(kind)
    matched.moved(known)
    rest = matched.sketch_the_rest()
    probes = find([key for post in rest for key in _list_probes("c", post.sketch)]) if rest else {}
    matched.renamed(probes)
    return matched.result(find)


def is_only_moved(old: Post, post: Post) -> bool:
    """Tell whether nothing but the address is new, so that its page need not be read again."""
    elsewhere = (old.url, old.guid) != (post.url, post.guid)
    return elsewhere and old.listing == post.listing and not has_gained_date(old, post)


def has_gained_date(old: Post, post: Post) -> bool:
    """Tell whether *old* is held for want of a date, which *post* has."""
    return old.new_at == HELD_TIME and not old.dated and post.dated


def is_rewritten(old: Post, post: Post) -> bool:
    """Tell whether another text, with another title and a later date, took the place of *old*."""
    later = post.dated and post.published > old.published and not copies.has_near_date(old, post)
    retitled = copies.extract_letters(old.title) != copies.extract_letters(post.title)
    return (
        later
        and retitled
        and estimate_similarity(old.sketch, sketch_text(post.document.text)) < _REWRITTEN
    )


def is_other_text(before: Document, now: Document) -> bool:
    """Tell whether a text has nearly nothing of what was said *before* it."""
    earlier, fresh = sketch_text(before.text), sketch_text(now.text)
    if min(len(earlier), len(fresh)) < _MIN_SAMPLE:
        return (
            copies.extract_letters(before.text)[:_GLANCE]
            != copies.extract_letters(now.text)[:_GLANCE]
        )
    return estimate_similarity(earlier, fresh) < _REWRITTEN


def list_copies(fresh: Sequence[Post], known: Iterable[Post]) -> Iterator[Post]:
    """Yield those of *fresh* that say what one of *known* or another of them says, so marked.

    What was seen first stays; of posts that came at once, the better one (``twins.worth``).
    """
    new = [post for post in fresh if post.new_at != HELD_TIME]
    last = max((post.first_seen for post in new), default=None)
    own = (post for post in known if not post.copy_of and post.new_at != HELD_TIME)
    old = [post for post in own if last is not None and post.first_seen <= last]
    both = [*old, *new]
    kin: defaultdict[int, list[int]] = defaultdict(list)
    for here, there in copies.find_copies(both).items():
        kin[there].append(here)
    for root, others in kin.items():
        group = sorted((root, *others), key=lambda n: (n >= len(old), copies.rank_copy(both[n])))
        for place in group[1:]:
            if place >= len(old):
                yield replace(both[place], copy_of=both[group[0]].url)


def _drop_duplicates(batch: Iterable[Post]) -> tuple[list[Post], Counter[str]]:
    """Return each post of *batch* once, and how often each guid occurs in it.

    Two entries are one post if they share a guid that is their own, or both link and title; else
    both are posts: one link may hold a poll every week.
    """
    posts = list(batch)
    guids = Counter(_make_guid_key(post) for post in posts)
    found: dict[tuple[str, ...], Post] = {}
    for post in posts:
        own = _make_guid_key(post) if guids[_make_guid_key(post)] == 1 else ""
        found.setdefault(
            (own,) if own else (_make_post_link_key(post) or post.listing, _make_title_key(post)),
            post,
        )
    return list(found.values()), guids


class _Matching:
    """The posts of one batch while they are told apart, the surest evidence first."""

    def __init__(
        self, posts: list[Post], guids: Counter[str], stored: Mapping[str, tuple[Post, ...]]
    ) -> None:
        self._posts = posts
        self._guids = guids
        self._stored = stored
        self._links = Counter(_make_post_link_key(post) for post in posts)
        self._titles = Counter(_make_title_key(post) for post in posts)
        self._old: dict[int, Post] = {}
        self._taken: set[str] = set()

    def by(self, kind: Callable[[Post], str]) -> None:
        """Match what shares the key of *kind* with one stored post, if nothing speaks against it.

        Where several share it, those of one title belong together.
        """
        for number, post in enumerate(self._posts):
            key = kind(post)
            if number in self._old or not key:
                continue
            stored = [p for p in self._stored.get(key, ()) if p.id not in self._taken]
            alone = self._is_own(key) and len(stored) == 1
            if not alone:
                stored = [p for p in stored if _make_title_key(p) == _make_title_key(post)]
            candidates = [p for p in stored if _may_be_same(key[0], p, post, alone=alone)]
            if len(candidates) == 1:
                self._take(number, candidates[0])

    def _is_own(self, key: str) -> bool:
        counted = {"g": self._guids, "l": self._links, "t": self._titles}[key[0]]
        return counted[key] == 1

    def _take(self, number: int, old: Post) -> None:
        self._old[number] = old
        self._taken.add(old.id)

    def moved(self, known: int) -> None:
        """Match by the last part of the path if nearly all that was known reappears elsewhere."""
        slugs = Counter(_make_slug_key(post) for post in self._posts)
        pairs = []
        for number, post in enumerate(self._posts):
            found = [
                p for p in self._stored.get(_make_slug_key(post), ()) if p.id not in self._taken
            ]
            if number not in self._old and slugs[_make_slug_key(post)] == 1 and len(found) == 1:
                pairs.append((number, found[0]))
        enough = _SAME_SITE * min(len(self._posts) - len(self._old), known - len(self._taken))
        for number, old in pairs:
            alike = old.title == self._posts[number].title and _has_same_date(
                old, self._posts[number]
            )
            if len(pairs) >= max(enough, 2) or alike:
                self._take(number, old)

    def sketch_the_rest(self) -> list[Post]:
        """Sketch the posts that are still new, and return them."""
        fresh = [number for number in range(len(self._posts)) if number not in self._old]
        for number in fresh:
            self._posts[number] = add_sketch(self._posts[number])
        return [self._posts[number] for number in fresh]

    def renamed(self, probes: Mapping[str, tuple[Post, ...]]) -> None:
        """Match what says the same on the same date as a stored post that is listed no more."""
        for number, post in enumerate(self._posts):
            if number in self._old:
                continue
            several = (p for key in _list_probes("c", post.sketch) for p in probes.get(key, ()))
            gone = {p.id: p for p in several if p.id not in self._taken and _has_same_date(p, post)}
            old = _find_most_similar(post, gone.values())
            if old is not None:
                self._take(number, old)

    def result(self, find: FindPosts) -> list[PostMatch]:
        """Return the matches; a new post gets an id that no other has."""
        made = [
            _make_post_id(post, own=self._guids[_make_guid_key(post)] == 1) for post in self._posts
        ]
        used = {p.id for several in find([f"i{i}" for i in made]).values() for p in several}
        out = []
        for number, (post, name) in enumerate(zip(self._posts, made, strict=True)):
            old = self._old.get(number)
            fresh = _make_salted_id(name, post) if name in used else name
            used.add(fresh)
            named = replace(post, id=old.id if old is not None else fresh)
            out.append(PostMatch(post=named, old=old))
        return out


def _may_be_same(kind: str, old: Post, post: Post, *, alone: bool) -> bool:
    """Tell whether a stored post may be *post*, which has its guid ("g"), link or title.

    A guid is meant to last, whatever is written under it. A link may be the home page for many
    notes, each with a guid, and a title that of a column: they need a date or a text besides.
    """
    if kind == "g":
        return True
    if kind == "l":
        named_apart = bool(old.guid and post.guid) and old.guid != post.guid
        alike = (
            _make_title_key(old) == _make_title_key(post)
            or _has_same_date(old, post)
            or _has_same_words(old, post)
        )
        return alike if named_apart or not alone else True
    return _has_same_moment(old, post) or (_has_same_date(old, post) and _has_same_words(old, post))


def _has_same_date(old: Post, post: Post) -> bool:
    """Tell whether two posts print one date, give or take a zone."""
    return copies.has_near_date(old, post) or _is_in_future(old, post)


def _has_same_moment(old: Post, post: Post) -> bool:
    return abs(old.published - post.published) < _A_MOMENT or _is_in_future(old, post)


def _is_in_future(old: Post, post: Post) -> bool:
    """Tell whether both dates lie in the future: they are kept as when the posts were seen."""
    return all(one.dated and one.published == one.first_seen for one in (old, post))


def _has_same_words(old: Post, post: Post) -> bool:
    if old.listing == post.listing:
        return True
    return estimate_similarity(old.sketch, sketch_text(post.document.text)) >= _SAME_TEXT


def _find_most_similar(post: Post, candidates: Iterable[Post]) -> Post | None:
    scored = ((estimate_similarity(post.sketch, old.sketch), old) for old in candidates)
    best = max(scored, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] >= _SAME_TEXT else None


def _make_post_id(post: Post, *, own: bool) -> str:
    name = (_make_guid_key(post) if own else "") or _make_post_link_key(post) or post.listing
    return sha256(f"{post.source}\0{name}".encode()).hexdigest()[:32]


def _make_salted_id(name: str, post: Post) -> str:
    salt = f"{name}\0{post.url}\0{post.listing}\0{post.first_seen.isoformat()}"
    return sha256(salt.encode("utf-8", "replace")).hexdigest()[:32]


def _make_key(kind: str, text: str) -> str:
    return kind + blake2b(text.encode("utf-8", "replace"), digest_size=10).hexdigest()


def _make_guid_key(post: Post) -> str:
    guid = post.guid.strip()
    return _make_key("g", guid) if guid else ""


def _make_post_link_key(post: Post) -> str:
    return make_link_key(post.url)


def make_link_key(url: str) -> str:
    """Return the key that the post at *url* is found by, "" where that is no address."""
    parts = urlsplit(canonicalize_url(url))
    path = parts.path.removesuffix("/index.html").rstrip("/")
    host = parts.netloc.removeprefix("www.")
    return _make_key("l", f"{host}{path}?{parts.query}") if host else ""


def _make_title_key(post: Post) -> str:
    title = copies.extract_letters(post.title)
    return _make_key("t", title) if title else ""


def _make_slug_key(post: Post) -> str:
    parts = urlsplit(canonicalize_url(post.url))
    path = parts.path.removesuffix("/index.html").rstrip("/")
    last = path.rpartition("/")[2]
    return _make_key("s", f"{last}?{parts.query}") if last or parts.query else ""
