"""What providers report over HTTP: whether it is theirs, and what it says.

``resend`` signs as Svix does (svix-id, svix-timestamp, svix-signature). ``hmac`` is for anything
else: ``X-Digest-Timestamp`` (Unix seconds) and ``X-Digest-Signature: sha256=HEX`` over
``TIMESTAMP.BODY``, the body JSON or a whole message (RFC 5322).
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.audience.bounces import DeliveryReport, Kind, parse_returned_mail
from digest.text.notation import parse_json

KINDS = ("resend", "hmac")
_TOLERANCE = 300  # seconds that a signature is good for, either way

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One provider's way to report: ``genuine`` before ``read``."""

    secret: bytes
    verify: Callable[[bytes, Headers, bytes], bool]
    reports: Callable[[bytes], Sequence[DeliveryReport]]

    def genuine(self, headers: Headers, raw: bytes, now: datetime) -> bool:
        """Tell whether the provider sent *raw*, just now; *headers* are in lower case."""
        stamp = headers.get("svix-timestamp") or headers.get("x-digest-timestamp") or ""
        fresh = stamp.isdecimal() and abs(int(stamp[:12]) - now.timestamp()) <= _TOLERANCE
        return fresh and self.verify(self.secret, headers, raw)


def hook(kind: str, secret: str) -> Hook:
    """Return the hook of *kind*, one of ``KINDS``; ValueError where *secret* is not in its form."""
    if kind == "resend":
        return Hook(secret=_svix_secret(secret), verify=_svix, reports=_resend)
    return Hook(secret=secret.encode(), verify=_plain, reports=_own)


def _svix_secret(secret: str) -> bytes:
    try:
        return b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        raise ValueError("it does not look like whsec_... in base64") from None


def _svix(secret: bytes, headers: Headers, raw: bytes) -> bool:
    """Check one of the signatures ``v1,BASE64 v1,BASE64`` (a secret may be being replaced)."""
    signed = f"{headers.get('svix-id', '')}.{headers.get('svix-timestamp', '')}.".encode() + raw
    wanted = b"v1," + b64encode(hmac.digest(secret, signed, "sha256"))
    given = headers.get("svix-signature", "").encode("utf-8", "replace").split()[:10]
    return any(hmac.compare_digest(wanted, one) for one in given)


def _plain(secret: bytes, headers: Headers, raw: bytes) -> bool:
    signed = headers.get("x-digest-timestamp", "").encode() + b"." + raw
    wanted = b"sha256=" + hmac.digest(secret, signed, "sha256").hex().encode()
    given = headers.get("x-digest-signature", "").strip().lower().encode("utf-8", "replace")
    return hmac.compare_digest(wanted, given)


def _resend(raw: bytes) -> Sequence[DeliveryReport]:
    """Return what an event of Resend says: email.bounced, email.complained, email.suppressed.

    The last is of an address that Resend itself sends nothing to any more.
    """
    event = _json(raw)
    kind, data = event.get("type"), event.get("data")
    if not isinstance(data, dict):
        return ()
    if kind == "email.complained":
        return tuple(_each("complaint", data))
    if kind == "email.suppressed":
        return tuple(_each("hard", data))
    if kind == "email.bounced":
        bounce = data.get("bounce")
        said = str(bounce.get("type", "")).lower() if isinstance(bounce, dict) else "permanent"
        return tuple(_each("hard" if said == "permanent" else "soft", data))
    return ()


def _each(kind: Kind, data: Mapping[str, Any]) -> Iterator[DeliveryReport]:
    to = data.get("to")
    for address in to if isinstance(to, list) else [to]:
        if isinstance(address, str):
            yield DeliveryReport(
                kind=kind, key=f"{data.get('email_id', '')} {address}", address=address
            )


def _own(raw: bytes) -> Sequence[DeliveryReport]:
    """Return what our own form says: ``{"events": [{"type", "address" or "token", "id"}]}``."""
    if not raw.lstrip().startswith(b"{"):
        return parse_returned_mail(raw)
    events = _json(raw).get("events")
    found = (_event(one) for one in events) if isinstance(events, list) else ()
    return tuple(one for one in found if one is not None)


def _event(event: object) -> DeliveryReport | None:
    kinds: dict[str, Kind] = {"bounce": "hard", "soft_bounce": "soft", "complaint": "complaint"}
    kinds["unsubscribe"] = "leave"
    if not isinstance(event, dict) or event.get("type") not in kinds:
        return None
    text = {name: str(event.get(name) or "") for name in ("id", "address", "token")}
    return DeliveryReport(
        kind=kinds[event["type"]],
        key=f"{text['id']} {text['address']}{text['token']}",
        token=text["token"],
        address=text["address"],
    )


def _json(raw: bytes) -> dict[str, Any]:
    try:
        found = parse_json(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
