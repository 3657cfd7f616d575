"""Mail that came back: read from where it lies, understood, and noted in the reader's record.

A mail that came back -> what it reports: delivery status (RFC 3464), abuse (RFC 5965), or less.

A mail with the subject "unsubscribe TOKEN", which List-Unsubscribe may ask for, is one too; an
answer of somebody who is away is none of these. The bounce address that we sent from (VERP), or
else the link to leave in what came back, names the reader for sure; what the mail itself says
decides whether it is a bounce, and of what kind.

What comes back: bounces and complaints, whoever reports them -> a record changed, once.

Where bounces lie: a maildir or an mbox file, read message by message.
"""

import hashlib
import logging
import mailbox
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from pathlib import Path
from typing import Literal

from digest.audience import subscriptions
from digest.config.link_tokens import Keyring, TokenPurpose, parse_bounce_address
from digest.model import Subscriber
from digest.model.errors import ConfigError
from digest.model.ports.audience import Audience
from digest.model.refusals import find_refusal_cause
from digest.text.address import Unfit, address, nameless

Kind = Literal["hard", "soft", "complaint", "leave", "refused", "unread"]
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """One thing that was reported: of whom, by *token* before *address*; ``key`` names it for good.

    ``token`` is that of a bounce address or of a reader's link, ``reason`` what the other server
    said. ``refused`` is said of the sender or of the mail, ``unread`` came back in a form that
    nobody can read: both are told, and neither counts against a reader.
    """

    kind: Kind
    key: str
    token: str = ""
    address: str = ""
    reason: str = ""


def classify_bounce(reason: str, status: str = "", *, permanent: bool = True) -> Kind:
    """Return what a failed delivery counts as: by what the server said, then by its *status*.

    *permanent* is what else is known of it. Where nothing at all was said it is believed.

    >>> classify_bounce("550 5.7.1 on our block list"), classify_bounce("552 mailbox full")
    ('refused', 'soft')
    """
    concern = find_refusal_cause(reason, status)
    if concern in ("sender", "message"):
        return "refused"
    if concern == "reader":
        return "hard" if permanent else "soft"
    if concern == "route":
        return "refused" if permanent else "soft"
    nothing = not reason and status in ("", "5.0.0")
    return "hard" if permanent and nothing and concern == "unclear" else "soft"


def apply_report(
    audience: Audience, keyring: Keyring, report: DeliveryReport, now: datetime, *, most: int
) -> Subscriber | None:
    """Change the record of whom *report* is about; return them as they are now.

    A report that was heard before changes nothing. None where it is about nobody here.
    """
    one = find_subscriber(audience, keyring, report)
    if one is None:
        return None
    notice = hashlib.sha256(f"{report.kind}\0{report.key}\0{one.id}".encode()).hexdigest()
    if report.kind == "complaint":
        return subscriptions.record_complaint(audience, one.id, now, notice)
    if report.kind == "leave":
        return subscriptions.end_subscription(audience, one.id, now, "reported", notice)
    reason = " ".join(nameless(report.reason).split())[:LONGEST_REASON]
    if report.kind in ("refused", "unread"):
        what = "was refused for our sake" if report.kind == "refused" else "came back, unread"
        return subscriptions.record_event(audience, one.id, now, what, reason, notice)
    hard = report.kind == "hard"
    return subscriptions.record_bounce(
        audience, one.id, now, hard=hard, notice=notice, most=most, reason=reason
    )


def find_subscriber(
    audience: Audience, keyring: Keyring, report: DeliveryReport
) -> Subscriber | None:
    """Return whom *report* is about: whoever its token was made for, else by its address.

    A token that was renewed since says nothing: what it asks for counts from the address alone.
    """
    purposes: tuple[TokenPurpose, ...] = ("bounce", "reader")
    for purpose in purposes:
        verdict = keyring.verify(report.token, purpose)
        if verdict is not None and not verdict.outdated:
            return audience.get(int(verdict.subject))
    try:
        return audience.find(address(report.address).normal)
    except Unfit:
        return None


