"""Bytes of a feed or page -> text, by evidence before by claim.

Order: byte order mark, valid UTF-8, the labels (HTTP header, XML declaration, <meta>) as the
superset that the web means by them (encoding.spec.whatwg.org), UTF-8 with a few bad bytes, a
damaged text in the declared encoding, a guess.

Guess what a text is written in from the characters it would hold: the last resort.
"""

import codecs
import re
import zlib
from collections.abc import Callable

from digest.model.errors import SourceError

_COMMON_HAN = frozenset(
    "的一是在不了有和人這这中大為为上個个國国我以要他時时來来用們们生到作地於于出就分對对成會会可主"
    "發发年動动同工也能下過过子說说產产種种面而方後后多定行學学法所民得經经十三之進进著等部度家電电力"
    "如水化高自二理起小物現现實实加量都兩两體体制機机當当使點点從从業业本去把性好應应開开它合還还因由"
    "其些然前外天政四日那社義义事平形相全表間间樣样與与關关各重新線线內内數数正心反你明看原又麼么利比"
    "或但質质氣气第向道命此變变條条只沒没結结解問问意建月公無无系很情者最立代想已通並并提直題题程展果"
)
_MARKS = frozenset("，。、「」『』！？：；（）《》〈〉…—“”")


def _is_han(c: str) -> bool:
    return c in _COMMON_HAN or c in _MARKS


def _is_kana(c: str) -> bool:
    return "\u3041" <= c <= "\u30ff" or c in _MARKS


def _is_hangul(c: str) -> bool:
    return "\uac00" <= c <= "\ud7a3"


def _is_cyrillic(c: str) -> bool:
    return "\u0430" <= c <= "\u044f"


_CANDIDATES: tuple[tuple[str, Callable[[str], bool], float], ...] = (
    ("big5hkscs", _is_han, 0.2),
    ("gb18030", _is_han, 0.2),
    ("cp932", _is_kana, 0.2),
    ("euc_jp", _is_kana, 0.2),
    ("cp949", _is_hangul, 0.7),
    ("cp1251", _is_cyrillic, 0.8),
    ("koi8_r", _is_cyrillic, 0.8),
)


def guess_encoding(body: bytes) -> str:
    """Return the encoding in which *body* reads most like a language; cp1252 if in none."""
    sample = bytes(body[:65536])
    found = {}
    for name, expected, enough in _CANDIDATES:
        score = _score_encoding(sample, name, expected)
        if score >= enough:
            found[name] = score / enough
    return max(found, key=lambda name: found[name], default="cp1252")


def _score_encoding(sample: bytes, name: str, expected: Callable[[str], bool]) -> float:
    """Return the share of expected among all characters that are no ASCII."""
    text = sample.decode(name, "replace")
    foreign = [c for c in text if c > "\x7f"]
    if not foreign or foreign.count("\ufffd") > len(foreign) * 0.02 + 1:
        return 0.0
    return sum(map(expected, foreign)) / len(foreign)


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
# Encodings that no page is in; that of host names takes the square of the length.
_DEVICES = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape"})
_MAX_UNPACKED = 15 << 20
_FALLBACK = "cp1252"


def decode_body(body: bytes, content_type: str = "") -> str:
    """Return the text of *body*; SourceError where nothing tells what it is written in."""
    body = _unpack_gzip(body)
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
        return _decode_by_labels(body, _list_labels(body, content_type))


def _decode_by_labels(body: bytes, labels: list[str]) -> str:
    for label in filter(_is_known_encoding, labels):
        try:
            return body.decode(label)
        except (LookupError, UnicodeDecodeError):
            continue
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if sum(c > "\x7f" for c in text) - bad >= 2 * bad:
        return text
    for label in labels:
        if _is_known_encoding(label) and label not in ("utf-8", "utf8"):
            return body.decode(label, "replace")
    unknown = [label for label in labels if not _is_known_encoding(label)]
    if unknown:
        raise SourceError("its text", f"is in an encoding nobody here reads, {unknown[0]}")
    return body.decode(guess_encoding(body), "replace")


def _list_labels(body: bytes, content_type: str) -> list[str]:
    head = body[:1024]
    said = [m[1] for m in [_CHARSET.search(content_type[:200])] if m]
    said += [
        m[1].decode("ascii", "replace") for m in (_DECLARED.search(head), _META.search(head)) if m
    ]
    known = dict.fromkeys(_SUPERSETS.get(label.lower(), label.lower()) for label in said)
    return sorted(known, key=_FALLBACK.__eq__)  # every byte reads as cp1252: it decides last


def _is_known_encoding(label: str) -> bool:
    """Tell whether *label* names an encoding of texts, and none of Python's own devices."""
    try:
        name = codecs.lookup(label).name
        b"a".decode(label, "replace")  # LookupError for what is no encoding of texts: uu, zlib
    except (LookupError, UnicodeError):
        return False
    return name.replace("-", "_") not in _DEVICES


def _unpack_gzip(body: bytes) -> bytes:
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
