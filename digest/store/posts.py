"""Feeds and posts: what is known of each source, and every post with its text."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec
from sqlalchemy import Engine, select

from digest.model import About, Document, Period, Post, Validators
from digest.store.engine import guarded
from digest.store.schema import posts, sources
from digest.store.upsert import upsert

_encode = msgspec.json.Encoder().encode
_post = msgspec.json.Decoder(Post).decode
_document = msgspec.json.Decoder(Document).decode


class PostStore:
    """Meets the ports ``Feeds`` and ``Posts`` on one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

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
    ) -> None:
        """Save *batch* (new or changed posts) and what is not None of the rest, all or nothing."""
        fresh = _fields(validators) | _fields(about)
        with guarded(self._engine), self._engine.begin() as connection:
            known = select(sources).where(sources.c.name == source)
            found = connection.execute(known).mappings().first()
            row = dict(found) if found else {}
            if fresh or not row:
                blank = _fields(Validators()) | _fields(About())
                upsert(connection, sources, [{"name": source, **blank, **row, **fresh}])
            upsert(connection, posts, [_row(post) for post in batch])

    def known(self, source: str) -> Mapping[str, Post]:
        """Return all posts of *source* by id, without their documents."""
        query = select(posts.c.head).where(posts.c.source == source)
        with guarded(self._engine), self._engine.connect() as connection:
            found = (_post(head) for head in connection.execute(query).scalars())
            return {post.id: post for post in found}

    def within(self, names: Sequence[str], period: Period) -> tuple[Post, ...]:
        """Return the posts new to readers in *period*, oldest first, documents included."""
        query = (
            select(posts.c.head, posts.c.document)
            .where(posts.c.source.in_(names))
            .where(posts.c.new_at >= period.start, posts.c.new_at < period.end)
            .order_by(posts.c.new_at, posts.c.id)
        )
        with guarded(self._engine), self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(replace(_post(head), document=_document(body)) for head, body in rows)


def _fields(value: Validators | About | None) -> dict[str, str]:
    return {name: getattr(value, name) for name in value.__slots__} if value else {}


def _row(post: Post) -> dict[str, object]:
    return {
        "id": post.id,
        "source": post.source,
        "new_at": post.new_at or post.published,
        "content_hash": post.content_hash,
        "head": _encode(replace(post, document=Document())),
        "document": _encode(post.document),
    }
