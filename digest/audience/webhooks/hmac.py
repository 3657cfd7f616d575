"""Anything else: ``X-Digest-Timestamp`` and ``X-Digest-Signature: sha256=HEX``, HMAC-SHA256.

Signed is ``TIMESTAMP.BODY``; the body is a whole message (RFC 5322), or JSON:
``{"events": [{"type": "bounce", "address": "lin@example.org", "id": "4711"}]}``.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.audience import bounces
from digest.audience.bounces import DeliveryReport, Kind, classify_bounce
from digest.audience.webhooks import (
    Headers,
    Setup,
    Webhook,
    is_fresh,
    read_object,
    read_objects,
    text_of,
)

_KINDS: dict[str, Kind] = {
    "bounce": "hard",
    "soft_bounce": "soft",
    "complaint": "complaint",
    "unsubscribe": "leave",
}


def build(setup: Setup) -> Webhook:
    """Return the webhook."""
    return SignedWebhook(setup.secret.encode())


@dataclass(frozen=True, slots=True)
class SignedWebhook:
    """Our own form, for relays and scripts."""

    secret: bytes

    def genuine(self, headers: Headers, raw: bytes, now: datetime) -> bool:
        """Check the signature over time and body."""
        stamp = headers.get("x-digest-timestamp", "")
        mark = hmac.digest(self.secret, stamp.encode("utf-8", "replace") + b"." + raw, "sha256")
        given = headers.get("x-digest-signature", "").strip().lower().encode("utf-8", "replace")
        return hmac.compare_digest(f"sha256={mark.hex()}".encode(), given) and is_fresh(stamp, now)

    def reports(self, raw: bytes) -> Sequence[DeliveryReport]:
        """Return what the message or the events say."""
        if not raw.lstrip().startswith(b"{"):
            return bounces.parse_returned_mail(raw)
        events = read_objects(read_object(raw).get("events"))
        return tuple(_read_report(event) for event in events if event.get("type") in _KINDS)


def _read_report(event: dict[str, object]) -> DeliveryReport:
    name, address, token = (str(event.get(key) or "") for key in ("id", "address", "token"))
    kind, reason = _KINDS[str(event["type"])], text_of(event, "reason")
    if reason and kind in ("hard", "soft"):
        kind = classify_bounce(reason, permanent=kind == "hard")
    key = f"{name} {address}{token}"
    return DeliveryReport(kind=kind, key=key, token=token, address=address, reason=reason)
