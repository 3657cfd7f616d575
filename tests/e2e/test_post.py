"""`digest post`, `resolve`, `login` and `doctor`, as a person runs them, against real parts."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from digest.cli import cli
from tests.accounts import SECRETS, World
from tests.command import Done, digest
from tests.terminal import on_terminal
from tests.x_server import XServer

ENV = {f"DIGEST_X_{key.upper()}": value for key, value in SECRETS["x"].items()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the sample blog's issue."""
    folder = tmp_path_factory.mktemp("post")
    digest("demo", "demo", "--quiet", cwd=folder)
    return folder / "demo"


@pytest.fixture
def here(made: Path, tmp_path: Path, net: World) -> Path:
    """Return a copy of that folder whose X is the one of this test."""
    import shutil

    folder = tmp_path / "here"
    shutil.copytree(made, folder)
    with (folder / "digest.toml").open("a") as file:
        file.write(f'\n[networks.x]\napi = "{net.proxy.url}"\n')
    return folder


@pytest.fixture
def net(open_world: Callable[[str], World]) -> World:
    return open_world("x")


def run(here: Path, *words: str, status: int = 0) -> Done:
    return digest(*words, cwd=here, status=status, env=ENV)


def receipts(done: Done) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.out.splitlines()]


def test_an_approved_thread_is_posted_once(here: Path, net: World, x_server: XServer) -> None:
    assert "is not approved" in run(here, "post", "--network", "x", status=1).complaint
    run(here, "approve")
    dry = run(here, "post", "--network", "x", "--dry-run")
    assert "to post" in dry.out
    assert "parts would be posted now" in dry.err
    assert "x allows 100 posts in 15 minutes" in dry.err
    assert "about $" in dry.out
    assert run(here, "post", "--network", "x", "--dry-run", "--json").json()["network"] == "x"
    assert net.proxy.log == []

    told = receipts(run(here, "post", "--network", "x", "--json"))
    assert {one["status"] for one in told} == {"sent"}
    assert {"target", "part", "status", "id", "url", "reason"} <= set(told[0])
    assert [one["part"] for one in told] == list(range(1, len(told) + 1))
    assert len(x_server.state.posts) == len(told)

    assert "already" in run(here, "post", "--network", "x", status=3).complaint
    asked = run(here, "post", "--network", "x", "--delete", status=2)
    assert "Add --yes" in asked.complaint
    gone = run(here, "post", "--network", "x", "--delete", "--yes")
    assert "taken back" in gone.out
    assert not x_server.state.posts


def test_the_card_that_was_approved_is_the_card_that_is_posted(
    here: Path, x_server: XServer
) -> None:
    run(here, "approve")
    (shown,) = [
        one
        for part in run(here, "threads", "--network", "x", "--json").json()["parts"]
        for one in part["media"]
    ]
    card = Path(shown["path"]).read_bytes()
    run(here, "export", "--format", "card", "--out", str(here / "card.png"))
    assert (here / "card.png").read_bytes() == card

    Path(shown["path"]).write_bytes(b"not what was approved")
    (here / "templates").mkdir()
    with (here / "digest.toml").open("a") as file:
        file.write('\n[look]\naccent = "#004488"\n')  # a card drawn now would be another
    run(here, "post", "--network", "x")
    (out,) = x_server.state.media.values()
    assert out["data"] == card
    assert out["alt"] == shown["alt"]


def test_what_waits_is_listed_and_settled(here: Path, x_server: XServer) -> None:
    run(here, "approve")
    assert "nothing waits" in run(here, "resolve", status=3).complaint
    x_server.state.rules.replies = False
    done = run(here, "post", "--network", "x", "--json")
    assert [one["status"] for one in receipts(done)][:2] == ["sent", "held"]
    assert "Post the rest by hand" in done.err
    waits = receipts(run(here, "resolve", "--json"))
    assert {one["status"] for one in waits} == {"held"}
    both = run(here, "resolve", "--resend", "--skip", status=2)
    assert "both were given" in both.complaint

    x_server.state.rules.replies = True
    assert "leaves with: digest post" in run(here, "resolve", "--resend").err
    run(here, "post", "--network", "x")
    assert len(x_server.state.posts) == len(waits) + 1


def test_an_account_that_may_not_post_is_told_so_and_the_thread_stays_whole(
    here: Path, x_server: XServer
) -> None:
    run(here, "approve")
    before = run(here, "threads", "--network", "x", "--json").out
    x_server.state.rules.read_only = True
    done = run(here, "post", "--network", "x", status=1)
    assert "app permissions" in done.out + done.err
    assert not x_server.state.posts
    assert run(here, "threads", "--network", "x", "--json").out == before

    x_server.state.rules.read_only = False
    run(here, "resolve", "--resend")
    run(here, "post", "--network", "x")
    assert len(x_server.state.posts) == len(json.loads(before)["parts"])


def test_without_secrets_nothing_is_posted(here: Path, net: World) -> None:
    run(here, "approve")
    done = digest("post", "--network", "x", cwd=here, status=2)
    assert "DIGEST_X_API_KEY, DIGEST_X_API_SECRET" in done.complaint
    assert "digest login x" in done.complaint
    assert net.proxy.log == []


