"""A foreign picture -> a small JPEG; runs in a process of its own (``limited_process``).

Only formats that the web shows are decoded: Pillow knows dozens, some by way of other programs.
The output is the width that is shown, as four bytes, then the JPEG.
"""

from io import BytesIO
from typing import TYPE_CHECKING

from digest.http.limited_process import serve_limited
from digest.model.errors import DigestError

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
WIDTH = 528  # CSS pixels: what the sheet of a mail leaves between its margins
DENSITY = 2  # pixels of a picture for each CSS pixel, for the screens of phones
MAX_BYTES = 200 * 1024
MAX_PIXELS = 60_000_000
MIN_SIDE = 120
SECONDS = 20
_QUALITIES = (82, 72, 60, 45, 30)


def shrink_picture(content: bytes) -> bytes:
    """Return the picture in *content* as a JPEG of at most ``WIDTH`` CSS pixels, small in bytes.

    It is turned as its EXIF says, cut to at most three halves of its width in height, and laid on
    white where it is transparent. DigestError for what is no picture, too large or too small.
    """
    picture = paint_on_white(decode_picture(content))
    picture = picture.crop((0, 0, picture.width, min(picture.height, picture.width * 3 // 2)))
    picture.thumbnail((WIDTH * DENSITY, WIDTH * DENSITY * 2))
    return _encode_jpeg(picture)


def decode_picture(content: bytes) -> "Image":
    """Return the picture in *content*, turned as its EXIF says; DigestError for what is none."""
    from PIL import Image, ImageOps

    try:
        with Image.open(BytesIO(content), formats=FORMATS) as opened:
            _check_size(*opened.size)
            return ImageOps.exif_transpose(opened).convert("RGBA")
    except DigestError:
        raise
    except Exception as error:  # whatever a decoder trips over costs this picture alone
        raise DigestError("a picture", f"cannot be read: {error}") from error


def _check_size(width: int, height: int) -> None:
    """Raise DigestError for a size that would fill memory (it is claimed, not yet read)."""
    if width * height > MAX_PIXELS or min(width, height) < MIN_SIDE:
        raise DigestError("a picture", f"{width} by {height} pixels are not what a mail shows")


def paint_on_white(picture: "Image") -> "Image":
    """Return *picture* without transparency."""
    from PIL import Image

    flat = Image.new("RGB", picture.size, "white")
    flat.paste(picture, mask=picture.getchannel("A"))
    return flat


def _encode_jpeg(picture: "Image") -> bytes:
    """Return *picture* at the best quality that fits ``MAX_BYTES``, else at the lowest."""
    jpeg = b""
    for quality in _QUALITIES:
        written = BytesIO()
        picture.save(written, "JPEG", quality=quality, optimize=True, progressive=True)
        jpeg = written.getvalue()
        if len(jpeg) <= MAX_BYTES:
            break
    return jpeg


if __name__ == "__main__":
    serve_limited(shrink_picture, seconds=SECONDS)
