"""Buttondown (buttondown.com): one email for an issue, its readers and their leaving kept there.

``POST /emails`` makes a draft, ``PATCH /emails/ID`` with status ``about_to_send`` launches it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from digest.config import validation
from digest.delivery.mailers._campaign import (
    Campaign,
    ask_service,
    check_key,
    classify_refusal,
    classify_silence,
    mark_nothing_out,
    read_campaign,
    send_trial,
    single_entry,
)
from digest.http.json_api import JsonService, parse_object
from digest.model import OutboxEntry, Outcome, PreparedRequest
from digest.model.errors import ConfigError, DigestError
from digest.model.ports.social import SignIn

CAMPAIGNS = True
TAGS = {
    "unsubscribe": "{{ unsubscribe_url }}",
    "preferences": "{{ manage_subscription_url }}",
}
_RAW = "<!-- buttondown-editor-mode: fancy -->"  # the body is HTML and stays as it is
_OUT = frozenset({"about_to_send", "in_flight", "sent", "throttled", "imported"})


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[mailers.buttondown]``; ``api_key`` is a secret. ``template`` is one of Buttondown's."""

    api_key: str = ""
    api_key_file: str = ""
    url: str = "https://api.buttondown.com/v1"
    template: str = "naked"
    timeout: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    allow_private: validation.Internal[tuple[str, ...]] = ()  # of [fetch]


def build(options: Mapping[str, object]) -> "Buttondown":
    """Return the mailer; ConfigError without a key."""
    read = validation.read_options(Options, options, "mailers", "buttondown")
    if not read.api_key:
        remedy = "Walk through it with: digest login buttondown"
        raise ConfigError("buttondown", "DIGEST_BUTTONDOWN_API_KEY is not set", remedy)
    headers = {"authorization": f"Token {read.api_key}"}
    return Buttondown(
        options=read, service=JsonService(read.url, headers, read.timeout, read.allow_private)
    )


def sign_in() -> SignIn:
    """Return how to get it ready."""
    return SignIn(
        steps=("Copy the API key at https://buttondown.com/settings/api.",), secrets=("api_key",)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Buttondown:
    """One newsletter of one account."""

    options: Options
    service: JsonService
    name: str = "buttondown"
    whole: bool = True
    keyed: bool = True
    key_lasts: timedelta = timedelta()
    lags: Sequence[float] = (0.0,)

    def check(self) -> str:
        """Return where mail would go; DigestError where the key is not taken."""
        answer = check_key(self.service, "/subscribers?type=regular&page_size=1", self.name)
        return f"{parse_object(answer).get('count', 'all')} subscribers at {self.options.url}"

    def prepare(
        self, entries: Sequence[OutboxEntry], sent: Sequence[OutboxEntry]
    ) -> Sequence[PreparedRequest] | Outcome:
        """Return the launch of a draft of the issue, made now unless it is there."""
        del sent
        made = read_campaign(single_entry(entries), TAGS)
        try:
            known = self._known(made)
            if known is None:
                answer = self.service.call(
                    "POST", "/emails", make_request(made, self.options.template)
                )
                known = parse_object(answer)
                if answer.status // 100 != 2 or not known.get("id"):
                    return mark_nothing_out(classify_refusal(answer))
        except DigestError as error:
            return mark_nothing_out(classify_silence(error))
        return [PreparedRequest(text=json.dumps({"status": "about_to_send"}), key=str(known["id"]))]

    def send(self, entries: Sequence[OutboxEntry]) -> Sequence[Outcome]:
        """Launch the draft."""
        entry = single_entry(entries)
        live = {"x-buttondown-live-dangerously": "true", "x-idempotency-key": entry.key}
        path = f"/emails/{quote(entry.key)}"
        try:
            answer = self.service.call("PATCH", path, json.loads(entry.wire), live)
        except DigestError as error:
            return [classify_silence(error)]
        outcome = _read_launch(parse_object(answer)) if answer.status // 100 == 2 else None
        return [outcome or classify_refusal(answer)]

    def find(self, entry: OutboxEntry) -> Outcome | None:
        """Return *entry* as sent if its draft was launched."""
        return _read_launch(
            parse_object(ask_service(self.service, "GET", f"/emails/{quote(entry.key)}"))
        )

    def test(self, entry: OutboxEntry, addresses: Sequence[str]) -> Outcome:
        """Send a draft of what *entry* holds to *addresses* alone."""
        wires = self.prepare([entry], ())
        if isinstance(wires, Outcome):
            return wires
        path = f"/emails/{quote(wires[0].key)}/send-draft"
        return send_trial(self.service, path, {"recipients": list(addresses)}, wires[0].key)

    def delete(self, entry: OutboxEntry) -> None:
        """Refuse: what is sent cannot be taken back."""
        raise DigestError(entry.job, "mail cannot be taken back", "Send a correction.")

    def close(self) -> None:
        """Close the connections."""
        self.service.close()

    def _known(self, made: Campaign) -> dict[str, Any] | None:
        """Return the draft of *made* that an earlier run left, None if there is none."""
        answer = ask_service(self.service, "GET", "/emails?status=draft")
        for found in parse_object(answer).get("results") or ():
            if (found.get("metadata") or {}).get("digest") == made.name:
                return dict(found)
        return None


def make_request(made: Campaign, template: str) -> dict[str, Any]:
    """Return the body of the request that makes a draft."""
    return {
        "subject": made.subject,
        "description": made.preheader,
        "body": f"{_RAW}{made.html}",
        "status": "draft",
        "template": template,
        "metadata": {"digest": made.name},
    }


def _read_launch(found: Mapping[str, Any]) -> Outcome | None:
    """Return that an email is out, as its status tells; None where it is not."""
    if found.get("status") not in _OUT:
        return None
    url = str(found.get("absolute_url") or "")
    return Outcome(status="sent", id=str(found.get("id", "")), url=url)
