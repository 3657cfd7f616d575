"""`digest subscribers` as a person uses it: lists, single people, what comes back."""

import csv
import json
import mailbox
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from digest.app.composition import App
from digest.config.link_tokens import make_bounce_address
from tests.command import digest as subprocess_digest
from tests.inside import digest
from tests.shared import REPOSITORY
from tests.unit.test_returns import status

TOML = """
title = "渡口週報"
store = "digest.db"
[mail]
from = "weekly@example.org"
[digests.weekly]
[digests.monthly]
"""
LIST = "電子郵件,姓名\nlin@example.org,林渡\nwang@example.org,王小明\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "digest.toml").write_text(TOML, "utf-8")
    return tmp_path


def subscribers(home: Path, *words: str | Path, status: int = 0, **env: str):
    return digest("subscribers", *words, cwd=home, status=status, env=env)


def stats(home: Path) -> dict[str, object]:
    return subscribers(home, "stats", "--json").json()


def test_a_list_in_big5_is_taken_in_told_and_taken_in_again(home: Path) -> None:
    (home / "list.csv").write_bytes(LIST.encode("big5"))
    tried = subscribers(home, "import", "list.csv", "--confirmed", "--dry-run")
    assert "2 rows: 2 added (nothing was changed)" in tried.err
    assert "Its first row reads: lin@example.org 林渡" in tried.err
    assert stats(home)["subscribers"] == 0
    done = subscribers(home, "import", "list.csv", "--confirmed")
    assert "list.csv: Big5, comma-separated, columns: email, name" in done.err
    assert "2 rows: 2 added" in done.err
    assert stats(home)["states"] == {"active": 2}
    again = subscribers(home, "import", "list.csv", "--confirmed", status=3)
    assert "2 rows: 2 unchanged" in again.err
    assert "林渡" in subscribers(home, "export").out


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 2)])
def test_a_person_at_a_terminal_is_asked_whether_the_encoding_is_right(
    home: Path, answer: str, status: int
) -> None:
    (home / "list.csv").write_bytes(LIST.encode("big5"))
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    command = [sys.executable, "-m", "digest", "subscribers", "import", "list.csv", "--confirmed"]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, cwd=home, env=env, stdin=theirs, stderr=theirs, check=False)
    said = os.read(ours, 10_000).decode()
    os.close(ours), os.close(theirs)
    assert "Is that right?" in said
    assert done.returncode == status, said


def test_ten_thousand_bad_rows_are_told_and_the_good_ones_taken_in(home: Path) -> None:
    bad = [
        "not an address,x",
        'a@example.org,"never closed',
        "b@example.org,\0",
        "c@example.org\n",
        "d@example.org,x,y,z",
        '"e@example.org"x,y',
        "f@,x",
        "@g,x",
        ",nobody",
        "h@example.org,i\x1bj",
    ]
    rows = [bad[n % len(bad)] if n % 2 else f"r{n}@example.org,name {n}" for n in range(20_000)]
    rows = [row.rstrip("\n") for row in rows if row != "c@example.org\n"]
    (home / "list.csv").write_text("email,name\n" + "\n".join(rows) + "\n", "utf-8")
    wanted = ("import", "list.csv", "--confirmed", "--report", "bad.csv", "--json")
    told = subscribers(home, *wanted, status=1).json()
    assert told["added"] == 10_000
    assert told["rows"] == len(rows)
    assert told["faulty"] == len(rows) - 10_000
    with (home / "bad.csv").open(encoding="utf-8-sig", newline="") as file:
        faults = list(csv.DictReader(file))
    assert len(faults) == told["faulty"]
    lines = (home / "list.csv").read_text("utf-8").split("\n")
    for fault in faults[:200]:
        assert fault["reason"]
        assert fault["email"].lstrip("'").split(",")[0].strip('"') in lines[int(fault["line"]) - 1]
    assert len(told["faults"]) == 1000


