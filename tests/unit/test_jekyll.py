"""A Jekyll folder gives the posts that Jekyll itself builds, at the addresses it gives them."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.model import Batch, CacheValidators, Post
from digest.model.errors import ConfigError
from digest.sources import jekyll
from tests.hugo_site import write_files

NOW = datetime(2027, 1, 1, tzinfo=UTC)
LIST = Path(__file__).parents[1] / "jekyll_list.rb"
CONFIG = "url: https://quay.example\nbaseurl: /log\ntitle: Quay\nlang: de\ntimezone: Asia/Taipei\n"


def post(matter: str = "", text: str = "The quay was swept.") -> str:
    return f"---\ntitle: Quay\n{matter}\n---\n{text}\n"


FILES = {
    "_posts/2026-01-02-plain.md": post(),
    "_posts/2026-01-02-Zwei Uhren Ä.md": post(),
    "_posts/2026-01-03-中文.html": post(),
    "_posts/2026-01-04-c++ & c#.markdown": post(),
    "_posts/2026-1-5-short.md": post(),
    "_posts/2026-01-06-v1.2..md": post(),
    "_posts/2025/2026-01-07-deep.md": post("categories: [Foo Bar, baz]\ncategory: One Two"),
    "_posts/2026-01-08-slugged.md": post("slug: My Slug, Ü\ncategories: a b"),
    "_posts/2026-01-09-own.md": post("permalink: /own/:year/:i_month/:slug.html"),
    "_posts/2026-01-10-named.md": post("permalink: named"),
    "_posts/2026-01-11-zoned.md": post("date: 2026-02-02 23:30:00 -0500"),
    "_posts/2026-01-12-utc.md": post("date: 2026-02-03T20:00:00Z"),
    "_posts/2026-01-13-day.md": post("date: 2026-02-04"),
    "_posts/2026-01-14-bare.md": "No front matter at all.",
    "_posts/2026-01-15-hidden.md": post("published: false"),
    "_posts/undated.md": post(),
    "_posts/2026-01-16-txt.txt": post(),
    "recipes/_posts/2026-01-17-soup.md": post(),
    "vendor/bundle/_posts/2026-01-18-gem.md": post(),
    "_drafts/draft.md": post(),
    "_layouts/_posts/2026-01-19-odd.md": post(),
}


def jekyll_posts(site: Path) -> dict[str, dict[str, str]]:
    """Return what Jekyll knows of each post, by its file."""
    command = ["ruby", str(LIST), str(site)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["path"]: row for row in rows}


def polled(folder: Path, **options: str) -> tuple[Batch, dict[str, Post]]:
    found = jekyll.build({"folder": str(folder), **options}).poll(CacheValidators(), NOW)
    assert isinstance(found, Batch)
    return found, {post.guid: post for post in found.posts}


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "permalink: pretty",
        "permalink: none",
        "permalink: ordinal",
        "permalink: weekdate",
        "permalink: /:short_year/:i_day/:long_month/:short_day/:hour:minute/:name_:title",
        "collections: {posts: {permalink: '/c/:slugified_categories/:w_year-:w_day/:slug/'}}",
        (
            "defaults: [{scope: {path: '', type: posts}, values: {permalink: '/d/:title/'}}, "
            "{scope: {path: recipes}, values: {permalink: '/r/:title/', category: food}}, "
            "{scope: {path: '_posts/2025', type: pages}, values: {published: false}}]"
        ),
    ],
)
def test_addresses_and_dates_are_those_of_jekyll(tmp_path: Path, settings: str) -> None:
    write_files(tmp_path, FILES | {"_config.yml": f"{CONFIG}{settings}\n"})
    want = jekyll_posts(tmp_path)
    want.pop("_posts/2026-01-16-txt.txt", None)
    _, posts = polled(tmp_path)
    base = "https://quay.example/log"
    assert {name: post.url for name, post in posts.items()} == {
        name: base + row["url"] for name, row in want.items()
    }
    for name, one in posts.items():
        assert one.published == datetime.fromisoformat(want[name]["date"])


def test_the_site_says_what_it_is_and_a_part_has_the_same_addresses(tmp_path: Path) -> None:
    write_files(tmp_path, FILES | {"_config.yml": CONFIG})
    found, posts = polled(tmp_path)
    about = found.about
    assert (about.title, about.language, about.timezone) == ("Quay", "de", "Asia/Taipei")
    assert about.site == "https://quay.example/log/"
    reasons = {Path(one.url).name: one.reason for one in found.skipped}
    assert "does not begin with a date" in reasons["undated.md"]
    _, part = polled(tmp_path / "_posts")
    assert {n: one.url for n, one in part.items()} == {
        name: one.url for name, one in posts.items() if not name.startswith("recipes/")
    }


def test_an_unknown_token_is_told_and_never_printed(tmp_path: Path) -> None:
    files = {"_posts/2026-01-02-a.md": post(), "_posts/2026-01-03-b.md": post("permalink: /b/")}
    write_files(tmp_path, files | {"_config.yml": f"{CONFIG}permalink: /:decade/:title/\n"})
    found, posts = polled(tmp_path)
    assert [one.url for one in posts.values()] == ["https://quay.example/log/b/"]
    assert ":decade" in found.warnings[0]


LIQUID = """
See [the first]({% post_url 2026-01-02-first %}) and ![a pier]({{ site.baseurl }}/pier.png).

