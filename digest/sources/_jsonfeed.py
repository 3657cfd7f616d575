"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), read leniently: what is not a text is left."""

import re
from html import escape
from typing import Any

from digest.errors import SourceError
from digest.sources._entry import Entry, Listing, plain
from digest.text.notation import parse_json

_VERSION = re.compile(r".*jsonfeed\.org/version/|1(?:\.\d)?\Z")  # some write the number alone


def read(text: str) -> Listing:
    """Return the feed that the JSON *text* is; SourceError says why it is none."""
    try:
        value = parse_json(text)
    except ValueError as error:
        raise SourceError("its body", f"is no whole JSON: {error}", "Try again later.") from None
    feed = value if isinstance(value, dict) else {}
    items = feed.get("items")
    if not isinstance(items, list) or not _VERSION.match(_text(feed.get("version"))):
        raise SourceError("its body", "is JSON but no JSON Feed", "Give the address of the feed.")
    return Listing(
        title=plain(_text(feed.get("title"))),
        language=_text(feed.get("language")),
        link=_text(feed.get("home_page_url")),
        entries=tuple(_entry(item) for item in items if isinstance(item, dict)),
    )


def _entry(item: dict[str, Any]) -> Entry:
    content = _text(item.get("content_html")) or _paragraphs(_text(item.get("content_text")))
    people = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    return Entry(
        guid=_text(item.get("id")),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        title=plain(_text(item.get("title"))),
        summary=escape(_text(item.get("summary")), quote=False),
        content=content,
        published=_text(item.get("date_published")),
        updated=_text(item.get("date_modified")),
        author=", ".join(name for name in (_name(person) for person in people or ()) if name),
        tags=_texts(item.get("tags")),
        image=_text(item.get("image")) or _text(item.get("banner_image")),
        media=_attachments(item.get("attachments")),
    )


def _paragraphs(text: str) -> str:
    return "".join(
        f"<p>{escape(part, quote=False)}</p>" for part in text.split("\n") if part.strip()
    )


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _texts(value: object) -> tuple[str, ...]:
    several = value if isinstance(value, list) else []
    return tuple(dict.fromkeys(word for word in (plain(_text(one)) for one in several) if word))


def _name(person: object) -> str:
    return plain(_text(person.get("name"))) if isinstance(person, dict) else ""


def _attachments(value: object) -> tuple[tuple[str, str], ...]:
    several = value if isinstance(value, list) else []
    pairs = (
        (_text(a.get("url")), _text(a.get("mime_type"))) for a in several if isinstance(a, dict)
    )
    return tuple(pair for pair in pairs if pair[0])
