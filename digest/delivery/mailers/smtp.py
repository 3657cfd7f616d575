"""SMTP (RFC 5321): one connection a thread, each message certain before it is on its way.

One SMTP connection: what is said on it, and what the answers mean.

The envelope goes out in one piece where the server can take it so (PIPELINING, RFC 2920); not a
byte of the message leaves before the server asked for it, and what happens before is certain.

SMTP (RFC 5321): STARTTLS or TLS with the certificate checked, a connection a thread, DKIM.
"""

import re
import smtplib
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any, Literal

import msgspec

from digest.config import validation
from digest.delivery.mailers._oauth import SCOPES, URLS, TokenSource
from digest.delivery.mailers._smtp_server import (
    FAILED,
    PutOffError,
    SmtpServer,
    close_connection,
    connect_and_sign_in,
    explain_error,
    hold_connection,
    join_reply,
)
from digest.model import Outcome
from digest.model.errors import ConfigError, DigestError
from digest.model.mailing import Message
from digest.model.ports.mail import MailerLimits
from digest.model.ports.social import SignIn
from digest.model.refusals import find_refusal_cause, is_greylisting

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
        self, place: SmtpServer, sign: Callable[[bytes], bytes] | None, *, per_connection: int = 0
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
            close_connection(self._open)
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
            reply = _send_envelope(connection, message, content)
        except FAILED:
            self._drop()
            return None
        if reply is None:
            return self._content(connection, content)
        outcome = classify_reply(reply)
        if reply.code == 421:
            self._drop()
            return outcome if fresh or outcome.crowded else None
        self._reset(connection)
        return outcome

    def _connection(self) -> smtplib.SMTP:
        if self._open is None:
            self._open, self._used = connect_and_sign_in(self._place), 0
        return self._open

    def _content(self, connection: smtplib.SMTP, content: bytes) -> Outcome:
        """Send what the server asked for; only its answer tells what became of it."""
        try:
            connection.send(stuff_dots(content))
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
        return classify_reply(Reply(".", code, join_reply(text)))

    def _reset(self, connection: smtplib.SMTP) -> None:
        try:
            connection.rset()
        except FAILED:
            self._drop()

    def _drop(self) -> None:
        if self._open:
            self._open.close()
        self._open, self._used = None, 0


def _send_envelope(connection: smtplib.SMTP, message: Message, content: bytes) -> Reply | None:
    """Say whom *message* is from and for; return the refusal, None where it is asked for."""
    commands = make_envelope_commands(message, content, connection.esmtp_features)
    if connection.has_extn("pipelining"):
        connection.send("".join(f"{command}\r\n" for command in commands).encode())
        replies = [_ask_reply(connection, command) for command in commands]
        return _first_refusal(connection, replies)
    for command in commands:
        connection.send(f"{command}\r\n".encode())
        if refusal := _first_refusal(connection, [_ask_reply(connection, command)]):
            return refusal
    return None


def make_envelope_commands(message: Message, content: bytes, features: dict[str, str]) -> list[str]:
    """Return the commands before the content, with the extensions that are needed and there."""
    extra = f" SIZE={len(content)}" if "size" in features else ""
    if not (message.recipient + message.sender).isascii():
        extra += " SMTPUTF8"
    if not content.isascii() and "8bitmime" in features:
        extra += " BODY=8BITMIME"
    return [f"MAIL FROM:<{message.sender}>{extra}", f"RCPT TO:<{message.recipient}>", "DATA"]


def _ask_reply(connection: smtplib.SMTP, command: str) -> Reply:
    code, text = connection.getreply()
    return Reply(command[:4], code, join_reply(text))


