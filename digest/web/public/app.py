"""The public pages as an application, and the server that runs it.

The application: routes, and around all of them safe headers, limits and a quiet log.

Run the application: uvicorn, a log without addresses, an end in good order.
"""

import logging
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.app.composition import App
from digest.model.errors import DigestError
from digest.web.public import subscribe, webhooks
from digest.web.public.context import PublicSite, make_site
from digest.web.public.limits import Limiter, Proxies, find_neighbourhood
from digest.web.public.responses import HEADERS, make_routes, problem_response
from digest.web.public.review import make_review_routes
from digest.web.public.subscribe import OutdatedLink

if TYPE_CHECKING:
    import uvicorn

_ARCHIVE = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_KNOWN = frozenset({"subscribe", "c", "u", "p", "health", "hooks", "archive", "review"})
_log = logging.getLogger("digest.serve")


def make_application(site: PublicSite, more: Sequence[BaseRoute] = ()) -> ASGIApp:
    """Return the ASGI application of *site*, with *more* routes beside its own."""
    made = Starlette(
        routes=[*_make_routes(site), *more],
        exception_handlers={
            OutdatedLink: subscribe.offer_new_link,
            HTTPException: _answer_refusal,
            DigestError: _answer_failure,
            Exception: _answer_failure,
        },
    )
    made.router.redirect_slashes = False  # it would lead where the Host header says
    limiter, proxies = Limiter(site.serve.per_minute), _make_proxies(site)
    made.state.site, made.state.proxies, made.state.problems = site, proxies, {}

    def limit(request: Request, cost: float = 1.0) -> None:
        """Raise 429 where the client has asked too often."""
        wait = limiter.wait(find_neighbourhood(proxies.client(request)), cost)
        if wait:
            raise HTTPException(429, headers={"Retry-After": str(int(wait) + 1)})

    made.state.limit = limit
    return Outermost(made, site.pages.base)


def _make_proxies(site: PublicSite) -> Proxies:
    return Proxies(site.serve.trusted_proxies, site.serve.client_header)


def _make_routes(site: PublicSite) -> list[BaseRoute]:
    routes: list[BaseRoute] = [
        *make_routes("/", subscribe.show_form, None),
        *make_routes("/subscribe", subscribe.show_form, subscribe.take_sign_up),
        *make_routes("/c/{token}", subscribe.show_confirm, subscribe.confirm_address),
        *make_routes("/u/{token}", subscribe.show_leave, subscribe.end_by_link),
        *make_routes("/p/{token}", subscribe.show_choices, subscribe.save_choices),
        *make_routes("/health", webhooks.check_health, None),
        *make_routes("/hooks/{provider}", None, webhooks.take_report),
    ]
    if site.archive:
        files = StaticFiles(directory=site.archive, html=True, check_dir=False)
        routes += [*make_routes("/archive", _to_archive, None), Mount("/archive", files)]
    return routes


async def _to_archive(_request: Request) -> Response:
    return RedirectResponse("/archive/", 301)


