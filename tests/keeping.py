"""Makes the stores that later versions must open: ``python -m tests.keeping NAME``.

The same two weeks of a newsletter are lived through on SQLite and on PostgreSQL, by the commands
that a person gives, against a real SMTP server and an X of our own. What is left goes to
``tests/data/stores/NAME``, with what the version that made it says of it.
"""

import json
import lzma
import mailbox
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests import postgres
from tests.accounts import SECRETS
from tests.command import digest
from tests.png import png
from tests.shared import REPOSITORY
from tests.smtp_server import SmtpServer, smtp_serving
from tests.unit.test_returns import complaint
from tests.x_server import x_serving

STORES = REPOSITORY / "tests" / "data" / "stores"
DEFERRED, UNKNOWN = "later@example.org", "doubt@example.org"
SETTINGS = """\
title = "渡口週報"
language = "zh-Hant-TW"
timezone = "Asia/Taipei"
site = "https://blog.example.org/"

[[sources]]
name = "blog"
kind = "hugo"
folder = "blog/content/posts"

[digests.weekly]
stories = 3

[mail]
mailer = "smtp"
from = "渡口週報 <weekly@example.org>"
reply_to = "editor@example.org"
postal_address = "100 臺北市渡口路 1 號"
unsubscribe = "https://digest.example.org/u"
return_path = "bounces@example.org"

[serve]
url = "https://digest.example.org"
"""
READERS = """\
email,name,state
sent@example.org,林渡,active
Left@Example.org,王小明,active
later@example.org,Ada Marsh,active
doubt@example.org,周慢慢,active
gone@example.org,,active
spam@example.org,Rowan Pike,active
erased@example.org,許某,active
former@example.org,,unsubscribed
bounced@example.org,,bounced
"""
POSTS = {
    "ferry": (
        0,
        "船會等人",
        """擺渡人江水生說：「船不趕時間，是人趕。」他在渡口擺渡四十年，沒有一次先走。

鎮上蓋了橋，他還是每天早上六點把船推下水，因為對岸有個孩子要上學。

![渡口的船](/images/ferry.png)""",
    ),
    "lamp": (
        1,
        "The Lamp Keeper's Last Winter",
        """“A lamp is a promise,” says Ida Holm, who kept the light for thirty winters.

The council has sold the tower. She has taken the lens home and polishes it on Sundays.""",
    ),
    "salt": (
        2,
        "鹽田裡的天空",
        """曬鹽的吳阿滿說：「鹽是太陽寫的字。」今年雨多，字寫得少。

她把一畝鹽田留給水鳥，說鳥也看得懂天氣。""",
    ),
    "clock": (3, "鐘樓停了三天", "修鐘的人說零件要等兩個月，鎮長說那就先靠雞叫。\n\n雞也停了。"),
    "market": (4, "市集照常", "下雨的星期五，市集來了十一個人，賣掉九條魚。\n\n老闆說這叫包場。"),
    "bread": (
        8,
        "麵包店的夜班",
        "麵包師傅何曉凌晨兩點開爐，她覺得夜裡的麵團比較老實。\n\n天亮前賣完。",
    ),
    "bridge": (
        9,
        "A Bridge That Hums",
        "The new bridge hums in B flat when the wind is west.\n\nNobody minds but the tuner.",
    ),
}  # name -> (days after the Monday of the first week, title, Markdown)
WORDS = {
    "subject": "船會等人，還有兩篇",
    "intro": "這週有船，也有燈。",
    "posts": "pin https://blog.example.org/posts/salt/\nban https://blog.example.org/posts/market/",
}


def make(name: str) -> None:
    """Make the stores of *name*, which must be new."""
    home = STORES / name
    home.mkdir(parents=True)
    (home / "digest.toml").write_text(SETTINGS, "utf-8")
    with tempfile.TemporaryDirectory() as place, postgres.running() as cluster:
        database = cluster.create()
        for backend, url in {"sqlite": "digest.db", "postgresql": cluster.url(database)}.items():
            folder = Path(place) / backend
            _expect(folder, home / backend, _live(folder, url))
            (keys,) = folder.glob("*.keys")
            shutil.copyfile(keys, home / backend / "keys")
            lite = backend == "sqlite"
            content = _packed(folder / url) if lite else _dumped(cluster, database)
            (home / backend / "store.xz").write_bytes(lzma.compress(content))


