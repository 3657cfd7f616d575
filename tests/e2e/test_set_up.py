"""Setting up a blog of one's own: init, collect, doctor, then every issue from one store."""

import json
import tomllib
from pathlib import Path

import pytest

from digest.config.settings import parse_settings
from tests.blogs import blogs, publish
from tests.command import digest
from tests.faults import failing
from tests.http_server import HttpServer, text
from tests.inside import digest as inside

SAMPLE = blogs()[0]


@pytest.fixture
def site(http_server: HttpServer) -> str:
    """The sample blog, its front page with a link to its feed; its address."""
    feed = publish(SAMPLE, http_server)
    link = f'<link rel="alternate" type="application/rss+xml" href="{feed}">'
    http_server.put(
        "/", text(f'<!doctype html><html lang="zh-Hant-TW">{link}<title>聽寫簿</title>')
    )
    return f"{http_server.url}/"


def test_init_finds_the_feed_and_writes_what_it_found(site: str, tmp_path: Path) -> None:
    done = digest("init", site, "--json", cwd=tmp_path)
    assert done.json()["feeds"] == [f"{site}posts/index.xml"]
    written = (tmp_path / "digest.toml").read_text("utf-8")
    settings = parse_settings(written)
    assert settings.sources[0].url == f"{site}posts/index.xml"
    assert settings.language.startswith("zh-Hant")
    assert tomllib.loads(written)["title"]


def test_init_leaves_a_file_that_is_there(site: str, tmp_path: Path) -> None:
    (tmp_path / "digest.toml").write_text('title = "mine"\n')
    assert "--force" in digest("init", site, cwd=tmp_path, status=2).complaint
    assert (tmp_path / "digest.toml").read_text() == 'title = "mine"\n'
    digest("init", site, "--force", cwd=tmp_path)
    assert parse_settings((tmp_path / "digest.toml").read_text("utf-8")).title != "mine"


def test_init_without_a_feed_writes_nothing(http_server: HttpServer, tmp_path: Path) -> None:
    url = http_server.put("/", text("<title>A shop</title>"))
    assert "feed" in digest("init", url, cwd=tmp_path, status=1).complaint
    assert not (tmp_path / "digest.toml").exists()


def test_what_init_wrote_works(site: str, http_server: HttpServer, tmp_path: Path) -> None:
    """Collect, collect again with nothing new, draft without another page, and a clean doctor."""
    digest("init", site, cwd=tmp_path)
    (first,) = map(json.loads, digest("collect", "--json", cwd=tmp_path).out.splitlines())
    assert first["source"] == "127.0.0.1"
    pages = len(http_server.log)
    digest("collect", cwd=tmp_path, status=3)
    issue = digest("draft", "--week", SAMPLE.week, "--json", cwd=tmp_path).json()
    assert issue["id"] == f"weekly-{SAMPLE.week}"
    assert [r.path for r in http_server.log[pages:]] == ["/posts/index.xml"] * 2
    assert digest("doctor", cwd=tmp_path).out


def test_a_source_that_is_gone_is_told_by_collect_and_doctor(
    site: str, http_server: HttpServer, tmp_path: Path
) -> None:
    digest("init", site, cwd=tmp_path)
    http_server.put("/posts/index.xml", failing(404))
    digest("collect", cwd=tmp_path, status=1)
    done = digest("doctor", "--json", cwd=tmp_path, status=1)
    checks = [json.loads(line) for line in done.out.splitlines()]
    (broken,) = [check for check in checks if check["level"] == "error"]
    assert "404" in broken["finding"]
    assert broken["remedy"]


def test_doctor_names_a_source_without_posts_and_a_file_to_mend(tmp_path: Path) -> None:
    for name in ("empty", "some"):
        (tmp_path / name).mkdir()
    (tmp_path / "some" / "good.md").write_text("---\ntitle: a\ndate: 2026-03-01\n---\nText.\n")
    (tmp_path / "some" / "bad.md").write_text('---\ntitle: "a\n---\nText.\n')
    tables = "".join(
        f"[[sources]]\nkind = 'hugo'\nfolder = '{name}'\n" for name in ("empty", "some")
    )
    (tmp_path / "digest.toml").write_text(f"site = 'https://a.example/'\n{tables}")
    done = digest("doctor", "--json", cwd=tmp_path)
    checks = [json.loads(line) for line in done.out.splitlines()]
    empty, some = (one for one in checks if one["level"] == "warning")
    assert (empty["finding"], "right place" in empty["remedy"]) == ("has no post", True)
    assert some["finding"].startswith("answers, 1 post, 1 left out; ")
    assert "bad.md" in some["finding"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[networks.bluesky]\ncharcters = 200", "charcters: there is no such key"),
        ("[networks.nonsense]", "there is no network 'nonsense'"),
        ('[digests.weekly]\nprefer = "model"', "makes no summary by 'model'"),
        ("[summarizers.extract]\nmodle = 'x'", "modle: there is no such key"),
        ("[summarizers.nonsense]", "there is no summarizer 'nonsense'"),
        ("[mailers.nonsense]", "there is no mailer 'nonsense'"),
    ],
)
def test_doctor_finds_what_draft_would(tmp_path: Path, table: str, said: str) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text("---\ntitle: a\ndate: 2026-03-03\n---\nText.\n")
    config = f"site = 'https://a.example/'\n[[sources]]\nkind = 'hugo'\nfolder = 'posts'\n{table}"
    (tmp_path / "digest.toml").write_text(f"{config}\n")
    assert said in inside("draft", "--week", "2026-W10", cwd=tmp_path, status=2).err
    examined = inside("doctor", cwd=tmp_path, status=2 if "nonsense" in table else 1)
    assert said in examined.out + examined.err


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "big5"])
def test_what_a_pipe_gets_is_utf_8_whatever_the_locale(tmp_path: Path, encoding: str) -> None:
    env = {"PYTHONIOENCODING": encoding}
    made = digest("demo", "--json", cwd=tmp_path, env=env)
    assert "森林上面" in made.json()["subject"]
    assert "森林上面" in digest("show", cwd=tmp_path / "digest-demo", env=env).out