LONGEST = 5 * 1024 * 1024
_BACK = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to")
_LINK = re.compile(r"[a-z2-7]{4}\.[0-9]{1,20}\.u\.[a-z2-7]{26}")
_LEAVE = re.compile(rf"\s*unsubscribe\s+({_LINK.pattern})\s*", re.IGNORECASE)
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_REPLY = re.compile(r"^.*\b[45]\d\d[ -].*$", re.MULTILINE)
_DAEMON = re.compile(r"mailer-daemon|postmaster|mail delivery (?:sub)?system|<>", re.IGNORECASE)
_RETURNED = re.compile(
    r"undeliver|not delivered|delivery.{0,20}(?:fail|status|notif|report)|failure notice"
    r"|returned|退信|退回|退件|投[递遞]失[败敗]|寄送失敗|无法(?:投递|送达)|配信(?:不能|エラー)|送信できません"
    r"|unzustellbar|non remis|no entregado",
    re.IGNORECASE,
)
_COPY = re.compile(
    r"^-{2,}.{0,40}(?:below|copy|original|forwarded|returned).*$|^return-path:|^received:",
    re.IGNORECASE | re.MULTILINE,
)
_READ = 4000  # characters of a bounce in a form of its own that are searched for its reason

# What holds further parts: a header, folded or not, of a type of RFC 2046, 5.1 and 5.2.
_NESTED = re.compile(
    rb"^content-type:\s*[^\n]*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE
)
_MAX_DEPTH = 100
# It tells of every bounce that one of its detectors stumbles over, on stderr and with a traceback.
logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())


def parse_returned_mail(raw: bytes) -> tuple[DeliveryReport, ...]:
    """Return what the message *raw* reports; nothing where it is no bounce and no complaint.

    Nor where its parts could nest deeper than those of any report: a parser calls itself for each.
    """
    if len(_NESTED.findall(raw[:LONGEST])) > _MAX_DEPTH:
        return ()
    message = message_from_bytes(raw[:LONGEST])
    key = str(message.get("message-id") or hashlib.sha256(raw).hexdigest()).strip()
    token = next(_list_tokens(message), "") or _find_link_token(message)
    kind = str(message.get_param("report-type") or "").lower()
    if kind == "feedback-report" or _find_part(message, "message/feedback-report"):
        return tuple(_read_complaints(message, key))
    if kind == "delivery-status" or _find_part(message, "message/delivery-status"):
        return tuple(_read_statuses(message, key, token))
    if _is_answer(message):
        return ()
    if asked := _LEAVE.fullmatch(str(message.get("subject", ""))):
        ((_, writer),) = getaddresses([str(message.get("from", ""))])[:1] or (("", ""),)
        return (DeliveryReport(kind="leave", key=key, token=asked[1].lower(), address=writer),)
    return tuple(_guess_reports(message, key, token)) or tuple(_report_unread(message, key, token))


def _report_unread(message: Message, key: str, token: str) -> Iterator[DeliveryReport]:
    """Yield what came back to a bounce address from a program, in whatever words it says why."""
    sender = f"{message.get('from', '')} {message.get('return-path', '')}"
    try:
        subject = str(make_header(decode_header(str(message.get("subject", "")))))
    except (LookupError, ValueError):
        subject = ""
    program = _DAEMON.search(sender) or str(message.get("auto-submitted", "")).startswith("auto")
    if ".b." not in token or not (program or _RETURNED.search(subject)):
        return
    said = " ".join(_own_text(message).split())
    reason = _find_transcript(message) or said
    kind: Kind = "unread"
    if reason and find_refusal_cause(reason) != "unclear":
        kind = classify_bounce(reason)
    yield DeliveryReport(kind=kind, key=key, token=token, reason=reason)


