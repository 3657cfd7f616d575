"""Is a mail addressed, signed and titled as mail to many should be? Pure."""

from collections.abc import Iterator
from email.parser import BytesHeaderParser
from email.policy import default
from email.utils import parseaddr

from digest.model import Finding, Mail

_LONG = 120  # characters; a phone shows a third of it


def letter(mail: Mail, *, leaves: bool, postal_address: bool) -> Iterator[Finding]:
    """Yield what *mail* lacks to go to many; an error where it may not.

    It *leaves* readers a way out where its HTML holds a link of their own.
    """
    head = BytesHeaderParser(policy=default).parsebytes(mail.mime.partition(b"\r\n\r\n")[0])
    yield from _sender(parseaddr(str(head.get("From", "")))[1])
    yield from _subject(mail.subject)
    if "List-Unsubscribe" not in head or not leaves:
        yield Finding(
            level="error",
            subject="email",
            cause="it has no way to unsubscribe",
            remedy="Set unsubscribe in [mail], then draft and approve it again.",
        )
    elif "List-Unsubscribe-Post" not in head:
        yield Finding(
            level="warning",
            subject="mail.unsubscribe",
            cause="is not on https, so no mail program offers one click to leave (RFC 8058)",
            remedy="Set unsubscribe to an https address; large providers ask senders for that.",
        )
    if not postal_address:
        yield Finding(
            level="warning",
            subject="mail.postal_address",
            cause="is not set; many countries ask for one",
            remedy="Set postal_address in [mail], then draft and approve it again.",
        )


def _sender(address: str) -> Iterator[Finding]:
    if "@" not in address or address.startswith("nobody@"):
        yield Finding(
            level="error",
            subject="email",
            cause="nobody sends it",
            remedy="Set from in [mail], then draft and approve it again.",
        )


def _subject(subject: str) -> Iterator[Finding]:
    cause, level = "", "warning"
    if not subject.strip():
        cause, level = "is empty", "error"
    elif len(subject) > _LONG:
        cause = f"has {len(subject)} characters; few readers see more than 50"
    elif subject.lower().startswith(("re:", "fwd:", "aw:")):
        cause = "looks like an answer, which filters punish"
    elif len(subject) > 8 and subject.isupper() and subject.isascii():
        cause = "shouts"
    if cause:
        yield Finding(
            level="error" if level == "error" else "warning", subject="subject", cause=cause
        )
