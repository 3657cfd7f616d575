"""Getting in at an SMTP server: EHLO, TLS, the sign-in, and what a refusal there means in words."""

import base64
import hmac
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache

from digest.model.errors import ConfigError, DigestError

FAILED = (OSError, smtplib.SMTPException, EOFError)
_CHALLENGE, _SIGNED_IN = 334, (235, 503)  # 503: signed in already
_LOCAL = re.compile(r"localhost|\.localdomain$|\.local$", re.IGNORECASE)


class PutOffError(DigestError):
    """The server says that it will listen later (4xx)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """A server and how to get in; ``bearer`` returns an OAuth access token, in place of a password.

    Asked with True it makes a new one.
    """

    host: str
    port: int
    security: str
    user: str = ""
    password: str = ""
    hostname: str = ""
    timeout: float = 60.0
    context: ssl.SSLContext | None = None
    bearer: Callable[[bool], str] | None = None

    @property
    def who(self) -> str:
        """Return in words as whom mail is handed over."""
        return f"as {self.user}" if self.user else "without a password"


def open_connection(place: SmtpServer) -> smtplib.SMTP:
    """Return a connection that is signed in; DigestError says what is wrong, and what to do."""
    try:
        return connect_and_sign_in(place)
    except (*FAILED, UnicodeError) as error:
        raise explain_error(error, place) from None


@contextmanager
def hold_connection(place: SmtpServer) -> Iterator[smtplib.SMTP]:
    """Yield a connection that is signed in, and close it."""
    connection = open_connection(place)
    try:
        yield connection
    finally:
        close_connection(connection)


def close_connection(connection: smtplib.SMTP) -> None:
    """Say good-bye and close."""
    with suppress(*FAILED):
        connection.quit()
    connection.close()


def connect_and_sign_in(place: SmtpServer) -> smtplib.SMTP:
    """Return a connection that is signed in; what smtplib and the system raise is raised."""
    name = place.hostname or "localhost"
    if place.security == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            place.host, place.port, name, timeout=place.timeout, context=place.context
        )
    else:
        connection = smtplib.SMTP(place.host, place.port, name, timeout=place.timeout)
    try:
        connection.local_hostname = place.hostname or own_name(connection.sock)
        connection.ehlo_or_helo_if_needed()
        if place.security == "starttls":
            connection.starttls(context=place.context)
            connection.ehlo_or_helo_if_needed()
        if place.user:
            _sign_in(connection, place)
    except BaseException:
        connection.close()
        raise
    if connection.sock:
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def own_name(sock: socket.socket | None) -> str:
    """Return what EHLO says (RFC 5321, 4.1.3): the full name of this machine, else its address."""
    if name := _full_name():
        return name
    address = str(sock.getsockname()[0]).partition("%")[0] if sock else "127.0.0.1"
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


@cache
def _full_name() -> str:
    name = socket.getfqdn()
    return name if "." in name and name.isascii() and not _LOCAL.search(name) else ""


def _sign_in(connection: smtplib.SMTP, place: SmtpServer) -> None:
    """Sign in by the best way that both know; SMTPAuthenticationError where none is taken.

    A password leaves as UTF-8 (RFC 4616). What is put off (4xx) is not tried in another way.
    """
    offered = connection.esmtp_features.get("auth", "").upper().split()
    if place.bearer:
        _by_token(connection, place, offered)
        return
    ways = {"CRAM-MD5": _auth_cram_md5, "PLAIN": _auth_plain, "LOGIN": _auth_login}
    if not offered:
        raise smtplib.SMTPNotSupportedError("it offers no sign-in (AUTH)")
    known = [name for name in ways if name in offered]
    if not known:
        raise smtplib.SMTPNotSupportedError(f"it offers no sign-in that is known: {offered}")
    code, text = 0, b""
    for name in known:
        code, text = ways[name](connection, place)
        if code in _SIGNED_IN:
            return
        if code // 100 == 4:
            break
    raise smtplib.SMTPAuthenticationError(code, text)


def _auth_plain(connection: smtplib.SMTP, place: SmtpServer) -> tuple[int, bytes]:
    return connection.docmd(
        "AUTH", f"PLAIN {_encode_base64(f'{chr(0)}{place.user}{chr(0)}{place.password}')}"
    )


def _auth_login(connection: smtplib.SMTP, place: SmtpServer) -> tuple[int, bytes]:
    code, text = connection.docmd("AUTH", f"LOGIN {_encode_base64(place.user)}")
    return connection.docmd(_encode_base64(place.password)) if code == _CHALLENGE else (code, text)


def _auth_cram_md5(connection: smtplib.SMTP, place: SmtpServer) -> tuple[int, bytes]:
    """Answer a challenge (RFC 2195); refused where this machine allows no MD5."""
    code, text = connection.docmd("AUTH", "CRAM-MD5")
    if code != _CHALLENGE:
        return code, text
    try:
        answer = hmac.new(place.password.encode(), base64.b64decode(text), "md5").hexdigest()
    except ValueError:
        return connection.docmd("*")
    return connection.docmd(_encode_base64(f"{place.user} {answer}"))


def _by_token(connection: smtplib.SMTP, place: SmtpServer, offered: list[str]) -> None:
    """Sign in with an access token (XOAUTH2); with a new one where the first is not taken."""
    if "XOAUTH2" not in offered or place.bearer is None:
        raise smtplib.SMTPNotSupportedError("it offers no sign-in by OAuth (XOAUTH2)")
    code, text = 0, b""
    for fresh in (False, True):
        said = f"user={place.user}\1auth=Bearer {place.bearer(fresh)}\1\1"
        code, text = connection.docmd("AUTH", f"XOAUTH2 {_encode_base64(said)}")
        if code == _CHALLENGE:  # the error is told in JSON; an empty line asks for the refusal
            code, text = connection.docmd("")
        if code in _SIGNED_IN:
            return
        if code // 100 == 4:
            break
    raise smtplib.SMTPAuthenticationError(code, text)


def _encode_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def explain_error(error: Exception, place: SmtpServer) -> DigestError:
    """Return *error* in the words of a person who has to mend it."""
    where = f"SMTP server {place.host}:{place.port}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _not_signed_in(error, place, where)
    if isinstance(error, ssl.SSLCertVerificationError):
        cause = f"its certificate is not good: {error.verify_message}"
        remedy = "Use the name that stands in the certificate, or set ca_file in [mailers.smtp]."
        return ConfigError(where, cause, remedy)
    if isinstance(error, ssl.SSLError):
        cause = f"speaks no TLS here: {error.reason or error}"
        return ConfigError(where, cause, 'Try security = "starttls" with port 587.')
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return ConfigError(where, f"cannot: {error}", _other_security(error, place))
    if isinstance(error, socket.gaierror | UnicodeError):
        return ConfigError(where, "there is no such host", "Mend host in [mailers.smtp].")
    if isinstance(error, smtplib.SMTPResponseException):
        refusal = PutOffError if error.smtp_code // 100 == 4 else DigestError
        return refusal(where, f"answers {error.smtp_code} {join_reply(error.smtp_error)}")
    if isinstance(error, TimeoutError):
        return DigestError(where, f"did not answer within {place.timeout:g} s", "Is it the port?")
    cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return DigestError(where, f"cannot be reached: {cause}", "Mend host and port, or start it.")


def _other_security(error: Exception, place: SmtpServer) -> str:
    if "sign-in" not in str(error):
        return 'Set security = "tls" with port 465, or "none" for a server on this machine.'
    if "OAuth" in str(error):
        return "Leave oauth out of [mailers.smtp], and set a password."
    if place.security == "none":
        return 'It may offer one under TLS only: set security = "starttls" or "tls".'
    return "Leave user out of [mailers.smtp] where the server wants no password."


_ADVICE = (
    (
        r"application-specific|app(?:lication)? password|5\.7\.9\b",
        "it wants a password made for programs alone: make one in the account, and give that.",
    ),
    (
        r"SmtpClientAuthentication is disabled|basic auth|5\.7\.139",
        "passwords are switched off there: let the administrator allow SMTP AUTH, or set oauth.",
    ),
    (r"web ?browser|webloginrequired|5\.7\.14\b", "sign in once in a browser, then try again."),
    (r"授权码|授權碼|authori[sz]ation code", "it wants the code for mail programs, no password."),
    (r"starttls|encrypt|5\.7\.11\b", 'set security = "starttls" or "tls" in [mailers.smtp].'),
    (r"too many|locked|suspend", "the account is locked for a while: wait, then try again."),
)


def _not_signed_in(
    error: smtplib.SMTPAuthenticationError, place: SmtpServer, where: str
) -> DigestError:
    """Return why the sign-in failed, by what the server itself says of it."""
    words = join_reply(error.smtp_error)
    if error.smtp_code // 100 == 4:
        cause = f"puts the sign-in off: {error.smtp_code} {words}"
        return PutOffError(where, cause, "Try again later.")
    what = "access token" if place.bearer else "password"
    cause = f"does not accept the {what} of {place.user}: {words}"
    for pattern, advice in _ADVICE:
        if re.search(pattern, words, re.IGNORECASE):
            return ConfigError(where, cause, f"{advice[:1].upper()}{advice[1:]}")
    return ConfigError(where, cause, "Set the right one with: digest login smtp")


def join_reply(text: bytes | str) -> str:
    """Return what a server said, in a line."""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(plain.split())[:300]
