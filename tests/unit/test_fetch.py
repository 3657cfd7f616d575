"""One guarded GET: bounded in time and size, honest about a bad body, blind to private networks."""

import gzip
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

import pytest

from digest.app.composition import _fetch_picture
from digest.app.init import discover_feeds
from digest.config.settings import FetchSettings, Settings
from digest.delivery.networks import mastodon
from digest.http import address_guard, json_api, robots
from digest.http.address_guard import AddressGuard, is_public
from digest.http.client import Client
from digest.model import CacheValidators
from digest.model.errors import DigestError, FetchError
from digest.sources._discovery import fetch_page_post
from tests import faults
from tests.http_server import Answer, HttpServer, Request, moved, text

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def client(server: HttpServer, **options: object) -> Client:
    return Client(origin=server.url, **options)


def test_validators_are_sent_back_as_they_came(http_server: HttpServer) -> None:
    url = http_server.put("/feed", text("x", etag='W/"odd; tag"', modified=NOW))
    first = client(http_server).get(url)
    assert first.validators.etag == 'W/"odd; tag"'
    again = client(http_server).get(url, first.validators)
    assert (again.status, again.body) == (304, b"")
    sent = http_server.log[-1].headers
    assert sent["If-None-Match"] == 'W/"odd; tag"'
    assert sent["If-Modified-Since"] == "Tue, 10 Mar 2026 12:00:00 GMT"
    assert sent["User-Agent"].startswith("digest-newsletter/")


def test_gzip_is_unpacked(http_server: HttpServer) -> None:
    url = http_server.put("/x", text("一二三" * 1000, compress=True))
    assert client(http_server).get(url).body.decode() == "一二三" * 1000


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (faults.corrupt_gzip(b"some text that is longer than nothing" * 50), "corrupt|cut"),
        (faults.truncated(text("x" * 5000), at=100), "answered badly"),
        (faults.truncated(text("x" * 50000, compress=True), at=20), "answered badly|cut off"),
        (faults.bomb(20), "larger than 1 MB"),
        (text("y" * (2 << 20)), "larger than 1 MB"),
        (faults.dropped(), "answered badly|cannot be reached"),
        (Answer(body=b"x", headers={"Content-Encoding": "br"}), "nobody asked for"),
        (
            Answer(body=gzip.compress(b"x", mtime=0)[:-4], headers={"Content-Encoding": "gzip"}),
            "cut off",
        ),
    ],
    ids=["corrupt", "cut", "cut-gzip", "bomb", "big", "dropped", "brotli", "no-trailer"],
)
def test_a_bad_body_is_an_error_and_never_half_a_feed(
    http_server: HttpServer, answer: Answer, cause: str
) -> None:
    url = http_server.put("/x", answer)
    with pytest.raises(FetchError, match=cause):
        client(http_server).get(url, max_bytes=1 << 20)


@pytest.mark.parametrize(
    "answer",
    [faults.stalled(), faults.stalled(text("x" * 99), after=5), faults.dripping(text("x" * 9999))],
    ids=["silent", "stalled", "dripping"],
)
def test_a_deadline_holds_however_the_time_is_wasted(
    http_server: HttpServer, answer: Answer
) -> None:
    url = http_server.put("/x", answer)
    start = time.monotonic()
    with pytest.raises(FetchError, match="in time"):
        client(http_server).get(url, deadline=0.5)
    assert time.monotonic() - start < 5


def test_headers_that_drip_meet_the_same_deadline(http_server: HttpServer) -> None:
    def drip(wire: object, head: bytes, body: bytes) -> None:
        for byte in head:
            wire.send(bytes([byte]))
            wire.wait(0.05)

    url = http_server.put("/x", Answer(deliver=drip, headers={"Connection": "close"}))
    with pytest.raises(FetchError, match="in time"):
        client(http_server).get(url, deadline=0.4)


