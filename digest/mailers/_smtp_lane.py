"""One SMTP connection: what is said on it, and what the answers mean.

The envelope goes out in one piece where the server can take it so (PIPELINING, RFC 2920); not a
byte of the message leaves before the server asked for it, and what happens before is certain.
"""

import re
import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from digest.errors import ConfigError, DigestError
from digest.mailers._smtp_door import FAILED, Place, explained, leave, said, sign_in
from digest.model import Outcome
from digest.model.mailing import Message
from digest.model.refusal import asks_to_come_again, concern_of

_THROTTLED = re.compile(
    r"throttl|rate.?limit|sending rate|too many (?:connections|messages|mails|emails)|too fast"
    r"|slow down|concurrent|thread limit|4\.7\.28|4\.3\.[12]\b",
    re.IGNORECASE,
)
_CROWDED = re.compile(
    r"too many (?:\w+ )?(?:connections|sessions)|concurren|simultaneous|thread limit"
    r"|connection (?:count|limit)|(?:max|maximum)\w* (?:number of )?connections|连接数|連線數",
    re.IGNORECASE,
)
_ALWAYS = (421, 454)  # said of the connection, whatever the words are
_NOT_SIGNED_IN = (530, 534, 535, 538)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said to one command, and which: "MAIL", "RCPT", "DATA" or "."."""

    to: str
    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


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
            leave(self._open)
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

    def open(self) -> Outcome | None:
        """Open the connection now; return what stands against it, None where it is open."""
        try:
            self._connection()
        except (*FAILED, UnicodeError, DigestError) as error:
            return turned_away(error, self._place)
        return None

    def _tried(self, message: Message, content: bytes) -> Outcome | None:
        """Return what became of *message*, None where the connection ended before its content."""
        try:
            connection = self._connection()
        except (*FAILED, UnicodeError, DigestError) as error:
            return turned_away(error, self._place)
        if not (message.recipient + message.sender).isascii() and not connection.has_extn(
            "smtputf8"
        ):
            reason = "the server takes no address beyond ASCII (SMTPUTF8)"
            return Outcome(status="rejected", reason=reason)
        fresh, self._used = not self._used, self._used + 1
        try:
            reply = _envelope(connection, message, content)
        except FAILED:
            self._drop()
            return None
        if reply is None:
            return self._content(connection, content)
        outcome = judged(reply)
        if reply.code == 421:
            self._drop()
            return outcome if fresh or outcome.crowded else None
        self._reset(connection)
        return outcome

    def _connection(self) -> smtplib.SMTP:
        if self._open is None:
            self._open, self._used = sign_in(self._place), 0
        return self._open

    def _content(self, connection: smtplib.SMTP, content: bytes) -> Outcome:
        """Send what the server asked for; only its answer tells what became of it."""
        try:
            connection.send(stuffed(content))
        except FAILED:  # its last bytes, the dot, never left
            self._drop()
            return Outcome(status="deferred", reason="the server hung up during the message")
        try:
            code, text = connection.getreply()
        except FAILED as error:
            self._drop()
            cause = "took too long to answer" if isinstance(error, TimeoutError) else "hung up"
            return Outcome(status="unknown", reason=f"the server {cause} after the message")
        if code == 421:
            self._drop()
        return judged(Reply(".", code, said(text)))

    def _reset(self, connection: smtplib.SMTP) -> None:
        try:
            connection.rset()
        except FAILED:
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
    return Reply(command[:4], code, said(text))


def _first_refusal(connection: smtplib.SMTP, replies: Sequence[Reply]) -> Reply | None:
    """Return the first refusal among *replies*; a DATA that was taken all the same is ended."""
    refusal = next((one for one in replies if one.code // 100 not in (2, 3)), None)
    last = replies[-1]
    if refusal and last.to == "DATA" and last.code == 354:
        connection.send(b".\r\n")  # RFC 2920, 3.1: no recipient stands, so nothing is delivered
        connection.getreply()
    return refusal


def turned_away(error: Exception, place: Place) -> Outcome:
    """Return what it means that no connection could be opened: never anything about a reader."""
    told = error if isinstance(error, DigestError) else explained(error, place)
    final = isinstance(told, ConfigError)
    crowded = False
    if isinstance(error, smtplib.SMTPResponseException):
        words = said(error.smtp_error)
        crowded = bool(_CROWDED.search(words)) or error.smtp_code == 421
        final |= error.smtp_code // 100 == 5 and not crowded
    status: Literal["rejected", "deferred"] = "rejected" if final else "deferred"
    return Outcome(status=status, reason=str(told), general=True, crowded=crowded)


def judged(reply: Reply) -> Outcome:
    """Return what *reply* means: for this message, for everybody's, or nobody knows which.

    What is said of the sender (RFC 5321, 4.2.2 says no word of whom a code blames) never counts
    as this reader's; what may wait is ``deferred``, what stops everybody ``rejected``.
    """
    words = f"{reply.code} {reply.text}"
    kind = reply.code // 100
    if kind == 2:
        return Outcome(status="sent", reason="")
    if kind not in (4, 5):
        status: Literal["unknown", "deferred"] = "unknown" if reply.to == "." else "deferred"
        return Outcome(status=status, reason=f"an answer that is none: {words}")
    concern = concern_of(words)
    if kind == 4 and (reply.code in _ALWAYS or _THROTTLED.search(words)):
        crowded = bool(_CROWDED.search(words))
        return Outcome(status="deferred", reason=words, general=True, crowded=crowded)
    about_reader = concern == "reader" or (concern == "mailbox" and reply.to == "RCPT")
    about_reader = about_reader and reply.to != "MAIL"
    if kind == 4 and asks_to_come_again(words):
        return Outcome(status="deferred", reason=words, doubtful=True)
    if kind == 4 and about_reader:
        return Outcome(status="deferred", reason=words)
    if concern in ("sender", "message") or reply.code in _NOT_SIGNED_IN:
        return Outcome(status="rejected", reason=words, general=True)
    if reply.to == "MAIL":
        waits: Literal["rejected", "deferred"] = "deferred" if kind == 4 else "rejected"
        return Outcome(status=waits, reason=words, general=True)
    return Outcome(
        status="deferred" if kind == 4 else "rejected", reason=words, doubtful=not about_reader
    )


def stuffed(content: bytes) -> bytes:
    """Return *content* as it goes over the wire: dots doubled, ended by a lone one (RFC 5321)."""
    body = content.replace(b"\r\n.", b"\r\n..")
    if body.startswith(b"."):
        body = b"." + body
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")
