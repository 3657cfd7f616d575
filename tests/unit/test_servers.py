"""The servers the other tests stand on do what their names say."""

import gzip
import http.client
import smtplib
import socket
import time
import urllib.error
import urllib.request
import zlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests import faults
from tests.http_server import HttpServer, as_json, moved, text
from tests.smtp import Sink, sink


def fetch(url: str, headers: dict[str, str] | None = None, data: bytes | None = None):
    request = urllib.request.Request(url, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_a_route_answers_and_the_request_is_kept(http_server: HttpServer) -> None:
    url = http_server.put("/文", text("讀者"))
    status, headers, body = fetch(http_server.url + "/%E6%96%87?x=1", {"X-Own": "yes"})
    assert (status, body.decode(), url) == (200, "讀者", http_server.url + "/文")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    (request,) = http_server.requests("/文")
    assert (request.query, request.headers["X-Own"], request.status) == ("x=1", "yes", 200)


def test_a_method_can_have_its_own_route_and_a_callable_sees_the_body(
    http_server: HttpServer,
) -> None:
    http_server.put("POST /api", lambda request: as_json({"got": request.json()}, status=201))
    http_server.put("/api", text("read"))
    assert fetch(http_server.url + "/api")[2] == b"read"
    assert fetch(http_server.url + "/api", data=b'{"a": 1}')[::2] == (201, b'{"got": {"a": 1}}')


def test_answers_come_in_turn_and_the_last_one_stays(http_server: HttpServer) -> None:
    url = http_server.put("/", [faults.failing(503, 2), text("one"), text("two")])
    assert [fetch(url)[2] for _ in range(4)] == [b"", b"one", b"two", b"two"]


def test_validators_are_honoured_and_the_etag_wins(http_server: HttpServer) -> None:
    then = datetime(2026, 1, 5, 8, tzinfo=UTC)
    url = http_server.put("/feed", text("<rss/>", "application/xml", modified=then))
    _, headers, _ = fetch(url)
    date = headers["Last-Modified"]
    assert fetch(url, {"If-None-Match": headers["ETag"]})[::2] == (304, b"")
    assert fetch(url, {"If-Modified-Since": date})[0] == 304
    assert fetch(url, {"If-None-Match": '"old"', "If-Modified-Since": date})[0] == 200


def test_gzip_is_sent_to_those_who_accept_it(http_server: HttpServer) -> None:
    url = http_server.put("/", text("plain " * 100, compress=True))
    assert fetch(url)[2] == b"plain " * 100
    _, headers, body = fetch(url, {"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == b"plain " * 100


def test_a_folder_is_published_and_nothing_above_it(
    http_server: HttpServer, tmp_path: Path
) -> None:
    public = tmp_path / "public"
    (public / "posts").mkdir(parents=True)
    (public / "posts" / "index.html").write_text("<p>posts")
    (tmp_path / "secret").write_text("no")
    root = http_server.folder(public)
    assert fetch(root + "posts")[2] == b"<p>posts"
    assert [request.status for request in http_server.log] == [301, 200]
    assert fetch(root + "../secret")[0] == fetch(root + "none")[0] == 404


def test_retry_after_comes_in_both_forms(http_server: HttpServer) -> None:
    then = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    http_server.put("/seconds", faults.failing(429, 7))
    http_server.put("/date", faults.failing(503, then))
    assert fetch(http_server.url + "/seconds")[1]["Retry-After"] == "7"
    assert parsedate_to_datetime(fetch(http_server.url + "/date")[1]["Retry-After"]) == then


def test_a_redirect_to_itself_is_a_loop(http_server: HttpServer) -> None:
    url = http_server.put("/loop", moved("/loop", 301))
    assert fetch(url)[0] == 301  # urllib gives up
    assert len(http_server.requests("/loop")) > 3


def test_a_drip_takes_its_time_and_arrives(http_server: HttpServer) -> None:
    url = http_server.put("/", faults.dripping(text("x" * 40), pause=0.02, chunk=10))
    start = time.monotonic()
    assert fetch(url)[2] == b"x" * 40
    assert time.monotonic() - start >= 0.06


def test_a_stall_is_a_timeout_for_the_client(http_server: HttpServer) -> None:
    http_server.put("/head", faults.stalled())
    http_server.put("/body", faults.stalled(text("abcdef"), after=3))
    for path in ("/head", "/body"):
        with socket.create_connection(http_server.server_address, timeout=0.2) as client:
            client.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            with pytest.raises(TimeoutError):
                list(iter(lambda: client.recv(4096), b""))


def test_a_truncated_answer_promises_more_than_it_sends(http_server: HttpServer) -> None:
    url = http_server.put("/", faults.truncated(text("whole body"), at=5))
    with pytest.raises(http.client.IncompleteRead) as caught:
        fetch(url)
    assert caught.value.partial == b"whole"


def test_a_dropped_connection_is_reset(http_server: HttpServer) -> None:
    url = http_server.put("/", faults.dropped())
    with pytest.raises(ConnectionResetError):
        fetch(url)


def test_bodies_can_lie(http_server: HttpServer) -> None:
    http_server.put("/corrupt", faults.corrupt_gzip(b"text " * 500))
    http_server.put("/bomb", faults.bomb(8))
    http_server.put("/big5", faults.mislabelled("讀者", encoded="big5", declared="utf-8"))
    http_server.put("/html", faults.html_instead())
    _, _, corrupt = fetch(http_server.url + "/corrupt")
    with pytest.raises((OSError, EOFError, zlib.error)):
        gzip.decompress(corrupt)
    _, _, small = fetch(http_server.url + "/bomb")
    assert len(small) < 20_000
    assert len(gzip.decompress(small)) == 8 << 20
    _, headers, body = fetch(http_server.url + "/big5")
    assert (headers.get_content_charset(), body.decode("big5")) == ("utf-8", "讀者")
    assert fetch(http_server.url + "/html")[1].get_content_type() == "text/html"


def test_a_connection_stays_open_for_the_next_request(http_server: HttpServer) -> None:
    http_server.put("/", text("ok"))
    client = http.client.HTTPConnection(*http_server.server_address, timeout=5)
    for _ in range(3):
        client.request("GET", "/")
        assert client.getresponse().read() == b"ok"
    client.close()


def test_every_test_gets_an_empty_database_of_a_real_postgresql(postgres_url: str) -> None:
    from sqlalchemy import create_engine
    from sqlalchemy import text as sql

    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(sql("CREATE TABLE notes (body text)"))
        connection.execute(sql("INSERT INTO notes VALUES ('讀者')"))
        assert connection.execute(sql("SELECT body FROM notes")).scalar() == "讀者"
    engine.dispose()


def test_mail_arrives_with_its_envelope(smtp_sink: Sink) -> None:
    with smtplib.SMTP(smtp_sink.host, smtp_sink.port) as client:
        for n in range(3):
            said = f"Subject: {n}\r\n\r\n.a line with a dot\r\n"
            client.sendmail("weekly@example.org", [f"{n}@example.org", "z@example.org"], said)
    found = {one.message["Subject"]: one for one in smtp_sink.delivered()}
    assert sorted(found) == ["0", "1", "2"]
    assert found["1"].sender == "weekly@example.org"
    assert found["1"].recipients == ("1@example.org", "z@example.org")
    assert found["1"].raw.startswith(b"Subject: 1\n\n.a line with a dot\n")


def test_mail_can_be_refused() -> None:
    with sink("-r", "DATA") as server, smtplib.SMTP(server.host, server.port) as client:
        with pytest.raises(smtplib.SMTPDataError, match="450"):
            client.sendmail("a@example.org", ["b@example.org"], "Subject: x\r\n\r\n")
        assert server.delivered() == []


def test_the_browser_renders_and_resolves_no_name(page, http_server: HttpServer) -> None:
    http_server.put("/", text("<title>Loopback</title><p>讀者"))
    page.goto(http_server.url)
    assert page.title() == "Loopback"
    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.com/")
