"""Posting on Mastodon by way of Mastodon.py: root public, replies unlisted, each with its key.

An Idempotency-Key holds for an hour and is stored after the post is: it makes a repeat unlikely
to double, not impossible, so a lost answer is looked up and not sent again.

What a Mastodon server allows a post to be: asked once a day, remembered, and told if unknown.

Mastodon: graphemes, a link 23, a mention without its server; the instance sets the limit.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

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
    spelled,
)
from digest.model import OutboxEntry, Outcome, Part, PreparedRequest
from digest.model.errors import DigestError, FetchError
from digest.model.ports.social import Account, NetworkLimits, SignIn
from digest.text.graphemes import count_graphemes
from digest.text.notation import parse_json
from digest.text.twitter_text import find_links

_LINK = 23
_MENTION = re.compile(
    r"(?<![=/\w])@(?P<name>[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:@\w+(?:[.-]\w+)*)?",
    re.IGNORECASE | re.ASCII,
)


def to_countable_text(text: str, link: int = _LINK) -> str:
    """Return *text* as Mastodon counts it: links *link* long, mentions without their server."""
    pieces: list[str] = []
    position = 0
    for span in find_links(text, wide=True):
        if not span.bare:
            pieces += [text[position : span.start], "x" * link]
            position = span.end
    return _MENTION.sub(r"@\g<name>", "".join([*pieces, text[position:]]))


@dataclass(frozen=True, slots=True)
class Mastodon:
    """Mastodon as the planner sees it."""

    facts: NetworkFacts
    name: str = "mastodon"
    link: int = _LINK

    @property
    def limits(self) -> NetworkLimits:
        """Return the limits of the instance, the server's defaults unless the options say more."""
        return self.facts.limits

    def measure(self, text: str) -> int:
        """Return the number of graphemes of *text*, links and mentions shortened."""
        return count_graphemes(to_countable_text(text, self.link))

    def cost(self, _parts: Sequence[Part]) -> None:
        """Return None: posting is free."""

    def links(self, text: str) -> tuple[str, ...]:
        """Return what the instance links: only what has a scheme, and all that stands behind it."""
        return spelled(text, wide=True)

    def warnings(self, text: str) -> tuple[str, ...]:
        """Return whom the instance would tell of *text*, and what it takes into links."""
        return (
            *_swallowed(text),
            *(f"Mastodon tells {m[0]} of it" for m in _MENTION.finditer(text)),
        )


def _swallowed(text: str) -> Iterator[str]:
    """Yield what a link takes in of the words behind it (mastodon/mastodon, issue 6031)."""
    meant = {span.start: span.end for span in find_links(text)}
    for span in find_links(text, wide=True):
        end = meant.get(span.start, span.end)
        if not span.bare and end < span.end:
            link, taken = text[span.start : end], text[end : span.end]
            yield f"Mastodon takes “{taken}” into the link “{link}”: put a space behind the link"


class Options(NetworkOptions, frozen=True, kw_only=True):
    """``[networks.mastodon]``: the server of the account, ``instance``, as a web address."""

    instance: str = ""
    access_token_file: str = ""


def build(options: Mapping[str, object]) -> Mastodon:
    """Return the network for *options*, the ``[networks.mastodon]`` section.

    Where ``instance`` names a server its limits are asked for, and remembered in the folder
    ``cache``; what the options say themselves wins.
    """
    own = read_options(Options, options, "networks", "mastodon")
    if not own.instance.startswith(("https://", "http://")):
        return Mastodon(find_facts("mastodon", own.limits))
    cache = Path(own.cache) if own.cache else None
    found = find_instance(own.instance, cache, own.allow_private)
    note = "" if own.characters else found.note
    allowed = {"characters": found.characters, "images": found.images, "note": note}
    return Mastodon(find_facts("mastodon", {**allowed, **own.limits}), link=found.link)


def sign_in() -> SignIn:
    """Return how a person gets an account on Mastodon ready."""
    return SIGN_IN


