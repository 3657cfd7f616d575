"""The same post is the same post, whatever its blog does to guid, address, text and host."""

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.editorial.collect import collect_sources
from digest.model import Document
from digest.sources import feed
from digest.text.post_identity import estimate_similarity, sketch_text
from tests.blog import NOW, Blog, Entry, entries, prose
from tests.http_server import HttpServer


@pytest.fixture
def blog(http_server: HttpServer) -> Blog:
    return Blog(http_server)


def names(posts: tuple) -> list[str]:
    return [post.url.rstrip("/").rpartition("/")[2] for post in posts]


@pytest.mark.parametrize(
    "change",
    [
        {"guid": "urn:new"},
        {"link": "https://blog.example/else/", "guid": "g"},
        {"link": "http://www.blog.example/posts/p1?utm_source=rss#top", "guid": ""},
        {"summary": "完全改寫了的內文，一句都沒有留下來。"},
        {"title": "換了標題"},
        {"name": "renamed"},
        {"name": "renamed", "title": "也換了標題"},
        {"name": "renamed", "title": "關於 p1", "summary": "改寫了的內文，一句都沒有留下來。"},
        {"at": NOW + timedelta(days=30)},
    ],
    ids=["guid", "link", "tracking", "text", "title", "name", "name-title", "name-text", "date"],
)
def test_a_changed_post_is_the_old_one_and_no_news(blog: Blog, change: dict) -> None:
    first, other = entries(1, 2)
    before = replace(first, guid=change.get("guid") if "link" in change else None)
    blog.publish(before, other)
    ids = {post.id for post in blog.collect().new}
    blog.publish(replace(before, **change), other)
    found = blog.collect(day=40)
    assert found.new == ()
    assert {post.id for post in blog.store.posts.values()} == ids
    assert all(post.new_at < NOW + timedelta(days=1) for post in blog.store.posts.values())


def test_a_new_host_makes_no_old_post_new(blog: Blog) -> None:
    blog.publish(*entries(0, 30))
    ids = {post.id for post in blog.collect().new}
    blog.base = "https://elsewhere.example/sub"
    blog.publish(*entries(0, 30), *entries(30, 3, day=2))
    found = blog.collect(day=3)
    assert names(found.new) == ["p30", "p31", "p32"]
    assert {post.id for post in found.moved} == ids
    assert all(post.url.startswith(blog.base) for post in blog.store.posts.values())


def test_a_new_host_and_a_flood_at_once(blog: Blog) -> None:
    blog.publish(*entries(0, 30))
    blog.collect()
    blog.base = "https://elsewhere.example"
    pages = entries(100, 90, section="companies")
    blog.publish(*entries(0, 30), *entries(30, 3, day=2), *pages)
    found = blog.collect(day=3)
    assert names(found.new) == ["p30", "p31", "p32"]
    assert len(found.held) == 90


def test_a_later_post_at_an_old_address_is_a_post_of_its_own(blog: Blog) -> None:
    first, other = entries(1, 2)
    blog.publish(first, other)
    (old, _) = blog.collect().new
    moved = replace(first, name="moved")
    blog.publish(moved, other)
    blog.collect(day=1)
    again = replace(entries(7, 1, day=2)[0], name="p1")
    blog.publish(moved, other, again)
    (new,) = blog.collect(day=3).new
    assert new.id != old.id
    assert len(blog.store.posts) == 3


def test_two_posts_of_one_guid_and_link_are_told_apart_by_their_titles(blog: Blog) -> None:
    week, month = (replace(e, guid="poll", link=f"{blog.base}/poll/") for e in entries(1, 2))
    blog.publish(week, month)
    assert len(blog.collect().new) == 2
    blog.publish(replace(week, title="關於 p1"), month, *entries(5, 1, day=1))
    found = blog.collect(day=2)
    assert (names(found.new), found.changed) == (["p5"], ())


