"""Bytes of any feed become the same listing; no byte, date or mark-up brings the reader down."""

import codecs
import gzip
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import Post
from digest.model.errors import SourceError
from digest.sources import _article, _dates, _feed_formats
from digest.sources._encoding import decode_body
from digest.sources._feed_formats import is_web_page, parse_feed
from digest.sources._normalize import FeedContext, make_posts
from digest.text.document import parse_html, parse_markdown

TAIPEI = ZoneInfo("Asia/Taipei")
TITLE = "茶園在霧裡醒來，採茶的人走了半條山路"


def rss(title: str = TITLE, item: str = "", encoding: str = "utf-8") -> str:
    return (
        f"<?xml version='1.0' encoding='{encoding}'?>\n<rss version='2.0'><channel>"
        f"<title>部落格</title><link>https://blog.example/</link><language>zh-TW</language>"
        f"<item><title>{title}</title><link>https://blog.example/a/</link>{item}</item>"
        "</channel></rss>"
    )


def first(body: bytes, content_type: str = "") -> str:
    return parse_feed(body, content_type).entries[0].title


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (rss().encode(), ""),
        (codecs.BOM_UTF8 + rss().encode(), "text/xml; charset=big5"),
        (codecs.BOM_UTF16_LE + rss(encoding="utf-16").encode("utf-16-le"), ""),
        (rss(encoding="utf-16").encode("utf-16-be"), ""),
        (rss(encoding="big5").encode("big5"), ""),
        (rss(encoding="gb2312").encode("gb18030"), ""),
        (rss(encoding="big5").encode(), ""),
        (rss(encoding="big5").encode("big5"), "text/xml; charset=iso-8859-1"),
        (rss().encode("big5"), ""),
        (rss().encode("gb18030"), "application/xml; charset=utf-8"),
        (gzip.compress(rss().encode(), mtime=0), ""),
        (b"\n \n" + rss().encode(), ""),
        (rss().replace("utf-8", "no-such-thing").encode(), ""),
    ],
    ids=[
        "plain", "bom", "utf-16", "utf-16-no-bom", "big5", "gb2312", "says-big5", "header-lies",
        "says-utf-8", "says-utf-8-gb", "gzip", "space", "unknown-label",
    ],
)  # fmt: skip
def test_the_text_is_read_by_evidence_before_by_claim(body: bytes, content_type: str) -> None:
    assert first(body, content_type) == TITLE


def test_a_tag_that_trips_the_parser_costs_itself_alone() -> None:
    chapter = "<psc:chapters><psc:chapter title='海'/></psc:chapters>"
    body = rss().replace("<rss ", "<rss xmlns:psc='http://podlove.org/simple-chapters' ")
    assert first(body.replace("</item>", f"{chapter}</item>", 1).encode()) == TITLE


def test_one_bad_byte_costs_one_character() -> None:
    body = rss("茶園XX在霧裡").encode().replace(b"XX", b"\xff")
    assert first(body) == "茶園\ufffd在霧裡"


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b"", "empty"),
        (b" \r\n\t\0", "empty"),
        (b"<html><body>Sign in</body></html>", "web page"),
        (b"<opml version='2.0'><body/></opml>", "no feed"),
        (b"<urlset><url><loc>x</loc></url></urlset>", "no feed"),
        (b'{"posts": []}', "no JSON Feed"),
        (b'[{"id": 1}]', "no JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": [', "no whole JSON"),
        (b"\x1f\x8b\x08garbage", "corrupt"),
        (gzip.compress(b"<rss/>" * 99, mtime=0)[:-8], "cut off"),
        (b"/etc/hostname", "no feed"),
        (b"https://blog.example/feed", "no feed"),
        (b"<rss><channel><item>", "breaks off"),
        (rss(encoding="euc-tw").encode("big5"), "nobody here reads"),
    ],
)
def test_what_is_no_feed_is_an_error(body: bytes, cause: str) -> None:
    with pytest.raises(SourceError, match=cause):
        parse_feed(body)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Q&amp;A", "Q&A"),
        ("Q&A：茶與水", "Q&A：茶與水"),
        ("&lt;b&gt;粗&lt;/b&gt;體", "粗體"),
        ("<![CDATA[<i>斜</i>體 &amp; 正]]>", "斜體 & 正"),
        ("一 &lt; 二", "一 < 二"),
        ("反\u202e轉\u200b了\x07", "反轉了"),
        ("  兩\n  行 ", "兩 行"),
    ],
)
def test_titles_are_one_line_of_text(title: str, shown: str) -> None:
    assert first(rss(title).encode()) == shown


