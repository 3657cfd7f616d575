"""An issue made of hostile posts: what leaves is whole, escaped, bounded and says no more."""

import json
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from selectolax.lexbor import LexborHTMLParser

from digest.cli import cli
from tests.golden.hostile import FOLDER

pytestmark = pytest.mark.whole_texts

CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
HEADERS = {
    *("mime-version", "from", "to", "subject", "date", "message-id", "content-language"),
    *("list-id", "content-type", "reply-to", "list-unsubscribe", "list-unsubscribe-post"),
}
NETWORKS = ("x", "bluesky", "mastodon")
CONFIG = """title = "壞天氣"
language = "zh-Hant-TW"
timezone = "Asia/Taipei"
site = "https://blog.example.org/"
store = {store}

[[sources]]
kind = "hugo"
folder = {folder}

[digests.weekly]
stories = 50

[mail]
from = "壞天氣 <weekly@example.org>"
postal_address = "某路 1 號"
"""


@pytest.fixture(scope="module")
def issue(tmp_path_factory: pytest.TempPathFactory) -> "Run":
    folder = tmp_path_factory.mktemp("hostile")
    store, posts = (json.dumps(str(path)) for path in (folder / "digest.db", FOLDER))
    (folder / "digest.toml").write_text(CONFIG.format(store=store, folder=posts), "utf-8")
    run = Run(folder)
    run.command("draft", "--week", "2026-W11", "--json")
    return run


class Run:
    """The command line on one configuration, its outputs kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: dict[tuple[str, ...], str] = {}

    def command(self, *arguments: str) -> str:
        if arguments not in self.said:
            config = str(self.folder / "digest.toml")
            done = CliRunner().invoke(cli, ["--config", config, *arguments])
            assert done.exit_code == 0, done.output
            self.said[arguments] = done.stdout
        return self.said[arguments]

    def draft(self) -> dict[str, Any]:
        return json.loads(self.command("draft", "--week", "2026-W11", "--json"))

    def export(self, form: str) -> bytes:
        out = self.folder / f"issue.{form}"
        self.command("export", "--format", form, "--out", str(out))
        return out.read_bytes()

    def mail(self) -> EmailMessage:
        return message_from_bytes(self.export("eml"), policy=policy.default)

    def thread(self, network: str) -> dict[str, Any]:
        return json.loads(self.command("threads", "--network", network, "--json"))


def test_most_of_them_become_stories(issue: Run) -> None:
    stories = [story for section in issue.draft()["sections"] for story in section["stories"]]
    assert len(stories) >= 25
    assert all(story["title"].strip() and story["url"] for story in stories)


def test_the_message_has_no_header_but_its_own(issue: Run) -> None:
    mail = issue.mail()
    assert {name.lower() for name in mail.keys()} <= HEADERS  # noqa: SIM118 - it repeats names
    assert len(mail.get_all("To", [])) == 1
    assert mail.get_all("Bcc") is None
    assert not mail.defects
    assert len(mail["Subject"]) < 200


def test_every_line_of_the_message_is_short_enough(issue: Run) -> None:
    """RFC 5322, 2.1.1: at most 998 octets a line, and no bare CR or LF."""
    raw = issue.export("eml")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", raw)


def test_nothing_in_the_html_runs_or_leads_astray(issue: Run) -> None:
    tree = LexborHTMLParser(issue.export("html").decode())
    assert tree.css("script, iframe, object, embed, form, mj-text, mj-raw, mj-include") == []
    for node in tree.css("*"):
        assert not [name for name in node.attributes if name.startswith("on")]
        for name in ("href", "src"):
            address = node.attributes.get(name)
            assert not address or urlsplit(address).scheme in ("http", "https", "mailto", "cid", "")


def test_what_looks_like_a_template_is_shown_as_written(issue: Run) -> None:
    title = """<img src=x onerror=alert(1)> & "引號" {{ 7*7 }} {% include "x" %} ${x} %s {0}"""
    tree = LexborHTMLParser(issue.export("html").decode())
    assert title in " ".join(tree.body.text().split())
    assert title in " ".join(issue.export("text").decode().split())


@pytest.mark.parametrize("form", ["html", "text", "mjml"])
def test_no_control_character_leaves(issue: Run, form: str) -> None:
    assert not CONTROLS.search(issue.export(form).decode().replace("\r\n", "\n"))


def test_the_message_stays_below_what_mail_programs_cut(issue: Run) -> None:
    """Gmail clips above 102 KB; 20,000 characters of one title must not be what does it."""
    assert "很長很長的標題" in issue.command("draft", "--week", "2026-W11", "--json")
    assert issue.export("html").decode().count("很長很長的標題") < 60


@pytest.mark.parametrize("network", NETWORKS)
def test_every_part_is_within_the_limit_and_clean(issue: Run, network: str) -> None:
    thread = issue.thread(network)
    assert thread["parts"]
    for part in thread["parts"]:
        assert part["length"] <= part["limit"]
        assert part["text"].strip()
        assert not CONTROLS.search(part["text"])


@pytest.mark.parametrize("network", NETWORKS)
def test_no_part_pings_anybody(issue: Run, network: str) -> None:
    """A name in a title is no mention: it is broken up or left out."""
    thread = issue.thread(network)
    assert [p["text"] for p in thread["parts"] if re.search(r"(?<![\w./])@\w", p["text"])] == []
    assert not [said for said in thread["warnings"] if "tells" in said]
