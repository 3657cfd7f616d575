"""Signing in at an SMTP server: in any script, put off, by OAuth, and what a refusal means."""

import base64
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from digest.delivery.mailers import smtp
from digest.model.errors import ConfigError, DigestError
from tests.http_server import Answer, HttpServer
from tests.mailing import FAST, opened_office


@dataclass
class Door:
    """A server that only lets in: ``verdicts`` answer the sign-ins in turn, the last one stays."""

    port: int = 0
    verdicts: list[str] = field(default_factory=lambda: ["235 welcome"])
    said: list[str] = field(default_factory=list)
    offers: str = "AUTH PLAIN LOGIN"
    taken: int = 0


def _speak(door: Door, connection: socket.socket) -> None:
    file = connection.makefile("rwb")

    def say(line: str) -> None:
        file.write(f"{line}\r\n".encode())
        file.flush()

    say("220 door.example.org ESMTP")
    while raw := file.readline():
        line = raw.decode().strip()
        word = line[:4].upper()
        if word == "EHLO":
            say(f"250-door.example.org\r\n250 {door.offers}" if door.offers else "250 door")
        elif word == "AUTH":
            door.said.append(line)
            if line.startswith("AUTH LOGIN"):
                say("334 UGFzc3dvcmQ6")
                door.said.append(file.readline().decode().strip())
            verdict = door.verdicts.pop(0) if len(door.verdicts) > 1 else door.verdicts[0]
            if verdict.startswith("334"):
                say(verdict)
                file.readline()
                verdict = "535 5.7.8 not accepted"
            say(verdict)
        elif word == "DATA":
            say("354 go on")
            while file.readline() not in (b".\r\n", b""):
                pass
            door.taken += 1
            say("250 taken")
        elif word == "QUIT":
            say("221 bye")
            break
        else:
            say("250 fine")
    connection.close()


@contextmanager
def opened_door() -> Iterator[Door]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        door = Door(port=listening.getsockname()[1])

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=_speak, args=(door, connection), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield door
        listening.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def door() -> Iterator[Door]:
    with opened_door() as running:
        yield running


def mailer(door: Door, **options: object) -> smtp.SmtpMailer:
    place = {"host": "127.0.0.1", "port": door.port, "security": "none", "timeout": 5}
    built = smtp.build({**place, "user": "weekly", "password": "geheim", **options})
    return replace(built, waits=(0.0, 0.0))


def decoded(line: str) -> str:
    return base64.b64decode(line.rsplit(maxsplit=1)[-1]).decode()


@pytest.mark.parametrize("password", ["paesswört", "密碼一二三", "pass word"])
def test_a_password_leaves_as_utf_8(door: Door, password: str) -> None:
    mailer(door, password=password).check()
    assert decoded(door.said[0]) == f"\0weekly\0{password}"
    door.offers = "AUTH LOGIN"
    mailer(door, password=password).check()
    assert [decoded(line) for line in door.said[1:]] == ["weekly", password]


def test_a_sign_in_that_is_put_off_is_waited_out(door: Door, store_path: Path) -> None:
    door.verdicts = ["454 4.7.0 Temporary authentication failure"] * 2 + ["235 welcome"]
    assert mailer(door).check().startswith("as weekly at 127.0.0.1")
    door.verdicts = ["235 welcome", *["454 4.7.0 Temporary authentication failure"] * 4, "235 yes"]
    with opened_office(f"sqlite:///{store_path}", 6) as office:
        office.send(mailer(door, connections=3, per_connection=1), FAST)
        assert office.counts() == {"sent": 6}
        assert door.taken == 6
    door.verdicts = ["454 4.7.0 Temporary authentication failure"]
    with pytest.raises(DigestError, match="puts the sign-in off: 454") as caught:
        mailer(door).check()
    assert not isinstance(caught.value, ConfigError)


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("535 5.7.8 Username and Password not accepted", "digest login smtp"),
        ("534 5.7.9 Application-specific password required", "made for programs alone"),
        ("535 5.7.139 SmtpClientAuthentication is disabled for the Tenant", "set oauth"),
        ("534 5.7.14 Please log in via your web browser", "in a browser"),
        ("535 Error: 请使用授权码登录", "the code for mail programs"),
        ("538 5.7.11 Encryption required for this mechanism", 'security = "starttls"'),
        ("535 5.7.0 too many failed attempts", "locked for a while"),
    ],
)
def test_a_refused_sign_in_says_why_and_what_to_do(door: Door, verdict: str, said: str) -> None:
    door.verdicts = [verdict]
    with pytest.raises(ConfigError, match="does not accept the password of weekly") as caught:
        mailer(door).check()
    assert said in str(caught.value)


