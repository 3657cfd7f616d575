"""JSON over HTTP to one service that the user named: whether a lost request left is told apart.

The guard of ``fetch`` holds here too; redirects are not followed, for a request that posts must
not be posted elsewhere.

One guarded POST of JSON to an address that the user typed; redirects are not followed.
"""

import json
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from digest.http.address_guard import AddressGuard
from digest.http.client import USER_AGENT, Response
from digest.model.errors import FetchError
from digest.text.notation import parse_json

if TYPE_CHECKING:
    import httpx2

    from digest.http.transport import Deadline

MOST = 4 << 20  # bytes of an answer that are read


class UnsentError(FetchError):
    """The request certainly did not reach the service."""


class UnansweredError(FetchError):
    """The request may have been carried out; no answer came."""


@dataclass(slots=True, eq=False)
class JsonService:
    """A service at the URL *base*; *headers* go with every request, *timeout* bounds each.

    A *base* that is private is reached as ``fetch.Client.origin`` is.
    """

    base: str
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 30.0
    allow_private: Sequence[str] = ()
    _client: "httpx2.Client | None" = None
    _clock: "Deadline | None" = None

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Response:
        """Return what the service answers, any status; UnsentError or UnansweredError if nothing.

        *body* is sent as JSON, *form* as a form is.
        """
        import httpx2

        client, clock = self._open()
        clock.at = time.monotonic() + self.timeout
        url = self.base.rstrip("/") + path
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        own = dict(headers or {})
        if form is not None:
            content = urlencode(form).encode()
            own["content-type"] = "application/x-www-form-urlencoded"
        try:
            with client.stream(method, url, content=content, headers=own) as found:
                return _read_response(url, found)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise UnsentError(self.base, f"cannot be reached: {error}", "Is it up?") from None
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, UnicodeError) as error:
            raise UnsentError(self.base, f"is no address: {error}", "Mend its url.") from None
        except httpx2.HTTPError as error:
            self.close()
            said = str(error) or type(error).__name__
            raise UnansweredError(self.base, f"gave no answer: {said}") from None

    def close(self) -> None:
        """Close the connections."""
        if self._client:
            self._client.close()
        self._client = None

    def _open(self) -> "tuple[httpx2.Client, Deadline]":
        from digest.http.transport import Deadline

        if self._clock is None:
            self._clock = Deadline()
        if self._client is None:
            guard = AddressGuard(origin=self.base, allow=tuple(self.allow_private))
            self._client = _make_client(guard, self._clock, self.headers, self.timeout)
        return self._client, self._clock


def _make_client(
    guard: AddressGuard, clock: "Deadline", headers: Mapping[str, str], timeout: float
) -> "httpx2.Client":
    import httpx2

    from digest.http.transport import make_pool

    secure = guard.origin.startswith("https://")
    context = httpx2.create_ssl_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    transport = httpx2.HTTPTransport(verify=context, trust_env=False)
    transport._pool = make_pool(guard, context, clock)  # noqa: SLF001 - the one way to a backend of one's own
    plain = {"user-agent": USER_AGENT, "content-type": "application/json"}
    return httpx2.Client(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=timeout,
        headers={**plain, **headers},
    )


def _read_response(url: str, found: "httpx2.Response") -> Response:
    body = b""
    for chunk in found.iter_bytes():
        body += chunk
        if len(body) > MOST:
            break
    headers = {name.lower(): value for name, value in found.headers.items()}
    return Response(url=url, status=found.status_code, headers=headers, body=body)


def parse_object(answer: Response) -> dict[str, Any]:
    """Return the JSON object that *answer* holds, empty where it holds none."""
    try:
        found = parse_json(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def describe_error(answer: Response) -> str:
    """Return what *answer* says of an error, in a line."""
    found = parse_object(answer)
    told = found.get("message") or found.get("detail") or found.get("error") or found.get("code")
    if not told and found:
        told = json.dumps(found, ensure_ascii=False)
    return f"{answer.status} {' '.join(str(told or 'without a reason').split())}"[:300]


DEADLINE = 15.0


def post_json(
    url: str,
    values: Mapping[str, Any],
    *,
    allow_private: Sequence[str] = (),
    deadline: float = DEADLINE,
) -> int:
    """POST *values* to *url* and return the status; FetchError unless it is 2xx.

    The guard judges its host, which may be private as that of ``fetch.Client.origin`` may.
    """
    import httpx2

    from digest.http.transport import Deadline, make_pool

    secure = _is_https(url)
    context = httpx2.create_ssl_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    transport = httpx2.HTTPTransport(verify=context, trust_env=False)
    clock = Deadline()
    guard = AddressGuard(origin=url, allow=tuple(allow_private))
    pool = make_pool(guard, context, clock)
    transport._pool = pool  # noqa: SLF001 - the one way to a backend of one's own
    headers = {"user-agent": USER_AGENT, "content-type": "application/json"}
    body = json.dumps(values, ensure_ascii=False).encode()
    clock.at = time.monotonic() + deadline
    try:
        with httpx2.Client(transport=transport, trust_env=False, timeout=deadline) as client:
            status = client.post(url, content=body, headers=headers).status_code
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
        raise FetchError(
            _name_host(url), f"cannot be told: {error}", "Check the address."
        ) from None
    if not 200 <= status < 300:
        raise FetchError(_name_host(url), f"answered {status}", "Check the address of the webhook.")
    return status


def _is_https(url: str) -> bool:
    """Tell whether *url* is https; FetchError where it is no address of the web."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError("webhook", "is no http or https address", "Write it whole: https://...")
    return parts.scheme == "https"


def _name_host(url: str) -> str:
    """Return the part of *url* that is no secret: a webhook's path often is one."""
    return f"webhook of {urlsplit(url).hostname}"
