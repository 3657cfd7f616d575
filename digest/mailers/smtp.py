"""SMTP (RFC 5321): STARTTLS or TLS with the certificate checked, a connection a thread, DKIM."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any, Literal

import msgspec

from digest.errors import ConfigError, DigestError
from digest.mailers import _options
from digest.mailers._smtp_door import Place, opened
from digest.mailers._smtp_lane import SmtpLane
from digest.ports import SignIn
from digest.ports.mail import Traits

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_Whole = Annotated[int, msgspec.Meta(ge=1, le=200)]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """``[mailers.smtp]``; ``password`` is a secret and is never written there.

    ``connections`` are kept open at once, ``per_connection`` messages sent through each before it
    is opened anew (0: no bound), ``per_second`` at most sent by all of them (0: no bound).
    ``ca_file`` holds a certificate authority of your own. ``hostname`` is what EHLO says.
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
    dkim_domain: str = ""
    dkim_selector: str = ""
    dkim_key_file: str = ""
    sign: Any = None
    connections: _Whole = 10
    per_connection: Annotated[int, msgspec.Meta(ge=0)] = 0
    per_second: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    timeout: Annotated[float, msgspec.Meta(gt=0)] = 60.0


def build(options: Mapping[str, object]) -> "SmtpMailer":
    """Return the mailer; the option ``sign`` is what puts a DKIM-Signature before a message."""
    read = _options.read(Options, options, "smtp")
    if read.user and read.security == "none" and not _is_here(read.host):
        remedy = 'Set security = "starttls" or "tls" in [mailers.smtp].'
        raise ConfigError(f"SMTP to {read.host}", "the password would be sent in the open", remedy)
    return SmtpMailer(options=read)


def sign_in() -> SignIn:
    """Return how to get it ready."""
    return SignIn(
        steps=(
            "Ask your mail provider for its SMTP host, user and password.",
            "Port 587 goes with STARTTLS, which is the default; for port 465 set security = tls.",
        ),
        secrets=("password",),
        settings=("host", "user"),
    )


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMailer:
    """Sends through one server."""

    options: Options
    name: str = "smtp"

    @property
    def traits(self) -> Traits:
        """Return what it can do."""
        options = self.options
        return Traits(lanes=options.connections, per_second=options.per_second)

    def check(self) -> str:
        """Return where mail would go, after signing in there; DigestError says why it cannot."""
        place = self._place()
        with opened(place) as connection:
            connection.noop()
        return f"{place.who} at {place.host}:{place.port}"

    def lane(self) -> SmtpLane:
        """Return a connection of its own for one thread."""
        return SmtpLane(
            self._place(), self.options.sign, per_connection=self.options.per_connection
        )

    def _place(self) -> Place:
        options = self.options
        return Place(
            host=options.host,
            port=options.port or _PORTS[options.security],
            security=options.security,
            user=options.user,
            password=options.password,
            hostname=options.hostname,
            timeout=options.timeout,
            context=_context(options) if options.security != "none" else None,
        )


def _context(options: Options) -> ssl.SSLContext:
    """Return what checks the server's certificate; there is no way around it but a CA's file."""
    try:
        return ssl.create_default_context(cafile=options.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        remedy = "Name a file of certificates in PEM: [mailers.smtp] ca_file"
        raise DigestError(options.ca_file, f"cannot be read: {error}", remedy) from None
