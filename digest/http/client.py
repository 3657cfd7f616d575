"""The one guarded HTTP client: bounded, conditional GET that never reaches where it should not.

Every hop of every redirect opens its own connection through the guard: names are resolved once,
all their addresses are judged, and the connection goes to a judged address (no DNS rebinding).
A body is read raw and unpacked here, so that a cut or corrupt one is an error and a bomb stops
at the cap.
"""

import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from digest.http.address_guard import AddressGuard
from digest.http.challenges import find_challenger
from digest.http.content_coding import unpack_body
from digest.http.robots import RobotsRules
from digest.http.robots import parse_robots as read_robots
from digest.model import CacheValidators
from digest.model.errors import FetchError

if TYPE_CHECKING:
    import httpx2

    from digest.http.transport import Deadline

USER_AGENT = "digest-newsletter/0.1 (reads a feed and the posts it lists)"
MAX_BYTES = 15 << 20
DEADLINE = 30.0
MAX_HOPS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)
_NO_BODY = (204, 304)
_OK, _SERVER_ERROR = 200, 500
_GIVE_UP = 5  # failures in a row after which a host is left alone
_LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a server answered at the end of all redirects.

    ``url`` is the address that answered; ``moved`` the address after the permanent redirects
    that came first, "" if there was none. ``validators`` are verbatim. Header names are in
    lower case.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    moved: str = ""

    @property
    def validators(self) -> CacheValidators:
        """Return what to ask again with; the body's hash is the caller's to add."""
        found = self.headers
        return CacheValidators(
            etag=found.get("etag", ""), last_modified=found.get("last-modified", "")
        )

    def wait_until(self, now: datetime) -> datetime | None:
        """Return until when the server asks to be left alone (RFC 9110, 10.2.3), a day at most."""
        said = self.headers.get("retry-after", "").strip()
        if not said:
            return None
        try:
            until = _parse_retry_after(said, now)
        except (ValueError, TypeError, OverflowError):
            return None
        return min(max(until, now), now + _LONGEST_WAIT)

    @property
    def challenger(self) -> str:
        """Return who asks for a browser instead of giving what was asked for; "" if nobody."""
        return find_challenger(self.status, self.headers, self.body)

    @property
    def content_type(self) -> str:
        """Return the Content-Type header as it was sent."""
        return self.headers.get("content-type", "")


