"""What of a Hugo site is a post, when, and in which language; what is hidden stays hidden."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.model import Batch, CacheValidators, Post
from digest.model.errors import ConfigError
from digest.sources import hugo
from tests.hugo_site import front, write_files, write_site

NOW = datetime(2030, 1, 1, tzinfo=UTC)
DAY = "2026-05-05T10:00:00Z"


def polled(at: Path, **options: str) -> Batch:
    found = hugo.build({"folder": str(at), **options}).poll(CacheValidators(), NOW)
    assert isinstance(found, Batch)
    return found


def titles(found: Batch) -> list[str]:
    return [post.title for post in found.posts]


def reasons(found: Batch) -> dict[str, str]:
    return {skipped.title: skipped.reason for skipped in found.skipped}


@pytest.mark.parametrize(
    ("matter", "reason"),
    [
        ({"build": {"list": "never"}}, "lists it nowhere"),
        ({"build": {"list": False}}, "lists it nowhere"),
        ({"_build": {"list": "local"}}, "lists it nowhere"),
        ({"build": {"render": "link"}}, "headless"),
        ({"_build": {"render": False}}, "headless"),
        ({"published": False}, "draft"),
        ({"unpublishDate": "2027-01-01"}, "expired on 2027-01-01"),
        ({"publishDate": "2031-01-01"}, "in the future"),
        ({"pubDate": "2031-01-01"}, "in the future"),
    ],
)
def test_what_hugo_hides_stays_hidden(
    tmp_path: Path, matter: dict[str, object], reason: str
) -> None:
    at = write_site(tmp_path, {}, {"content/posts/a.md": front(title="A", date=DAY, **matter)})
    found = polled(at)
    assert titles(found) == []
    assert reason in reasons(found)["A"]


CASCADES = [
    ({"content/posts/_index.md": front(
        cascade={"draft": True, "target": {"path": "/posts/shut/**"}})}, {}),
    ({"content/posts/shut/_index.md": front(cascade=[{"build": {"list": "never"}}])}, {}),
    ({}, {"cascade": [{"_target": {"path": "{/posts/shut/*,/never}"}, "draft": True}]}),
    ({}, {"cascade": {"target": {"kind": "page", "path": "**/sh?t/*"}, "params": {"draft": True}}}),
]  # fmt: skip


@pytest.mark.parametrize(("files", "settings"), CASCADES)
def test_what_a_section_hands_down_counts(
    tmp_path: Path, files: dict[str, str], settings: dict[str, object]
) -> None:
    posts = {
        "content/posts/open.md": front(title="Open", date=DAY),
        "content/posts/shut/shut.md": front(title="Shut", date=DAY),
        "content/posts/shut/own.md": front(title="Own", date=DAY, draft=False, build={}),
    }
    found = polled(write_site(tmp_path, settings, files | posts))
    assert titles(found) == ["Open", "Own"]
    assert list(reasons(found)) == ["Shut"]


def test_a_cascade_for_another_language_or_environment_does_not_count(tmp_path: Path) -> None:
    cascade = [
        {"target": {"environment": "staging"}, "draft": True},
        {"target": {"lang": "nl"}, "draft": True},
        {"target": {"sites": {"matrix": {"languages": ["nl"]}}}, "draft": True},
        {"target": {"kind": "section"}, "draft": True},
    ]
    files = {"content/posts/a.md": front(title="A", date=DAY)}
    assert titles(polled(write_site(tmp_path, {"cascade": cascade}, files))) == ["A"]


def test_pages_that_are_no_posts_are_left_out_and_nobody_is_asked_for_dates(tmp_path: Path) -> None:
    files = {
        "content/about.md": front(title="About"),
        "content/imprint.md": front(title="Imprint", date=DAY),
        "content/search.md": front(title="Search", layout="search"),
        "content/posts/a.md": front(title="A", date=DAY),
        "content/notes/b.md": front(title="B", pubDate=DAY),
    } | {f"content/manual/{n}.md": front(title=f"M{n}", lastmod=DAY) for n in range(9)}
    found = polled(write_site(tmp_path, {}, files))
    assert sorted(titles(found)) == ["A", "B"]
    assert found.warnings == ()
    assert "no post" in reasons(found)["Imprint"]
    assert "section manual" in reasons(found)["M3"]
    assert titles(polled(tmp_path / "content" / "manual")) == [f"M{n}" for n in range(9)]


def test_the_main_sections_of_a_site_are_its_word(tmp_path: Path) -> None:
    files = {
        "content/posts/a.md": front(title="A", date=DAY),
        "content/notes/b.md": front(title="B", date=DAY),
    }
    for settings in ({"params": {"mainSections": ["notes"]}}, {"mainSections": ["notes"]}):
        assert titles(polled(write_site(tmp_path, settings, files))) == ["B"]


def test_a_blog_without_sections_is_read(tmp_path: Path) -> None:
    files = {f"content/p{n}.md": front(title=f"P{n}", date=DAY) for n in range(3)}
    assert titles(polled(write_site(tmp_path, {}, files))) == ["P0", "P1", "P2"]


def test_many_files_without_dates_are_one_warning(tmp_path: Path) -> None:
    posts = tmp_path / "content" / "posts"
    write_site(tmp_path, {}, {f"content/posts/p{n}.md": front(title="P") for n in range(5)})
    (said,) = polled(posts).warnings
    assert "5 files have no date" in said


def test_other_formats_are_named_once(tmp_path: Path) -> None:
    files = {"content/posts/a.md": front(title="A", date=DAY)} | {
        f"content/posts/n.{ending}": "text" for ending in ("org", "adoc", "rst", "pdc")
    }
    (said,) = polled(write_site(tmp_path, {}, files)).warnings
    assert "n.adoc, n.org, n.pdc and 1 more" in said
    assert "feed" in said


@pytest.mark.parametrize(
    ("matter", "settings", "when"),
    [
        ({"pubDate": DAY}, {}, datetime(2026, 5, 5, 10, tzinfo=UTC)),
        ({"published": "2026-05-05"}, {"timeZone": "Asia/Seoul"},
         datetime(2026, 5, 4, 15, tzinfo=UTC)),
        ({"modified": DAY, "weight": 1}, {}, datetime(2026, 5, 5, 10, tzinfo=UTC)),
        ({"date": DAY, "publishDate": "2026-06-01"}, {}, datetime(2026, 6, 1, tzinfo=UTC)),
        ({"written": DAY}, {"frontmatter": {"date": ["written"]}},
         datetime(2026, 5, 5, 10, tzinfo=UTC)),
        ({"date": DAY}, {"frontmatter": {"date": ":filename", "publishDate": [":filename"]}},
         datetime(2026, 4, 3, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_every_date_key_is_read(
    tmp_path: Path, matter: dict[str, object], settings: dict[str, object], when: datetime
) -> None:
    files = {"content/posts/2026-04-03-a.md": front(title="A", **matter)}
    (post,) = polled(write_site(tmp_path, settings, files) / "content" / "posts").posts
    assert post.published == when


LANGUAGES = {
    "defaultContentLanguage": "ko",
    "languages": {
        "ko": {"locale": "ko-KR", "title": "부두", "weight": 2, "timeZone": "Asia/Seoul"},
        "en": {"languageCode": "en-GB", "title": "Quay", "weight": 1, "timeZone": "Europe/London"},
        "fr": {"title": "Quai", "disabled": True},
    },
}


def test_one_language_is_read_and_the_others_are_told(tmp_path: Path) -> None:
    files = {
        "content/posts/a.md": front(title="하나", date=DAY),
        "content/posts/a.en.md": front(title="One", date=DAY),
        "content/posts/b/index.en.md": front(title="Two", date=DAY),
        "content/posts/b/index.fr.md": front(title="Deux", date=DAY),
    }
    at = write_site(tmp_path, LANGUAGES, files)
    found = polled(at)
    assert titles(found) == ["하나"]
    assert (found.about.title, found.about.language) == ("부두", "ko-KR")
    assert found.about.timezone == "Asia/Seoul"
    assert "several languages" in found.warnings[0]
    for asked in ("en", "en-GB", "en-US"):
        chosen = polled(at, language=asked)
        assert titles(chosen) == ["One", "Two"]
        assert {post.language for post in chosen.posts} == {"en-GB"}
        assert (chosen.about.title, chosen.warnings) == ("Quay", ())
    assert titles(polled(at, language="zh-TW")) == ["하나"]


def test_a_folder_of_one_language_is_read_in_it(tmp_path: Path) -> None:
    settings = {
        "languages": {
            code: {"contentDir": f"content/{code}", "title": code} for code in ("en", "ko")
        }
    }
    files = {f"content/{code}/posts/a.md": front(title=code, date=DAY) for code in ("en", "ko")}
    at = write_site(tmp_path, settings, files)
    found = polled(at / "content" / "ko")
    assert (titles(found), found.about.title, found.warnings) == (["ko"], "ko", ())
    assert found.posts[0].url == "https://quay.example/ko/posts/a/"


def test_a_broken_configuration_is_told(tmp_path: Path) -> None:
    write_files(tmp_path, {"hugo.toml": "baseURL = nothing", "content/posts/a.md": "---\n---\n"})
    with pytest.raises(ConfigError, match=r"hugo.toml: cannot be read"):
        polled(tmp_path / "content" / "posts")


def picture(at: Path, found: Batch) -> list[str]:
    return [post.image.url if post.image else "" for post in found.posts]


@pytest.mark.parametrize(
    ("matter", "url"),
    [
        ({"image": "images/a b.jpg"}, "images/a%20b.jpg"),
        ({"images": ["/img/a.png", "b.png"]}, "img/a.png"),
        ({"cover": {"image": "img/c.png", "alt": "C"}}, "img/c.png"),
        ({"cover": {"src": "img/c.png"}}, "img/c.png"),
        ({"featured_image": "f.jpg"}, "f.jpg"),
        ({"params": {"cover": {"image": "p.jpg"}}}, "p.jpg"),
        ({"params": {"images": ["p.jpg"]}}, "p.jpg"),
        ({"resources": [{"src": "*.jpg", "name": "featured"}]}, ""),
        ({"image": "https://pics.example/x.png"}, "https://pics.example/x.png"),
    ],
)
def test_a_picture_counts_from_the_root_of_the_site(
    tmp_path: Path, matter: dict[str, object], url: str
) -> None:
    at = write_site(tmp_path, {}, {"content/posts/a.md": front(title="A", date=DAY, **matter)})
    (post,) = polled(at).posts
    assert (post.image.url if post.image else "") == (
        url if not url or "://" in url else f"https://quay.example/{url}"
    )


@pytest.mark.parametrize(
    ("matter", "url"),
    [
        ({"image": "own.jpg"}, "posts/a/own.jpg"),
        ({"image": "./own.jpg"}, "posts/a/own.jpg"),
        ({"image": "site.jpg"}, "site.jpg"),
        ({"resources": [{"src": "own.*", "name": "featured"}]}, "posts/a/own.jpg"),
        ({}, "posts/a/big-cover.png"),
    ],
)
def test_a_bundle_has_pictures_of_its_own(
    tmp_path: Path, matter: dict[str, object], url: str
) -> None:
    files = {
        "content/posts/a/index.md": front(title="A", date=DAY, **matter),
        "content/posts/a/own.jpg": "",
        "content/posts/a/big-cover.png": "",
    }
    (post,) = polled(write_site(tmp_path, {}, files)).posts
    assert post.image
    assert post.image.url == f"https://quay.example/{url}"


def test_a_static_picture_stands_below_the_base(tmp_path: Path) -> None:
    files = {
        "static/img/a.png": "",
        "content/posts/a.md": front(title="A", date=DAY, image="/img/a.png"),
        "content/posts/b.md": front(title="B", date=DAY, image="/img/b.png"),
    }
    found = polled(write_site(tmp_path, {"baseURL": "https://quay.example/log/"}, files))
    pictures = [post.image.url for post in found.posts if post.image]
    assert pictures == ["https://quay.example/log/img/a.png", "https://quay.example/img/b.png"]


def test_a_post_is_completed_from_its_own_file(tmp_path: Path) -> None:
    files = {"words/one.md": front(title="One", date=DAY)}
    settings = {"module": {"mounts": [{"source": "words", "target": "content/posts"}]}}
    source = hugo.build({"folder": str(write_site(tmp_path, settings, files))})
    found = source.poll(CacheValidators(), NOW)
    assert isinstance(found, Batch)
    whole = source.complete(found.posts[0])
    assert isinstance(whole, Post)
    assert whole.document.text == "The quay was swept."
