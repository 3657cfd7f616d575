"""One SMTP connection: what is said on it, and what the answers mean.

The envelope goes out in one piece where the server can take it so (PIPELINING, RFC 2920); not a
byte of the message leaves before the server asked for it, and what happens before is certain.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from digest.errors import ConfigError, DigestError
from digest.model import Outcome
from digest.model.mailing import Message

_THROTTLED = re.compile(
    r"throttl|rate.?limit|sending rate|too many (?:connections|messages|mails|emails)|too fast"
    r"|slow down|4\.7\.28|4\.3\.2",
    re.IGNORECASE,
)
_FAILED = (OSError, smtplib.SMTPException, EOFError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server and how to get in."""

    host: str
    port: int
    security: str
    user: str = ""
    password: str = ""
    hostname: str = ""
    timeout: float = 60.0
    context: ssl.SSLContext | None = None

    @property
    def who(self) -> str:
        """Return in words as whom mail is handed over."""
        return f"as {self.user}" if self.user else "without a password"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said to one command, and which: "MAIL", "RCPT", "DATA" or "."."""

    to: str
    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


def connect(place: Place) -> smtplib.SMTP:
    """Return a connection that is signed in; DigestError says what is wrong, and what to do."""
    try:
        return _signed_in(place)
    except (*_FAILED, UnicodeError) as error:
        raise explained(error, place) from None


@contextmanager
def opened(place: Place) -> Iterator[smtplib.SMTP]:
    """Yield a connection that is signed in, and close it."""
    connection = connect(place)
    try:
        yield connection
    finally:
        _leave(connection)


def _signed_in(place: Place) -> smtplib.SMTP:
    name = place.hostname or socket.gethostname()
    if place.security == "tls":
        made: smtplib.SMTP = smtplib.SMTP_SSL(
            place.host, place.port, name, timeout=place.timeout, context=place.context
        )
    else:
        made = smtplib.SMTP(place.host, place.port, name, timeout=place.timeout)
    try:
        made.ehlo_or_helo_if_needed()
        if place.security == "starttls":
            made.starttls(context=place.context)
            made.ehlo_or_helo_if_needed()
        if place.user:
            made.login(place.user, place.password)
    except BaseException:
        made.close()
        raise
    if made.sock:
        made.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _leave(connection: smtplib.SMTP) -> None:
    with suppress(*_FAILED):
        connection.quit()
    connection.close()


def explained(error: Exception, place: Place) -> DigestError:
    """Return *error* in the words of a person who has to mend it."""
    where = f"SMTP server {place.host}:{place.port}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        cause = f"does not accept the password of {place.user}: {_said(error.smtp_error)}"
        return ConfigError(where, cause, "Set the right one with: digest login smtp")
    if isinstance(error, ssl.SSLCertVerificationError):
        cause = f"its certificate is not good: {error.verify_message}"
        remedy = "Use the name that stands in the certificate, or set ca_file in [mailers.smtp]."
        return ConfigError(where, cause, remedy)
    if isinstance(error, ssl.SSLError):
        cause = f"speaks no TLS here: {error.reason or error}"
        return ConfigError(where, cause, 'Try security = "starttls" with port 587.')
    if isinstance(error, smtplib.SMTPNotSupportedError):
        remedy = 'Set security = "tls" with port 465, or "none" for a server on this machine.'
        return ConfigError(where, f"cannot: {error}", remedy)
    if isinstance(error, socket.gaierror | UnicodeError):
        return ConfigError(where, "there is no such host", "Mend host in [mailers.smtp].")
    if isinstance(error, smtplib.SMTPResponseException):
        return DigestError(where, f"answers {error.smtp_code} {_said(error.smtp_error)}")
    if isinstance(error, TimeoutError):
        return DigestError(where, f"did not answer within {place.timeout:g} s", "Is it the port?")
    cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return DigestError(where, f"cannot be reached: {cause}", "Mend host and port, or start it.")


class SmtpLane:
    """A connection that opens when it is needed, and again when the server hung up."""

    def __init__(
        self, place: Place, sign: Callable[[bytes], bytes] | None, *, per_connection: int = 0
    ) -> None:
        self._place, self._sign, self._most = place, sign, per_connection
        self._open: smtplib.SMTP | None = None
        self._used = 0

    def send(self, messages: Sequence[Message], key: str) -> Sequence[Outcome]:
        """Send each of *messages*; SMTP knows no keys."""
        del key
        return [self._one(message) for message in messages]

    def close(self) -> None:
        """Say good-bye."""
        if self._open:
            _leave(self._open)
        self._open, self._used = None, 0

    def _one(self, message: Message) -> Outcome:
        try:
            content = self._sign(message.content) if self._sign else message.content
        except DigestError as error:
            return Outcome(status="rejected", reason=str(error), general=True)
        if self._most and self._used >= self._most:
            self.close()
        was_used = self._used
        outcome = self._tried(message, content)
        if outcome is None and was_used:  # it had hung up meanwhile, or wants a new connection
            outcome = self._tried(message, content)
        return outcome or Outcome(
            status="deferred", reason="the server hung up before the message", general=True
        )

    def _tried(self, message: Message, content: bytes) -> Outcome | None:
        """Return what became of *message*, None where the connection ended before its content."""
        try:
            connection = self._connection()
        except DigestError as error:
            return Outcome(
                status="rejected" if isinstance(error, ConfigError) else "deferred",
                reason=str(error),
                general=True,
            )
        if not (message.recipient + message.sender).isascii() and not connection.has_extn(
            "smtputf8"
        ):
            reason = "the server takes no address beyond ASCII (SMTPUTF8)"
            return Outcome(status="rejected", reason=reason)
        fresh, self._used = not self._used, self._used + 1
        try:
            reply = _envelope(connection, message, content)
        except _FAILED:
            self._drop()
            return None
        if reply is None:
            return self._content(connection, content)
        outcome = judged(reply)
        if reply.code == 421:
            self._drop()
            return outcome if fresh else None
        self._reset(connection)
        return outcome

    def _connection(self) -> smtplib.SMTP:
        if self._open is None:
            self._open, self._used = connect(self._place), 0
        return self._open

    def _content(self, connection: smtplib.SMTP, content: bytes) -> Outcome:
        """Send what the server asked for; only its answer tells what became of it."""
        try:
            connection.send(stuffed(content))
        except _FAILED:  # its last bytes, the dot, never left
            self._drop()
            return Outcome(status="deferred", reason="the server hung up during the message")
        try:
            code, text = connection.getreply()
        except _FAILED as error:
            self._drop()
            said = "took too long to answer" if isinstance(error, TimeoutError) else "hung up"
            return Outcome(status="unknown", reason=f"the server {said} after the message")
        if code == 421:
            self._drop()
        return judged(Reply(".", code, _said(text)))

    def _reset(self, connection: smtplib.SMTP) -> None:
        try:
            connection.rset()
        except _FAILED:
            self._drop()

    def _drop(self) -> None:
        if self._open:
            self._open.close()
        self._open, self._used = None, 0


def _envelope(connection: smtplib.SMTP, message: Message, content: bytes) -> Reply | None:
    """Say whom *message* is from and for; return the refusal, None where it is asked for."""
    commands = envelope(message, content, connection.esmtp_features)
    if connection.has_extn("pipelining"):
        connection.send("".join(f"{command}\r\n" for command in commands).encode())
        replies = [_reply(connection, command) for command in commands]
        return _first_refusal(connection, replies)
    for command in commands:
        connection.send(f"{command}\r\n".encode())
        if refusal := _first_refusal(connection, [_reply(connection, command)]):
            return refusal
    return None


def envelope(message: Message, content: bytes, features: dict[str, str]) -> list[str]:
    """Return the commands before the content, with the extensions that are needed and there."""
    extra = f" SIZE={len(content)}" if "size" in features else ""
    if not (message.recipient + message.sender).isascii():
        extra += " SMTPUTF8"
    if not content.isascii() and "8bitmime" in features:
        extra += " BODY=8BITMIME"
    return [f"MAIL FROM:<{message.sender}>{extra}", f"RCPT TO:<{message.recipient}>", "DATA"]


def _reply(connection: smtplib.SMTP, command: str) -> Reply:
    code, text = connection.getreply()
    return Reply(command[:4], code, _said(text))


def _first_refusal(connection: smtplib.SMTP, replies: Sequence[Reply]) -> Reply | None:
    """Return the first refusal among *replies*; a DATA that was taken all the same is ended."""
    refusal = next((one for one in replies if one.code // 100 not in (2, 3)), None)
    last = replies[-1]
    if refusal and last.to == "DATA" and last.code == 354:
        connection.send(b".\r\n")  # RFC 2920, 3.1: no recipient stands, so nothing is delivered
        connection.getreply()
    return refusal


def judged(reply: Reply) -> Outcome:
    """Return what *reply* means: for this message, or for everybody's."""
    said = f"{reply.code} {reply.text}"
    if reply.code // 100 == 2:
        return Outcome(status="sent", reason="")
    if reply.code // 100 == 4:
        asked = bool(_THROTTLED.search(reply.text))
        general = asked or reply.code in (421, 454) or reply.to == "MAIL"
        return Outcome(status="deferred", reason=said, general=general)
    if reply.code // 100 == 5:
        general = reply.to == "MAIL" or reply.code in (530, 535, 538)
        return Outcome(status="rejected", reason=said, general=general)
    return Outcome(
        status="unknown" if reply.to == "." else "deferred",
        reason=f"an answer that is none: {said}",
    )


def stuffed(content: bytes) -> bytes:
    """Return *content* as it goes over the wire: dots doubled, ended by a lone one (RFC 5321)."""
    body = content.replace(b"\r\n.", b"\r\n..")
    if body.startswith(b"."):
        body = b"." + body
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")


def _said(text: bytes | str) -> str:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(plain.split())[:300]
