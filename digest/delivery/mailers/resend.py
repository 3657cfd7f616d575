"""Resend (resend.com): a hundred messages a request, under a key that keeps them from doubling.

``POST /emails/batch`` with ``Idempotency-Key``, which is kept for 24 hours, and permissive
validation: one malformed address does not refuse the others (resend.com/docs, 2026-11).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from typing import Annotated, Any

import msgspec

from digest.config import validation
from digest.delivery.mailers._template_words import harmless_html, harmless_text
from digest.http.client import Response
from digest.http.json_api import (
    JsonService,
    UnansweredError,
    UnsentError,
    describe_error,
    parse_object,
)
from digest.model import Outcome
from digest.model.errors import ConfigError, DigestError
from digest.model.mailing import Message
from digest.model.ports.mail import MailerLimits
from digest.model.ports.social import SignIn

_SHOWN = ("From", "To", "Subject", "Reply-To", "Date", "Message-ID", "MIME-Version")
_KEY_LASTS = timedelta(hours=23)  # an hour less than they keep it: clocks differ
_OK, _CONFLICT, _BUSY, _SERVER_ERROR = 200, 409, 429, 500


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[mailers.resend]``; ``api_key`` is a secret and is never written there."""

    api_key: str = ""
    api_key_file: str = ""
    url: str = "https://api.resend.com"
    batch: Annotated[int, msgspec.Meta(ge=1, le=100)] = 100
    per_second: Annotated[float, msgspec.Meta(gt=0)] = 150.0
    timeout: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    allow_private: validation.Internal[tuple[str, ...]] = ()  # of [fetch]


def build(options: Mapping[str, object]) -> "ResendMailer":
    """Return the mailer; ConfigError without a key."""
    read = validation.read_options(Options, options, "mailers", "resend")
    if not read.api_key:
        remedy = "Walk through it with: digest login resend"
        raise ConfigError("resend", "DIGEST_RESEND_API_KEY is not set", remedy)
    return ResendMailer(options=read)


