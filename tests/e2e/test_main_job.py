"""The main job: a blog in, by its feed or its folder, and an issue out that can be trusted."""

import json
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from digest.config import plugins
from tests.blogs import Blog, blogs, publish
from tests.command import Done, digest
from tests.http_server import HttpServer

# What must never reach a reader: style sheets, markup, shortcodes, entities, template marks.
RESIDUE = re.compile(
    r"<[a-z/!][^>]*>|\{\{|\{%|%\}|\}\}|&(?:amp|lt|gt|quot|nbsp|#\d+);|[{;]\s*[a-z-]+:\s*[^;\n]+;"
)


@pytest.fixture(scope="module", params=blogs(), ids=lambda blog: blog.week)
def blog(request: pytest.FixtureRequest) -> Blog:
    return request.param


@pytest.fixture(scope="module")
def from_folder(blog: Blog, tmp_path_factory: pytest.TempPathFactory) -> Done:
    home = tmp_path_factory.mktemp("folder")
    words = ("draft", "--folder", blog.content, "--week", blog.week, "--json")
    return digest(*words, cwd=home, env=_home(home))


def _home(folder: Path) -> dict[str, str]:
    return {"XDG_DATA_HOME": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "config")}


def stories(issue: dict) -> list[dict]:
    return [story for section in issue["sections"] for story in section["stories"]]


def paths(issue: dict) -> set[str]:
    """Return the paths of all posts of *issue*, whatever became of them."""
    siblings = [post for story in stories(issue) for post in story["siblings"]]
    every = [*stories(issue), *siblings, *issue["also"], *issue["skipped"]]
    return {urlsplit(one["url"]).path for one in every}


def assert_readable(issue: dict) -> None:
    assert stories(issue), "an issue has stories"
    for story in stories(issue):
        assert story["title"].strip()
        assert story["summary"].strip()
        assert story["reasons"]
        for said in (story["title"], story["summary"], *(q["text"] for q in story["quotes"])):
            assert not RESIDUE.search(said), said
    episodes = Counter(story["episode"] for story in stories(issue) if story["episode"])
    assert all(times == 1 for times in episodes.values()), "two stories of one episode"


def test_the_folder_gives_a_readable_issue(from_folder: Done) -> None:
    assert_readable(from_folder.json())


def test_quotations_stand_verbatim_in_their_posts(blog: Blog, from_folder: Done) -> None:
    rows = digest("summarize", blog.content, "--with-text", "--json", cwd=blog.content).out
    texts = {Path(r["file"]).stem.lower(): r["text"] for r in map(json.loads, rows.splitlines())}
    checked = 0
    for story in stories(from_folder.json()):
        text = texts[urlsplit(story["url"]).path.rstrip("/").rpartition("/")[2]]
        for quote in story["quotes"]:
            assert text[quote["start"] : quote["end"]] == quote["text"]
            checked += 1
    assert checked


def test_the_feed_gives_the_same_week(
    blog: Blog, from_folder: Done, http_server: HttpServer, tmp_path: Path
) -> None:
    """Every post of the week is there by either way; the feed's own choice is as readable."""
    feed = publish(blog, http_server)
    done = digest("draft", "--feed", feed, "--week", blog.week, "--json", cwd=tmp_path)
    assert_readable(done.json())
    assert paths(done.json()) == paths(from_folder.json())
    fetched = [r.path for r in http_server.log if r.path != "/posts/index.xml"]
    wanted = {path for path in fetched if path.startswith("/posts/")}
    assert wanted <= paths(done.json()), "pages outside the period were fetched"


def test_drafting_again_is_the_same_revision_and_asks_politely(
    blog: Blog, http_server: HttpServer, tmp_path: Path
) -> None:
    feed = publish(blog, http_server)
    words = ("draft", "--feed", feed, "--week", blog.week, "--json")
    first = digest(*words, cwd=tmp_path).json()
    before = len(http_server.log)
    second = digest(*words, cwd=tmp_path).json()
    assert (second["revision"], second["hash"]) == (first["revision"], first["hash"])
    assert [r.status for r in http_server.log[before:]] == [304]


def test_every_form_of_the_issue_can_be_written(blog: Blog, tmp_path: Path) -> None:
    digest("draft", "--folder", blog.content, "--week", blog.week, "--json", cwd=tmp_path)
    for form in ("html", "text", "eml", "mjml", "json"):
        out = tmp_path / f"issue.{form}"
        digest("export", "--format", form, "--out", out, cwd=tmp_path)
        assert out.read_bytes().strip()
    html = (tmp_path / "issue.html").read_text("utf-8")
    assert not re.search(r"\{\{|\{%", html), "a template mark is left"
    lines = digest("threads", "--json", cwd=tmp_path).out.splitlines()
    assert len(lines) == len(plugins.list_adapters("networks"))


def test_the_week_is_the_weeks_own(blog: Blog, from_folder: Done) -> None:
    issue = from_folder.json()
    assert issue["period"]["label"] == blog.week
    assert issue["id"].endswith(blog.week)
    assert issue["period"]["start"] < issue["period"]["end"]
