"""The options of ``[mailers.NAME]``, checked: an error names the key and the nearest known one."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

import msgspec

from digest.errors import ConfigError

_Options = TypeVar("_Options", bound=msgspec.Struct)


def read(kind: type[_Options], options: Mapping[str, object], name: str) -> _Options:
    """Return *options* as *kind*; ConfigError names the key that does not fit."""
    known = [field.encode_name for field in msgspec.structs.fields(kind)]
    for key in options:
        if key not in known:
            near = get_close_matches(key, known, n=1, cutoff=0.5)
            remedy = f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(known)}."
            raise ConfigError(f"[mailers.{name}] {key}", "there is no such key", remedy)
    try:
        return msgspec.convert(dict(options), kind, strict=False)
    except msgspec.ValidationError as error:
        raise _explained(str(error), name) from None


def _explained(said: str, name: str) -> ConfigError:
    cause, _, path = said.partition(" - at `$.")
    missing = re.search(r"missing required field `(.+?)`", cause)
    if missing:
        remedy = f"Set it: [mailers.{name}] {missing[1]} = ..."
        return ConfigError(f"[mailers.{name}] {missing[1]}", "is not set", remedy)
    return ConfigError(f"[mailers.{name}] {path.rstrip('`')}", cause[:1].lower() + cause[1:])
