"""The sample blog is what it says it is: rebuilt by Hugo byte for byte, ours, varied, small."""

import re
import subprocess
import sysconfig
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import feedparser
import pytest

from tests.golden.sample import SAMPLE, live_posts, sample_posts

PUBLIC = SAMPLE / "public"
TAIPEI = ZoneInfo("Asia/Taipei")
HUGO = Path(sysconfig.get_path("scripts")) / "hugo"
REBUILD = re.search(r"^hugo --source .*$", (SAMPLE / "README.md").read_text("utf-8"), re.MULTILINE)


def _files(root: Path) -> dict[str, bytes]:
    paths = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def test_hugo_builds_the_committed_site(tmp_path: Path) -> None:
    """The command of the README, with another destination and away from the folder's caches."""
    assert REBUILD
    _, *options = REBUILD.group().split()
    options[options.index("--source") + 1] = str(SAMPLE)
    options[options.index("--destination") + 1] = str(tmp_path / "public")
    options += ["--cacheDir", str(tmp_path / "cache")]
    done = subprocess.run([HUGO, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    built, committed = _files(tmp_path / "public"), _files(PUBLIC)
    assert sorted(built) == sorted(committed)
    assert [name for name in built if built[name] != committed[name]] == []


@pytest.fixture(scope="module")
def feed() -> feedparser.FeedParserDict:
    body = BytesIO((PUBLIC / "posts" / "index.xml").read_bytes())
    return feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)


def test_the_feed_lists_the_live_posts_newest_first(feed: feedparser.FeedParserDict) -> None:
    newest_first = sorted(live_posts(), key=lambda post: post.date, reverse=True)
    assert not feed.bozo
    assert feed.feed.language == "zh-Hant-TW"
    assert [entry.title for entry in feed.entries] == [p.front["title"] for p in newest_first]
    assert [Path(urlsplit(entry.link).path).name for entry in feed.entries] == [
        Path(p.file).stem for p in newest_first
    ]


def test_the_feed_carries_hugo_summaries_with_their_residue(
    feed: feedparser.FeedParserDict,
) -> None:
    summaries = [entry.summary for entry in feed.entries]
    assert all(summary.startswith("<") for summary in summaries)
    assert sum("<iframe" in summary for summary in summaries) >= 5
    assert sum("<style>" in summary for summary in summaries) >= 5
    assert sum("<blockquote>" in summary for summary in summaries) >= 10


@pytest.mark.parametrize("post", live_posts(), ids=lambda post: post.file)
def test_a_page_carries_what_the_front_matter_says(post) -> None:
    page = (PUBLIC / "posts" / Path(post.file).stem / "index.html").read_text("utf-8")
    assert page.count('<meta name="description"') == ("description" in post.front)
    assert ('property="og:image"' in page) == ("image" in post.front)
    assert f'lang="{"en" if post.english else "zh-Hant-TW"}"' in page
    assert post.front.get("source_url", "來源") in page or not post.front.get("source_url")


def test_two_iso_weeks_in_taipei() -> None:
    weeks = Counter(post.date.astimezone(TAIPEI).isocalendar()[:2] for post in live_posts())
    assert weeks == {(2026, 10): 10, (2026, 11): 12}


def test_the_cast_of_posts() -> None:
    posts, live = sample_posts(), live_posts()
    sources = Counter(p.front["source_url"] for p in live if "source_url" in p.front)
    assert sum(post.front["draft"] for post in posts) == 1
    assert max(post.date.year for post in posts) == 2099
    assert sorted(sources.values())[-2:] == [1, 2]
    assert sum("（一）" in p.front["title"] or "（二）" in p.front["title"] for p in live) == 2
    assert sum(post.english for post in live) == 4
    assert sum("description" not in post.front for post in live) == 1
    assert sum("「" not in post.body and "“" not in post.body for post in live) == 1
    assert 4 <= len({category for p in live for category in p.front["categories"]}) <= 5


@pytest.mark.parametrize("post", sample_posts(), ids=lambda post: post.file)
def test_every_description_is_of_one_length(post) -> None:
    if "description" in post.front:
        assert 58 <= len(post.front["description"]) <= 110


@pytest.mark.parametrize(
    "post", [p for p in live_posts() if "source_url" in p.front], ids=lambda post: post.file
)
def test_every_episode_post_has_the_length_of_one(post) -> None:
    words = re.findall(r"[A-Za-z']+", post.body)
    han = re.findall(r"[\u4e00-\u9fff]", post.body)
    assert 350 <= len(words) <= 700 if post.english else 500 <= len(han) <= 1500


def _addresses(text: str) -> Iterator[str]:
    return (urlsplit(url).hostname or "" for url in re.findall(r"https?://[^\s\"')<>]+", text))


def test_every_address_is_on_a_reserved_domain() -> None:
    """RFC 2606 keeps example.{com,net,org}; the only other host is that of invented videos."""
    text = "".join(post.body + str(post.front) for post in sample_posts())
    text += (SAMPLE / "hugo.toml").read_text("utf-8")
    hosts = set(_addresses(text))
    assert {".".join(host.split(".")[-2:]) for host in hosts} <= {
        "example.org",
        "example.net",
        "example.com",
    }
    assert all(re.fullmatch(r"smpl-[a-z]{3}-\d\d", code) for code in _videos(text))


def _videos(text: str) -> list[str]:
    return re.findall(r"\{\{< youtube (\S+) >\}\}", text)


def test_it_stays_small() -> None:
    sizes = {path: path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()}
    assert sum(sizes.values()) < 400_000
    assert max(size for path, size in sizes.items() if path.suffix == ".png") < 60_000
