"""What a feed calls title, text, link and picture is told from what only looks like them."""

import json
from datetime import UTC, datetime

import pytest

from digest.model import Post
from digest.sources._feed_formats import parse_feed
from digest.sources._feed_parsers import FeedEntry
from digest.sources._normalize import FeedContext, make_posts
from digest.text.document import parse_html
from digest.text.sentences import split_document

BASE = "https://pond.example/feed.xml"
FRAME = FeedContext(
    source="s", base=BASE, zone=UTC, language="", now=datetime(2026, 3, 10, tzinfo=UTC)
)
TEXT = "Frogs came back to the pond in March."
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'


def atom(entry: str, head: str = "") -> bytes:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {MEDIA} xml:lang="en"><title>Pond</title>'
        f'<id>urn:p</id><link href="https://pond.example/"/>{head}<entry><id>urn:e</id>'
        f"<updated>2026-03-09T09:00:00Z</updated>{entry}</entry></feed>"
    ).encode()


def rss(item: str, attributes: str = MEDIA) -> bytes:
    return (
        f'<rss version="2.0" {attributes}><channel><title>Pond</title>'
        f"<link>https://pond.example/</link><item>{item}</item></channel></rss>"
    ).encode()


def entry(body: bytes) -> FeedEntry:
    (only,) = parse_feed(body).entries
    return only


def post(body: bytes) -> Post:
    (only,) = make_posts(parse_feed(body), FRAME)
    assert isinstance(only, Post)
    return only


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (atom("<title>Sets of Set&lt;Frog&gt;</title>"), "Sets of Set<Frog>"),
        (atom('<title type="text">x &lt; y and y &gt; z</title>'), "x < y and y > z"),
        (atom('<title type="text">The &lt;main&gt; of it</title>'), "The <main> of it"),
        (atom('<title type="text">Ann&amp;#8217;s &amp;amp; Bo</title>'), "Ann’s & Bo"),
        (atom('<title type="text">Write &amp;lt;b&gt; so</title>'), "Write &lt;b> so"),
        (atom('<title type="html">&lt;i&gt;Old&lt;/i&gt; &amp;amp; new</title>'), "Old & new"),
        (rss("<title>Sets of Set&lt;Frog&gt;</title>"), "Sets of Set<Frog>"),
        (rss("<title>Why &lt;b&gt; is not &lt;strong&gt;</title>"), "Why <b> is not <strong>"),
        (rss("<title>&lt;b&gt;New&lt;/b&gt; pond</title>"), "New pond"),
        (rss("<title>Two&lt;br/&gt;lines</title>"), "Two lines"),
        (rss("<title>&lt;a href='x'&gt;Pond</title>"), "Pond"),
    ],
)
def test_a_title_keeps_what_is_no_markup(body: bytes, title: str) -> None:
    assert entry(body).title == title


def test_a_json_title_is_text() -> None:
    items = [{"id": "1", "title": "Map<Pond, Frog> & more", "url": "https://pond.example/a"}]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Pond", "items": items}
    body = json.dumps(
        feed | {"next_url": "https://pond.example/2", "hubs": [{"url": "https://h/"}]}
    )
    found = parse_feed(body.encode())
    assert found.entries[0].title == "Map<Pond, Frog> & more"
    assert (found.older, found.hub) == ("https://pond.example/2", "https://h/")


PICTURE = (
    '<media:content url="https://pond.example/a.jpg" medium="image"><media:title type="plain">'
    "dsc_1.jpg</media:title><media:description>A frog, seen from above.</media:description>"
    "<media:text>alt</media:text></media:content><media:credit>Bo Reed</media:credit>"
)


@pytest.mark.parametrize("order", ["before", "after"])
def test_a_pictures_words_are_none_of_the_post(order: str) -> None:
    own = f"<title>Frogs</title><description>{TEXT}</description>"
    item = PICTURE + own if order == "before" else own + PICTURE
    found = post(rss(item))
    assert (found.title, found.document.text, found.abstract) == ("Frogs", TEXT, "")
    assert found.image is not None
    assert found.image.url == "https://pond.example/a.jpg"


def test_any_prefix_of_media_rss_is_known() -> None:
    prefixed = PICTURE.replace("media:", "m:") + f"<description>{TEXT}</description>"
    body = rss(f"<title>Frogs</title>{prefixed}", MEDIA.replace(":media", ":m"))
    assert post(body).document.text == TEXT


def test_a_film_has_the_text_that_describes_it() -> None:
    film = f"<media:group><media:description>{TEXT}\n\nIn fog.</media:description></media:group>"
    assert post(atom(f"<title>Frogs</title>{film}")).document.text == f"{TEXT}\n\nIn fog."