def test_permanent_redirects_are_told_up_to_the_first_passing_one(http_server: HttpServer) -> None:
    http_server.put("/a", moved("/b", 301))
    http_server.put("/b", moved("/c", 308))
    http_server.put("/c", moved("/d", 302))
    http_server.put("/d", text("here"))
    found = client(http_server).get(f"{http_server.url}/a")
    assert (found.url, found.moved) == (f"{http_server.url}/d", f"{http_server.url}/c")


def test_a_loop_ends(http_server: HttpServer) -> None:
    http_server.put("/a", moved("/a"))
    with pytest.raises(FetchError, match="redirects more than"):
        client(http_server).get(f"{http_server.url}/a")


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Tue, 10 Mar 2026 13:00:00 GMT", timedelta(hours=1)),
        ("999999999", timedelta(days=1)),
        ("Tue, 10 Mar 2020 13:00:00 GMT", timedelta()),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(
    http_server: HttpServer, said: str, wait: timedelta | None
) -> None:
    url = http_server.put("/x", Answer(status=503, headers={"Retry-After": said}))
    assert client(http_server).get(url).wait_until(NOW) == (None if wait is None else NOW + wait)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1",
        "2002:7f00:1::", "2002:c0a8:101::", "2001:0:7f00:1::",
        "::ffff:93.184.215.14", "::127.0.0.1", "::93.184.215.14", "fec0::1", "2002:5db8:d70e::1",
        "2001:0:5db8:d70e::1", "64:ff9b::5db8:d70e", "192.0.2.1", "198.51.100.7", "203.0.113.9",
        "3fff::1", "2001:20::1", "5f00::1", "192.88.99.1", "192.0.0.8", "198.18.0.1", "100::1",
    ],
)  # fmt: skip
def test_no_form_of_a_private_address_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1", "192.0.1.1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "[::1]"]
)
def test_a_private_host_is_refused_however_it_is_written(
    http_server: HttpServer, host: str
) -> None:
    port = http_server.server_port
    with pytest.raises(
        FetchError, match=r"private network|not found|cannot be reached|is no address"
    ):
        Client(origin="https://blog.example/").get(f"http://{host}:{port}/")
    assert http_server.log == []


def test_a_redirect_into_a_private_network_is_refused(
    http_server: HttpServer, other_server: HttpServer
) -> None:
    http_server.put("/feed", moved(f"{other_server.url}/secret"))
    with pytest.raises(FetchError, match="private network"):
        client(http_server).get(f"{http_server.url}/feed")
    assert other_server.log == []


@pytest.mark.parametrize("allowed", ["127.0.0.0/8", "127.0.0.1"])
def test_what_the_user_allows_may_be_private(
    http_server: HttpServer, other_server: HttpServer, allowed: str
) -> None:
    other_server.put("/x", text("mine"))
    http_server.put("/feed", moved(f"{other_server.url}/x"))
    found = client(http_server, allow_private=[allowed]).get(f"{http_server.url}/feed")
    assert found.body == b"mine"


@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "ftp://x.example/", "http://", "x", "http://[::"]
)
def test_only_http_is_fetched(url: str) -> None:
    with pytest.raises(FetchError, match="is no"):
        Client().get(url)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """A resolver of names that are no names: host -> its addresses at each look-up in turn."""
    table: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def answer(host: str, port: int, *args: object, **more: object) -> list:
        if host not in table:
            return real(host, port, *args, **more)
        several = table[host]
        addresses = several.pop(0) if len(several) > 1 else several[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    monkeypatch.setattr(address_guard.socket, "getaddrinfo", answer)
    return table


def test_a_name_that_turns_private_between_looks_is_never_reached(
    http_server: HttpServer, names: dict
) -> None:
    """DNS rebinding: what is judged is what is connected to, at every new connection."""
    names["evil.example"] = [["127.0.0.1"]]
    port = http_server.server_port
    with pytest.raises(FetchError, match="private network"):
        Client(origin="https://blog.example").get(f"http://evil.example:{port}/")
    assert http_server.log == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    http_server: HttpServer, names: dict
) -> None:
    names["mixed.example"] = [["93.184.215.14", "127.0.0.1"]]
    with pytest.raises(FetchError, match="public and private addresses at once"):
        Client(origin="https://blog.example").get("http://mixed.example/")


