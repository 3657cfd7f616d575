"""Pictures in the store: named by their content, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from digest.model.errors import DigestError, StoreError
from digest.model.picture_name import find_mime_type, is_picture_name, name_picture
from digest.store.engine import connect
from digest.store.pictures import PictureStore
from digest.store.schema import pictures
from tests.png import png


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[PictureStore]:
    engine = connect(store_url)
    yield PictureStore(engine, tmp_path / "out" / "pictures")
    engine.dispose()


def test_a_picture_is_kept_once_and_read_by_its_name(store: PictureStore) -> None:
    name = store.keep(png())
    assert is_picture_name(name)
    assert name == name_picture(png()) == store.keep(png())
    assert store.read(name) == png()


def test_what_was_made_before_is_found_by_what_it_was_made_of(store: PictureStore) -> None:
    assert store.named("card:1") == ""
    name = store.keep(png(), "card:1")
    store.keep(png(3, 3), "card:1")  # the first one stays: a revision may name it
    assert store.named("card:1") == name


def test_a_file_that_was_changed_or_deleted_is_laid_out_anew(store: PictureStore) -> None:
    path = store.path(store.keep(png()))
    assert path.read_bytes() == png()
    path.write_bytes(b"another picture")
    assert store.path(path.name).read_bytes() == png()
    path.unlink()
    assert store.path(path.name).read_bytes() == png()


def test_what_is_not_what_was_kept_is_refused(store: PictureStore) -> None:
    name = store.keep(png())
    with store._engine.begin() as connection:
        connection.execute(update(pictures).values(content=png(9, 9)))
    with pytest.raises(StoreError, match="is not what was kept"):
        store.read(name)
    with pytest.raises(StoreError, match=r"is not in the store.*Draft the issue again"):
        store.read("0" * 64 + ".png")


def test_only_pictures_have_a_name() -> None:
    kinds = {b"\xff\xd8\xff\xe0": "jpeg", b"GIF89a": "gif", b"RIFF1234WEBP": "webp", png(): "png"}
    for content, kind in kinds.items():
        assert find_mime_type(content) == f"image/{kind}"
        assert is_picture_name(name_picture(content))
    with pytest.raises(DigestError, match="is no picture"):
        name_picture(b"%PDF-1.7")
    assert not is_picture_name("card.png")
    assert not is_picture_name(f"../{'0' * 64}.png")