def sign_in() -> SignIn:
    """Return how to get it ready."""
    return SignIn(
        steps=(
            "Add and verify your domain at https://resend.com/domains.",
            "Make a key with sending access at https://resend.com/api-keys.",
        ),
        secrets=("api_key",),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendMailer:
    """Sends through one account."""

    options: Options
    name: str = "resend"

    @property
    def traits(self) -> MailerLimits:
        """Return what it can do; one lane, for Resend counts requests a second."""
        options = self.options
        return MailerLimits(
            batch=options.batch, per_second=options.per_second, key_lasts=_KEY_LASTS
        )

    def check(self) -> str:
        """Return where mail would go; DigestError where the key is not taken.

        A key that may only send cannot list anything: that it is told so (401 with that name)
        shows that it is a key.
        """
        lane = self.lane()
        try:
            answer = lane.service.call("GET", "/domains")
        finally:
            lane.close()
        if answer.status == _OK or parse_object(answer).get("name") == "restricted_api_key":
            return f"the account of this key at {self.options.url}"
        if answer.status in (401, 403):
            remedy = "Set the right key with: digest login resend"
            raise ConfigError("resend", f"does not take the key: {describe_error(answer)}", remedy)
        raise DigestError("resend", f"answers {describe_error(answer)}", "Try again later.")

    def lane(self) -> "ResendLane":
        """Return a connection."""
        headers = {"authorization": f"Bearer {self.options.api_key}"}
        read = self.options
        return ResendLane(JsonService(read.url, headers, read.timeout, read.allow_private))


class ResendLane:
    """One connection: build, send, parse."""

    def __init__(self, service: JsonService) -> None:
        self.service = service

    def open(self) -> Outcome | None:
        """Have nothing to open: each request does."""
        return None

    def send(self, messages: Sequence[Message], key: str) -> Sequence[Outcome]:
        """Send *messages* in one request under *key*; return what became of each."""
        headers = {"idempotency-key": key, "x-batch-validation": "permissive"}
        try:
            answer = self.service.call("POST", "/emails/batch", make_request(messages), headers)
        except DigestError as error:
            return [_classify_silence(error)] * len(messages)
        return parse_answer(answer, len(messages), datetime.now(UTC))

    def close(self) -> None:
        """Close the connection."""
        self.service.close()


def _classify_silence(error: DigestError) -> Outcome:
    """Return what a request without an answer comes to."""
    if isinstance(error, UnansweredError):
        return Outcome(status="unknown", reason=error.cause)
    waits = isinstance(error, UnsentError)
    return Outcome(status="deferred" if waits else "rejected", reason=str(error), general=True)


def make_request(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Return the body of the request that sends *messages*; DigestError for one with pictures."""
    return [_make_item(message_from_bytes(one.content, policy=default)) for one in messages]


def _make_item(message: Any) -> dict[str, Any]:  # noqa: ANN401 - the parser's type depends on its policy
    assert isinstance(message, EmailMessage)  # noqa: S101 - policy.default makes this kind
    if any(part.get_content_maintype() == "image" for part in message.walk()):
        remedy = 'Set pictures = "link" or "host" in [mail], then draft and approve again.'
        raise ConfigError("resend", "takes no pictures inside a batch", remedy)
    headers = {k: harmless_text(str(v)) for k, v in message.items() if not _is_shown(k)}
    item: dict[str, Any] = {
        "from": _format_mailbox(message["From"]),
        "to": [_format_mailbox(message["To"])],
    }
    item |= {"subject": harmless_text(str(message["Subject"])), "headers": headers}
    for kind, name, harmless in (
        ("plain", "text", harmless_text),
        ("html", "html", harmless_html),
    ):
        if part := message.get_body((kind,)):
            item[name] = harmless(part.get_content().replace("\r\n", "\n"))
    if message["Reply-To"]:
        item["reply_to"] = _format_mailbox(message["Reply-To"])
    return item


def _format_mailbox(field: Any) -> str:  # noqa: ANN401 - the parser's type depends on its policy
    """Return the one mailbox of *field*: its name without words of a template, its address."""
    (one,) = field.addresses
    name = harmless_text(one.display_name)
    return str(Address(name, addr_spec=one.addr_spec)) if name != one.display_name else str(field)


def _is_shown(name: str) -> bool:
    return name.title() in {n.title() for n in _SHOWN} or name.lower().startswith("content-")


def parse_answer(answer: Response, count: int, now: datetime) -> Sequence[Outcome]:
    """Return what *answer* makes of each of *count* messages."""
    if answer.status // 100 == 2:
        return _read_taken(parse_object(answer), count)
    name = str(parse_object(answer).get("name", ""))
    reason = describe_error(answer)
    if answer.status == _BUSY or name == "concurrent_idempotent_requests":
        later = answer.wait_until(now)
        one = Outcome(status="deferred", reason=reason, retry_at=later, general=True)
    elif answer.status == _CONFLICT or answer.status >= _SERVER_ERROR:
        one = Outcome(status="unknown", reason=reason)
    else:
        one = Outcome(status="rejected", reason=reason, general=True)
    return [one] * count


def _read_taken(found: dict[str, Any], count: int) -> Sequence[Outcome]:
    """Return the outcomes of a request that was taken: ids in order, errors by their index."""
    errors = {e.get("index"): str(e.get("message", "")) for e in found.get("errors") or ()}
    ids = [str(one.get("id", "")) for one in found.get("data") or ()]
    if len(ids) + len(errors) != count:
        reason = f"answered for {len(ids) + len(errors)} of {count} messages"
        return [Outcome(status="unknown", reason=reason)] * count
    left = iter(ids)
    return [
        Outcome(status="rejected", reason=errors[index])
        if index in errors
        else Outcome(status="sent", id=next(left))
        for index in range(count)
    ]
