"""Pictures as the networks take them: read whole, their kind told by their first bytes."""

from dataclasses import dataclass
from pathlib import Path

from digest.errors import DigestError
from digest.model import Attachment

_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to upload, with its alternative text."""

    data: bytes
    mime: str
    alt: str


def picture(of: Attachment, most: int) -> Picture:
    """Return the picture *of*; DigestError where it is missing, none, or over *most* bytes."""
    try:
        data = Path(of.path).read_bytes()
    except OSError as error:
        remedy = "Put the picture back, or draft the issue again."
        raise DigestError(of.path, f"cannot be read: {error.strerror}", remedy) from None
    if len(data) > most:
        raise DigestError(of.path, f"is larger than the {most // 1000} kB the network takes")
    return Picture(data, _mime(of.path, data), of.alt)


def _mime(path: str, data: bytes) -> str:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    for start, mime in _KINDS:
        if data.startswith(start):
            return mime
    raise DigestError(path, "is no picture", "Use PNG, JPEG, WebP or GIF.")
