"""Posting on Bluesky by way of atproto: a thread is one ``applyWrites``, all of it or nothing.

We name the records ourselves (a TID each) and compute their CIDs, so a reply can point to a part
that is not out yet, and the records of an approved thread are frozen before they leave. The same
names are never created twice (the server refuses), which makes asking again safe.

Bluesky's records: names, content ids and facets, made here so that they can be frozen.

Bluesky: 300 graphemes and 3000 bytes a post; a link travels as a card beside the text.
"""

import base64
import json
import re
import secrets as randomness
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from digest.config.validation import read_options
from digest.delivery.networks import (
    NetworkFacts,
    NetworkOptions,
    PostPayload,
    Read,
    find_facts,
    find_timeout,
    load_picture,
    make_picture_reader,
    open_payload,
    require_option,
    require_package,
)
from digest.model import Attachment, OutboxEntry, Outcome, Part, PreparedRequest
from digest.model.errors import DigestError
from digest.model.ports.social import Account, NetworkLimits, SignIn
from digest.text.graphemes import count_graphemes
from digest.text.twitter_text import LinkSpan, find_links


@dataclass(frozen=True, slots=True)
class Bluesky:
    """Bluesky as the planner sees it."""

    facts: NetworkFacts
    name: str = "bluesky"

    @property
    def limits(self) -> NetworkLimits:
        """Return the limits of the post record (lexicon app.bsky.feed.post)."""
        return self.facts.limits

    def measure(self, text: str) -> int:
        """Return the number of graphemes of *text*."""
        return count_graphemes(text)

    def cost(self, _parts: Sequence[Part]) -> None:
        """Return None: posting is free."""

    def links(self, text: str) -> tuple[str, ...]:
        """Return what becomes a link: what has a scheme, and a host with a path."""
        return tuple(text[span.start : span.end] for span in _meant_links(text))

    def warnings(self, text: str) -> tuple[str, ...]:
        """Return what of *text* becomes a link or tells somebody, and which tags are none."""
        told = (f"Bluesky tells @{found['handle']} of it" for found in _MENTION.finditer(text))
        bare = (text[span.start : span.end] for span in _meant_links(text) if span.bare)
        linked = (f"Bluesky makes a link of “{link}”" for link in bare)
        return (*linked, *told, *_no_tags(text))


class Options(NetworkOptions, frozen=True, kw_only=True):
    """``[networks.bluesky]``: the account ``handle`` on ``service``, bsky.social by default."""

    handle: str = ""
    service: str = ""
    app_password_file: str = ""


def build(options: Mapping[str, object]) -> Bluesky:
    """Return the network for *options*, the ``[networks.bluesky]`` section."""
    own = read_options(Options, options, "networks", "bluesky")
    return Bluesky(find_facts("bluesky", own.limits))


def sign_in() -> SignIn:
    """Return how a person gets an account on Bluesky ready."""
    return SIGN_IN


def account(options: Mapping[str, object], secrets: Mapping[str, str]) -> Account:
    """Return the account that *options* name and *secrets* open; ConfigError if one is missing."""
    return open_account(options, secrets)


COLLECTION = "app.bsky.feed.post"
_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
_CLOSING = ".,;:!?。，、；：！？」』）)"
# As in Bluesky's own client (api/src/rich-text/util.ts), where what cannot be seen makes no tag.
_MENTION = re.compile(  # as there, where a handle is a host name
    r"(?<![\w@./])@(?P<handle>(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])?)",
    re.IGNORECASE | re.ASCII,
)
_FACET = "app.bsky.richtext.facet"
_TAG_GRAPHEMES, _TAG_BYTES = 64, 640
_TAG = re.compile(r"(?<!\S)[#＃](?P<tag>[^\s#＃\u00ad\u2060\u200a-\u200d\u20e2]+)")


