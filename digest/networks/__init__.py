"""Social networks, one adapter a file; what they have in common is data."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from digest.errors import ConfigError
from digest.ports import Limits

_FILE = Path(__file__).resolve().parents[1] / "data" / "networks.toml"
_LINK = ("root", "last", "each")
_TRUE = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


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


def quota(name: str) -> str:
    """Return in words how much network *name* lets an account post, "" where it is not known."""
    return str(_table().get(name, {}).get("quota", ""))


def facts(name: str, options: Mapping[str, object]) -> Facts:
    """Return the facts of network *name*, its limits as *options* change them.

    Any field of ``Limits`` may be an option: the account may have more room, its owner less taste
    for hashtags. Raises ConfigError where a value is not of the field's kind.
    """
    entry = _table()[name]
    limits = Limits(**entry["limits"])
    changes = {
        field.name: _value(name, field.name, getattr(limits, field.name), options[field.name])
        for field in fields(Limits)
        if field.name in options and field.name != "note"
    }
    return Facts(replace(limits, **changes), entry.get("prices", {}), str(entry["checked"]))


def _value(network: str, key: str, known: object, given: object) -> Any:  # noqa: ANN401 - as typed as the limit it sets
    """Return *given*, from TOML or the environment, as the kind that *known* is of."""
    text = str(given).strip().lower()
    if isinstance(known, bool):
        if text in _TRUE:
            return _TRUE[text]
        raise _wrong(network, key, given, "Write true or false.")
    if isinstance(known, str):
        if text in _LINK:
            return text
        raise _wrong(network, key, given, f"Write one of: {', '.join(_LINK)}.")
    if text.isdecimal() and (int(text) or key in {"hashtags", "images"}):
        return int(text)
    raise _wrong(network, key, given, "Write a whole number.")


def _wrong(network: str, key: str, given: object, remedy: str) -> ConfigError:
    return ConfigError(f"[networks.{network}] {key}", f"{given!r} does not fit", remedy)
