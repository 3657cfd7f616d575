"""Feeds that are out to break their reader, served by a real server and read as any other."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from digest.model import Batch, CacheValidators, Failed, Post
from digest.sources import feed
from tests.faults import dropped, failing
from tests.golden.hostile import FEED_FILES, FEEDS, NOW, shown
from tests.http_server import Answer, HttpServer, moved, text

NAMES = sorted(FEED_FILES)
PAGE = "<html><body><article><h1>還在</h1><p>{}</p></article></body></html>"
PARAGRAPH = (
    "茶行老闆冉一壺（Jan I-hu）把杯子推過來。「先喝，再說，」他說，「涼了的話，道理也是苦的。」"
)
BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


def wanting(key: str) -> list[str]:
    return [name for name in NAMES if FEED_FILES[name].get(key) is not None]


@contextmanager
def reading(url: str) -> Iterator[feed.FeedSource]:
    """Give the source at *url*; its connections are closed at the end."""
    source = feed.build({"url": url, "name": "hostile", "timezone": "Asia/Taipei"})
    yield source
    source.client.close()


def polled(server: HttpServer, name: str) -> Batch | Failed:
    body = (FEEDS / name).read_bytes().replace(b"@SITE@", server.url.encode())
    url = server.put(f"/{name}", Answer(body=body, type="application/rss+xml; charset=utf-8"))
    with reading(url) as source:
        answer = source.poll(CacheValidators(), NOW)
    assert isinstance(answer, Batch | Failed)
    return answer


def posts(server: HttpServer, name: str) -> tuple[Post, ...]:
    answer = polled(server, name)
    return answer.posts if isinstance(answer, Batch) else ()


def test_the_expectations_name_every_feed() -> None:
    assert sorted(path.name for path in FEEDS.iterdir()) == NAMES


@pytest.mark.parametrize("name", wanting("posts"))
def test_reads_as_many_posts(http_server: HttpServer, name: str) -> None:
    assert len(posts(http_server, name)) == FEED_FILES[name]["posts"]


@pytest.mark.parametrize("name", wanting("least"))
def test_reads_what_can_be_read(http_server: HttpServer, name: str) -> None:
    assert len(posts(http_server, name)) >= FEED_FILES[name]["least"]


@pytest.mark.parametrize("name", wanting("fails"))
def test_says_that_it_is_no_feed(http_server: HttpServer, name: str) -> None:
    answer = polled(http_server, name)
    assert isinstance(answer, Failed)
    assert answer.cause
    assert "\n" not in answer.cause


@pytest.mark.parametrize("name", wanting("warns"))
def test_warns(http_server: HttpServer, name: str) -> None:
    answer = polled(http_server, name)
    assert isinstance(answer, Batch)
    assert answer.warnings


@pytest.mark.parametrize("name", wanting("small"))
def test_expands_nothing_out_of_proportion(http_server: HttpServer, name: str) -> None:
    assert sum(len(shown(post)) for post in posts(http_server, name)) < 100_000


@pytest.mark.parametrize("name", sorted({*wanting("has"), *wanting("hasnt")}))
def test_words(http_server: HttpServer, name: str) -> None:
    words = "\n".join(map(shown, posts(http_server, name)))
    assert [text for text in FEED_FILES[name].get("has", ()) if text not in words] == []
    assert [text for text in FEED_FILES[name].get("hasnt", ()) if text in words] == []


@pytest.mark.parametrize("name", NAMES)
def test_any_post_is_fit_to_be_shown(http_server: HttpServer, name: str) -> None:
    for post in posts(http_server, name):
        assert post.title.strip()
        assert not BREAKS.search(post.title)
        assert not OVERRIDES.search(shown(post))
        controls = [c for c in shown(post) if unicodedata.category(c) == "Cc" and c not in "\n\t"]
        assert controls == []
        assert urlsplit(post.url).scheme in ("http", "https")
        assert "window.tracker" not in shown(post) or name == "residue.xml"


def test_dates_mean_what_their_writers_meant(http_server: HttpServer) -> None:
    found = {post.title: post for post in posts(http_server, "no-dates.xml")}
    slashes = found["第 3 篇"].published
    assert (slashes.month, slashes.day in (4, 5)) == (3, True)
    assert found["第 1 篇"].published == found["第 2 篇"].published == NOW


def test_no_post_is_dated_after_it_was_seen_or_before_there_was_a_web(
    http_server: HttpServer,
) -> None:
    for post in posts(http_server, "year-one.xml"):
        assert post.published.year > 1990
        assert post.published <= NOW


def test_visible_words_only(http_server: HttpServer) -> None:
    """Escaped once, in CDATA, or once too often, it is mark-up and no words."""
    for post in posts(http_server, "residue.xml"):
        assert post.document.text == PARAGRAPH
        assert [media.kind for media in post.document.media] == ["youtube"]


def test_posts_of_one_guid_stay_apart(http_server: HttpServer) -> None:
    found = posts(http_server, "one-guid.xml")
    assert len({post.url for post in found}) == 3


PAGES = {
    "fine": text(PAGE.format(PARAGRAPH)),
    "missing": failing(404),
    "gone": failing(410),
    "login": moved("/login"),
    "pdf": Answer(body=b"%PDF-1.7\n", type="application/pdf"),
    "loop": moved("/posts/loop/"),
    "hang-up": dropped(),
    "other": text(PAGE.format("另一篇毫不相干的文章，講的是怎麼修腳踏車，一個字都不談茶。" * 3)),
}


def test_a_page_that_is_gone_leaves_the_post(http_server: HttpServer) -> None:
    """Every post keeps what the feed says; where its page gave nothing, a note says why."""
    http_server.put("/login", text("<html><body><form>密碼<input></form></body></html>"))
    for name, answer in PAGES.items():
        http_server.put(f"/posts/{name}/", answer)
    found = posts(http_server, "gone-pages.xml")
    with reading(http_server.url + "/gone-pages.xml") as source:
        completed = {urlsplit(post.url).path.split("/")[2]: source.complete(post) for post in found}
    assert sorted(completed) == sorted(PAGES)
    assert all(PARAGRAPH in post.document.text for post in completed.values())
    assert [name for name, post in sorted(completed.items()) if not post.note] == ["fine"]