def test_notes_on_one_page_with_guids_of_their_own_are_posts(blog: Blog) -> None:
    """A feed of one entry, whose link is the home page, loses none of what it lists in turn."""
    for day in range(3):
        (note,) = entries(day, 1, day=day)
        blog.publish(replace(note, title="", guid=f"note-{day}", link=f"{blog.base}/"))
        assert len(blog.collect(day=day + 0.5).new) == 1


def test_a_daily_column_is_a_post_every_day(blog: Blog) -> None:
    for day in range(3):
        (column,) = entries(0, 1, day=day, title="今日渡口", summary="今天的船班表在碼頭。")
        blog.publish(replace(column, name=f"{day}/links"))
        assert len(blog.collect(day=day + 0.5).new) == 1
    assert len(blog.store.posts) == 3


def test_a_later_part_of_a_series_is_not_an_earlier_one_renamed(blog: Blog) -> None:
    shared = prose(1, 60)
    for part in range(3):
        (post,) = entries(part, 1, day=part * 7, summary=f"{shared}本篇是第{part}篇。")
        blog.publish(post)
        assert names(blog.collect(day=part * 7 + 1).new) == [f"p{part}"]


def test_a_new_text_over_an_old_post_is_no_news_but_said(blog: Blog) -> None:
    old, other = entries(1, 2, day=-100)
    blog.publish(old, other)
    blog.collect()
    blog.publish(replace(entries(7, 1, day=2)[0], name="p1", title="全新的榜單"), other)
    found = blog.collect(day=3)
    assert (found.new, len(found.changed)) == ((), 1)
    assert "“全新的榜單”" in found.warnings[0]
    assert f"digest draft --pin {blog.base}/posts/p1/" in found.warnings[0]


def test_a_move_keeps_what_was_read_of_the_pages(blog: Blog) -> None:
    blog.publish(*entries(0, 3))
    for post in blog.collect().new:
        whole = replace(post, document=Document(text="整頁的文字"), text_from="page")
        blog.store.commit("blog", [whole])
    blog.base = "https://elsewhere.example"
    blog.publish(*entries(0, 3))
    moved = blog.collect(day=1).moved
    assert {(p.document.text, p.text_from) for p in moved} == {("整頁的文字", "page")}
    assert all(post.url.startswith(blog.base) for post in moved)


def test_posts_on_one_theme_are_no_copies() -> None:
    shared = "本文整理自同一集節目的訪談內容。" * 3
    one, two = sketch_text(shared + prose(1)), sketch_text(shared + prose(2))
    assert estimate_similarity(one, two) < 0.5
    assert estimate_similarity(one, sketch_text(shared + prose(1) + "多了一句話在最後面。")) > 0.8
    assert estimate_similarity(sketch_text("短短的一句話"), sketch_text("短短的一句話")) == 0.0


def test_entries_that_share_a_link_keep_apart_by_their_guids(blog: Blog) -> None:
    episodes = [replace(e, guid=e.name, link="https://blog.example/show/") for e in entries(1, 5)]
    blog.publish(*episodes)
    assert len(blog.collect().new) == 5
    blog.publish(*episodes, replace(entries(6, 1)[0], guid="p6", link="https://blog.example/show/"))
    assert len(blog.collect(day=1).new) == 1


def test_one_guid_for_all_is_no_guid(blog: Blog) -> None:
    blog.publish(*(replace(e, guid="https://blog.example/") for e in entries(1, 5)))
    assert len(blog.collect().new) == 5
    blog.publish(*(replace(e, guid="https://blog.example/") for e in entries(0, 6)))
    assert names(blog.collect(day=1).new) == ["p0"]


def test_one_post_listed_twice_is_one(blog: Blog) -> None:
    (one,) = entries(1, 1)
    tracked = replace(one, guid="", link="https://blog.example/posts/p1/?utm_medium=feed&fbclid=1")
    blog.publish(replace(one, guid=""), tracked)
    assert len(blog.collect().new) == 1


