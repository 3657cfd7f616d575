"""Who may talk to the desk: its own pages in the browser that was given its address.

A desk on the loopback interface is within reach of every page in the same browser. Three things
keep them out: only known names of the loopback host are answered (DNS rebinding), every request
but those for static files carries the token of this run in a cookie, and what changes anything
must come from the desk's own origin.
"""

import hmac
import os
import socket
import sys
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{pictures}; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_CONNECTIONS = Path("/proc/net/tcp")  # of Linux: each with the user it belongs to
_SAFE = frozenset({"GET", "HEAD"})
_OPEN = "/static/"
_LOST = (
    "This desk was started anew, or by somebody else.\n"
    "Open the address that the terminal shows after: digest preview\n"
    "What you had not saved is kept in your browser until then.\n"
)


class DeskGuard:
    """Middleware that lets in what holds the *token* and asks for one of the *hosts*."""

    def __init__(self, app: ASGIApp, *, token: str, hosts: Iterable[str], cookie: str) -> None:
        self._app, self._token, self._cookie = app, token, cookie
        self._hosts = frozenset(hosts)
        self._origins = frozenset(f"http://{host}" for host in self._hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on to the desk, one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        await (refusal or self._app)(scope, receive, _seal_headers(send))

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Return what the request is answered instead of being handed on, None where it may be."""
        if _is_of_another_user(scope):
            return PlainTextResponse("This desk belongs to another user.\n", status_code=403)
        if headers.get("host", "").lower() not in self._hosts:
            return PlainTextResponse("This is not a name of the desk.\n", status_code=421)
        if scope["method"] not in _SAFE and headers.get("origin") not in self._origins:
            return PlainTextResponse("Only the desk's own pages may ask for this.\n", 403)
        if scope["path"].startswith(_OPEN):
            return None
        if entered := self._entrance(scope):
            return entered
        if not self._holds(headers.get("cookie", "")):
            return PlainTextResponse(_LOST, status_code=403)
        return None

    def _entrance(self, scope: Scope) -> Response | None:
        """Return the way in for a request whose address carries the token: a cookie, no token."""
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        given = dict(query).get("token", "")
        if scope["method"] not in _SAFE or not self._same(given):
            return None
        rest = urlencode([pair for pair in query if pair[0] != "token"])
        path = "/" + scope["path"].lstrip("/\\")  # never another host's: "//host/"
        answer = RedirectResponse(f"{path}?{rest}" if rest else path, status_code=303)
        answer.set_cookie(self._cookie, self._token, httponly=True, samesite="strict", path="/")
        return answer

    def _holds(self, cookies: str) -> bool:
        try:
            found = SimpleCookie(cookies).get(self._cookie)
        except CookieError:
            return False
        return found is not None and self._same(found.value)

    def _same(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode())


def _is_of_another_user(scope: Scope) -> bool:
    """Tell whether a process of another user, root aside, asks; False where that is not known.

    A cookie goes to every port of a host, and command lines can be read by all: what has leaked
    to another user of this computer is of no use to them.
    """
    client, server = scope.get("client"), scope.get("server")
    if not client or not server or os.name != "posix":
        return False
    try:
        table = _CONNECTIONS.read_text("ascii")
    except OSError:
        return False
    ends = _end(*client), _end(*server)
    rows = (line.split() for line in table.splitlines()[1:])
    owner = next((int(row[7]) for row in rows if (row[1], row[2]) == ends), None)
    return owner not in (None, 0, os.getuid())


def _end(address: str, port: int) -> str:
    """Return one end of a connection as the kernel writes it: 0100007F:1050."""
    try:
        packed = socket.inet_aton(address)
    except OSError:
        return ""
    return f"{int.from_bytes(packed, sys.byteorder):08X}:{port:04X}"


def _seal_headers(send: Send) -> Send:
    """Return *send* with the headers that every answer carries."""

    async def sealed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("content-security-policy", PAGE_POLICY.format(pictures=""))
            headers.setdefault("cache-control", "no-store")
            headers["x-content-type-options"] = "nosniff"
            headers["referrer-policy"] = "same-origin"  # with none a form's Origin would be "null"
            headers["cross-origin-opener-policy"] = "same-origin"
            headers["cross-origin-resource-policy"] = "same-origin"
        await send(message)

    return sealed
