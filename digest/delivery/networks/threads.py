"""Threads: drafts to copy and paste; 500 characters, of which an emoji takes its bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.config.validation import read_options
from digest.delivery.networks import (
    NetworkFacts,
    NetworkOptions,
    find_facts,
    link_warnings,
    spelled,
)
from digest.model import Part
from digest.model.ports.social import NetworkLimits
from digest.text.graphemes import find_emoji


@dataclass(frozen=True, slots=True)
class Threads:
    """Threads as the planner sees it."""

    facts: NetworkFacts
    name: str = "threads"

    @property
    def limits(self) -> NetworkLimits:
        """Return the limits of a text post (Threads API, "Posts")."""
        return self.facts.limits

    def measure(self, text: str) -> int:
        """Return the characters of *text*, an emoji as long as its UTF-8 bytes."""
        emoji = [text[start:end] for start, end in find_emoji(text)]
        return len(text) + sum(len(one.encode()) - len(one) for one in emoji)

    def cost(self, _parts: Sequence[Part]) -> None:
        """Return None: nothing is posted, a person pastes it."""

    def links(self, text: str) -> tuple[str, ...]:
        """Return what becomes a link: hosts without a scheme as well."""
        return spelled(text, bare=True)

    def warnings(self, text: str) -> tuple[str, ...]:
        """Return what Threads would link otherwise than meant, once it is pasted there."""
        return tuple(link_warnings("Threads", text))


def build(options: Mapping[str, object]) -> Threads:
    """Return the network for *options*, the ``[networks.threads]`` section."""
    own = read_options(NetworkOptions, options, "networks", "threads")
    return Threads(find_facts("threads", own.limits))
