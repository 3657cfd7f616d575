"""Amazon SES by SNS: bounces and complaints, signed by SNS with RSA.

``topic`` in the section is the topic's ARN; without it any topic of anybody would do. The signing
certificate comes from Amazon's own host only (docs.aws.amazon.com/sns: Verifying the signatures).
A subscription of that topic is confirmed by itself. The secret is not used: SNS has none.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from digest.audience.bounces import DeliveryReport, Kind, classify_bounce
from digest.audience.webhooks import Headers, Setup, Webhook, read_object, read_objects, text_of

SECRET = False
_HOST = re.compile(r"sns\.[a-z0-9-]{3,}\.amazonaws\.com(?:\.cn)?")
_NOTICE = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SUBSCRIPTION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_CONTENT = ("MessageTooLarge", "ContentRejected", "AttachmentRejected")
_SUPPRESSED = ("Suppressed", "OnAccountSuppressionList", "NoEmail")


def build(setup: Setup) -> Webhook:
    """Return the webhook; ValueError where no topic is set."""
    topic = setup.options.get("topic", "")
    if not topic.startswith("arn:") or setup.fetch is None:
        raise ValueError('topic = "arn:aws:sns:..." is not set')
    return SesWebhook(topic=topic, fetch=setup.fetch)


@dataclass(frozen=True, slots=True, kw_only=True)
class SesWebhook:
    """Notifications of one topic."""

    topic: str
    fetch: Callable[[str], bytes]
    certificates: dict[str, bytes] = field(default_factory=dict)

    def genuine(self, headers: Headers, raw: bytes, now: datetime) -> bool:
        """Check the topic and the signature; it names its own time, and repeats for days."""
        del headers, now
        message = read_object(raw)
        if message.get("TopicArn") != self.topic or not _is_theirs(
            text_of(message, "SigningCertURL", "SigningCertUrl"), ".pem"
        ):
            return False
        return self._is_signed(message)

    def _is_signed(self, message: dict[str, Any]) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.hazmat.primitives.hashes import SHA1, SHA256
        from cryptography.x509 import load_pem_x509_certificate

        url = text_of(message, "SigningCertURL", "SigningCertUrl")
        version = SHA256() if message.get("SignatureVersion") == "2" else SHA1()  # noqa: S303 - version 1 of SNS is that
        try:
            if url not in self.certificates:
                self.certificates[url] = self.fetch(url)
            key = load_pem_x509_certificate(self.certificates[url]).public_key()
            signature = b64decode(text_of(message, "Signature"), validate=True)
            if not isinstance(key, RSAPublicKey):
                return False
            key.verify(signature, signed_text(message), PKCS1v15(), version)
        except (InvalidSignature, ValueError, OSError):
            return False
        return True

    def reports(self, raw: bytes) -> Sequence[DeliveryReport]:
        """Return what a notification says; confirm the subscription that a message asks for."""
        message = read_object(raw)
        if message.get("Type") == "SubscriptionConfirmation":
            url = text_of(message, "SubscribeURL")
            if _is_theirs(url, ""):
                self.fetch(url)
            return ()
        event = read_object(text_of(message, "Message"))
        return tuple(_read_reports(event, text_of(message, "MessageId")))


def signed_text(message: dict[str, Any]) -> bytes:
    """Return what SNS signs of *message*: names and values, a line each."""
    names = _NOTICE if message.get("Type") == "Notification" else _SUBSCRIPTION
    there = [name for name in names if name in message]
    return "".join(f"{name}\n{message[name]}\n" for name in there).encode()


def _is_theirs(url: str, ending: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        plain = parts.port in (None, 443) and not parts.username
    except ValueError:
        return False
    theirs = parts.scheme == "https" and _HOST.fullmatch(host) is not None
    return theirs and plain and parts.path.endswith(ending)


def _read_reports(event: dict[str, Any], key: str) -> Iterator[DeliveryReport]:
    name = event.get("notificationType") or event.get("eventType")
    if name == "Complaint":
        complaint = event.get("complaint")
        told = complaint if isinstance(complaint, dict) else {}
        if told.get("complaintFeedbackType") != "not-spam":
            yield from _report_each("complaint", told.get("complainedRecipients"), key)
    if name == "Bounce":
        bounce = event.get("bounce")
        told = bounce if isinstance(bounce, dict) else {}
        for one in read_objects(told.get("bouncedRecipients")):
            yield from _report_each(_classify_bounce(told, one), [one], key)


def _report_each(kind: Kind, recipients: object, key: str) -> Iterator[DeliveryReport]:
    for one in read_objects(recipients):
        if address := text_of(one, "emailAddress"):
            reason = text_of(one, "diagnosticCode")
            yield DeliveryReport(kind=kind, key=f"{key} {address}", address=address, reason=reason)


def _classify_bounce(bounce: dict[str, Any], recipient: dict[str, Any]) -> Kind:
    part = bounce.get("bounceSubType")
    if part in _CONTENT:
        return "refused"
    if part in _SUPPRESSED:
        return "hard"
    permanent = bounce.get("bounceType") == "Permanent"
    reason, status = text_of(recipient, "diagnosticCode"), text_of(recipient, "status")
    return classify_bounce(reason, status, permanent=permanent)
