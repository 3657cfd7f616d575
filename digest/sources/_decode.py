"""Bytes of a feed or page -> text, by evidence before by claim.

Order: byte order mark, valid UTF-8, the labels (HTTP header, XML declaration, <meta>) as the
superset that the web means by them (encoding.spec.whatwg.org), UTF-8 with a few bad bytes, a
damaged text in the declared encoding, a guess.
"""

import codecs
import re
import zlib

from digest.errors import SourceError
from digest.sources import _guess

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
_BARE = (
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
)
_SUPERSETS = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "cn-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
    "iso-8859-9": "cp1254",
}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_MAX_UNPACKED = 15 << 20
_FALLBACK = "cp1252"


def decode(body: bytes, content_type: str = "") -> str:
    """Return the text of *body*; SourceError where nothing tells what it is written in."""
    body = _unpacked(body)
    if not body.strip(b" \t\r\n\0"):
        raise SourceError("its body", "is empty", "Try again later.")
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            while body.startswith(mark):
                body = body[len(mark) :]
            return body.decode(encoding, "replace")
    for start, encoding in _BARE:
        if body.startswith(start):
            return body.decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _labelled(body, _labels(body, content_type))


def _labelled(body: bytes, labels: list[str]) -> str:
    for label in labels:
        try:
            return body.decode(label)
        except (LookupError, UnicodeDecodeError):
            continue
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if sum(c > "\x7f" for c in text) - bad >= 2 * bad:
        return text
    for label in labels:
        if _is_known(label) and label not in ("utf-8", "utf8"):
            return body.decode(label, "replace")
    unknown = [label for label in labels if not _is_known(label)]
    if unknown:
        raise SourceError("its text", f"is in an encoding nobody here reads, {unknown[0]}")
    return body.decode(_guess.encoding(body), "replace")


def _labels(body: bytes, content_type: str) -> list[str]:
    head = body[:1024]
    said = [m[1] for m in [_CHARSET.search(content_type[:200])] if m]
    said += [
        m[1].decode("ascii", "replace") for m in (_DECLARED.search(head), _META.search(head)) if m
    ]
    known = dict.fromkeys(_SUPERSETS.get(label.lower(), label.lower()) for label in said)
    return sorted(known, key=_FALLBACK.__eq__)  # every byte reads as cp1252: it decides last


def _is_known(label: str) -> bool:
    try:
        codecs.lookup(label)
    except LookupError:
        return False
    return True


def _unpacked(body: bytes) -> bytes:
    """Return *body*, gunzipped where a server forgot to say that it is gzip."""
    if body[:2] != b"\x1f\x8b":
        return body
    unpack = zlib.decompressobj(31)
    try:
        out = unpack.decompress(body, _MAX_UNPACKED)
    except zlib.error as error:
        raise SourceError("its gzip body", f"is corrupt: {error}") from None
    if not unpack.eof:
        raise SourceError("its gzip body", "is cut off or too large")
    return out
