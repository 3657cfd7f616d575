"""From a real server to the store: every post once, whole, and with its reasons."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.editorial.collect import collect_sources, complete_texts
from digest.model import Collected
from digest.render.export import build_collected_json, report_collected
from digest.sources import feed
from digest.sources.feed import FeedSource
from tests.faults import failing
from tests.http_server import Answer, HttpServer, text
from tests.memory import Memory

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
XML = "application/rss+xml"
WORDS = "這是一段夠長的正文，說了一件事情的來龍去脈，也說了它為什麼重要。" * 6


def item(name: str, day: int, summary: str = WORDS, title: str = "") -> str:
    return (
        f"<item><title>{title or name}</title><link>/posts/{name}/</link><guid>{name}</guid>"
        f"<pubDate>{day:02} Mar 2026 08:00:00 +0800</pubDate>"
        f"<description>&lt;p&gt;{summary}&lt;/p&gt;</description></item>"
    )


def rss(*items: str) -> str:
    body = "".join(items)
    return f"<rss version='2.0'><channel><title>部落格</title><link>/</link>{body}</channel></rss>"


def page(body: str = WORDS, head: str = "") -> str:
    return (
        "<!doctype html><html lang='zh-TW'><head>"
        f"<meta name=description content='作者的話。'>{head}</head>"
        f"<body><nav><a href='/'>首頁</a></nav><article><div><h1>標題</h1></div>"
        f"<div><p>{body}</p><h2>小標</h2><p>「引文一句。」{body}</p></div></article></body></html>"
    )


def source(server: HttpServer) -> FeedSource:
    return feed.build({"url": f"{server.url}/feed.xml", "name": "blog"})


def collected(server: HttpServer, store: Memory, now: datetime = NOW) -> Collected:
    (found,) = collect_sources([source(server)], store, store, now=now)
    return found


def test_posts_are_new_once_and_an_unchanged_feed_costs_one_request(
    http_server: HttpServer,
) -> None:
    http_server.put("/feed.xml", text(rss(item("a", 1), item("b", 2)), XML))
    store = Memory()
    assert [p.title for p in collected(http_server, store).new] == ["a", "b"]
    again = collected(http_server, store)
    assert (again.new, again.changed, again.failed) == ((), (), None)
    assert [r.status for r in http_server.log] == [200, 304]


def test_new_validators_on_the_same_bytes_fetch_nothing_else(http_server: HttpServer) -> None:
    body = rss(item("a", 1))
    http_server.put("/feed.xml", [text(body, XML, etag='"1"'), text(body, XML, etag='"2"')])
    store = Memory()
    collected(http_server, store)
    assert collected(http_server, store).new == ()
    assert store.commits == 1


def test_an_edit_is_a_change_and_never_news(http_server: HttpServer) -> None:
    before, after = rss(item("a", 1)), rss(item("a", 1, summary="改過的" + WORDS))
    http_server.put("/feed.xml", [text(before, XML), text(after, XML)])
    store = Memory()
    (old,) = collected(http_server, store).new
    found = collected(http_server, store, NOW + timedelta(days=3))
    assert (found.new, [p.id for p in found.changed]) == ((), [old.id])
    assert store.posts[old.id].new_at == old.new_at
    assert store.posts[old.id].document.text.startswith("改過的")


def test_a_late_post_is_new_when_it_was_first_seen(http_server: HttpServer) -> None:
    first, then = rss(item("a", 9)), rss(item("old", 1), item("fresh", 11), item("a", 9))
    http_server.put("/feed.xml", [text(first, XML), text(then, XML)])
    store, later = Memory(), NOW + timedelta(days=3)
    assert collected(http_server, store).new[0].new_at == datetime(2026, 3, 9, tzinfo=UTC)
    found = {p.title: p.new_at for p in collected(http_server, store, later).new}
    assert found == {"old": later, "fresh": datetime(2026, 3, 11, tzinfo=UTC)}


def test_a_future_date_is_printed_as_the_moment_it_was_seen(http_server: HttpServer) -> None:
    http_server.put("/feed.xml", text(rss(item("a", 20)), XML))
    (post,) = collected(http_server, Memory()).new
    assert post.published == post.new_at == NOW


def test_pages_give_full_text_and_what_their_head_says(http_server: HttpServer) -> None:
    http_server.put("/feed.xml", text(rss(item("a", 1), item("b", 2)), XML))
    http_server.put("/posts/a/", text(page()))
    http_server.put("/posts/b/", text("<html><title>404</title><p>gone", status=404))
    store = Memory()
    new = collected(http_server, store).new
    told: list[tuple[int, int]] = []
    whole, gone = complete_texts(
        [source(http_server)], store, store, new, progress=lambda *p: told.append(p)
    )
    assert (whole.text_from, whole.abstract, whole.language) == ("page", "作者的話。", "zh-TW")
    assert "「引文一句。」" in whole.document.text
    assert "首頁" not in whole.document.text
    assert gone.text_from == "feed"
    assert "404" in gone.note
    assert told == [(1, 2), (2, 2)]
    assert store.posts[whole.id].document.text == whole.document.text
    before = len(http_server.log)
    complete_texts([source(http_server)], store, store, [store.posts[p.id] for p in new])
    assert len(http_server.log) == before


def test_what_was_read_is_kept_where_a_person_stops_it(http_server: HttpServer) -> None:
    http_server.put("/feed.xml", text(rss(item("a", 1), item("b", 2)), XML))
    http_server.put("/posts/a/", text(page()))
    http_server.put("/posts/b/", text(page()))
    store = Memory()
    new = collected(http_server, store).new

    def stopped(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        complete_texts([source(http_server)], store, store, new, progress=stopped)
    assert [store.posts[post.id].text_from for post in new].count("page") == 1


def test_a_page_that_is_not_the_post_is_never_taken_for_it(http_server: HttpServer) -> None:
    http_server.put("/feed.xml", text(rss(item("a", 1)), XML))
    http_server.put("/posts/a/", text(page(body="請先證明您不是機器人，然後再試一次。" * 20)))
    store = Memory()
    (post,) = complete_texts([source(http_server)], store, store, collected(http_server, store).new)
    assert post.text_from == "feed"
    assert "does not hold" in post.note
    assert post.document.text == WORDS


@pytest.mark.parametrize("body", [b"", b" \n", b"\x1f\x8bgarbage"], ids=["none", "space", "torn"])
def test_an_empty_page_costs_its_own_text_alone(http_server: HttpServer, body: bytes) -> None:
    http_server.put("/feed.xml", text(rss(item("a", 1), item("b", 2)), XML))
    http_server.put("/posts/a/", Answer(body=body))
    http_server.put("/posts/b/", text(page()))
    store = Memory()
    torn, whole = complete_texts(
        [source(http_server)], store, store, collected(http_server, store).new
    )
    assert (torn.text_from, torn.document.text) == ("feed", WORDS)
    assert "its page" in torn.note
    assert whole.text_from == "page"


def test_one_dead_source_stops_no_other(http_server: HttpServer, other_server: HttpServer) -> None:
    http_server.put("/feed.xml", failing(503))
    other_server.put("/feed.xml", text(rss(item("a", 1)), XML))
    store = Memory()
    sources = [
        feed.build({"url": f"{server.url}/feed.xml"}) for server in (http_server, other_server)
    ]
    dead, alive = collect_sources(sources, store, store, now=NOW)
    assert dead.failed is not None
    assert "503" in dead.failed.cause
    assert len(alive.new) == 1
    assert build_collected_json(dead)["failed"]
    assert "1 new" in report_collected(alive)


def test_what_is_no_feed_is_an_error_and_keeps_the_old_posts(http_server: HttpServer) -> None:
    http_server.put(
        "/feed.xml",
        [text(rss(item("a", 1)), XML), text("<html><p>Sign in"), text("", XML)],
    )
    store = Memory()
    collected(http_server, store)
    for _ in range(2):
        assert collected(http_server, store).failed is not None
        assert len(store.posts) == 1
