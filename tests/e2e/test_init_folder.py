"""``digest init FOLDER``: the folder of a site tells all that its configuration needs."""

from pathlib import Path

import pytest

from digest.config.settings import parse_settings
from tests.command import digest
from tests.hugo_site import front, write_files

POST = front(title="The quay", date="2026-05-05T10:00:00+09:00")
SITES = {
    "hugo": {
        "hugo.toml": 'baseURL = "https://quay.example/"\ntitle = "부두"\nlocale = "ko-KR"\n',
        "content/posts/quay.md": POST,
    },
    "jekyll": {
        "_config.yml": "url: https://quay.example\ntitle: 부두\nlang: ko-KR\n",
        "_posts/2026-05-05-quay.md": POST,
    },
    "hexo": {
        "_config.yml": "url: https://quay.example\ntitle: 부두\nlanguage: ko-KR\n",
        "source/_posts/quay.md": POST,
    },
}


@pytest.mark.parametrize("kind", SITES)
def test_a_folder_is_set_up_and_drafted_from(tmp_path: Path, kind: str) -> None:
    site = write_files(tmp_path / "site", SITES[kind])
    done = digest("init", "site", "--json", cwd=tmp_path)
    assert done.json() == {"file": "digest.toml", "folder": "site", "kind": kind}
    settings = parse_settings((tmp_path / "digest.toml").read_text("utf-8"))
    assert (settings.title, settings.language) == ("부두", "ko-KR")
    assert (settings.timezone, settings.site) == ("Asia/Seoul", "https://quay.example/")
    (source,) = settings.sources
    assert (source.kind, source.folder, source.name) == (kind, "site", "quay.example")
    drafted = digest("draft", "--week", "2026-W19", "--json", cwd=tmp_path).json()
    (story,) = [story for section in drafted["sections"] for story in section["stories"]]
    assert story["url"].startswith("https://quay.example/")
    assert story["title"] == "The quay"
    assert site.is_dir()


def test_a_folder_without_posts_and_one_of_another_generator_write_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "holds no post" in digest("init", "empty", cwd=tmp_path, status=1).complaint
    write_files(tmp_path / "astro", {"astro.config.mjs": "", "src/content/a.md": POST})
    assert "Astro" in digest("init", "astro", cwd=tmp_path, status=2).complaint
    assert not (tmp_path / "digest.toml").exists()
