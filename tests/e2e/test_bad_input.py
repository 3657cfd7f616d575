"""Bad input ends in one line that names the thing, the cause and the remedy, with its status.

What is good is still used.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from digest.app.demo import SAMPLE
from tests.command import digest
from tests.faults import dropped, failing, html_instead, truncated
from tests.http_server import Answer, HttpServer, moved, text

WEEK = "2026-W11"
FEED = "/posts/index.xml"

POST = """---
title: {title}
date: 2026-03-11T09:00:00+08:00
description: 潮水退下去以後，石頭上留著一行字。
---

阿嬤把網子收起來，說：「海會記得誰來過。」我們沒有接話，只是跟著她走回岸上，一路上都聽見浪。
"""


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """A folder with one good post."""
    folder = tmp_path / "blog" / "content" / "posts"
    folder.mkdir(parents=True)
    (folder / "good.md").write_text(POST.format(title="潮間帶的字"))
    return folder


@pytest.fixture
def blog(http_server: HttpServer) -> HttpServer:
    """The sample blog, published where its feed says it is."""
    site = "https://blog.example.org"
    root = SAMPLE / "public"
    for file in root.rglob("*"):
        if file.suffix in (".xml", ".html"):
            body = file.read_text("utf-8").replace(site, http_server.url)
            kind = "application/xml" if file.suffix == ".xml" else "text/html; charset=utf-8"
            path = "/" + file.relative_to(root).as_posix().removesuffix("index.html")
            http_server.put(path, text(body, kind))
    http_server.folder(root)
    return http_server


def titles(issue: dict) -> set[str]:
    return {story["title"] for section in issue["sections"] for story in section["stories"]}


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (text("<title>Nothing</title><p>A page without a feed."), "feed"),
        (failing(404), "404"),
        (failing(500), "500"),
        (html_instead(), "feed"),
        (text("<rss><channel><item>", "application/rss+xml"), ""),
        (Answer(body=b"\x00\x01\x02 no feed at all", type="application/octet-stream"), "feed"),
        (truncated(text("<rss>" + "x" * 5000, "application/xml"), at=100), ""),
        (dropped(), ""),
        (moved(FEED), "redirect"),
    ],
    ids=["page", "404", "500", "sign-in", "broken", "binary", "truncated", "dropped", "loop"],
)
def test_no_feed_at_the_url(
    http_server: HttpServer, tmp_path: Path, answer: Answer, cause: str
) -> None:
    url = http_server.put(FEED, answer)
    done = digest("draft", "--feed", url, "--week", WEEK, cwd=tmp_path, status=1)
    assert http_server.url.removeprefix("http://") in done.complaint
    assert cause in done.complaint.lower()
    assert not done.out


def test_nobody_answers_at_the_url(tmp_path: Path) -> None:
    done = digest("draft", "--feed", "http://127.0.0.1:9/feed", cwd=tmp_path, status=1)
    assert "127.0.0.1:9" in done.complaint


def test_an_empty_week_names_a_week_that_is_not(posts: Path, tmp_path: Path) -> None:
    done = digest("draft", "--folder", posts, "--week", "2025-W01", cwd=tmp_path, status=3)
    assert "2025-W01" in done.complaint
    said = f"digest draft --folder {posts} --week {WEEK}"
    assert said in done.complaint
    digest(*said.split()[1:], cwd=tmp_path)


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    done = digest("draft", "--folder", "posts", "--week", WEEK, cwd=tmp_path, status=3)
    assert "no post" in done.complaint


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("broken.md", "---\ntitle: [unclosed\ndate: 2026-03-11\n---\n字\n", "front matter"),
        ("open.md", "---\ntitle: 沒有結尾\ndate: 2026-03-11\n字\n", "front matter"),
        ("dateless.md", "---\ntitle: 沒有日期\n---\n字\n", "date"),
        ("someday.md", "---\ntitle: 某一天\ndate: someday\n---\n字\n", "date"),
    ],
    ids=["broken", "open", "dateless", "someday"],
)
def test_a_bad_post_is_named_and_the_good_one_used(
    posts: Path, tmp_path: Path, name: str, content: str, cause: str
) -> None:
    (posts / name).write_text(content)
    done = digest("draft", "--folder", posts, "--week", WEEK, "--json", cwd=tmp_path)
    assert titles(done.json()) == {"潮間帶的字"}
    told = done.warnings + [f"{s['url']}: {s['reason']}" for s in done.json()["skipped"]]
    assert any(name.split(".", maxsplit=1)[0] in said and cause in said for said in told), told


def test_a_post_that_is_not_utf_8_does_not_stop_the_others(posts: Path, tmp_path: Path) -> None:
    head = POST.format(title="大五碼").rpartition("\n\n")[0]
    text = "燈塔的管理員每天傍晚點燈。他說：「船不認得我，但是認得光。」然後他走下一百二十階。"
    (posts / "big5.md").write_bytes(f"{head}\n\n{text}\n".encode("big5"))
    done = digest("draft", "--folder", posts, "--week", WEEK, "--json", cwd=tmp_path)
    assert "潮間帶的字" in titles(done.json())


def test_a_page_that_is_gone_leaves_its_post_in_the_issue(blog: HttpServer, tmp_path: Path) -> None:
    draft = ("draft", "--feed", blog.url + FEED, "--week", WEEK, "--json")
    whole = digest(*draft, cwd=tmp_path).json()
    shutil.rmtree(tmp_path / "home")
    gone = next(s["url"] for section in whole["sections"] for s in section["stories"])
    blog.put(gone.removeprefix(blog.url), failing(410))
    again = digest(*draft, cwd=tmp_path).json()
    every = [s["url"] for section in again["sections"] for s in section["stories"]]
    every += [link["url"] for link in again["also"]] + [s["url"] for s in again["skipped"]]
    assert gone in every


@pytest.mark.parametrize("made", [("demo",), ("export", "--format", "html", "--out")])
def test_an_unwritable_folder_is_named(posts: Path, tmp_path: Path, made: tuple[str, ...]) -> None:
    digest("draft", "--folder", posts, "--week", WEEK, "--json", cwd=tmp_path)
    (tmp_path / "file").write_text("")
    done = digest(*made, tmp_path / "file" / "below", cwd=tmp_path, status=1)
    assert str(tmp_path / "file" / "below") in done.complaint


def test_a_demo_does_not_move_in_where_something_is(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    assert "mine" in digest("demo", "mine", cwd=tmp_path, status=1).complaint
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("toml", "names"),
    [
        ("title = Weekly\n", ["digest.toml", "line 1"]),
        ("titel = 'x'\n", ["digest.toml", "titel", "'title'"]),
        ("[digests.weekly]\nstories = 'many'\n", ["digest.toml", "stories"]),
        ("timezone = 'Taipei'\n", ["digest.toml", "timezone", "Asia/Taipei"]),
        ("[[sources]]\nkind = 'feeed'\nurl = 'http://127.0.0.1:9/'\n", ["feeed", "feed"]),
        ("[[sources]]\nkind = 'feed'\n", ["digest.toml: sources[0].url", "is missing"]),
        ("[[sources]]\nkind = 'hugo'\nfolder = 'x'\n", ["digest.toml: sources[0].folder"]),
        ("", ["no source", "digest init"]),
        ("store = 'nosuchthing://x'\n[[sources]]\nkind = 'hugo'\nfolder = '.'\n", ["store"]),
    ],
    ids=["syntax", "unknown", "type", "zone", "adapter", "url", "folder", "empty", "store"],
)
def test_a_malformed_digest_toml_is_explained(tmp_path: Path, toml: str, names: list[str]) -> None:
    (tmp_path / "digest.toml").write_text(toml)
    complaint = digest("draft", cwd=tmp_path, status=2).complaint
    assert not [name for name in names if name not in complaint], complaint


@pytest.mark.parametrize(
    "words",
    [
        ("--config", "nowhere.toml", "draft"),
        ("draft", "--folder", "nowhere"),
        ("draft", "--folder", ".", "--week", "2026-W99"),
        ("draft", "--folder", ".", "--week", "next"),
        ("draft", "--folder", ".", "--since", "2026-03-01"),
        ("draft", "--folder", ".", "--since", "2026-03-09", "--until", "2026-03-01"),
        ("draft", "--folder", ".", "--since", "0001-01-01", "--until", "9999-12-31"),
        ("draft", "--folder", ".", "--week", ""),
        ("draft", "--folder", ".", "--week", WEEK, "--since", "2026-03-01"),
        ("draft", "--feed", "blog"),
        ("draft", "--folder", ".", "--site", "ftp://blog.example.org/"),
        ("draft", "--folder", ".", "--feed", "http://127.0.0.1:9/"),
        ("draft", "--folder", ".", "--digest", "monthly"),
    ],
    ids=" ".join,
)
def test_a_wrong_argument_is_exit_status_two(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert digest(*words, cwd=tmp_path, status=2).complaint


@pytest.mark.parametrize(
    "words", [("nonsense",), ("draft", "--nonsense"), ("export",), ("draft", "--since", "soon")]
)
def test_wrong_usage_is_exit_status_two_too(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert digest(*words, cwd=tmp_path, status=2).err


def test_a_slip_of_the_pen_is_told_what_is_near_it(tmp_path: Path) -> None:
    assert "Did you mean 'draft'?" in digest("drfat", cwd=tmp_path, status=2).err


def test_a_site_that_is_given_later_counts_at_once(posts: Path, tmp_path: Path) -> None:
    draft = ("draft", "--folder", posts, "--week", WEEK, "--json")
    assert "example.invalid" in digest(*draft, cwd=tmp_path).out
    own = digest(*draft, "--site", "blog.example.org", cwd=tmp_path)
    assert "https://blog.example.org/posts/good/" in own.out
    assert "example.invalid" not in own.out + own.err


def test_a_folder_without_a_post_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = digest("draft", "--folder", "empty", cwd=tmp_path, status=3)
    assert "empty: there is no post in it" in done.complaint
    assert not done.warnings


def test_a_full_disk_behind_stdout_is_one_line(posts: Path, tmp_path: Path) -> None:
    digest("draft", "--folder", posts, "--week", WEEK, cwd=tmp_path)
    with Path("/dev/full").open("w") as full:
        words = [sys.executable, "-m", "digest", "show"]
        ran = subprocess.run(words, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (ran.returncode, ran.stderr) == (1, b"digest: output: No space left on device\n")


@pytest.mark.parametrize("command", ["show", "threads", "approve"])
def test_an_issue_that_is_not_there(posts: Path, tmp_path: Path, command: str) -> None:
    (tmp_path / "digest.toml").write_text(f"[[sources]]\nkind = 'hugo'\nfolder = '{posts}'\n")
    assert "digest draft" in digest(command, cwd=tmp_path, status=1).complaint
    digest("draft", "--week", WEEK, "--json", cwd=tmp_path)
    assert f"weekly-{WEEK}" in digest(command, "weekly-1999-W01", cwd=tmp_path, status=1).complaint


def test_the_environment_is_named_where_it_is_wrong(posts: Path, tmp_path: Path) -> None:
    env = {"DIGEST__DIGESTS__WEEKLY__STORIES": "several"}
    done = digest("draft", "--folder", posts, cwd=tmp_path, status=2, env=env)
    assert "stories" in done.complaint