def _list_tokens(message: Message) -> Iterator[str]:
    """Yield the tokens of the bounce addresses that *message* came back to."""
    fields = [str(value) for name in _BACK for value in message.get_all(name, [])]
    for _, back in getaddresses(fields):
        token = parse_bounce_address(back)
        if ".b." in token:
            yield token


def _find_part(message: Message, kind: str) -> Message | None:
    return next((part for part in message.walk() if part.get_content_type() == kind), None)


def _is_answer(message: Message) -> bool:
    """Tell whether a program answers for somebody who is away (RFC 3834)."""
    said = str(message.get("auto-submitted", "no")).strip().lower()
    named = any(message.get(name) for name in ("x-autoreply", "x-autorespond", "x-auto-reply-from"))
    precedence = str(message.get("precedence", "")).strip().lower()
    return said.startswith("auto-replied") or named or precedence == "auto_reply"


def _read_statuses(message: Message, key: str, token: str) -> Iterator[DeliveryReport]:
    """Yield a report for each recipient that the delivery status is about."""
    part = _find_part(message, "message/delivery-status")
    for fields in part.walk() if part is not None else ():
        reason = _find_diagnostic(fields) or _find_transcript(message)
        if (kind := _classify_status(fields, reason)) is None:
            continue
        whom = str(fields.get("original-recipient") or fields.get("final-recipient") or "")
        address = whom.rpartition(";")[2].strip().strip("<>")
        yield DeliveryReport(
            kind=kind, key=f"{key} {address}", token=token, address=address, reason=reason
        )


def _find_diagnostic(fields: Message) -> str:
    """Return what the other server said (RFC 3464, 2.3.6), without the name of its protocol."""
    raw = next((v for k, v in fields.raw_items() if k.lower() == "diagnostic-code"), "")
    octets = str(raw).encode("utf-8", "surrogateescape")  # many servers write 8 bits there
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = octets.decode("gb18030", "replace")
    said = " ".join(text.split())
    return re.sub(r"^[\w-]+\s*;\s*", "", said)


def _find_transcript(message: Message) -> str:
    """Return the lines of the text for people that quote a server: "550 no such user"."""
    found = _REPLY.findall(_own_text(message))
    return " ".join(" ".join(found).split())[:_READ]


def _own_text(message: Message) -> str:
    """Return what a bounce itself says, as far as the copy of the mail that came back."""
    text = ""
    for part in message.walk():
        if part.get_content_type() in ("text/plain", "text/html") and not text:
            raw = part.get_payload(decode=True)
            text = _decode_part(raw, part.get_content_charset()) if isinstance(raw, bytes) else ""
    plain = re.sub(r"<[a-z/!][^<>]*>", " ", text, flags=re.IGNORECASE) if "</" in text else text
    return _COPY.split(plain, maxsplit=1)[0][:_READ]


