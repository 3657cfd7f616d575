"""SendGrid: batches of events, signed with ECDSA over timestamp and body.

The secret is the verification key, which is public: base64 of a P-256 key in DER
(docs.sendgrid.com: Event Webhook Security Features).
"""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from digest.audience.bounces import DeliveryReport, Kind, classify_bounce
from digest.audience.webhooks import (
    Headers,
    Setup,
    Webhook,
    is_fresh,
    read_json,
    read_objects,
    text_of,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
_DROPPED: dict[str, Kind] = {
    "bounced address": "hard",
    "invalid": "hard",
    "spam reporting address": "complaint",
    "unsubscribed address": "leave",
}


def build(setup: Setup) -> Webhook:
    """Return the webhook; ValueError where the key is none."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(b64decode("".join(setup.secret.split()), validate=True))
    except ValueError:
        key = None
    if isinstance(key, EllipticCurvePublicKey):
        return SendGridWebhook(key)
    raise ValueError("it does not look like a verification key (ECDSA, base64)")


@dataclass(frozen=True, slots=True)
class SendGridWebhook:
    """Events ``bounce``, ``dropped``, ``spamreport``, ``unsubscribe``, ``group_unsubscribe``."""

    key: "EllipticCurvePublicKey"

    def genuine(self, headers: Headers, raw: bytes, now: datetime) -> bool:
        """Check the signature over time and body."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
        from cryptography.hazmat.primitives.hashes import SHA256

        stamp = headers.get(_TIMESTAMP, "")
        try:
            signature = b64decode(headers.get(_SIGNATURE, ""), validate=True)
            self.key.verify(signature, stamp.encode() + raw, ECDSA(SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return is_fresh(stamp, now)

    def reports(self, raw: bytes) -> Sequence[DeliveryReport]:
        """Return what the events say; what is only deferred is tried again by SendGrid."""
        events = read_objects(read_json(raw))
        return tuple(
            _read_report(kind, event)
            for event in events
            if text_of(event, "email") and (kind := _classify_event(event)) is not None
        )


def _classify_event(event: dict[str, Any]) -> Kind | None:
    name = event.get("event")
    if name == "spamreport":
        return "complaint"
    if name in ("unsubscribe", "group_unsubscribe"):
        return "leave"
    if name == "dropped":
        reason = text_of(event, "reason").lower()
        return next((kind for what, kind in _DROPPED.items() if what in reason), "refused")
    if name != "bounce":
        return None
    kind = classify_bounce(text_of(event, "reason"), text_of(event, "status"))
    return "soft" if event.get("type") == "blocked" and kind == "hard" else kind


def _read_report(kind: Kind, event: dict[str, Any]) -> DeliveryReport:
    address = text_of(event, "email")
    key = f"{event.get('sg_event_id') or event.get('timestamp') or ''} {address}"
    return DeliveryReport(kind=kind, key=key, address=address, reason=text_of(event, "reason"))
