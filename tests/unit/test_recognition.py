"""A folder's generator is recognised; one whose addresses cannot be told is refused with a way."""

from pathlib import Path

import pytest

from digest.app.composition import use_typed_source
from digest.config.settings import Settings
from digest.model.errors import ConfigError
from digest.sources._recognition import kind_of
from tests.hugo_site import front, write_files

POST = front(title="A", date="2026-05-05")


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"hugo.toml": 'baseURL = "https://a.example/"'}, "hugo"),
        ({"config/_default/hugo.yaml": "title: A"}, "hugo"),
        ({"config.toml": 'baseURL = "https://a.example/"', "package.json": "{}"}, "hugo"),
        ({"_config.yml": "title: A"}, "jekyll"),
        ({"_config.yml": "title: A", "package.json": '{"dependencies": {"hexo": "8"}}'}, "hexo"),
        ({"_config.yml": "title: A", "source/_posts/a.md": POST}, "hexo"),
        ({"_config.yml": "title: A", "package.json": "[broken"}, "jekyll"),
        ({"README.md": POST}, "hugo"),
    ],
)
def test_the_generator_is_told_from_any_folder_of_it(
    tmp_path: Path, files: dict[str, str], kind: str
) -> None:
    inner = tmp_path / "content" / "posts"
    write_files(tmp_path, files | {"content/posts/a.md": POST})
    assert kind_of(tmp_path) == kind
    assert kind_of(inner) == kind
    settings = use_typed_source(Settings(), folder=str(inner))
    assert settings.sources[0].kind == kind


def test_a_folder_of_posts_alone_is_jekylls(tmp_path: Path) -> None:
    write_files(tmp_path, {"_posts/2026-01-02-a.md": POST})
    assert kind_of(tmp_path / "_posts") == "jekyll"


def test_the_nearest_configuration_counts(tmp_path: Path) -> None:
    files = {"_config.yml": "title: A", "blog/hugo.toml": 'title = "B"', "blog/content/a.md": POST}
    write_files(tmp_path, files)
    assert kind_of(tmp_path / "blog" / "content") == "hugo"


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("astro.config.mjs", "", "Astro"), ("eleventy.config.js", "", "Eleventy"),
        (".eleventy.js", "", "Eleventy"), ("config.toml", 'base_url = "https://a.example"', "Zola"),
        ("pelicanconf.py", "", "Pelican"), ("gatsby-config.ts", "", "Gatsby"),
        ("next.config.mjs", "", "Next.js"), ("docusaurus.config.js", "", "Docusaurus"),
        ("mkdocs.yml", "", "MkDocs"), ("nuxt.config.ts", "", "Nuxt"),
        ("package.json", '{"devDependencies": {"@11ty/eleventy": "3"}}', "Eleventy"),
    ],
)  # fmt: skip
def test_others_are_refused_and_their_feed_is_the_way(
    tmp_path: Path, file: str, text: str, name: str
) -> None:
    write_files(tmp_path, {file: text, "src/content/blog/a.md": POST})
    for folder in (tmp_path, tmp_path / "src" / "content" / "blog"):
        with pytest.raises(ConfigError) as told:
            use_typed_source(Settings(), folder=str(folder))
        assert name in str(told.value)
        assert "--feed URL" in str(told.value)


def test_a_folder_of_mdx_that_nobody_knows_gets_no_invented_links(tmp_path: Path) -> None:
    write_files(tmp_path, {"blog/a.mdx": POST, "blog/b.md": POST})
    with pytest.raises(ConfigError, match="MDX"):
        kind_of(tmp_path)
