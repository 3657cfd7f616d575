"""Who is asking, as far as that can be believed, and how often they may."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import Request

from digest.errors import ConfigError

_KEPT = 20_000


class Proxies:
    """The proxies whose word is taken for where a request comes from; by default nobody's."""

    def __init__(self, trusted: Sequence[str], header: str = "x-forwarded-for") -> None:
        self._header = header
        try:
            self._networks = [ip_network(one, strict=False) for one in trusted]
        except ValueError as error:
            remedy = "Write addresses or networks: 127.0.0.1, 10.0.0.0/8."
            raise ConfigError("serve.trusted_proxies", str(error), remedy) from None

    def client(self, request: Request) -> str:
        """Return the address of the client: the nearest one that no trusted proxy vouches for."""
        nearest = request.client.host if request.client else ""
        hops = [*self._told(request), nearest]
        while len(hops) > 1 and self._trusts(hops[-1]):
            hops.pop()
        return hops[-1] if _parsed(hops[-1]) else nearest

    def _told(self, request: Request) -> list[str]:
        """Return the addresses that the header lists, the farthest first."""
        parts = ",".join(request.headers.getlist(self._header))[:2000].split(",")
        if self._header == "forwarded":
            parts = [_for(part) for part in parts]
        return [_bare(part) for part in parts if part.strip()]

    def _trusts(self, address: str) -> bool:
        found = _parsed(address)
        return found is not None and any(found in network for network in self._networks)


def _for(element: str) -> str:
    """Return the address in one element of Forwarded (RFC 7239, 4)."""
    for pair in element.split(";"):
        name, _, value = pair.strip().partition("=")
        if name.lower() == "for":
            return value.strip('"')
    return "unknown"


def _bare(written: str) -> str:
    """Return an address without port and brackets."""
    text = written.strip()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def neighbourhood(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 of an IPv6 one."""
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return str(found or address)


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Limiter:
    """A bucket of tokens for each client: *per_minute* at once, and as many again each minute."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = float(per_minute), clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, client: str, cost: float = 1.0) -> float:
        """Take *cost* tokens of *client*; return 0, or after how many seconds there are enough."""
        now = self._clock()
        bucket = self._buckets.pop(client, None) or _Bucket(self._most, now)
        bucket.left = min(self._most, bucket.left + (now - bucket.at) * self._most / 60)
        bucket.at = now
        self._buckets[client] = bucket
        if len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)
        if bucket.left < cost:
            return (cost - bucket.left) * 60 / self._most
        bucket.left -= cost
        return 0.0