def _live(folder: Path, url: str) -> dict[str, str]:
    """Live through two weeks in *folder*, with the store at *url*.

    Return the token in the link of every mail that was sent, by address.
    """
    monday = date.today() - timedelta(days=date.today().weekday() + 14)  # noqa: DTZ011 - a day
    _write_blog(folder, monday)
    (folder / "digest.toml").write_text(f'store = "{url}"\n{SETTINGS}', "utf-8")
    (folder / "readers.csv").write_text(READERS, "utf-8")
    with smtp_serving() as server, x_serving() as x:
        env = _environment(folder, server, x.url)

        def run(*words: str, status: int = 0) -> str:
            return digest(*words, cwd=folder, status=status, env=env).out

        week = "{}-W{:02}".format(*monday.isocalendar())
        issue = f"weekly-{week}"
        run("subscribers", "import", "readers.csv", "--confirmed")
        run("subscribers", "add", "asked@example.org", "--name", "還沒確認")
        run("draft", "--week", week)
        form = run("show", issue, "--form")
        (folder / "form.txt").write_text(_edited(form), "utf-8")
        run("show", issue, "--apply", "form.txt")
        run("approve", issue)
        server.fault = _faults
        run("send", issue, "--yes", "--offline", status=1)
        server.fault = lambda _step, _address: None
        x.state.rules.replies = False
        run("post", issue, "--network", "x")
        run("subscribers", "remove", "left@example.org")
        run("subscribers", "erase", "erased@example.org", "--yes")
        _return_mail(folder, server)
        run("subscribers", "bounces", "--maildir", "returned")
        (folder / "schedules").mkdir()
        (folder / "schedules" / "weekly.toml").write_text(_schedule(), "utf-8")
        run("tick")
        return {
            one.recipient: str(one.message["List-Unsubscribe"]).rpartition("/")[2].strip(">")
            for one in server.kept
            if one.message["Subject"] == WORDS["subject"]
        }


