"""The accounts that posts leave by: found by the network's name, opened with its secrets."""

from collections.abc import Mapping
from functools import partial
from typing import cast

from digest.app.composition import pictures
from digest.config import credentials, plugins
from digest.config.settings import Settings
from digest.delivery.networks import quota as networks_quota
from digest.model.errors import ConfigError
from digest.model.ports.social import Account, SignIn


def list_postable() -> tuple[str, ...]:
    """Return the networks that take posts from a program; the others are copied by hand."""
    loaded = ((name, plugins.load("networks", name)) for name in plugins.names("networks"))
    return tuple(name for name, module in loaded if hasattr(module, "account"))


def describe_quota(network: str) -> str:
    """Return in words how much *network* lets an account post, "" where it is not known."""
    return networks_quota(network)


def find_sign_in(network: str) -> SignIn:
    """Return how a person gets an account on *network* ready; ConfigError where none can post."""
    return cast(SignIn, _posting(network).sign_in())


def open_account(
    settings: Settings, network: str, given: Mapping[str, str] | None = None
) -> Account:
    """Return the account on *network*; ConfigError names what is missing to open it.

    *given* are options and secrets that were typed; they win over what is configured.
    """
    module, wanted = _posting(network), find_sign_in(network).secrets
    options = {**settings.networks.get(network, {}), **(given or {})}
    found = {key: credentials.secret(network, key, options, settings.folder) for key in wanted}
    found |= {key: value for key, value in (given or {}).items() if key in wanted}
    if missing := [credentials.variable(network, key) for key in wanted if not found[key]]:
        remedy = f"Walk through it with: digest login {network}"
        raise ConfigError(network, f"{', '.join(missing)} not set", remedy)
    return cast(Account, module.account({**options, "read": partial(_kept, settings)}, found))


def _kept(settings: Settings, name: str) -> bytes:
    """Return the picture *name*; the store is opened by who needs it."""
    return pictures(settings).read(name)


def _posting(network: str) -> plugins.Postable:
    module = plugins.load("networks", network)
    if not hasattr(module, "account"):
        remedy = f"Copy them from: digest threads --network {network}"
        raise ConfigError(network, "takes posts from a person only", remedy)
    return cast(plugins.Postable, module)
