"""Providers report to a running site."""

import hmac
import time
from pathlib import Path

import pytest

from tests.public_site import Running, running

SECRET = "0123456789abcdef0123456789abcdef"
HOOK = '\n[serve.hooks.relay]\nkind = "hmac"\nsecret_file = "relay.secret"\n'
BODY = '{"events": [{"type": "bounce", "address": "lin@example.org", "id": "1"}]}'


@pytest.fixture
def site(tmp_path: Path):
    (tmp_path / "relay.secret").write_text(SECRET + "\n")
    with running(tmp_path, HOOK, per_minute="60") as made:
        made.subscribe()
        yield made


def report(site: Running, body: str, *, at: float = 0.0, secret: str = SECRET) -> int:
    stamp = str(int(time.time() + at))
    mark = hmac.digest(secret.encode(), f"{stamp}.{body}".encode(), "sha256").hex()
    headers = {"X_Digest_Timestamp": stamp, "X_Digest_Signature": f"sha256={mark}"}
    return site.ask("POST", "/hooks/relay", body, **headers).status


def test_a_signed_report_is_acted_on_once(site: Running) -> None:
    assert [report(site, BODY) for _ in range(3)] == [200] * 3
    assert site.state() == "bounced"
    assert [e.what for e in site.audience.events(1)].count("bounced") == 1


def test_who_cannot_sign_reports_nothing(site: Running) -> None:
    assert report(site, BODY, secret="x" * 32) == 401
    assert report(site, BODY, at=-600) == 401
    assert site.ask("POST", "/hooks/relay", BODY).status == 401
    assert site.ask("POST", "/hooks/other", BODY).status == 404
    assert site.state() == "pending"


def test_who_guesses_is_slowed_down(site: Running) -> None:
    assert 429 in {report(site, BODY, secret="x" * 32) for _ in range(8)}
    assert report(site, BODY) == 200


def test_a_report_about_nobody_is_taken(site: Running) -> None:
    assert report(site, BODY.replace("lin@", "wang@")) == 200
    assert report(site, "{}") == 200
    assert report(site, "Subject: hello\n\nyou") == 200


def test_a_report_that_is_too_large_is_refused(site: Running) -> None:
    said = site.ask("POST", "/hooks/relay", b"x" * 10, content_length="99999999")
    assert said.status == 413