def _environment(folder: Path, server: SmtpServer, x: str) -> dict[str, str]:
    secrets = {f"DIGEST_X_{key.upper()}": value for key, value in SECRETS["x"].items()}
    return {
        "XDG_CONFIG_HOME": str(folder / "home"),
        "XDG_DATA_HOME": str(folder / "home"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "DIGEST__MAILERS__SMTP__HOST": server.host,
        "DIGEST__MAILERS__SMTP__PORT": str(server.port),
        "DIGEST__MAILERS__SMTP__SECURITY": "none",
        "DIGEST__NETWORKS__X__API": x,
        **secrets,
    }


def _write_blog(folder: Path, monday: date) -> None:
    posts, pictures = folder / "blog" / "content" / "posts", folder / "blog" / "static" / "images"
    posts.mkdir(parents=True)
    pictures.mkdir(parents=True)
    (folder / "blog" / "hugo.toml").write_text('baseURL = "https://blog.example.org/"\n', "utf-8")
    (pictures / "ferry.png").write_bytes(png(640, 360))
    for name, (days, title, body) in POSTS.items():
        head = f'title: "{title}"\ndate: {monday + timedelta(days=days)}T09:00:00+08:00\n'
        (posts / f"{name}.md").write_text(f"---\n{head}---\n{body}\n", "utf-8")


def _edited(form: str) -> str:
    """Return *form* with ``WORD_BLOCKS`` in the places of its blocks."""
    blocks = form.split("\n[")
    for number, block in enumerate(blocks):
        head, _, rest = block.partition("]")
        if head in WORDS:
            mark, _, tail = rest.partition("\n")
            notes = "".join(f"\n{line}" for line in tail.splitlines() if line.startswith("#"))
            blocks[number] = f"{head}]{mark}\n{WORDS[head]}\n{notes}"
    return "\n[".join(blocks)


def _faults(step: str, address: str) -> str | None:
    """Make one copy wait, one unknown, and one come back for good."""
    if address.startswith("gone@") and step == "RCPT":
        return "550 5.1.1 no such user"
    if address == DEFERRED and step == "RCPT":
        return "450 4.7.1 come back later"
    return "drop" if address == UNKNOWN and step == "." else None


def _return_mail(folder: Path, server: SmtpServer) -> None:
    """Let a reader complain."""
    returned = mailbox.Maildir(folder / "returned")
    (one,) = (kept for kept in server.kept if kept.recipient == "spam@example.org")
    head = one.raw.partition(b"\r\n\r\n")[0].decode().replace("\r\n ", " ")
    original = "\n".join(line for line in head.splitlines() if line.startswith(("To", "List-")))
    returned.add(complaint(original=original, Original_Mail_From=one.sender))


def _schedule() -> str:
    """Return a schedule whose run is soon, so that its draft is made and shown to the editor."""
    due = datetime.now(UTC) + timedelta(minutes=40)
    return (
        f'digest = "weekly"\ncron = "{due.minute} {due.hour} * * *"\ntimezone = "UTC"\n'
        'window = "calendar-week"\nminimum = 1\nlead = "2h"\nreview = true\n'
        'unapproved = "hold"\ntargets = ["email"]\n'
    )


def _packed(path: Path) -> bytes:
    """Return the SQLite file at *path*, packed into itself."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("VACUUM")
    return path.read_bytes()


def _dumped(cluster: postgres.Cluster, database: str) -> bytes:
    """Return *database* as SQL that any server and client can run: no owner, nothing of psql."""
    command = [postgres.binary("pg_dump"), "-h", str(cluster.sockets), "-U", "digest", database]
    command += ["--inserts", "--no-owner", "--no-privileges", "--no-comments"]
    sql = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    own = r"^(?:\\(?:un)?restrict .*|SET \w+ = .*;|SELECT pg_catalog\.set_config\(.*\);|--.*)\n"
    head, mark, rest = sql.partition("\nINSERT ")  # texts with lines of any kind come after it
    settings = r"^\\(?:un)?restrict .*\n"
    return (
        re.sub(own, "", head, flags=re.MULTILINE)
        + mark
        + re.sub(settings, "", rest, flags=re.MULTILINE)
    ).encode()


def _expect(folder: Path, home: Path, tokens: dict[str, str]) -> None:
    """Write to *home* what this version says of the store in *folder*."""

    (home / "said").mkdir(parents=True)

    def said(*words: str) -> str:
        return digest(*words, cwd=folder).out

    issues = []
    for issue, newest in _issues(folder):
        for number in map(str, range(1, newest + 1)):
            name = f"{issue}.{number}"
            which = (issue, "--revision", number)
            exported = json.loads(said("export", *which, "--format", "json"))
            issues.append({"issue": issue, "revision": int(number), "hash": exported["hash"]})
            (home / "said" / f"{name}.txt").write_text(said("show", *which), "utf-8")
            said("export", *which, "--format", "eml", "--out", str(folder / "eml"))
            packed = lzma.compress((folder / "eml").read_bytes())
            (home / "said" / f"{name}.eml.xz").write_bytes(packed)
    waiting = [json.loads(line) for line in said("resolve", "--json").splitlines()]
    states = json.loads(said("subscribers", "stats", "--json"))["states"]
    expected = {
        "revisions": issues,
        "waiting": sorted((one["target"], one["part"], one["status"]) for one in waiting),
        "states": states,
        "tokens": tokens,
    }
    text = json.dumps(expected, ensure_ascii=False, indent=1)
    (home / "expected.json").write_text(f"{text}\n", "utf-8")


def _issues(folder: Path) -> list[tuple[str, int]]:
    from digest.app.composition import App
    from digest.config.settings import load_settings

    settings = load_settings(str(folder / "digest.toml"), {})
    volumes = App(settings).kit(sourceless=True).issues.shelf()
    return [(volume.issue, volume.newest) for volume in volumes]


if __name__ == "__main__":
    make(sys.argv[1])