def test_a_report_says_what_is_wrong_with_each_row(home: Path) -> None:
    text = "email,name,digests\nlin@example.org,林渡,weekly\nbad,x,\nw@example.org,w,daily\n"
    (home / "list.csv").write_text(text, "utf-8")
    done = subscribers(home, "import", "list.csv", "--confirmed", status=1)
    assert done.warnings == [
        "line 3: 'bad': An email address must have an @-sign",
        "line 4: 'w@example.org': there is no digest 'daily'; there is: monthly, weekly",
    ]


def test_a_name_may_stand_before_its_address(home: Path) -> None:
    subscribers(home, "add", "林渡 <lin@example.org>", "--confirmed")
    assert subscribers(home, "show", "lin@example.org", "--json").json()["name"] == "林渡"
    assert digest("subscribers", "--json", "stats", cwd=home).json()["subscribers"] == 1


STATES = """\
email,status
on@example.org,subscribed
yes@example.org,TRUE
left@example.org,unsubscribed
no@example.org,false
off@example.org,disabled
cleaned@example.org,cleaned
spam@example.org,blocklisted
odd@example.org,suspended?
"""


def test_nobody_is_written_to_whom_the_list_does_not_call_a_reader(home: Path) -> None:
    (home / "list.csv").write_text(STATES, "utf-8")
    said = subscribers(home, "import", "list.csv", "--confirmed", status=1).err
    assert "line 9: 'odd@example.org': the state 'suspended?' is unknown" in said
    states = {"active": 2, "unsubscribed": 3, "bounced": 1, "complained": 1}
    assert stats(home)["states"] == states


def test_who_left_is_not_brought_back_by_a_list(home: Path) -> None:
    (home / "list.csv").write_text(LIST, "utf-8")
    subscribers(home, "import", "list.csv", "--confirmed")
    subscribers(home, "remove", "LIN@example.org")
    subscribers(home, "remove", "lin@example.org", status=3)
    subscribers(home, "erase", "wang@example.org", "--yes")
    done = subscribers(home, "import", "list.csv", "--confirmed", status=3)
    assert "2 suppressed" in done.err
    assert "line 2: 'lin@example.org': not taken in" in done.err
    told = stats(home)
    assert told["states"] == {"unsubscribed": 1}
    assert told["suppressed"] == {"erased": 1, "unsubscribed": 1}
    refused = subscribers(home, "add", "wang@example.org", "--confirmed", status=1)
    assert "is not written to: erased" in refused.complaint
    subscribers(home, "add", "wang@example.org", "--confirmed", "--again")
    assert stats(home)["states"] == {"active": 1, "unsubscribed": 1}


def test_all_of_one_person_is_shown_and_erased(home: Path) -> None:
    subscribers(
        home, "add", "lin@example.org", "--confirmed", "--name", "林渡", "--language", "zh-TW"
    )
    shown = subscribers(home, "show", "lin@example.org", "--json").json()
    assert (shown["email"], shown["name"], shown["state"]) == ("lin@example.org", "林渡", "active")
    assert shown["consent"]["how"] == "held elsewhere"
    assert "lin@example.org" in subscribers(home, "show", "1").out
    assert subscribers(home, "erase", "1", "--yes", "--json").json() == {"id": 1, "erased": True}
    subscribers(home, "show", "lin@example.org", status=3)
    for path in home.iterdir():
        kept = path.read_bytes()
        assert b"lin@example.org" not in kept, path


def test_what_cannot_be_undone_is_confirmed_first(home: Path) -> None:
    subscribers(home, "add", "lin@example.org", "--confirmed")
    refused = subprocess_digest("subscribers", "erase", "1", cwd=home, status=2)
    assert "nobody is there to confirm it" in refused.complaint
    assert stats(home)["subscribers"] == 1


