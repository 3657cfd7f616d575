"""Mail as its editor sends it: a demo, some readers, a real SMTP server, exit statuses."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command import Done, digest
from tests.shared import REPOSITORY
from tests.smtp_server import Kept, SmtpServer, smtp_serving

READERS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A folder with an approved issue and readers, whose mail goes to *server*."""

    folder: Path
    server: SmtpServer
    env: dict[str, str]

    def run(self, *words: str, status: int | None = 0, **env: str) -> Done:
        return digest(*words, cwd=self.folder, status=status, env={**self.env, **env})

    def receipts(self, *words: str, status: int = 0) -> list[dict[str, object]]:
        said = self.run(*words, "--json", status=status).out.splitlines()
        return [json.loads(line) for line in said]


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a demo whose issue is approved, with readers."""
    folder = tmp_path_factory.mktemp("desk")
    digest("--quiet", "demo", "demo", cwd=folder)
    digest("approve", cwd=folder / "demo")
    rows = "".join(f"reader{n}@example.org,讀者{n}\n" for n in range(1, READERS + 1))
    (folder / "demo" / "readers.csv").write_text(f"email,name\n{rows}", "utf-8")
    digest("subscribers", "import", "readers.csv", "--confirmed", cwd=folder / "demo")
    return folder / "demo"


@pytest.fixture
def desk(approved: Path, tmp_path: Path) -> Iterator[Desk]:
    import shutil

    folder = Path(shutil.copytree(approved, tmp_path / "demo"))
    with smtp_serving() as server:
        env = {
            "DIGEST__MAIL__MAILER": "smtp",
            "DIGEST__MAILERS__SMTP__HOST": server.host,
            "DIGEST__MAILERS__SMTP__PORT": str(server.port),
            "DIGEST__MAILERS__SMTP__SECURITY": "none",
            "DIGEST__MAILERS__SMTP__CONNECTIONS": "2",
        }
        yield Desk(folder=folder, server=server, env=env)


def outside(one: Kept) -> bytes:
    """Return the bytes of a message without its reader's own."""
    import re

    head, _, body = one.raw.partition(b"\r\n\r\n")
    own = re.compile(rb"\r\n(To|Date|Message-ID|List-Unsubscribe): (?:[^\r]|\r\n )*", re.IGNORECASE)
    return own.sub(b"", head) + re.sub(rb"(/u/=?\r?\n?)[a-z0-9.]+", rb"\1", body)


def test_the_test_mail_is_the_mail(desk: Desk) -> None:
    (test,) = desk.receipts("send", "--to", "me@example.org")
    assert (test["target"], test["status"]) == ("me@example.org", "sent")
    assert b"/u/preview" in desk.server.kept[0].raw.replace(b"=\r\n", b"")
    receipts = desk.receipts("send", "--yes", "--offline")
    assert [one["status"] for one in receipts] == ["sent"] * READERS
    assert set(receipts[0]) == {"target", "part", "status", "id", "url", "reason", "subscriber"}
    got = desk.server.kept[1:]
    assert sorted(one.recipient for one in got) == sorted(str(one["target"]) for one in receipts)
    assert {one.id for one in got} == {one["id"] for one in receipts}
    assert len({outside(one) for one in desk.server.kept}) == 1
    tokens = {str(one.message["List-Unsubscribe"]) for one in got}
    assert len(tokens) == READERS
    assert desk.run("send", "--yes", "--offline", status=3).complaint.endswith(
        f"it is sent already, to {READERS} readers"
    )


def test_it_says_what_it_would_do_and_asks(desk: Desk) -> None:
    said = desk.run("send", "--offline", status=2).err
    assert "subject   " in said
    assert f"audience  {READERS} readers, {READERS} left to send" in said
    assert f"without a password at {desk.server.host}" in said
    assert "nobody is there to confirm it. Add --yes." in said
    assert not desk.server.kept


def test_only_an_approved_issue_leaves(desk: Desk, tmp_path: Path) -> None:
    digest("--quiet", "demo", "fresh", cwd=tmp_path)
    done = digest("send", "--yes", cwd=tmp_path / "fresh", status=1, env=desk.env)
    assert "is not approved. Read it, then: digest approve" in done.err
    done = digest("send", "--to", "me@example.org", cwd=tmp_path / "fresh", env=desk.env)
    assert len(desk.server.kept) == 1


