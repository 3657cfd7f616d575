"""LinkedIn: one post to copy and paste; 3000 characters as JavaScript counts them."""

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


@dataclass(frozen=True, slots=True)
class LinkedIn:
    """LinkedIn as the planner sees it."""

    facts: NetworkFacts
    name: str = "linkedin"

    @property
    def limits(self) -> NetworkLimits:
        """Return the limits of a post; it is one part."""
        return self.facts.limits

    def measure(self, text: str) -> int:
        """Return the UTF-16 code units of *text*, the longest way LinkedIn may count."""
        return len(text.encode("utf-16-le")) // 2

    def cost(self, _parts: Sequence[Part]) -> None:
        """Return None: nothing is posted, a person pastes it."""

    def links(self, text: str) -> tuple[str, ...]:
        """Return what becomes a link: hosts without a scheme as well."""
        return spelled(text, bare=True)

    def warnings(self, text: str) -> tuple[str, ...]:
        """Return what LinkedIn would link otherwise than meant, once it is pasted there."""
        return tuple(link_warnings("LinkedIn", text))


def build(options: Mapping[str, object]) -> LinkedIn:
    """Return the network for *options*, the ``[networks.linkedin]`` section."""
    own = read_options(NetworkOptions, options, "networks", "linkedin")
    return LinkedIn(find_facts("linkedin", own.limits))
