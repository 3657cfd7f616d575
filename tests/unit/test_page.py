"""A post's page gives its text, its facts and its source; what is not the post is refused."""

import json

import pytest

from digest.sources import _article

WORDS = "山坡上的茶園在霧裡醒來，採茶的人已經走了半條山路。" * 8
OPENING = WORDS[:150]
URL = "https://blog.example/posts/a/"


def html(body: str, head: str = "") -> str:
    return f"<!doctype html><html lang=zh-TW><head><title>茶園｜部落格</title>{head}</head>{body}"


def article(*parts: str, before: str = "", after: str = "") -> str:
    return html(f"<main><article>{before}<div>{''.join(parts)}</div>{after}</article></main>")


def read(page: str, opening: str = OPENING, title: str = "茶園") -> _article.ArticlePage:
    return _article.read_article(page, URL, opening, title)


def test_the_text_is_the_post_and_nothing_around_it() -> None:
    page = read(
        article(
            f"<p>{WORDS}</p><h2>小標</h2><ol><li>一</li><li>二</li></ol>"
            "<blockquote><p>引文</p></blockquote><p>尾<b>聲</b></p>",
            before="<header><nav><a href=/>首頁</a></nav><h1>茶園</h1><p>2026-03-01</p></header>",
            after="<aside><h2>相關</h2><p>別的文章</p></aside><footer><p>版權</p></footer>",
        )
    )
    assert page.why == ""
    assert page.document.text == f"{WORDS}\n\n小標\n\n一\n\n二\n\n引文\n\n尾聲"
    assert [b.kind for b in page.document.blocks] == [
        "paragraph", "heading", "item", "item", "quote", "paragraph",
    ]  # fmt: skip
    assert [b.ordered for b in page.document.blocks if b.kind == "item"] == [True, True]


def test_a_post_in_sections_of_its_own_is_whole() -> None:
    parts = "".join(f"<section><h2>第{n}節</h2><p>{n}{WORDS}</p></section>" for n in range(4))
    page = read(html(f"<main><div>{parts}</div></main>"), opening=f"第0節0{OPENING}")
    assert all(f"第{n}節" in page.document.text for n in range(4))


def test_a_lead_that_stands_before_the_text_is_kept() -> None:
    lead = "導言寫在正文的外面，說這一篇要談的是什麼，又為什麼值得一談。"
    body = (
        f"<article><div class=lead><p>{lead}</p></div><div><p>{WORDS}</p><p>完</p></div></article>"
    )
    page = read(html(body), opening=lead + OPENING)
    assert lead in page.document.text
    assert page.document.text.endswith("完")


def test_a_page_that_is_all_one_form_is_read() -> None:
    page = read(html(f"<form><article><div><h1>茶園</h1><p>{WORDS}</p></div></article></form>"))
    assert WORDS in page.document.text


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (html("<body>"), "no text"),
        (html("<div><p>請先證明您不是機器人，再試一次。</p></div>" * 9), "no text"),
        (article(f"<p>{'請先證明您不是機器人，再試一次。' * 20}</p>"), "does not hold"),
        (article(f"<p>{WORDS[:60]}…</p>"), "no text"),
        ("", "no text"),
        ("\x00<<<>>>", "no text"),
    ],
    ids=["empty", "challenge", "other", "excerpt", "nothing", "noise"],
)  # fmt: skip
def test_a_page_that_is_not_the_post_is_refused_with_the_reason(page: str, why: str) -> None:
    found = read(page)
    assert why in found.why
    assert found.document.text == ""


def test_without_words_from_the_feed_the_title_is_the_proof() -> None:
    page = article(f"<p>{WORDS}</p>")
    assert read(page, opening="").why == ""
    assert "name the post" in read(page, opening="", title="另一篇文章").why


def test_a_feed_that_begins_otherwise_is_proved_by_what_follows() -> None:
    body = "".join(f"第{n}段說的是茶園裡第{n}個早晨發生的第{n}件事，" for n in range(40))
    page = read(article(f"<p>{body}</p>"), opening="圖片說明：霧中的茶園。" * 6 + body[:400])
    assert page.why == ""


