"""Sources in parallel -> posts in the store: who is new, who changed, who was left out and why.

What polling the sources came to, in words.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

from digest.model import (
    HELD_PREFIX,
    HELD_TIME,
    Batch,
    CacheValidators,
    Collected,
    Failed,
    FeedState,
    Fetched,
    Post,
    SourceMove,
    Unchanged,
)
from digest.model.errors import SourceError
from digest.model.ports.editorial import RETRY_PREFIX, Feeds, PagedSource, Posts, Source
from digest.text import copies, post_identity
from digest.text.post_identity import PostMatch

FLOODED = f"{HELD_PREFIX}it came in a flood"
UNDATED = f"{HELD_PREFIX}it has no date, and it was there before the first reading"
ONE_DATE = f"{HELD_PREFIX}it prints the same date as most posts of the blog"


def list_warnings(collected: Sequence[Collected]) -> Iterator[str]:
    """Yield what a person should know of the sources, those that failed first."""
    for one in collected:
        if one.failed:
            yield f"{one.source}: {one.failed.cause}. {one.failed.remedy}".rstrip()
    for one in collected:
        yield from one.warnings


def find_failure(collected: Sequence[Collected]) -> SourceError | None:
    """Return why there is nothing, where every source failed; None where one answered."""
    failed = [one.failed for one in collected if one.failed]
    if not failed or len(failed) < len(collected):
        return None
    return SourceError(failed[0].source, failed[0].cause, failed[0].remedy)


def held_warnings(source: str, held: Sequence[Post]) -> Iterator[str]:
    """Yield for each kind of reason how many posts wait for a person, with an example."""
    let_in = "Look: digest show posts --held. Let in: digest collect --release"
    if flooded := sum(post.note == FLOODED for post in held):
        why = "in a place or with dates that no post had before"
        yield f"{source}: {flooded} posts came at once, {why}; they are held back. {let_in}"
    if others := [post for post in held if post.note != FLOODED]:
        count = f"{len(others)} posts are" if len(others) > 1 else "1 post is"
        title, why = others[0].title, others[0].note.removeprefix(HELD_PREFIX)
        example = "such as" if len(others) > 1 else "it is"
        yield f"{source}: {count} held back, {example} “{title}”: {why}. {let_in} [URL]"


def rewritten_warning(old: Post, post: Post) -> str:
    """Return what to say of *post*, a new text with a new date in the place of *old*."""
    return (
        f"{post.source}: “{post.title}” of {post.published:%Y-%m-%d} was written over"
        f" “{old.title}” of {old.published:%Y-%m-%d}. An edit is no news by itself; to tell it:"
        f" digest draft --pin {post.url}"
    )


def list_unread_reasons(posts: Sequence[Post]) -> tuple[str, ...]:
    """Return a line for each reason why full texts are missing, with the number of posts."""
    reasons = Counter(post.note for post in posts if post.note and post.text_from == "feed")
    return tuple(
        f"{count} of {len(posts)} posts are told from the feed's text alone: {reason}"
        for reason, count in reasons.most_common()
    )


_WORKERS = 8
_SAVE_EVERY = 50
_SHARED_IMAGE = 3
_FLOOD, _FLOOD_SHARE = 20, 0.3
_LATELY = timedelta(days=14)
_FILTERED = "left out by the filter"
_SAME_SOURCE = 0.5  # of what it lists was listed by the source of before
_LONGEST_WAIT = timedelta(days=1)  # that a server can ask for; see http.client
_MOVE_POLLS, _MOVE_TIME = 3, timedelta(days=3)
Progress = Callable[[int, int], None]


def collect_sources(
    sources: Sequence[Source],
    feeds: Feeds,
    posts: Posts,
    *,
    now: datetime,
    since: datetime | None = None,
) -> tuple[Collected, ...]:
    """Poll all *sources* and save what is new or changed, as the feed gives it; fetch no page.

    A source that comes in pages is read back to *since*; one that begins later says so. A source
    that fails says so in its own result and never stops another. A post that another one
    of *sources* has already is a copy.
    """
    names = [source.name for source in sources]
    for name in names:
        _free_filtered(name, feeds, posts)
    before = [_up_to(now, feeds.standing(source.name)) for source in sources]
    memory = [feeds.validators(source.name) for source in sources]
    with ThreadPoolExecutor(_WORKERS) as pool:
        reaching = [_reach(source, since) for source in sources]
        found = list(pool.map(_poll_source, reaching, memory, before, [now] * len(sources)))
    before = [
        _taken_over(one, standing, feeds, posts, names)
        for one, standing in zip(found, before, strict=True)
    ]
    stored = (
        _store_batch(
            one, standing, feeds, posts, now, [name for name in names if name != one.source]
        )
        for one, standing in zip(found, before, strict=True)
    )
    return tuple(_with_gap(one, poll, since) for one, poll in zip(stored, found, strict=True))


def _reach(source: Source, since: datetime | None) -> Source:
    return source.reaching(since) if since and isinstance(source, PagedSource) else source


def _with_gap(result: Collected, found: Fetched, since: datetime | None) -> Collected:
    """Return *result*, with a warning where *found* begins after *since* and nothing was known."""
    known = result.unchanged or result.changed or result.moved
    if not isinstance(found, Batch) or not since or not found.begins or known:
        return result
    if found.begins <= since:
        return result
    gap = (
        f"{found.source}: the feed begins on {found.begins:%Y-%m-%d}, after the period does"
        f" ({since:%Y-%m-%d}): if there were posts before, they are not in it. From now on run"
        " digest collect in between, or give the blog's folder as a source"
    )
    return replace(result, warnings=(*result.warnings, gap))


def complete_texts(
    sources: Sequence[Source],
    feeds: Feeds,
    posts: Posts,
    batch: Sequence[Post],
    *,
    progress: Progress | None = None,
) -> tuple[Post, ...]:
    """Return *batch* with full texts; what was not tried before is fetched and saved.

    A post whose ``text_from`` is "feed" and whose ``note`` is empty was not tried yet.
    *progress* is told how many posts are done, of how many. What turns out to say what another
    post says is marked as its copy. No page is read of what its source's filter refuses.
    """
    named = {source.name: source for source in sources}
    wanting = [
        p for p in batch if _is_unread(p) and p.source in named and not named[p.source].refusal(p)
    ]
    done: dict[str, Post] = {}
    unsaved: list[Post] = []
    with ThreadPoolExecutor(_WORKERS) as pool:
        try:
            for post in pool.map(lambda one: named[one.source].complete(one), wanting):
                done[post.id] = _without_copy_mark(post)
                unsaved.append(_forget_passing_failure(post))
                if progress is not None:
                    progress(len(done), len(wanting))
                if len(unsaved) >= _SAVE_EVERY:
                    _save_texts(feeds, unsaved)
        finally:  # what was read is kept where a person stops it, too
            _save_texts(feeds, unsaved)
    copies = {post.id: post for post in _find_copies(list(done.values()), feeds, posts, named)}
    _save_texts(feeds, [_forget_passing_failure(post) for post in copies.values()])
    whole = (copies.get(post.id) or done.get(post.id, post) for post in batch)
    return tuple(_own_images(list(whole)))


def _is_unread(post: Post) -> bool:
    return post.text_from == "feed" and not post.note and not post.copy_of


def _find_copies(
    fresh: Sequence[Post], feeds: Feeds, posts: Posts, sources: Mapping[str, Source]
) -> Iterator[Post]:
    """Yield those of *fresh*, just read, that say what a stored post or another of them says.

    A stored one that was edited since its page was read is read again: whole texts decide.
    """
    wanted = [key for post in fresh for key in post_identity.list_text_keys(post)]
    several = (posts.matching(name, wanted) for name in sources) if wanted else ()
    heads = {post.id for found in several for group in found.values() for post in group}
    known = {post.id: post for post in posts.whole(heads - {post.id for post in fresh})}
    for post in [p for p in known.values() if _is_unread(p) and p.source in sources]:
        known[post.id] = _forget_passing_failure(sources[post.source].complete(post))
        _save_texts(feeds, [known[post.id]])
    return post_identity.list_copies(fresh, known.values())


def release_held(
    names: Sequence[str], feeds: Feeds, posts: Posts, *, urls: Collection[str], now: datetime
) -> tuple[Post, ...]:
    """Make the held posts of the sources *names* new to readers; return them.

    All, or those at *urls*, copies too; SourceError names one of *urls* where no post is held or a
    copy. They are new *now*, as posts that arrive late are, and of the period of their date too.
    """
    held = (post for name in names for post in posts.held(name))
    waiting = [post for post in held if post.note.startswith(HELD_PREFIX)] if not urls else []
    for url in urls:
        found = [
            post for post, _ in posts.versions(url) if post.copy_of or post.new_at == HELD_TIME
        ]
        if not found:
            remedy = "Look at those that are: digest show posts --held"
            raise SourceError(url, "no post of that address is held, or a copy", remedy)
        waiting += found
    freed = [replace(p, new_at=now, note="", copy_of="", released=True) for p in waiting]
    for name in dict.fromkeys(post.source for post in freed):
        feeds.commit(name, [post for post in freed if post.source == name])
    return tuple(freed)


def _without_copy_mark(post: Post) -> Post:
    return replace(post, note=post.note.removeprefix(RETRY_PREFIX))


def _forget_passing_failure(post: Post) -> Post:
    """Return *post* as it is saved: what failed only for now is tried again another time."""
    return replace(post, note="") if post.note.startswith(RETRY_PREFIX) else post


def _own_images(posts: Sequence[Post]) -> list[Post]:
    """Return *posts* without pictures that several share: those are the site's, not the post's."""
    seen = Counter(post.image.url for post in posts if post.image is not None)
    common = {url for url, count in seen.items() if count >= _SHARED_IMAGE}
    out = []
    for post in posts:
        if post.image is not None and post.image.url in common:
            own = (image for image in post.document.images if image.url not in common)
            out.append(replace(post, image=next(own, None)))
        else:
            out.append(post)
    return out


def _save_texts(feeds: Feeds, unsaved: list[Post]) -> None:
    several: defaultdict[str, list[Post]] = defaultdict(list)
    for post in _own_images(unsaved):
        several[post.source].append(post)
    for source, posts in several.items():
        feeds.commit(source, posts)
    unsaved.clear()


def _poll_source(
    source: Source, validators: CacheValidators, standing: FeedState, now: datetime
) -> Fetched:
    if standing.gone:
        remedy = "Take it out of digest.toml, or give its new address."
        return Failed(source=source.name, cause="it is gone for good (410)", remedy=remedy)
    if standing.wait_until and now < standing.wait_until:
        cause = f"its server asked to be left alone until {standing.wait_until:%Y-%m-%d %H:%M} UTC"
        return Failed(source=source.name, cause=cause, wait_until=standing.wait_until)
    try:
        return source.poll(validators, now, standing.adopted)
    except Exception as error:  # one broken adapter must not lose the others' posts
        return Failed(source=source.name, cause=f"{type(error).__name__}: {error}")


def _free_filtered(source: str, feeds: Feeds, posts: Posts) -> None:
    """Let go of what an earlier version held for a filter: filters are laid over what is stored."""
    held = [post for post in posts.held(source) if post.note.startswith(_FILTERED)]
    if held:
        feeds.commit(source, [replace(p, new_at=p.published, note="") for p in held])


def _taken_over(
    found: Fetched, standing: FeedState, feeds: Feeds, posts: Posts, names: Sequence[str]
) -> FeedState:
    """Return how things stand with a source, which may be a known one under a new name.

    A source without a name of its own is called by its address. One that nothing is known of, and
    lists for the most part what a source lists that is configured no more, is that source moved.
    """
    if standing.polled is not None or not isinstance(found, Batch):
        return standing
    for old in feeds.names():
        if old not in names and _is_moved(found, old, posts):
            feeds.rename(old, found.source)
            return feeds.standing(found.source)
    return standing


def _is_moved(found: Batch, old: str, posts: Posts) -> bool:
    known = posts.count(old)
    matches = post_identity.identify_posts(
        found.posts, lambda keys: posts.matching(old, keys), known
    )
    again = sum(match.old is not None for match in matches)
    return again >= max(1, _SAME_SOURCE * min(len(matches), known))


def _store_batch(
    found: Fetched,
    standing: FeedState,
    feeds: Feeds,
    posts: Posts,
    now: datetime,
    others: Sequence[str],
) -> Collected:
    """Save what *found* changes, in one transaction, and return what came of it."""
    if isinstance(found, Failed):
        after = replace(standing, wait_until=found.wait_until, gone=found.gone, adopted=None)
        if after != standing and not standing.gone:
            feeds.commit(found.source, (), standing=after)
        return Collected(source=found.source, failed=found)
    if isinstance(found, Unchanged):
        feeds.commit(
            found.source, (), standing=_update_feed_state(standing, found.move, now, alike=True)
        )
        return Collected(source=found.source)
    known = posts.count(found.source)
    matches = post_identity.identify_posts(
        found.posts, lambda keys: posts.matching(found.source, keys), known
    )
    result = _sort_batch(found, matches, known, standing, now)
    moved = () if found.partial else tuple(_list_moved(matches, posts))
    result = replace(result, moved=moved, unchanged=result.unchanged - len(moved))
    result = _without_doubles(result, posts, others)
    alike = known == 0 or any(match.old for match in matches)
    feeds.commit(
        found.source,
        (*result.new, *result.changed, *result.moved, *result.held, *result.copies),
        found.validators,
        found.about,
        _update_feed_state(standing, found.move, now, alike=alike),
    )
    return result


def _up_to(now: datetime, standing: FeedState) -> FeedState:
    """Return *standing* without the times after *now*: a clock that was ahead has noted them."""

    def past(moment: datetime | None) -> datetime | None:
        return moment if moment is None or moment <= now else None

    wait = standing.wait_until
    since = past(standing.since)
    return replace(
        standing,
        polled=past(standing.polled) or (since if standing.polled else None),
        since=since,
        moved_since=past(standing.moved_since),
        wait_until=None if wait and wait > now + _LONGEST_WAIT else wait,
    )


def _update_feed_state(
    standing: FeedState, move: SourceMove | None, now: datetime, *, alike: bool
) -> FeedState:
    """Return how things stand after a good poll.

    A permanent redirect is adopted after three polls over three days, if the posts there are
    those of before (*alike*): until then it may be a slip, or a thief.
    """
    since = standing.since or standing.polled or now
    fresh = replace(standing, polled=now, since=since, wait_until=None)
    if move is None or not alike:
        return replace(fresh, move=None, moved_since=None, moves=0)
    if move.settled:
        return replace(fresh, adopted=move)
    if move != standing.move:
        return replace(fresh, move=move, moved_since=now, moves=1)
    moves, since = standing.moves + 1, standing.moved_since or now
    held = moves >= _MOVE_POLLS and now - since >= _MOVE_TIME
    return replace(fresh, moves=moves, adopted=move if held else standing.adopted)


def _sort_batch(
    batch: Batch,
    matches: Sequence[PostMatch],
    known: int,
    standing: FeedState,
    now: datetime,
) -> Collected:
    """Tell the new from the changed, the unchanged and the held posts of *batch*."""
    fresh = [m.post for m in matches if m.old is None]
    if batch.partial:
        fresh = fresh[:-1]  # the last one may be cut
    changed = [] if batch.partial else list(_list_changed(matches, now))
    arrived = [_date_arrival(post, standing.polled, now) for post in fresh]
    if not known and not batch.by_hand:
        arrived = _one_date(arrived, now)
    flood = _find_flood([post for post in arrived if post.new_at != HELD_TIME], matches, known, now)
    arrived = [_hold_post(post, FLOODED) if post.id in flood else post for post in arrived]
    held = tuple(post for post in arrived if post.new_at == HELD_TIME)
    rewritten = [
        m for m in matches if m.old is not None and post_identity.is_rewritten(m.old, m.post)
    ]
    return Collected(
        source=batch.source,
        new=tuple(post for post in arrived if post.new_at != HELD_TIME),
        changed=tuple(changed),
        unchanged=sum(match.old is not None for match in matches) - len(changed),
        held=held,
        skipped=batch.skipped,
        warnings=(
            *batch.warnings,
            *held_warnings(batch.source, held),
            *(rewritten_warning(m.old, m.post) for m in rewritten if m.old is not None),
        ),
    )


def _list_changed(matches: Iterable[PostMatch], now: datetime) -> Iterator[Post]:
    """Yield what its source lists otherwise than before: an edit is never news."""
    for match in matches:
        old, post = match.old, match.post
        if old and (
            old.listing != post.listing
            or old.first_seen > now
            or post_identity.has_gained_date(old, post)
        ):
            yield _dated_as(old, post, now)


def _list_moved(matches: Sequence[PostMatch], posts: Posts) -> Iterator[Post]:
    """Yield the stored posts that have a new address and nothing else, with what was read."""
    fresh = {
        m.old.id: m.post for m in matches if m.old and post_identity.is_only_moved(m.old, m.post)
    }
    for post in posts.whole(fresh) if fresh else ():
        yield replace(post, url=fresh[post.id].url, guid=fresh[post.id].guid)


def _dated_as(old: Post, post: Post, now: datetime) -> Post:
    """Return *post* with the times of *old*; one that was held for its date takes its own.

    A time after *now* is that of a clock that was ahead.
    """
    fresh = replace(post_identity.add_sketch(post), first_seen=min(old.first_seen, now))
    if post_identity.has_gained_date(old, post):
        return replace(fresh, new_at=fresh.published)
    note = old.note if old.new_at == HELD_TIME else ""
    fresh = replace(fresh, copy_of=old.copy_of, released=old.released)
    published, new_at = min(old.published, now), min(old.new_at, now) if old.new_at else old.new_at
    return replace(fresh, published=published, dated=old.dated, new_at=new_at, note=note)


def _date_arrival(post: Post, polled: datetime | None, now: datetime) -> Post:
    """Return the new *post* with its times: it is new to readers when it was first to be read.

    On the first poll, and after it where the date is younger than the poll before, that is the
    date it prints; one that arrives late or back-dated is new when it was first seen. Where its
    date cannot be read, or there is none to tell how old it was at the first poll, it is held.
    """
    published = min(post.published, now)
    post = replace(post, published=published, first_seen=now)
    if post.new_at == HELD_TIME or (polled is None and not post.dated):
        return _hold_post(post, post.note or UNDATED)
    late = polled is not None and published <= polled
    return replace(post, new_at=now if late else published)


def _one_date(arrived: list[Post], now: datetime) -> list[Post]:
    """Hold the posts of a first poll that share one date of late: it is that of a rebuild."""
    lately = (p for p in arrived if now - _LATELY < p.published < p.first_seen)
    shared = Counter(post.published for post in lately if post.dated)
    date, count = shared.most_common(1)[0] if shared else (None, 0)
    if count <= max(_FLOOD, _FLOOD_SHARE * len(arrived)):
        return arrived
    return [_hold_post(p, ONE_DATE) if p.dated and p.published == date else p for p in arrived]


def _find_flood(
    arrived: Sequence[Post], matches: Sequence[PostMatch], known: int, now: datetime
) -> frozenset[str]:
    """Return the ids of new posts that are too many at once to be a blog's new posts.

    Suspect is what arrives late or in a part of the site where no known post is; more than 20 of
    these, and than 30 % of what is stored, wait for a person, and so does a doubling of the blog.
    """
    if not known:
        return frozenset()
    sections = {post_identity.find_site_section(m.old.url) for m in matches if m.old is not None}
    sections |= {post_identity.find_site_section(m.post.url) for m in matches if m.old is not None}
    strange = [
        post
        for post in arrived
        if post.new_at == now
        or (sections and post_identity.find_site_section(post.url) not in sections)
    ]
    if len(strange) <= max(_FLOOD, _FLOOD_SHARE * known):
        strange = []
    if len(arrived) - len(strange) > max(2 * _FLOOD, known):
        return frozenset(post.id for post in arrived)
    return frozenset(post.id for post in strange)


def _hold_post(post: Post, why: str) -> Post:
    return replace(post, new_at=HELD_TIME, note=why)


def _without_doubles(found: Collected, posts: Posts, others: Sequence[str]) -> Collected:
    """Return *found* with those of its new posts as copies that one of the *others* has too."""
    originals: dict[str, str] = {}
    for source in others:
        stored = posts.matching(
            source, [k for p in found.new for k in post_identity.list_same_post_keys(p)]
        )
        for post in found.new:
            several = [
                one
                for key in post_identity.list_same_post_keys(post)
                for one in stored.get(key, ())
            ]
            for one in several:
                if not one.copy_of and copies.extract_letters(one.title) == copies.extract_letters(
                    post.title
                ):
                    originals.setdefault(post.id, one.url)
    return replace(
        found,
        new=tuple(post for post in found.new if post.id not in originals),
        copies=tuple(
            replace(post, copy_of=originals[post.id]) for post in found.new if post.id in originals
        ),
    )