@pytest.mark.parametrize("typed", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_an_origin_typed_as_a_private_address_is_read(http_server: HttpServer, typed: str) -> None:
    http_server.put("/", text("home"))
    url = f"http://{typed}:{http_server.server_port}/"
    assert Client(origin=url).get(url).body == b"home"


@pytest.mark.parametrize("typed", ["2130706433", "0x7f000001", "127.1", "nas.example"])
def test_an_origin_whose_address_is_not_seen_in_it_is_not_private(
    http_server: HttpServer, names: dict, typed: str
) -> None:
    """A name answers what its owner likes: that the user typed it says nothing of the answer."""
    names["nas.example"] = [["127.0.0.1"]]
    url = f"http://{typed}:{http_server.server_port}/"
    with pytest.raises(FetchError, match=r"name it in .fetch. allow_private"):
        Client(origin=url).get(url)
    assert http_server.log == []


def test_a_name_that_is_allowed_may_be_private(http_server: HttpServer, names: dict) -> None:
    names["nas.example"] = [["127.0.0.1"]]
    http_server.put("/", text("home"))
    url = f"http://nas.example:{http_server.server_port}/"
    assert Client(origin=url, allow_private=["NAS.example"]).get(url).body == b"home"


@pytest.mark.parametrize("allow", [[], ["feeds.example"], ["127.0.0.0/8", "169.254.0.0/16"]])
@pytest.mark.parametrize(
    "answers",
    [
        [["93.184.215.14", "127.0.0.1"]],
        [["169.254.169.254"]],
        [["127.0.0.1", "169.254.169.254"]],
    ],
    ids=["mixed", "link-local", "private-and-link-local"],
)
def test_no_allowance_covers_mixed_and_link_local_answers(
    names: dict, allow: list[str], answers: list[list[str]]
) -> None:
    names["feeds.example"] = answers
    url = "http://feeds.example/"
    with pytest.raises(FetchError, match=r"at once|link-local|allow_private"):
        Client(origin=url, allow_private=allow).get(url)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]"]
)
def test_a_link_local_address_is_not_read_although_it_was_typed(address: str) -> None:
    url = f"http://{address}/latest/meta-data"
    with pytest.raises(FetchError, match="link-local"):
        Client(origin=url, allow_private=["169.254.0.0/16", "fe80::/10"]).get(url)


@pytest.mark.parametrize("allow", [(), ("turning.example",), ("127.0.0.0/8",)])
def test_a_name_that_was_public_is_not_private_later(allow: tuple[str, ...]) -> None:
    """DNS rebinding against what was typed or allowed: the answer may not change its kind."""
    judge = AddressGuard(origin="http://turning.example/", allow=allow)
    assert judge.refusal("turning.example", 80, ["93.184.215.14"]) == ""
    assert judge.refusal("turning.example", 80, ["127.0.0.1"]) != ""
    assert judge.refusal("turning.example", 80, ["93.184.215.15"]) == ""


def _asked_once(service: json_api.JsonService) -> None:
    with closing(service):
        service.call("GET", "/")


WAYS_OUT = {
    "page": lambda url, allow: Client(origin=url, allow_private=allow).get(url),
    "webhook": lambda url, allow: json_api.post_json(url, {}, allow_private=allow),
    "service": lambda url, allow: _asked_once(json_api.JsonService(url, allow_private=allow)),
    "probe": lambda url, allow: mastodon._ask_instance(url, NOW, allow),
    "set-up": discover_feeds,
    "story": lambda url, allow: fetch_page_post(url, NOW, allow=allow),
    "picture": lambda url, allow: _fetch_picture(
        Settings(fetch=FetchSettings(allow_private=allow)), url
    ),
}


