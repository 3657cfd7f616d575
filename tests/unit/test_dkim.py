"""DKIM: what is signed verifies, and what is changed on the way does not."""

import re
import subprocess

import dkim
import pytest

from digest.model.errors import ConfigError
from digest.render import mime
from digest.render.email import render_email
from digest.render.personalize import DkimKey, sign_message
from digest.render.templates import Templates
from tests.issues import chinese, letterhead


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    path = tmp_path_factory.mktemp("dkim") / "key.pem"
    subprocess.run(["openssl", "genrsa", "-out", path, "2048"], check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
def record(pem):
    """Return what DNS would answer for the key."""
    public = subprocess.run(
        ["openssl", "rsa", "-in", pem, "-pubout"], check=True, capture_output=True, text=True
    ).stdout
    return b"v=DKIM1; k=rsa; p=" + "".join(public.splitlines()[1:-1]).encode()


@pytest.fixture
def signed(pem):
    made = render_email(chinese(), Templates.load(), letterhead())
    message = mime.fill_message(mime.open_message(made), mime.make_dummy_values())
    return sign_message(message, DkimKey.load(pem, domain="example.org", selector="digest"))


def verifies(message, record):
    return dkim.verify(message, dnsfunc=lambda name, timeout=5: record)


def test_a_signature_verifies_and_covers_both_unsubscribe_fields(signed, record):
    assert verifies(signed, record)
    covered = re.sub(rb"\s", b"", re.search(rb"\bh=([^;]+);", signed)[1]).split(b":")
    assert {b"from", b"subject", b"list-unsubscribe", b"list-unsubscribe-post"} <= set(covered)
    assert re.search(rb"\bd=example\.org;", signed)


@pytest.mark.parametrize(
    "part", [b"https://digest.example.org/u/preview", b"Subject: =", b"--=_", b"=E7"]
)
def test_what_is_changed_does_not_verify(signed, record, part):
    changed = signed.replace(part, part[:-1] + b"X", 1)
    assert changed != signed
    assert not verifies(changed, record)


def test_a_relay_may_refold(signed, record):
    assert verifies(signed.replace(b"\r\n <", b"\r\n\t<"), record)


def test_a_key_that_is_none_is_named(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        DkimKey.load(tmp_path / "gone.pem", domain="example.org", selector="x")
    (tmp_path / "a.pem").write_text("no key")
    with pytest.raises(ConfigError, match="no private key"):
        DkimKey.load(tmp_path / "a.pem", domain="example.org", selector="x")
    broken = DkimKey(
        domain="example.org", selector="x", pem=b"-----BEGIN RSA PRIVATE KEY-----\nAA==\n"
    )
    with pytest.raises(ConfigError, match="DKIM key x"):
        sign_message(b"From: a@example.org\r\n\r\n\r\n", broken)
