"""What a post said before it was edited is kept, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import Engine

from digest.render.export import build_versions_json, report_versions
from digest.store.engine import connect
from digest.store.posts import PostStore
from tests.make import NOW, post


@pytest.fixture
def store(store_url: str) -> Iterator[PostStore]:
    engine: Engine = connect(store_url)
    ticks = count()
    yield PostStore(engine, clock=lambda: NOW + timedelta(hours=next(ticks)))
    engine.dispose()


def texts(store: PostStore) -> list[str]:
    ((_, versions),) = store.versions(post().url)
    return [one.document.text for one in versions]


def test_an_edit_keeps_what_was_said_before(store: PostStore) -> None:
    before = post("a", "舊的說法。", title="舊題", text_from="page")
    store.commit("blog", [before])
    store.commit("blog", [post("a", "新的說法。", title="新題", text_from="page")])
    ((now, (old,)),) = store.versions(before.url)
    assert (now.title, now.document.text) == ("新題", "新的說法。")
    assert (old.title, old.hash, old.document) == ("舊題", before.content_hash, before.document)
    assert old.replaced == NOW + timedelta(hours=1)
    assert "until 2026-03-16 02:00  " + old.hash[:12] + "  舊題" in report_versions(now, [old])
    assert build_versions_json(now, [old])["versions"][0]["text"] == "舊的說法。"


def test_the_same_text_again_is_no_edit(store: PostStore) -> None:
    store.commit("blog", [post("a", "一。", text_from="page")])
    store.commit("blog", [post("a", "一。", text_from="page", note="x", author="何青")])
    assert texts(store) == []


def test_reading_the_page_of_a_listed_post_is_no_edit(store: PostStore) -> None:
    store.commit("blog", [post("a", "開頭")])
    store.commit("blog", [post("a", "開頭和全文", text_from="page")])
    assert texts(store) == []


def test_an_edit_of_the_listing_alone_leaves_no_version_once_the_page_is_read(
    store: PostStore,
) -> None:
    for text, kind in (("全文", "page"), ("開頭改", "feed"), ("全文", "page")):
        store.commit("blog", [post("a", text, text_from=kind)])
    assert texts(store) == []
    for text, kind in (("開頭再改", "feed"), ("改過的全文", "page")):
        store.commit("blog", [post("a", text, text_from=kind)])
    assert texts(store) == ["全文"]


def test_the_newest_ten_are_kept_of_each_post(store: PostStore) -> None:
    others = [post(f"o{n}", "別的") for n in range(450)]
    for n in range(13):
        store.commit("blog", [*others, post("a", f"第{n}版", text_from="file")])
    assert texts(store) == [f"第{n}版" for n in range(11, 1, -1)]
    assert store.versions("https://nowhere.example/") == ()
