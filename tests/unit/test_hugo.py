"""A Hugo folder gives posts with the addresses, dates and facts that its site would print."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.model import Batch, CacheValidators, Post, SkippedPost, Unchanged
from digest.model.errors import ConfigError
from digest.sources import _hugo_content, hugo

NOW = datetime(2026, 3, 10, tzinfo=UTC)
POST = """---
title: "第一篇"
date: 2026-03-01T08:00:00+08:00
description: "一句話說完。"
tags: ["甲", "乙"]
categories: ["產業"]
image: "/images/a.webp"
source_url: "https://youtu.be/Ab-_1234567?si=x"
source_name: "某節目"
related_people: ["ling-chen", {name: "白川"}]
---

正文 **粗體**。
"""


def folder(at: Path, **files: str) -> Path:
    posts = at / "content" / "posts"
    posts.mkdir(parents=True)
    for name, text in files.items():
        path = posts / name.replace("__", "/").replace("_md", ".md").replace("_html", ".html")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    return posts


def polled(path: Path, **options: str) -> Batch:
    found = hugo.build({"folder": str(path), "site": "https://blog.example", **options}).poll(
        CacheValidators(), NOW
    )
    assert isinstance(found, Batch)
    return found


def test_front_matter_becomes_a_post(tmp_path: Path) -> None:
    path = folder(tmp_path, **{"20260301-First_md": POST})
    source = hugo.build({"folder": str(path), "site": "https://blog.example", "name": "blog"})
    found = source.poll(CacheValidators(), NOW)
    assert isinstance(found, Batch)
    post = source.complete(found.posts[0])
    assert post.url == "https://blog.example/posts/20260301-first/"
    assert post.published == datetime(2026, 3, 1, tzinfo=UTC)
    assert (post.title, post.abstract) == ("第一篇", "一句話說完。")
    assert (post.tags, post.categories) == (("甲", "乙"), ("產業",))
    assert post.people == ("Ling Chen", "白川")
    assert post.episode == "https://www.youtube.com/watch?v=Ab-_1234567"
    assert post.episode_name == "某節目"
    assert post.image is not None
    assert post.image.url == "https://blog.example/images/a.webp"
    assert (post.document.text, post.text_from) == ("正文 粗體。", "file")


@pytest.mark.parametrize(
    ("matter", "reason"),
    [
        ("title: a\ndate: 2026-01-01\ndraft: true", "draft"),
        ("title: a\ndate: 2027-01-01", "future"),
        ("title: a\ndate: 2026-01-01\nexpiryDate: 2026-02-01", "expired"),
        ("title: a\ndate: 2026-01-01\nheadless: true", "headless"),
        ("title: a", "no date"),
        ('title: "a\ndate: 2026-01-01', "broken front matter"),
        ("- a\n- b", "broken front matter"),
    ],
)
def test_what_the_site_would_not_show_is_left_out_with_its_reason(
    tmp_path: Path, matter: str, reason: str
) -> None:
    path = folder(tmp_path, good_md=POST, bad_md=f"---\n{matter}\n---\ntext")
    found = polled(path)
    assert [p.title for p in found.posts] == ["第一篇"]
    (left,) = found.skipped
    assert reason in left.reason


def test_a_broken_file_is_told_with_its_name(tmp_path: Path) -> None:
    found = polled(folder(tmp_path, bad_md='---\ntitle: "a\n---\n'))
    assert "bad.md" in found.warnings[0]


@pytest.mark.parametrize(
    ("head", "published"),
    [
        ("---\ntitle: t\ndate: 2026-03-01\n---\n", datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("---\ntitle: t\ndate: 2026-03-01T10:00:00\n---\n", datetime(2026, 3, 1, 2, tzinfo=UTC)),
        ("---\ntitle: t\ndate: '2026-03-01 10:00'\n---\n", datetime(2026, 3, 1, 2, tzinfo=UTC)),
        ('+++\ntitle = "t"\ndate = 2026-03-01T10:00:00Z\n+++\n',
         datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ('{"title": "t", "date": "2026-03-01T10:00:00+01:00"}\n',
         datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("\ufeff---\r\ntitle: t\r\ndate: 2026-03-01\r\n---\r\n",
         datetime(2026, 2, 28, 16, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_every_form_of_front_matter_and_date_is_read(
    tmp_path: Path, head: str, published: datetime
) -> None:
    (post,) = polled(folder(tmp_path, a_md=f"{head}text"), timezone="Asia/Taipei").posts
    assert (post.title, post.published) == ("t", published)


def test_bundles_sections_slugs_and_urls_follow_hugo(tmp_path: Path) -> None:
    matter = "---\ntitle: t\ndate: 2026-01-0{}\n{}---\ntext"
    path = folder(
        tmp_path,
        My__index_md=matter.format(1, ""),
        My__note_md="a resource of the bundle",
        **{
            "a b_md": matter.format(2, ""),
            "c_md": matter.format(3, "slug: other\n"),
            "d_md": matter.format(4, "url: /else/where/\n"),
            "_index_md": matter.format(5, ""),
        },
    )
    assert sorted(p.url for p in polled(path).posts) == [
        "https://blog.example/else/where/",
        "https://blog.example/posts/a-b/",
        "https://blog.example/posts/my/",
        "https://blog.example/posts/other/",
    ]


def test_the_configuration_above_the_folder_says_whose_posts_these_are(tmp_path: Path) -> None:
    path = folder(tmp_path, a_md=POST)
    (tmp_path / "hugo.toml").write_text(
        'baseURL = "https://own.example/blog"\ntitle = "Own"\nlanguageCode = "zh-tw"\n'
        'timeZone = "Asia/Taipei"\n'
    )
    found = hugo.build({"folder": str(path)}).poll(CacheValidators(), NOW)
    assert isinstance(found, Batch)
    assert found.posts[0].url.startswith("https://own.example/blog/posts/")
    assert (found.about.title, found.about.timezone) == ("Own", "Asia/Taipei")
    assert found.warnings == ()


def test_without_a_base_url_links_go_nowhere_and_say_so(tmp_path: Path) -> None:
    found = hugo.build({"folder": str(folder(tmp_path, a_md=POST))}).poll(CacheValidators(), NOW)
    assert isinstance(found, Batch)
    assert found.posts[0].url.startswith("https://example.invalid/posts/")
    assert "--site" in found.warnings[0]
    assert found.about.timezone == "Etc/GMT-8"


def test_another_site_gives_other_addresses_at_once(tmp_path: Path) -> None:
    path = folder(tmp_path, a_md=POST)
    first = hugo.build({"folder": str(path)}).poll(CacheValidators(), NOW)
    assert isinstance(first, Batch)
    other = hugo.build({"folder": str(path), "site": "https://own.example"})
    again = other.poll(first.validators, NOW)
    assert isinstance(again, Batch)
    assert again.posts[0].url.startswith("https://own.example/")
    assert isinstance(other.poll(again.validators, NOW), Unchanged)


def test_of_two_posts_of_one_address_one_is_told_and_the_other_named(tmp_path: Path) -> None:
    two = POST.replace("title:", "slug: same\ntitle:")
    found = polled(folder(tmp_path, a_md=two, b_md=two.replace("第一", "第二")))
    assert [post.title for post in found.posts] == ["第一篇"]
    said = found.warnings[0]
    assert "b.md: it has the address of posts/a.md, https://blog.example/posts/same/" in said


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<b>河</b>與 {{< ref x >}}海 &amp; **山**", "河與 海 & 山"),
        ("見[此](https://a.example)：3 < 4，a_b", "見此：3 < 4，a_b"),
        ("a < b，# 1", "a < b，# 1"),
    ],
)
def test_an_abstract_is_plain_text(tmp_path: Path, written: str, read: str) -> None:
    matter = POST.replace("一句話說完。", written)
    assert polled(folder(tmp_path, a_md=matter)).posts[0].abstract == read


def test_a_whole_site_is_read_as_its_content(tmp_path: Path) -> None:
    folder(tmp_path, a_md=POST)
    (tmp_path / "README.md").write_text(POST.replace("第一篇", "讀我"))
    (tmp_path / "hugo.toml").write_text('baseURL = "https://own.example/"')
    found = hugo.build({"folder": str(tmp_path)}).poll(CacheValidators(), NOW)
    assert isinstance(found, Batch)
    assert [post.url for post in found.posts] == ["https://own.example/posts/a/"]
    assert found.source == str(tmp_path)


def test_nothing_is_read_again_until_a_file_changes_or_a_post_is_due(tmp_path: Path) -> None:
    later = "---\ntitle: later\ndate: 2026-03-12\n---\ntext"
    path = folder(tmp_path, a_md=POST, b_md=later)
    source = hugo.build({"folder": str(path)})
    first = source.poll(CacheValidators(), NOW)
    assert isinstance(first, Batch)
    assert isinstance(source.poll(first.validators, NOW), Unchanged)
    due = source.poll(first.validators, datetime(2026, 3, 13, tzinfo=UTC))
    assert isinstance(due, Batch)
    assert len(due.posts) == 2
    os.utime(path / "a.md", (1, 1))
    assert isinstance(source.poll(first.validators, NOW), Batch)


def test_a_broken_file_is_named_every_time_until_it_is_mended(tmp_path: Path) -> None:
    path = folder(tmp_path, a_md=POST, b_md="---\ntitle: [left open\n---\ntext")
    source = hugo.build({"folder": str(path), "site": "https://blog.example/"})
    first = source.poll(CacheValidators(), NOW)
    assert isinstance(first, Batch)
    again = source.poll(first.validators, NOW)
    assert isinstance(again, Batch)
    assert "b.md" in again.warnings[0]
    (path / "b.md").write_text(POST, "utf-8")
    mended = source.poll(again.validators, NOW)
    assert isinstance(mended, Batch)
    assert isinstance(source.poll(mended.validators, NOW), Unchanged)


def test_one_file_is_read_whatever_its_date_and_state(tmp_path: Path) -> None:
    path = tmp_path / "note.md"
    path.write_text("# 標題\n\n正文。", "utf-8")
    post = _hugo_content.read_post_file(path)
    assert isinstance(post, Post)
    assert (post.title, post.document.text) == ("標題", "標題\n\n正文。")
    path.write_text("---\ntitle: [\n---\n", "utf-8")
    assert isinstance(_hugo_content.read_post_file(path), SkippedPost)


HEAD = "---\ntitle: 題\ndate: 2026-03-01\n{}\n---\n\n文\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("---\ntitle: 題\ndate: 2026-03-01\n---\n茶行的老闆說話了。".encode("big5"), "as UTF-8"),
        ("---\ntitle: 題\ndate: 2026-03-01\n---\n文".encode("utf-16"), "Save it as UTF-8"),
        (b"---\ntitle: [" + b"[" * 5000, "not closed"),
        (b"---\ntitle: " + b"[" * 90000 + b"]" * 90000 + b"\n---\n", "nests too deep"),
        (b"---\ntitle:\n" + b"- " * 90000 + b"x\n---\n", "nests too deep"),
        (b"{\"title\": " + b"[" * 90000 + b"]" * 90000 + b"}", "nests too deep"),
        (b"+++\ntitle = " + b"[" * 9000 + b"]" * 9000 + b"\n+++\n", "nests too deep"),
        (b"+++\n" + b"a." * 90000 + b"a = 1\n+++\n", "nests too deep"),
        (b"---\ntitle: x\ndate: 0001-01-01T00:00:00+08:00\n---\n", "it has no date"),
        (b"---\ntitle: x\ndate: 9999-12-31T23:00:00-08:00\n---\n", "it has no date"),
        (b"---\ntitle: x\ndate: 2026-02-30\n---\n", "broken front matter"),
        (b"---\ntitle: 0x" + b"f" * 9000 + b"\ndate: 2026-03-01\n---\n", "reading it failed"),
    ],
)  # fmt: skip
def test_a_bad_file_costs_only_itself(tmp_path: Path, body: bytes, said: str) -> None:
    path = folder(tmp_path, good_md=POST)
    (path / "bad.md").write_bytes(body)
    found = polled(path)
    assert [post.title for post in found.posts] == ["第一篇"]
    assert [(s.url, said in s.reason) for s in found.skipped] == [(str(path / "bad.md"), True)]
    assert any(str(path / "bad.md") in line for line in found.warnings)


def test_what_is_no_file_costs_only_itself(tmp_path: Path) -> None:
    path = folder(tmp_path, good_md=POST)
    (path / "lost.md").symlink_to(path / "nowhere.md")
    os.mkfifo(path / "pipe.md")
    Path(os.fsdecode(os.fsencode(path) + b"/\xa4\xa4.md")).write_text(POST)
    found = polled(path)
    assert [post.title for post in found.posts] == ["第一篇"]
    assert all(s.reason.startswith("broken: it") for s in found.skipped)
    assert len(found.skipped) == 3
    assert "\n".join(found.warnings).encode()


def test_a_post_that_has_become_unreadable_keeps_its_facts(tmp_path: Path) -> None:
    path = folder(tmp_path, good_md=POST)
    source = hugo.build({"folder": str(path), "site": "https://blog.example"})
    (post,) = polled(path).posts
    (path / "good.md").write_bytes("說話的人".encode("big5") * 9)
    completed = source.complete(post)
    assert (completed.title, completed.text_from) == (post.title, post.text_from)
    assert "UTF-8" in completed.note


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ('draft: "true"', "it is a draft"), ("draft: T", "it is a draft"),
        ("draft: 1", "it is a draft"), ("draft: yes", "it is a draft"),
        ("headless: 'True'", "it is headless: it has no page of its own"),
        ('draft: "false"', ""), ("draft: 0", ""), ("draft: 'on'", ""), ("draft: [true]", ""),
    ],
)  # fmt: skip
def test_truth_is_what_hugo_takes_for_it(tmp_path: Path, value: str, reason: str) -> None:
    found = polled(folder(tmp_path, a_md=HEAD.format(value)))
    assert [s.reason for s in found.skipped] == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("url: /a b/c/", "a%20b/c/"), ("url: //other.example/x", "other.example/x"),
        ("url: https://blog.example/kept/", "kept/"), ("url: https://other.example/x", "posts/a/"),
        ("url: 'javascript:alert(1)'", "posts/a/"), ("url: /../%2e%2e/x/", "x/"),
        ("slug: ../../etc", "posts/etc/"), ("slug: '..'", "posts/a/"),
        ("slug: 5% ok", "posts/5-ok/"),
    ],
)  # fmt: skip
def test_every_post_lives_on_its_site(tmp_path: Path, value: str, path: str) -> None:
    (post,) = polled(folder(tmp_path, a_md=HEAD.format(value))).posts
    assert post.url == f"https://blog.example/{path}"


def test_a_picture_that_is_no_address_counts_as_not_given(tmp_path: Path) -> None:
    text = HEAD.format("image: 'javascript:alert(1)'\nthumbnail: //user:pw@pics.example/a.png")
    (post,) = polled(folder(tmp_path, a_md=text)).posts
    assert post.image
    assert post.image.url == "https://pics.example/a.png"


def test_windows_line_ends_leave_no_trace(tmp_path: Path) -> None:
    path = folder(tmp_path, a_md="\ufeff" + POST.replace("\n", "\r\n") + "```\r\na\r\nb\r\n```\r\n")
    post = _hugo_content.read_post_file(path / "a.md")
    assert isinstance(post, Post)
    assert post.document.text == "正文 粗體。\n\na\nb"


def test_a_missing_folder_is_a_setting_gone_wrong() -> None:
    with pytest.raises(ConfigError, match="folder: there is no folder"):
        hugo.build({"folder": "nowhere"})


def test_an_html_page_is_read_without_the_site_around_it(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    words = "山坡上的茶園在霧裡醒來，採茶的人已經走了半條山路。" * 8
    path.write_text(
        "<!doctype html><html lang=zh-TW><head><title>茶園 - 站名</title>"
        "<meta name=description content=一句摘要></head><body><nav>首頁</nav>"
        f"<article><h1>茶園 &amp; 霧</h1><div><p>{words}</p></div></article><footer>版權</footer>",
        "utf-8",
    )
    post = _hugo_content.read_post_file(path)
    assert isinstance(post, Post)
    assert (post.title, post.abstract, post.language) == ("茶園 & 霧", "一句摘要", "zh-TW")
    assert (post.document.text, post.text_from) == (words, "page")
    path.write_text("<p>短短一句。</p>", "utf-8")
    short = _hugo_content.read_post_file(path)
    assert isinstance(short, Post)
    assert (short.title, short.document.text) == ("page", "短短一句。")
