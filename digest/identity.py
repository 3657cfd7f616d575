"""Which post is which: the same post keeps its id through edits, moves, renames and new guids.

A guid that is unique in its feed tells first, then the canonical link, then title and date. What
is left is the old post under a new host, if at least 80 % of what was known reappears there; or a
copy, if a sample of its clauses says so. All pure: the store is asked through ``find``.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b, sha256
from unicodedata import normalize
from urllib.parse import urlsplit
from zlib import crc32

from digest.model import Post
from digest.text.embeds import canonical

Find = Callable[[Collection[str]], Mapping[str, tuple[Post, ...]]]

_CLAUSE = re.compile(r"[^\w\s]+|\n")
_LETTERS = re.compile(r"[\W_]+")
_MIN_CLAUSE = 5
_SAMPLE = 32
_PROBES = 6
_MIN_SAMPLE = 8
_SAME_TEXT = 0.8
_SAME_SITE = 0.8
_NEAR = timedelta(hours=36)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A post of a batch with its id: ``old`` is what was stored of it, None where it is new.

    ``copy_of`` is the post, stored or of the batch, whose text it repeats.
    """

    post: Post
    old: Post | None = None
    copy_of: Post | None = None


def sketch(text: str) -> tuple[int, ...]:
    """Return the smallest hashes of the clauses of *text*: a sample to compare texts by."""
    clauses = (_LETTERS.sub("", part) for part in _CLAUSE.split(normalize("NFKC", text).lower()))
    hashes = {crc32(c.encode("utf-8", "replace")) for c in clauses if len(c) >= _MIN_CLAUSE}
    return tuple(sorted(hashes)[:_SAMPLE])


def sketched(post: Post) -> Post:
    """Return *post* with its sketch, made of its text where its source made none."""
    return post if post.sketch else replace(post, sketch=sketch(post.document.text))


