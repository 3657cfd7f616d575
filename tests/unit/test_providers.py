"""Hooks: the signatures of providers, and what they report."""

import hmac
import json
from base64 import b64encode
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.webhooks import Setup, Webhook, mailgun, postmark, resend, sendgrid, ses
from digest.audience.webhooks import hmac as own
from tests.make import NOW

SECRET = b"0123456789abcdef0123456789abcdef"
RESEND = resend.build(Setup(secret="whsec_" + b64encode(SECRET).decode()))
PLAIN = own.build(Setup(secret=SECRET.decode()))
STAMP = str(int(NOW.timestamp()))


def svix(body: bytes, *, stamp: str = STAMP, secret: bytes = SECRET) -> dict[str, str]:
    mark = b64encode(hmac.digest(secret, f"msg_1.{stamp}.".encode() + body, "sha256")).decode()
    return {
        "svix-id": "msg_1",
        "svix-timestamp": stamp,
        "svix-signature": f"v1,{'A' * 44} v1,{mark}",
    }


def plain(body: bytes, *, stamp: str = STAMP, secret: bytes = SECRET) -> dict[str, str]:
    mark = hmac.digest(secret, f"{stamp}.".encode() + body, "sha256").hex()
    return {"x-digest-timestamp": stamp, "x-digest-signature": f"sha256={mark}"}


SIGNED = pytest.mark.parametrize(
    ("made", "sign"), [(RESEND, svix), (PLAIN, plain)], ids=["svix", "hmac"]
)


@SIGNED
def test_a_signature_is_the_providers_own_over_these_bytes_and_now(made, sign) -> None:
    body = b'{"type":"email.sent"}'
    assert made.genuine(sign(body), body, NOW)
    assert not made.genuine(sign(body), body + b" ", NOW)
    assert not made.genuine(sign(body, secret=b"x" * 32), body, NOW)
    assert not made.genuine(sign(body), body, NOW + timedelta(minutes=6))
    assert not made.genuine(sign(body), body, NOW - timedelta(minutes=6))
    assert not made.genuine({}, body, NOW)
    later = str(int(NOW.timestamp()) + 1)
    moved = {k: later if k.endswith("timestamp") else v for k, v in sign(body).items()}
    assert not made.genuine(moved, body, NOW)


@SIGNED
@given(st.dictionaries(st.sampled_from([*svix(b""), *plain(b"")]), st.text()), st.binary())
def test_no_header_at_all_breaks_the_check(made, sign, headers, body) -> None:
    assert not made.genuine(headers, body, NOW)


def test_a_secret_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="whsec_"):
        resend.build(Setup(secret="whsec_äöü!"))
    with pytest.raises(ValueError, match="USER:PASSWORD"):
        postmark.build(Setup(secret="geheim"))
    for wrong in ("not base64!", b64encode(b"no key").decode()):
        with pytest.raises(ValueError, match="verification key"):
            sendgrid.build(Setup(secret=wrong))
    with pytest.raises(ValueError, match="topic = "):
        ses.build(Setup(secret="", fetch=lambda _url: b""))


def event(kind: str, **data: object) -> bytes:
    return json.dumps(
        {"type": kind, "data": {"email_id": "e1", "to": ["lin@example.org"]} | data}
    ).encode()


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        (event("email.bounced", bounce={"type": "Permanent", "subType": "General"}), ["hard"]),
        (event("email.bounced", bounce={"type": "Transient"}), ["soft"]),
        (event("email.bounced"), ["hard"]),
        (event("email.suppressed"), ["hard"]),
        (event("email.complained"), ["complaint"]),
        (event("email.complained", to="lin@example.org"), ["complaint"]),
        (event("email.complained", to=[1, None]), []),
        (event("email.delivered"), []),
        (event("email.delivery_delayed"), []),
        (b'{"type": "email.bounced", "data": []}', []),
        (b"[1]", []),
        (b"not json", []),
        (b"", []),
    ],
)
def test_an_event_of_resend_is_understood(body, kinds) -> None:
    found = RESEND.reports(body)
    assert [report.kind for report in found] == kinds
    assert {report.address for report in found} <= {"lin@example.org"}


