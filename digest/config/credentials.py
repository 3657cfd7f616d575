"""Secrets of accounts: from the environment, from a file, or from the system's keyring.

``DIGEST_X_API_KEY``, else the file that ``DIGEST_X_API_KEY_FILE`` or ``api_key_file`` in
``[networks.x]`` names, else the keyring, if that package is installed. They are never stored by
digest itself, and no message holds one.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from digest.model.errors import ConfigError

_SERVICE = "digest"


def name_variable(network: str, key: str) -> str:
    """Return the name of the environment variable for *key* of *network*."""
    return f"DIGEST_{network}_{key}".upper()


def read_secret(network: str, key: str, options: Mapping[str, object], folder: Path) -> str:
    """Return the secret *key* of *network*, "" where there is none.

    A file named in *options* counts from *folder*. ConfigError where a file cannot be read.
    """
    name = name_variable(network, key)
    if value := os.environ.get(name, "").strip():
        return value
    if path := os.environ.get(f"{name}_FILE") or str(options.get(f"{key}_file") or ""):
        return _read_secret_file(name, folder / path)
    return _read_from_keyring(network, key)


def _read_secret_file(name: str, path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        remedy = "Put the secret into that file, alone."
        raise ConfigError(f"{name}: {path}", f"cannot be read: {error}", remedy) from None


def _read_from_keyring(network: str, key: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ModuleNotFoundError:
        return ""
    try:
        return keyring.get_password(_SERVICE, f"{network}.{key}") or ""
    except KeyringError:
        return ""


def keep_in_keyring(network: str, secrets: Mapping[str, str]) -> bool:
    """Keep *secrets* in the system's keyring; tell whether there is one that took them."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ModuleNotFoundError:
        return False
    try:
        for key, value in secrets.items():
            keyring.set_password(_SERVICE, f"{network}.{key}", value)
            if keyring.get_password(_SERVICE, f"{network}.{key}") != value:
                return False
    except KeyringError:
        return False
    return True


def keep_in_files(network: str, secrets: Mapping[str, str], folder: Path) -> dict[str, Path]:
    """Write each of *secrets* into a file of its own in *folder* that only its owner may read."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = {key: folder / f"{network}.{key}" for key in secrets}
    for key, path in kept.items():
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(f"{secrets[key]}\n", "utf-8")
    return kept
