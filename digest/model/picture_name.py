"""Pictures by their content: what kind one is, and the name it is kept under."""

import re
from hashlib import sha256

from digest.model.errors import DigestError

_PICTURE_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
)
_MIME_TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_PICTURE_NAME = re.compile(rf"[0-9a-f]{{64}}\.(?:{'|'.join(_MIME_TYPES)})")


def name_picture(content: bytes) -> str:
    """Return the name of *content*: its SHA-256 and kind; DigestError where it is no picture."""
    return f"{sha256(content).hexdigest()}.{_find_picture_kind(content)}"


def is_picture_name(path: str) -> bool:
    """Tell whether *path* names a picture that is kept, rather than a file of the editor's."""
    return bool(_PICTURE_NAME.fullmatch(path))


def find_mime_type(content: bytes) -> str:
    """Return the media type of *content*; DigestError where it is no picture."""
    return _MIME_TYPES[_find_picture_kind(content)]


def _find_picture_kind(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    for start, kind in _PICTURE_KINDS:
        if content.startswith(start):
            return kind
    raise DigestError("the file", "is no picture", "Use PNG, JPEG, WebP or GIF.")
