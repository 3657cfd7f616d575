"""Markdown that is out to break its reader: nothing raises, and each file meets its fate."""

import re
import unicodedata
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from digest.model import Post
from digest.text.attribution import speakers
from tests.golden.hostile import FOLDER, HOSTILE, POSTS, folder, shown

NAMES = sorted(POSTS)
READ = [name for name in NAMES if POSTS[name]["outcome"] == "post"]
MAYBE = [name for name in NAMES if POSTS[name]["outcome"] != "skipped"]
LEFT_OUT = [name for name in NAMES if POSTS[name]["outcome"] == "skipped"]
TAIPEI = ZoneInfo("Asia/Taipei")
BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


def want(key: str) -> list[str]:
    return [name for name in READ if key in POSTS[name]]


def post(name: str) -> Post:
    return folder()[0][name]


def read(name: str) -> list[Post]:
    """Return the post in a list; empty where it was left out, as it may be."""
    return [found for found in [folder()[0].get(name)] if found]


def spans(name: str) -> list[str]:
    return [
        quote.text for quote in sorted(speakers.attribute_quotes(post(name)), key=lambda q: q.start)
    ]


def test_the_readme_and_the_expectations_name_every_file() -> None:
    readme = (HOSTILE / "README.md").read_text("utf-8")
    assert sorted(path.name for path in FOLDER.iterdir()) == NAMES
    assert [name for name in NAMES if f"`{name}`" not in readme] == []


def test_every_file_is_read_or_left_out_with_a_reason() -> None:
    posts, skipped, _ = folder()
    assert sorted([*posts, *skipped]) == NAMES
    assert all(one.reason and "\n" not in one.reason for one in skipped.values())


@pytest.mark.parametrize("name", READ)
def test_is_read(name: str) -> None:
    assert name in folder()[0], folder()[1].get(name)


@pytest.mark.parametrize("name", LEFT_OUT)
def test_is_left_out(name: str) -> None:
    skipped = folder()[1]
    assert name in skipped
    assert POSTS[name].get("reason", "") in skipped[name].reason


def test_what_is_broken_is_warned_about_by_name() -> None:
    said = "\n".join(folder()[2].warnings)
    broken = [name for name in LEFT_OUT if POSTS[name].get("reason") == "front matter"]
    assert [name for name in broken if name not in said] == []


def test_no_command_in_the_front_matter_was_run() -> None:
    folder()
    assert not Path("owned-by-yaml").exists()


@pytest.mark.parametrize("name", want("title"))
def test_title(name: str) -> None:
    assert post(name).title == POSTS[name]["title"]


@pytest.mark.parametrize("name", want("date"))
def test_date(name: str) -> None:
    assert post(name).published.astimezone(TAIPEI).date().isoformat() == POSTS[name]["date"]


@pytest.mark.parametrize("name", sorted({*want("has"), *want("title_has")}))
def test_has(name: str) -> None:
    assert [text for text in POSTS[name].get("has", ()) if text not in shown(post(name))] == []
    assert [t for t in POSTS[name].get("title_has", ()) if t not in post(name).title] == []


@pytest.mark.parametrize("name", [n for n in NAMES if "hasnt" in POSTS[n]])
def test_has_not(name: str) -> None:
    words = "".join(map(shown, read(name)))
    assert [text for text in POSTS[name]["hasnt"] if text in words] == []


@pytest.mark.parametrize("name", want("quotes"))
def test_finds_the_sound_quotations(name: str) -> None:
    found = spans(name)
    assert [text for text in POSTS[name]["quotes"] if text not in found] == []


@pytest.mark.parametrize("name", want("media"))
def test_keeps_videos_as_links(name: str) -> None:
    links = " ".join(media.url for media in post(name).document.media)
    assert [code for code in POSTS[name]["media"] if code not in links] == []
    assert POSTS[name]["media"] or not links


@pytest.mark.parametrize("name", MAYBE)
def test_any_post_is_fit_to_be_shown(name: str) -> None:
    """One line where one belongs, no control characters, no overrides, http addresses only."""
    for found in read(name):
        alts = [image.alt for image in found.document.images]
        for line in (found.title, found.abstract, *found.tags, *found.people, *alts):
            assert not BREAKS.search(line)
        assert found.title.strip()
        assert not OVERRIDES.search(shown(found))
        controls = [c for c in shown(found) if unicodedata.category(c) == "Cc" and c not in "\n\t"]
        assert controls == []


@pytest.mark.parametrize("name", MAYBE)
def test_any_post_lives_on_the_blog(name: str) -> None:
    for found in read(name):
        assert urlsplit(found.url)[:2] == ("https", "blog.example.org")
        assert ".." not in found.url.split("/")
        assert re.fullmatch(r"[!-~]+", found.url)


@pytest.mark.parametrize("name", MAYBE)
def test_any_address_is_one_to_follow(name: str) -> None:
    for address in (address for found in read(name) for address in _addresses(found)):
        assert urlsplit(address).scheme in ("http", "https")
        assert "@" not in urlsplit(address).netloc


def _addresses(found: Post) -> list[str]:
    parts = [*found.document.links, *found.document.images, *found.document.media]
    named = [found.episode, found.image.url if found.image else ""]
    return [address for address in (*named, *(part.url for part in parts)) if address]


@pytest.mark.parametrize("name", MAYBE)
def test_any_quotation_is_verbatim_and_in_one_paragraph(name: str) -> None:
    for found in read(name):
        text = found.document.text
        for quote in speakers.attribute_quotes(found):
            assert text[quote.start : quote.end] == quote.text
            assert "\n\n" not in quote.text
