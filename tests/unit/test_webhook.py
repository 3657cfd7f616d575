"""The webhook: one guarded POST, and what is said where it fails."""

from pathlib import Path

import pytest

from digest.http import json_api
from digest.model import Occurrence
from digest.model.errors import FetchError
from digest.schedule import notifications
from digest.schedule.rules import Schedule
from tests.http_server import Answer, HttpServer, moved, text
from tests.make import NOW
from tests.ticking import WEEKLY, World

SCHEDULE = Schedule(name="monday", digest="weekly", crons=("0 8 * * 1",), timezone="Asia/Taipei")
OWED = Occurrence(
    digest="weekly",
    key="2026-03-16T09:00",
    at=NOW,
    state="skipped",
    reason="2 new posts to tell; 3 are the fewest wanted",
    owed="skipped",
)


def test_the_editor_s_chat_room_gets_facts_and_words(http_server: HttpServer) -> None:
    http_server.put("/hook", text("ok"))
    assert (
        json_api.post_json(f"{http_server.url}/hook", notifications.make_payload(SCHEDULE, [OWED]))
        == 200
    )
    (asked,) = http_server.log
    assert asked.method == "POST"
    assert asked.headers["content-type"] == "application/json"
    said = asked.json()
    assert isinstance(said, dict)
    assert said["text"].startswith("[digest] monday: skipped\nMon 2026-03-16 09:00 (Asia/Taipei)")
    assert said["events"] == [
        {
            "event": "skipped",
            "occurrence": "2026-03-16T09:00",
            "at": "2026-03-16T01:00:00+00:00",
            "state": "skipped",
            "reason": "2 new posts to tell; 3 are the fewest wanted",
            "issue": None,
        }
    ]


def test_what_refuses_redirects_or_is_silent_is_told_without_the_secret_path(
    http_server: HttpServer,
) -> None:
    http_server.put("/hook/s3cret", Answer(status=500))
    http_server.put("/away", moved("http://169.254.169.254/"))
    with pytest.raises(FetchError, match=r"^webhook of 127.0.0.1: answered 500") as refused:
        json_api.post_json(f"{http_server.url}/hook/s3cret", {})
    assert "s3cret" not in str(refused.value)
    with pytest.raises(FetchError, match="answered 302"):
        json_api.post_json(f"{http_server.url}/away", {})
    assert len(http_server.log) == 2
    http_server.put("/slow", Answer(deliver=lambda wire, _head, _body: wire.wait(None)))
    with pytest.raises(FetchError, match="cannot be told"):
        json_api.post_json(f"{http_server.url}/slow", {}, deadline=0.3)
    with pytest.raises(FetchError, match="no http or https address"):
        json_api.post_json("ftp://example.org/", {})
    with pytest.raises(FetchError, match="cannot be told"):
        json_api.post_json("http://localhost:1/", {})


def test_one_way_that_works_is_enough(world: World, http_server: HttpServer) -> None:
    """The editor is told by the webhook while the mail cannot leave, and not twice."""
    http_server.put("/hook", text("ok"))
    world.schedule(f'{WEEKLY}minimum = 9\n[notify]\nwebhook = "{http_server.url}/hook"\n')
    (world.folder / "outgoing").write_text("in the way")
    world.tick("2026-02-16 08:00")
    world.tick("2026-02-16 08:15")
    assert len(http_server.log) == 1
    assert any("outgoing" in said for said in world.warnings)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(folder=tmp_path, language="en")
