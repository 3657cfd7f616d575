"""listmonk (listmonk.app), self-hosted: one campaign for an issue, its readers kept there.

``POST /api/campaigns`` makes a draft, ``PUT /api/campaigns/ID/status`` with ``running`` launches
it. An API user and its token sign in (listmonk 4 and newer).
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
    "unsubscribe": "{{ UnsubscribeURL }}",
    "preferences": "{{ ManageURL }}",
}
_OUT = frozenset({"running", "finished", "paused"})


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[mailers.listmonk]``; ``token`` is a secret. ``lists`` are the ids of those who get it.

    ``template`` is the id of one that holds nothing but ``{{ template "content" . }}``.
    """

    url: str
    user: str
    lists: tuple[int, ...]
    token: str = ""
    token_file: str = ""
    sender: str = ""
    template: int | None = None
    timeout: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    allow_private: validation.Internal[tuple[str, ...]] = ()  # of [fetch]


def build(options: Mapping[str, object]) -> "Listmonk":
    """Return the mailer; ConfigError without a token or a list."""
    read = validation.read_options(Options, options, "mailers", "listmonk")
    if not read.token:
        remedy = "Walk through it with: digest login listmonk"
        raise ConfigError("listmonk", "DIGEST_LISTMONK_TOKEN is not set", remedy)
    if not read.lists:
        raise ConfigError("[mailers.listmonk] lists", "names no list", "Set lists = [1].")
    headers = {"authorization": f"token {read.user}:{read.token}"}
    return Listmonk(
        options=read, service=JsonService(read.url, headers, read.timeout, read.allow_private)
    )


def sign_in() -> SignIn:
    """Return how to get it ready."""
    return SignIn(
        steps=(
            "Make an API user under Admin > Users and copy its token.",
            "Give the address of your listmonk, and the name of that user.",
        ),
        secrets=("token",),
        settings=("url", "user"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listmonk:
    """One listmonk and some of its lists."""

    options: Options
    service: JsonService
    name: str = "listmonk"
    whole: bool = True
    keyed: bool = True
    key_lasts: timedelta = timedelta()
    lags: Sequence[float] = (0.0,)

    def check(self) -> str:
        """Return where mail would go; DigestError where the token is not taken."""
        answer = check_key(self.service, "/api/lists?minimal=true&per_page=all", self.name)
        known = {x["id"]: x for x in (parse_object(answer).get("data") or {}).get("results") or ()}
        if missing := [number for number in self.options.lists if number not in known]:
            there = ", ".join(f"{n} ({x.get('name')})" for n, x in known.items())
            where = "[mailers.listmonk] lists"
            raise ConfigError(where, f"there is no list {missing[0]}", f"There is: {there}.")
        names = ", ".join(str(known[number].get("name")) for number in self.options.lists)
        return f"the lists {names} at {self.options.url}"

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
                    "POST", "/api/campaigns", make_request(made, self.options)
                )
                known = parse_object(answer).get("data") or {}
                if answer.status // 100 != 2 or not known.get("id"):
                    return mark_nothing_out(classify_refusal(answer))
        except DigestError as error:
            return mark_nothing_out(classify_silence(error))
        return [PreparedRequest(text=json.dumps({"status": "running"}), key=str(known["id"]))]

    def send(self, entries: Sequence[OutboxEntry]) -> Sequence[Outcome]:
        """Launch the draft; that it runs already is no refusal."""
        entry = single_entry(entries)
        path = f"/api/campaigns/{quote(entry.key)}/status"
        try:
            answer = self.service.call("PUT", path, json.loads(entry.wire))
            if answer.status // 100 == 4 and (found := self.find(entry)):
                return [found]
        except DigestError as error:
            return [classify_silence(error)]
        outcome = _read_launch(parse_object(answer)) if answer.status // 100 == 2 else None
        return [outcome or classify_refusal(answer)]

    def find(self, entry: OutboxEntry) -> Outcome | None:
        """Return *entry* as sent if its campaign was launched."""
        return _read_launch(
            parse_object(ask_service(self.service, "GET", f"/api/campaigns/{quote(entry.key)}"))
        )

    def test(self, entry: OutboxEntry, addresses: Sequence[str]) -> Outcome:
        """Send a draft of what *entry* holds to *addresses*, which listmonk must know."""
        wires = self.prepare([entry], ())
        if isinstance(wires, Outcome):
            return wires
        body = {
            **make_request(read_campaign(entry, TAGS), self.options),
            "subscribers": list(addresses),
        }
        path = f"/api/campaigns/{quote(wires[0].key)}/test"
        return send_trial(self.service, path, body, wires[0].key)

    def delete(self, entry: OutboxEntry) -> None:
        """Refuse: what is sent cannot be taken back."""
        raise DigestError(entry.job, "mail cannot be taken back", "Send a correction.")

    def close(self) -> None:
        """Close the connections."""
        self.service.close()

    def _known(self, made: Campaign) -> dict[str, Any] | None:
        """Return the draft of *made* that an earlier run left, None if there is none."""
        query = f"/api/campaigns?status=draft&no_body=true&per_page=50&query={quote(made.name)}"
        data = parse_object(ask_service(self.service, "GET", query)).get("data") or {}
        drafts = (x for x in data.get("results") or () if x.get("status") == "draft")
        return next((dict(x) for x in drafts if x.get("name") == made.name), None)


def make_request(made: Campaign, options: Options) -> dict[str, Any]:
    """Return the body of the request that makes a draft."""
    body: dict[str, Any] = {
        "name": made.name,
        "subject": made.subject,
        "lists": list(options.lists),
        "type": "regular",
        "content_type": "html",
        "body": made.html,
        "altbody": made.text,
        "messenger": "email",
        "tags": ["digest"],
    }
    if options.sender:
        body["from_email"] = options.sender
    if options.template is not None:
        body["template_id"] = options.template
    return body


def _read_launch(found: Mapping[str, Any]) -> Outcome | None:
    """Return that a campaign is out, as its status tells; None where it is not."""
    data = found.get("data") or {}
    if not isinstance(data, dict) or data.get("status") not in _OUT:
        return None
    return Outcome(status="sent", id=str(data.get("id", "")))