@pytest.mark.parametrize("way", WAYS_OUT.values(), ids=WAYS_OUT)
def test_every_way_out_asks_the_guard(
    http_server: HttpServer, names: dict, way: Callable[[str, tuple[str, ...]], object]
) -> None:
    names["nas.example"] = [["127.0.0.1"]]
    url = f"http://nas.example:{http_server.server_port}"
    with pytest.raises(DigestError, match="allow_private"):
        way(url, ())
    assert http_server.log == []
    with suppress(DigestError):  # there is nothing there: that it was asked is enough
        way(url, ("nas.example",))
    assert http_server.log != []


def test_public_hosts_are_paced_and_the_users_own_are_not() -> None:
    paced = AddressGuard(origin="http://public.example/")
    assert not paced.exempts("http://public.example/")
    assert AddressGuard(origin="http://127.0.0.1:1/").exempts("http://127.0.0.1:1/x")
    assert AddressGuard(allow=("10.0.0.0/8",)).exempts("http://10.1.2.3/")
    assert not AddressGuard(origin="http://127.0.0.1:1/").exempts("http://other.example/")


def test_the_pace_is_kept_by_all_threads_together(http_server: HttpServer) -> None:
    at: list[float] = []

    def note(request: Request) -> Answer:
        at.append(time.monotonic())
        return text("x")

    url = http_server.put("/x", note)
    slow = Client(origin=http_server.url, pace=0.1)
    slow._exempt["127.0.0.1"] = False
    threads = [threading.Thread(target=slow.get, args=(url,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(at) - min(at) > 0.25


def test_a_host_that_never_answers_is_left_alone_after_a_while(http_server: HttpServer) -> None:
    url = http_server.put("/x", faults.dropped())
    asking = client(http_server)
    for _ in range(8):
        with pytest.raises(FetchError):
            asking.get(url)
    assert len(http_server.log) == 5


def test_the_environment_names_no_proxy(
    http_server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    url = http_server.put("/x", text("direct"))
    assert client(http_server).get(url, CacheValidators()).body == b"direct"


@pytest.mark.parametrize(
    ("rules", "path", "permitted"),
    [
        ("", "/x", True),
        ("User-agent: *\nDisallow: /", "/x", False),
        ("User-agent: *\nDisallow:", "/x", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/c", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", True),
        ("User-agent: Other\nDisallow: /", "/x", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: digest-newsletter\nAllow: /", "/x", True),
        ("User-agent: other\nUser-agent: *\nDisallow: /x # why", "/x", False),
        ("Disallow: /", "/x", True),
        ("\ufeffnonsense\n:::\nUser-agent: *\nDisallow: /y", "/x", True),
    ],
)
def test_robots_txt_is_obeyed(rules: str, path: str, *, permitted: bool) -> None:
    assert robots.parse_robots(rules).permits(path) is permitted


def test_robots_txt_is_asked_for_once(http_server: HttpServer) -> None:
    http_server.put("/robots.txt", text("User-agent: *\nDisallow: /private/"))
    asking = client(http_server)
    assert asking.permits(f"{http_server.url}/posts/a/")
    assert not asking.permits(f"{http_server.url}/private/a/")
    assert len(http_server.requests("/robots.txt")) == 1


@pytest.mark.parametrize("status", [403, 404])
def test_a_missing_robots_txt_permits_all(http_server: HttpServer, status: int) -> None:
    http_server.put("/robots.txt", faults.failing(status))
    assert client(http_server).permits(f"{http_server.url}/a")


def test_a_broken_robots_txt_permits_nothing_and_says_why(http_server: HttpServer) -> None:
    http_server.put("/robots.txt", faults.failing(503))
    with pytest.raises(FetchError, match=r"robots\.txt answered 503"):
        client(http_server).permits(f"{http_server.url}/a")