def test_entries_without_any_link_are_posts_still(blog: Blog) -> None:
    blog.publish(*(replace(e, guid=f"tag:{e.name}", link="") for e in entries(1, 3)))
    assert len(blog.collect().new) == 3


def test_a_vanished_post_is_kept_and_not_new_when_it_returns(blog: Blog) -> None:
    one, two = entries(1, 2)
    blog.publish(one, two)
    blog.collect()
    blog.publish(two)
    blog.collect(day=1)
    assert len(blog.store.posts) == 2
    blog.publish(one, two)
    found = blog.collect(day=2)
    assert (found.new, found.changed) == ((), ())


def test_a_busy_week_is_no_flood(blog: Blog) -> None:
    blog.publish(*entries(0, 30))
    blog.collect()
    blog.publish(*entries(0, 30), *entries(30, 35, day=2))
    found = blog.collect(day=3)
    assert (len(found.new), len(found.held)) == (35, 0)


@pytest.mark.parametrize(
    ("fields", "day"), [({"section": "companies"}, 2), ({}, -400)], ids=["elsewhere", "old"]
)
def test_a_flood_is_held_and_reported_once(blog: Blog, fields: dict, day: int) -> None:
    blog.publish(*entries(0, 30))
    blog.collect()
    blog.publish(*entries(0, 30), *entries(30, 2, day=2), *entries(100, 60, day=day, **fields))
    found = blog.collect(day=3)
    assert (len(found.new), len(found.held)) == (2, 60)
    assert "60 posts came at once" in found.warnings[0]
    assert all(post.note for post in found.held)
    blog.publish(*entries(0, 30), *entries(100, 60, day=day, **fields), *entries(32, 1, day=4))
    again = blog.collect(day=5)
    assert (names(again.new), again.held) == (["p32"], ())


def test_untitled_and_undated_pages_among_posts_are_no_posts(blog: Blog) -> None:
    zero = NOW.replace(year=1)
    readme = replace(entries(50, 1)[0], name="readme", title="")
    blog.publish(*entries(0, 10), readme, *entries(60, 30, at=zero))
    found = blog.collect()
    assert len(found.new) == 10
    assert len(found.skipped) == 31
    assert {"year 1", "no title"} <= {
        word for s in found.skipped for word in ("year 1", "no title") if word in s.reason
    }


def test_notes_without_titles_are_posts_where_none_has_one(blog: Blog) -> None:
    blog.publish(*(replace(e, title="") for e in entries(0, 5)))
    found = blog.collect()
    assert len(found.new) == 5
    assert all(post.title for post in found.new)


def test_a_feed_cut_off_changes_nothing_that_is_stored(blog: Blog) -> None:
    blog.publish(*entries(0, 3))
    blog.collect()
    edited = [replace(e, summary="改寫了") for e in entries(0, 3)]
    blog.publish(*edited, *entries(3, 2, day=1), closed=False)
    found = blog.collect(day=2)
    assert (names(found.new), found.changed) == (["p3"], ())
    assert "breaks off" in found.warnings[0]


def test_two_feeds_of_one_blog_give_each_post_once(http_server: HttpServer) -> None:
    blog = Blog(http_server)
    blog.publish(*entries(0, 3))
    first = feed.build({"url": f"{http_server.url}/feed.xml", "name": "one"})
    second = feed.build({"url": f"{http_server.url}/feed.xml?x", "name": "two"})
    one, two = collect_sources([first, second], blog.store, blog.store, now=NOW)
    assert (len(one.new), len(two.new), len(two.copies)) == (3, 0, 3)
    assert [copy.copy_of for copy in two.copies] == [post.url for post in one.new]


def test_entries_have_ids_that_last(blog: Blog) -> None:
    blog.publish(Entry(name="a", summary=prose(1)))
    (post,) = blog.collect().new
    assert len(post.id) == 32
    blog.store.posts.clear()
    blog.publish(Entry(name="a", summary=prose(1)), Entry(name="b", summary=prose(2)))
    assert post.id in {p.id for p in blog.collect().new}