def test_a_run_that_is_stopped_goes_on_with_the_same_bytes(desk: Desk) -> None:
    """Killed; then the blog changes and is drafted anew: who is left gets what was approved."""
    reached = threading.Event()
    desk.server.on_kept = lambda _one: reached.set() if len(desk.server.kept) >= 9 else None
    command = [sys.executable, "-m", "digest", "send", "--yes", "--offline"]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), **desk.env}
    process = subprocess.Popen(command, cwd=desk.folder, env=env, stderr=subprocess.DEVNULL)
    assert reached.wait(60)
    process.send_signal(signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL
    for post in (desk.folder / "blog" / "content").rglob("*.md"):
        post.write_text(post.read_text("utf-8").replace("title: ", "title: 改"), "utf-8")
    desk.run("--quiet", "draft")
    before = len(desk.server.kept)
    desk.run("send", "--yes", "--offline", status=None)
    assert len(desk.server.kept) > before
    assert len({outside(one) for one in desk.server.kept}) == 1
    assert max(Counter(desk.server.recipients).values()) == 1
    missing = {f"reader{n}@example.org" for n in range(1, READERS + 1)} - set(
        desk.server.recipients
    )
    unknown = desk.run("resolve", "--json", status=None).out
    assert missing <= {json.loads(line)["target"] for line in unknown.splitlines()}


def test_a_signal_stops_it_and_loses_nothing(desk: Desk) -> None:
    reached = threading.Event()
    desk.server.on_kept = lambda _one: reached.set() if len(desk.server.kept) >= 5 else None
    command = [sys.executable, "-m", "digest", "send", "--yes", "--offline"]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), **desk.env}
    env["DIGEST__MAILERS__SMTP__PER_SECOND"] = "20"
    process = subprocess.Popen(command, cwd=desk.folder, env=env, stderr=subprocess.PIPE, text=True)
    assert reached.wait(60)
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "digest send: was stopped. Nothing was sent twice" in said
    desk.run("send", "--yes", "--offline")
    assert Counter(desk.server.recipients) == Counter(
        f"reader{n}@example.org" for n in range(1, READERS + 1)
    )


def test_a_tick_that_the_system_ends_leaves_nothing_in_doubt(desk: Desk) -> None:
    """A machine that shuts down, or a pod that is moved: nobody has to settle anything."""
    slow = {**desk.env, "DIGEST__MAILERS__SMTP__PER_SECOND": "20"}
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), **slow}
    for words, many in ((("send", "--yes", "--offline"), 5), (("tick",), 12)):
        reached = threading.Event()

        def enough(_one: Kept, reached: threading.Event = reached, many: int = many) -> None:
            if len(desk.server.kept) >= many:
                reached.set()

        desk.server.on_kept = enough
        command = [sys.executable, "-m", "digest", *words]
        process = subprocess.Popen(
            command, cwd=desk.folder, env=env, stderr=subprocess.PIPE, text=True
        )
        assert reached.wait(60)
        process.send_signal(signal.SIGTERM)
        assert "nothing is lost" in process.communicate(timeout=60)[1]
        desk.run("resolve", status=3)
    assert len(desk.server.kept) < READERS
    desk.run("tick")
    assert Counter(desk.server.recipients) == Counter(
        f"reader{n}@example.org" for n in range(1, READERS + 1)
    )


def test_what_a_person_stops_waits_for_that_person(desk: Desk) -> None:
    reached = threading.Event()
    desk.server.on_kept = lambda _one: reached.set() if len(desk.server.kept) >= 5 else None
    command = [sys.executable, "-m", "digest", "send", "--yes", "--offline"]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), **desk.env}
    env["DIGEST__MAILERS__SMTP__PER_SECOND"] = "20"
    process = subprocess.Popen(command, cwd=desk.folder, env=env, stderr=subprocess.PIPE, text=True)
    assert reached.wait(60)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert "was stopped. Nothing was sent twice, nothing is lost. Go on with: digest send" in said
    before = len(desk.server.kept)
    assert 5 <= before < READERS
    desk.run("tick", status=3)  # no timer goes on with what a person stopped
    assert "is paused" in desk.run("send", "--yes", "--offline", status=1).err
    assert len(desk.server.kept) == before
    desk.run("send", "--yes", "--offline", "--resume")
    assert Counter(desk.server.recipients) == Counter(
        f"reader{n}@example.org" for n in range(1, READERS + 1)
    )


