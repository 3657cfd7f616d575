"""Posts for tests, made from plain paragraphs."""

from datetime import UTC, datetime

from digest.model import Block, BlockKind, Document, Post

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def document(*paragraphs: str) -> Document:
    """A document of *paragraphs*; "# " starts a heading, "> " a block quote, "- " an item."""
    blocks, at, texts = [], 0, []
    kinds: dict[str, BlockKind] = {"# ": "heading", "> ": "quote", "- ": "item"}
    for paragraph in paragraphs:
        kind = kinds.get(paragraph[:2], "paragraph")
        text = paragraph if kind == "paragraph" else paragraph[2:]
        blocks.append(Block(kind=kind, start=at, end=at + len(text), level=kind != "paragraph"))
        texts.append(text)
        at += len(text) + 2
    return Document(text="\n\n".join(texts), blocks=tuple(blocks))


def post(*paragraphs: str, title: str = "", **given: object) -> Post:
    """A post with *paragraphs*, published at NOON."""
    return Post(
        id="post",
        source="blog",
        url="https://blog.example/post/",
        title=title,
        published=NOON,
        first_seen=NOON,
        document=document(*paragraphs),
        **given,
    )
