"""Feeds and posts: what is known of each source, and every post with its text.

What posts said before they were edited: kept when an edit takes its place, at most ten each.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Connection, Engine, and_, delete, func, insert, or_, select, update

from digest.model import (
    HELD_TIME,
    CacheValidators,
    Document,
    FeedInfo,
    FeedState,
    GeneratedIssue,
    Period,
    Post,
    Version,
)
from digest.store.engine import raise_store_errors, upsert_rows
from digest.store.schema import fates, generated, keys, posts, sources
from digest.store.schema import post_versions as table
from digest.text.post_identity import WHOLE_TEXT, make_link_key
from digest.text.post_identity import list_post_keys as keys_of

_KEPT = 10
_VERSIONS_AT_ONCE = 200  # two variables a post, in one statement
_decode_version_document = msgspec.json.Decoder(Document).decode
_decode_version_post = msgspec.json.Decoder(Post).decode


def keep_versions(connection: Connection, batch: Sequence[Post], now: datetime) -> None:
    """Keep what the stored posts say that *batch* is about to change, before it does.

    That a post's page was read, after its feed had listed it, is no edit. A text that comes back
    is the post's own again, and no version.
    """
    for start in range(0, len(batch), _VERSIONS_AT_ONCE):
        some = {post.id: post for post in batch[start : start + _VERSIONS_AT_ONCE]}
        rows = list(_list_replaced_rows(connection, some, now))
        upsert_rows(connection, table, rows)
        back = (and_(table.c.post == p.id, table.c.hash == p.content_hash) for p in some.values())
        connection.execute(delete(table).where(or_(*back)))
        for row in rows:
            _drop_old_versions(connection, str(row["post"]))


def list_versions(connection: Connection, post: str) -> tuple[Version, ...]:
    """Return the versions of the post with the id *post*, newest first."""
    columns = table.c.hash, table.c.replaced, table.c.title, table.c.document
    query = select(*columns).where(table.c.post == post)
    query = query.order_by(table.c.replaced.desc(), table.c.hash)
    return tuple(
        Version(hash=hash_, replaced=replaced, title=title, document=_decode_version_document(body))
        for hash_, replaced, title, body in connection.execute(query)
    )


def _list_replaced_rows(
    connection: Connection, fresh: dict[str, Post], now: datetime
) -> Iterator[dict[str, object]]:
    """Yield a row for each stored post whose text one of *fresh* replaces."""
    query = select(posts.c.id, posts.c.content_hash, posts.c.head, posts.c.document)
    changed = (
        and_(posts.c.id == post.id, posts.c.content_hash != post.content_hash)
        for post in fresh.values()
    )
    for name, mark, head, body in connection.execute(query.where(or_(*changed))):
        old = _decode_version_post(head)
        if old.text_from == "feed" and fresh[name].text_from != "feed":
            continue
        yield {"post": name, "hash": mark, "replaced": now, "title": old.title, "document": body}


def _drop_old_versions(connection: Connection, post: str) -> None:
    newest = select(table.c.hash).where(table.c.post == post)
    newest = newest.order_by(table.c.replaced.desc(), table.c.hash).offset(_KEPT).limit(1000)
    surplus = list(connection.execute(newest).scalars())
    if surplus:
        gone = delete(table).where(table.c.post == post, table.c.hash.in_(surplus))
        connection.execute(gone)


_encode = msgspec.json.Encoder().encode
_decode_post = msgspec.json.Decoder(Post).decode
_decode_document = msgspec.json.Decoder(Document).decode
_decode_feed_state = msgspec.json.Decoder(FeedState).decode
_generated = msgspec.json.Decoder(GeneratedIssue).decode
_of_whole_text = keys.c.key.like(f"{WHOLE_TEXT}%")
_AT_ONCE = 500  # keys in one query: SQLite bounds the variables of a statement


def _read_clock() -> datetime:
    return datetime.now(UTC)


class PostStore:
    """Meets the ports ``Feeds`` and ``Posts`` on one engine."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = _read_clock) -> None:
        self._engine = engine
        self._clock = clock

    def validators(self, source: str) -> CacheValidators:
        """Return what *source* gave at its last successful poll; empty if it never answered."""
        return CacheValidators(**self._remembered(source, CacheValidators.__slots__))

    def about(self, source: str) -> FeedInfo:
        """Return what *source* said of itself; empty if it never answered."""
        return FeedInfo(**self._remembered(source, FeedInfo.__slots__))

    def _remembered(self, source: str, columns: Sequence[str]) -> dict[str, str]:
        query = select(*(sources.c[name] for name in columns)).where(sources.c.name == source)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return dict(row) if row else {}

    def commit(
        self,
        source: str,
        batch: Sequence[Post],
        validators: CacheValidators | None = None,
        about: FeedInfo | None = None,
        standing: FeedState | None = None,
    ) -> None:
        """Save *batch* (new or changed posts) and what is not None of the rest, all or nothing."""
        fresh: dict[str, object] = {**_encode_fields(validators), **_encode_fields(about)}
        if standing is not None:
            fresh["standing"] = _encode(standing)
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            known = select(sources).where(sources.c.name == source)
            found = connection.execute(known).mappings().first()
            row = dict(found) if found else {}
            if fresh or not row:
                blank = {
                    **_encode_fields(CacheValidators()),
                    **_encode_fields(FeedInfo()),
                    "standing": None,
                }
                upsert_rows(connection, sources, [{"name": source, **blank, **row, **fresh}])
            keep_versions(connection, batch, self._clock())
            upsert_rows(connection, posts, [_encode_post(post) for post in batch])
            _index_posts(connection, batch)

    def names(self) -> tuple[str, ...]:
        """Return the names of all sources that ever answered."""
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return tuple(connection.execute(select(sources.c.name)).scalars())

    def rename(self, old: str, new: str) -> None:
        """Let *new*, of which nothing is known, have all that is known of the source *old*.

        What issues were made from is noted anew, too: their editors go on with the same posts.
        """
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            row = connection.execute(select(sources).where(sources.c.name == old)).mappings().one()
            upsert_rows(connection, sources, [{**row, "name": new}])
            mine = select(posts.c.id, posts.c.head).where(posts.c.source == old)
            for name, head in connection.execute(mine).all():
                values = {"source": new, "head": _encode(replace(_decode_post(head), source=new))}
                connection.execute(update(posts).where(posts.c.id == name).values(values))
            connection.execute(update(keys).where(keys.c.source == old).values(source=new))
            connection.execute(delete(sources).where(sources.c.name == old))
            for issue, content in connection.execute(select(generated)).all():
                made = _generated(content)
                if old in made.sources:
                    names = tuple(new if name == old else name for name in made.sources)
                    mended = {"content": _encode(replace(made, sources=names))}
                    connection.execute(
                        update(generated).where(generated.c.issue == issue).values(mended)
                    )

    def standing(self, source: str) -> FeedState:
        """Return how things stand with *source* since its last poll."""
        query = select(sources.c.standing).where(sources.c.name == source)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            found = connection.execute(query).scalar()
        return _decode_feed_state(found) if found else FeedState()

    def count(self, source: str) -> int:
        """Return how many posts of *source* are stored."""
        query = select(func.count()).select_from(posts).where(posts.c.source == source)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return connection.execute(query).scalar() or 0

    def matching(self, source: str, wanted: Collection[str]) -> Mapping[str, tuple[Post, ...]]:
        """Return the posts of *source* that have one of the keys *wanted*, by key."""
        asked, names = sorted(set(wanted)), defaultdict[str, list[str]](list)
        heads: dict[str, Post] = {}
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            for start in range(0, len(asked), _AT_ONCE):
                some = asked[start : start + _AT_ONCE]
                query = select(keys.c.key, keys.c.post)
                query = query.where(keys.c.source == source, keys.c.key.in_(some))
                for key, name in connection.execute(query):
                    names[key].append(name)
            missing = sorted({name for several in names.values() for name in several})
            for start in range(0, len(missing), _AT_ONCE):
                some = missing[start : start + _AT_ONCE]
                query = select(posts.c.head).where(posts.c.id.in_(some))
                found = (_decode_post(head) for head in connection.execute(query).scalars())
                heads.update({post.id: post for post in found})
        return {key: tuple(heads[name] for name in several) for key, several in names.items()}

    def known(self, source: str) -> Mapping[str, Post]:
        """Return all posts of *source* by id, without their documents."""
        query = select(posts.c.head).where(posts.c.source == source)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            found = (_decode_post(head) for head in connection.execute(query).scalars())
            return {post.id: post for post in found}

    def whole(self, names: Collection[str]) -> tuple[Post, ...]:
        """Return the posts with the ids *names*, documents included."""
        wanted, found = sorted(set(names)), []
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                query = select(posts.c.head, posts.c.document)
                some = query.where(posts.c.id.in_(wanted[start : start + _AT_ONCE]))
                found += [(_decode_post(head), body) for head, body in connection.execute(some)]
        return tuple(replace(post, document=_decode_document(body)) for post, body in found)

    def held(self, source: str) -> tuple[Post, ...]:
        """Return the posts of *source* that wait for a person, documents included."""
        query = select(posts.c.head, posts.c.document).order_by(posts.c.published, posts.c.id)
        query = query.where(posts.c.source == source, posts.c.new_at == HELD_TIME)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(
            replace(_decode_post(head), document=_decode_document(body)) for head, body in rows
        )

    def newest(
        self, source: str = "", *, held: bool = False, most: int = 50
    ) -> tuple[int, tuple[Post, ...]]:
        """Return how many posts there are and the *most* newest of them, newest first."""
        wanted = [posts.c.source == source] if source else []
        wanted += [posts.c.new_at == HELD_TIME] if held else []
        count = select(func.count()).select_from(posts).where(*wanted)
        query = select(posts.c.head).where(*wanted).limit(most)
        query = query.order_by(posts.c.published.desc(), posts.c.id)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            heads = connection.execute(query).scalars()
            found = tuple(_decode_post(head) for head in heads)
            return connection.execute(count).scalar() or 0, found

    def versions(self, url: str) -> tuple[tuple[Post, tuple[Version, ...]], ...]:
        """Return the posts at *url*, documents included, with what each said before."""
        query = select(posts.c.head, posts.c.document).join(keys, keys.c.post == posts.c.id)
        query = query.where(keys.c.key == make_link_key(url)).order_by(posts.c.source, posts.c.id)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            rows = connection.execute(query).all()
            found = [
                replace(_decode_post(head), document=_decode_document(body)) for head, body in rows
            ]
            return tuple((post, list_versions(connection, post.id)) for post in found)

    def within(self, names: Sequence[str], period: Period) -> tuple[Post, ...]:
        """Return the posts that became new to readers in *period* or are dated in it.

        One that arrived late is of the period it arrived in and of the one it is dated in: until
        an approved issue tells it, both may. Oldest first, documents included; held posts wait.
        """
        arrived = and_(posts.c.new_at >= period.start, posts.c.new_at < period.end)
        dated = and_(posts.c.published >= period.start, posts.c.published < period.end)
        query = (
            select(posts.c.head, posts.c.document)
            .where(posts.c.source.in_(names))
            .where(or_(arrived, and_(dated, posts.c.new_at > HELD_TIME)))
            .order_by(posts.c.new_at, posts.c.id)
        )
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(
            replace(_decode_post(head), document=_decode_document(body)) for head, body in rows
        )

    def undecided(
        self, names: Sequence[str], since: datetime, until: datetime, edition: str, besides: str
    ) -> tuple[Post, ...]:
        """Return the posts new since *since* and dated before *until* without a fate in *edition*.

        What the issue *besides* decided does not count. Oldest first, documents included; held
        posts wait.
        """
        decided = select(fates.c.post).where(
            fates.c.edition == edition, fates.c.post == posts.c.id, fates.c.issue != besides
        )
        query = (
            select(posts.c.head, posts.c.document)
            .where(posts.c.source.in_(names))
            .where(posts.c.new_at >= since, posts.c.published < until, ~decided.exists())
            .order_by(posts.c.new_at, posts.c.id)
        )
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(
            replace(_decode_post(head), document=_decode_document(body)) for head, body in rows
        )


