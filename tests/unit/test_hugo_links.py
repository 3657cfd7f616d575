"""The address of every page is the one that Hugo gives it, whatever the configuration says."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.model import Batch, CacheValidators
from digest.sources import hugo
from tests.hugo_site import front, listed, write_files, write_site

NOW = datetime(2030, 1, 1, tzinfo=UTC)
NAMES = [
    "plain", "Two Words", "two  gaps", "été à l'île", "港口 第一天", "v1.2.3", "c++ and c#", "100%",
    "what?", "it's", "tr_ai~l-", "a&b", "(old)", "%41dam", "İzmir", "항구",
]  # fmt: skip
SLUGS = ["Salt & Tar", "a/b/c", "c++", "50%", "x#y", "-edge-", "/rooted/", "渡口", "index", "q?z"]
URLS = [
    "/given/", "given", "/given/page.html", "/A b/É/", "/:year/:slug/", "/x/:title/",
    "/d/index.html", "/q?a=1", "/v1.0/x/", "/h#top/", "/a//b/",
]  # fmt: skip


def pages(section: str = "posts") -> dict[str, str]:
    """Return a file for each odd name, slug and url, with dates near the ends of days."""
    moments = ("2026-03-01", "2026-12-31T23:30:00Z", "2026-01-01T00:30:00+09:00")
    out = {}
    for place, name in enumerate(NAMES):
        text = front(title=f"{name}: C# / C++", date=moments[place % 3])
        out[f"{section}/{name}.md"] = text
        if place % 3 == 0:
            out[f"{section}/deep/er/{name}/index.md"] = text
    for place, slug in enumerate(SLUGS):
        out[f"{section}/s{place}.md"] = front(title="Ö, title!", date=moments[place % 3], slug=slug)
    for place, url in enumerate(URLS):
        out[f"{section}/u{place}.md"] = front(title="A B", date=moments[place % 3], url=url)
    return out


def ours(site: Path, language: str = "", folder: str = "") -> dict[str, str]:
    """Return the addresses that the source gives, by file below *site*."""
    source = hugo.build({"folder": str(site / folder), "language": language})
    found = source.poll(CacheValidators(), NOW)
    assert isinstance(found, Batch)
    assert not [line for line in found.warnings if "token" in line]
    return {source.posts.path(post).relative_to(site).as_posix(): post.url for post in found.posts}


SECTIONS = {"mainSections": ["posts", "notes"]}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"baseURL": "https://quay.example/sub/dir"},
        {"disablePathToLower": True, "removePathAccents": True},
        {"uglyURLs": True, "removePathAccents": True},
        {"uglyURLs": {"posts": True, "notes": False}, "timeZone": "Asia/Taipei"},
        {"permalinks": {"posts": "/:year/:month/:day/:slug/", "notes": "/n/:filename"}},
        {"permalinks": {"page": {"posts": "/:sections/:title.html"}, "section": {"posts": "/z/"}}},
        {"permalinks": {"posts": "/:sections[1:]/:contentbasename/", "/": "/never/"}},
        {"permalinks": {"posts": "/:06/:Jan/:2/:slugorfilename/"}, "uglyURLs": True},
        {"permalinks": {"posts": "/:monthname/:weekday-:weekdayname/:yearday/:sectionslugs/:slug"}},
        {"permalinks": [{"target": {"path": "/posts/deep/**"}, "pattern": "/far/:slug/"},
                        {"target": {"kind": "page"}, "pattern": "/p\\:/:slugorcontentbasename/"}]},
        {"defaultContentLanguage": "de", "defaultContentLanguageInSubdir": True},
        {"contentDir": "text", "frontmatter": {"date": [":filename", "launched", ":default"]}},
    ],
    ids=lambda settings: " ".join(settings) or "none",
)  # fmt: skip
def test_addresses_are_those_of_hugo(tmp_path: Path, settings: dict[str, object]) -> None:
    files = pages() | {
        "notes/one.md": front(title="One", date="2026-05-05"),
        "notes/2026-04-30-dated name.md": front(title="Two", launched="2026-05-07"),
        "posts/_index.md": front(title="All Posts"),
        "posts/deep/_index.md": front(title="Deep Ones", slug="deeply so"),
    }
    folder = settings.get("contentDir", "content")
    at = write_site(tmp_path, settings | SECTIONS, {f"{folder}/{n}": t for n, t in files.items()})
    want, found = listed(at), ours(at)
    assert found == {name: want[name] for name in found}
    shared = len(want) - len(set(want.values()))
    assert len(found) == len(want) - shared


@pytest.mark.parametrize("in_folder", [False, True])
@pytest.mark.parametrize("by_name", [False, True])
def test_addresses_in_each_language(tmp_path: Path, in_folder: bool, by_name: bool) -> None:
    own = {} if by_name else {code: {"contentDir": f"content/{code}"} for code in ("zh-tw", "en")}
    settings = SECTIONS | {
        "defaultContentLanguage": "zh-tw",
        "defaultContentLanguageInSubdir": in_folder,
        "permalinks": {"posts": "/:year/:slug/"},
        "languages": {
            "zh-tw": {"weight": 2, "locale": "zh-Hant-TW", "title": "碼頭", **own.get("zh-tw", {})},
            "en": {"weight": 1, "title": "Quay", **own.get("en", {}),
                   "permalinks": {"posts": "/log/:slug/"}},
        },
    }  # fmt: skip
    texts = {
        "posts/first": front(title="First", date="2026-05-05"),
        "posts/bundle/index": front(title="Second", date="2026-05-06"),
        "notes/third": front(title="Third", date="2026-05-07", url="third/place/"),
    }
    files = {
        f"content/{name}{'.en' * (code == 'en')}.md"
        if by_name
        else f"content/{code}/{name}.md": text
        for code in ("zh-tw", "en")
        for name, text in texts.items()
    }
    at = write_site(tmp_path, settings, files)
    assert ours(at, "zh-Hant-TW") | ours(at, "en-GB") == listed(at)
    assert ours(at) == ours(at, "zh-tw")


def test_a_configuration_of_many_files_is_merged_as_hugo_does(tmp_path: Path) -> None:
    at = write_files(
        tmp_path,
        {
            "config/_default/hugo.yaml": "baseURL: https://quay.example/\ntitle: Draft\n"
            "permalinks: {posts: '/a/:slug/'}\n",
            "config/_default/languages.en.toml": 'title = "Quay"\nweight = 1\n',
            "config/_default/languages.toml": '[nl]\nweight = 2\ncontentDir = "inhoud"\n',
            "config/_default/params.json": '{"mainSections": ["posts"]}',
            "config/production/permalinks.toml": 'notes = "/n/:slug/"\nposts = "/p/:slug/"\n',
            "config/staging/hugo.toml": 'baseURL = "https://staging.example/"',
            "content/posts/one.md": front(title="One", date="2026-05-05"),
            "inhoud/posts/een.md": front(title="Eén", date="2026-05-05"),
        },
    )
    assert ours(at) | ours(at, "nl") == listed(at)
    source = hugo.build({"folder": str(at)})
    assert (source.posts.site.title, source.posts.others) == ("Quay", ("nl",))


def test_mounted_content_stands_where_it_is_mounted(tmp_path: Path) -> None:
    mounts = [
        {"source": "words", "target": "content/posts"},
        {"source": "content", "target": "content"},
    ]
    files = {
        "words/one.md": front(title="One", date="2026-05-05"),
        "content/posts/two.md": front(title="Two", date="2026-05-05"),
    }
    at = write_site(tmp_path, {"module": {"mounts": mounts}, **SECTIONS}, files)
    assert ours(at) == listed(at)
    assert len(ours(at)) == 2


def test_a_part_of_a_site_has_the_addresses_of_the_whole(tmp_path: Path) -> None:
    settings = {"permalinks": {"posts": "/:year/:slug/"}}
    at = write_site(tmp_path, settings, {f"content/{n}": t for n, t in pages().items()})
    assert ours(at, folder="content/posts").items() <= listed(at).items()
    assert ours(at, folder="content/posts/deep").items() <= listed(at).items()


def test_a_token_that_hugo_lacks_is_told_and_never_printed(tmp_path: Path) -> None:
    settings = {"permalinks": {"posts": "/:decade/:slug/"}}
    files = {
        "content/posts/one.md": front(title="One", date="2026-05-05"),
        "content/notes/two.md": front(title="Two", date="2026-05-05"),
    }
    at = write_site(tmp_path, settings, files)
    found = hugo.build({"folder": str(at)}).poll(CacheValidators(), NOW)
    assert isinstance(found, Batch)
    assert [post.url for post in found.posts] == ["https://quay.example/notes/two/"]
    assert ":decade" in found.warnings[0]
    assert "permalinks" in found.warnings[0]
