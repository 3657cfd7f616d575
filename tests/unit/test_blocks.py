"""HTML and Markdown become the same clean blocks, with nothing in them that no reader would see."""

from itertools import pairwise

import pytest

from digest.model import Document
from digest.text.document import parse_html, parse_markdown
from digest.text.text_buffer import fold_line


def roles(document: Document) -> list[tuple[str, int, str]]:
    return [(b.kind, b.level, document.of(b)) for b in document.blocks]


def test_markdown_keeps_the_roles_of_its_blocks() -> None:
    document = parse_markdown(
        "## 開場 {#start}\n\n> 引文\n\n一段 **粗體** 字。\n\n1. 甲\n   - 乙\n2. 丙\n\n"
        "```py\nx = 1\n\ny = 2\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    assert roles(document) == [
        ("heading", 2, "開場"),
        ("quote", 1, "引文"),
        ("paragraph", 0, "一段 粗體 字。"),
        ("item", 1, "甲"),
        ("item", 2, "乙"),
        ("item", 1, "丙"),
        ("code", 0, "x = 1\n\ny = 2"),
        ("table", 0, "a | b\n1 | 2"),
    ]
    assert [b.ordered for b in document.blocks if b.kind == "item"] == [True, False, True]
    assert [document.text[a:b] for p in document.blocks for a, b in p.strong] == ["粗體"]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ("潮水\n退了", "潮水退了"),
        ("關於潮水：\nTide 是船名", "關於潮水：Tide 是船名"),
        ("Tide\n「退了」", "Tide「退了」"),
        ("潮水\nTide", "潮水 Tide"),
        ("The tide\nwaits", "The tide waits"),
    ],
)
def test_a_soft_break_is_a_space_only_where_one_is_written(lines: str, text: str) -> None:
    assert parse_html(f"<p>{lines}</p>").text == text
    first, second = lines.split("\n")
    assert parse_html(f"<p><b>{first}</b>\n{second}</p>").text == text


def test_text_is_the_blocks_joined_by_a_blank_line() -> None:
    document = parse_html("<p>one</p>two<ul><li>three<p>more</p></li></ul>")
    assert document.text == "one\n\ntwo\n\nthree\n\nmore"
    assert "\n\n".join(document.of(b) for b in document.blocks) == document.text
    assert all(a.end + 2 == b.start for a, b in pairwise(document.blocks))
    assert [b.kind for b in document.blocks] == ["paragraph", "paragraph", "item", "paragraph"]


@pytest.mark.parametrize(
    "hidden",
    [
        "<style>p { color: red }</style>",
        "<script>var x = '<p>no</p>'</script>",
        "<nav><a href='/'>Home</a></nav>",
        "<div hidden>secret</div>",
        "<span style='display: none'>secret</span>",
        "<a aria-hidden='true' href='#x'>#</a>",
        "<svg><title>icon</title><text>t</text></svg>",
        "<template><p>t</p></template>",
        "<!-- a comment -->",
        "<sup><a href='#fn:1'>1</a></sup>",
        "<iframe src='https://ads.example/'>fallback</iframe>",
    ],
)
def test_what_no_reader_sees_leaves_no_trace(hidden: str) -> None:
    assert parse_html(f"<p>before{hidden}after</p>").text.replace("\n\n", "") == "beforeafter"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>  two \n  words </p>", "two words"),
        ("<p>中文\n換行</p>", "中文換行"),
        ("<p>中文\n<b>換行</b></p>", "中文換行"),
        ("<p>用 AI\n工具</p>", "用 AI 工具"),
        ("<p>「a」\nb</p>", "「a」b"),
        ("<p>one<br>two<br/>\nthree</p>", "one\ntwo\nthree"),
        ("<p>\u3000\u3000縮排</p>", "縮排"),
        ("<p>a <b> b </b> c</p>", "a b c"),
        ("<p>a\u202eb\u200bc\x00</p>", "abc"),
        ("<pre>a\u202e\x00\n b</pre>", "a\n b"),
        ("<p>R&amp;D &lt;tag&gt;</p>", "R&D <tag>"),
        ("", ""),
        ("<p> </p><div></div>", ""),
        ("<table><tr><td><p>lay</p><p>out</p></td></tr></table>", "lay\n\nout"),
    ],
)
def test_white_space_is_folded_by_rule(html: str, text: str) -> None:
    assert parse_html(html).text == text