def _encode_fields(value: CacheValidators | FeedInfo | None) -> dict[str, str]:
    return {name: getattr(value, name) for name in value.__slots__} if value else {}


def _index_posts(connection: Connection, batch: Sequence[Post]) -> None:
    """Note what *batch* is found by; an edited post stays found by its whole text of before."""
    names = [post.id for post in batch]
    unread = {post.id for post in batch if post.text_from == "feed"}
    lasting: set[str] = set()
    for start in range(0, len(names), _AT_ONCE):
        mine = keys.c.post.in_(names[start : start + _AT_ONCE])
        known = select(keys.c.post).where(mine, _of_whole_text).distinct()
        lasting |= unread.intersection(connection.execute(known).scalars())
        kept = keys.c.post.in_(lasting.intersection(names[start : start + _AT_ONCE]))
        connection.execute(delete(keys).where(mine, ~and_(_of_whole_text, kept)))
    rows = [
        {"source": post.source, "key": key, "post": post.id}
        for post in batch
        for key in keys_of(post)
        if not (post.id in lasting and key.startswith(WHOLE_TEXT))
    ]
    if rows:
        connection.execute(insert(keys), rows)


def _encode_post(post: Post) -> dict[str, object]:
    return {
        "id": post.id,
        "source": post.source,
        "new_at": post.new_at or post.published,
        "published": post.published,
        "content_hash": post.content_hash,
        "head": _encode(replace(post, document=Document())),
        "document": _encode(post.document),
    }
