"""A reader's copy of a frozen mail: its slots filled, its envelope written. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.policy import default
from email.utils import parseaddr
from hashlib import sha256

from digest.errors import DraftError
from digest.model.mailing import Delivery, Message
from digest.render import mime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What is a reader's own: the token of their links, and where a bounce of theirs returns."""

    token: str
    return_path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copier:
    """Makes copies of *message*, the mail of *job* with its hash; the same copy each time."""

    message: mime.OpenMessage
    sender: str
    domain: str
    seed: str
    answers: str
    passes: Callable[[int], Pass]

    @classmethod
    def of(
        cls,
        message: mime.OpenMessage,
        *,
        job: str,
        digest: str,
        passes: Callable[[int], Pass],
        answers: tuple[str, str] = ("", ""),
    ) -> "Copier":
        """Return the copier of *message*; bounces go to its From unless a pass says so.

        *answers* are job and hash of the mail whose copies its copies answer.
        """
        sender = sender_of(message.content)
        return cls(
            message=message,
            sender=sender,
            domain=sender.rpartition("@")[2],
            seed=_seed(job, digest),
            answers=_seed(*answers),
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
        mine: Pass,
        *,
        key: str,
        moment: datetime,
        before: str = "",
    ) -> Message:
        """Return a copy for *address*, known by *key*, that answers the one known by *before*.

        DraftError where it is no address.
        """
        address = mime.ascii_domain(address)
        to = mime.mailbox("To", (name, address)).removeprefix("To: ").removeprefix("\r\n ")
        named = mime.message_id(key, self.domain)
        values = {
            "to": to,
            "token": mine.token,
            "date": mime.rfc_date(moment),
            "message-id": named,
            "original": mime.message_id(before, self.domain),
        }
        return Message(
            sender=mine.return_path or self.sender,
            recipient=address,
            content=mime.fill(self.message, values),
            id=named,
            key=sha256(key.encode()).hexdigest(),
        )


def _seed(job: str, digest: str) -> str:
    return f"{job}\0{digest}"


def sender_of(content: bytes) -> str:
    """Return the address in the From of the mail *content*; DraftError where there is none."""
    head = BytesHeaderParser(policy=default).parsebytes(content.partition(b"\r\n\r\n")[0])
    address = parseaddr(str(head.get("From", "")))[1]
    if "@" not in address:
        raise DraftError("the mail", "has no sender", "Set from in [mail] and draft it again.")
    return address
