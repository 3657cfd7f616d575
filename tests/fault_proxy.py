"""A proxy before a real server that answers as the worst network would, one fault a request.

``proxy.fault("drop_after")`` meets the next request that posts something: it is forwarded, the
server commits, and the answer is lost. That is the one fault that makes double posts; its cousin
"late" lets the sender see a broken connection, and the request arrive all the same, later.
"""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HANG = 1.5  # seconds; the accounts under test give up sooner
BEFORE = ("drop_before", "hang_before", "429", "503", "html")
AFTER = ("drop_after", "hang_after", "503_after", "truncated", "html_after")
FAULTS = (*BEFORE, *AFTER)
_PAGE = b"<!doctype html><title>Back soon</title><p>We are improving things."
_SKIP = {"host", "connection", "transfer-encoding", "content-length", "accept-encoding"}


@dataclass(slots=True)
class Seen:
    """What the proxy saw: method and path of each request, with the fault it met."""

    method: str
    path: str
    fault: str = ""


@dataclass(slots=True)
class Script:
    """The faults to come; ``posts`` picks the requests that they are for."""

    posts: Callable[[str, str], bool]
    faults: list[str | Callable[[], None]] = field(default_factory=list)
    skip: int = 0


class FaultProxy(ThreadingHTTPServer):
    """A running proxy before the server at *upstream*."""

    daemon_threads = True

    def __init__(self, upstream: str, posts: Callable[[str, str], bool]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.log: list[Seen] = []
        self.script = Script(posts)
        self.late: list[Callable[[], object]] = []
        self.shown: Callable[[bytes], bytes] = bytes  # how the server shows what it was given
        self._lock = threading.Lock()

    def arrive(self) -> None:
        """Let the requests that were held up ("late") reach the server now."""
        while self.late:
            self.late.pop(0)()

    def fault(self, kind: str | Callable[[], None], *, skip: int = 0) -> None:
        """Let the next posting request, or that after *skip* others, meet the fault *kind*.

        A callable is called once the server has committed, and no answer follows.
        """
        self.script.faults.append(kind)
        self.script.skip = skip

    def clear(self) -> None:
        """Forget the faults to come, and what was seen."""
        self.script.faults.clear()
        self.script.skip = 0
        self.log.clear()

    def posted(self) -> int:
        """Return how many posting requests came."""
        return sum(self.script.posts(seen.method, seen.path) for seen in self.log)

    def next_fault(self, method: str, path: str) -> str | Callable[[], None]:
        """Return the fault this request meets, "" for none."""
        with self._lock:
            script = self.script
            if not script.faults or not script.posts(method, path):
                return ""
            if script.skip:
                script.skip -= 1
                return ""
            return script.faults.pop(0)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultProxy

    def log_message(self, *args: object) -> None:
        """Keep stderr clean."""

    def _go(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        fault = self.server.next_fault(self.command, self.path)
        self.server.log.append(Seen(self.command, self.path, str(fault)))
        if fault == "late":
            self.server.late.append(partial(self._forward, body))
            self._drop()
            return
        if fault in BEFORE:
            self._instead(str(fault))
            return
        status, headers, answer = self._forward(body)
        if callable(fault):
            fault()
            self._drop()
        elif fault:
            self._instead(fault, answer)
        else:
            shown = self.server.shown(answer) if self.command == "GET" else answer
            self._answer(status, headers, shown)

    do_GET = do_POST = do_DELETE = _go  # noqa: N815 - http.server's names

    def _forward(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        upstream = self.server.upstream
        connection = http.client.HTTPConnection(upstream.hostname, upstream.port, timeout=30)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _SKIP}
        try:
            connection.request(self.command, self.path, body, headers)
            response = connection.getresponse()
            kept = {k: v for k, v in response.getheaders() if k.lower() not in _SKIP}
            return response.status, kept, response.read()
        finally:
            connection.close()

    def _instead(self, fault: str, answer: bytes = b"") -> None:
        if fault.startswith("hang"):
            time.sleep(HANG)
        if fault.startswith(("hang", "drop")):
            self._drop()
        elif fault == "429":
            at = str(int(time.time()) + 10)  # not past before it is read
            names = ("x-rate-limit-reset", "ratelimit-reset", "X-RateLimit-Reset")
            headers = dict.fromkeys(names, at) | {"X-RateLimit-Remaining": "0"}
            self._answer(429, headers, b'{"error": "RateLimitExceeded", "title": "Too Many"}')
        elif fault == "truncated":
            self._answer(200, {"content-length": str(len(answer) + 50)}, answer[: len(answer) // 2])
            self._drop()
        else:
            self._answer(503 if "503" in fault else 200, {"content-type": "text/html"}, _PAGE)

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in ({"content-length": str(len(body))} | dict(headers)).items():
            self.send_header(name, value)
        if "content-type" not in {name.lower() for name in headers}:
            self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxying(upstream: str, posts: Callable[[str, str], bool]) -> Iterator[FaultProxy]:
    """Run a proxy before *upstream*; *posts* tells which requests (method, path) may double."""
    proxy = FaultProxy(upstream, posts)
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield proxy
    finally:
        proxy.arrive()
        proxy.shutdown()
        thread.join()
        proxy.server_close()


def as_json(value: object) -> bytes:
    """Return *value* as the body of an answer."""
    return json.dumps(value).encode()
