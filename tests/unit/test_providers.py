"""Hooks: the signatures of providers, and what they report."""

import hmac
import json
from base64 import b64encode
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.provider_webhooks import hook
from tests.make import NOW

SECRET = b"0123456789abcdef0123456789abcdef"
RESEND = hook("resend", "whsec_" + b64encode(SECRET).decode())
PLAIN = hook("hmac", SECRET.decode())
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
        hook("resend", "whsec_äöü!")


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
