"""The sample blog's weeks as issues: from its folder and from its served site alike."""

import json
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from digest.cli import cli
from tests.golden.sample import POSTS, SAMPLE, live_posts
from tests.golden.sample_gold import as_post
from tests.http_server import serving

HUGO = Path(sysconfig.get_path("scripts")) / "hugo"
RESIDUE = ("iframe", "{{<", "<style", "padding-bottom", ".player", "allowfullscreen")
WEEKS = ("2026-W10", "2026-W11")
BY_STEM = {Path(post.file).stem: post for post in live_posts()}
Drafted = dict[str, Any]


def _draft(home: Path, *source: str, week: str) -> Drafted:
    """Return what ``digest draft`` says of *week*, with a configuration of its own."""
    (home / "digest.toml").write_text(
        f'timezone = "Asia/Taipei"\nstore = {json.dumps(str(home / "digest.db"))}\n', "utf-8"
    )
    arguments = ["--config", str(home / "digest.toml"), "draft", *source, "--week", week, "--json"]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address at which the sample blog is served, built for that address."""
    built = tmp_path_factory.mktemp("site")
    with serving() as server:
        server.folder(built)
        options = ("--source", SAMPLE, "--destination", built, "--baseURL", f"{server.url}/")
        more = ("--clock", "2026-03-16T09:00:00+08:00", "--noBuildLock", "--quiet")
        subprocess.run([HUGO, *options, *more], check=True, capture_output=True)
        yield server.url


@pytest.fixture(scope="module")
def drafts(site: str, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Drafted]:
    """Return the drafts of both weeks from both sources."""
    sources = {"folder": str(POSTS), "feed": f"{site}/posts/index.xml"}
    return {
        (kind, week): _draft(tmp_path_factory.mktemp(kind), f"--{kind}", place, week=week)
        for kind, place in sources.items()
        for week in WEEKS
    }


def stories(issue: Drafted) -> list[dict[str, Any]]:
    return [story for section in issue["sections"] for story in section["stories"]]


def stem(url: str) -> str:
    return Path(urlsplit(url).path).name


@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("kind", ["folder", "feed"])
def test_seven_stories_of_different_episodes_in_their_week(drafts, kind, week) -> None:
    told = [BY_STEM[stem(story["url"])] for story in stories(drafts[kind, week])]
    assert len(told) == 7
    assert len({post.front.get("source_url", post.file) for post in told}) == 7
    assert {f"{post.date:%G-W%V}" for post in told} == {week}


@pytest.mark.parametrize("week", WEEKS)
def test_folder_and_feed_tell_the_same_of_a_post(drafts, week) -> None:
    """Which posts are told may differ: a page does not say all that front matter does."""
    from_folder, from_feed = (
        {story["title"]: story for story in stories(drafts[kind, week])}
        for kind in ("folder", "feed")
    )
    both = from_folder.keys() & from_feed.keys()
    assert len(both) >= 5
    for title in both:
        for key in ("summary", "summary_from", "minutes"):
            assert from_folder[title][key] == from_feed[title][key]


@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("kind", ["folder", "feed"])
def test_no_residue_reaches_a_reader(drafts, kind, week) -> None:
    words = json.dumps(drafts[kind, week], ensure_ascii=False)
    assert [residue for residue in RESIDUE if residue in words] == []


@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("kind", ["folder", "feed"])
def test_every_quotation_stands_in_its_post(drafts, kind, week) -> None:
    """Hugo sets ’ for ' when it renders a page; all else is as the author wrote it."""
    quotes = [
        (
            quote["text"].replace("’", "'"),
            as_post(BY_STEM[stem(story["url"])]).document.text.replace("’", "'"),
        )
        for story in stories(drafts[kind, week])
        for quote in story["quotes"]
    ]
    assert quotes
    assert [text for text, source in quotes if text not in source] == []


@pytest.mark.parametrize("week", WEEKS)
def test_the_authors_own_words_come_first(drafts, week) -> None:
    for story in stories(drafts["feed", week]):
        description = BY_STEM[stem(story["url"])].front.get("description")
        assert story["summary_from"] == ("author" if description else "extract")
        assert description is None or story["summary"] == description


def test_neither_the_draft_nor_the_post_of_2099_shows(drafts) -> None:
    told = [post for issue in drafts.values() for post in (*stories(issue), *issue["also"])]
    assert not [post for post in told if stem(post["url"]).endswith(("radio", "2099"))]
