"""Posting on Mastodon by way of Mastodon.py: root public, replies unlisted, each with its key.

An Idempotency-Key holds for an hour and is stored after the post is: it makes a repeat unlikely
to double, not impossible, so a lost answer is looked up and not sent again.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from digest.errors import DigestError
from digest.model import Entry, Outcome, Wire
from digest.networks._pictures import Read, picture, reader
from digest.networks._sdk import READ, needing, option
from digest.parcel import Parcel, opened
from digest.ports import SignIn

SIGN_IN = SignIn(
    steps=(
        "On your server open Preferences, Development, New application.",
        "Tick read:accounts, read:statuses, write:statuses and write:media; submit.",
        "Open the application and copy “Your access token”.",
    ),
    secrets=("access_token",),
    settings=("instance",),
)
_PICTURE = 16_000_000
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
    lags: Sequence[float] = (2, 10)
    _me: Any = None

    def check(self) -> str:
        """Return the handle, and how long a post may be on this server."""
        me = self._owner()
        host = self.client.api_base_url.split("//")[-1]
        with _told("the server"):
            room = self.client.instance_v2().configuration.statuses.max_characters
        return f"@{me.acct}@{host}, {room} characters a post"

    def prepare(self, entries: Sequence[Entry], sent: Sequence[Entry]) -> Sequence[Wire] | Outcome:
        """Return the request for the one entry; its pictures are uploaded now."""
        parcel = opened(entries[0])
        try:
            media = self._upload(parcel)
        except DigestError as error:
            return Outcome(status="rejected", reason=str(error))
        except Exception as error:
            return _before(error, self.client)
        body = {
            "status": parcel.text,
            "in_reply_to_id": sent[-1].id if sent else None,
            "media_ids": media,
            "visibility": "unlisted" if sent else "public",
            "language": language(parcel.language),
        }
        text = json.dumps({key: value for key, value in body.items() if value}, ensure_ascii=False)
        return [Wire(text=text, key=uuid4().hex)]

    def send(self, entries: Sequence[Entry]) -> Sequence[Outcome]:
        """Send the one entry; return what became of it."""
        (one,) = entries
        try:
            status = self.client.status_post(**json.loads(one.wire), idempotency_key=one.key)
            found = str(getattr(status, "id", None) or "")
        except Exception as error:
            return [outcome(error, self.client)]
        if not found:
            return [Outcome(status="unknown", reason="Mastodon gave no id")]
        return [Outcome(status="sent", id=found, url=str(status.url or status.uri))]

    def find(self, entry: Entry) -> Outcome | None:
        """Return *entry* as sent if the account's timeline shows it since it was armed."""
        wire = json.loads(entry.wire)
        since = (entry.armed or datetime.now(UTC)) - _SKEW
        for status in self._since(since):
            if matches(status.content, str(status.in_reply_to_id or ""), wire):
                return Outcome(status="sent", id=str(status.id), url=str(status.url or status.uri))
        return None

    def delete(self, entry: Entry) -> None:
        """Delete the sent *entry*; what is gone already is no error."""
        from mastodon import MastodonNotFoundError

        with _told(entry.url):
            try:
                self.client.status_delete(entry.id)
            except MastodonNotFoundError:
                return

    def close(self) -> None:
        """Close the connections."""
        self.client.session.close()

    def _owner(self) -> Any:  # noqa: ANN401 - an SDK object that stays in here
        if self._me is None:
            with _told("Mastodon"):
                me = self.client.account_verify_credentials()
                if not getattr(me, "id", None):
                    raise DigestError("Mastodon", "did not say who the account is", _LOGIN)
                self._me = me
        return self._me

    def _since(self, since: datetime) -> Iterator[Any]:
        me, before = self._owner().id, None
        for _ in range(_PAGES):
            with _told("the timeline on Mastodon"):
                page = self.client.account_statuses(me, limit=_PAGE, max_id=before)
                if not isinstance(page, list):
                    raise DigestError("the timeline on Mastodon", "is not readable")
            recent = [status for status in page if status.created_at >= since]
            yield from recent
            if len(recent) < len(page) or not page:
                return
            before = page[-1].id

    def _upload(self, parcel: Parcel) -> list[str]:
        return [
            str(
                self.client.media_post(
                    one.data, mime_type=one.mime, description=one.alt[:_ALT], synchronous=True
                ).id
            )
            for one in (picture(media, _PICTURE, self.read) for media in parcel.media)
        ]


