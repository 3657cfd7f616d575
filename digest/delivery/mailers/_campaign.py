"""What services have in common that keep the readers themselves: a draft is made, then launched.

The draft is found again by its name, and launching it twice sends it once: so the id of the draft
is the key under which nothing is doubled.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from digest.delivery.mailers._template_words import harmless_html, harmless_text
from digest.http.client import Response
from digest.http.json_api import JsonService, UnansweredError, UnsentError, describe_error
from digest.model import OutboxEntry, Outcome
from digest.model.errors import ConfigError, DigestError

_SLOT = re.compile(r"SLOT--([a-z-]+)--SLOT")
_LITERAL = "SLOT--"
_BUSY, _SERVER_ERROR = 429, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """An issue as such a service takes it; ``name`` is known to nobody else."""

    name: str
    subject: str
    preheader: str
    html: str
    text: str


def read_campaign(entry: OutboxEntry, tags: Mapping[str, str]) -> Campaign:
    """Return what *entry* holds, its slots filled with the service's own *tags*.

    What would be read as a tag of theirs in the issue's own words is written so that it is not.
    """
    held = json.loads(entry.payload)
    return Campaign(
        name=f"{entry.job} {entry.hash[:16]}",
        subject=harmless_text(held["subject"]),
        preheader=harmless_text(held["preheader"]),
        html=_fill_slots(held["html"], tags, harmless_html),
        text=_fill_slots(held["text"], tags, harmless_text),
    )


def _fill_slots(text: str, tags: Mapping[str, str], harmless: Callable[[str], str]) -> str:
    """Return *text* with *tags* in its slots, and what stands between two of them harmless.

    The slot "literal" stands for what opens a mark, where the words hold that; a mark that is none
    of the tags' is words.
    """
    done, words = "", ""
    for number, piece in enumerate(_SLOT.split(text)):
        if number % 2 == 0:
            words += piece
        elif piece in tags:
            done, words = f"{done}{harmless(words)}{tags[piece]}", ""
        else:
            words += _LITERAL if piece == "literal" else f"{_LITERAL}{piece}--SLOT"
    return done + harmless(words)


def send_trial(service: JsonService, path: str, body: object, key: str) -> Outcome:
    """Return what became of a test mail of the draft *key*, asked for by *body* at *path*."""
    try:
        answer = service.call("POST", path, body)
    except DigestError as error:
        return classify_silence(error)
    return Outcome(status="sent", id=key) if answer.status // 100 == 2 else classify_refusal(answer)


def ask_service(service: JsonService, method: str, path: str, body: object = None) -> Response:
    """Return the answer to a question that changes nothing; DigestError for any that is none."""
    answer = service.call(method, path, body)
    if answer.status // 100 != 2:
        raise DigestError(service.base, f"answers {describe_error(answer)}", "Try again later.")
    return answer


def classify_refusal(answer: Response) -> Outcome:
    """Return what a refusal means for the request it answers."""
    reason = describe_error(answer)
    if answer.status == _BUSY:
        later = answer.wait_until(datetime.now(UTC))
        return Outcome(status="deferred", reason=reason, retry_at=later)
    if answer.status >= _SERVER_ERROR or answer.status // 100 == 2:
        return Outcome(status="unknown", reason=reason)
    return Outcome(status="rejected", reason=reason)


def classify_silence(error: DigestError) -> Outcome:
    """Return what a request that had no answer comes to."""
    if isinstance(error, UnansweredError):
        return Outcome(status="unknown", reason=error.cause)
    waits = isinstance(error, UnsentError)
    return Outcome(status="deferred" if waits else "rejected", reason=str(error))


def check_key(service: JsonService, path: str, name: str) -> Response:
    """Return the answer that shows the key of mailer *name* is good; DigestError says it is not."""
    answer = service.call("GET", path)
    if answer.status in (401, 403):
        remedy = f"Set the right one with: digest login {name}"
        raise ConfigError(name, f"does not take the key: {describe_error(answer)}", remedy)
    if answer.status // 100 != 2 or not answer.body.lstrip().startswith((b"{", b"[")):
        cause = f"{service.base} is not its API: it answers {answer.status}"
        raise ConfigError(name, cause, f"Mend url in [mailers.{name}].")
    return answer


def single_entry(entries: Sequence[OutboxEntry]) -> OutboxEntry:
    """Return the one entry of an issue that goes to everybody."""
    (entry,) = entries
    return entry


def mark_nothing_out(outcome: Outcome) -> Outcome:
    """Return *outcome* of a step after which nothing is out, whatever became of it."""
    if outcome.status == "unknown":
        return Outcome(status="deferred", reason=outcome.reason)
    return outcome