def test_our_own_form_is_understood_and_so_is_a_whole_message() -> None:
    events = [
        {"type": "bounce", "address": "a@example.org", "id": 1},
        {"type": "soft_bounce", "token": "t", "id": 2},
        {"type": "complaint", "address": "c@example.org"},
        {"type": "unsubscribe", "address": "d@example.org"},
        {"type": "opened", "address": "e@example.org"},
        "nonsense",
    ]
    found = PLAIN.reports(json.dumps({"events": events}).encode())
    assert [report.kind for report in found] == ["hard", "soft", "complaint", "leave"]
    assert found[1].token == "t"
    assert len({report.key for report in found}) == 4
    assert PLAIN.reports(b'{"events": 3}') == ()
    assert PLAIN.reports(b"Subject: hello\n\nyou") == ()


@given(st.binary(max_size=200))
def test_no_body_at_all_breaks_the_reading(body) -> None:
    RESEND.reports(body)
    PLAIN.reports(body)
    PLAIN.reports(b"{" + body)


TOPIC = "arn:aws:sns:eu-central-1:123456789012:letters"
CERTIFICATE_URL = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem"


def kinds(webhook: Webhook, body: bytes) -> list[tuple[str, str]]:
    return [(report.kind, report.address) for report in webhook.reports(body)]


POSTMARK = postmark.build(Setup(secret="hook:geheim"))


def test_postmark_is_known_by_user_and_password() -> None:
    right = {"authorization": "Basic " + b64encode(b"hook:geheim").decode()}
    assert POSTMARK.genuine(right, b"{}", NOW)
    for wrong in ({}, {"authorization": "Basic " + b64encode(b"hook:falsch").decode()}):
        assert not POSTMARK.genuine(wrong, b"{}", NOW)


def bounced(kind: str, details: str = "", record: str = "Bounce") -> bytes:
    told = {"RecordType": record, "Type": kind, "ID": 42, "Email": "lin@example.org"}
    return json.dumps({**told, "Details": details}).encode()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (bounced("HardBounce"), "hard"),
        (bounced("HardBounce", "smtp;550 5.1.1 user unknown"), "hard"),
        (bounced("HardBounce", "smtp;550 5.7.1 sending IP is on our block list"), "refused"),
        (bounced("SoftBounce", "smtp;552 5.2.2 mailbox full"), "soft"),
        (bounced("Blocked"), "refused"),
        (bounced("SpamComplaint", record="SpamComplaint"), "complaint"),
        (bounced("AutoResponder"), None),
        (bounced("", record="Delivery"), None),
        (
            (
                b'{"RecordType": "SubscriptionChange", "Recipient": "lin@example.org",'
                b' "SuppressSending": true, "SuppressionReason": "ManualSuppression"}'
            ),
            "leave",
        ),
        (b'{"RecordType": "SubscriptionChange", "SuppressSending": false}', None),
    ],
)
def test_an_event_of_postmark_is_understood(body: bytes, kind: str | None) -> None:
    assert kinds(POSTMARK, body) == ([(kind, "lin@example.org")] if kind else [])


def signed_by_mailgun(event: dict[str, object], token: str = "t1", stamp: str = STAMP) -> bytes:
    mark = hmac.new(SECRET, f"{stamp}{token}".encode(), "sha256").hexdigest()
    signature = {"timestamp": stamp, "token": token, "signature": mark}
    return json.dumps({"signature": signature, "event-data": event}).encode()