def test_an_export_is_safe_in_a_spreadsheet_and_comes_back_as_it_was(home: Path) -> None:
    (home / "list.csv").write_text(
        'email,name,language,digests,state\n=cmd@example.org,"=HYPERLINK(""http://x"")",en,monthly,\n'
        'lin@example.org,"林, ""渡""",zh-Hant-TW,weekly;monthly,\ngone@example.org,,,,'
        "unsubscribed\n",
        "utf-8",
    )
    subscribers(home, "import", "list.csv", "--confirmed")
    subscribers(home, "export", "out.csv")
    raw = (home / "out.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    with (home / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["email"] == "'=cmd@example.org"
    assert rows[0]["name"].startswith("'=HYPERLINK")
    again = subscribers(home, "import", "out.csv", "--confirmed", "--json", status=3).json()
    assert (again["unchanged"], again["suppressed"], again["faulty"]) == (2, 1, 0)
    other = home / "other"
    other.mkdir()
    (other / "digest.toml").write_text(TOML, "utf-8")
    subscribers(other, "import", home / "out.csv", "--confirmed")
    keep = ("email", "name", "language", "digests", "state")
    lists = [
        [{k: v for k, v in json.loads(line).items() if k in keep} for line in out.splitlines()]
        for out in (subscribers(place, "export", "--json").out for place in (home, other))
    ]
    assert lists[0] == lists[1]
    active = subscribers(home, "export", "--state", "active", "--digest", "weekly").out
    assert active.splitlines()[1].startswith("lin@example.org")
    assert len(active.splitlines()) == 2


def test_who_did_not_agree_yet_is_asked_once_when_there_is_a_place_to_answer(home: Path) -> None:
    (home / "list.csv").write_text(LIST, "utf-8")
    done = subscribers(home, "import", "list.csv")
    assert "serve.url: is not set" in done.warnings[0]
    assert stats(home)["states"] == {"pending": 2}
    url = {"DIGEST__SERVE__URL": "https://letters.example.org"}
    again = subscribers(home, "import", "list.csv", status=3, **url)
    assert "2 were asked to confirm by mail" in again.err
    assert len(list((home / "outgoing").iterdir())) == 2
    subscribers(home, "import", "list.csv", status=3, **url)
    subscribers(home, "add", "chen@example.org", **url)
    assert len(list((home / "outgoing").iterdir())) == 3
    subscribers(home, "add", "chen@example.org", status=3, **url)


def test_mail_that_came_back_is_acted_on(home: Path) -> None:
    subscribers(home, "add", "lin@example.org", "--confirmed")
    subscribers(home, "add", "wang@example.org", "--confirmed")
    from digest.config.settings import load_settings

    ring = App(load_settings(str(home / "digest.toml"), {})).keyring
    box = mailbox.Maildir(home / "Maildir")
    back = make_bounce_address("bounces@example.org", ring.sign(1, "bounce"))
    box.add(status(("other@example.org", "failed", "5.1.1"), to=back))
    box.add(status(("wang@example.org", "failed", "4.2.2"), to="bounces@example.org", key="<9@x>"))
    done = subscribers(home, "bounces", "--maildir", "Maildir")
    assert "2 messages, 2 reports on subscribers" in done.err
    assert "wang@" not in done.err
    assert stats(home)["states"] == {"active": 1, "bounced": 1}
    subscribers(home, "bounces", "--maildir", "Maildir", status=3)
    subscribers(home, "bounces", status=2)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("import", "none.csv"), 2, "none.csv: cannot be read"),
        (("import", "/dev/null"), 2, "/dev/null: is no file"),
        (("import", "digest.toml"), 2, "names no column of addresses"),
        (("import", "x.csv", "--encoding", "klingon"), 2, "no such encoding"),
        (("import", "x.csv", "--digest", "daily"), 2, "digest 'daily': it is not configured"),
        (("add", "lin@"), 2, "There must be something after the @-sign"),
        (("add", "lin@example.org", "--name", "a\nBcc: b"), 2, "control character or a line break"),
        (("add", "lin@example.org", "--language", "中文"), 2, "no language tag"),
        (("show", "lin@example.org"), 3, "is no subscriber"),
        (("show", "77"), 3, "is no subscriber"),
        (("remove", "x"), 2, "must have an @-sign"),
        (("remove", "99999999999999999999"), 3, "is no subscriber"),
        (("bounces", "--maildir", "."), 2, "is no maildir"),
        (("export", "no/such/folder.csv"), 1, "cannot be written"),
    ],
)
def test_a_mistake_is_told_in_one_line(home: Path, words, status, said) -> None:
    (home / "x.csv").write_text("email\nlin@example.org\n", "utf-8")
    done = subscribers(home, *words, "--quiet", status=status)
    assert said in done.complaint


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (
            '[serve]\nurl = "letters.example.org"',
            "serve.url: 'letters.example.org' is no web address",
        ),
        ('[serve]\ntrusted_proxies = ["proxy"]', "serve.trusted_proxies"),
        ("[serve]\nprot = 1", "Did you mean 'port'"),
        ("[serve]\nper_minute = 0", "serve.per_minute: a whole number of at least 1"),
        ('[serve.hooks.resend]\nkind = "x"', "'x' is no kind of hook"),
        ("[serve.hooks.resend]", "DIGEST_HOOK_RESEND_SECRET is not set"),
        ('[serve.hooks.resend]\nsecrt = "x"', "serve.hooks.resend.secrt: there is no such key"),
        ('[audience]\nkey_file = "none"', "none: cannot be read"),
        ('[audience]\ndigests = ["daily"]', "audience.digests: there is no digest 'daily'"),
        ('[audience]\noffered = ["daily"]', "audience.offered: there is no digest 'daily'"),
        ('[audience]\ndigets = ["a"]', "Did you mean 'digests'"),
    ],
)
def test_a_setting_that_cannot_be_is_told_before_anything_is_served(home, toml, said) -> None:
    (home / "digest.toml").write_text(TOML + toml + "\n", "utf-8")
    assert said in digest("serve", "--port", "0", cwd=home, status=2).complaint