@pytest.mark.parametrize(
    ("html", "kind", "url"),
    [
        ("<iframe src='//www.youtube-nocookie.com/embed/Ab-_1234567?start=3'></iframe>", "youtube",
         "https://www.youtube.com/watch?v=Ab-_1234567"),
        ("<a href='https://youtu.be/Ab-_1234567?t=9'>v</a>", "youtube",
         "https://www.youtube.com/watch?v=Ab-_1234567"),
        ("<iframe data-src='https://open.spotify.com/embed/episode/0abc'></iframe>", "spotify",
         "https://open.spotify.com/episode/0abc"),
        ("<iframe src='https://embed.podcasts.apple.com/tw/podcast/a-b/id12?i=34'></iframe>",
         "apple-podcasts", "https://podcasts.apple.com/us/podcast/id12?i=34"),
        ("<a href='https://twitter.com/somebody/status/99?s=20'>post</a>", "x",
         "https://x.com/somebody/status/99"),
        ("<iframe src='https://player.vimeo.com/video/123456'></iframe>", "vimeo",
         "https://vimeo.com/123456"),
        ("<audio><source src='/a/b.mp3'>no audio</audio>", "audio", "https://blog.example/a/b.mp3"),
        ("<video src='c.mp4'></video>", "video", "https://blog.example/c.mp4"),
        ("<iframe src='https://maps.example/x?y=1'></iframe>", "embed", "https://maps.example/x?y=1"),
    ],
)  # fmt: skip
def test_embedded_media_become_links_to_watch(html: str, kind: str, url: str) -> None:
    (found,) = parse_html(html, "https://blog.example/").media
    assert (found.kind, found.url) == (kind, url)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/@channel",
        "https://x.com/somebody",
        "https://open.spotify.com/",
        "https://blog.example/",
        "javascript:alert(1)",
        "http://[bad",
    ],
)
def test_a_channel_or_profile_is_nothing_to_watch(url: str) -> None:
    assert parse_html(f"<a href='{url}'>words</a>").media == ()


def test_images_are_absolute_and_lazy_ones_resolved() -> None:
    document = parse_html(
        "<img src='data:image/gif;base64,R0' data-src='/big.jpg' alt=' a  b '"
        " width=640 height='480px'>"
        "<noscript><img src='/big.jpg'></noscript><img src='/pixel.gif' width=1 height=1>"
        "<img srcset='small.png 1x, large.png 2x'><img class=emoji src=e.svg alt='🙂'>",
        "https://blog.example/p/",
    )
    assert [(i.url, i.alt, i.width, i.height) for i in document.images] == [
        ("https://blog.example/big.jpg", "a b", 640, 480),
        ("https://blog.example/p/small.png", "", None, None),
    ]
    assert document.text == "🙂"


@pytest.mark.parametrize(
    ("markdown", "text", "links"),
    [
        ("[甲](javascript:alert(1)) [乙](data:text/html,x)", "甲 乙", []),
        ("![丙](javascript:alert(1)) [丁](file:///etc/hostname)", "丁", []),
        ("[戊](https://user:secret@paper.example/x)", "戊", ["https://paper.example/x"]),
        ("[己](https://bank.example@thief.example/)", "己", ["https://thief.example/"]),
        ("[庚](https://[broken/)", "庚", []),
    ],
)
def test_a_link_nobody_may_follow_leaves_its_words(
    markdown: str, text: str, links: list[str]
) -> None:
    document = parse_markdown(markdown)
    assert (document.text, [link.url for link in document.links]) == (text, links)
    assert document.images == ()


