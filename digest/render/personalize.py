"""A reader's copy of a frozen mail: its slots filled, its envelope written. Pure.

DKIM (RFC 6376): signs a finished copy with the sender's key. Needs the extra ``dkim``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.policy import default
from email.utils import parseaddr
from hashlib import sha256
from pathlib import Path

from digest.model.errors import ConfigError, DigestError, DraftError
from digest.model.mailing import Delivery, Message
from digest.render import mime
from digest.text.domain_names import ascii_host


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientLinks:
    """What is a reader's own: the token of their links, and where a bounce of theirs returns."""

    token: str
    return_path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Personalizer:
    """Makes copies of *message*, the mail of *job* with its hash; the same copy each time."""

    message: mime.OpenMessage
    sender: str
    domain: str
    seed: str
    answers: str
    passes: Callable[[int], RecipientLinks]

    @classmethod
    def of(
        cls,
        message: mime.OpenMessage,
        *,
        job: str,
        digest: str,
        passes: Callable[[int], RecipientLinks],
        answers: tuple[str, str] = ("", ""),
    ) -> "Personalizer":
        """Return the copier of *message*; bounces go to its From unless a pass says so.

        *answers* are job and hash of the mail whose copies its copies answer.
        """
        sender = find_sender(message.content)
        return cls(
            message=message,
            sender=sender,
            domain=sender.rpartition("@")[2],
            seed=_make_seed(job, digest),
            answers=_make_seed(*answers),
            passes=passes,
        )

    def __call__(self, one: Delivery) -> Message:
        """Return the copy of *one*, dated when it was armed; DraftError for an unfit address."""
        mine = self.passes(one.subscriber)
        key, before = (f"{seed}\0{one.subscriber}" for seed in (self.seed, self.answers))
        moment = one.armed or datetime.now(UTC)
        return self.made(one.address, one.name, mine, key=key, before=before, moment=moment)

    def made(
        self,
        address: str,
        name: str,
        mine: RecipientLinks,
        *,
        key: str,
        moment: datetime,
        before: str = "",
    ) -> Message:
        """Return a copy for *address*, known by *key*, that answers the one known by *before*.

        DraftError where it is no address.
        """
        address = mime.encode_domain(address)
        to = (
            mime.write_address_header("To", (name, address))
            .removeprefix("To: ")
            .removeprefix("\r\n ")
        )
        named = mime.make_message_id(key, self.domain)
        values = {
            "to": to,
            "token": mine.token,
            "date": mime.format_rfc_date(moment),
            "message-id": named,
            "original": mime.make_message_id(before, self.domain),
        }
        return Message(
            sender=mime.encode_domain(mine.return_path) or self.sender,
            recipient=address,
            content=mime.fill_message(self.message, values),
            id=named,
            key=sha256(key.encode()).hexdigest(),
        )


def _make_seed(job: str, digest: str) -> str:
    return f"{job}\0{digest}"


def find_sender(content: bytes) -> str:
    """Return the address in the From of the mail *content*; DraftError where there is none."""
    head = BytesHeaderParser(policy=default).parsebytes(content.partition(b"\r\n\r\n")[0])
    address = parseaddr(str(head.get("From", "")))[1]
    if "@" not in address:
        raise DraftError("the mail", "has no sender", "Set from in [mail] and draft it again.")
    return address


# RFC 8058, 4 wants both unsubscribe fields signed; the others are those of RFC 6376, 5.4.1.
SIGNED = (
    b"from to reply-to subject date message-id mime-version content-type "
    b"list-id list-unsubscribe list-unsubscribe-post"
).split()


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimKey:
    """A private key (PEM, PKCS #1 or #8) whose public half stands at SELECTOR._domainkey.DOMAIN."""

    domain: str
    selector: str
    pem: bytes

    @classmethod
    def load(cls, path: Path, *, domain: str, selector: str) -> "DkimKey":
        """Return the key in the file *path*; ConfigError where it cannot be read or is none."""
        try:
            pem = path.read_bytes()
        except OSError as error:
            raise ConfigError(str(path), f"cannot be read: {error.strerror}") from error
        if b"PRIVATE KEY-----" not in pem:
            raise ConfigError(str(path), "is no private key in PEM", "See: openssl genrsa 2048")
        return cls(domain=domain, selector=selector, pem=pem)


def sign_message(message: bytes, key: DkimKey) -> bytes:
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
            ascii_host(key.domain).encode(),
            key.pem,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=present,
        )
    except dkim.DKIMException as error:
        raise ConfigError(f"the DKIM key {key.selector}", str(error)) from error
    return bytes(field) + message
