"""Bounds of what a client may ask: who it is, how often, how much and how slowly.

Who is asking, as far as that can be believed, and how often they may.

What a client sends: read within a size and a time, whoever it is.

HTTP/1.1 as uvicorn speaks it, with an end to waiting for a request that never comes.
"""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from digest.model.errors import ConfigError

_KEPT = 20_000
_HOPS = 32  # of proxies, more than anybody has


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
        while len(hops) > 1 and self.trusts(hops[-1]):
            hops.pop()
        return hops[-1] if _parse_address(hops[-1]) else nearest

    def _told(self, request: Request) -> list[str]:
        """Return the last addresses that the header lists, the farthest first.

        Proxies append: what can be believed stands at the end, however much a client sends ahead.
        """
        parts = ",".join(request.headers.getlist(self._header)).rsplit(",", _HOPS)[-_HOPS:]
        if self._header == "forwarded":
            parts = [_read_forwarded_for(part) for part in parts]
        return [_strip_port(part) for part in parts if part.strip()]

    def trusts(self, address: str) -> bool:
        """Tell whether *address* is one of the proxies."""
        found = _parse_address(address)
        return found is not None and any(found in network for network in self._networks)


def _read_forwarded_for(element: str) -> str:
    """Return the address in one element of Forwarded (RFC 7239, 4)."""
    for pair in element.split(";"):
        name, _, value = pair.strip().partition("=")
        if name.lower() == "for":
            return value.strip('"')
    return "unknown"


def _strip_port(written: str) -> str:
    """Return an address without port and brackets."""
    text = written.strip()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _parse_address(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def find_neighbourhood(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 of an IPv6 one."""
    found = _parse_address(address)
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


PATIENCE_SECONDS = 15.0
MOST_CONNECTIONS = 40  # of one client at once; a browser opens six


class Impatient(H11Protocol):
    """Hangs up on a client that takes longer than ``BODY_SECONDS`` to send the head of a request.

    Without it a client could keep a connection for ever by sending a byte now and then.
    """

    _deadline: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own signature
        super().__init__(*args, **kwargs)
        self.access_log = False  # uvicorn's line would hold addresses and tokens, see Outermost

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - uvicorn's own signature
        """Start the clock."""
        super().connection_made(transport)
        self._start()

    def data_received(self, data: bytes) -> None:
        """Stop the clock when the head of a request is whole."""
        super().data_received(data)
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._stop()

    def on_response_complete(self) -> None:
        """Start the clock again for the next request."""
        super().on_response_complete()
        if not self.transport.is_closing():
            self._start()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop()
        super().connection_lost(exc)

    def _start(self) -> None:
        self._stop()
        self._deadline = self.loop.call_later(PATIENCE_SECONDS, self._give_up)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


def capped(proxies: Proxies, most: int = MOST_CONNECTIONS) -> type[Impatient]:
    """Return the protocol that holds at most *most* connections of a client, proxies excepted.

    Without a proxy one client could hold all connections that there are.
    """
    held: Counter[str] = Counter()

    class Capped(Impatient):
        """Hangs up on a client that holds too many connections already."""

        _client = ""
        _is_refused = False

        def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - uvicorn's own signature
            """Count the connection, or end it."""
            address = str((transport.get_extra_info("peername") or ("",))[0])
            client = "" if proxies.trusts(address) else find_neighbourhood(address)
            if client and held[client] >= most:
                self._is_refused = True
                transport.abort()
                return
            self._client = client
            held[client] += 1
            super().connection_made(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            """Count it no more."""
            if self._is_refused:
                return
            held[self._client] -= 1
            if held[self._client] <= 0:
                del held[self._client]
            super().connection_lost(exc)

    return Capped


FORM = 16 * 1024
NOTICE = 4 * 1024 * 1024
BODY_SECONDS = 10.0
_FIELDS = 50


async def read_body(request: Request, most: int = FORM) -> bytes:
    """Return the body of *request*; 413 where it is larger than *most*, 408 where too slow."""
    said = request.headers.get("content-length", "0")
    if not said.isdecimal() or int(said) > most:
        raise HTTPException(413 if said.isdecimal() else 400)
    found = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                found += chunk
                if len(found) > most:
                    raise HTTPException(413, headers={"Connection": "close"})
    except TimeoutError:
        raise HTTPException(408, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    return bytes(found)


async def read_form(request: Request) -> Mapping[str, tuple[str, ...]]:
    """Return the fields of a form, urlencoded or multipart (RFC 8058 allows both)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await read_body(request)
    if kind == "multipart/form-data":
        pairs = await _parse_multipart(request, raw)
    elif kind in ("application/x-www-form-urlencoded", ""):
        pairs = _parse_urlencoded(raw)
    else:
        raise HTTPException(415)
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    return fields


def _parse_urlencoded(raw: bytes) -> list[tuple[str, str]]:
    try:
        text = raw.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except ValueError:
        raise HTTPException(400) from None


async def _parse_multipart(request: Request, raw: bytes) -> list[tuple[str, str]]:
    from starlette.formparsers import MultiPartException, MultiPartParser

    async def stream() -> AsyncGenerator[bytes, None]:
        yield raw

    try:
        parser = MultiPartParser(request.headers, stream(), max_files=0, max_fields=_FIELDS)
        found = await parser.parse()
    except (MultiPartException, UnicodeDecodeError, KeyError, LookupError):
        raise HTTPException(400) from None
    return [(name, value) for name, value in found.multi_items() if isinstance(value, str)]


def first_value(fields: Mapping[str, tuple[str, ...]], name: str) -> str:
    """Return the first value of a field, "" where there is none."""
    return fields.get(name, ("",))[0]
