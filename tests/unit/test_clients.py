"""Who asks, as far as it can be believed, and how often they may."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from digest.model.errors import ConfigError
from digest.web.public.limits import Limiter, Proxies, find_neighbourhood

NEAR = ["10.0.0.0/8", "::1", "fd00::/8"]


def request(peer: str | None, *headers: tuple[str, str]) -> Request:
    raw = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers]
    client = (peer, 1) if peer else None
    return Request({"type": "http", "method": "GET", "headers": raw, "client": client})


@pytest.mark.parametrize(
    ("peer", "header", "client"),
    [
        ("203.0.113.1", "198.51.100.7", "203.0.113.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "192.0.2.1, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, 10.0.0.2, 10.0.0.3", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        ("::1", "[2001:db8::5]:80", "2001:db8::5"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
    ],
)
def test_the_nearest_address_that_no_trusted_proxy_vouches_for_is_the_client(
    peer: str, header: str, client: str
) -> None:
    assert Proxies(NEAR).client(request(peer, ("X-Forwarded-For", header))) == client


def test_nobody_is_trusted_by_default() -> None:
    assert Proxies(()).client(request("127.0.0.1", ("X-Forwarded-For", "1.2.3.4"))) == "127.0.0.1"
    assert Proxies(()).client(request(None)) == ""


def test_a_header_given_twice_is_one_list() -> None:
    both = (("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-For", "198.51.100.7"))
    assert Proxies(NEAR).client(request("10.0.0.1", *both)) == "198.51.100.7"


@pytest.mark.parametrize(
    ("header", "client"),
    [
        ("for=198.51.100.7;proto=https;by=10.0.0.1", "198.51.100.7"),
        ('For="[2001:db8::5]:4711"', "2001:db8::5"),
        ("for=192.0.2.1, for=198.51.100.7", "198.51.100.7"),
        ("for=_hidden", "10.0.0.1"),
        ("proto=https", "10.0.0.1"),
    ],
)
def test_the_standard_header_is_understood_where_it_is_chosen(header: str, client: str) -> None:
    proxies = Proxies(NEAR, "forwarded")
    spoofed = ("X-Forwarded-For", "9.9.9.9")
    assert proxies.client(request("10.0.0.1", ("Forwarded", header), spoofed)) == client


@given(st.text(max_size=60))
def test_no_header_at_all_breaks_it(header: str) -> None:
    for name in ("x-forwarded-for", "forwarded"):
        assert Proxies(NEAR, name).client(request("10.0.0.1", (name, header)))


@pytest.mark.parametrize("lines", [1, 20])
def test_the_end_of_the_header_counts_however_long_it_is(lines: int) -> None:
    """What a client sends ahead of the proxy's word makes no difference, nor does its length."""
    sent = [("X-Forwarded-For", "9.9.9.9, " * 400 + "9.9.9.9")] * lines
    appended = ("X-Forwarded-For", "198.51.100.7")
    assert Proxies(NEAR).client(request("10.0.0.1", *sent, appended)) == "198.51.100.7"
    joined = ("X-Forwarded-For", "x" * 2600 + ", 198.51.100.7, 10.0.0.2")
    assert Proxies(NEAR).client(request("10.0.0.1", joined)) == "198.51.100.7"


def test_a_proxy_that_is_no_network_is_told() -> None:
    with pytest.raises(ConfigError, match=r"serve\.trusted_proxies"):
        Proxies(["proxy.example.org"])


def test_a_network_of_ipv6_is_one_client() -> None:
    assert find_neighbourhood("2001:db8::1") == find_neighbourhood("2001:db8::ffff:1")
    assert find_neighbourhood("2001:db8:0:1::1") != find_neighbourhood("2001:db8::1")
    assert find_neighbourhood("::ffff:192.0.2.1") == find_neighbourhood("192.0.2.1") == "192.0.2.1"
    assert find_neighbourhood("") == ""


def test_a_bucket_fills_again_with_time() -> None:
    clock = [0.0]
    limiter = Limiter(60, lambda: clock[0])
    assert [limiter.wait("a") for _ in range(60)] == [0.0] * 60
    assert limiter.wait("a") == pytest.approx(1.0)
    assert limiter.wait("b") == 0.0
    clock[0] += 2
    assert [limiter.wait("a") for _ in range(3)] == [0.0, 0.0, pytest.approx(1.0)]
    assert limiter.wait("a", 10) == pytest.approx(10.0)


def test_many_clients_do_not_fill_the_memory() -> None:
    limiter = Limiter(60, lambda: 0.0)
    for n in range(30_000):
        limiter.wait(str(n))
    assert len(limiter._buckets) <= 20_000
