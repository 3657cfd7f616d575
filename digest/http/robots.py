"""robots.txt (RFC 9309): which pages of a host its owner asks programs to leave alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MAX = 500 << 10  # RFC 9309, 2.5
_GROUP = "digest-newsletter"


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsRule:
    """One Allow or Disallow line; ``pattern`` matches the start of a path with its query."""

    allow: bool
    length: int
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsRules:
    """The rules of one host that are meant for us."""

    rules: tuple[RobotsRule, ...] = ()

    def permits(self, path: str) -> bool:
        """Tell whether *path* may be fetched: the longest rule decides, Allow where two tie."""
        fitting = [rule for rule in self.rules if rule.pattern.match(path)]
        return max(fitting, key=lambda r: (r.length, r.allow)).allow if fitting else True


def parse_robots(text: str) -> RobotsRules:
    """Return the rules of robots.txt *text* for our own name, else those for all."""
    groups: dict[str, list[RobotsRule]] = {}
    names: list[str] = []
    heading = False
    for key, value in _split_lines(text[:_MAX]):
        if key == "user-agent":
            names = [*names, value.lower()] if heading else [value.lower()]
            heading = True
        elif key in ("allow", "disallow"):
            heading = False
            for name in names:
                groups.setdefault(name, []).extend(_parse_rule(key, value))
    own = next((rules for name, rules in groups.items() if name in (_GROUP, "digest")), None)
    return RobotsRules(rules=tuple(groups.get("*", []) if own is None else own))


def _split_lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


def _parse_rule(key: str, value: str) -> Iterator[RobotsRule]:
    if value:
        ends = value.endswith("$")
        parts = (re.escape(part) for part in re.split(r"\*+", value.rstrip("$")))
        pattern = re.compile(".*?".join(parts) + (r"\Z" if ends else ""))
        yield RobotsRule(allow=key == "allow", length=len(value), pattern=pattern)