def find_facets(text: str, identify: Callable[[str], str] = lambda _: "") -> list[dict[str, Any]]:
    """Return what in *text* is a link, hashtag or mention, by UTF-8 bytes.

    The kinds are those of app.bsky.richtext.facet. *identify* gives the DID of a handle, "" where
    nobody has it: then it stays text.
    """
    found = [(span.start, span.end, _link_to(text, span)) for span in _meant_links(text)]
    for match, tag in _tags(text):
        if _is_tag(tag):
            end = match.start("tag") + len(tag)
            found.append((match.start(), end, {"$type": f"{_FACET}#tag", "tag": tag}))
    for match in _MENTION.finditer(text):
        if did := identify(match["handle"]):
            mention = {"$type": f"{_FACET}#mention", "did": did}
            found.append((match.start(), match.end(), mention))
    taken = [(start, end) for start, end, what in found if what["$type"] == f"{_FACET}#mention"]
    found = [one for one in found if one[:2] in taken or not any(a <= one[0] < b for a, b in taken)]
    return [
        {
            "index": {"byteStart": _byte_offset(text, start), "byteEnd": _byte_offset(text, end)},
            "features": [what],
        }
        for start, end, what in sorted(found, key=lambda one: one[0])
    ]


def _meant_links(text: str) -> Iterator[LinkSpan]:
    """Yield the links of *text*; README.md is a file, and a host alone a name: both stay words."""
    return (s for s in find_links(text) if not s.bare or "/" in text[s.start : s.end])


def _link_to(text: str, span: LinkSpan) -> dict[str, Any]:
    written = text[span.start : span.end]
    uri = f"https://{written}" if span.bare else written
    return {"$type": f"{_FACET}#link", "uri": uri}


