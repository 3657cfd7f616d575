"""Between two polls a source is remembered: where it moved, how long it wants its peace."""

import pytest

from digest.editorial.collect import complete_texts
from digest.sources import feed
from tests import faults
from tests.blog import Blog, entries
from tests.http_server import Answer, HttpServer, moved, text


@pytest.fixture
def blog(http_server: HttpServer) -> Blog:
    made = Blog(http_server)
    made.publish(*entries(0, 3))
    return made


def test_retry_after_is_kept(blog: Blog) -> None:
    blog.collect()
    blog.server.put("/feed.xml", faults.failing(429, retry_after=3600))
    assert blog.collect(day=1).failed is not None
    asked = len(blog.server.log)
    blog.publish(*entries(0, 4))
    waiting = blog.collect(day=1 + 0.5 / 24).failed
    assert waiting is not None
    assert "left alone until" in waiting.cause
    assert len(blog.server.log) == asked
    assert len(blog.collect(day=1 + 1.5 / 24).new) == 1


def test_a_feed_that_is_gone_is_told_and_not_asked_again(blog: Blog) -> None:
    blog.collect()
    blog.server.put("/feed.xml", faults.failing(410))
    for day in (1, 2):
        failed = blog.collect(day=day).failed
        assert failed is not None
        assert "gone for good" in failed.cause
    assert len(blog.server.log) == 2
    assert len(blog.store.posts) == 3


def test_a_permanent_redirect_is_adopted_after_three_polls_in_three_days(blog: Blog) -> None:
    blog.collect()
    blog.publish(*entries(0, 4))
    blog.server.put("/new.xml", blog.server._routes["/feed.xml"])
    blog.server.put("/feed.xml", moved("/new.xml", 301))
    for day in (1, 1.1, 1.2, 4.5):
        blog.collect(day=day)
    before = len(blog.server.requests("/feed.xml"))
    blog.collect(day=5)
    assert len(blog.server.requests("/feed.xml")) == before
    assert blog.store.standing("blog").adopted is not None


def test_a_redirect_to_strangers_is_never_adopted(blog: Blog) -> None:
    blog.collect()
    other = Blog(blog.server)
    other.publish(*entries(500, 3))
    stranger = blog.server._routes["/feed.xml"]
    assert isinstance(stranger, Answer)
    blog.server.put("/new.xml", stranger)
    blog.server.put("/feed.xml", moved("/new.xml", 301))
    for day in (1, 2, 5, 9):
        blog.store._validators.clear()
        blog.store.posts = {k: p for k, p in blog.store.posts.items() if "p50" not in p.url}
        blog.collect(day=day)
    assert blog.store.standing("blog").adopted is None


def test_an_adopted_address_that_fails_is_given_up(blog: Blog) -> None:
    blog.collect()
    blog.publish(*entries(0, 4))
    blog.server.put("/new.xml", blog.server._routes["/feed.xml"])
    blog.server.put("/feed.xml", moved("/new.xml", 308))
    for day in (1, 2, 5):
        blog.collect(day=day)
    blog.publish(*entries(0, 5))
    blog.server.put("/new.xml", faults.failing(404))
    assert blog.collect(day=6).failed is not None
    assert len(blog.collect(day=7).new) == 1


def test_a_page_given_as_feed_leads_to_the_feed_for_good(http_server: HttpServer) -> None:
    blog = Blog(http_server)
    blog.publish(*entries(0, 3))
    link = "<link rel=alternate type=application/rss+xml href=/real.xml>"
    http_server.put("/real.xml", http_server._routes["/feed.xml"])
    http_server.put("/feed.xml", text(f"<!doctype html><html><head>{link}</head><body>blog"))
    assert len(blog.collect().new) == 3
    asked = len(http_server.requests("/feed.xml"))
    assert blog.collect(day=1).failed is None
    assert len(http_server.requests("/feed.xml")) == asked


def test_a_page_without_any_feed_is_told(http_server: HttpServer) -> None:
    http_server.put("/feed.xml", text("<!doctype html><html><body>nothing"))
    failed = Blog(http_server).collect().failed
    assert failed is not None
    assert "leads to no feed" in failed.cause


def test_a_page_that_fails_for_now_is_tried_again(http_server: HttpServer) -> None:
    blog = Blog(http_server, base=http_server.url)
    blog.publish(*entries(0, 1))
    (post,) = blog.collect().new
    source = feed.build({"url": f"{http_server.url}/feed.xml", "name": "blog"})
    http_server.put("/posts/p0/", faults.failing(503))
    (tried,) = complete_texts([source], blog.store, blog.store, [post])
    assert tried.note == "its page answered 503"
    assert blog.store.posts[post.id].note == ""
    body = f"<!doctype html><html><article><h1>x</h1><p>{post.document.text}</p><p>完</p></article>"
    http_server.put("/posts/p0/", text(body))
    (whole,) = complete_texts([source], blog.store, blog.store, [blog.store.posts[post.id]])
    assert whole.document.text.endswith("完")


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (moved("/"), "leads to the home page"),
        (text("%PDF", kind="application/pdf"), "no HTML"),
        (faults.failing(404), "answered 404"),
    ],
)
def test_a_page_that_is_none_leaves_a_note(
    http_server: HttpServer, answer: Answer, note: str
) -> None:
    blog = Blog(http_server, base=http_server.url)
    blog.publish(*entries(0, 1))
    (post,) = blog.collect().new
    http_server.put("/", text("<!doctype html><html><p>home"))
    http_server.put("/posts/p0/", answer)
    source = feed.build({"url": f"{http_server.url}/feed.xml", "name": "blog"})
    (done,) = complete_texts([source], blog.store, blog.store, [post])
    assert note in done.note
    assert done.document == post.document


def test_robots_txt_keeps_pages_unread(http_server: HttpServer) -> None:
    blog = Blog(http_server, base=http_server.url)
    blog.publish(*entries(0, 1))
    http_server.put("/robots.txt", text("User-agent: *\nDisallow: /posts/"))
    (post,) = blog.collect().new
    source = feed.build({"url": f"{http_server.url}/feed.xml", "name": "blog"})
    (done,) = complete_texts([source], blog.store, blog.store, [post])
    assert "robots.txt" in done.note
    assert http_server.requests("/posts/p0/") == []