def _first_refusal(connection: smtplib.SMTP, replies: Sequence[Reply]) -> Reply | None:
    """Return the first refusal among *replies*; a DATA that was taken all the same is ended."""
    refusal = next((one for one in replies if one.code // 100 not in (2, 3)), None)
    last = replies[-1]
    if refusal and last.to == "DATA" and last.code == 354:
        connection.send(b".\r\n")  # RFC 2920, 3.1: no recipient stands, so nothing is delivered
        connection.getreply()
    return refusal


def turned_away(error: Exception, place: SmtpServer) -> Outcome:
    """Return what it means that no connection could be opened: never anything about a reader."""
    told = error if isinstance(error, DigestError) else explain_error(error, place)
    final = isinstance(told, ConfigError)
    crowded = False
    if isinstance(error, smtplib.SMTPResponseException):
        words = join_reply(error.smtp_error)
        crowded = bool(_CROWDED.search(words)) or error.smtp_code == 421
        final |= error.smtp_code // 100 == 5 and not crowded
    status: Literal["rejected", "deferred"] = "rejected" if final else "deferred"
    return Outcome(status=status, reason=str(told), general=True, crowded=crowded)


def classify_reply(reply: Reply) -> Outcome:
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
    concern = find_refusal_cause(words)
    if kind == 4 and (reply.code in _ALWAYS or _THROTTLED.search(words)):
        crowded = bool(_CROWDED.search(words))
        return Outcome(status="deferred", reason=words, general=True, crowded=crowded)
    about_reader = concern == "reader" or (concern == "mailbox" and reply.to == "RCPT")
    about_reader = about_reader and reply.to != "MAIL"
    if kind == 4 and is_greylisting(words):
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


def stuff_dots(content: bytes) -> bytes:
    """Return *content* as it goes over the wire: dots doubled, ended by a lone one (RFC 5321)."""
    body = content.replace(b"\r\n.", b"\r\n..")
    if body.startswith(b"."):
        body = b"." + body
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")


_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_Whole = Annotated[int, msgspec.Meta(ge=1, le=200)]


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[mailers.smtp]``; ``password`` is a secret and is never written there.

    ``connections`` are kept open at once, ``per_connection`` messages sent through each before it
    is opened anew (0: no bound), ``per_second`` at most sent by all of them (0: no bound).
    ``ca_file`` holds a certificate authority of your own. ``hostname`` is what EHLO says.
    ``oauth`` ("google", "microsoft", or the address of a token endpoint) signs in with the tokens
    of ``client_id``, whose secret and refresh token are secrets as well; ``tenant`` is Microsoft's.
    ``dkim_key_file`` signs, under ``dkim_selector`` of ``dkim_domain``, that of From by default.
    """

    host: str
    port: int = 0
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    password_file: str = ""
    ca_file: str = ""
    hostname: str = ""
    oauth: str = ""
    client_id: str = ""
    client_secret: str = ""
    client_secret_file: str = ""
    refresh_token: str = ""
    refresh_token_file: str = ""
    tenant: str = "common"
    dkim_domain: str = ""
    dkim_selector: str = ""
    dkim_key_file: str = ""
    sign: validation.Internal[Any] = None
    connections: _Whole = 10
    per_connection: Annotated[int, msgspec.Meta(ge=0)] = 0
    per_second: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    timeout: Annotated[float, msgspec.Meta(gt=0)] = 60.0


def build(options: Mapping[str, object]) -> "SmtpMailer":
    """Return the mailer; the option ``sign`` is what puts a DKIM-Signature before a message."""
    read = validation.read_options(Options, options, "mailers", "smtp")
    if read.user and read.security == "none" and not _is_here(read.host):
        remedy = 'Set security = "starttls" or "tls" in [mailers.smtp].'
        raise ConfigError(f"SMTP to {read.host}", "the password would be sent in the open", remedy)
    return SmtpMailer(options=read, bearer=_make_token_source(read) if read.oauth else None)


def sign_in() -> SignIn:
    """Return how to get it ready."""
    return SignIn(
        steps=(
            "Ask your mail provider for its SMTP host, user and password.",
            "Port 587 goes with STARTTLS, which is the default; for port 465 set security = tls.",
        ),
        secrets=("password",),
        settings=("host", "user"),
        instead=("oauth", ("client_secret", "refresh_token")),
    )


def _make_token_source(options: Options) -> TokenSource:
    """Return what signs in by OAuth; ConfigError where something of it is missing."""
    url = URLS.get(options.oauth, options.oauth).replace("{tenant}", options.tenant)
    if not url.startswith(("https://", "http://")):
        remedy = f"Use one of: {', '.join(URLS)}, or the address of a token endpoint."
        raise ConfigError("[mailers.smtp] oauth", f"{options.oauth!r} is unknown", remedy)
    for key, value in (("user", options.user), ("client_id", options.client_id)):
        if not value:
            raise ConfigError(f"[mailers.smtp] {key}", "is not set", "OAuth needs it.")
    if not options.refresh_token:
        remedy = "Walk through it with: digest login smtp"
        raise ConfigError("smtp", "DIGEST_SMTP_REFRESH_TOKEN is not set", remedy)
    return TokenSource(
        url=url,
        client_id=options.client_id,
        client_secret=options.client_secret,
        refresh_token=options.refresh_token,
        scope=SCOPES.get(options.oauth, ""),
        timeout=options.timeout,
    )


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMailer:
    """Sends through one server; a sign-in that is put off is tried again after ``waits``."""

    options: Options
    name: str = "smtp"
    bearer: TokenSource | None = None
    waits: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 15.0)

    @property
    def traits(self) -> MailerLimits:
        """Return what it can do."""
        options = self.options
        return MailerLimits(lanes=options.connections, per_second=options.per_second)

    def check(self) -> str:
        """Return where mail would go, after signing in there; DigestError says why it cannot."""
        place = self._place()
        for wait in (*self.waits, None):
            try:
                with hold_connection(place) as connection:
                    connection.noop()
                    break
            except PutOffError:
                if wait is None:
                    raise
                time.sleep(wait)
        return f"{place.who} at {place.host}:{place.port}"

    def lane(self) -> SmtpLane:
        """Return a connection of its own for one thread."""
        return SmtpLane(
            self._place(), self.options.sign, per_connection=self.options.per_connection
        )

    def _place(self) -> SmtpServer:
        options = self.options
        return SmtpServer(
            host=options.host,
            port=options.port or _PORTS[options.security],
            security=options.security,
            user=options.user,
            password=options.password,
            hostname=options.hostname,
            timeout=options.timeout,
            context=_make_tls_context(options) if options.security != "none" else None,
            bearer=self.bearer,
        )


def _make_tls_context(options: Options) -> ssl.SSLContext:
    """Return what checks the server's certificate; there is no way around it but a CA's file."""
    try:
        return ssl.create_default_context(cafile=options.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        remedy = "Name a file of certificates in PEM: [mailers.smtp] ca_file"
        raise DigestError(options.ca_file, f"cannot be read: {error}", remedy) from None