def test_atom_with_xhtml_and_rss_1_are_read() -> None:
    atom = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title><entry><id>urn:1</id>"
        "<title type='html'>&lt;b&gt;甲&lt;/b&gt;</title><link href='/a/'/>"
        "<updated>2026-03-01T00:00:00Z</updated><content type='xhtml'>"
        "<div xmlns='http://www.w3.org/1999/xhtml'><p>一<b>二</b></p></div></content></entry></feed>"
    )
    (entry,) = parse_feed(atom.encode()).entries
    assert (entry.title, parse_html(entry.content).text) == ("甲", "一二")
    rdf = (
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
        " xmlns='http://purl.org/rss/1.0/'><channel rdf:about='x'><title>t</title></channel>"
        "<item rdf:about='https://b.example/1'><title>乙</title><link>https://b.example/1</link>"
        "</item></rdf:RDF>"
    )
    assert first(rdf.encode()) == "乙"


def test_json_feed_is_read_leniently() -> None:
    feed = """\ufeff{"version": "https://jsonfeed.org/version/1.1", "title": ["x"],
      "language": "zh", "items": [
        {"id": 7, "url": "/a", "title": "甲", "content_text": "一\\n二 < 三",
         "tags": ["x", 1, null], "authors": [{"name": "何青"}, "x"],
         "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg"}],
         "date_published": "2026-03-01T08:00:00+08:00", "image": null},
        {"id": null, "title": true}, "no item"]}"""
    listing = parse_feed(feed.encode())
    one, two = listing.entries
    assert (one.guid, one.title, one.tags, one.author) == ("7", "甲", ("x", "1"), "何青")
    assert parse_html(one.content).text == "一\n\n二 < 三"
    assert one.media == (("/a.mp3", "audio/mpeg"),)
    assert (two.title, listing.title, listing.language) == ("", "", "zh")