def test_a_server_that_offers_no_sign_in_is_told(door: Door) -> None:
    door.offers = ""
    with pytest.raises(ConfigError, match=r"it offers no sign-in \(AUTH\)\. It may offer one"):
        mailer(door).check()


def token(number: int, lasts: int = 3600) -> Answer:
    body = {"access_token": f"token-{number}", "expires_in": lasts, "token_type": "Bearer"}
    return Answer(body=json.dumps(body).encode(), type="application/json")


def by_oauth(door: Door, server: HttpServer, **options: object) -> smtp.SmtpMailer:
    door.offers = "AUTH LOGIN XOAUTH2"
    wanted = {"oauth": f"{server.url}/token", "client_id": "app", "client_secret": "s&cret"}
    return mailer(door, **{**wanted, "refresh_token": "refresh me", "password": "", **options})


def test_oauth_signs_in_with_one_token_for_all_connections(
    door: Door, http_server: HttpServer, store_path: Path
) -> None:
    http_server.put("/token", token(1))
    with opened_office(f"sqlite:///{store_path}", 6) as office:
        office.send(by_oauth(door, http_server, connections=3), FAST)
        assert office.counts() == {"sent": 6}
    said = {decoded(line) for line in door.said}
    assert said == {"user=weekly\1auth=Bearer token-1\1\1"}
    (asked,) = http_server.log
    assert asked.body == (
        b"grant_type=refresh_token&client_id=app&client_secret=s%26cret&refresh_token=refresh+me"
    )


def test_a_token_that_is_not_taken_any_more_is_replaced(
    door: Door, http_server: HttpServer
) -> None:
    http_server.put("/token", [token(1), token(2)])
    expired = base64.b64encode(b'{"status":"401"}').decode()
    door.verdicts = [f"334 {expired}", "235 welcome"]
    by_oauth(door, http_server).check()
    assert [decoded(line).split("Bearer ")[1].strip("\1") for line in door.said] == [
        "token-1",
        "token-2",
    ]


def test_a_token_is_replaced_before_it_ends(door: Door, http_server: HttpServer) -> None:
    http_server.put("/token", [token(1, lasts=60), token(2, lasts=3600)])
    carrier = by_oauth(door, http_server)
    for _ in range(3):
        carrier.check()
    assert len(http_server.log) == 2


def test_a_consent_that_ended_keeps_everybody_queued(
    door: Door, http_server: HttpServer, store_path: Path
) -> None:
    refusal = b'{"error": "invalid_grant", "error_description": "Token has been revoked"}'
    http_server.put("/token", Answer(body=refusal, status=400, type="application/json"))
    with opened_office(f"sqlite:///{store_path}", 3) as office:
        with pytest.raises(DigestError, match="The consent ended: give it anew"):
            office.send(by_oauth(door, http_server), FAST)
        assert set(office.counts()) <= {"queued", "deferred"}
    assert not door.said


def test_what_oauth_lacks_is_named(door: Door, http_server: HttpServer) -> None:
    with pytest.raises(ConfigError, match=r"\[mailers.smtp\] client_id: is not set"):
        by_oauth(door, http_server, client_id="")
    with pytest.raises(ConfigError, match="DIGEST_SMTP_REFRESH_TOKEN is not set"):
        by_oauth(door, http_server, refresh_token="")
    with pytest.raises(ConfigError, match=r"oauth: 'yahu' is unknown"):
        by_oauth(door, http_server, oauth="yahu")
    http_server.put("/token", token(1))
    carrier = by_oauth(door, http_server)
    door.offers = "AUTH PLAIN"
    with pytest.raises(ConfigError, match="no sign-in by OAuth"):
        carrier.check()
