"""What a Content-Encoding header says, held against the bytes that came with it.

Only gzip is asked for. A word that is no coding at all (``aws-chunked`` of an upload, ``UTF-8``,
``none``) says nothing about a body that can be read; one that is, is believed where the bytes bear
it out (RFC 9110, 8.4.1).
"""

import zlib
from collections.abc import Iterator
from itertools import chain

from digest.model.errors import FetchError

_GZIP, _ZLIB = 31, 15
_ENOUGH = 64
_FOREIGN = {"br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip"}
_TEXT = (b"<", b"{", b"[", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class LargeError(FetchError):
    """The answer is larger than was asked for: it is there, but it was not read."""


def unpack_body(url: str, chunks: Iterator[bytes], coding: str, max_bytes: int) -> bytes:
    """Return the whole body, unpacked; FetchError if it is too big, cut or corrupt."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _ENOUGH:
            break
    unpack = _find_unpacker(url, coding, head)
    out = bytearray()
    for chunk in chain((head,), chunks):
        _take(url, out, chunk, unpack, max_bytes)
    if unpack is not None and out and not unpack.eof:
        raise FetchError(url, "was cut off: its gzip body ends early", "Try again later.")
    return bytes(out)


def _find_unpacker(url: str, coding: str, head: bytes) -> "zlib._Decompress | None":
    """Return what unpacks a body that begins with *head*; None where it is as it is."""
    words = {word.strip() for word in coding.lower().split(",")} - {"", "identity"}
    if words & {"gzip", "x-gzip", "deflate"}:
        if head.startswith(b"\x1f\x8b"):
            return zlib.decompressobj(_GZIP)
        if "deflate" in words and head[:1] == b"\x78" and int.from_bytes(head[:2]) % 31 == 0:
            return zlib.decompressobj(_ZLIB)
    if words & _FOREIGN and not head.lstrip().startswith(_TEXT):
        raise FetchError(url, f"was sent as {coding!r}, which nobody asked for")
    return None


def _take(
    url: str, out: bytearray, chunk: bytes, unpack: "zlib._Decompress | None", max_bytes: int
) -> None:
    if unpack is None:
        out += chunk
    else:
        try:
            out += unpack.decompress(chunk, max_bytes + 1 - len(out))
        except zlib.error as error:
            raise FetchError(url, f"has a corrupt gzip body: {error}", "Try again later.") from None
    if len(out) > max_bytes:
        remedy = "A feed may list fewer posts, or their summaries alone."
        raise LargeError(url, f"is larger than {max_bytes >> 20} MB", remedy)
