"""The public pages behind nginx and Caddy, as the documentation sets them up; and without one."""

import http.client
import socket
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.proxies import caddy, nginx
from tests.public_site import running

TRUSTED = 'trusted_proxies = ["127.0.0.1"]\n'
LONG = ", ".join(["9.9.9.9"] * 290)  # 2,600 characters
LIMIT = 30


@pytest.mark.parametrize(
    "proxy",
    [nginx, partial(nginx, appends=True), caddy],
    ids=["nginx", "nginx that appends", "caddy"],
)
def test_a_client_that_forges_where_it_comes_from_meets_its_limit(tmp_path: Path, proxy) -> None:
    """What it sends is not believed, however long: the proxy's word counts, and is one client."""
    with (
        running(tmp_path, TRUSTED, per_minute=str(LIMIT)) as site,
        proxy(tmp_path, site.port) as port,
    ):
        statuses = [_status(port, f"{LONG}, 198.51.{n}.7") for n in range(LIMIT + 9)]
    assert statuses[:5] == [200] * 5
    assert 429 in statuses
    assert statuses.count(200) <= LIMIT + 1


def _status(port: int, forwarded: str) -> int:
    """Return what a client is answered that is no proxy: it asks from an address of its own."""
    own = "127.0.0.2", 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=own)
    with closing(connection):
        connection.request("GET", "/", headers={"X-Forwarded-For": forwarded})
        return connection.getresponse().status


@pytest.mark.parametrize("proxy", [nginx, caddy])
def test_the_form_works_through_a_proxy(tmp_path: Path, proxy) -> None:
    with running(tmp_path, TRUSTED) as site, proxy(tmp_path, site.port) as port:
        assert replace(site, port=port).subscribe().status == 200
        assert len(site.letters(1)) == 1


def test_one_client_does_not_hold_all_connections(tmp_path: Path) -> None:
    with running(tmp_path) as site, ExitStack() as held:
        for _ in range(60):
            held.enter_context(socket.create_connection(("127.0.0.1", site.port)))
        last = held.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=10))
        assert _is_hung_up(last)


def _is_hung_up(connection: socket.socket) -> bool:
    try:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        return connection.recv(100) == b""
    except ConnectionError:
        return True


def test_a_client_that_lets_go_comes_in_again(tmp_path: Path) -> None:
    with running(tmp_path) as site:
        for _ in range(3):
            with ExitStack() as held:
                for _ in range(39):
                    held.enter_context(socket.create_connection(("127.0.0.1", site.port)))
        assert site.get("/health").status == 200
