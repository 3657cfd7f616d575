"""Servers that answer oddly: codings nobody knows, gates, checks for browsers, pages of a feed."""

import gzip
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from digest.editorial.collect import collect_sources
from digest.http.challenges import find_challenger
from digest.model import Batch, CacheValidators, Failed
from digest.model.errors import ConfigError
from digest.sources import feed
from tests.http_server import Answer, HttpServer, Request, text
from tests.memory import Memory

NOW = datetime(2026, 3, 10, tzinfo=UTC)


def atom(*days: int, older: str = "") -> bytes:
    link = f'<link rel="next" href="{older}"/>' if older else ""
    entries = "".join(
        f'<entry><id>urn:{day}</id><title>Day {day}</title><link href="/p/{day}"/>'
        f"<published>{NOW - timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}</published></entry>"
        for day in days
    )
    head = '<feed xmlns="http://www.w3.org/2005/Atom"><title>Pond</title>'
    return f"{head}{link}{entries}</feed>".encode()


def xml(body: bytes, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(body=body, type="application/xml", headers=named, etag="")


def poll(url: str, **options: object) -> Batch | Failed:
    found = feed.build({"url": url, "name": "pond", **options}).poll(CacheValidators(), NOW)
    assert isinstance(found, Batch | Failed)
    return found


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("aws-chunked", atom(1)),
        ("UTF-8", atom(1)),
        ("none", atom(1)),
        ("binary", atom(1)),
        ("gzip", atom(1)),
        ("br", atom(1)),
        ("deflate", atom(1)),
        ("gzip, aws-chunked", gzip.compress(atom(1), mtime=0)),
        ("aws-chunked", gzip.compress(atom(1), mtime=0)),
        ("deflate", zlib.compress(atom(1))),
    ],
)
def test_a_coding_that_the_bytes_do_not_bear_out_is_none(
    http_server: HttpServer, coding: str, body: bytes
) -> None:
    found = poll(http_server.put("/feed", xml(body, Content_Encoding=coding)))
    assert isinstance(found, Batch)
    assert [post.title for post in found.posts] == ["Day 1"]


@pytest.mark.parametrize("status", [403, 406])
def test_a_server_that_wants_a_browsers_accept_gets_it_once(
    http_server: HttpServer, status: int
) -> None:
    def gate(request: Request) -> Answer:
        knows = "text/html" in (request.headers["Accept"] or "")
        return xml(atom(1)) if knows else text("no", status=status)

    assert isinstance(poll(http_server.put("/feed", gate)), Batch)
    assert isinstance(poll(http_server.put("/never", text("no", status=status))), Failed)
    assert sum(request.path == "/never" for request in http_server.log) == 2


def test_user_agent_and_headers_are_the_sources_own(http_server: HttpServer) -> None:
    def gate(request: Request) -> Answer:
        known = (request.headers["User-Agent"], request.headers["X-Key"]) == ("Pond/1", "s3cret")
        return xml(atom(1)) if known else text("no", status=403)

    url = http_server.put("/feed", gate)
    refused = poll(url)
    assert isinstance(refused, Failed)
    assert ("403" in refused.cause, "user_agent" in refused.remedy) == (True, True)
    assert isinstance(poll(url, user_agent="Pond/1", headers={"X-Key": "s3cret"}), Batch)
    with pytest.raises(ConfigError, match="headers"):
        poll(url, headers={"X Key": "a"})


def test_headers_leave_for_no_other_host(http_server: HttpServer) -> None:
    other = http_server.url.replace("127.0.0.1", "localhost")
    http_server.put("/feed", xml(atom(1)))
    away = Answer(status=302, headers={"Location": f"{other}/feed"})
    source = http_server.put("/away", away)
    poll(source, headers={"X-Key": "s3cret"}, allow_private=["localhost"])
    sent = {request.path: request.headers["X-Key"] for request in http_server.log}
    assert sent == {"/away": "s3cret", "/feed": None}


def test_name_and_password_of_an_address_are_sent_and_never_shown(http_server: HttpServer) -> None:
    def gate(request: Request) -> Answer:
        known = request.headers["Authorization"] == "Basic Ym86czNjcmV0"
        return xml(atom(1)) if known else text("no", status=401)

    url = http_server.put("/feed", gate).replace("://", "://bo:s3cret@")
    found = feed.build({"url": url}).poll(CacheValidators(), NOW)
    assert isinstance(found, Batch)
    assert "s3cret" not in repr(found)
    gone = feed.build({"url": "http://bo:s3cret@127.0.0.1:9/feed"}).poll(CacheValidators(), NOW)
    assert isinstance(gone, Failed)
    assert "s3cret" not in repr(gone)


