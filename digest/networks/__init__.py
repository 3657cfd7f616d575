"""Social networks, one adapter a file; what they have in common is data."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from digest.errors import ConfigError
from digest.ports import Limits

_FILE = Path(__file__).resolve().parents[1] / "data" / "networks.toml"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a network on the day ``checked``: its limits, and prices in US dollars."""

    limits: Limits
    prices: Mapping[str, float]
    checked: str


@cache
def _table() -> Mapping[str, Any]:
    import tomllib

    return tomllib.loads(_FILE.read_text("utf-8"))


def facts(name: str, options: Mapping[str, str]) -> Facts:
    """Return the facts of network *name*; *options* may raise or lower a number among the limits.

    Raises ConfigError where such a number is none.
    """
    entry = _table()[name]
    known = entry["limits"] | {
        field.name: _number(name, field.name, options[field.name])
        for field in fields(Limits)
        if field.name in options
    }
    return Facts(Limits(**known), entry.get("prices", {}), str(entry["checked"]))


def _number(network: str, key: str, value: str) -> int:
    if not value.strip().isdecimal() or int(value) < 1:
        raise ConfigError(
            f"[networks.{network}] {key}", f"“{value}” is not a number", "Write a whole number."
        )
    return int(value)