def test_text_is_what_a_reader_sees() -> None:
    hidden = "一\0二\u200b三\u202e四\u2060五\ud800六\u2028七\x85eight\u2029nine 👩\u200d🚀"
    said = "一二三四五六七 eight nine 👩\u200d🚀"
    assert parse_html(f"<p>{hidden}</p>").text == said
    assert parse_markdown(hidden).text == said
    assert parse_markdown("```\na\tb\x07\n  c\x0bd\n```").text == "a\tb\n  c\nd"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\u2028b\x0bc\x1cd\x85e\r\nf", "a b c d e f"),
        ("\u3000\u200b\u3000", ""),
        ("\u2800\u3164\u200d\ufe0f", ""),
        ("全形　空白", "全形　空白"),
        ("مقابلة\u202e مع", "مقابلة مع"),
    ],
)
def test_a_folded_line_is_one_line_or_none(text: str, line: str) -> None:
    assert fold_line(text) == line


def test_outbound_links_are_kept_with_their_words() -> None:
    html = (
        "<p>see <a href='https://paper.example/x'>the <b>paper</b></a> <a href='/own'>own</a></p>"
    )
    (link,) = parse_html(html, "https://blog.example/").links
    assert (link.url, link.title) == ("https://paper.example/x", "the paper")


@pytest.mark.parametrize(
    ("markdown", "text", "media"),
    [
        ('前\n\n{{< youtube "Ab-_1234567" >}}\n\n後', "前\n\n後", ["https://www.youtube.com/watch?v=Ab-_1234567"]),
        ("{{< youtube id=Ab-_1234567 title='x' >}}", "", ["https://www.youtube.com/watch?v=Ab-_1234567"]),
        ('{{< spotify "episode/9z" >}}', "", ["https://open.spotify.com/episode/9z"]),
        ('{{< spotify "us/podcast/odd/id1" >}}', "", []),
        ('{{< apple-podcast "tw/podcast/a/id7?i=8" >}}', "", ["https://podcasts.apple.com/us/podcast/id7?i=8"]),
        ('{{< tweet user="who" id="42" >}}', "", ["https://x.com/who/status/42"]),
        ('{{% notice tip %}}\n留著\n{{% /notice %}}', "留著", []),
        ("{{< unknown thing=1 >}}後", "後", []),
        ('[文]({{< relref "b.md" >}})', "文", []),
        ("{{< mermaid >}}\ngraph TD\n{{< /mermaid >}}\n\n後", "後", []),
        ('{{< highlight go "linenos=1" >}}\na < b\n{{< /highlight >}}', "a < b", []),
        ("`{{</* youtube x */>}}`", "{{< youtube x >}}", []),
        ("未完 {{< youtube\n\n下一段 {{< unknown >}}完", "未完\n\n下一段 完", []),
        ("{{< a {{< youtube Ab-_1234567 >}}", "", ["https://www.youtube.com/watch?v=Ab-_1234567"]),
        ("未完 {{< youtube", "未完", []),
        ("未完 {{< youtube\n\n後 {{% b %}}文", "未完\n\n後 文", []),
    ],
)  # fmt: skip
def test_shortcodes_become_what_they_stand_for(markdown: str, text: str, media: list[str]) -> None:
    document = parse_markdown(markdown)
    assert (document.text, [m.url for m in document.media]) == (text, media)


def test_a_figure_keeps_picture_and_caption() -> None:
    document = parse_markdown(
        '{{< figure src="/a.png" alt="圖" caption="說明" >}}', "https://blog.example/"
    )
    assert [(i.url, i.alt) for i in document.images] == [("https://blog.example/a.png", "圖")]
    assert document.text == "說明"


def test_a_hundred_thousand_nested_tags_cost_no_more_than_their_text() -> None:
    assert parse_html("<div>" * 100_000 + "deep").text == "deep"
