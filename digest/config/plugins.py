"""The name in the configuration is the file's name: ``load("sources", "hugo")`` -> its module.

The only dynamic imports of the project. A new adapter is one new file; there is no registry.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol, cast

from digest.config.validation import find_nearest
from digest.model.errors import ConfigError

_PACKAGE = Path(__file__).parents[1]
_ROOMS = {
    "sources": "sources",
    "summarizers": "editorial.summarizers",
    "networks": "delivery.networks",
    "mailers": "delivery.mailers",
    "webhooks": "audience.webhooks",
}


class Adapter(Protocol):
    """A module that builds an adapter from its options."""

    def build(self, options: Mapping[str, object]) -> object:
        """Return the adapter; ConfigError if an option is missing or wrong."""
        ...


class NetworkAdapter(Adapter, Protocol):
    """A network's module that opens accounts as well; see ``ports.Account`` and ``SignIn``."""

    def sign_in(self) -> object:
        """Return how a person gets an account ready."""
        ...

    def account(self, options: Mapping[str, object], secrets: Mapping[str, str]) -> object:
        """Return the account; ConfigError if an option is missing or wrong."""
        ...


@cache
def list_adapters(group: str) -> tuple[str, ...]:
    """Return the adapters of *group* ("sources", "networks", ...), sorted."""
    found = iter_modules([str(_PACKAGE.joinpath(*_ROOMS[group].split(".")))])
    return tuple(sorted(m.name for m in found if not m.name.startswith("_")))


def check_name(group: str, name: str, subject: str) -> None:
    """Check that *group* has an adapter *name*; ConfigError for *subject* names the nearest."""
    if name not in list_adapters(group):
        cause = f"there is no {group.removesuffix('s')} {name!r}"
        raise ConfigError(subject, cause, find_nearest(name, list_adapters(group), "There is"))


def load_adapter(group: str, name: str) -> Adapter:
    """Return the adapter module *name* of *group*; ConfigError names the nearest there is."""
    check_name(group, name, group)
    return cast("Adapter", import_module(f"digest.{_ROOMS[group]}.{name}"))


def import_attribute(module: str, name: str) -> object:
    """Return *name* of *module*, which is imported now and not when the program starts."""
    return getattr(import_module(module), name)