async def _answer_refusal(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    try:
        request.app.state.limit(request, 0.0 if status == 429 else 1.0)
    except HTTPException as often:
        status, headers = 429, often.headers
    return problem_response(request, status, headers)


async def _answer_failure(request: Request, error: Exception) -> Response:
    _log.error("%s %s: %s", request.method, _hide_tokens(request.scope), error)
    return problem_response(request, 503, {"Retry-After": "60"})


def _hide_tokens(scope: Scope) -> str:
    """Return the path of a request without what may be a token or an address in it."""
    first = str(scope.get("path", "")).strip("/").split("/")[0]
    known = first if first in _KNOWN else "?"
    return f"/{known}" if first else "/"


class Outermost:
    """Takes the site's own path off, puts safe headers on, and writes one line of log a request.

    The line holds method, first part of the path, status and subscriber's id: no address, no
    token, no query.
    """

    def __init__(self, inner: ASGIApp, base: str) -> None:
        self._inner, self._base = inner, base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        start, status = time.monotonic(), 0
        scope = self._below(scope)

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_safe_headers(message, scope, self._base)
            await send(message)

        try:
            await self._inner(scope, receive, sending)
        finally:
            took = (time.monotonic() - start) * 1000
            who = scope.get("state", {}).get("subscriber", "-")
            line = "%s %s %s %.0f ms subscriber=%s"
            _log.info(line, scope["method"], _hide_tokens(scope), status, took, who)

    def _below(self, scope: Scope) -> Scope:
        """Return *scope* with the site's path taken off, whether the proxy left it on or not."""
        path = scope["path"]
        if self._base and (path == self._base or path.startswith(f"{self._base}/")):
            path = path[len(self._base) :] or "/"
        return {**scope, "path": path, "root_path": "", "raw_path": path.encode(), "state": {}}


def _add_safe_headers(message: Message, scope: Scope, base: str) -> None:
    """Add the safe headers that an answer has not set itself; redirect within the site alone."""
    headers = [
        (name, _keep_below(value, base) if name.lower() == b"location" else value)
        for name, value in message["headers"]
    ]
    there = {name.lower() for name, _ in headers}
    wanted = dict(HEADERS)
    wanted["Content-Security-Policy"] = (
        _ARCHIVE
        if _hide_tokens(scope) == "/archive"
        else "default-src 'none'; frame-ancestors 'none'"
    )
    for name, value in wanted.items():
        with suppress(UnicodeEncodeError):
            if name.lower().encode() not in there:
                headers.append((name.lower().encode(), value.encode("ascii")))
    message["headers"] = headers


def _keep_below(location: bytes, base: str) -> bytes:
    """Return the path of *location* below *base*: never a host that a client made up."""
    return quote(base).encode("ascii") + b"/" + urlsplit(location).path.lstrip(b"/")


_ADDRESS = re.compile(r"(?<![^\s<>\"'(),:;=])[^\s<>\"'(),:;=]+@[^\s<>\"'(),:;]+")
_TOKEN = re.compile(r"\b[a-z2-7]{4}\.[a-z0-9_-]{1,40}\.[a-z]\.(?:[0-9]+\.)?[a-z2-7]{26}\b")


class Redacting(logging.Formatter):
    """A formatter that no address and no token gets through, whoever logs it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for *record*, its traceback included."""
        return _TOKEN.sub("[token]", _ADDRESS.sub("[address]", super().format(record)))


def configure_logs(*, verbose: bool = False) -> None:
    """Send the logs of the service to stderr, a line each, redacted."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name in ("digest", "uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler] if name != "uvicorn.error" else []
        logger.propagate = name == "uvicorn.error"
        logger.setLevel(logging.DEBUG if verbose else logging.INFO)


def make_server(app: App) -> "uvicorn.Server":
    """Return the server of the site that *settings* describe, not running yet."""
    import uvicorn

    from digest.web.public.limits import capped

    made = make_site(app)
    options: dict[str, Any] = {
        "host": app.settings.serve.host,
        "port": app.settings.serve.port,
        "http": capped(_make_proxies(made)),
        "ws": "none",
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "date_header": True,
        "timeout_keep_alive": 15,
        "timeout_graceful_shutdown": 10,
        "limit_concurrency": 500,
    }
    return uvicorn.Server(
        uvicorn.Config(make_application(made, make_review_routes(app)), **options)
    )


def serve_public(app: App, *, verbose: bool = False) -> None:
    """Serve until the process is told to stop; DigestError where it cannot listen."""
    made = make_server(app)
    configure_logs(verbose=verbose)
    try:
        with suppress(KeyboardInterrupt):
            made.run()
    except SystemExit:
        where = f"{app.settings.serve.host}:{app.settings.serve.port}"
        remedy = "Is another one running? Choose another: --port N."
        raise DigestError(where, "cannot be listened on", remedy) from None
