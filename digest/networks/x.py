"""X: counted by twitter-text 3, billed by the post and, more, by the post with a link."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from digest.model import Part
from digest.networks import Facts, facts
from digest.ports import Account, Limits, SignIn
from digest.text.graphemes import emoji_spans
from digest.text.links import links

# Code points that weigh one; all others weigh two (twitter-text configuration v3).
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_MENTION = re.compile(r"(?<![A-Za-z0-9_@＠/.])[@＠]([A-Za-z0-9_]{1,15})(?![A-Za-z0-9_@＠])")
_CASHTAG = re.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?![\w$])")
_LINK = 23
_EMOJI = 2


def weight(text: str) -> int:
    """Return the weighted length of *text* (twitter-text 3): NFC, an emoji 2, a link 23."""
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    if normal.isascii() and "." not in normal:
        return len(normal)
    found = {span.start: (span.end, _LINK) for span in links(normal)}
    emoji = {start: (end, _EMOJI) for start, end in emoji_spans(normal)}
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

    facts: Facts
    name: str = "x"

    @property
    def limits(self) -> Limits:
        """Return the limits of a plain account."""
        return self.facts.limits

    def measure(self, text: str) -> int:
        """Return the weighted length of *text*."""
        return weight(text)

    def cost(self, parts: Sequence[Part]) -> float:
        """Return what the API bills for *parts*: a post with a link costs more than ten."""
        prices = self.facts.prices
        return round(sum(prices["link" if links(p.text) else "post"] for p in parts), 4)

    def warnings(self, text: str) -> tuple[str, ...]:
        """Return what of *text* X would link that looks like no link, and links it would break."""
        return tuple(_warnings(text))


def _warnings(text: str) -> Iterator[str]:
    for span in links(text):
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


def build(options: Mapping[str, object]) -> X:
    """Return the network for *options*, the ``[networks.x]`` section."""
    return X(facts("x", options))


def sign_in() -> SignIn:
    """Return how a person gets an account on X ready."""
    from digest.networks._x_account import SIGN_IN

    return SIGN_IN


def account(options: Mapping[str, object], secrets: Mapping[str, str]) -> Account:
    """Return the account that *options* name and *secrets* open; ConfigError if one is missing."""
    from digest.networks._x_account import open_account

    return open_account(options, secrets)