CHECK = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>"
    "<script src='/cdn-cgi/challenge-platform/h/b/x'></script></body></html>"
)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {}),
        (403, {"Cf-Mitigated": "challenge"}),
        (503, {}),
        (202, {"Sg-Captcha": "challenge"}),
    ],
)
def test_a_check_for_browsers_is_named(
    http_server: HttpServer, status: int, headers: dict[str, str]
) -> None:
    answer = text(CHECK, status=status)
    page = Answer(body=answer.body, type="text/html", status=status, headers=headers)
    found = poll(http_server.put("/feed", page))
    assert isinstance(found, Failed)
    assert "asks for a browser" in found.cause
    assert "exempt the feed" in found.remedy


def test_a_page_behind_a_guard_is_a_page() -> None:
    page = CHECK.replace("Just a moment...", "Frogs of the pond").encode()
    assert find_challenger(200, {}, page) == ""
    assert find_challenger(200, {}, b"<html><title>Just a moment with frogs</title></html>") == ""


def paged(server: HttpServer) -> str:
    server.put("/3", xml(atom(60, 70)))
    server.put("/2", xml(atom(3, 20, 30, older="/3")))
    return server.put("/feed", xml(atom(1, 2, 3, older="/2")))


@pytest.mark.parametrize(("days", "titles"), [(2, 3), (25, 5), (65, 7)])
def test_a_feed_in_pages_is_read_back_to_the_start_of_the_period(
    http_server: HttpServer, days: int, titles: int
) -> None:
    source, store = feed.build({"url": paged(http_server), "name": "pond"}), Memory()
    since = NOW - timedelta(days=days)
    (found,) = collect_sources([source], store, store, now=NOW, since=since)
    assert len(found.new) + len(found.held) == titles
    assert not found.warnings


def test_pages_that_turn_in_a_circle_end(http_server: HttpServer) -> None:
    http_server.put("/2", xml(atom(3, 4, older="/feed")))
    found = poll(http_server.put("/feed", xml(atom(1, 2, older="/2"))))
    assert isinstance(found, Batch)
    assert len(found.posts) == 4


def test_a_page_that_is_missing_is_told(http_server: HttpServer) -> None:
    found = poll(http_server.put("/feed", xml(atom(1, 2, older="/none"))))
    assert isinstance(found, Batch)
    assert len(found.posts) == 2
    assert "older posts could not be read" in found.warnings[0]


def test_a_feed_that_begins_after_the_period_says_so(http_server: HttpServer) -> None:
    source, store = feed.build({"url": http_server.put("/feed", xml(atom(1, 2)))}), Memory()
    since = NOW - timedelta(days=7)
    (first,) = collect_sources([source], store, store, now=NOW, since=since)
    assert "the feed begins on 2026-03-08, after the period does (2026-03-03)" in first.warnings[0]
    http_server.put("/feed", xml(atom(0, 1, 2)))
    (again,) = collect_sources([source], store, store, now=NOW + timedelta(hours=1), since=since)
    assert not again.warnings


def test_what_a_feed_says_of_a_post_is_its_abstract_beside_the_page(
    http_server: HttpServer,
) -> None:
    told = "The pond of the old mill is full of frogs again, which pleases the whole village"
    page = f"<p>{told}. They came in March and sing all night long. Nobody sleeps.</p>"
    http_server.put("/p", text(f"<html><title>Frogs</title><article>{page}</article></html>"))
    for description, abstract in ((f"{told}, and costs nothing.", True), (f"{told}.", False)):
        item = f"<item><title>Frogs</title><link>/p</link><description>{description}</description>"
        body = f"<rss version='2.0'><channel><title>P</title>{item}</item></channel></rss>"
        source = feed.build({"url": http_server.put("/feed", xml(body.encode())), "name": "pond"})
        found = source.poll(CacheValidators(), NOW)
        assert isinstance(found, Batch)
        whole = source.complete(found.posts[0])
        assert (whole.text_from, whole.abstract) == ("page", description if abstract else "")
