"""A Hexo folder gives the posts that Hexo itself knows, at the addresses it gives them."""

import json
import os
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from digest.model import Batch, CacheValidators, Post
from digest.sources import hexo
from tests.hugo_site import write_files
from tests.npm import install, tool
from tests.shared import REPOSITORY

NOW = datetime(2027, 1, 1, tzinfo=UTC)
CONFIG = "title: 부두\nurl: https://Quay.example/log\nroot: /log/\nlanguage: [ko, en]\n"
ZONE = "Asia/Seoul"


def post(matter: str = "date: 2026-03-04 05:06:07", text: str = "The quay was swept.") -> str:
    return f"---\ntitle: The Quay!\n{matter}\n---\n{text}\n"


FILES = {
    "source/_posts/plain.md": post(),
    "source/_posts/Two Words Ä.md": post("date: 2026-03-04"),
    "source/_posts/부두 이야기.md": post("date: 2026-03-04T23:30:00Z"),
    "source/_posts/2025/deep.markdown": post("date: '2026-03-05 00:10'"),
    "source/_posts/c++ & c#.md": post("date: 2026-03-06\ncategories: [Foo Bar, baz]"),
    "source/_posts/nested.md": post("date: 2026-03-06\ncategories: [[A, B c]]"),
    "source/_posts/own.md": post("date: 2026-03-07\npermalink: own/place/"),
    "source/_posts/file.md": post("date: 2026-03-08\npermalink: /own/place.html\nlang: en"),
    "source/_posts/bare.md": "title: Bare\ndate: 2026-03-09\n---\nText.\n",
    "source/_posts/tabbed.md": post("date: 2026-03-09\ntags:\n\t- a"),
    "source/_posts/hidden.md": post("date: 2026-03-10\npublished: false"),
    "source/_posts/_underscored.md": post(),
    "source/_drafts/draft.md": post(),
    "source/about.md": post(),
}


@cache
def packages() -> Path:
    return install(REPOSITORY / "tests" / "hexo", "hexo")


def hexo_posts(site: Path) -> dict[str, dict[str, str]]:
    """Return what Hexo, on a machine in the site's zone, knows of each post, by its file."""
    home = packages()
    (site / "node_modules").symlink_to(home / "node_modules")
    manifest = json.loads((home / "package.json").read_text("utf-8"))
    version = manifest["dependencies"]["hexo"]
    (site / "package.json").write_text(json.dumps(manifest | {"hexo": {"version": version}}))
    done = subprocess.run(
        [tool("node"), str(home / "list.cjs"), f"{site}/"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"TZ": ZONE},
    )
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {f"source/{row['source']}": row for row in rows}


def polled(folder: Path, **options: str) -> tuple[Batch, dict[str, Post]]:
    found = hexo.build({"folder": str(folder), **options}).poll(CacheValidators(), NOW)
    assert isinstance(found, Batch)
    return found, {f"source/{post.guid}": post for post in found.posts}


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "permalink: :category/:year-:i_month-:i_day/:name.html\ncategory_map: {baz: last}",
        "permalink: p/:hash/\npretty_urls: {trailing_index: false}",
        "permalink: :lang/:post_title/:hour:minute:second/\npermalink_defaults: {lang: ko}",
        "permalink: :title.html\npretty_urls: {trailing_html: false}\nfilename_case: 1",
        "permalink: a/:name\npost_asset_folder: true",
    ],
)
def test_addresses_and_dates_are_those_of_hexo(tmp_path: Path, settings: str) -> None:
    config = f"{CONFIG}timezone: {ZONE}\n{settings}\n"
    write_files(tmp_path, FILES | {"_config.yml": config})
    want = hexo_posts(tmp_path)
    found, posts = polled(tmp_path)
    shared = {one.url for one in found.skipped if "it has the address of" in one.reason}
    assert {name: post.url for name, post in posts.items()} == {
        name: row["permalink"] for name, row in want.items() if str(tmp_path / name) not in shared
    }
    for name, one in posts.items():
        assert one.published == datetime.fromisoformat(want[name]["date"])


def test_the_site_says_what_it_is(tmp_path: Path) -> None:
    write_files(tmp_path, FILES | {"_config.yml": f"{CONFIG}timezone: {ZONE}\n"})
    found, posts = polled(tmp_path / "source" / "_posts" / "2025")
    assert list(posts) == ["source/_posts/2025/deep.markdown"]
    about = found.about
    assert (about.title, about.language, about.timezone) == ("부두", "ko", ZONE)
    _, whole = polled(tmp_path)
    assert whole["source/_posts/file.md"].language == "en"
    assert whole["source/_posts/2025/deep.markdown"].url == next(iter(posts.values())).url


def test_names_of_files_may_hold_the_date(tmp_path: Path) -> None:
    files = {"source/_posts/2026-03-04-river.md": "---\ntitle: River\n---\nText."}
    config = f"{CONFIG}timezone: {ZONE}\nnew_post_name: :year-:month-:day-:title.md\n"
    write_files(tmp_path, files | {"_config.yml": config})
    want = hexo_posts(tmp_path)
    _, posts = polled(tmp_path)
    assert [one.url for one in posts.values()] == [row["permalink"] for row in want.values()]


def test_a_token_without_a_value_is_told_and_never_printed(tmp_path: Path) -> None:
    files = {
        "source/_posts/a.md": post(),
        "source/_posts/b.md": post("date: 2026-03-04\nabbrlink: 77"),
    }
    write_files(tmp_path, files | {"_config.yml": f"{CONFIG}permalink: posts/:abbrlink/\n"})
    found, posts = polled(tmp_path)
    assert [one.url for one in posts.values()] == ["https://quay.example/log/posts/77/"]
    assert ":abbrlink" in found.warnings[0]


TAGS = """
{% blockquote Ann Tar, On Ropes https://ropes.example/ %}
A rope remembers its load.
{% endblockquote %}

See {% post_link first 'the first' %} and {% asset_img pier.png A long pier %}.
<!-- more -->
{% codeblock lang:js %}
let x = "{{ x }}";
{% endcodeblock %}

{% raw %}Braces {{ stay }}.{% endraw %}{% pullquote %}Again.{% endpullquote %}

{% youtube dQw4w9WgXcQ %}{% note warning %}Mind the gap.{% endnote %}
"""


def test_tags_are_read_as_the_site_shows_them(tmp_path: Path) -> None:
    files = {
        "_config.yml": f"{CONFIG}timezone: {ZONE}\npost_asset_folder: true\n",
        "source/_posts/first.md": post(),
        "source/_posts/second.md": post("date: 2026-03-05\ncover: pier.png", TAGS),
        "source/_posts/second/pier.png": "",
    }
    write_files(tmp_path, files)
    source = hexo.build({"folder": str(tmp_path)})
    found = source.poll(CacheValidators(), NOW)
    assert isinstance(found, Batch)
    second = source.complete(next(p for p in found.posts if "second" in p.url))
    document = second.document
    assert [document.of(block) for block in document.blocks] == [
        "A rope remembers its load.",
        "— Ann Tar",
        "See the first and .",
        'let x = "{{ x }}";',
        "Braces {{ stay }}.",
        "Mind the gap.",
    ]
    here = "https://quay.example/log/2026/03/05/second/"
    assert [(image.url, image.alt) for image in document.images] == [
        (f"{here}pier.png", "A long pier")
    ]
    assert [one.kind for one in document.media] == ["youtube"]
    assert second.image
    assert second.image.url == f"{here}pier.png"
