"""The pictures that go with an issue: drawn once, small where asked for, frozen by their names."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image as Pillow

from digest.model.errors import FetchError
from digest.render import mime
from digest.render.email import render_email
from digest.render.export import embed_pictures
from digest.render.images import add_pictures, find_shown_picture, keep_quote_card, keep_story_card
from digest.render.templates import Templates
from digest.store.engine import connect
from digest.store.pictures import PictureStore
from tests.issues import chinese, english, letterhead

TEMPLATES = Templates.load()
ARCHIVE = "https://blog.example.org/digest"


@pytest.fixture
def pictures(store_path: Path, tmp_path: Path) -> Iterator[PictureStore]:
    engine = connect(f"sqlite:///{store_path}")
    yield PictureStore(engine, tmp_path / "pictures")
    engine.dispose()


def photo(width: int = 1600, height: int = 900) -> bytes:
    written = BytesIO()
    Pillow.new("RGB", (width, height), "teal").save(written, "JPEG")
    return written.getvalue()


def gone(url: str) -> bytes:
    raise FetchError(url, "the server answered 404")


class _Counting(PictureStore):
    kept = 0

    def keep(self, content: bytes, key: str = "") -> str:
        self.kept += 1
        return super().keep(content, key)


def test_a_card_is_drawn_once_for_the_same_quotation(store_path: Path, tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{store_path}")
    pictures = _Counting(engine, tmp_path / "pictures")
    first, again = (keep_quote_card(chinese(), TEMPLATES, letterhead(), pictures) for _ in "ab")
    assert first == again
    assert pictures.kept == 1
    assert pictures.read(first.path).startswith(b"\x89PNG")
    assert keep_quote_card(english(), TEMPLATES, letterhead(), pictures) != first
    engine.dispose()


def test_the_words_of_a_card_are_the_whole_quotation_and_who_said_it(
    pictures: PictureStore,
) -> None:
    pull = chinese().pull_quote
    card = keep_quote_card(chinese(), TEMPLATES, letterhead(), pictures)
    assert card.alt == f"「{pull.quote.text}」——{pull.quote.speaker}"
    card = keep_quote_card(english(), TEMPLATES, letterhead(), pictures)
    assert "” — " in card.alt


def test_an_issue_or_a_story_without_a_quotation_has_no_card(pictures: PictureStore) -> None:
    bare = replace(chinese(), pull_quote=None)
    assert keep_quote_card(bare, TEMPLATES, letterhead(), pictures) is None
    story = next(iter(bare.stories))
    assert keep_story_card(story, bare, TEMPLATES, letterhead(), pictures) is None


def test_a_picture_in_the_message_is_small_and_shown_by_its_content_id(
    pictures: PictureStore,
) -> None:
    head = replace(letterhead(), carry="embed")
    head = add_pictures(chinese(), head, pictures, lambda _url: photo())
    mail = render_email(chinese(), TEMPLATES, head)
    (carried,) = head.pictures.values()
    assert carried.width == 528
    assert Pillow.open(BytesIO(carried.jpeg)).width == 2 * 528
    assert f'src="{carried.url}"' in mail.html
    assert f"Content-ID: <{carried.url.removeprefix('cid:')}>".encode() in mail.mime
    assert b"multipart/related" in mail.mime


def test_the_html_alone_holds_the_picture_that_the_message_carries(
    pictures: PictureStore,
) -> None:
    head = replace(letterhead(), carry="embed")
    mail = render_email(
        chinese(), TEMPLATES, add_pictures(chinese(), head, pictures, lambda _url: photo())
    )
    assert "cid:" not in embed_pictures(mail, mail.html)
    assert 'src="data:image/jpeg;base64,/9j/' in embed_pictures(mail, mail.html)


def test_a_hosted_picture_stands_under_the_archive(pictures: PictureStore) -> None:
    head = replace(letterhead(), carry="host", archive=ARCHIVE)
    head = add_pictures(chinese(), head, pictures, lambda _url: photo())
    (made,) = head.pictures.values()
    name = made.url.removeprefix(f"{ARCHIVE}/pictures/")
    assert pictures.read(name).startswith(b"\xff\xd8")
    assert f'src="{made.url}"' in render_email(chinese(), TEMPLATES, head).html


def test_a_picture_that_cannot_be_fetched_is_the_one_of_before_or_a_link(
    pictures: PictureStore,
) -> None:
    head = replace(letterhead(), carry="embed")
    assert add_pictures(chinese(), head, pictures, gone).pictures == {}
    assert find_shown_picture(chinese()).url in render_email(chinese(), TEMPLATES, head).html
    before = add_pictures(chinese(), head, pictures, lambda _url: photo())
    assert add_pictures(chinese(), head, pictures, gone).pictures == before.pictures


def test_nothing_is_fetched_where_links_are_wanted_or_there_is_no_picture(
    pictures: PictureStore,
) -> None:
    assert add_pictures(chinese(), letterhead(), pictures, gone) == letterhead()
    none = replace(chinese(), sections=chinese().sections[1:])
    head = replace(letterhead(), carry="embed")
    assert find_shown_picture(none) is None
    assert add_pictures(none, head, pictures, gone) == head


def test_the_dummy_copy_of_a_mail_with_its_own_picture_is_well_formed(
    pictures: PictureStore,
) -> None:
    import email
    import email.policy

    head = replace(letterhead(), carry="embed")
    head = add_pictures(chinese(), head, pictures, lambda _url: photo())
    raw = mime.fill_message(
        mime.open_message(render_email(chinese(), TEMPLATES, head)), mime.make_dummy_values()
    )
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    (image,) = [part for part in parsed.walk() if part.get_content_type() == "image/jpeg"]
    assert image.get_content() == next(iter(head.pictures.values())).jpeg
    assert not parsed.defects
