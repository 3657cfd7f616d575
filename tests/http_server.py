"""A web server of our own on the loopback interface: folders, routes, validators and faults.

``server.put("/feed.xml", Answer(...))`` sets what a path answers; a list answers in turn and its
last one stays; a callable answers each request itself. ``server.folder(path)`` publishes a
folder. Every request is kept in ``server.log``. What goes wrong is an Answer as well, made by
``tests.faults``.
"""

import gzip
import json
import mimetypes
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from http import HTTPStatus
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

HTML = "text/html; charset=utf-8"
_LINGER_RESET = struct.pack("ii", 1, 0)  # closing then sends RST instead of FIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came: ``path`` is decoded, ``query`` is not; ``status`` is our answer."""

    method: str
    path: str
    query: str
    headers: HTTPMessage
    body: bytes
    status: int = 0

    def json(self) -> object:
        """Return the body read as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Wire:
    """The connection under one answer; ``closing`` is set when the server stops."""

    send: Callable[[bytes], object]
    connection: socket.socket
    closing: threading.Event

    def wait(self, seconds: float | None) -> None:
        """Wait for *seconds*, or for good: until the server stops."""
        self.closing.wait(seconds)

    def reset(self) -> None:
        """Make the coming close a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)


Delivery = Callable[[Wire, bytes, bytes], None]


def whole(wire: Wire, head: bytes, body: bytes) -> None:
    """Send everything at once: the delivery of an answer without a fault."""
    wire.send(head + body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a path answers; ``deliver`` puts head and body on the wire.

    ``etag`` None means a strong validator made from the body, "" none at all. ``compress`` sends
    gzip to a client that accepts it. ``headers`` replace what would be sent by default; an empty
    value leaves the header out.
    """

    body: bytes = b""
    type: str = HTML
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    modified: datetime | None = None
    compress: bool = False
    deliver: Delivery = whole


Route = Answer | Sequence[Answer] | Callable[[Request], Answer]


def text(body: str, kind: str = HTML, **more: object) -> Answer:
    """Return *body* in UTF-8 as *kind*."""
    return Answer(body=body.encode(), type=kind, **more)


def as_json(value: object, status: int = 200) -> Answer:
    """Return *value* as JSON."""
    return Answer(body=json.dumps(value).encode(), type="application/json", status=status, etag="")


def moved(to: str, status: int = 302) -> Answer:
    """Return a redirect to *to*, an absolute URL or a path; to itself it is a loop."""
    return Answer(status=status, headers={"Location": to}, etag="")


class HttpServer(ThreadingHTTPServer):
    """A running server; ``url`` is its root without the closing slash."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, host: str) -> None:
        super().__init__((host, 0), _Handler)
        self.log: list[Request] = []
        self.closing = threading.Event()
        self._routes: dict[str, Route] = {}
        self._turns: dict[str, int] = {}
        self._folder: Path | None = None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.url = f"http://{host}:{self.server_port}"

    def put(self, path: str, route: Route) -> str:
        """Let *path* answer *route* from now on; return its URL. ``METHOD /path`` is a path too."""
        self._routes[path], self._turns[path] = route, 0
        return self.url + path.partition(" ")[2] if " " in path else self.url + path

    def folder(self, folder: Path) -> str:
        """Publish *folder* below the paths that have no route; return the root's URL."""
        self._folder = folder
        return f"{self.url}/"

    def requests(self, path: str) -> list[Request]:
        """Return what was asked for at *path*, oldest first."""
        return [request for request in self.log if request.path == path]

    def answer(self, request: Request) -> Answer:
        """Return what *request* is answered, validators not yet looked at."""
        key = f"{request.method} {request.path}"
        route = self._routes.get(key, self._routes.get(request.path))
        if route is None:
            return self._file(request.path)
        if isinstance(route, Answer):
            return route
        if callable(route):
            return route(request)
        return self._next(key if key in self._routes else request.path, route)

    def _next(self, key: str, answers: Sequence[Answer]) -> Answer:
        with self._lock:
            turn = self._turns[key]
            self._turns[key] += 1
        return answers[min(turn, len(answers) - 1)]

    def _file(self, path: str) -> Answer:
        file = self._folder and (self._folder / path.lstrip("/")).resolve()
        if not file or not file.is_relative_to(self._folder.resolve()):
            return text("not here", status=404, etag="")
        if file.is_dir():
            if not path.endswith("/"):
                return moved(f"{path}/", 301)
            file /= "index.html"
        if not file.is_file():
            return text("not here", status=404, etag="")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return Answer(body=file.read_bytes(), type=HTML if kind == "text/html" else kind)

    def process_request(self, request: socket.socket, client_address: object) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: clients that hang up are what these servers are for."""

    def stop(self) -> None:
        """End every open answer and connection, then the server."""
        self.closing.set()
        self.shutdown()
        for connection in tuple(self._open):
            with suppress(OSError):  # the client was faster
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, writes the answer; one instance a connection."""

    protocol_version = "HTTP/1.1"
    server: HttpServer

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Return the handler of a method: one for all of them (``do_GET``, ``do_POST``, ...)."""
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        split = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(split.path),
            query=split.query,
            headers=self.headers,
            body=self.rfile.read(length) if length else b"",
        )
        answer = self.server.answer(request)
        status, head, body = _message(request, answer)
        self._note(request, status)
        wire = Wire(self.wfile.write, self.connection, self.server.closing)
        answer.deliver(wire, head, b"" if self.command == "HEAD" else body)
        if answer.headers.get("Connection") == "close":
            self.close_connection = True

    def _note(self, request: Request, status: int) -> None:
        self.server.log.append(replace(request, status=status))

    def log_message(self, *_: object) -> None:
        """Keep the log in ``server.log`` only."""


def _message(request: Request, answer: Answer) -> tuple[int, bytes, bytes]:
    """Return status, head and body: what RFC 9110 makes of *answer* for *request*."""
    body, headers = answer.body, {"Content-Type": answer.type}
    if answer.status == 200:
        headers |= _validators(answer)
    status = 304 if answer.status == 200 and _fresh(request, headers) else answer.status
    if status == 304:
        body = b""
    elif answer.compress:
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body, mtime=0), "gzip"
    if status != 304:
        headers["Content-Length"] = str(len(body))
    headers |= answer.headers
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Other"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{k}: {v}" for k, v in headers.items() if v)]
    return status, ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), body


def _validators(answer: Answer) -> dict[str, str]:
    made = f'"{sha256(answer.body).hexdigest()[:16]}"' if answer.etag is None else answer.etag
    modified = format_datetime(answer.modified, usegmt=True) if answer.modified else ""
    return {"ETag": made, "Last-Modified": modified}


def _fresh(request: Request, headers: Mapping[str, str]) -> bool:
    """Say whether the client's copy is current; If-None-Match wins (RFC 9110, 13.1.3)."""
    tags = request.headers.get("If-None-Match")
    if tags is not None:
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return bool(headers["ETag"]) and headers["ETag"].removeprefix("W/") in known
    since = request.headers.get("If-Modified-Since")
    if not since or not headers["Last-Modified"]:
        return False
    return parsedate_to_datetime(headers["Last-Modified"]) <= parsedate_to_datetime(since)


@contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[HttpServer]:
    """Run a server on a free port of *host*, a loopback address."""
    server = HttpServer(host)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