def similarity(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the estimated share of clauses that two texts have in common (bottom-k sketches)."""
    together = sorted({*one, *other})[:_SAMPLE]
    if min(len(one), len(other)) < _MIN_SAMPLE:
        return 0.0
    both = {*one} & {*other}
    return sum(value in both for value in together) / len(together)


def keys(post: Post) -> tuple[str, ...]:
    """Return the keys a post is found by: id, guid, link, title, slug, clauses."""
    probes = (f"c{value:08x}" for value in post.sketch[:_PROBES])
    found = (f"i{post.id}", _guid(post), _link(post), _titled(post), _slug(post), *probes)
    return tuple(dict.fromkeys(key for key in found if key))


def same_post(post: Post) -> tuple[str, ...]:
    """Return the keys by which another source's post is known to be this one."""
    return tuple(key for key in (_link(post),) if key)


def section(url: str) -> str:
    """Return the part of the site that *url* is in: host and path without the last segment."""
    parts = urlsplit(canonical(url))
    return f"{parts.netloc}{parts.path.rstrip('/').rpartition('/')[0]}"


def identify(batch: Iterable[Post], find: Find, known: int) -> list[Match]:
    """Return every post of *batch* once, with its id and what was stored of it.

    *find* gives the stored posts that have one of some keys, *known* is how many are stored.
    """
    posts, guids = _distinct(batch)
    stored = find([key for post in posts for key in keys(post) if key[0] in "gltsi"])
    matched = _Matching(posts, guids, stored)
    for kind in (_guid, _link, _titled):
        matched.by(kind)
    matched.moved(known)
    rest = matched.sketch_the_rest()
    probes = find([key for post in rest for key in keys(post) if key[0] == "c"]) if rest else {}
    matched.renamed(probes)
    return matched.result(find)


def _distinct(batch: Iterable[Post]) -> tuple[list[Post], Counter[str]]:
    """Return each post of *batch* once, and how often each guid occurs in it.

    Two entries are one post if they share a guid and a link, or a link where no guid is their own.
    """
    posts = list(batch)
    guids = Counter(_guid(post) for post in posts)
    found: dict[str, Post] = {}
    for post in posts:
        own = _guid(post) if guids[_guid(post)] == 1 else ""
        found.setdefault(own or _link(post) or post.listing, post)
    return list(found.values()), guids


class _Matching:
    """The posts of one batch while they are told apart, the surest evidence first."""

    def __init__(
        self, posts: list[Post], guids: Counter[str], stored: Mapping[str, tuple[Post, ...]]
    ) -> None:
        self._posts = posts
        self._guids = guids
        self._stored = stored
        self._links = Counter(_link(post) for post in posts)
        self._titles = Counter(_titled(post) for post in posts)
        self._old: dict[int, Post] = {}
        self._copies: dict[int, Post] = {}
        self._taken: set[str] = set()

    def by(self, kind: Callable[[Post], str]) -> None:
        """Match what shares the key of *kind* with exactly one stored post, if it is its own."""
        for number, post in enumerate(self._posts):
            key = kind(post)
            if number in self._old or not key or not self._is_own(key):
                continue
            stored = (p for p in self._stored.get(key, ()) if p.id not in self._taken)
            candidates = [p for p in stored if key[0] != "t" or _same_day(p, post)]
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
        slugs = Counter(_slug(post) for post in self._posts)
        pairs = []
        for number, post in enumerate(self._posts):
            found = [p for p in self._stored.get(_slug(post), ()) if p.id not in self._taken]
            if number not in self._old and slugs[_slug(post)] == 1 and len(found) == 1:
                pairs.append((number, found[0]))
        enough = _SAME_SITE * min(len(self._posts) - len(self._old), known - len(self._taken))
        for number, old in pairs:
            if len(pairs) >= max(enough, 2) or old.title == self._posts[number].title:
                self._take(number, old)

    def sketch_the_rest(self) -> list[Post]:
        """Sketch the posts that are still new, and return them."""
        fresh = [number for number in range(len(self._posts)) if number not in self._old]
        for number in fresh:
            self._posts[number] = sketched(self._posts[number])
        return [self._posts[number] for number in fresh]

    def renamed(self, probes: Mapping[str, tuple[Post, ...]]) -> None:
        """Tell copies: of a stored post that is no longer listed (a rename), or of another one."""
        fresh: dict[str, list[int]] = {}
        for number, post in enumerate(self._posts):
            if number in self._old:
                continue
            old = _most_similar(post, _probed(post, probes))
            if old is not None and old.id not in self._taken:
                self._take(number, old)
            elif old is not None:
                self._copies[number] = old
            else:
                self._note_twin(number, post, fresh)

    def _note_twin(self, number: int, post: Post, fresh: dict[str, list[int]]) -> None:
        """Find *post*'s text among the other new posts; what has no title or comes later copies."""
        own = [key for key in keys(post) if key[0] == "c"]
        near = {other for key in own for other in fresh.get(key, ())}
        twin = next(
            (n for n in near if similarity(post.sketch, self._posts[n].sketch) >= _SAME_TEXT), None
        )
        for key in own:
            fresh.setdefault(key, []).append(number)
        if twin is None:
            return
        first, second = sorted((twin, number), key=lambda n: _rank(self._posts[n]))
        self._copies[second] = self._posts[first]

    def result(self, find: Find) -> list[Match]:
        """Return the matches; a new post gets an id that no other has."""
        made = [_fresh_id(post, own=self._guids[_guid(post)] == 1) for post in self._posts]
        used = {p.id for several in find([f"i{i}" for i in made]).values() for p in several}
        out = []
        for number, (post, name) in enumerate(zip(self._posts, made, strict=True)):
            old = self._old.get(number)
            fresh = _salted(name, post) if name in used else name
            named = replace(post, id=old.id if old is not None else fresh)
            out.append(Match(post=named, old=old, copy_of=self._copies.get(number)))
        return out


def _same_day(one: Post, other: Post) -> bool:
    """Tell whether two dates are near: one in the future is kept as the time it was first seen."""
    return abs(one.published - other.published) <= _NEAR


def _probed(post: Post, probes: Mapping[str, tuple[Post, ...]]) -> list[Post]:
    several = (p for key in keys(post) if key[0] == "c" for p in probes.get(key, ()))
    return list({p.id: p for p in several}.values())


def _most_similar(post: Post, candidates: Iterable[Post]) -> Post | None:
    scored = ((similarity(post.sketch, old.sketch), old) for old in candidates)
    best = max(scored, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] >= _SAME_TEXT else None


def _rank(post: Post) -> tuple[bool, float, int]:
    return not post.title, post.published.timestamp(), len(post.url)


def _fresh_id(post: Post, *, own: bool) -> str:
    name = (_guid(post) if own else "") or _link(post) or post.listing
    return sha256(f"{post.source}\0{name}".encode()).hexdigest()[:32]


def _salted(name: str, post: Post) -> str:
    return sha256(f"{name}\0{post.url}\0{post.first_seen.isoformat()}".encode()).hexdigest()[:32]


def _key(kind: str, text: str) -> str:
    return kind + blake2b(text.encode("utf-8", "replace"), digest_size=10).hexdigest()


def _guid(post: Post) -> str:
    guid = post.guid.strip()
    return _key("g", guid) if guid else ""


def _link(post: Post) -> str:
    return link_key(post.url)


def link_key(url: str) -> str:
    """Return the key that the post at *url* is found by, "" where that is no address."""
    parts = urlsplit(canonical(url))
    path = parts.path.removesuffix("/index.html").rstrip("/")
    host = parts.netloc.removeprefix("www.")
    return _key("l", f"{host}{path}?{parts.query}") if host else ""


def _titled(post: Post) -> str:
    title = _LETTERS.sub("", normalize("NFKC", post.title)).lower()
    return _key("t", title) if title else ""


def _slug(post: Post) -> str:
    parts = urlsplit(canonical(post.url))
    path = parts.path.removesuffix("/index.html").rstrip("/")
    last = path.rpartition("/")[2]
    return _key("s", f"{last}?{parts.query}") if last or parts.query else ""