def account(options: Mapping[str, object], secrets: Mapping[str, str]) -> Account:
    """Return the account that *options* name and *secrets* open; ConfigError if one is missing."""
    return open_account(options, secrets)


SIGN_IN = SignIn(
    steps=(
        "On your server open Preferences, Development, New application.",
        "Tick read:accounts, read:statuses, write:statuses and write:media; submit.",
        "Open the application and copy “Your access token”.",
    ),
    secrets=("access_token",),
    settings=("instance",),
)
_ALT = 1500
_SKEW = timedelta(minutes=2)
_PAUSE = timedelta(minutes=5)
_PAGE, _PAGES = 40, 5
_REGIONS = {"zh-TW", "zh-HK", "zh-CN"}  # the only regions Mastodon tells apart
_LOGIN = "Make a new token: digest login mastodon"


@dataclass(slots=True, kw_only=True)
class MastodonAccount:
    """One account on one server; ``client`` is a ``mastodon.Mastodon``."""

    client: Any
    read: Read
    name: str = "mastodon"
    whole: bool = False
    keyed: bool = False
    limits: NetworkLimits = field(default_factory=lambda: find_facts("mastodon", {}).limits)
    key_lasts: timedelta = timedelta(hours=1)
    lags: Sequence[float] = (2, 10)
    _me: Any = None

    def check(self) -> str:
        """Return the handle, and how long a post may be on this server."""
        me = self._owner()
        host = self.client.api_base_url.split("//")[-1]
        with _explain_errors("the server"):
            room = self.client.instance_v2().configuration.statuses.max_characters
        return f"@{me.acct}@{host}, {room} characters a post"

    def prepare(
        self, entries: Sequence[OutboxEntry], sent: Sequence[OutboxEntry]
    ) -> Sequence[PreparedRequest] | Outcome:
        """Return the request for the one entry; its pictures are uploaded now."""
        parcel = open_payload(entries[0])
        try:
            media = self._upload(parcel)
        except DigestError as error:
            return Outcome(status="rejected", reason=str(error))
        except Exception as error:
            return _classify_early_error(error, self.client)
        body = {
            "status": parcel.text,
            "in_reply_to_id": sent[-1].id if sent else None,
            "media_ids": media,
            "visibility": "unlisted" if sent else "public",
            "language": map_language(parcel.language),
        }
        text = json.dumps({key: value for key, value in body.items() if value}, ensure_ascii=False)
        return [PreparedRequest(text=text, key=uuid4().hex)]

    def send(self, entries: Sequence[OutboxEntry]) -> Sequence[Outcome]:
        """Send the one entry; return what became of it."""
        (one,) = entries
        try:
            status = self.client.status_post(**json.loads(one.wire), idempotency_key=one.key)
            found = str(getattr(status, "id", None) or "")
        except Exception as error:
            return [classify_error(error, self.client)]
        if not found:
            return [Outcome(status="unknown", reason="Mastodon gave no id")]
        return [Outcome(status="sent", id=found, url=str(status.url or status.uri))]

    def find(self, entry: OutboxEntry) -> Outcome | None:
        """Return *entry* as sent if the account's timeline shows it since it was armed."""
        wire = json.loads(entry.wire)
        since = (entry.armed or datetime.now(UTC)) - _SKEW
        for status in self._since(since):
            if is_same_post(status.content, str(status.in_reply_to_id or ""), wire):
                return Outcome(status="sent", id=str(status.id), url=str(status.url or status.uri))
        return None

    def delete(self, entry: OutboxEntry) -> None:
        """Delete the sent *entry*; what is gone already is no error."""
        from mastodon import MastodonNotFoundError

        with _explain_errors(entry.url):
            try:
                self.client.status_delete(entry.id)
            except MastodonNotFoundError:
                return

    def close(self) -> None:
        """Close the connections."""
        self.client.session.close()

    def _owner(self) -> Any:  # noqa: ANN401 - an SDK object that stays in here
        if self._me is None:
            with _explain_errors("Mastodon"):
                me = self.client.account_verify_credentials()
                if not getattr(me, "id", None):
                    raise DigestError("Mastodon", "did not say who the account is", _LOGIN)
                self._me = me
        return self._me

    def _since(self, since: datetime) -> Iterator[Any]:
        me, before = self._owner().id, None
        for _ in range(_PAGES):
            with _explain_errors("the timeline on Mastodon"):
                page = self.client.account_statuses(me, limit=_PAGE, max_id=before)
                if not isinstance(page, list):
                    raise DigestError("the timeline on Mastodon", "is not readable")
            recent = [status for status in page if status.created_at >= since]
            yield from recent
            if len(recent) < len(page) or not page:
                return
            before = page[-1].id

    def _upload(self, parcel: PostPayload) -> list[str]:
        return [
            str(
                self.client.media_post(
                    one.data, mime_type=one.mime, description=one.alt[:_ALT], synchronous=True
                ).id
            )
            for one in (
                load_picture(media, self.limits.image_bytes, self.read) for media in parcel.media
            )
        ]