def outcome(error: Exception, client: Any) -> Outcome:  # noqa: ANN401 - Mastodon.py's client
    """Return what *error* means for the post it answers; anything doubtful is unknown."""
    import mastodon

    if isinstance(error, mastodon.MastodonRatelimitError):
        reset = client.ratelimit_reset
        at = datetime.fromtimestamp(reset, UTC) if reset else datetime.now(UTC) + _PAUSE
        return Outcome(status="deferred", retry_at=at, reason="Mastodon wants a pause")
    status = _status(error)
    if isinstance(error, mastodon.MastodonIllegalArgumentError) or 400 <= status < 500:
        remedy = f" {_LOGIN}" if status in (401, 403) else ""
        return Outcome(status="rejected", reason=f"Mastodon: {said(error)}.{remedy}")
    return Outcome(status="unknown", reason=f"Mastodon: {said(error)}")


def _before(error: Exception, client: Any) -> Outcome:  # noqa: ANN401 - Mastodon.py's client
    """Return what *error* means where nothing could have shown yet: unknown is not sent."""
    found = outcome(error, client)
    if found.status != "unknown":
        return found
    soon = datetime.now(UTC) + timedelta(seconds=5)
    reason = f"the picture could not be uploaded: {found.reason}"
    return Outcome(status="deferred", retry_at=soon, reason=reason)


def said(error: Exception) -> str:
    """Return what *error* says, in one short line without the server's page in it."""
    text = str(error.args[3]) if len(error.args) > 3 and error.args[3] else str(error)
    if "Could not parse" in text:
        return "the answer is not JSON"
    if "timed out" in text:
        return "there was no answer in time"
    if "Could not complete request" in text:
        return "the connection broke"
    return " ".join(text.split())[:200].rstrip(".")


def _status(error: Exception) -> int:
    found = error.args[1] if len(error.args) > 1 else 0
    return found if isinstance(found, int) else 0


@contextmanager
def _told(subject: str) -> Iterator[None]:
    """Turn whatever the SDK raises into a DigestError on *subject*."""
    try:
        yield
    except DigestError:
        raise
    except Exception as error:
        remedy = _LOGIN if _status(error) in (401, 403) else "Try again later."
        raise DigestError(subject, said(error), remedy) from None


def matches(content: str, parent: str, wire: Mapping[str, Any]) -> bool:
    """Tell whether a status, its *content* in HTML, is the post that *wire* asked for."""
    from selectolax.lexbor import LexborHTMLParser

    shown = LexborHTMLParser(content).text()
    return parent == wire.get("in_reply_to_id", "") and _dense(shown) == _dense(wire["status"])


def _dense(text: str) -> str:
    """Return *text* without its space, which Mastodon turns into paragraphs and lines."""
    return re.sub(r"\s+", "", text)


def language(tag: str) -> str:
    """Return the language *tag* (BCP 47) as Mastodon knows it."""
    parts = tag.split("-")
    regional = f"{parts[0]}-{parts[-1].upper()}"
    return regional if regional in _REGIONS else parts[0]


def open_account(options: Mapping[str, object], secrets: Mapping[str, str]) -> MastodonAccount:
    """Return the account on the server ``instance``; ConfigError where none is named."""
    server = option(options, "mastodon", "instance", "https://mastodon.example")
    with needing("Mastodon.py"):
        import mastodon
    client = mastodon.Mastodon(
        access_token=secrets["access_token"],
        api_base_url=server,
        ratelimit_method="throw",
        request_timeout=READ,
        version_check_mode="none",
    )
    return MastodonAccount(client=client, read=reader(options))
