"""What the sending halves of the networks share: a missing SDK is told, not raised."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from digest.errors import ConfigError

CONNECT, READ = 5, 20  # seconds; no SDK has a timeout worth keeping


@contextmanager
def needing(package: str) -> Iterator[None]:
    """Turn a missing SDK into a ConfigError that says how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        remedy = "Install it with: pip install 'digest-newsletter[social]'"
        raise ConfigError(package, f"is not installed ({error.name})", remedy) from None


def option(options: Mapping[str, object], network: str, key: str, example: str) -> str:
    """Return the option *key*; ConfigError, with an *example*, where it is not set."""
    value = str(options.get(key, "")).strip()
    if not value:
        remedy = f'Write {key} = "{example}" there.'
        raise ConfigError(f"[networks.{network}]", f"{key} is not set", remedy)
    return value