{% highlight ruby %}
puts 1
{% endhighlight %}

{% raw %}Braces like {{ these }} stay.{% endraw %}{% comment %}Hidden words.{% endcomment %}

{% include video.html id="x" %}{% include youtube.html id="dQw4w9WgXcQ" %}
{% if page.title %}The title is {{ page.title }}.{% endif %}{% assign x = 1 %}
{{ "/map/" | relative_url }} and {{ page.nothing | default: "nothing" }}.

Rope is old.[^1]
{: .lead}

[^1]: Hemp.
"""


def test_liquid_is_read_as_the_site_shows_it(tmp_path: Path) -> None:
    files = {
        "_config.yml": CONFIG,
        "_posts/2026-01-02-first.md": post(),
        "_posts/2026-01-03-second.md": post("image: /img/a.png", LIQUID),
    }
    write_files(tmp_path, files)
    source = jekyll.build({"folder": str(tmp_path)})
    found = source.poll(CacheValidators(), NOW)
    assert isinstance(found, Batch)
    second = source.complete(next(p for p in found.posts if "second" in p.url))
    document = second.document
    assert [document.of(block) for block in document.blocks] == [
        "See the first and .",
        "puts 1",
        "Braces like {{ these }} stay.",
        "The title is Quay. /log/map/ and nothing.",
        "Rope is old.",
    ]
    assert [image.url for image in document.images] == ["https://quay.example/log/pier.png"]
    assert [one.url for one in document.media] == ["https://www.youtube.com/watch?v=dQw4w9WgXcQ"]
    assert second.image
    assert second.image.url == "https://quay.example/log/img/a.png"


@pytest.mark.parametrize(
    ("matter", "text", "abstract"),
    [
        ("excerpt: Short.", "Long.", "Short."),
        ("description: Best.\nexcerpt: Short.", "Long.", "Best."),
        ("excerpt_separator: <!--more-->", "First.\n\n<!--more-->\n\nLong.", "First."),
        ("excerpt_separator: <!--more-->", "One.\n\nTwo.\n\n<!--more-->\n\nLong.", ""),
        ("", "First.\n\nLong.", ""),
    ],
)
def test_an_excerpt_is_the_authors(tmp_path: Path, matter: str, text: str, abstract: str) -> None:
    write_files(tmp_path, {"_config.yml": CONFIG, "_posts/2026-01-02-a.md": post(matter, text)})
    _, posts = polled(tmp_path)
    assert [one.abstract for one in posts.values()] == [abstract]


def test_bad_files_cost_only_themselves_and_a_bad_configuration_all(tmp_path: Path) -> None:
    files = {
        "_config.yml": CONFIG,
        "_posts/2026-01-02-good.md": post(),
        "_posts/2026-01-03-bad.md": "---\ntitle: [open\n---\n",
        "_posts/2026-01-04-none.textile": post(),
    }
    write_files(tmp_path, files)
    found, posts = polled(tmp_path)
    assert list(posts) == ["_posts/2026-01-02-good.md"]
    assert "2026-01-03-bad.md: broken" in found.warnings[0]
    assert "2026-01-04-none.textile" in found.warnings[1]
    write_files(tmp_path, {"_config.yml": "url: [open"})
    with pytest.raises(ConfigError, match=r"_config.yml: cannot be read"):
        polled(tmp_path)


def test_a_folder_of_posts_alone_has_no_base(tmp_path: Path) -> None:
    write_files(tmp_path, {"_posts/2026-01-02-a.md": post()})
    found, posts = polled(tmp_path / "_posts")
    assert [one.url for one in posts.values()] == ["https://example.invalid/2026/01/02/a.html"]
    assert "--site" in found.warnings[0]
    _, sited = polled(tmp_path / "_posts", site="https://quay.example")
    assert [one.url for one in sited.values()] == ["https://quay.example/2026/01/02/a.html"]
