"""Postmark: bounces, spam complaints and changes of subscription.

Postmark signs nothing: it sends the user and password that stand in the URL of the webhook
(``https://USER:PASSWORD@letters.example.org/hooks/postmark``); the secret is ``USER:PASSWORD``
(postmarkapp.com/developer/webhooks).
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.audience.bounces import DeliveryReport, Kind, classify_bounce
from digest.audience.webhooks import Headers, Setup, Webhook, read_object, text_of

_KINDS: dict[str, Kind | None] = {
    "HardBounce": "hard",
    "BadEmailAddress": "hard",
    "ManuallyDeactivated": "hard",
    "SpamComplaint": "complaint",
    "Unsubscribe": "leave",
    "SpamNotification": "refused",
    "Blocked": "refused",
    "DMARCPolicy": "refused",
    "DnsError": "soft",
    "SoftBounce": "soft",
    "Transient": "soft",
    "AutoResponder": None,
    "AddressChange": None,
    "Subscribe": None,
    "OpenRelayTest": None,
    "ChallengeVerification": None,
    "VirusNotification": None,
}
_SUPPRESSIONS: dict[str, Kind] = {
    "HardBounce": "hard",
    "SpamComplaint": "complaint",
    "ManualSuppression": "leave",
}


def build(setup: Setup) -> Webhook:
    """Return the webhook; ValueError where the secret has no user and password."""
    user, colon, password = setup.secret.partition(":")
    if not (user and colon and password):
        raise ValueError("it does not look like USER:PASSWORD")
    return PostmarkWebhook(b"Basic " + b64encode(setup.secret.encode()))


@dataclass(frozen=True, slots=True)
class PostmarkWebhook:
    """One event a request."""

    credentials: bytes

    def genuine(self, headers: Headers, raw: bytes, now: datetime) -> bool:
        """Check user and password (RFC 7617)."""
        del raw, now
        given = headers.get("authorization", "").encode("utf-8", "replace")
        return hmac.compare_digest(self.credentials, given)

    def reports(self, raw: bytes) -> Sequence[DeliveryReport]:
        """Return what the event says."""
        event = read_object(raw)
        record = event.get("RecordType", "Bounce" if "Type" in event else "")
        if record == "SubscriptionChange":
            return _read_suppression(event)
        if record not in ("Bounce", "SpamComplaint"):
            return ()
        kind = "complaint" if record == "SpamComplaint" else _classify_bounce(event)
        address = text_of(event, "Email", "Recipient")
        if kind is None or not address:
            return ()
        key = f"{event.get('ID') or event.get('MessageID') or ''} {address}"
        reason = text_of(event, "Details", "Description")
        return (DeliveryReport(kind=kind, key=key, address=address, reason=reason),)


def _classify_bounce(event: dict[str, Any]) -> Kind | None:
    """Return the kind of a bounce: what the other server said decides over Postmark's word."""
    kind = _KINDS.get(str(event.get("Type")), "soft")
    details = text_of(event, "Details")
    if kind in ("hard", "soft") and event.get("Type") != "ManuallyDeactivated" and details:
        said = classify_bounce(details, permanent=kind == "hard")
        return "hard" if kind == "hard" and said == "soft" else said
    return kind


def _read_suppression(event: dict[str, Any]) -> Sequence[DeliveryReport]:
    kind = _SUPPRESSIONS.get(str(event.get("SuppressionReason")))
    address = text_of(event, "Recipient")
    if kind is None or not address or event.get("SuppressSending") is not True:
        return ()
    key = f"{event.get('MessageID') or event.get('ChangedAt') or ''} {address}"
    return (DeliveryReport(kind=kind, key=key, address=address),)
