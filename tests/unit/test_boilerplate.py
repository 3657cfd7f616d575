"""What stands around a post's text is told by its place, its recurrence and whom it names."""

from datetime import UTC, datetime

import pytest

from digest.model import Post
from digest.sources._feed_parsers import FeedEntry, ParsedFeed
from digest.sources._normalize import FeedContext, make_posts
from digest.text.boilerplate import Surroundings, trim
from digest.text.document import parse_html

TEXT = "Frogs came back to the pond in March."


def posts(*texts: str, blog: str = "Pond Notes") -> list[Post]:
    entries = tuple(
        FeedEntry(
            title=f"Note {number} on frogs", link=f"/{number}", summary=text, guid=str(number)
        )
        for number, text in enumerate(texts)
    )
    now = datetime(2026, 3, 10, tzinfo=UTC)
    frame = FeedContext(source="s", base="https://pond.example/", zone=UTC, language="", now=now)
    listing = ParsedFeed(title=blog, entries=entries)
    return [post for post in make_posts(listing, frame) if isinstance(post, Post)]


@pytest.mark.parametrize(
    "around",
    [
        "The post Note 0 on frogs appeared first on Pond Notes.",
        "«Note 0 on frogs» aperuit primum in Pond Notes.",
        "這篇文章 Note 0 on frogs 最早出現於 池塘。",
        "Der Beitrag Note 0 on frogs erschien zuerst auf Am Teich.",
        "Thanks for reading Pond Notes! Subscribe for free to receive new posts.",
        "Subscribe now",
        "繼續閱讀",
        "계속 읽기",
        "SUBSCRIBE: https://pond.example/sub",
        "02:10 The second frog",
        "#frogs #池塘",
    ],
)
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_line_around_the_text_is_cut_off(around: str, place: str) -> None:
    parts = [f"<p>{around}</p>", f"<p>{TEXT}</p>"]
    (post,) = posts("".join(parts if place == "before" else reversed(parts)))
    assert post.document.text == TEXT


def test_what_recurs_in_a_blog_is_no_text_of_its_posts() -> None:
    texts = [f"<p>No. {n} of our walks.</p><p>Frog {w}.</p><p>Bring boots.</p>" for n, w in
             enumerate(["sang", "leapt", "slept", "swam"])]  # fmt: skip
    assert [p.document.text for p in posts(*texts)] == [
        "Frog sang.", "Frog leapt.", "Frog slept.", "Frog swam."
    ]  # fmt: skip
    first, _ = posts(*texts[:2])
    assert first.document.text.startswith("No. 0 of our walks.")


def test_posts_that_say_the_same_keep_their_text() -> None:
    assert {post.document.text for post in posts(*[f"<p>{TEXT}</p>"] * 4)} == {TEXT}


def test_an_excerpt_that_is_cut_ends_in_an_ellipsis() -> None:
    read_on = '<a href="/0">Read on</a>'
    for cut in ("[&#8230;]", "[…]", "[...]", f"[&hellip;] {read_on}"):
        (post,) = posts(f"<p>Frogs came back, and {cut}</p>")
        assert post.document.text.startswith("Frogs came back, and…")


def test_an_elision_within_the_text_stays() -> None:
    (post,) = posts(f"<p>“Frogs […] came back.”</p><p>{TEXT}</p>")
    assert post.document.text == f"“Frogs […] came back.”\n\n{TEXT}"


def test_a_text_that_says_there_is_none_is_none() -> None:
    (post,) = posts("<p>No content.</p>")
    assert post.document.text == ""


def test_places_move_with_the_text() -> None:
    document = parse_html(f"<p>Subscribe now</p><p>Old <b>pond</b>.</p><p>{TEXT}</p><p>Share</p>")
    left = trim(document, "t", Surroundings())
    assert [left.of(block) for block in left.blocks] == ["Old pond.", TEXT]
    ((start, end),) = left.blocks[0].strong
    assert left.text[start:end] == "pond"


def test_a_tail_within_the_last_block_goes() -> None:
    (post,) = posts(f"<p>{TEXT} submitted by <a href=x>/u/bo</a> [link] [comments]</p>")
    assert post.document.text == TEXT
