"""Posting on X: API v2 by way of tweepy, OAuth 1.0a for the one account that owns the blog.

tweepy keeps no time limit and reads no v2 media; an adapter on its session and its own
``request`` make up for both. Its waits and retries are off: the outbox decides.

X: counted by twitter-text 3, billed by the post and, more, by the post with a link.
"""

import base64
import html
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from digest.config.validation import read_options
from digest.delivery.networks import (
    CONNECT_SECONDS,
    NetworkFacts,
    NetworkOptions,
    PostPayload,
    Read,
    find_facts,
    find_timeout,
    load_picture,
    make_picture_reader,
    open_payload,
    require_package,
    spelled,
)
from digest.model import OutboxEntry, Outcome, Part, PreparedRequest
from digest.model.errors import DigestError
from digest.model.ports.social import Account, NetworkLimits, SignIn
from digest.text.graphemes import find_emoji
from digest.text.twitter_text import find_links

# Code points that weigh one; all others weigh two (twitter-text configuration v3).
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_MENTION = re.compile(r"(?<![A-Za-z0-9_@＠/.])[@＠]([A-Za-z0-9_]{1,15})(?![A-Za-z0-9_@＠])")
_CASHTAG = re.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?![\w$])")
_LINK = 23
_SCHEME = re.compile(r"https?://(?=[^\s/])", re.IGNORECASE)
_HAS_IT = "X says that it has this post already"
_EMOJI = 2


def weigh_text(text: str) -> int:
    """Return the weighted length of *text* (twitter-text 3): NFC, an emoji 2, a link 23."""
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    if normal.isascii() and "." not in normal:
        return len(normal)
    found = {span.start: (span.end, _LINK) for span in find_links(normal)}
    emoji = {start: (end, _EMOJI) for start, end in find_emoji(normal)}
    total = position = 0
    while position < len(normal):
        end, cost = found.get(position) or emoji.get(position) or (position + 1, 0)
        total += cost or _weight_of(ord(normal[position]))
        position = end
    return total


def _weight_of(point: int) -> int:
    return 1 if any(first <= point <= last for first, last in _LIGHT) else 2


@dataclass(frozen=True, slots=True)
class X:
    """X as the planner sees it."""

    facts: NetworkFacts
    name: str = "x"

    @property
    def limits(self) -> NetworkLimits:
        """Return the limits of a plain account."""
        return self.facts.limits

    def measure(self, text: str) -> int:
        """Return the weighted length of *text*."""
        return weigh_text(text)

    def cost(self, parts: Sequence[Part]) -> float:
        """Return what the API bills for *parts*: a post with a link costs more than ten."""
        prices = self.facts.prices
        return round(sum(prices["link" if find_links(p.text) else "post"] for p in parts), 4)

    def links(self, text: str) -> tuple[str, ...]:
        """Return what X links: hosts without a scheme as well."""
        return spelled(text, bare=True)

    def warnings(self, text: str) -> tuple[str, ...]:
        """Return what of *text* X would link that looks like no link, and links it would break."""
        return tuple(_list_warnings(text))


def _list_warnings(text: str) -> Iterator[str]:
    for span in find_links(text):
        link, after = text[span.start : span.end], text[span.end : span.end + 1]
        if span.bare:
            yield f"X makes a link of “{link}”, counts it as {_LINK} and bills a link"
        elif after.isalnum():
            yield f"X ends the link “{link}” before “{after}”: percent-encode it or put a space"
    for name in _MENTION.findall(text):
        yield f"X tells @{name} of it"
    cashtags = _CASHTAG.findall(text)
    if len(cashtags) > 1:
        yield f"X takes one cashtag a post, here are {', '.join(cashtags)}"


class Options(NetworkOptions, frozen=True, kw_only=True):
    """``[networks.x]``; ``api`` is another server that speaks X's API."""

    api: str = ""
    api_key_file: str = ""
    api_secret_file: str = ""
    access_token_file: str = ""
    access_secret_file: str = ""


def build(options: Mapping[str, object]) -> X:
    """Return the network for *options*, the ``[networks.x]`` section."""
    own = read_options(Options, options, "networks", "x")
    return X(find_facts("x", own.limits))


def sign_in() -> SignIn:
    """Return how a person gets an account on X ready."""
    return SIGN_IN