def classify_error(error: Exception, client: Any) -> Outcome:  # noqa: ANN401 - Mastodon.py's client
    """Return what *error* means for the post it answers; anything doubtful is unknown."""
    import mastodon

    if isinstance(error, mastodon.MastodonRatelimitError):
        reset = client.ratelimit_reset
        at = datetime.fromtimestamp(reset, UTC) if reset else datetime.now(UTC) + _PAUSE
        return Outcome(status="deferred", retry_at=at, reason="Mastodon wants a pause")
    status = _status_code(error)
    if isinstance(error, mastodon.MastodonIllegalArgumentError) or 400 <= status < 500:
        remedy = f" {_LOGIN}" if status in (401, 403) else ""
        return Outcome(status="rejected", reason=f"Mastodon: {describe_error(error)}.{remedy}")
    return Outcome(status="unknown", reason=f"Mastodon: {describe_error(error)}")


def _classify_early_error(error: Exception, client: Any) -> Outcome:  # noqa: ANN401 - Mastodon.py's client
    """Return what *error* means where nothing could have shown yet: unknown is not sent."""
    found = classify_error(error, client)
    if found.status != "unknown":
        return found
    soon = datetime.now(UTC) + timedelta(seconds=5)
    reason = f"the picture could not be uploaded: {found.reason}"
    return Outcome(status="deferred", retry_at=soon, reason=reason)


def describe_error(error: Exception) -> str:
    """Return what *error* says, in one short line without the server's page in it."""
    text = str(error.args[3]) if len(error.args) > 3 and error.args[3] else str(error)
    if "Could not parse" in text:
        return "the answer is not JSON"
    if "timed out" in text:
        return "there was no answer in time"
    if "Could not complete request" in text:
        return "the connection broke"
    return " ".join(text.split())[:200].rstrip(".")


def _status_code(error: Exception) -> int:
    found = error.args[1] if len(error.args) > 1 else 0
    return found if isinstance(found, int) else 0


@contextmanager
def _explain_errors(subject: str) -> Iterator[None]:
    """Turn whatever the SDK raises into a DigestError on *subject*."""
    try:
        yield
    except DigestError:
        raise
    except Exception as error:
        remedy = _LOGIN if _status_code(error) in (401, 403) else "Try again later."
        raise DigestError(subject, describe_error(error), remedy) from None


def is_same_post(content: str, parent: str, wire: Mapping[str, Any]) -> bool:
    """Tell whether a status, its *content* in HTML, is the post that *wire* asked for."""
    from selectolax.lexbor import LexborHTMLParser

    shown = LexborHTMLParser(content).text()
    return parent == wire.get("in_reply_to_id", "") and _remove_space(shown) == _remove_space(
        wire["status"]
    )


def _remove_space(text: str) -> str:
    """Return *text* without what Mastodon shows otherwise: its space, and servers of mentions."""
    return re.sub(r"\s+", "", _MENTION.sub(r"@\g<name> ", text))


