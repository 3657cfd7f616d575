"""A picture small enough to make by hand."""

import struct
import zlib


def png(width: int = 2, height: int = 2, rows: int | None = None) -> bytes:
    """Return a grey PNG, which claims *height* though it may hold fewer *rows*."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = (b"\0" + b"\x80" * width) * (height if rows is None else rows)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
