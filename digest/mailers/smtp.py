"""SMTP (RFC 5321): STARTTLS or TLS with the certificate checked, a connection a thread, DKIM."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any, Literal

import msgspec

from digest.errors import ConfigError, DigestError
from digest.mailers import _options
from digest.mailers._oauth import SCOPES, URLS, TokenSource
from digest.mailers._smtp_door import Place, PutOffError, opened
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
    return SmtpMailer(options=read, bearer=_bearer(read) if read.oauth else None)


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


def _bearer(options: Options) -> TokenSource:
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
    def traits(self) -> Traits:
        """Return what it can do."""
        options = self.options
        return Traits(lanes=options.connections, per_second=options.per_second)

    def check(self) -> str:
        """Return where mail would go, after signing in there; DigestError says why it cannot."""
        place = self._place()
        for wait in (*self.waits, None):
            try:
                with opened(place) as connection:
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
            bearer=self.bearer,
        )


def _context(options: Options) -> ssl.SSLContext:
    """Return what checks the server's certificate; there is no way around it but a CA's file."""
    try:
        return ssl.create_default_context(cafile=options.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        remedy = "Name a file of certificates in PEM: [mailers.smtp] ca_file"
        raise DigestError(options.ca_file, f"cannot be read: {error}", remedy) from None
