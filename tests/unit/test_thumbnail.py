"""Thumbnails: small, upright, bare of metadata; and a mail that shows them, or carries them."""

import email
import email.policy
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from digest.model.errors import DigestError
from digest.render import mime
from digest.render.email import render_email
from digest.render.images import embed_thumbnail, host_thumbnail, make_thumbnail
from digest.render.picture_decoder import MAX_BYTES
from digest.render.templates import Templates
from tests.issues import chinese, letterhead
from tests.png import png

LEAD = "https://blog.example.org/images/harbour.jpg"


def picture(width, height, kind="JPEG", mode="RGB", **options):
    written = BytesIO()
    Image.effect_noise((width, height), 90).convert(mode).save(written, kind, **options)
    return written.getvalue()


@pytest.mark.parametrize(
    ("size", "shown"),
    [((1600, 900), (528, 297)), ((1056, 594), (528, 297)), ((400, 300), (400, 300))],
)
def test_a_picture_is_shown_at_half_its_pixels(size, shown):
    made = make_thumbnail(picture(*size))
    assert (made.width, made.height) == shown
    assert Image.open(BytesIO(made.jpeg)).width == min(size[0], 1056)
    assert len(made.jpeg) <= MAX_BYTES


def test_a_tall_picture_is_cut():
    made = make_thumbnail(picture(600, 4000))
    assert made.height <= made.width * 3 / 2


def test_metadata_goes_and_the_turn_is_kept():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera that says where it was"
    made = make_thumbnail(picture(800, 400, exif=exif))
    assert made.height > made.width
    assert not Image.open(BytesIO(made.jpeg)).getexif()
    assert b"camera" not in made.jpeg


def test_what_is_transparent_lies_on_white():
    written = BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(written, "PNG")
    assert (
        Image.open(BytesIO(make_thumbnail(written.getvalue()).jpeg)).getpixel((9, 9)) == (255,) * 3
    )


@pytest.mark.parametrize(
    "content", [b"", b"<svg/>", b"GIF89a\x01\x00", picture(400, 300)[:500], picture(119, 400)]
)
def test_what_is_no_picture_for_a_mail_is_refused(content):
    with pytest.raises(DigestError, match="picture"):
        make_thumbnail(content)


def test_a_picture_that_would_fill_memory_is_not_read():
    """A few kilobytes that claim 20,000 by 20,000 pixels."""
    with pytest.raises(DigestError, match="pixels"):
        make_thumbnail(png(20_000, 20_000, rows=9))


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "PPM", "ICO", "TGA", "EPS", "PCX"])
def test_formats_that_the_web_does_not_show_are_not_decoded(kind):
    with pytest.raises(DigestError, match="cannot be read: cannot identify"):
        make_thumbnail(picture(200, 200, kind))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_formats_of_the_web_are(kind):
    assert make_thumbnail(picture(400, 300, kind)).width == 400


def test_a_mail_shows_our_picture_instead_of_the_blogs():
    ours = host_thumbnail(
        make_thumbnail(picture(1600, 900)), "https://digest.example.org/pictures/"
    )
    made = render_email(chinese(), Templates.load(), letterhead(pictures={LEAD: ours}))
    assert LEAD not in made.html
    assert f'src="{ours.url}"' in made.html
    assert b"multipart/related" not in made.mime


def test_a_mail_can_carry_its_picture():
    small = make_thumbnail(picture(1600, 900))
    made = render_email(
        chinese(), Templates.load(), letterhead(pictures={LEAD: embed_thumbnail(small)})
    )
    parsed = email.message_from_bytes(
        mime.fill_message(mime.open_message(made), mime.make_dummy_values()),
        policy=email.policy.default,
    )
    text, related = parsed.iter_parts()
    html, jpeg = related.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert jpeg.get_content() == small.jpeg
    assert f'src="cid:{jpeg["Content-ID"][1:-1]}"' in html.get_content()
    assert max(map(len, made.mime.split(b"\r\n"))) <= 998


def test_a_picture_that_is_not_shown_is_not_carried():
    ours = {LEAD: embed_thumbnail(make_thumbnail(picture(400, 300)))}
    issue = replace(chinese(), sections=chinese().sections[1:])
    assert (
        b"image/jpeg" not in render_email(issue, Templates.load(), letterhead(pictures=ours)).mime
    )