def test_a_podcast_keeps_what_is_to_be_heard() -> None:
    item = (
        "<guid>ep1</guid><enclosure url='/ep1.mp3' type='audio/mpeg' length='1'/>"
        "<itunes:image xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' href='/c.jpg'/>"
    )
    listing = parse_feed(rss(item=item).encode())
    frame = FeedContext(
        source="s", base="https://blog.example/feed", zone=UTC, language="", now=datetime.now(UTC)
    )
    (post,) = make_posts(listing, frame)
    assert isinstance(post, Post)
    assert [(m.kind, m.url) for m in post.document.media] == [
        ("audio", "https://blog.example/ep1.mp3")
    ]
    assert post.image is not None
    assert post.image.url == "https://blog.example/c.jpg"


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("Wed, 14 Jan 2026 10:00:00 +0800", (2026, 1, 14, 10, 8)),
        ("Fri, 14 Jan 2026 10:00:00 +0800", (2026, 1, 14, 10, 8)),
        ("14 Jan 26 10:00 GMT", (2026, 1, 14, 10, 0)),
        ("Wed, 14 Jan 2026 10:00:00 GMT+8", (2026, 1, 14, 10, 8)),
        ("Wed, 14 Jan 2026 10:00:00 EST", (2026, 1, 14, 10, -5)),
        ("Wed, 14 Jan 2026 10:00:00 CST", (2026, 1, 14, 10, 8)),
        ("Wed, 14 Jan 2026 10:00:00", (2026, 1, 14, 10, 8)),
        ("14 Jan 2026", (2026, 1, 14, 0, 8)),
        ("2026-01-14T10:00:00Z", (2026, 1, 14, 10, 0)),
        ("2026-01-14T10:00:00.123+01:00", (2026, 1, 14, 10, 1)),
        ("2026-01-14T10:00:00", (2026, 1, 14, 10, 8)),
        ("2026-01-14 10:00", (2026, 1, 14, 10, 8)),
        ("2026-01-14", (2026, 1, 14, 0, 8)),
        ("2026/1/14 10:00", (2026, 1, 14, 10, 8)),
        ("2026年1月14日", (2026, 1, 14, 0, 8)),
        ("2026年1月14日（星期三）上午10:00", (2026, 1, 14, 10, 8)),
        ("2026年1月14日 下午 3時5分", (2026, 1, 14, 15, 8)),
        ("２０２６－０１－１４ １０：００", (2026, 1, 14, 10, 8)),
        ("民國115年1月14日", (2026, 1, 14, 0, 8)),
        ("2026-01-14 上午 10:00:00", (2026, 1, 14, 10, 8)),
        ("週三, 14 一月 2026 10:00:00 +0800", (2026, 1, 14, 10, 8)),
        ("2026-01-14 12:30 am", (2026, 1, 14, 0, 8)),
        ("1768356000", (2026, 1, 14, 2, 0)),
        ("1768356000000", (2026, 1, 14, 2, 0)),
        ("2026-01-14T24:00:00Z", (2026, 1, 15, 0, 0)),
        ("Mi, 14 Jan 2026 10:00:00", (2026, 1, 14, 10, 8)),
        ("Ke, 14 Tammi 2026 10:00:00 +0200", (2026, 1, 14, 10, 2)),
        ("mer., 14 janv. 2026 10:00:00 +0100", (2026, 1, 14, 10, 1)),
        ("mar, 13 ene 2026 10:00", (2026, 1, 13, 10, 8)),
        ("14 января 2026, 10:00", (2026, 1, 14, 10, 8)),
        ("14 de gener de 2026", (2026, 1, 14, 0, 8)),
        ("수, 14 1월 2026 10:00:00 +0900", (2026, 1, 14, 10, 9)),
        ("2026년 1월 14일 오후 3:00", (2026, 1, 14, 15, 8)),
        ("14.01.2026 10:15", (2026, 1, 14, 10, 8)),
        ("1/14/2026 9:00:00 PM", (2026, 1, 14, 21, 8)),
        ("14/01/2026", (2026, 1, 14, 0, 8)),
        ("January 14, 2026 at 9:00 am", (2026, 1, 14, 9, 8)),
        ("Wednesday, 14-Jan-26 10:00:00 GMT", (2026, 1, 14, 10, 0)),
        ("Wed Jan 14 10:00:00 +0000 2026", (2026, 1, 14, 10, 0)),
        ("20260114T100000Z", (2026, 1, 14, 10, 0)),
        ("20260114", (2026, 1, 14, 0, 8)),
        ("2026-01-14 10:00:00 +0100 CET", (2026, 1, 14, 10, 1)),
        ("Wed, 14 Jan 2026 10:00:00 CET", (2026, 1, 14, 10, 8)),
    ],
)
def test_a_date_is_the_one_that_is_printed(printed: str, meant: tuple[int, ...]) -> None:
    year, month, day, hour, offset = meant
    zone = timezone(timedelta(hours=offset))
    found = _dates.parse_moment(printed, TAIPEI)
    assert found is not None
    expected = datetime(year, month, day, hour, tzinfo=zone)
    assert (found.year, found.month, found.day, found.hour) == (year, month, day, hour)
    assert found.replace(minute=0, second=0) == expected


@pytest.mark.parametrize(
    "printed",
    [
        "", "soon", "next Tuesday", "Mon, 01 Jan 0001 00:00:00 +0000", "0001-01-01T00:00:00Z",
        "1970-01-01", "0", "99999999999999999", "2026-02-30", "2026-13-01", "32 Jan 2026",
        "9999-12-31T23:59:59Z", "2026", "14/01", "x" * 10000, "4/5/2026", "14 Foo 2026",
        "5 listopada 2026", "2 days ago", "13.13.2026", "20261314",
    ],
)  # fmt: skip
def test_what_is_no_date_is_none(printed: str) -> None:
    assert _dates.parse_moment(printed, TAIPEI) is None


@pytest.mark.parametrize(
    ("printed", "language", "day"),
    [
        ("4/5/2026", "en-US", (4, 5)),
        ("4/5/2026", "en-GB", (5, 4)),
        ("4/5/2026", "de", (5, 4)),
        ("5 listopada 2026", "pl", (11, 5)),
        ("5 listopada 2026", "hr", (10, 5)),
    ],
)
def test_the_sites_language_decides_what_may_be_two_days(
    printed: str, language: str, day: tuple[int, int]
) -> None:
    found = _dates.parse_moment(printed, UTC, language)
    assert found is not None
    assert (found.month, found.day) == day


@pytest.mark.parametrize(
    "text",
    [
        rss(item=f"<description a='{' '.join(f'b{n}=1' for n in range(3000))}'/>"),
        rss(item="<x " + " ".join(f"a{n}='1'" for n in range(2000)) + "/>"),
        rss(item=f"<author>{'a' * 6000}</author>"),
        rss(item="<b>" * 400 + "</b>" * 400),
        "<!DOCTYPE r [<!ENTITY a 'x'>]>" + rss(),
    ],
    ids=["attributes", "more-attributes", "long-word", "deep", "entities"],
)
def test_what_looks_costly_is_told_beforehand(text: str) -> None:
    assert _feed_formats.is_costly(text)
    assert not _feed_formats.is_costly(rss())


