"""Resend: signed as Svix does it (svix-id, svix-timestamp, svix-signature)."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.audience.bounces import DeliveryReport, Kind, classify_bounce
from digest.audience.webhooks import Headers, Setup, Webhook, is_fresh, read_object, text_of


def build(setup: Setup) -> Webhook:
    """Return the webhook; ValueError where the secret is not in its form."""
    try:
        secret = b64decode(setup.secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        raise ValueError("it does not look like whsec_... in base64") from None
    return ResendWebhook(secret)


@dataclass(frozen=True, slots=True)
class ResendWebhook:
    """Events ``email.bounced``, ``email.complained``, ``email.suppressed``."""

    secret: bytes

    def genuine(self, headers: Headers, raw: bytes, now: datetime) -> bool:
        """Check one of the signatures ``v1,BASE64 v1,BASE64`` (a secret may be being replaced)."""
        stamp = headers.get("svix-timestamp", "")
        signed = f"{headers.get('svix-id', '')}.{stamp}.".encode() + raw
        wanted = b"v1," + b64encode(hmac.digest(self.secret, signed, "sha256"))
        given = headers.get("svix-signature", "").encode("utf-8", "replace").split()[:10]
        matches = any(hmac.compare_digest(wanted, one) for one in given)
        return matches and is_fresh(stamp, now)

    def reports(self, raw: bytes) -> Sequence[DeliveryReport]:
        """Return what an event says; a suppressed address is one that Resend sends nothing to."""
        event = read_object(raw)
        data = event.get("data")
        if not isinstance(data, dict):
            return ()
        if event.get("type") == "email.complained":
            return tuple(_report_each("complaint", data))
        if event.get("type") == "email.suppressed":
            return tuple(_report_each("hard", data))
        if event.get("type") != "email.bounced":
            return ()
        bounce = data.get("bounce")
        told = bounce if isinstance(bounce, dict) else {}
        permanent = str(told.get("type", "permanent")).lower() == "permanent"
        reason = text_of(told, "message")
        return tuple(_report_each(classify_bounce(reason, permanent=permanent), data, reason))


def _report_each(kind: Kind, data: Mapping[str, Any], reason: str = "") -> Iterator[DeliveryReport]:
    to = data.get("to")
    for address in to if isinstance(to, list) else [to]:
        if isinstance(address, str):
            key = f"{data.get('email_id', '')} {address}"
            yield DeliveryReport(kind=kind, key=key, address=address, reason=reason)
