"""A look outside from the desk: beside the editor's work, and once for the same addresses."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from digest.app.composition import App
from digest.config.settings import Settings, load_settings
from digest.model import Finding, Mail
from digest.web.desk.findings import DeskFinding, list_desk_findings
from digest.web.desk.labels import Words
from digest.web.desk.send_jobs import Outside, OutsideCheck
from tests import make
from tests.desk_server import Running, desk_serving, sample
from tests.faults import dripping
from tests.http_server import HttpServer, text
from tests.mailing import content

EN = Words(language="en")


@pytest.fixture
def settings(tmp_path: Path, http_server: HttpServer) -> Settings:
    (tmp_path / "digest.toml").write_text('title = "x"\n', "utf-8")
    made = load_settings(str(tmp_path / "digest.toml"), {})
    return msgspec.structs.replace(made, site=http_server.url)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Running]:
    with desk_serving(sample(tmp_path)) as running:
        yield running


def mail(server: HttpServer, *paths: str, words: str = "") -> Mail:
    html = "".join(f'<a href="{server.url}{path}">x</a>' for path in paths)
    return replace(make.revision().mail, html=f"{html}{words}", mime=content().content)


def over(look: OutsideCheck) -> OutsideCheck:
    deadline = time.monotonic() + 20
    while look.running and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not look.running
    return look


def test_what_is_gone_is_found_and_asked_for_once(
    http_server: HttpServer, settings: Settings
) -> None:
    http_server.put("/gone", text("gone", status=410))
    http_server.put("/here", text("<p>here</p>"))
    outside, letter = Outside(), mail(http_server, "/gone", "/here")
    assert outside.of(letter) is None
    look = over(outside.begin(App(settings), letter))
    assert look.tried == 2
    gone = [one for one in look.findings if "/gone" in one.subject]
    assert [one.cause for one in gone] == ["answers 410"]
    assert outside.of(mail(http_server, "/gone", "/here", words="a word mended")) is look
    assert outside.of(mail(http_server, "/gone")) is None


def test_a_look_under_way_is_not_begun_again(http_server: HttpServer, settings: Settings) -> None:
    http_server.put("/slow", dripping(text("<p>slow</p>" * 8), pause=0.05))
    outside, letter = Outside(), mail(http_server, "/slow")
    first = outside.begin(App(settings), letter)
    assert outside.begin(App(settings), letter) is first
    over(first)
    assert outside.begin(App(settings), letter) is not first


def found(subject: str, cause: str = "answers 404") -> DeskFinding:
    finding = Finding(level="warning", subject=subject, cause=cause, remedy="", channel="email")
    return list_desk_findings([finding], make.revision(), EN)[0]


def test_each_finding_leads_to_its_remedy() -> None:
    story = next(iter(make.revision().issue.stories))
    assert found(f"link {story.post.url}").tab == "story"
    assert found("link https://elsewhere.example/x").href == "https://elsewhere.example/x"
    assert found("picture https://elsewhere.example/x.png").subject.startswith("Picture")
    dns = found("DNS of example.org", "has no DMARC record")
    assert dns.href.startswith("https://")
    assert "DMARC" in dns.text
    assert found("subject", "is empty").at == "f-subject"
    assert all(found(one).href for one in ("links", "spam", "mail.postal_address", "email"))


def test_the_desk_goes_on_while_it_looks(desk: Running) -> None:
    revision = desk.desk.revision()
    issue = f"/i/{revision.issue.id}"
    page = desk.ask(f"{issue}/checks", Accept_Language="en").text
    assert "Look outside" in page
    kind = "application/x-www-form-urlencoded"
    answer = desk.ask(
        f"{issue}/do/look", method="POST", Origin=desk.base, Content_Type=kind, Accept_Language="en"
    )
    assert answer.status == 200
    look = desk.desk.outside.of(revision.mail)
    assert look is not None
    assert desk.ask(f"{issue}/rows").status == 200
    over(look)
    assert "Look again" in desk.ask(f"{issue}/checks", Accept_Language="en").text
    assert desk.desk.revision() == revision