def account(options: Mapping[str, object], secrets: Mapping[str, str]) -> Account:
    """Return the account that *options* name and *secrets* open; ConfigError if one is missing."""
    return open_account(options, secrets)


SIGN_IN = SignIn(
    steps=(
        "Open https://developer.x.com, make a project and an app in it (pay per use is enough).",
        "Under “User authentication settings” choose Read and write.",
        "Under “Keys and tokens” make the API key and secret.",
        "Then, on the same page, an access token and secret: they have the permission of then.",
    ),
    secrets=("api_key", "api_secret", "access_token", "access_secret"),
)
_ALT = 1000
_LAG = timedelta(seconds=5)  # how long a fresh post may be invisible to the post that answers it
_TRIES = 3
_WINDOW = timedelta(minutes=15)
_SKEW = timedelta(minutes=2)
_FIELDS = "created_at,referenced_tweets,entities,note_tweet"
_LOGIN = "Make new tokens: digest login x"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAnswer:
    """One answer: ``status`` 0 means that none came, ``body`` None that it was not JSON."""

    status: int
    body: Any = None
    headers: Mapping[str, str]
    said: str = ""

    @property
    def data(self) -> Mapping[str, Any]:
        """Return the ``data`` of the body, empty where there is none."""
        found = self.body.get("data") if isinstance(self.body, dict) else None
        return found if isinstance(found, dict) else {}