@dataclass(slots=True, weakref_slot=True, eq=False)
class Client:
    """Fetches for one origin that the user typed.

    That *origin* may be private where it is a literal address or ``localhost``; what it links or
    redirects to elsewhere may not, unless *allow_private* names the host or network. Hosts so
    allowed are not paced; all others get at most one request a second. *headers* go to the host of
    *origin* alone, for they may be secrets; *user_agent* is what the client calls itself.
    """

    origin: str = ""
    allow_private: Sequence[str] = ()
    pace: float = 1.0
    user_agent: str = USER_AGENT
    headers: Mapping[str, str] = field(default_factory=dict)
    _guard: AddressGuard = field(init=False)
    _clients: "dict[str, httpx2.Client]" = field(default_factory=dict)
    _deadline: "Deadline | None" = None
    _exempt: dict[str, bool] = field(default_factory=dict)
    _down: dict[str, int] = field(default_factory=dict)
    _asking: threading.Lock = field(default_factory=threading.Lock)
    _robots: dict[str, RobotsRules | FetchError] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _free_at: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the one guard of all connections: it remembers what a name answered."""
        self._guard = AddressGuard(origin=self.origin, allow=tuple(self.allow_private))

    def get(
        self,
        url: str,
        validators: CacheValidators | None = None,
        *,
        accept: str = "*/*",
        max_bytes: int = MAX_BYTES,
        deadline: float = DEADLINE,
    ) -> Response:
        """Return the answer to GET *url*, redirects followed; FetchError if there is none.

        With *validators* the answer may be 304 with no body. Any status is an answer; a body that
        is cut, corrupt or over *max_bytes* is not, nor is a hop that takes over *deadline* seconds.
        """
        headers = {"accept": accept, **_build_conditions(validators)}
        moved, permanent, at = "", True, url
        for _ in range(MAX_HOPS + 1):
            answer = self._exchange(at, headers, max_bytes, deadline)
            target = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not target:
                return Response(
                    url=at,
                    status=answer.status,
                    headers=answer.headers,
                    body=answer.body,
                    moved=moved,
                )
            at = urljoin(at, target)
            permanent = permanent and answer.status in _PERMANENT
            moved = at if permanent else moved
        remedy = "Give the address that the feed has now."
        raise FetchError(url, f"redirects more than {MAX_HOPS} times", remedy)

    def close(self) -> None:
        """Close all connections; the client opens new ones when it is used again."""
        with self._lock:
            for opened in self._clients.values():
                opened.close()
            self._clients.clear()

    def permits(self, url: str) -> bool:
        """Tell whether the robots.txt of the host lets programs read the page at *url*.

        A host without one permits all; FetchError where it cannot say (5xx, unreachable).
        """
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.netloc}"
        with self._asking:
            if host not in self._robots:
                self._robots[host] = self._asked(f"{host}/robots.txt")
            rules = self._robots[host]
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if isinstance(rules, FetchError):
            raise rules
        return rules.permits(path)

    def _asked(self, url: str) -> RobotsRules | FetchError:
        try:
            answer = self.get(url, accept="text/plain, */*;q=0.1", deadline=10.0)
        except FetchError as error:
            return error
        if answer.status >= _SERVER_ERROR:
            return FetchError(url, f"cannot be asked for: robots.txt answered {answer.status}")
        return read_robots(answer.body.decode("utf-8", "replace") if answer.status == _OK else "")

    def _exchange(
        self, url: str, headers: Mapping[str, str], max_bytes: int, seconds: float
    ) -> Response:
        import httpx2

        host = _parse_host(url)
        if self._down.get(host, 0) >= _GIVE_UP:
            raise FetchError(url, "was not asked for: its host does not answer", "Try again later.")
        client = self._open(urlsplit(url).scheme)
        self._wait(url, host)
        self._clock().at = time.monotonic() + seconds
        try:
            with client.stream("GET", url, headers=self._headers(url, headers)) as response:
                found = {name.lower(): value for name, value in response.headers.items()}
                body = b""
                if response.status_code not in (*_REDIRECTS, *_NO_BODY):
                    coding = found.get("content-encoding", "")
                    body = unpack_body(url, response.iter_raw(), coding, max_bytes)
        except httpx2.HTTPError as error:
            self._down[host] = self._down.get(host, 0) + 1
            raise FetchError(url, *_explain_error(error, seconds)) from None
        except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
            raise FetchError(url, f"is no address to fetch: {error}") from None
        self._down.pop(host, None)
        return Response(url=url, status=response.status_code, headers=found, body=body)

    def _headers(self, url: str, headers: Mapping[str, str]) -> dict[str, str]:
        own, there = urlsplit(self.origin), urlsplit(url)
        same = (own.scheme, own.hostname, own.port) == (there.scheme, there.hostname, there.port)
        return {"user-agent": self.user_agent, **headers, **(self.headers if same else {})}

    def _open(self, scheme: str) -> "httpx2.Client":
        """Return the client for *scheme*: reading the trusted authorities costs 0.1 s of CPU."""
        with self._lock:
            if scheme not in self._clients:
                opened = _make_client(self._guard, self._clock(), secure=scheme == "https")
                self._clients[scheme] = opened
                weakref.finalize(self, opened.close)
            return self._clients[scheme]

    def _clock(self) -> "Deadline":
        from digest.http.transport import Deadline

        if self._deadline is None:
            self._deadline = Deadline()
        return self._deadline

    def _spares(self, url: str, host: str) -> bool:
        if host not in self._exempt:
            self._exempt[host] = self._guard.exempts(url)
        return self._exempt[host]

    def _wait(self, url: str, host: str) -> None:
        """Keep the pace of *host*: each request books the next free second."""
        if not self.pace or self._spares(url, host):
            return
        with self._lock:
            now = time.monotonic()
            start = max(now, self._free_at.get(host, 0.0))
            self._free_at[host] = start + self.pace
        time.sleep(start - now)


def _parse_retry_after(said: str, now: datetime) -> datetime:
    if said.isdigit():
        return now + timedelta(seconds=min(int(said), _LONGEST_WAIT.total_seconds()))
    found = parsedate_to_datetime(said)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _make_client(guard: AddressGuard, deadline: "Deadline", *, secure: bool) -> "httpx2.Client":
    import ssl

    import httpx2

    from digest.http.transport import make_pool

    context = httpx2.create_ssl_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    transport = httpx2.HTTPTransport(verify=context, trust_env=False)
    transport._pool = make_pool(guard, context, deadline)  # noqa: SLF001 - the one way to a backend of one's own
    return httpx2.Client(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=httpx2.Timeout(10, connect=5),
        headers={"accept-encoding": "gzip"},
    )


def _build_conditions(validators: CacheValidators | None) -> dict[str, str]:
    found = {}
    if validators and validators.etag:
        found["if-none-match"] = validators.etag
    if validators and validators.last_modified:
        found["if-modified-since"] = validators.last_modified
    return found


def _parse_host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise FetchError(url, f"is no address to fetch: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise FetchError(url, "is no http or https address", "Write it whole: https://...")
    return host


def _explain_error(error: "httpx2.HTTPError", seconds: float) -> tuple[str, str]:
    import httpx2

    said = str(error) or type(error).__name__
    if isinstance(error, httpx2.ConnectError):
        return f"cannot be reached: {said}", "Check the address and the network."
    if isinstance(error, httpx2.TimeoutException):
        return f"was not all there in time (at most {seconds:g} s)", "Try again later."
    return f"answered badly: {said}", "Try again later."
