"""The accounts that posts leave by: found by the network's name, opened with its secrets."""

from collections.abc import Callable, Mapping
from typing import cast

from digest.config import credentials, plugins
from digest.config.settings import Settings
from digest.delivery.networks import describe_posting_quota as networks_quota
from digest.model.errors import ConfigError
from digest.model.ports.social import Account, SignIn


def list_postable() -> tuple[str, ...]:
    """Return the networks that take posts from a program; the others are copied by hand."""
    loaded = (
        (name, plugins.load_adapter("networks", name)) for name in plugins.list_adapters("networks")
    )
    return tuple(name for name, module in loaded if hasattr(module, "account"))


def describe_quota(network: str) -> str:
    """Return in words how much *network* lets an account post, "" where it is not known."""
    return networks_quota(network)


def find_sign_in(network: str) -> SignIn:
    """Return how a person gets an account on *network* ready; ConfigError where none can post."""
    return cast(SignIn, _load_posting(network).sign_in())


def open_account(
    settings: Settings,
    network: str,
    read_picture: Callable[[str], bytes],
    given: Mapping[str, str] | None = None,
) -> Account:
    """Return the account on *network*; ConfigError names what is missing to open it.

    *given* are options and secrets that were typed; they win over what is configured.
    """
    module, wanted = _load_posting(network), find_sign_in(network).secrets
    options = {**settings.networks.get(network, {}), **(given or {})}
    found = {key: credentials.read_secret(network, key, options, settings.folder) for key in wanted}
    found |= {key: value for key, value in (given or {}).items() if key in wanted}
    if missing := [credentials.name_variable(network, key) for key in wanted if not found[key]]:
        remedy = f"Walk through it with: digest login {network}"
        raise ConfigError(network, f"{', '.join(missing)} not set", remedy)
    return cast(Account, module.account({**options, "read": read_picture}, found))


def list_secrets(settings: Settings) -> Mapping[str, str]:
    """Return the variables of the secrets of all that is set up, each with whose it is."""
    found: dict[str, str] = {}
    mailers = dict.fromkeys(filter(None, (settings.mail.mailer, settings.mail.notices)))
    groups = (("mailers", (*mailers,)), ("networks", (*settings.networks,)))
    for group, name in ((group, name) for group, names in groups for name in names):
        module = plugins.load_adapter(group, name)
        sign_in = getattr(module, "sign_in", None)
        wanted = sign_in().secrets if sign_in else ()
        found |= {credentials.name_variable(name, key): name for key in wanted}
    return found


def _load_posting(network: str) -> plugins.NetworkAdapter:
    module = plugins.load_adapter("networks", network)
    if not hasattr(module, "account"):
        remedy = f"Copy them from: digest threads --network {network}"
        raise ConfigError(network, "takes posts from a person only", remedy)
    return cast(plugins.NetworkAdapter, module)
