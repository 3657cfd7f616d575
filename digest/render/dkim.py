"""DKIM (RFC 6376): signs a finished copy with the sender's key. Needs the extra ``dkim``."""

from dataclasses import dataclass
from pathlib import Path

from digest.errors import ConfigError, DigestError

# RFC 8058, 4 wants both unsubscribe fields signed; the others are those of RFC 6376, 5.4.1.
SIGNED = (
    b"from to reply-to subject date message-id mime-version content-type "
    b"list-id list-unsubscribe list-unsubscribe-post"
).split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A private key (PEM, PKCS #1 or #8) whose public half stands at SELECTOR._domainkey.DOMAIN."""

    domain: str
    selector: str
    pem: bytes

    @classmethod
    def load(cls, path: Path, *, domain: str, selector: str) -> "Key":
        """Return the key in the file *path*; ConfigError where it cannot be read or is none."""
        try:
            pem = path.read_bytes()
        except OSError as error:
            raise ConfigError(str(path), f"cannot be read: {error.strerror}") from error
        if b"PRIVATE KEY-----" not in pem:
            raise ConfigError(str(path), "is no private key in PEM", "See: openssl genrsa 2048")
        return cls(domain=domain, selector=selector, pem=pem)


def sign(message: bytes, key: Key) -> bytes:
    """Return *message* (all slots filled) with a DKIM-Signature before it.

    Header and body are canonicalized "relaxed", so that a relay may refold them.
    """
    try:
        import dkim  # type: ignore[import-untyped]  # it ships no types
    except ImportError as error:
        remedy = "Install the extra: pip install 'digest-newsletter[dkim]'"
        raise DigestError("DKIM", "dkimpy is not installed", remedy) from error
    head = message.partition(b"\r\n\r\n")[0].lower()
    present = [name for name in SIGNED if b"\r\n" + name + b":" in b"\r\n" + head]
    try:
        field = dkim.sign(
            message,
            key.selector.encode("ascii"),
            key.domain.encode("idna"),
            key.pem,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=present,
        )
    except dkim.DKIMException as error:
        raise ConfigError(f"the DKIM key {key.selector}", str(error)) from error
    return bytes(field) + message
