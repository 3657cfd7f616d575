"""A picture -> the same as a smaller JPEG; runs in a process of its own (``limited_process``).

The input is the most bytes there may be, as eight bytes, then the picture.
"""

from io import BytesIO

from digest.http.limited_process import serve_limited
from digest.model.errors import DigestError
from digest.render.picture_decoder import MIN_SIDE, SECONDS, decode_picture, paint_on_white

_QUALITIES = (88, 78, 66)
_SMALLER = 0.8  # of its sides, where no quality will do


def shrink_to_bytes(asked: bytes) -> bytes:
    """Return the picture in *asked* as a JPEG that has at most as many bytes as it asks for.

    Its sides shrink as little as may be. DigestError where it cannot be made so small.
    """
    most, picture = int.from_bytes(asked[:8]), paint_on_white(decode_picture(asked[8:]))
    side = max(picture.size)
    while side >= MIN_SIDE:
        picture.thumbnail((side, side))
        for quality in _QUALITIES:
            written = BytesIO()
            picture.save(written, "JPEG", quality=quality, optimize=True)
            if written.tell() <= most:
                return written.getvalue()
        side = int(side * _SMALLER)
    raise DigestError("a picture", f"cannot be made smaller than {most // 1000} kB")


if __name__ == "__main__":
    serve_limited(shrink_to_bytes, seconds=SECONDS)
