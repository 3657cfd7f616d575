"""X as a client meets it on the wire: API v2, with the refusals that its documents and users know.

Text comes back as X shows it: ``&`` escaped, links shortened to t.co with the long form beside
them, a picture as a link of its own. ``server.rules`` says what it refuses.
"""

import base64
import html
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
UNSEEN = "You attempted to reply to a Tweet that is deleted or not visible to you."
NO_REPLIES = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise"
    " engaged by the author of the post you are replying to."
)
READ_ONLY = "Your client app is not configured with the appropriate oauth1 app permissions."


_LINK = re.compile(r"https?://[\x21-\x7e]+|(?<![\w@./])(?:[a-z]+\.)+(?:org|com)(?:/[\x21-\x7e]*)?")


@dataclass(slots=True)
class Rules:
    """What the account may not do: ``blind`` replies are refused once each, as after a lag."""

    replies: bool = True
    blind: int = 0
    read_only: bool = False
    token: str = "42-token"


@dataclass(slots=True, kw_only=True)
class Post:
    """A post that is out."""

    id: str
    text: str
    parent: str
    created: datetime
    media: tuple[str, ...] = ()


@dataclass(slots=True)
class State:
    """All that the server holds."""

    posts: dict[str, Post] = field(default_factory=dict)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    lock: threading.Lock = field(default_factory=threading.Lock)
    ids: Iterator[int] = field(default_factory=lambda: count(1_900_000_000_000_000_000))


class XServer(ThreadingHTTPServer):
    """A running server."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = State()
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: XServer

    def log_message(self, *args: object) -> None:
        """Keep stderr clean."""

    def _go(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        route = f"{self.command} {parts.path}"
        authorized = f'oauth_token="{self.server.state.rules.token}"' in str(
            self.headers.get("authorization")
        )
        with self.server.state.lock:
            if not authorized:
                status, answer = 401, _problem(401, "Unauthorized")
            else:
                status, answer = self._routed(route, json.loads(body or b"{}"), parts.query)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _go  # noqa: N815 - http.server's names

    def _routed(self, route: str, body: dict[str, Any], query: str) -> tuple[int, object]:
        state = self.server.state
        if route == "GET /2/users/me":
            return 200, {"data": {"id": "42", "name": "渡口", "username": "ferry"}}
        if route == "GET /2/users/42/tweets":
            return 200, timeline(state, parse_qs(query))
        if route == "POST /2/tweets":
            return create(state, body)
        if route == "POST /2/media/upload":
            found = str(next(state.ids))
            data = base64.b64decode(body["media"])
            state.media[found] = {"type": body["media_type"], "data": data}
            return 200, {"data": {"id": found, "media_key": f"3_{found}"}}
        if route == "POST /2/media/metadata":
            state.media[body["id"]]["alt"] = body["metadata"]["alt_text"]["text"]
            return 200, {"data": {"id": body["id"]}}
        if route.startswith("DELETE /2/tweets/"):
            gone = state.posts.pop(route.rsplit("/", 1)[1], None)
            return (200, {"data": {"deleted": True}}) if gone else (404, _problem(404, "Not Found"))
        return 404, _problem(404, "Not Found")


def create(state: State, body: dict[str, Any]) -> tuple[int, object]:
    """Return the answer to a new post, which is out when it is 201."""
    rules, parent = state.rules, (body.get("reply") or {}).get("in_reply_to_tweet_id", "")
    if rules.read_only:
        return 403, _problem(403, READ_ONLY)
    if any(one.text == body["text"] for one in state.posts.values()):
        return 403, _problem(403, DUPLICATE)
    if parent and not rules.replies:
        return 403, _problem(403, NO_REPLIES)
    if parent and (parent not in state.posts or rules.blind):
        rules.blind = max(rules.blind - 1, 0)
        return 403, _problem(403, UNSEEN)
    media = tuple((body.get("media") or {}).get("media_ids", ()))
    if set(media) - set(state.media):
        return 400, _problem(400, "Your media IDs are invalid.")
    found = str(next(state.ids))
    state.posts[found] = Post(
        id=found, text=body["text"], parent=parent, created=datetime.now(UTC), media=media
    )
    return 201, {"data": {"id": found, "text": body["text"], "edit_history_tweet_ids": [found]}}


def timeline(state: State, query: dict[str, list[str]]) -> dict[str, object]:
    """Return the newest posts since ``start_time``, as X writes them."""
    since = datetime.fromisoformat(query["start_time"][0])
    found = [shown(one) for one in reversed(state.posts.values()) if one.created >= since]
    return {"data": found, "meta": {"result_count": len(found)}} if found else {"meta": {}}


def shown(one: Post) -> dict[str, object]:
    """Return a post as the timeline has it."""
    urls: list[dict[str, str]] = []

    def short(link: re.Match[str]) -> str:
        whole = link[0] if "://" in link[0] else f"http://{link[0]}"
        urls.append({"url": f"https://t.co/{one.id[-6:]}{len(urls)}", "expanded_url": whole})
        return urls[-1]["url"]

    text = html.escape(_LINK.sub(short, one.text), quote=False)
    for media in one.media:
        picture = {"url": f"https://t.co/pic{media[-4:]}", "media_key": f"3_{media}"}
        urls.append(picture | {"expanded_url": f"https://x.com/ferry/status/{one.id}/photo/1"})
        text += f" {picture['url']}"
    answered = [{"type": "replied_to", "id": one.parent}] if one.parent else []
    return {
        "id": one.id,
        "text": text,
        "created_at": f"{one.created:%FT%T}.000Z",
        "entities": {"urls": urls},
        **({"referenced_tweets": answered} if answered else {}),
    }


def _problem(status: int, detail: str) -> dict[str, object]:
    return {"title": "Problem", "detail": detail, "type": "about:blank", "status": status}


@contextmanager
def x_serving() -> Iterator[XServer]:
    """Run a server of its own."""
    server = XServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def until(ready: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until *ready* says so; TimeoutError after *seconds*."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)
