"""One guarded POST of JSON to an address that the user typed; redirects are not followed."""

import json
import ssl
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from digest.errors import FetchError
from digest.fetch import USER_AGENT
from digest.fetch.guard import Guard

DEADLINE = 15.0


def post(
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

    from digest.fetch.wire import Deadline, pool

    secure = _checked(url)
    context = httpx2.create_ssl_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    transport = httpx2.HTTPTransport(verify=context, trust_env=False)
    clock = Deadline()
    transport._pool = pool(Guard(origin=url, allow=tuple(allow_private)), context, clock)  # noqa: SLF001 - the one way to a backend of one's own
    headers = {"user-agent": USER_AGENT, "content-type": "application/json"}
    body = json.dumps(values, ensure_ascii=False).encode()
    clock.at = time.monotonic() + deadline
    try:
        with httpx2.Client(transport=transport, trust_env=False, timeout=deadline) as client:
            status = client.post(url, content=body, headers=headers).status_code
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
        raise FetchError(_host(url), f"cannot be told: {error}", "Check the address.") from None
    if not 200 <= status < 300:
        raise FetchError(_host(url), f"answered {status}", "Check the address of the webhook.")
    return status


def _checked(url: str) -> bool:
    """Tell whether *url* is https; FetchError where it is no address of the web."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError("webhook", "is no http or https address", "Write it whole: https://...")
    return parts.scheme == "https"


def _host(url: str) -> str:
    """Return the part of *url* that is no secret: a webhook's path often is one."""
    return f"webhook of {urlsplit(url).hostname}"