@dataclass(slots=True, kw_only=True)
class XAccount:
    """One account on X; ``client`` is a ``tweepy.Client``."""

    client: Any
    read: Read
    name: str = "x"
    whole: bool = False
    keyed: bool = False
    limits: NetworkLimits = field(default_factory=lambda: find_facts("x", {}).limits)
    key_lasts: timedelta = timedelta()
    lags: Sequence[float] = (5, 20, 60)
    _me: Mapping[str, Any] | None = None

    def check(self) -> str:
        """Return the account's handle; DigestError says what to do where it cannot be had."""
        return f"@{self._owner()['username']}"

    def prepare(
        self, entries: Sequence[OutboxEntry], sent: Sequence[OutboxEntry]
    ) -> Sequence[PreparedRequest] | Outcome:
        """Return the request for the one entry; its pictures are uploaded now."""
        parcel = open_payload(entries[0])
        body: dict[str, Any] = {"text": parcel.text}
        if sent:
            body["reply"] = {"in_reply_to_tweet_id": sent[-1].id}
        media = self._upload(parcel)
        if isinstance(media, Outcome):
            return media
        if media:
            body["media"] = {"media_ids": media}
        return [PreparedRequest(text=json.dumps(body, ensure_ascii=False))]

    def send(self, entries: Sequence[OutboxEntry]) -> Sequence[Outcome]:
        """Send the one entry; return what became of it."""
        (one,) = entries
        answer = self._call("POST", "/2/tweets", json=json.loads(one.wire))
        return [classify_answer(answer, one, datetime.now(UTC))]

    def find(self, entry: OutboxEntry) -> Outcome | None:
        """Return *entry* as sent if the account's timeline shows it since it was armed."""
        since = (entry.armed or datetime.now(UTC)) - _SKEW
        route = f"/2/users/{self._owner()['id']}/tweets"
        query = {"max_results": 100, "tweet.fields": _FIELDS, "start_time": f"{since:%FT%TZ}"}
        answer = self._call("GET", route, params=query)
        if answer.status != 200 or not isinstance(answer.body, dict):
            raise _make_error("the timeline on X", answer)
        wire, tweets = json.loads(entry.wire), answer.body.get("data") or ()
        ours = [tweet for tweet in tweets if is_same_post(tweet, wire)] or _refused_twice(
            [tweet for tweet in tweets if _answers(tweet, wire)], wire, entry
        )
        if not ours:
            return None
        return Outcome(status="sent", id=ours[0]["id"], url=_post_url(ours[0]["id"]))

    def delete(self, entry: OutboxEntry) -> None:
        """Delete the sent *entry*; what is gone already is no error."""
        answer = self._call("DELETE", f"/2/tweets/{entry.id}")
        if answer.status not in (200, 404):
            raise _make_error(f"{entry.url} on X", answer)

    def close(self) -> None:
        """Close the connections."""
        self.client.session.close()

    def _owner(self) -> Mapping[str, Any]:
        if self._me is None:
            answer = self._call("GET", "/2/users/me")
            if not {"id", "username"} <= answer.data.keys():
                raise _make_error("X", answer)
            self._me = answer.data
        return self._me

    def _upload(self, parcel: PostPayload) -> list[str] | Outcome:
        ids = []
        try:
            for one in (
                load_picture(media, self.limits.image_bytes, self.read) for media in parcel.media
            ):
                content = base64.b64encode(one.data).decode()
                body = {"media": content, "media_category": "tweet_image", "media_type": one.mime}
                found = self._need("/2/media/upload", body)["id"]
                alt = {"alt_text": {"text": one.alt[:_ALT]}}
                self._need("/2/media/metadata", {"id": found, "metadata": alt})
                ids.append(str(found))
        except DigestError as error:
            return Outcome(status="rejected", reason=str(error))
        except _LaterError as later:
            return later.outcome
        return ids

    def _need(self, route: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the data of an answer to a request that shows nothing to anybody yet."""
        answer = self._call("POST", route, json=body)
        if 200 <= answer.status < 300 and answer.data.get("id"):
            return answer.data
        if answer.status == 429 or answer.status == 0 or answer.status >= 500:
            now = datetime.now(UTC)
            at = _find_reset_time(answer, now) if answer.status == 429 else now + _LAG
            reason = f"the picture could not be uploaded: {answer.said}"
            raise _LaterError(Outcome(status="deferred", retry_at=at, reason=reason))
        raise _make_error("the picture", answer)

    def _call(self, method: str, route: str, **more: Any) -> ApiAnswer:  # noqa: ANN401 - json or params
        import tweepy

        try:
            response = self.client.request(method, route, user_auth=True, **more)
        except tweepy.HTTPException as error:
            response = error.response
        except Exception as error:  # a lost answer, or one that tweepy itself stumbles over
            return ApiAnswer(status=0, headers={}, said=_describe_loss(error))
        try:
            body = response.json()
        except ValueError:
            kind = str(response.headers.get("content-type") or "")
            what = "a web page (HTML)" if "html" in kind.lower() else "something that is not JSON"
            said = f"answered {response.status_code} with {what}"
            return ApiAnswer(status=response.status_code, headers=response.headers, said=said)
        said = _describe_body(body) or f"answered {response.status_code}"
        return ApiAnswer(
            status=response.status_code, body=body, headers=response.headers, said=said
        )


class _LaterError(Exception):
    """A picture could not be uploaded now; ``outcome`` says when to try again."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.reason)


def classify_answer(answer: ApiAnswer, entry: OutboxEntry, now: datetime) -> Outcome:
    """Return what *answer* to a post means for *entry*; anything doubtful is unknown."""
    if 200 <= answer.status < 300:
        found = str(answer.data.get("id") or "")
        if found:
            return Outcome(status="sent", id=found, url=_post_url(found))
        return Outcome(status="unknown", reason=f"X {answer.said}, with no id in it")
    if answer.status == 429:
        return Outcome(
            status="deferred",
            retry_at=_find_reset_time(answer, now),
            reason=f"X wants a pause: {answer.said}",
        )
    if answer.status == 403:
        return _classify_forbidden(answer, entry, now)
    if answer.status < 400 or answer.status >= 500:
        return Outcome(status="unknown", reason=f"X {answer.said}")
    remedy = f" {_LOGIN}" if answer.status == 401 else ""
    return Outcome(status="rejected", reason=f"X: {answer.said}.{remedy}")


def _classify_forbidden(answer: ApiAnswer, entry: OutboxEntry, now: datetime) -> Outcome:
    """Tell the refusals apart: said already, not seen yet, no replies to oneself, no permission."""
    said = answer.said
    if "duplicate" in said.lower():
        return Outcome(status="unknown", reason=f"{_HAS_IT}: {said}")
    if "reply" not in json.loads(entry.wire):
        remedy = f"The app needs Read and write. {_LOGIN}"
        return Outcome(status="rejected", reason=f"X: {said}. {remedy}")
    if "not visible" in said and entry.attempts < _TRIES:
        return Outcome(status="deferred", retry_at=now + _LAG, reason=f"X: {said}")
    reason = f"X takes this reply from a person only: {said}"
    return Outcome(status="rejected", by_hand=True, reason=reason)


def is_same_post(tweet: Mapping[str, Any], wire: Mapping[str, Any]) -> bool:
    """Tell whether *tweet*, as the timeline shows it, is the post that *wire* asked for."""
    return _answers(tweet, wire) and _restore_text(tweet) == _normalize_text(wire["text"])


def _answers(tweet: Mapping[str, Any], wire: Mapping[str, Any]) -> bool:
    parents = [r["id"] for r in tweet.get("referenced_tweets") or () if r["type"] == "replied_to"]
    wanted = [wire["reply"]["in_reply_to_tweet_id"]] if "reply" in wire else []
    return parents == wanted


def _refused_twice(
    tweets: Sequence[Mapping[str, Any]], wire: Mapping[str, Any], entry: OutboxEntry
) -> Sequence[Mapping[str, Any]]:
    """Return the post that X meant when it refused *entry* as a duplicate, none where unsure.

    It is the newest of *tweets*, the account's own since then that answer the same post; of those
    that answer none there may be others, so there it has to be the only one.
    """
    if _HAS_IT not in entry.reason or ("reply" not in wire and len(tweets) != 1):
        return ()
    return tweets[:1]


def _restore_text(tweet: Mapping[str, Any]) -> str:
    """Return the text as it was written: entities unescaped, links long, pictures left out."""
    whole = tweet.get("note_tweet") or tweet
    text = str(whole.get("text") or "")
    for link in (whole.get("entities") or {}).get("urls") or ():
        long = "" if "media_key" in link else link.get("expanded_url", link["url"])
        text = text.replace(link["url"], long)
    return _normalize_text(html.unescape(text))


def _normalize_text(text: str) -> str:
    """Return *text* as X keeps it; it writes http:// before a host that has no scheme."""
    return _SCHEME.sub("", unicodedata.normalize("NFC", text).strip())


def _find_reset_time(answer: ApiAnswer, now: datetime) -> datetime:
    """Return when the limit that was hit ends; a day's limit is told in headers of its own."""
    names = ["x-rate-limit-reset"]
    names[:0] = [
        f"x-{whose}-limit-24hour-reset"
        for whose in ("user", "app")
        if answer.headers.get(f"x-{whose}-limit-24hour-remaining") == "0"
    ]
    for name in names:
        value = answer.headers.get(name, "")
        if value.isdecimal():
            return max(datetime.fromtimestamp(int(value), UTC), now)
    return now + _WINDOW


def _describe_body(body: object) -> str:
    if not isinstance(body, dict):
        return ""
    errors = [one for one in body.get("errors") or () if isinstance(one, dict)]
    inner = errors[0].get("message") or errors[0].get("detail") if errors else ""
    return str(body.get("detail") or inner or body.get("title") or "").rstrip(".")


def _describe_loss(error: Exception) -> str:
    kind = type(error).__name__
    return f"gave no answer ({kind})" if "Time" not in kind else "did not answer in time"


def _make_error(subject: str, answer: ApiAnswer) -> DigestError:
    remedy = _LOGIN if answer.status in (401, 403) else "Try again later."
    return DigestError(subject, answer.said, remedy)


def _post_url(post: str) -> str:
    return f"https://x.com/i/status/{post}"


def open_account(options: Mapping[str, object], secrets: Mapping[str, str]) -> XAccount:
    """Return the account; ``api`` in *options* is another server that speaks X's API."""
    with require_package("tweepy"):
        import tweepy
    client = tweepy.Client(
        consumer_key=secrets["api_key"],
        consumer_secret=secrets["api_secret"],
        access_token=secrets["access_token"],
        access_token_secret=secrets["access_secret"],
        wait_on_rate_limit=False,
    )
    client.session.mount(
        "https://", _make_transport(str(options.get("api", "")), find_timeout(options))
    )
    client.session.max_redirects = 0
    return XAccount(client=client, read=make_picture_reader(options))


def _make_transport(api: str, seconds: float) -> Any:  # noqa: ANN401 - an adapter of requests, imported here
    """Return a transport with time limits and without retries, to *api* where it is given."""
    from requests import PreparedRequest, Response
    from requests.adapters import HTTPAdapter

    class Through(HTTPAdapter):
        def send(self, request: PreparedRequest, *args: Any, **more: Any) -> Response:  # noqa: ANN401 - theirs
            if api:
                parts = urlsplit(request.url or "")
                request.url = api.rstrip("/") + parts._replace(scheme="", netloc="").geturl()
            more["timeout"] = (CONNECT_SECONDS, seconds)
            return super().send(request, *args, **more)

    return Through(max_retries=0)