@pytest.mark.parametrize(
    ("body", "link"),
    [
        (atom('<title>t</title><link rel="alternate" type="text/plain" href="/a"/>'), "/a"),
        (atom('<title>t</title><link rel="edit" href="/e"/><content src="/c"/>'), "/c"),
        (atom("<title>t</title><link>/a</link>"), "/a"),
        (
            rss(
                "<title>t</title><link>https://r.example/1</link><guid>1</guid>"
                "<feedburner:origLink>https://pond.example/a</feedburner:origLink>",
                'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"',
            ),
            "/a",
        ),
        (rss("<title>t</title><link>/a?utm_source=rss&amp;id=7</link>"), "/a?id=7"),
    ],
)
def test_a_post_has_the_address_of_its_own_page(body: bytes, link: str) -> None:
    assert post(body).url == f"https://pond.example{link}"


def test_relative_addresses_count_from_xml_base() -> None:
    content = '<content type="html" xml:base="/frogs/">F&lt;img src="a.png"&gt;</content>'
    found = post(atom(f'<title>t</title><link href="/p/1"/>{content}'))
    assert [image.url for image in found.document.images] == ["https://pond.example/frogs/a.png"]


def test_a_text_without_an_abstract_has_none() -> None:
    assert post(atom(f'<title>t</title><content type="html">{TEXT}</content>')).abstract == ""


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>&lt;p&gt;The &lt;em&gt;old&lt;/em&gt; pond.&lt;/p&gt;</p>", "The old pond."),
        ("&lt;p&gt;One.&lt;/p&gt; &lt;p&gt;Two &amp;amp; three.&lt;/p&gt;", "One.\n\nTwo & three."),
        ("<p>See &lt;a href=&quot;/x&quot;&gt;the pond&lt;/a&gt; now.</p>", "See the pond now."),
        ("<p>The &lt;p&gt; tag, and &lt;/p&gt; too.</p>", "The <p> tag, and </p> too."),
        (
            "<p>Write <code>&lt;a href&gt;</code> for &lt;a href='x'&gt;x&lt;/a&gt;.</p>",
            "Write <a href> for <a href='x'>x</a>.",
        ),
    ],
)
def test_markup_that_was_escaped_once_too_often_is_read_once_more(html: str, text: str) -> None:
    body = rss(f"<title>t</title><description><![CDATA[{html}]]></description>")
    assert post(body).document.text == text


def test_the_text_of_an_atom_entry_may_be_plain() -> None:
    found = post(atom('<title>t</title><summary type="text">x &lt; y, Set&lt;Frog&gt;</summary>'))
    assert found.document.text == "x < y, Set<Frog>"


REAL = "https://pond.example/real.jpg"


@pytest.mark.parametrize(
    "html",
    [
        f'<picture><source srcset="{REAL} 1x, b.jpg 2x"><img src="data:image/gif;R0"></picture>',
        f'<img src="https://pond.example/i/lazyload.gif" data-lazy-srcset="{REAL} 800w">',
        f'<img src="https://pond.example/blank.png"><noscript><img src="{REAL}"></noscript>',
        f'<img src="data:image/png;base64,A" data-thumb="t.jpg" data-real-file="{REAL}">',
        f'<img src="/static/grey-placeholder.svg?v=2" data-srcset="{REAL} 1x">',
        f'<img src="{REAL}" data-full-file="https://pond.example/full.jpg">',
    ],
)
def test_a_picture_is_the_real_one(html: str) -> None:
    images = parse_html(f"<p>{TEXT}</p>{html}", "https://pond.example/").images
    assert [image.url for image in images] == [REAL]


@pytest.mark.parametrize(
    "figure",
    [
        "<figure><img src=/a.jpg><figcaption>A frog, seen from above.</figcaption></figure>",
        "<figure><picture><img src=/a.jpg></picture><figcaption><p>Far.</p></figcaption></figure>",
        '<div class="wp-caption"><img src=/a.jpg><p class="wp-caption-text">A frog.</p></div>',
    ],
)
def test_a_caption_is_no_sentence_of_the_text(figure: str) -> None:
    document = parse_html(f"{figure}<p>{TEXT}</p>", "https://pond.example/")
    assert [document.text[s.start : s.end] for s in split_document(document)] == [TEXT]
    assert document.blocks[0].kind == "caption"


def test_a_caption_is_the_text_where_there_is_no_other() -> None:
    document = parse_html(f"<figure><img src=/a.jpg><figcaption>{TEXT}</figcaption></figure>")
    assert [document.text[s.start : s.end] for s in split_document(document)] == [TEXT]


def test_who_said_it_is_no_caption() -> None:
    html = f"<figure><blockquote>{TEXT}</blockquote><figcaption>Bo Reed</figcaption></figure>"
    assert [block.kind for block in parse_html(html).blocks] == ["quote", "paragraph"]