def test_mailgun_signs_a_token_that_is_good_for_one_body() -> None:
    webhook = mailgun.build(Setup(secret=SECRET.decode()))
    body = signed_by_mailgun({"event": "complained"})
    assert webhook.genuine({}, body, NOW)
    assert webhook.genuine({}, body, NOW)  # the provider repeats it
    assert not webhook.genuine({}, body.replace(b"complained", b"unsubscribed"), NOW)
    assert not webhook.genuine({}, body, NOW + timedelta(minutes=6))
    other = mailgun.build(Setup(secret="another"))
    assert not other.genuine({}, body, NOW)
    assert not other.genuine({}, b"{}", NOW)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"event": "failed", "severity": "permanent", "reason": "bounce"}, "hard"),
        ({"event": "failed", "severity": "temporary", "reason": "generic"}, None),
        (
            {
                "event": "failed",
                "severity": "permanent",
                "delivery-status": {"code": 550, "message": "5.7.1 blocked, spam"},
            },
            "refused",
        ),
        (
            {
                "event": "failed",
                "severity": "permanent",
                "delivery-status": {"code": 550, "message": "5.1.1 no such user"},
            },
            "hard",
        ),
        ({"event": "failed", "reason": "suppress-unsubscribe"}, "leave"),
        ({"event": "complained"}, "complaint"),
        ({"event": "unsubscribed"}, "leave"),
        ({"event": "delivered"}, None),
    ],
)
def test_an_event_of_mailgun_is_understood(event: dict[str, object], kind: str | None) -> None:
    webhook = mailgun.build(Setup(secret=SECRET.decode()))
    body = signed_by_mailgun({**event, "recipient": "lin@example.org", "id": "m1"})
    assert kinds(webhook, body) == ([(kind, "lin@example.org")] if kind else [])


def test_sendgrid_signs_with_its_own_key_over_time_and_body() -> None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.generate_private_key(ec.SECP256R1())
    form = PublicFormat.SubjectPublicKeyInfo
    public = b64encode(key.public_key().public_bytes(Encoding.DER, form)).decode()
    webhook = sendgrid.build(Setup(secret=public))
    body = json.dumps(
        [
            {"event": "bounce", "email": "a@example.org", "reason": "550 5.1.1 no such user"},
            {"event": "bounce", "type": "blocked", "email": "b@example.org", "reason": "550 spam"},
            {"event": "dropped", "email": "c@example.org", "reason": "Bounced Address"},
            {"event": "spamreport", "email": "d@example.org"},
            {"event": "group_unsubscribe", "email": "e@example.org"},
            {"event": "deferred", "email": "f@example.org"},
            7,
        ]
    ).encode()
    mark = b64encode(key.sign(STAMP.encode() + body, ec.ECDSA(SHA256()))).decode()
    name = "x-twilio-email-event-webhook"
    headers = {f"{name}-signature": mark, f"{name}-timestamp": STAMP}
    assert webhook.genuine(headers, body, NOW)
    assert not webhook.genuine(headers, body + b" ", NOW)
    assert not webhook.genuine(headers, body, NOW + timedelta(minutes=6))
    assert not webhook.genuine({**headers, f"{name}-signature": "ä"}, body, NOW)
    assert not webhook.genuine({}, body, NOW)
    assert [kind for kind, _ in kinds(webhook, body)] == [
        "hard",
        "refused",
        "hard",
        "complaint",
        "leave",
    ]


class Sns:
    """A topic of our own: its key, its certificate, and what was fetched."""

    def __init__(self) -> None:
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import Encoding

        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
        made = x509.CertificateBuilder(name, name, self.key.public_key(), 1, NOW, NOW)
        self.certificate = made.sign(self.key, SHA256()).public_bytes(Encoding.PEM)
        self.fetched: list[str] = []
        self.webhook = ses.build(Setup(secret="", options={"topic": TOPIC}, fetch=self.fetch))

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        return self.certificate if url.endswith(".pem") else b"<ok/>"

    def message(self, event: object, *, version: str = "2", **others: str) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA1, SHA256

        told = {
            "Type": "Notification",
            "MessageId": "n1",
            "TopicArn": TOPIC,
            "Message": json.dumps(event),
            "Timestamp": "2026-03-16T08:00:00.000Z",
            "SignatureVersion": version,
            "SigningCertURL": CERTIFICATE_URL,
            **others,
        }
        digest = SHA256() if version == "2" else SHA1()
        mark = self.key.sign(ses.signed_text(told), PKCS1v15(), digest)
        return json.dumps({**told, "Signature": b64encode(mark).decode()}).encode()