def test_the_head_says_what_the_feed_does_not() -> None:
    head = (
        "<meta name=description content=' 一句  摘要 '><meta property=og:image content=/a.png>"
        "<meta property=article:tag content=茶><meta property=article:tag content=山>"
        "<meta property=article:section content=產地><meta name=author content=何青>"
        "<link rel=canonical href=https://blog.example/posts/a/>"
    )
    page = _article.read_article(html(f"<article><p>{WORDS}</p></article>", head), URL, OPENING)
    assert (page.abstract, page.author, page.language) == ("一句 摘要", "何青", "zh-TW")
    assert (page.tags, page.categories) == (("茶", "山"), ("產地",))
    assert page.image == "https://blog.example/a.png"


@pytest.mark.parametrize("shape", ["plain", "list", "graph"])
def test_linked_data_goes_before_the_rest_of_the_head(shape: str) -> None:
    thing = {
        "@type": ["BlogPosting"],
        "headline": "茶園",
        "description": "資料裡的摘要",
        "author": [{"name": "何青"}, {"name": "白川"}],
        "keywords": "茶, 山",
        "articleSection": ["產地"],
        "image": {"url": "https://blog.example/b.png"},
        "datePublished": "2026-03-01",
    }
    data = {"plain": thing, "list": [{"@type": "WebSite"}, thing], "graph": {"@graph": [thing]}}
    script = f"<script type='application/ld+json'>{json.dumps(data[shape])}</script>"
    broken = "<script type='application/ld+json'>{broken</script>"
    page = _article.read_article(
        html(
            f"<article><p>{WORDS}</p></article>",
            broken + script + "<meta name=description content=x>",
        ),
        URL,
        OPENING,
    )
    assert (page.abstract, page.author) == ("資料裡的摘要", "何青, 白川")
    assert (page.tags, page.categories) == (("茶", "山"), ("產地",))
    assert page.published == "2026-03-01"


def test_the_episode_is_the_one_source_named_beside_the_text() -> None:
    named = "<header>來源：<a href='https://youtu.be/Ab-_1234567?si=q'>某節目</a></header>"
    share = "<a href='https://x.com/intent/post?url=https%3A%2F%2Fblog.example'>分享</a>"
    text = f"<p>{WORDS}</p><iframe src='https://player.vimeo.com/video/123456'></iframe>"
    page = read(article(text, before=named, after=f"<footer>{share}</footer>"))
    assert _article.find_episode(page) == ("https://www.youtube.com/watch?v=Ab-_1234567", "某節目")


def test_else_it_is_the_first_thing_the_text_embeds() -> None:
    text = f"<p>{WORDS}</p><iframe src='https://player.vimeo.com/video/123456'></iframe>"
    several = "<a href='https://one.example/'>一</a><a href='https://two.example/'>二</a>"
    page = read(article(text, before=several))
    assert _article.find_episode(page) == ("https://vimeo.com/123456", "")
    assert _article.find_episode(read(article(f"<p>{WORDS}</p>"))) == ("", "")


def test_the_sites_own_picture_is_not_the_posts() -> None:
    head = "<meta property=og:image content=/images/og-default.png>"
    body = f"<article><p>{WORDS}</p><img src=/own.jpg></article>"
    picture = _article.find_page_picture(_article.read_article(html(body, head), URL, OPENING))
    assert picture is not None
    assert picture.url == "https://blog.example/own.jpg"


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>茶園的雨 | 山誌</title>", "<h1>茶園的雨</h1>", "茶園的雨"),
        ("<title>茶園的雨 | 山誌</title>", "<h1>山誌</h1><h2>茶園的雨</h2>", "茶園的雨 | 山誌"),
        ("<title>山誌</title>", "<h1>茶園的雨</h1>", "茶園的雨"),
        ("<title>茶園的雨</title>", "<h1>一</h1><h1>二</h1>", "茶園的雨"),
        ("<title>x</title><meta property='og:title' content='茶園'>", "<h1>雨</h1>", "茶園"),
        ("", "<h1>茶園<br>的雨</h1>", "茶園的雨"),
        ("", "<svg><title>標誌</title></svg><p>沒有標題</p>", ""),
    ],
)
def test_a_page_without_metadata_has_the_title_it_shows(head: str, body: str, title: str) -> None:
    page = _article.read_article(
        f"<html><head>{head}</head><body>{body}</body></html>", "https://e.org/"
    )
    assert page.title == title
