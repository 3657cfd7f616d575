"""What a Mastodon server allows is asked of it, remembered, and said where it is not known."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.delivery.networks import mastodon
from digest.delivery.networks.mastodon import find_instance
from digest.render.thread import plan_thread
from tests.http_server import Answer, HttpServer, text
from tests.unit.thread_issues import chinese


def says(characters: object = 1200, link: object = 30, images: object = 6) -> Answer:
    statuses = {
        "max_characters": characters,
        "characters_reserved_per_url": link,
        "max_media_attachments": images,
    }
    return text(json.dumps({"configuration": {"statuses": statuses}}), "application/json")


def test_a_thread_is_planned_within_what_the_instance_allows(
    http_server: HttpServer, tmp_path: Path
) -> None:
    http_server.put("/api/v2/instance", says())
    network = mastodon.build({"instance": http_server.url, "cache": str(tmp_path)})
    assert (network.limits.characters, network.limits.images) == (1200, 6)
    assert network.measure("https://example.org/") == 30
    assert plan_thread(chinese(), network).warnings == ()
    assert {part.limit for part in plan_thread(chinese(), network).parts} == {1200}


def test_it_is_asked_once_a_day(http_server: HttpServer, tmp_path: Path) -> None:
    http_server.put("/api/v2/instance", says())
    find_instance(http_server.url, tmp_path)
    http_server.put("/api/v2/instance", says(800))
    assert find_instance(http_server.url, tmp_path).characters == 1200
    age(tmp_path, timedelta(days=2))
    assert find_instance(http_server.url, tmp_path).characters == 800


def age(cache: Path, by: timedelta) -> None:
    path = cache / "mastodon.json"
    found = json.loads(path.read_text("utf-8"))
    for one in found.values():
        one["asked"] = (datetime.now(UTC) - by).isoformat()
    path.write_text(json.dumps(found), "utf-8")


def test_offline_it_is_what_it_was_before(http_server: HttpServer, tmp_path: Path) -> None:
    http_server.put("/api/v2/instance", says())
    find_instance(http_server.url, tmp_path)
    age(tmp_path, timedelta(days=9))
    http_server.put("/api/v2/instance", text("down", status=503))
    found = find_instance(http_server.url, tmp_path)
    assert (found.characters, found.note) == (1200, "")


@pytest.mark.parametrize(
    "answer",
    [
        text("<!doctype html><title>Hello</title>"),
        text("[]", "application/json"),
        text('{"configuration": {"statuses": null}}', "application/json"),
        says("many"),
        says(0),
        says(True),
        text("no", status=500),
        text("no", status=404),
    ],
    ids=["html", "list", "null", "word", "zero", "bool", "500", "404"],
)
def test_a_server_that_does_not_say_is_taken_for_a_plain_one_with_a_word(
    http_server: HttpServer, tmp_path: Path, answer: Answer
) -> None:
    http_server.put("/api/v2/instance", answer)
    network = mastodon.build({"instance": http_server.url, "cache": str(tmp_path)})
    assert network.limits.characters == 500
    (said,) = plan_thread(chinese(), network).warnings
    assert "127.0.0.1 did not say what it allows" in said
    assert "500 characters are assumed" in said


def test_an_older_server_is_asked_the_older_way(http_server: HttpServer) -> None:
    http_server.put("/api/v1/instance", says(700))
    assert find_instance(http_server.url, None).characters == 700


def test_what_the_owner_says_wins_and_no_cache_breaks_anything(
    http_server: HttpServer, tmp_path: Path
) -> None:
    options = {"instance": http_server.url, "characters": 900, "cache": str(tmp_path)}
    assert plan_thread(chinese(), mastodon.build(options)).warnings == ()
    assert mastodon.build(options).limits.characters == 900
    for broken in ("not JSON", "[]", json.dumps({http_server.url: {"of": 1}})):
        (tmp_path / "mastodon.json").write_text(broken, "utf-8")
        http_server.put("/api/v2/instance", says())
        assert find_instance(http_server.url, tmp_path).characters == 1200
    (tmp_path / "file").write_text("", "utf-8")
    assert find_instance(http_server.url, tmp_path / "file").characters == 1200


def test_without_an_instance_nobody_is_asked() -> None:
    assert mastodon.build({}).limits.note == ""
    assert mastodon.build({"instance": "mastodon.example"}).limits.characters == 500
