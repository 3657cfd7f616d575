"""Bounces that lie on an IMAP server (RFC 9051): read message by message, each once.

What was read gets a keyword of ours, so that letters of people stay unread for whoever opens the
mailbox; a server that keeps no keywords (Exchange) gets the flag "seen" instead.
"""

import imaplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address

from digest.audience.bounces import LONGEST
from digest.model.errors import ConfigError, DigestError

READ = "DigestRead"
PORTS = {"tls": 993, "starttls": 143, "none": 143}
_PORTION = 50  # messages that are asked for at once
_FAILED = (imaplib.IMAP4.error, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapMailbox:
    """A folder on a server and how to get in."""

    host: str
    user: str
    password: str
    folder: str = "INBOX"
    port: int = 0
    security: str = "tls"
    ca_file: str = ""
    timeout: float = 60.0

    @property
    def place(self) -> str:
        """Return in words where it is."""
        return f"IMAP server {self.host}:{self.port or PORTS[self.security]}"


def is_loopback(host: str) -> bool:
    """Tell whether *host* is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def read_messages(mailbox: ImapMailbox) -> Iterator[bytes]:
    """Yield the messages that were not read yet; each is marked as read after it was acted on.

    What an end comes between is read again another time. DigestError says what is wrong.
    """
    with _open_mailbox(mailbox) as connection:
        mark, query = _select_folder(connection, mailbox)
        found = _check_answer(mailbox, connection.uid("SEARCH", query))
        numbers = found[0].split() if found and isinstance(found[0], bytes) else []
        for number in numbers:
            raw = _fetch_message(connection, mailbox, number)
            if raw is not None:
                yield raw
            with suppress(*_FAILED):
                connection.uid("STORE", number.decode(), "+FLAGS.SILENT", f"({mark})")


def _select_folder(connection: imaplib.IMAP4, mailbox: ImapMailbox) -> tuple[str, str]:
    """Open the folder; return the flag that marks what was read, and the search for the rest."""
    status, _ = connection.select(_quote_folder(mailbox.folder))
    if status != "OK":
        _, listed = connection.list()
        names = sorted(_read_folder_name(line) for line in listed if isinstance(line, bytes))
        remedy = f"It has: {', '.join(names)}" if names else ""
        raise ConfigError(mailbox.place, f"it has no folder {mailbox.folder!r}", remedy)
    _, flags = connection.response("PERMANENTFLAGS")
    keeps_keywords = b"\\*" in b" ".join(one for one in flags if isinstance(one, bytes))
    return (READ, f"UNKEYWORD {READ}") if keeps_keywords else ("\\Seen", "UNSEEN")


def _fetch_message(connection: imaplib.IMAP4, mailbox: ImapMailbox, number: bytes) -> bytes | None:
    """Return a message, not marked as seen by that; None where it was removed meanwhile."""
    answer = connection.uid("FETCH", number.decode(), f"(BODY.PEEK[]<0.{LONGEST}>)")
    parts = _check_answer(mailbox, answer)
    return next((part[1] for part in parts if isinstance(part, tuple)), None)


def _check_answer(mailbox: ImapMailbox, answer: tuple[str, list[object]]) -> list[object]:
    status, data = answer
    if status != "OK":
        raise DigestError(mailbox.place, f"answers {status} {data!r:.200}")
    return data


@contextmanager
def _open_mailbox(mailbox: ImapMailbox) -> Iterator[imaplib.IMAP4]:
    try:
        connection = _connect(mailbox)
    except (*_FAILED, UnicodeError) as error:
        raise _explain_error(error, mailbox) from None
    try:
        yield connection
    except _FAILED as error:
        raise _explain_error(error, mailbox) from None
    finally:
        with suppress(*_FAILED):
            connection.logout()


def _connect(mailbox: ImapMailbox) -> imaplib.IMAP4:
    port = mailbox.port or PORTS[mailbox.security]
    context = None
    if mailbox.security != "none":
        context = ssl.create_default_context(cafile=mailbox.ca_file or None)
    if mailbox.security == "tls":
        connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            mailbox.host, port, ssl_context=context, timeout=mailbox.timeout
        )
    else:
        connection = imaplib.IMAP4(mailbox.host, port, timeout=mailbox.timeout)
    try:
        if mailbox.security == "starttls":
            connection.starttls(context)
        _sign_in(connection, mailbox)
    except BaseException:
        with suppress(*_FAILED):
            connection.shutdown()
        raise
    return connection


def _sign_in(connection: imaplib.IMAP4, mailbox: ImapMailbox) -> None:
    """Sign in, in any script: LOGIN carries ASCII alone, PLAIN carries UTF-8 (RFC 4616)."""
    if (mailbox.user + mailbox.password).isascii() and '"' not in mailbox.password:
        connection.login(mailbox.user, mailbox.password)
        return
    said = f"\0{mailbox.user}\0{mailbox.password}".encode()
    connection.authenticate("PLAIN", lambda _challenge: said)


def _explain_error(error: Exception, mailbox: ImapMailbox) -> DigestError:
    """Return *error* in the words of a person who has to mend it."""
    place, words = mailbox.place, " ".join(str(error).split())[:300]
    if isinstance(error, ssl.SSLCertVerificationError):
        remedy = "Use the name that stands in the certificate, or set ca_file in [mailbox]."
        return ConfigError(place, f"its certificate is not good: {error.verify_message}", remedy)
    if isinstance(error, ssl.SSLError):
        remedy = 'Set security = "starttls" with port 143, or "tls" with 993.'
        return ConfigError(place, f"speaks no TLS here: {error.reason or error}", remedy)
    if isinstance(error, socket.gaierror | UnicodeError):
        return ConfigError(place, "there is no such host", "Mend host in [mailbox].")
    if isinstance(error, TimeoutError):
        return DigestError(place, f"did not answer within {mailbox.timeout:g} s", "Is it the port?")
    if isinstance(error, imaplib.IMAP4.abort):
        return DigestError(place, f"hung up: {words}", "Try again later.")
    if isinstance(error, imaplib.IMAP4.error):
        cause = f"does not accept the password of {mailbox.user}: {words}"
        return ConfigError(place, cause, "Set DIGEST_MAILBOX_PASSWORD, or password_file.")
    cause = error.strerror if isinstance(error, OSError) and error.strerror else words
    return DigestError(place, f"cannot be reached: {cause}", "Mend host and port in [mailbox].")


def _quote_folder(folder: str) -> str:
    """Return the name of a folder as the protocol has it: modified UTF-7, in quotation marks."""
    name = encode_folder(folder).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{name}"'


def encode_folder(name: str) -> str:
    """Return *name* in modified UTF-7 (RFC 3501, 5.1.3).

    >>> encode_folder("退信"), encode_folder("A&B")
    ('&kABP4Q-', 'A&-B')
    """
    out, run = [], ""
    for char in (*name, ""):
        if char and not " " <= char <= "~":
            run += char
            continue
        if run:
            coded = run.encode("utf-16-be")
            out.append(f"&{_encode_base64(coded)}-")
            run = ""
        out.append("&-" if char == "&" else char)
    return "".join(out)


def _encode_base64(raw: bytes) -> str:
    from base64 import b64encode

    return b64encode(raw).decode().rstrip("=").replace("/", ",")


def _read_folder_name(line: bytes) -> str:
    return line.decode("ascii", "replace").rpartition('"." ')[2].strip('"') or line.decode()
