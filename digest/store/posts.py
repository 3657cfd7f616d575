"""Feeds and posts: what is known of each source, and every post with its text."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Connection, Engine, and_, delete, func, insert, or_, select

from digest.identity import keys as keys_of
from digest.identity import link_key
from digest.model import HELD, About, Document, Period, Post, Standing, Validators, Version
from digest.store import versions
from digest.store.engine import guarded
from digest.store.schema import fates, keys, posts, sources
from digest.store.upsert import upsert

_encode = msgspec.json.Encoder().encode
_post = msgspec.json.Decoder(Post).decode
_document = msgspec.json.Decoder(Document).decode
_standing = msgspec.json.Decoder(Standing).decode
_AT_ONCE = 500  # keys in one query: SQLite bounds the variables of a statement


def _now() -> datetime:
    return datetime.now(UTC)


class PostStore:
    """Meets the ports ``Feeds`` and ``Posts`` on one engine."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = _now) -> None:
        self._engine = engine
        self._clock = clock

    def validators(self, source: str) -> Validators:
        """Return what *source* gave at its last successful poll; empty if it never answered."""
        return Validators(**self._remembered(source, Validators.__slots__))

    def about(self, source: str) -> About:
        """Return what *source* said of itself; empty if it never answered."""
        return About(**self._remembered(source, About.__slots__))

    def _remembered(self, source: str, columns: Sequence[str]) -> dict[str, str]:
        query = select(*(sources.c[name] for name in columns)).where(sources.c.name == source)
        with guarded(self._engine), self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return dict(row) if row else {}

    def commit(
        self,
        source: str,
        batch: Sequence[Post],
        validators: Validators | None = None,
        about: About | None = None,
        standing: Standing | None = None,
    ) -> None:
        """Save *batch* (new or changed posts) and what is not None of the rest, all or nothing."""
        fresh: dict[str, object] = {**_fields(validators), **_fields(about)}
        if standing is not None:
            fresh["standing"] = _encode(standing)
        with guarded(self._engine), self._engine.begin() as connection:
            known = select(sources).where(sources.c.name == source)
            found = connection.execute(known).mappings().first()
            row = dict(found) if found else {}
            if fresh or not row:
                blank = {**_fields(Validators()), **_fields(About()), "standing": None}
                upsert(connection, sources, [{"name": source, **blank, **row, **fresh}])
            versions.keep(connection, batch, self._clock())
            upsert(connection, posts, [_row(post) for post in batch])
            _index(connection, batch)

    def standing(self, source: str) -> Standing:
        """Return how things stand with *source* since its last poll."""
        query = select(sources.c.standing).where(sources.c.name == source)
        with guarded(self._engine), self._engine.connect() as connection:
            found = connection.execute(query).scalar()
        return _standing(found) if found else Standing()

    def count(self, source: str) -> int:
        """Return how many posts of *source* are stored."""
        query = select(func.count()).select_from(posts).where(posts.c.source == source)
        with guarded(self._engine), self._engine.connect() as connection:
            return connection.execute(query).scalar() or 0

    def matching(self, source: str, wanted: Collection[str]) -> Mapping[str, tuple[Post, ...]]:
        """Return the posts of *source* that have one of the keys *wanted*, by key."""
        asked, names = sorted(set(wanted)), defaultdict[str, list[str]](list)
        heads: dict[str, Post] = {}
        with guarded(self._engine), self._engine.connect() as connection:
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
                found = (_post(head) for head in connection.execute(query).scalars())
                heads.update({post.id: post for post in found})
        return {key: tuple(heads[name] for name in several) for key, several in names.items()}

    def known(self, source: str) -> Mapping[str, Post]:
        """Return all posts of *source* by id, without their documents."""
        query = select(posts.c.head).where(posts.c.source == source)
        with guarded(self._engine), self._engine.connect() as connection:
            found = (_post(head) for head in connection.execute(query).scalars())
            return {post.id: post for post in found}

    def whole(self, names: Collection[str]) -> tuple[Post, ...]:
        """Return the posts with the ids *names*, documents included."""
        wanted, found = sorted(set(names)), []
        with guarded(self._engine), self._engine.connect() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                query = select(posts.c.head, posts.c.document)
                some = query.where(posts.c.id.in_(wanted[start : start + _AT_ONCE]))
                found += [(_post(head), body) for head, body in connection.execute(some)]
        return tuple(replace(post, document=_document(body)) for post, body in found)

    def held(self, source: str) -> tuple[Post, ...]:
        """Return the posts of *source* that wait for a person, documents included."""
        query = select(posts.c.head, posts.c.document).order_by(posts.c.published, posts.c.id)
        query = query.where(posts.c.source == source, posts.c.new_at == HELD)
        with guarded(self._engine), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(replace(_post(head), document=_document(body)) for head, body in rows)

    def newest(
        self, source: str = "", *, held: bool = False, most: int = 50
    ) -> tuple[int, tuple[Post, ...]]:
        """Return how many posts there are and the *most* newest of them, newest first."""
        wanted = [posts.c.source == source] if source else []
        wanted += [posts.c.new_at == HELD] if held else []
        count = select(func.count()).select_from(posts).where(*wanted)
        query = select(posts.c.head).where(*wanted).limit(most)
        query = query.order_by(posts.c.published.desc(), posts.c.id)
        with guarded(self._engine), self._engine.connect() as connection:
            heads = connection.execute(query).scalars()
            found = tuple(_post(head) for head in heads)
            return connection.execute(count).scalar() or 0, found

    def versions(self, url: str) -> tuple[tuple[Post, tuple[Version, ...]], ...]:
        """Return the posts at *url*, documents included, with what each said before."""
        query = select(posts.c.head, posts.c.document).join(keys, keys.c.post == posts.c.id)
        query = query.where(keys.c.key == link_key(url)).order_by(posts.c.source, posts.c.id)
        with guarded(self._engine), self._engine.connect() as connection:
            rows = connection.execute(query).all()
            found = [replace(_post(head), document=_document(body)) for head, body in rows]
            return tuple((post, versions.of(connection, post.id)) for post in found)

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
            .where(or_(arrived, and_(dated, posts.c.new_at > HELD)))
            .order_by(posts.c.new_at, posts.c.id)
        )
        with guarded(self._engine), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(replace(_post(head), document=_document(body)) for head, body in rows)

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
        with guarded(self._engine), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(replace(_post(head), document=_document(body)) for head, body in rows)


def _fields(value: Validators | About | None) -> dict[str, str]:
    return {name: getattr(value, name) for name in value.__slots__} if value else {}


def _index(connection: Connection, batch: Sequence[Post]) -> None:
    names = [post.id for post in batch]
    for start in range(0, len(names), _AT_ONCE):
        connection.execute(delete(keys).where(keys.c.post.in_(names[start : start + _AT_ONCE])))
    rows = [{"source": p.source, "key": k, "post": p.id} for p in batch for k in keys_of(p)]
    if rows:
        connection.execute(insert(keys), rows)


def _row(post: Post) -> dict[str, object]:
    return {
        "id": post.id,
        "source": post.source,
        "new_at": post.new_at or post.published,
        "published": post.published,
        "content_hash": post.content_hash,
        "head": _encode(replace(post, document=Document())),
        "document": _encode(post.document),
    }
