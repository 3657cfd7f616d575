"""Bounces on a real IMAP server (Dovecot): each is read once, and letters stay unread."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digest.audience.imap_mailbox import ImapMailbox, encode_folder, read_messages
from digest.model.errors import ConfigError, DigestError
from tests.dovecot import PASSWORD, USER, ImapServer, imap_serving


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("imap-tls")
    folder.chmod(0o755)
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        (
            f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {key} -out {cert} -days 2"
            " -subj /CN=localhost -addext subjectAltName=DNS:localhost"
        ).split(),
        check=True,
        capture_output=True,
    )
    return cert, key


@pytest.fixture(scope="module")
def server(certificate: tuple[Path, Path]) -> Iterator[ImapServer]:
    with imap_serving(certificate) as running:
        yield running


@pytest.fixture
def mailbox(server: ImapServer, certificate: tuple[Path, Path]) -> ImapMailbox:
    return ImapMailbox(
        host="localhost",
        port=server.secure,
        user=USER,
        password=PASSWORD,
        ca_file=str(certificate[0]),
        timeout=10,
    )


def letter(number: int) -> bytes:
    return f"From: MAILER-DAEMON@mx.example\nSubject: {number}\n\n退信 {number}\n".encode()


def subjects(mailbox: ImapMailbox) -> list[str]:
    return [
        next(line for line in raw.decode().splitlines() if line.startswith("Subject"))
        for raw in read_messages(mailbox)
    ]


def test_each_message_is_read_once_and_stays_unread_for_people(
    server: ImapServer, mailbox: ImapMailbox
) -> None:
    server.deliver(letter(1), letter(2))
    assert sorted(subjects(mailbox)) == ["Subject: 1", "Subject: 2"]
    assert subjects(mailbox) == []
    assert not any("S" in flags for flags in server.flags())
    server.deliver(letter(3))
    first = next(read_messages(mailbox))  # the program ends here: nothing was acted on
    assert b"Subject: 3" in first
    assert subjects(mailbox) == ["Subject: 3"]
    assert subjects(replace(mailbox, port=server.port, security="starttls")) == []


def test_a_folder_in_any_script_is_found(server: ImapServer, mailbox: ImapMailbox) -> None:
    server.deliver(letter(7), folder=encode_folder("退信 & more"))
    assert subjects(replace(mailbox, folder="退信 & more")) == ["Subject: 7"]
    with pytest.raises(ConfigError, match=r"it has no folder 'Bounces'\. It has: .*INBOX"):
        subjects(replace(mailbox, folder="Bounces"))


def test_what_is_set_wrong_is_named(server: ImapServer, mailbox: ImapMailbox) -> None:
    for password in ("falsch", "fälsch"):
        with pytest.raises(ConfigError, match="does not accept the password of bounces"):
            subjects(replace(mailbox, password=password))
    with pytest.raises(ConfigError, match="its certificate is not good"):
        subjects(replace(mailbox, ca_file=""))
    with pytest.raises(ConfigError, match="speaks no TLS here"):
        subjects(replace(mailbox, port=server.port))
    with pytest.raises(DigestError, match="cannot be reached: Connection refused"):
        subjects(replace(mailbox, port=1))
    with pytest.raises(ConfigError, match="there is no such host"):
        subjects(replace(mailbox, host="no-such-host.invalid"))