def test_a_key_is_kept_for_its_owner_and_rotated(home: Path) -> None:
    first = subscribers(home, "keys", "--json").json()
    assert stat.S_IMODE(Path(first["file"]).stat().st_mode) == 0o600
    second = subscribers(home, "keys", "--rotate", "--json").json()
    assert second["keys"][1:] == first["keys"]
    ring = Path(first["file"]).read_text().replace("\n", ",")
    own = {"DIGEST_AUDIENCE_KEY": ring}
    assert "DIGEST_AUDIENCE_KEY or key_file: 2 keys" in subscribers(home, "keys", **own).err
    refused = subscribers(home, "keys", "--rotate", status=2, **own)
    assert "is set from outside" in refused.complaint
    weak = subscribers(home, "stats", status=2, DIGEST_AUDIENCE_KEY="short")
    assert "fewer than 16 characters" in weak.complaint


def test_tokens_are_renewed_when_somebody_says_so(home: Path) -> None:
    assert subscribers(home, "tokens", "--json").json() == {"renewed": 0, "last": None}
    assert "nobody is there to confirm it" in subscribers(home, "tokens", "--renew", status=2).err
    assert "renewed once, last 20" in subscribers(home, "tokens", "--renew", "--yes").err
    again = subscribers(home, "tokens", "--renew", "--yes", "--json").json()
    assert (again["renewed"], again["last"][:2]) == (2, "20")


def test_keys_that_are_lost_are_missed_before_anybody_is_written_to_again(home: Path) -> None:
    subscribers(home, "add", "lin@example.org", "--confirmed")
    subscribers(home, "erase", "1", "--yes")
    kept = home / "digest.db.keys"
    old = kept.read_text()
    kept.unlink()
    for words in (("add", "lin@example.org", "--confirmed"), ("stats",), ("keys",)):
        told = subscribers(home, *words, status=1).complaint
        assert "not those that its links were signed with" in told
        assert "digest subscribers keys --adopt" in told
    new = kept.read_text()
    kept.write_text(new + old)
    assert "erased" in subscribers(home, "add", "lin@example.org", status=1).complaint
    kept.write_text(new)
    assert stats(home)["suppressed"] == {"erased": 1}
    other = {"DIGEST_AUDIENCE_KEY": "another key of sixteen or more"}
    subscribers(home, "stats", status=1, **other)
    subscribers(home, "keys", "--adopt", **other)
    subscribers(home, "stats", **other)
