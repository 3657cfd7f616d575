"""The feeds of a feed reader become the sources of a digest."""

import re
import tomllib
from pathlib import Path

import pytest

from digest.config.settings import parse_settings
from tests.command import digest

OPML = """<?xml version="1.0" encoding="UTF-8"?><opml version="2.0">
<head><title>茶 &amp; "山" 的清單</title></head><body><outline text="資料夾">
  <outline type="rss" text="茶園\\&quot;手記&quot;" xmlUrl="https://one.example/feed?a=1&amp;b=2"/>
  <outline title="同名" xmlUrl="https://two.example/"/>
  <outline title="同名" xmlUrl="https://three.example/"/>
  <outline xmlUrl="https://four.example/"/>
</outline></body></opml>"""


def test_every_feed_becomes_a_source_of_a_valid_file(tmp_path: Path) -> None:
    (tmp_path / "feeds.opml").write_text(OPML, "utf-8")
    done = digest("init", "--opml", "feeds.opml", "--json", cwd=tmp_path)
    written = (tmp_path / "digest.toml").read_text("utf-8")
    settings = parse_settings(written)
    assert [one.url for one in settings.sources] == done.json()["feeds"]
    assert [one.name for one in settings.sources] == ['茶園\\"手記"', "", "", ""]
    assert settings.sources[0].url == "https://one.example/feed?a=1&b=2"
    assert settings.title == '茶 & "山" 的清單'
    assert written.startswith("# Written by: digest init --opml feeds.opml")
    assert "--force" in digest("init", "--opml", "feeds.opml", cwd=tmp_path, status=2).complaint


def test_what_stands_in_comments_is_valid_too(tmp_path: Path) -> None:
    (tmp_path / "feeds.opml").write_text(OPML, "utf-8")
    digest("init", "--opml", "feeds.opml", "--quiet", cwd=tmp_path)
    lines = (tmp_path / "digest.toml").read_text("utf-8").splitlines()
    shown = [re.sub(r"^# (?=\w+ = )", "", one) for one in lines]
    found = tomllib.loads("\n".join(shown))
    assert found["language"] == "en"
    assert len(found["sources"]) == 4


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"<opml><body/></opml>", "lists no feed"),
        (b"{}", "lists no feed"),
        (b"\x00\xff\xfe\x00<", "feeds.opml"),
        (None, "cannot be read"),
    ],
)
def test_a_bad_file_is_one_clear_line(content: bytes | None, why: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "feeds.opml").write_bytes(content)
    assert why in digest("init", "--opml", "feeds.opml", cwd=tmp_path, status=2).complaint
    assert not (tmp_path / "digest.toml").exists()


def test_an_address_or_a_list_but_not_both(tmp_path: Path) -> None:
    assert "Give one" in digest("init", cwd=tmp_path, status=2).complaint
    both = ("init", "https://one.example/", "--opml", "feeds.opml")
    assert "Give one" in digest(*both, cwd=tmp_path, status=2).complaint
