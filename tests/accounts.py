"""Accounts on three networks behind the fault proxy, each with a way to see what is out."""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any

from digest.config import plugins
from digest.model import Part, Revision, Thread
from digest.model.ports.social import Account
from tests import bluesky_server, mastodon_server
from tests.fault_proxy import FaultProxy, proxying
from tests.make import NOW, issue, revision
from tests.x_server import XServer

NETWORKS = ("x", "mastodon", "bluesky")
SECRETS = {
    "x": {
        "api_key": "key",
        "api_secret": "key-secret",
        "access_token": "42-token",
        "access_secret": "token-secret",
    },
    "mastodon": {"access_token": mastodon_server.TOKEN},
    "bluesky": {"app_password": bluesky_server.PASSWORD},
}
_POSTS = {
    "x": lambda method, path: method == "POST" and path == "/2/tweets",
    "mastodon": lambda method, path: method == "POST" and path == "/api/v1/statuses",
    "bluesky": lambda method, path: path.endswith("com.atproto.repo.applyWrites"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as its readers see it; ``parent`` is the id of the one it answers, or ""."""

    id: str
    text: str
    parent: str
    raw: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One network: the proxy to it, and ``read``, which lists what is out, past the proxy."""

    network: str
    proxy: FaultProxy
    read: Callable[[], list[Shown]]
    opened: ExitStack
    options: dict[str, object] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Tell whether a thread leaves in one request."""
        return self.network == "bluesky"

    def account(self) -> Account:
        """Return an account that goes through the proxy."""
        account = open_account(self.network, self.proxy.url, **self.options)
        return self.opened.enter_context(closing(account))

    def shown(self, of: Revision) -> list[list[Shown]]:
        """Return for each part of the thread of *of* every post with its text."""
        out = self.read()
        return [[one for one in out if same(one.text, p.text)] for p in self.thread(of).parts]

    def thread(self, of: Revision) -> Thread:
        """Return the thread for this network in *of*."""
        return next(thread for thread in of.threads if thread.network == self.network)


def open_account(network: str, url: str, **options: object) -> Account:
    """Return the account on *network* whose server is at *url*."""
    where = {
        "api": url,
        "instance": url,
        "service": url,
        "handle": bluesky_server.HANDLE,
        **options,
    }
    account: Account = plugins.load_adapter("networks", network).account(where, SECRETS[network])
    return account


@contextmanager
def world(network: str, upstream: str, x_server: XServer | None = None) -> Iterator[World]:
    """Yield *network* behind a proxy before *upstream*."""
    read: dict[str, Callable[[], list[Shown]]] = {
        "x": lambda: _tweets(x_server) if x_server else [],
        "mastodon": lambda: [_status(one) for one in mastodon_server.statuses(upstream)],
        "bluesky": lambda: [_record(one) for one in bluesky_server.records(upstream)],
    }
    with proxying(upstream, _POSTS[network]) as proxy, ExitStack() as opened:
        yield World(network=network, proxy=proxy, read=read[network], opened=opened)


def _tweets(server: XServer) -> list[Shown]:
    return [Shown(one.id, one.text, one.parent, one) for one in server.state.posts.values()]


def _status(raw: Any) -> Shown:
    text = unescape(re.sub(r"<[^>]+>", "", raw["content"]))
    return Shown(raw["id"], text, raw["in_reply_to_id"] or "", raw)


def _record(raw: Any) -> Shown:
    parent = raw["value"].get("reply", {}).get("parent", {}).get("uri", "")
    return Shown(raw["uri"], raw["value"]["text"], parent, raw)


def same(one: str, other: str) -> bool:
    """Tell whether two texts are one but for their space."""
    return "".join(one.split()) == "".join(other.split())


def approved(network: str, *texts: str, **fields: object) -> Revision:
    """Return an approved revision whose thread says *texts*, each made unique."""
    mark = os.urandom(4).hex()
    said = texts or ("船會等人，& 人也等船。", "「水先知道」< 擺渡人說。", "全文在這裡：")
    parts = tuple(Part(text=f"{text} {mark}", length=1, limit=280) for text in said)
    thread = Thread(network=network, parts=parts)
    made = revision(issue(id=f"weekly-{mark}"), threads=(thread,), number=1, approved=NOW)
    return replace(made, **fields)


def dump(value: object) -> str:
    """Return *value* as one line of JSON, for messages of failed tests."""
    return json.dumps(value, ensure_ascii=False, default=str)