def _decode_part(raw: bytes, charset: str | None) -> str:
    try:
        return raw.decode(charset or "utf-8", "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def _classify_status(fields: Message, reason: str) -> Kind | None:
    """Return what a block of delivery status reports; None for a success or a delay."""
    if str(fields.get("action", "")).strip().lower() != "failed":
        return None
    found = _STATUS.search(str(fields.get("status", "")))
    status = found[0] if found else ""
    return classify_bounce(reason, status, permanent=not status.startswith("4"))


def _read_complaints(message: Message, key: str) -> Iterator[DeliveryReport]:
    """Yield what a feedback report says; ``not-spam`` and the like are no complaints."""
    part = _find_part(message, "message/feedback-report")
    if part is None:
        return
    fields = _read_fields(part)
    kinds: dict[str, Kind] = {"abuse": "complaint", "fraud": "complaint", "virus": "complaint"}
    kinds |= {"opt-out": "leave", "opt-out-list": "leave"}
    kind = kinds.get(fields.get("feedback-type", "abuse").lower())
    if kind is None:
        return
    token = parse_bounce_address(fields.get("original-mail-from", ""))
    token = token if ".b." in token else _find_link_token(message)
    address = fields.get("original-rcpt-to") or fields.get("removal-recipient") or ""
    yield DeliveryReport(kind=kind, key=key, token=token, address=address.strip("<> "))


def _read_fields(part: Message) -> dict[str, str]:
    """Return the fields of a report's block, which parsers see as text or as a message."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if isinstance(inner, Message):
        pairs = [(name, str(value)) for name, value in inner.items()]
    else:
        text = part.get_payload(decode=True)
        block = message_from_bytes(text if isinstance(text, bytes) else b"")
        pairs = [(name, str(value)) for name, value in block.items()]
    return {name.lower(): value.strip() for name, value in pairs}


def _find_link_token(message: Message) -> str:
    """Return the reader's token in the head of the message that came back, "" where none is."""
    found = _LINK.search(_find_original_head(message))
    return found[0] if found else ""


def _find_original_head(message: Message) -> str:
    """Return the head of the message that is complained of, unfolded."""
    for kind in ("message/rfc822", "text/rfc822-headers"):
        part = _find_part(message, kind)
        payload = part.get_payload() if part is not None else None
        first = payload[0] if isinstance(payload, list) and payload else None
        if isinstance(first, Message):
            return "\n".join("".join(str(value).split()) for value in first.values())
        if isinstance(payload, str):
            return "".join(payload.split())
    return ""


def _guess_reports(message: Message, key: str, token: str) -> Iterator[DeliveryReport]:
    """Yield what can be read out of a bounce in a form of its own."""
    from flufl.bounce import all_failures

    try:
        temporary, permanent = all_failures(message)
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError):
        return  # a mail so broken that its form cannot be told is no proof of anything
    text = _own_text(message)
    for final, addresses in ((True, permanent), (False, temporary)):
        for recipient in sorted(addresses):
            whom = recipient.decode("utf-8", "replace")
            reason = _said_of(whom, text)
            kind = classify_bounce(reason, permanent=final)
            if find_refusal_cause(reason) == "unclear":
                kind = "hard" if final else "soft"
            yield DeliveryReport(
                kind=kind, key=f"{key} {whom}", token=token, address=whom, reason=reason
            )


def _said_of(address: str, text: str) -> str:
    """Return what a bounce in a form of its own says behind *address*, where the reason stands."""
    at = text.lower().rfind(address.lower())
    return " ".join(text[at + len(address) :].split())[:600] if at >= 0 else ""


_SEEN = "S"


def read_maildir(folder: Path) -> Iterator[bytes]:
    """Yield the messages of *folder* that nobody read yet; each is marked as read afterwards.

    What an end comes between is read again another time. ConfigError where it is no maildir.
    """
    if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
        remedy = "Give the folder that holds cur, new and tmp."
        raise ConfigError(str(folder), "is no maildir", remedy)
    waiting = [path for name in ("new", "cur") for path in (folder / name).iterdir()]
    for path in sorted(path for path in waiting if path.is_file() and not _seen_path(path)):
        with path.open("rb") as file:
            yield file.read(LONGEST)
        name, _, flags = path.name.partition(":2,")
        path.rename(folder / "cur" / f"{name}:2,{''.join(sorted({*flags, _SEEN}))}")


def _seen_path(path: Path) -> bool:
    return path.parent.name == "cur" and _SEEN in path.name.partition(":2,")[2]


def read_mbox(file: Path) -> Iterator[bytes]:
    """Yield the messages of *file*, which is left as it is; ConfigError where it cannot be read."""
    if not file.is_file():
        raise ConfigError(str(file), "there is no such file", "Give a mailbox in the mbox form.")
    with closing(mailbox.mbox(file, create=False)) as box:
        for name in box.iterkeys():
            yield box.get_bytes(name)[:LONGEST]
