"""The network under the HTTP client: judged addresses only, and no step beyond the deadline.

Imported when the first request is made, for httpcore is heavy.
"""

import math
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore2

from digest.http.address_guard import AddressGuard, resolve_host


class Deadline(threading.local):
    """When the exchange of this thread must be over, on the monotonic clock."""

    at: float = math.inf

    def left(self, timeout: float | None) -> float:
        """Return how long the next step may take; ReadTimeout if there is no time left."""
        rest = self.at - time.monotonic()
        if rest <= 0:
            raise httpcore2.ReadTimeout("the deadline passed")
        return rest if timeout is None else min(rest, timeout)


class TimedStream(httpcore2.NetworkStream):
    """A stream that is read under the deadline: a byte now and then resets no clock."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what there is to read."""
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write *buffer*."""
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """Return the stream with TLS over it."""
        left = self._deadline.left(timeout)
        return TimedStream(
            self._inner.start_tls(ssl_context, server_hostname, left), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own signature
        """Return what httpcore asks about the connection."""
        return self._inner.get_extra_info(info)


class GuardedBackend(httpcore2.NetworkBackend):
    """Resolves, judges and connects to what was judged: no second look-up."""

    def __init__(self, guard: AddressGuard, deadline: Deadline) -> None:
        self._guard, self._deadline = guard, deadline
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of *host* that answers, if all of them are permitted."""
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in self._permitted(host, port):
            try:
                left = self._deadline.left(timeout)
                made = self._inner.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return TimedStream(made, self._deadline)
        raise failure

    def _permitted(self, host: str, port: int) -> list[str]:
        try:
            addresses = resolve_host(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"{host} is not found: {error}") from None
        if refusal := self._guard.refusal(host, port, addresses):
            raise httpcore2.ConnectError(refusal)
        return addresses

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Refuse: nothing on the web is a file."""
        del timeout, socket_options
        raise httpcore2.ConnectError(f"{path}: unix sockets are not allowed")

    def sleep(self, seconds: float) -> None:
        """Wait between two tries."""
        self._inner.sleep(seconds)


def make_pool(
    guard: AddressGuard, context: ssl.SSLContext, deadline: Deadline
) -> httpcore2.ConnectionPool:
    """Return a connection pool that connects only where *guard* permits, hop by hop."""
    backend = GuardedBackend(guard, deadline)
    return httpcore2.ConnectionPool(ssl_context=context, network_backend=backend, max_connections=8)
