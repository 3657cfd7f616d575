"""What a listing becomes: only addresses a reader can follow, never a blank headline."""

from datetime import UTC, datetime

import pytest

from digest.model import Post, SkippedPost
from digest.sources._feed_parsers import FeedEntry, ParsedFeed
from digest.sources._normalize import FeedContext, make_posts

FRAME = FeedContext(
    source="s",
    base="https://blog.example/feed",
    zone=UTC,
    language="",
    now=datetime(2026, 3, 10, tzinfo=UTC),
)


def only(entry: FeedEntry) -> Post | SkippedPost:
    (one,) = make_posts(ParsedFeed(entries=(entry,)), FRAME)
    return one


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/a/", "https://blog.example/a/"),
        ("javascript:alert(1)", "https://blog.example/feed"),
        ("https://[broken/", "https://blog.example/feed"),
        ("https://user:secret@blog.example/a/", "https://blog.example/a/"),
    ],
)
def test_an_address_can_be_followed(link: str, url: str) -> None:
    media = (("javascript:alert(1)", "audio/mpeg"), (link, "audio/mpeg"))
    post = only(FeedEntry(title="題", link=link, image=link, media=media))
    assert isinstance(post, Post)
    assert post.url == url
    followed = [url] if url.endswith("/a/") else []
    assert [heard.url for heard in post.document.media] == followed
    assert [post.image.url if post.image else ""] == (followed or [""])


def test_what_has_no_word_is_left_out() -> None:
    left = only(FeedEntry(link="https://[broken/"))
    assert isinstance(left, SkippedPost)
    assert (left.url, left.reason) == (FRAME.base, "it has neither title nor text")
