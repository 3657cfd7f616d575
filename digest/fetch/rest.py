"""JSON over HTTP to one service that the user named: whether a lost request left is told apart.

The guard of ``fetch`` holds here too; redirects are not followed, for a request that posts must
not be posted elsewhere.
"""

import json
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from digest.errors import FetchError
from digest.fetch import USER_AGENT, Answer
from digest.fetch.guard import Guard
from digest.text.notation import parse_json

if TYPE_CHECKING:
    import httpx2

    from digest.fetch.wire import Deadline

MOST = 4 << 20  # bytes of an answer that are read


class UnsentError(FetchError):
    """The request certainly did not reach the service."""


class UnansweredError(FetchError):
    """The request may have been carried out; no answer came."""


@dataclass(slots=True, eq=False)
class Service:
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
    ) -> Answer:
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
                return _answer(url, found)
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
        from digest.fetch.wire import Deadline

        if self._clock is None:
            self._clock = Deadline()
        if self._client is None:
            guard = Guard(origin=self.base, allow=tuple(self.allow_private))
            self._client = _client(guard, self._clock, self.headers, self.timeout)
        return self._client, self._clock


def _client(
    guard: Guard, clock: "Deadline", headers: Mapping[str, str], timeout: float
) -> "httpx2.Client":
    import httpx2

    from digest.fetch.wire import pool

    secure = guard.origin.startswith("https://")
    context = httpx2.create_ssl_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    transport = httpx2.HTTPTransport(verify=context, trust_env=False)
    transport._pool = pool(guard, context, clock)  # noqa: SLF001 - the one way to a backend of one's own
    plain = {"user-agent": USER_AGENT, "content-type": "application/json"}
    return httpx2.Client(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=timeout,
        headers={**plain, **headers},
    )


def _answer(url: str, found: "httpx2.Response") -> Answer:
    body = b""
    for chunk in found.iter_bytes():
        body += chunk
        if len(body) > MOST:
            break
    headers = {name.lower(): value for name, value in found.headers.items()}
    return Answer(url=url, status=found.status_code, headers=headers, body=body)


def values(answer: Answer) -> dict[str, Any]:
    """Return the JSON object that *answer* holds, empty where it holds none."""
    try:
        found = parse_json(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def said(answer: Answer) -> str:
    """Return what *answer* says of an error, in a line."""
    found = values(answer)
    told = found.get("message") or found.get("detail") or found.get("error") or found.get("code")
    if not told and found:
        told = json.dumps(found, ensure_ascii=False)
    return f"{answer.status} {' '.join(str(told or 'without a reason').split())}"[:300]
