"""Sources in parallel -> posts in the store: who is new, who changed, who was left out and why."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from itertools import groupby

from digest.model import Batch, Collected, Failed, Fetched, Post
from digest.ports import Feeds, Posts, Source
from digest.text.embeds import canonical

_WORKERS = 8
Progress = Callable[[int, int], None]


def collect(
    sources: Sequence[Source], feeds: Feeds, posts: Posts, *, now: datetime
) -> tuple[Collected, ...]:
    """Poll all *sources* and save what is new or changed, as the feed gives it; fetch no page.

    A source that fails says so in its own result and never stops another.
    """
    with ThreadPoolExecutor(_WORKERS) as pool:
        found = list(pool.map(lambda one: _poll(one, feeds, now), sources))
    return tuple(_store(one, feeds, posts, now) for one in found)


def complete(
    sources: Sequence[Source],
    feeds: Feeds,
    batch: Sequence[Post],
    *,
    progress: Progress | None = None,
) -> tuple[Post, ...]:
    """Return *batch* with full texts; what was not tried before is fetched and saved.

    A post whose ``text_from`` is "feed" and whose ``note`` is empty was not tried yet.
    *progress* is told how many posts are done, of how many.
    """
    named = {source.name: source for source in sources}
    wanting = [p for p in batch if p.text_from == "feed" and not p.note and p.source in named]
    done: dict[str, Post] = {}
    with ThreadPoolExecutor(_WORKERS) as pool:
        for count, post in enumerate(pool.map(lambda p: named[p.source].complete(p), wanting), 1):
            done[post.id] = post
            if progress is not None:
                progress(count, len(wanting))
    ordered = sorted(done.values(), key=lambda post: post.source)
    for source, several in groupby(ordered, key=lambda post: post.source):
        feeds.commit(source, tuple(several))
    return tuple(done.get(post.id, post) for post in batch)


def _poll(source: Source, feeds: Feeds, now: datetime) -> Fetched:
    try:
        return source.poll(feeds.validators(source.name), now)
    except Exception as error:  # one broken adapter must not lose the others' posts
        return Failed(source=source.name, cause=f"{type(error).__name__}: {error}")


def _store(found: Fetched, feeds: Feeds, posts: Posts, now: datetime) -> Collected:
    if isinstance(found, Failed):
        return Collected(source=found.source, failed=found)
    if not isinstance(found, Batch):
        return Collected(source=found.source)
    known = posts.known(found.source)
    result = _sorted(found, known, now)
    feeds.commit(found.source, (*result.new, *result.changed), found.validators, found.about)
    return result


def _sorted(batch: Batch, known: Mapping[str, Post], now: datetime) -> Collected:
    """Tell the new from the changed and the unchanged posts of *batch*."""
    last = max((post.first_seen for post in known.values()), default=None)
    new: dict[str, Post] = {}
    changed: list[Post] = []
    for post in _identified(batch.posts):
        old = known.get(post.id)
        if old is None:
            new.setdefault(post.id, _arrived(post, last, now))
        elif old.listing != post.listing:
            changed.append(_edited(old, post))
    count = len({post.id for post in _identified(batch.posts)}) - len(new) - len(changed)
    return Collected(
        source=batch.source,
        new=tuple(new.values()),
        changed=tuple(changed),
        unchanged=count,
        skipped=batch.skipped,
        warnings=batch.warnings,
    )


def _identified(posts: Iterable[Post]) -> Iterable[Post]:
    for post in posts:
        yield replace(post, id=identity(post.source, post.url))


def identity(source: str, url: str) -> str:
    """Return the id of the post of *source* at *url*."""
    return sha256(f"{source}\0{canonical(url)}".encode()).hexdigest()[:32]


def _arrived(post: Post, last: datetime | None, now: datetime) -> Post:
    """Return the new *post* with its times: it is new to readers when it was first to be read.

    On the first poll, and after it where the date is younger than the poll before, that is the
    date it prints; one that arrives late or back-dated is new when it was first seen.
    """
    published = min(post.published, now)
    late = last is not None and published <= last
    return replace(post, published=published, first_seen=now, new_at=now if late else published)


def _edited(old: Post, post: Post) -> Post:
    """Return *post* as an edit of *old*: an edit is never news."""
    return replace(post, published=old.published, first_seen=old.first_seen, new_at=old.new_at)
