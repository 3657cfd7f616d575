"""Mastodon: graphemes, a link 23, a mention without its server; the instance sets the limit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from digest.model import Part
from digest.networks import Facts, facts
from digest.ports import Account, Limits, SignIn
from digest.text.graphemes import count_graphemes
from digest.text.links import links

_LINK = 23
_MENTION = re.compile(
    r"(?<![=/\w])@(?P<name>[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:@\w+(?:[.-]\w+)*)?",
    re.IGNORECASE | re.ASCII,
)


def countable(text: str, link: int = _LINK) -> str:
    """Return *text* as Mastodon counts it: links *link* long, mentions without their server."""
    pieces: list[str] = []
    position = 0
    for span in links(text, wide=True):
        if not span.bare:
            pieces += [text[position : span.start], "x" * link]
            position = span.end
    return _MENTION.sub(r"@\g<name>", "".join([*pieces, text[position:]]))


@dataclass(frozen=True, slots=True)
class Mastodon:
    """Mastodon as the planner sees it."""

    facts: Facts
    name: str = "mastodon"
    link: int = _LINK

    @property
    def limits(self) -> Limits:
        """Return the limits of the instance, the server's defaults unless the options say more."""
        return self.facts.limits

    def measure(self, text: str) -> int:
        """Return the number of graphemes of *text*, links and mentions shortened."""
        return count_graphemes(countable(text, self.link))

    def cost(self, _parts: Sequence[Part]) -> None:
        """Return None: posting is free."""

    def warnings(self, text: str) -> tuple[str, ...]:
        """Return whom the instance would tell of *text*; only what has a scheme becomes a link."""
        return tuple(f"Mastodon tells {m[0]} of it" for m in _MENTION.finditer(text))


def build(options: Mapping[str, object]) -> Mastodon:
    """Return the network for *options*, the ``[networks.mastodon]`` section.

    Where ``instance`` names a server its limits are asked for, and remembered in the folder
    ``cache``; what the options say themselves wins.
    """
    server = str(options.get("instance") or "")
    if not server.startswith(("https://", "http://")):
        return Mastodon(facts("mastodon", options))
    from digest.networks._instance import instance

    cache = options.get("cache")
    allow = tuple(cast("Sequence[str]", options.get("allow_private") or ()))
    found = instance(server, Path(str(cache)) if cache else None, allow)
    allowed = {"characters": found.characters, "images": found.images} | {**options}
    own = facts("mastodon", allowed)
    note = "" if "characters" in options else found.note
    return Mastodon(replace(own, limits=replace(own.limits, note=note)), link=found.link)


def sign_in() -> SignIn:
    """Return how a person gets an account on Mastodon ready."""
    from digest.networks._mastodon_account import SIGN_IN

    return SIGN_IN


def account(options: Mapping[str, object], secrets: Mapping[str, str]) -> Account:
    """Return the account that *options* name and *secrets* open; ConfigError if one is missing."""
    from digest.networks._mastodon_account import open_account

    return open_account(options, secrets)