def test_without_the_keys_of_its_links_nothing_leaves(desk: Desk) -> None:
    """A container that was made anew has no key file: no reader could leave by a new key's link."""
    (key,) = desk.folder.glob("*.keys")
    kept = key.read_text("utf-8")
    key.unlink()
    said = desk.run("send", "--yes", "--offline", status=1).err
    assert "the keys of the audience: are not those that its links were signed with" in said
    assert not desk.server.kept
    key.write_text(kept, "utf-8")
    desk.run("send", "--yes", "--offline")
    assert len(desk.server.kept) == READERS


def test_a_pause_holds_until_it_is_taken_back(desk: Desk) -> None:
    assert "nothing of it is being sent" in desk.run("send", "--pause", status=3).err
    desk.server.fault = lambda at, _to: "450 greylisted" if at == "RCPT" else None
    env = {"DIGEST__MAILERS__SMTP__CONNECTIONS": "1", "DIGEST__MAILERS__SMTP__PER_SECOND": "20"}
    sending = threading.Thread(target=lambda: desk.run("send", "--yes", "--offline", **env))
    sending.start()
    while not desk.server.sessions and sending.is_alive():
        time.sleep(0.02)
    desk.run("send", "--pause")
    sending.join(60)
    assert (
        "is paused. Go on with: digest send" in desk.run("send", "--yes", "--offline", status=1).err
    )


def test_what_may_be_out_is_listed_and_settled(desk: Desk) -> None:
    lost = {"reader3@example.org", "reader4@example.org"}
    desk.server.fault = lambda at, to: "drop" if at == "kept" and to in lost else None
    receipts = desk.receipts("send", "--yes", "--offline", status=1)
    assert {one["target"] for one in receipts if one["status"] == "unknown"} == lost
    assert {one["target"] for one in desk.receipts("resolve")} == lost
    assert "2 copies may be out" in desk.run("send", "--yes", "--offline", status=1).err
    desk.server.fault = lambda _at, _to: None
    desk.run("resolve", "--skip", "--target", "reader3@example.org")
    desk.run("resolve", "--resend")
    desk.run("send", "--yes", "--offline")
    got = Counter(desk.server.recipients)
    assert (got["reader3@example.org"], got["reader4@example.org"]) == (1, 2)
    assert desk.run("resolve", status=3).complaint.endswith("nothing waits for you")


def test_what_the_log_of_the_server_shows_is_not_sent_twice(desk: Desk) -> None:
    """Two are lost after the content; the log shows one of them as taken."""
    lost = {"reader3@example.org", "reader4@example.org"}
    desk.server.fault = lambda at, to: "drop" if at == "kept" and to in lost else None
    desk.run("send", "--yes", "--offline", status=1)
    ids = {one.recipient: one.id for one in desk.server.kept}
    lines = [
        f"mx postfix/cleanup[7]: 4ABC12DEF{number}: message-id={ids[to]}\n"
        for number, to in enumerate(sorted(lost))
    ]
    lines.append("mx postfix/qmgr[8]: 4ABC12DEF0: from=<b@example.org>, size=9, nrcpt=1\n")
    (desk.folder / "mail.log").write_text("".join(lines), "utf-8")
    desk.server.fault = lambda _at, _to: None
    said = desk.run("resolve", "--log", "mail.log", "--resend").err
    assert "1 mails that were unknown stand in mail.log" in said
    assert "1 reader may get it twice" in said
    desk.run("send", "--yes", "--offline")
    got = Counter(desk.server.recipients)
    assert (got["reader3@example.org"], got["reader4@example.org"]) == (1, 2)


def test_a_letter_that_is_no_issue_leaves_once(desk: Desk) -> None:
    (desk.folder / "letter.md").write_text("# 編輯部搬家了\n\n新地址在**河邊**。\n", "utf-8")
    desk.run("send", "--letter", "letter.md", "--to", "me@example.org")
    (test,) = desk.server.kept
    assert str(test.message["Subject"]) == "編輯部搬家了"
    desk.server.kept.clear()
    assert "Add --yes" in desk.run("send", "--letter", "letter.md", status=2).err
    desk.run("send", "--letter", "letter.md", "--yes")
    assert Counter(desk.server.recipients) == Counter(
        f"reader{n}@example.org" for n in range(1, READERS + 1)
    )
    one = desk.server.kept[0]
    assert one.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    html = one.message.get_body(("html",))
    assert html
    assert "<strong>河邊</strong>" in html.get_content()
    assert "編輯部搬家了" not in html.get_content().partition("</head>")[2]
    desk.run("send", "--letter", "letter.md", "--yes", status=3)
    (desk.folder / "bare.md").write_text("沒有標題。\n", "utf-8")
    assert "has no subject" in desk.run("send", "--letter", "bare.md", status=1).err


