"""Mailgun: the body holds its own signature, HMAC-SHA256 of timestamp and token.

It does not cover the event, so a token is good for one body only
(documentation.mailgun.com: Securing Webhooks). The secret is the HTTP webhook signing key.
"""

import hmac
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from digest.audience.bounces import DeliveryReport, Kind, classify_bounce
from digest.audience.webhooks import Headers, Setup, Webhook, is_fresh, read_object, text_of

_REMEMBERED = 10_000  # tokens
_KINDS: dict[str, Kind] = {
    "suppress-bounce": "hard",
    "suppress-complaint": "complaint",
    "suppress-unsubscribe": "leave",
    "espblock": "refused",
    "old": "soft",
}


def build(setup: Setup) -> Webhook:
    """Return the webhook."""
    return MailgunWebhook(setup.secret.encode())


@dataclass(frozen=True, slots=True)
class MailgunWebhook:
    """Events ``failed``, ``complained`` and ``unsubscribed``."""

    secret: bytes
    tokens: OrderedDict[str, bytes] = field(default_factory=OrderedDict)

    def genuine(self, headers: Headers, raw: bytes, now: datetime) -> bool:
        """Check the signature, and that its token did not come with another body."""
        del headers
        signature = read_object(raw).get("signature")
        told = signature if isinstance(signature, dict) else {}
        stamp, token = str(told.get("timestamp", "")), text_of(told, "token")
        mark = hmac.new(self.secret, f"{stamp}{token}".encode("utf-8", "replace"), "sha256")
        given = [text_of(told, name) for name in ("signature", "parent-signature")]
        matches = any(
            hmac.compare_digest(mark.hexdigest().encode(), one.encode("utf-8", "replace"))
            for one in given
        )
        return matches and is_fresh(stamp, now) and self._is_first(token, raw)

    def _is_first(self, token: str, raw: bytes) -> bool:
        body = sha256(raw).digest()
        known = self.tokens.setdefault(token, body)
        if len(self.tokens) > _REMEMBERED:
            self.tokens.popitem(last=False)
        return known == body

    def reports(self, raw: bytes) -> Sequence[DeliveryReport]:
        """Return what the event says; of a failure for now nothing: Mailgun goes on trying."""
        event = read_object(raw).get("event-data")
        if not isinstance(event, dict):
            return ()
        kind, reason = _classify_event(event)
        address = text_of(event, "recipient")
        if kind is None or not address:
            return ()
        key = f"{event.get('id') or event.get('timestamp') or ''} {address}"
        return (DeliveryReport(kind=kind, key=key, address=address, reason=reason),)


def _classify_event(event: dict[str, Any]) -> tuple[Kind | None, str]:
    name = event.get("event")
    if name == "complained":
        return "complaint", ""
    if name == "unsubscribed":
        return "leave", ""
    if name != "failed" or event.get("severity") == "temporary":
        return None, ""
    status = event.get("delivery-status")
    told = status if isinstance(status, dict) else {}
    said = text_of(told, "message", "description")
    reason = f"{told.get('code') or ''} {said}".strip()
    if (known := _KINDS.get(str(event.get("reason")))) is not None:
        return known, reason
    return classify_bounce(reason if said else "", text_of(told, "enhanced-code")), reason