def test_a_costly_feed_is_read_apart_and_all_the_same() -> None:
    text = rss().replace("?>\n", "?>\n<!DOCTYPE rss [<!ENTITY tea '茶'>]>\n")
    assert first(text.encode()) == TITLE


def test_a_costly_body_that_is_no_feed_is_told_apart() -> None:
    with pytest.raises(SourceError, match="no feed"):
        parse_feed(b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")


def test_a_feed_made_to_do_harm_meets_its_deadline() -> None:
    text = rss(item="<x " + " ".join(f"a{n}='1'" for n in range(40_000)) + "/>")
    with pytest.raises(SourceError, match="more than"):
        _feed_formats.parse_in_process(text, seconds=1.0)


def test_pages_are_told_from_feeds_that_are_called_pages() -> None:
    assert is_web_page(b"<!DOCTYPE html><p>x", "")
    assert is_web_page(b"<p>x", "text/html")
    assert not is_web_page(rss().encode(), "text/html")


MARKS = (
    "< > <p> </p> <b> <table> <td> </table> <li> <ul> <pre> <style> <a\thref=' '> <!-- -->"
    " <![CDATA[ ]]> &amp; & 「 」 {{< >}} {{%x%}} ** ` # -"
    " 漢字 word \u202e \x00 <rss\tversion='2.0'>"
    " <channel> <item> <title> </title> </item>"
)
SCRAPS = st.lists(st.sampled_from([*MARKS.split(" "), " ", "\n", "\n\n"]), max_size=60).map("".join)


@given(st.one_of(st.text(max_size=400), SCRAPS))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_the_blocks(text: str) -> None:
    for document in (parse_html(text, "https://blog.example/"), parse_markdown(text)):
        assert "\n\n".join(document.of(block) for block in document.blocks) == document.text
        assert all(document.of(block).strip() for block in document.blocks)
        assert not any(mark in document.text for mark in "\u202e\x00\ufeff")
        for block in document.blocks:
            assert all(block.start <= a < b <= block.end for a, b in block.strong)
    _article.read_article(text, "https://blog.example/", text[:80], text[:20])


@given(
    st.one_of(st.binary(max_size=300), SCRAPS.map(str.encode)),
    st.sampled_from(["", "text/xml; charset=big5"]),
)
@settings(max_examples=150, deadline=None)
def test_no_bytes_break_the_reader(body: bytes, content_type: str) -> None:
    titles: list[str] = []
    with suppress(SourceError):
        decode_body(body, content_type)
        titles = [entry.title for entry in parse_feed(body, content_type).entries]
    assert not any("\n" in title for title in titles)


@given(
    st.one_of(
        st.text(max_size=60), st.from_regex(r"\d{1,5}[-/.年 ]\d{1,3}[-/.月 ]\d{1,3}日?.{0,20}")
    )
)
@settings(max_examples=300, deadline=None)
def test_no_date_breaks_the_reader(text: str) -> None:
    found = _dates.parse_moment(text, TAIPEI)
    assert found is None or (found.tzinfo is not None and found.astimezone(UTC).year >= 1989)


@given(st.integers(0, 28_000_000_000))
def test_every_iso_date_comes_back(seconds: int) -> None:
    moment = datetime.fromtimestamp(700_000_000 + seconds, timezone(timedelta(hours=8)))
    assert _dates.parse_moment(moment.isoformat(), UTC) == moment


@pytest.mark.parametrize(
    "label", ["uu", "hex", "base64", "zlib", "rot13", "bz2", "idna", "punycode", "unicode_escape"]
)
def test_a_label_of_no_encoding_of_texts_is_like_an_unknown_one(label: str) -> None:
    """Found by fuzzing: Python's own codecs of bytes are no encodings, and one is quadratic."""
    body = f"<?xml version='1.0' encoding='{label}'?>".encode() + "茶\xff".encode("big5", "replace")
    with pytest.raises(SourceError, match="in an encoding nobody here reads"):
        parse_feed(body + b"\xa1\xff" * 9, f"text/xml; charset={label}")
    assert first(rss().encode(), f"text/xml; charset={label}") == TITLE
