"""What posts said before they were edited: kept when an edit takes its place, at most ten each."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, and_, delete, or_, select

from digest.model import Document, Post, Version
from digest.store.schema import post_versions as table
from digest.store.schema import posts
from digest.store.upsert import upsert

_KEPT = 10
_AT_ONCE = 200  # two variables a post, in one statement
_document = msgspec.json.Decoder(Document).decode
_post = msgspec.json.Decoder(Post).decode


def keep(connection: Connection, batch: Sequence[Post], now: datetime) -> None:
    """Keep what the stored posts say that *batch* is about to change, before it does.

    That a post's page was read, after its feed had listed it, is no edit. A text that comes back
    is the post's own again, and no version.
    """
    for start in range(0, len(batch), _AT_ONCE):
        some = {post.id: post for post in batch[start : start + _AT_ONCE]}
        rows = list(_replaced(connection, some, now))
        upsert(connection, table, rows)
        back = (and_(table.c.post == p.id, table.c.hash == p.content_hash) for p in some.values())
        connection.execute(delete(table).where(or_(*back)))
        for row in rows:
            _bound(connection, str(row["post"]))


def of(connection: Connection, post: str) -> tuple[Version, ...]:
    """Return the versions of the post with the id *post*, newest first."""
    columns = table.c.hash, table.c.replaced, table.c.title, table.c.document
    query = select(*columns).where(table.c.post == post)
    query = query.order_by(table.c.replaced.desc(), table.c.hash)
    return tuple(
        Version(hash=hash_, replaced=replaced, title=title, document=_document(body))
        for hash_, replaced, title, body in connection.execute(query)
    )


def _replaced(
    connection: Connection, fresh: dict[str, Post], now: datetime
) -> Iterator[dict[str, object]]:
    """Yield a row for each stored post whose text one of *fresh* replaces."""
    query = select(posts.c.id, posts.c.content_hash, posts.c.head, posts.c.document)
    changed = (
        and_(posts.c.id == post.id, posts.c.content_hash != post.content_hash)
        for post in fresh.values()
    )
    for name, mark, head, body in connection.execute(query.where(or_(*changed))):
        old = _post(head)
        if old.text_from == "feed" and fresh[name].text_from != "feed":
            continue
        yield {"post": name, "hash": mark, "replaced": now, "title": old.title, "document": body}


def _bound(connection: Connection, post: str) -> None:
    newest = select(table.c.hash).where(table.c.post == post)
    newest = newest.order_by(table.c.replaced.desc(), table.c.hash).offset(_KEPT).limit(1000)
    surplus = list(connection.execute(newest).scalars())
    if surplus:
        gone = delete(table).where(table.c.post == post, table.c.hash.in_(surplus))
        connection.execute(gone)