@pytest.mark.parametrize("network", ["threads", "linkedin"])
def test_a_network_that_takes_no_programs_is_copied_by_hand(here: Path, network: str) -> None:
    run(here, "approve")
    done = run(here, "post", "--network", network, status=2)
    assert f"digest threads --network {network}" in done.complaint


def test_a_secret_is_in_no_output_and_not_in_the_store(here: Path, x_server: XServer) -> None:
    run(here, "approve")
    x_server.state.rules.token = "another"
    done = run(here, "post", "--network", "x", "--verbose", status=1)
    stored = b"".join(path.read_bytes() for path in here.iterdir() if path.is_file())
    for secret in SECRETS["x"].values():
        if secret != "key":
            assert secret not in done.out + done.err
            assert secret.encode() not in stored
    assert "digest login x" in done.out


def test_quota_and_cost_are_told_before_approval(here: Path) -> None:
    shown = run(here, "threads", "--network", "x")
    assert "about $" in shown.out
    assert "x allows 100 posts in 15 minutes" in shown.err
    told = run(here, "approve").err
    assert re.match(r"x: \d parts, about \$0\.\d\d to post; it allows 100 posts in 15", told)
    assert told.index("about $") < told.index("approved")


@pytest.fixture
def at_a_terminal(here: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Return a function that runs a command as a person at a terminal who types *answers*."""
    for key, value in ENV.items():
        monkeypatch.setenv(key, value)

    def run_there(*words: str, answers: str) -> Done:
        return on_terminal(*words, cwd=here, answers=answers)

    return run_there


def test_a_thread_is_taken_back_only_after_a_yes(
    here: Path, x_server: XServer, at_a_terminal: Callable[..., Done]
) -> None:
    run(here, "approve")
    asked = at_a_terminal("post", "--network", "x", answers="n\n")
    assert re.search(r"Post \d parts to x, about \$0\.\d\d\?", asked.err)
    assert asked.status == 1
    assert not x_server.state.posts
    assert at_a_terminal("post", "--network", "x", answers="y\n").status == 0
    out = len(x_server.state.posts)
    assert out > 2

    asked = at_a_terminal("post", "--network", "x", "--delete", answers="n\n")
    assert "back from x?" in asked.err
    assert (asked.status, len(x_server.state.posts)) == (1, out)
    assert at_a_terminal("post", "--network", "x", "--delete", answers="\n").status == 1
    assert len(x_server.state.posts) == out
    assert at_a_terminal("post", "--network", "x", "--delete", answers="y\n").status == 0
    assert not x_server.state.posts


def test_doctor_says_what_is_wrong_with_an_account(here: Path, x_server: XServer) -> None:
    x_server.state.rules.token = "another"
    done = run(here, "doctor", "--json", status=1)
    (found,) = [one for one in receipts(done) if one["subject"] == "x"]
    assert found["level"] == "error"
    assert "digest login x" in str(found["remedy"])


def test_doctor_looks_at_each_account_and_posts_nothing(here: Path, net: World) -> None:
    found = {one["subject"]: one for one in receipts(run(here, "doctor", "--json"))}
    assert found["x"]["level"] == "ok"
    assert found["x"]["finding"] == "posts as @ferry"
    assert found["mastodon"]["level"] == "note"
    assert "digest login mastodon" in found["mastodon"]["remedy"]
    assert {seen.method for seen in net.proxy.log} == {"GET"}


def typed(here: Path, monkeypatch: pytest.MonkeyPatch, *lines: str, more: list[str]) -> str:
    monkeypatch.chdir(here)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    said = CliRunner().invoke(cli, ["login", "x", *more], input="".join(f"{x}\n" for x in lines))
    assert said.exit_code == 0, (said.output, said.exception)
    return said.output


def test_login_checks_and_keeps_the_secrets_in_files(
    here: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "secrets"
    said = typed(here, monkeypatch, *SECRETS["x"].values(), more=["--folder", str(folder)])
    assert "It works: x posts as @ferry." in said
    assert f'api_key_file = "{folder}/x.api_key"' in said
    assert SECRETS["x"]["api_secret"] not in said
    files = {path.name: path for path in folder.iterdir()}
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}
    with (here / "digest.toml").open("a") as file:
        file.writelines(f'{key}_file = "{files[f"x.{key}"]}"\n' for key in SECRETS["x"])
    digest("approve", cwd=here)
    assert "sent" in digest("post", "--network", "x", cwd=here).out


def test_login_without_a_keyring_says_what_to_set(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = typed(here, monkeypatch, *SECRETS["x"].values(), more=[])
    assert "There is no keyring here. Set DIGEST_X_API_KEY," in said
    assert SECRETS["x"]["access_secret"] not in said


def test_planning_and_showing_a_thread_import_no_sdk(here: Path) -> None:
    code = (
        "import sys; from digest.cli import main; sys.argv = ['digest', 'threads', '--quiet']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = digest(cwd=here, program=(sys.executable, "-c", code))
    loaded = set(re.findall(r"'(\w+)'", done.err.splitlines()[-1]))
    assert "digest" in loaded
    assert not loaded & {"tweepy", "atproto_client", "mastodon", "keyring", "requests", "httpx"}
