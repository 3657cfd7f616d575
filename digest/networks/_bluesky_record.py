"""Bluesky's records: names, content ids and facets, made here so that they can be frozen."""

import base64
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from digest.text.links import links

COLLECTION = "app.bsky.feed.post"
_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
_CLOSING = ".,;:!?。，、；：！？」』）)"
# As in Bluesky's own client (api/src/rich-text/util.ts), where what cannot be seen makes no tag.
_TAG = re.compile(r"(?<!\S)[#＃](?P<tag>[^\s#＃\u00ad\u2060\u200a-\u200d\u20e2]+)")


def facets(text: str) -> list[dict[str, Any]]:
    """Return what in *text* is a link or a hashtag, by UTF-8 bytes (app.bsky.richtext.facet)."""
    found = [
        (span.start, span.end, {"$type": "app.bsky.richtext.facet#link", "uri": uri})
        for span in links(text)
        if (uri := text[span.start : span.end]).startswith(("http://", "https://"))
    ]
    for match in _TAG.finditer(text):
        tag = match["tag"].rstrip(_CLOSING)
        end = match.start("tag") + len(tag)
        if tag and not tag.isdecimal():
            found.append((match.start(), end, {"$type": "app.bsky.richtext.facet#tag", "tag": tag}))
    return [
        {"index": {"byteStart": _at(text, start), "byteEnd": _at(text, end)}, "features": [what]}
        for start, end, what in sorted(found, key=lambda one: one[0])
    ]


def _at(text: str, position: int) -> int:
    return len(text[:position].encode())


def tid(micros: int, clock: int) -> str:
    """Return the TID of *micros* since 1970 and a *clock* id of 10 bits (atproto record keys)."""
    number = micros << 10 | clock
    return "".join(_SORTABLE[number >> shift & 31] for shift in range(60, -1, -5))


def cid(record: Mapping[str, Any]) -> str:
    """Return the CID of *record*: version 1, dag-cbor, SHA-256, in base 32."""
    import libipld

    digest = sha256(libipld.encode_dag_cbor(_linked(record))).digest()
    raw = b"\x01\x71\x12\x20" + digest
    return "b" + base64.b32encode(raw).decode().lower().rstrip("=")


def _linked(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return *value* with its JSON links (``$link``) as the bytes that CBOR holds for them."""
    if isinstance(value, dict):
        if set(value) == {"$link"}:
            return _unlinked(value["$link"])
        return {key: _linked(inner) for key, inner in value.items()}
    return [_linked(inner) for inner in value] if isinstance(value, list) else value


def _unlinked(text: str) -> bytes:
    padded = text[1:].upper() + "=" * (-len(text[1:]) % 8)
    return base64.b32decode(padded)


def ref(uri: str, record: Mapping[str, Any]) -> dict[str, str]:
    """Return the strong reference to *record* at *uri*."""
    return {"uri": uri, "cid": cid(record)}