@pytest.fixture(scope="module")
def sns() -> Sns:
    return Sns()


@pytest.mark.parametrize("version", ["1", "2"])
def test_sns_signs_with_a_certificate_from_amazon_alone(sns: Sns, version: str) -> None:
    body = sns.message({"notificationType": "Bounce"}, version=version, Subject="x")
    assert sns.webhook.genuine({}, body, NOW)
    assert not sns.webhook.genuine({}, body.replace(b"Bounce", b"Bounty"), NOW)
    other_topic = sns.message({}, version=version, TopicArn=TOPIC + "2")
    assert not sns.webhook.genuine({}, other_topic, NOW)
    assert Sns().webhook.genuine({}, body, NOW) is False
    before = len(sns.fetched)
    for url in (
        "https://sns.eu-central-1.amazonaws.com.example.org/x.pem",
        "http://sns.eu-central-1.amazonaws.com/x.pem",
        "https://example.org/sns.eu-central-1.amazonaws.com/x.pem",
        "https://u@sns.eu-central-1.amazonaws.com:444/x.pem",
        "https://[",
    ):
        forged = sns.message({}, version=version, SigningCertURL=url)
        assert not sns.webhook.genuine({}, forged, NOW)
    assert len(sns.fetched) == before
    assert sns.fetched.count(CERTIFICATE_URL) == 1


def test_a_subscription_of_the_topic_is_confirmed(sns: Sns) -> None:
    url = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
    asked = {"Type": "SubscriptionConfirmation", "SubscribeURL": url, "Token": "t"}
    body = sns.message({}, **asked)
    assert sns.webhook.genuine({}, body, NOW)
    assert sns.webhook.reports(body) == ()
    assert sns.fetched[-1] == url
    elsewhere = sns.message({}, **{**asked, "SubscribeURL": "https://example.org/"})
    sns.webhook.reports(elsewhere)
    assert sns.fetched[-1] == url


def of_ses(kind: str, part: str = "General", reason: str = "") -> dict[str, object]:
    one = {"emailAddress": "lin@example.org", "diagnosticCode": reason}
    bounce = {"bounceType": kind, "bounceSubType": part, "bouncedRecipients": [one]}
    return {"notificationType": "Bounce", "bounce": bounce}


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (of_ses("Permanent", reason="smtp; 550 5.1.1 user unknown"), "hard"),
        (of_ses("Permanent", reason="smtp; 554 5.7.1 blocked using a block list"), "refused"),
        (of_ses("Permanent", "OnAccountSuppressionList"), "hard"),
        (of_ses("Transient", "MailboxFull", "smtp; 552 5.2.2 mailbox full"), "soft"),
        (of_ses("Transient", "ContentRejected"), "refused"),
        (
            {
                "eventType": "Complaint",
                "complaint": {"complainedRecipients": [{"emailAddress": "lin@example.org"}]},
            },
            "complaint",
        ),
        ({"eventType": "Delivery"}, None),
    ],
)
def test_an_event_of_ses_is_understood(
    sns: Sns, event: dict[str, object], kind: str | None
) -> None:
    assert kinds(sns.webhook, sns.message(event)) == ([(kind, "lin@example.org")] if kind else [])


@given(st.binary(max_size=200))
def test_no_body_at_all_breaks_any_provider(body: bytes) -> None:
    aws = ses.build(Setup(secret="", options={"topic": TOPIC}, fetch=lambda _url: b""))
    for webhook in (POSTMARK, aws, mailgun.build(Setup(secret="x"))):
        for raw in (body, b"{" + body, b'{"signature": {}, "event-data": {}}'):
            webhook.reports(raw)
            assert not webhook.genuine({}, raw, NOW)