def _tags(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield each run after # that might be a tag, without the marks that end it."""
    for match in _TAG.finditer(text):
        tag = match["tag"].rstrip(_CLOSING)
        if tag and not tag.isdecimal():
            yield match, tag


def _is_tag(tag: str) -> bool:
    """Tell whether *tag* is as short as a tag may be (lexicon app.bsky.richtext.facet#tag)."""
    return count_graphemes(tag) <= _TAG_GRAPHEMES and len(tag.encode()) <= _TAG_BYTES


def _no_tags(text: str) -> Iterator[str]:
    for _, tag in _tags(text):
        if not _is_tag(tag):
            yield f"“#{tag[:20]}…” is too long for a tag on Bluesky and stays plain text"


def _byte_offset(text: str, position: int) -> int:
    return len(text[:position].encode())


def make_tid(micros: int, clock: int) -> str:
    """Return the TID of *micros* since 1970 and a *clock* id of 10 bits (atproto record keys)."""
    number = micros << 10 | clock
    return "".join(_SORTABLE[number >> shift & 31] for shift in range(60, -1, -5))


def make_cid(record: Mapping[str, Any]) -> str:
    """Return the CID of *record*: version 1, dag-cbor, SHA-256, in base 32."""
    import libipld

    digest = sha256(libipld.encode_dag_cbor(_to_cbor_links(record))).digest()
    raw = b"\x01\x71\x12\x20" + digest
    return "b" + base64.b32encode(raw).decode().lower().rstrip("=")


def _to_cbor_links(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return *value* with its JSON links (``$link``) as the bytes that CBOR holds for them."""
    if isinstance(value, dict):
        if set(value) == {"$link"}:
            return _decode_cid(value["$link"])
        return {key: _to_cbor_links(inner) for key, inner in value.items()}
    return [_to_cbor_links(inner) for inner in value] if isinstance(value, list) else value


def _decode_cid(text: str) -> bytes:
    padded = text[1:].upper() + "=" * (-len(text[1:]) % 8)
    return base64.b32decode(padded)


def make_ref(uri: str, record: Mapping[str, Any]) -> dict[str, str]:
    """Return the strong reference to *record* at *uri*."""
    return {"uri": uri, "cid": make_cid(record)}


SIGN_IN = SignIn(
    steps=(
        "In Bluesky open Settings, Privacy and security, App passwords.",
        "Add one for digest and copy it; it looks like xxxx-xxxx-xxxx-xxxx.",
    ),
    secrets=("app_password",),
    settings=("handle",),
)
_SERVICE = "https://bsky.social"
_PAUSE = timedelta(minutes=5)
_LOGIN = "Make a new app password: digest login bluesky"


@dataclass(slots=True, kw_only=True)
class BlueskyAccount:
    """One account on its own server; ``client`` is an ``atproto.Client``, signed in when used."""

    client: Any
    read: Read
    handle: str
    password: str
    name: str = "bluesky"
    whole: bool = True
    keyed: bool = True
    limits: NetworkLimits = field(default_factory=lambda: find_facts("bluesky", {}).limits)
    key_lasts: timedelta = timedelta()
    lags: Sequence[float] = (1, 5)
    _did: str = ""

    def check(self) -> str:
        """Return the handle the account signs in with."""
        with _explain_errors("Bluesky"):
            self._sign_in()
        return f"@{self.handle}"

    def prepare(
        self, entries: Sequence[OutboxEntry], sent: Sequence[OutboxEntry]
    ) -> Sequence[PreparedRequest] | Outcome:
        """Return the records of *entries*, each pointing to the one before it."""
        chain = [make_ref(one.id, json.loads(one.wire)) for one in sent]
        start, clock = time.time_ns() // 1000, randomness.randbelow(1024)
        created = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        wires = []
        try:
            repo = self._sign_in()
            for place, one in enumerate(entries):
                record = self._record(open_payload(one), created, chain)
                key = make_tid(start + place, clock)
                chain.append(make_ref(f"at://{repo}/{COLLECTION}/{key}", record))
                wires.append(PreparedRequest(text=json.dumps(record, ensure_ascii=False), key=key))
        except DigestError as error:
            return Outcome(status="rejected", reason=str(error))
        except Exception as error:
            return _classify_early_error(error)
        return wires

    def send(self, entries: Sequence[OutboxEntry]) -> Sequence[Outcome]:
        """Send *entries* in one request; return the same outcome for each."""
        writes = [
            f'{{"$type":"com.atproto.repo.applyWrites#create","collection":"{COLLECTION}",'
            f'"rkey":"{one.key}","value":{one.wire}}}'
            for one in entries
        ]
        try:
            repo = self._sign_in()
            body = f'{{"repo":"{repo}","validate":true,"writes":[{",".join(writes)}]}}'
            answer = self._post("com.atproto.repo.applyWrites", body)
        except Exception as error:
            again = any(one.attempts > 1 for one in entries)
            return [classify_error(error, again=again)] * len(entries)
        made = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(made, list) or len(made) != len(entries):
            return [Outcome(status="unknown", reason="Bluesky gave no results")] * len(entries)
        return [_sent_outcome(repo, one.key) for one in entries]

    def find(self, entry: OutboxEntry) -> Outcome | None:
        """Return *entry* as sent if the account holds a record of its name."""
        from atproto_client.exceptions import BadRequestError

        with _explain_errors("the account on Bluesky"):
            repo = self._sign_in()
            query = {"repo": repo, "collection": COLLECTION, "rkey": entry.key}
            try:
                answer = self.client.com.atproto.repo.get_record(query)
            except BadRequestError as error:
                if _error_code(error) == "RecordNotFound":
                    return None
                raise
            if not answer.cid:
                raise DigestError("the account on Bluesky", "is not readable", "Try again later.")
        return _sent_outcome(repo, entry.key)

    def delete(self, entry: OutboxEntry) -> None:
        """Delete the sent *entry*; what is gone already is no error."""
        with _explain_errors(entry.url):
            body = {"repo": self._sign_in(), "collection": COLLECTION, "rkey": entry.key}
            self._post("com.atproto.repo.deleteRecord", json.dumps(body))

    def close(self) -> None:
        """Close the connections."""
        self.client.request.close()

    def _sign_in(self) -> str:
        """Return the account's DID; sign in once, for a server allows few sessions."""
        from atproto_client.client.session import Session

        if not self._did:
            self.client.login(self.handle, self.password, fetch_bsky_profile=False)
            self._did = Session.decode(self.client.export_session_string()).did
        return self._did

    def _post(self, method: str, body: str) -> object:
        """Send *body* as it is: the SDK's models would write the records anew."""
        answer = self.client.invoke_procedure(
            method, content=body.encode(), input_encoding="application/json"
        )
        return answer.content

    def _record(
        self, parcel: PostPayload, created: str, chain: Sequence[Mapping[str, str]]
    ) -> dict[str, Any]:
        record: dict[str, Any] = {"$type": COLLECTION, "text": parcel.text, "createdAt": created}
        if parcel.language:
            record["langs"] = [parcel.language]
        if marked := find_facets(parcel.text, self._identify):
            record["facets"] = marked
        if chain:
            record["reply"] = {"root": chain[0], "parent": chain[-1]}
        if embed := self._embed(parcel):
            record["embed"] = embed
        return record

    def _identify(self, handle: str) -> str:
        """Return the DID of *handle*, "" where nobody has it."""
        from atproto_client.exceptions import BadRequestError

        try:
            found = self.client.com.atproto.identity.resolve_handle({"handle": handle})
        except BadRequestError:
            return ""
        return str(found.did)

    def _embed(self, parcel: PostPayload) -> dict[str, Any]:
        """Return the one embed a post may have: the link's card before pictures of its own."""
        carded = bool(parcel.link and parcel.link not in parcel.text)
        most = self.limits.thumb_bytes if carded else self.limits.image_bytes
        blobs = [(self._blob(one, most), one.alt) for one in parcel.media]
        if carded:
            about = {"uri": parcel.link, "title": parcel.title, "description": parcel.summary}
            thumb = {"thumb": blobs[0][0]} if blobs else {}
            return {"$type": "app.bsky.embed.external", "external": about | thumb}
        shown = [{"image": blob, "alt": alt} for blob, alt in blobs]
        return {"$type": "app.bsky.embed.images", "images": shown} if shown else {}

    def _blob(self, of: Attachment, most: int) -> dict[str, Any]:
        found = load_picture(of, most, self.read)
        answer = self.client.invoke_procedure(
            "com.atproto.repo.uploadBlob", content=found.data, input_encoding=found.mime
        )
        blob = answer.content.get("blob") if isinstance(answer.content, dict) else None
        if not isinstance(blob, dict):
            raise DigestError(of.path, "was not taken by Bluesky", "Try again later.")
        return blob


def _sent_outcome(repo: str, key: str) -> Outcome:
    url = f"https://bsky.app/profile/{repo}/post/{key}"
    return Outcome(status="sent", id=f"at://{repo}/{COLLECTION}/{key}", url=url)


def classify_error(error: Exception, *, again: bool) -> Outcome:
    """Return what *error* means for the thread it answers; anything doubtful is unknown.

    Asked *again*, a refusal may mean that the records are there already: a reason to look.
    """
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", 0)
    if status == 429:
        reset = str(response.headers.get("ratelimit-reset", "")) if response else ""
        known = reset.isdecimal()
        at = datetime.fromtimestamp(int(reset), UTC) if known else datetime.now(UTC) + _PAUSE
        return Outcome(status="deferred", retry_at=at, reason="Bluesky wants a pause")
    if 400 <= status < 500 and not again:
        remedy = f" {_LOGIN}" if status in (401, 403) else ""
        return Outcome(status="rejected", reason=f"Bluesky: {describe_error(error)}.{remedy}")
    return Outcome(status="unknown", reason=f"Bluesky: {describe_error(error)}")


def _classify_early_error(error: Exception) -> Outcome:
    """Return what *error* means where nothing could have shown yet: unknown is not sent."""
    found = classify_error(error, again=False)
    if found.status != "unknown":
        return found
    return Outcome(
        status="deferred", retry_at=datetime.now(UTC) + timedelta(seconds=5), reason=found.reason
    )


def describe_error(error: Exception) -> str:
    """Return what *error* says, in one short line."""
    response = getattr(error, "response", None)
    content = getattr(response, "content", None)
    message = getattr(content, "message", None) or getattr(content, "error", None)
    if message:
        return str(message).rstrip(".")
    if response is not None:
        return f"answered {response.status_code} with something that is not XRPC"
    if "Timeout" in type(error).__name__:
        return "there was no answer in time"
    return "the connection broke" if not isinstance(error, ValueError) else "is not readable"


def _error_code(error: Exception) -> str:
    content = getattr(getattr(error, "response", None), "content", None)
    return str(getattr(content, "error", "") or "")


@contextmanager
def _explain_errors(subject: str) -> Iterator[None]:
    """Turn whatever the SDK raises into a DigestError on *subject*."""
    try:
        yield
    except DigestError:
        raise
    except Exception as error:
        status = getattr(getattr(error, "response", None), "status_code", 0)
        remedy = _LOGIN if status in (401, 403) else "Try again later."
        raise DigestError(subject, describe_error(error), remedy) from None


def open_account(options: Mapping[str, object], secrets: Mapping[str, str]) -> BlueskyAccount:
    """Return the account ``handle``; ``service`` is its server, bsky.social by default."""
    handle = require_option(options, "bluesky", "handle", "blog.example.org")
    with require_package("atproto"):
        from atproto_client import Client
        from atproto_client.request import Request
    service = str(options.get("service") or _SERVICE)
    client = Client(base_url=service, request=Request(timeout=find_timeout(options)))
    return BlueskyAccount(
        client=client,
        read=make_picture_reader(options),
        handle=handle.removeprefix("@"),
        password=secrets["app_password"],
    )