def test_a_correction_goes_to_who_got_the_issue(desk: Desk) -> None:
    (desk.folder / "words.md").write_text("日期錯了，是**三月九日**。\n", "utf-8")
    words = ("send", "--correction", "--text", "words.md", "--offline", "--yes")
    assert "went out to nobody" in desk.run(*words, status=1).complaint
    first = "reader1@example.org"
    desk.server.fault = lambda at, to: "550 no" if at == "RCPT" and to == first else None
    desk.run("send", "--yes", "--offline", status=1)
    desk.server.fault = lambda _at, _to: None
    desk.run("subscribers", "remove", "reader2@example.org")
    originals = {one.recipient: one.id for one in desk.server.kept}
    desk.server.kept.clear()
    desk.run(*words)
    assert len(desk.server.kept) == READERS - 2
    for one in desk.server.kept:
        assert str(one.message["Subject"]).startswith("更正：")
        assert one.message["In-Reply-To"] == originals[one.recipient]
        assert one.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        html = one.message.get_body(("html",))
        assert html
        assert "<strong>三月九日</strong>" in html.get_content()
    desk.run(*words, status=3)
    desk.run("send", "--correction", "--yes", "--offline", status=3)
    assert len(desk.server.kept) == READERS - 2


def test_a_backup_put_back_sends_nothing_twice(desk: Desk) -> None:
    desk.run("backup", "kept.db")
    desk.run("send", "--yes", "--offline")
    desk.run("subscribers", "remove", "reader3@example.org")
    desk.run("subscribers", "erase", "reader4@example.org", "--yes")
    assert "nobody is there to confirm it" in desk.run("restore", "kept.db", status=2).err
    said = desk.run("restore", "kept.db", "--yes").err
    assert "2 readers who left since stay out" in said
    assert desk.run("subscribers", "stats", "--json").json()["states"] == {
        "active": READERS - 2,
        "unsubscribed": 1,
    }
    assert "wait for you" in desk.run("send", "--yes", "--offline", status=1).err
    assert len(desk.server.kept) == READERS
    desk.run("resolve", "--skip")
    desk.run("send", "--yes", "--offline", status=3)


@pytest.mark.parametrize(
    ("env", "status", "said"),
    [
        ({"DIGEST__MAIL__MAILER": "smpt"}, 2, "mail.mailer: there is no mailer 'smpt'"),
        ({"DIGEST__MAILERS__SMTP__HOST": "no-host.invalid"}, 2, "there is no such host"),
        ({"DIGEST__MAILERS__SMTP__PORT": "1"}, 1, "cannot be reached: Connection refused"),
        ({"DIGEST__MAILERS__SMTP__HOTS": "x"}, 2, "Did you mean 'host'?"),
        ({"DIGEST__MAIL__MAILER": "resend"}, 2, "DIGEST_RESEND_API_KEY is not set"),
        (
            {"DIGEST__MAILERS__SMTP__PASSWORD": "x"},
            2,
            "a secret does not stand there. Set DIGEST_SMTP_PASSWORD",
        ),
        (
            {"DIGEST__MAILERS__SMTP__DKIM_KEY_FILE": "none.pem"},
            2,
            "dkim_selector: is not set",
        ),
    ],
    ids=["mailer", "host", "port", "key", "credential", "secret", "dkim"],
)
def test_a_mistake_is_named_before_anything_is_sent(
    desk: Desk, env: dict[str, str], status: int, said: str
) -> None:
    assert said in desk.run("send", "--yes", "--offline", status=status, **env).complaint
    assert not desk.server.kept


@pytest.mark.parametrize(
    "typed", ["me", "me@", "a b@example.org", "a@b.org\r\nBcc: c@d.org", "a@b.org>,<c@d.org"]
)
def test_a_malformed_address_is_named(desk: Desk, typed: str) -> None:
    assert "is no address. Write it like" in desk.run("send", "--to", typed, status=2).complaint
    assert not desk.server.kept
