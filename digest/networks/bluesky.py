"""Bluesky: 300 graphemes and 3000 bytes a post; a link travels as a card beside the text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.model import Part
from digest.networks import Facts, facts
from digest.ports import Account, Limits, SignIn
from digest.text.graphemes import count_graphemes


@dataclass(frozen=True, slots=True)
class Bluesky:
    """Bluesky as the planner sees it."""

    facts: Facts
    name: str = "bluesky"

    @property
    def limits(self) -> Limits:
        """Return the limits of the post record (lexicon app.bsky.feed.post)."""
        return self.facts.limits

    def measure(self, text: str) -> int:
        """Return the number of graphemes of *text*."""
        return count_graphemes(text)

    def cost(self, _parts: Sequence[Part]) -> None:
        """Return None: posting is free."""

    def warnings(self, _text: str) -> tuple[str, ...]:
        """Return nothing: a link is what the author marks as one, by facet or card."""
        return ()


def build(options: Mapping[str, object]) -> Bluesky:
    """Return the network for *options*, the ``[networks.bluesky]`` section."""
    return Bluesky(facts("bluesky", options))


def sign_in() -> SignIn:
    """Return how a person gets an account on Bluesky ready."""
    from digest.networks._bluesky_account import SIGN_IN

    return SIGN_IN


def account(options: Mapping[str, object], secrets: Mapping[str, str]) -> Account:
    """Return the account that *options* name and *secrets* open; ConfigError if one is missing."""
    from digest.networks._bluesky_account import open_account

    return open_account(options, secrets)