def map_language(tag: str) -> str:
    """Return the language *tag* (BCP 47) as Mastodon knows it."""
    parts = tag.split("-")
    regional = f"{parts[0]}-{parts[-1].upper()}"
    return regional if regional in _REGIONS else parts[0]


def open_account(options: Mapping[str, object], secrets: Mapping[str, str]) -> MastodonAccount:
    """Return the account on the server ``instance``; ConfigError where none is named."""
    server = require_option(options, "mastodon", "instance", "https://mastodon.example")
    with require_package("Mastodon.py"):
        import mastodon
    client = mastodon.Mastodon(
        access_token=secrets["access_token"],
        api_base_url=server,
        ratelimit_method="throw",
        request_timeout=find_timeout(options),
        version_check_mode="none",
    )
    return MastodonAccount(client=client, read=make_picture_reader(options))


DEFAULT = 500  # characters, where a server was never asked
_FRESH = timedelta(days=1)
_ROUTES = ("/api/v2/instance", "/api/v1/instance")  # the second one for servers before 4.0
_DEADLINE = 5.0  # seconds; a draft does not wait for longer
_OK = 200
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """The limits of one server; ``note`` is what a person should know of them.

    ``characters`` and ``link``, what a URL counts, are its ``max_characters`` and
    ``characters_reserved_per_url``; ``images`` its ``max_media_attachments``.
    """

    characters: int = DEFAULT
    link: int = 23
    images: int = 4
    asked: str = ""
    note: str = ""


def find_instance(server: str, cache: Path | None, allow_private: Sequence[str] = ()) -> Instance:
    """Return the limits of *server*: of today from *cache*, else asked for, else of before."""
    now = datetime.now(UTC)
    known = _load_remembered(server, cache)
    if known and now - datetime.fromisoformat(known.asked) < _FRESH:
        return known
    try:
        found = _ask_instance(server, now, allow_private)
    except DigestError as error:
        cause = f"{urlsplit(server).hostname or server} did not say what it allows ({error.cause})"
        return known or Instance(note=f"{cause}: {DEFAULT} characters are assumed")
    _save_instance(server, found, cache)
    return found


def _ask_instance(server: str, now: datetime, allow_private: Sequence[str]) -> Instance:
    """Return what *server* says; FetchError where it says nothing of use."""
    from digest.http.client import Client

    with closing(Client(origin=server, allow_private=allow_private)) as client:
        for route in _ROUTES:
            answer = client.get(server.rstrip("/") + route, deadline=_DEADLINE)
            if answer.status != _NOT_FOUND:
                break
    if answer.status != _OK:
        raise FetchError(server, f"it answered {answer.status}")
    return _read_instance(server, answer.body, now)


def _read_instance(server: str, body: bytes, now: datetime) -> Instance:
    try:
        answer: Any = parse_json(body)
        statuses = answer["configuration"]["statuses"]
        return Instance(
            characters=_read_number(statuses["max_characters"]),
            link=_read_number(statuses["characters_reserved_per_url"]),
            images=_read_number(statuses["max_media_attachments"]),
            asked=now.isoformat(),
        )
    except (ValueError, KeyError, TypeError):
        raise FetchError(server, "its answer is not that of a Mastodon server") from None


def _read_number(value: Any) -> int:  # noqa: ANN401 - as a server wrote it
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(value)
    return value


def _load_cache(cache: Path | None) -> dict[str, Any]:
    try:
        found = parse_json((cache / "mastodon.json").read_text("utf-8")) if cache else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _load_remembered(server: str, cache: Path | None) -> Instance | None:
    found = _load_cache(cache).get(server)
    try:
        known = Instance(**found) if isinstance(found, Mapping) else Instance()
        datetime.fromisoformat(known.asked)
    except (TypeError, ValueError):  # nothing, or written by another version
        return None
    return known


def _save_instance(server: str, found: Instance, cache: Path | None) -> None:
    """Write *found* down; where that cannot be done it is asked for again."""
    if cache is None:
        return
    with suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        text = json.dumps(_load_cache(cache) | {server: asdict(found)}, indent=1)
        (cache / "mastodon.json").write_text(text, "utf-8")
