"""Any address of a blog leads to its feed of posts."""

import pytest

from digest.app.init import discover_feeds
from digest.model.errors import SourceError
from tests.http_server import HttpServer, text

XML = "application/rss+xml"


def rss(title: str, *dates: str) -> str:
    items = "".join(
        f"<item><title>t{n}</title><link>/p/{n}/</link><pubDate>{date}</pubDate></item>"
        for n, date in enumerate(dates)
    )
    return f"<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>"


GOOD, NEVER = "Mon, 02 Mar 2026 08:00:00 +0800", "Mon, 01 Jan 0001 00:00:00 +0000"


def test_posts_come_before_everything_and_comments_last(http_server: HttpServer) -> None:
    head = "".join(
        f"<link rel=alternate type='{XML}' href='{path}' title='{title}'>"
        for path, title in (("/comments/feed/", "c"), ("/index.xml", "all"), ("/posts.xml", "p"))
    )
    http_server.put("/", text(f"<html><head>{head}</head><body>blog</body></html>"))
    http_server.put("/comments/feed/", text(rss("Comments", GOOD), XML))
    http_server.put("/index.xml", text(rss("All", GOOD, NEVER, NEVER), XML))
    http_server.put("/posts.xml", text(rss("Posts", GOOD, GOOD), XML))
    found = discover_feeds(http_server.url)
    assert [feed.title for feed in found.feeds] == ["p", "all", "c"]
    assert (found.feeds[0].posts, found.about.title) == (2, "Posts")
    assert found.about.timezone == "Etc/GMT-8"


def test_the_zone_is_that_of_the_language_where_the_offsets_agree(http_server: HttpServer) -> None:
    for language, date, zone in (
        ("zh-TW", GOOD, "Asia/Taipei"),
        ("en-us", GOOD, "Etc/GMT-8"),
        ("", GOOD, "Etc/GMT-8"),
        ("no language!", GOOD, "Etc/GMT-8"),
        ("de", "Mon, 06 Jul 2026 08:00:00 +0200", "Europe/Berlin"),
        ("de", "Mon, 06 Jul 2026 08:00:00 +0000", "Europe/Berlin"),
        ("zh-TW", "Mon, 06 Jul 2026 08:00:00 GMT", "Asia/Taipei"),
        ("ko", "Mon, 06 Jul 2026 08:00:00 GMT", "Asia/Seoul"),
        ("es", "Mon, 06 Jul 2026 08:00:00 GMT", "UTC"),
        ("en-US", "Mon, 06 Jul 2026 08:00:00 GMT", "UTC"),
    ):
        head = f"<channel><language>{language}</language>"
        body = rss("Feed", date, date).replace("<channel>", head)
        http_server.put("/x", text(body, XML))
        assert discover_feeds(f"{http_server.url}/x").about.timezone == zone


def test_the_site_is_the_page_that_was_given_not_the_section_of_its_feed(
    http_server: HttpServer,
) -> None:
    link = f"<link>{http_server.url}/posts/</link>"
    http_server.put("/posts.xml", text(rss("Feed", GOOD).replace("<item>", link + "<item>"), XML))
    head = f"<link rel=alternate type='{XML}' href='/posts.xml'>"
    http_server.put("/", text(f"<html><head>{head}</head><body>blog</body></html>"))
    assert discover_feeds(f"{http_server.url}/").about.site == f"{http_server.url}/"
    assert discover_feeds(f"{http_server.url}/posts.xml").about.site == f"{http_server.url}/posts/"


def test_a_host_alone_is_asked_by_https_and_then_by_http(http_server: HttpServer) -> None:
    http_server.put("/x", text(rss("Feed", GOOD), XML))
    bare = http_server.url.removeprefix("http://")
    assert discover_feeds(f"{bare}/x").feeds[0].url == f"{http_server.url}/x"
    with pytest.raises(SourceError, match="is no web address"):
        discover_feeds("my blog")


def test_a_page_that_names_no_feed_is_tried_at_the_usual_places(http_server: HttpServer) -> None:
    http_server.put("/blog/", text("<html><body>nothing named"))
    http_server.put("/feed.xml", text(rss("Feed", GOOD), XML))
    assert discover_feeds(f"{http_server.url}/blog/").feeds[0].url == f"{http_server.url}/feed.xml"


def test_the_feed_itself_may_be_given(http_server: HttpServer) -> None:
    http_server.put("/x", text(rss("Feed", GOOD), XML))
    assert discover_feeds(f"{http_server.url}/x").feeds[0].url == f"{http_server.url}/x"


def test_no_feed_is_told_with_what_to_do(http_server: HttpServer) -> None:
    http_server.put("/", text("<html><body>nothing here"))
    with pytest.raises(SourceError, match="no feed was found"):
        discover_feeds(http_server.url)
