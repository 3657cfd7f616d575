"""Where secrets come from, in which order, and that they go nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from digest.config.credentials import keep_in_files, keep_in_keyring, name_variable, read_secret
from digest.model.errors import ConfigError


class Drawer(KeyringBackend):
    """A keyring that keeps what it is given, as long as the test runs."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    before, own = keyring.get_keyring(), Drawer()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


def test_the_environment_wins_then_files_then_the_keyring(
    drawer: Drawer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, object] = {}
    assert read_secret("x", "api_key", options, tmp_path) == ""
    assert keep_in_keyring("x", {"api_key": "from the keyring"})
    assert read_secret("x", "api_key", options, tmp_path) == "from the keyring"
    (tmp_path / "own").write_text("from the settings\n")
    options["api_key_file"] = "own"
    assert read_secret("x", "api_key", options, tmp_path) == "from the settings"
    (tmp_path / "other").write_text("from a file\n")
    monkeypatch.setenv("DIGEST_X_API_KEY_FILE", str(tmp_path / "other"))
    assert read_secret("x", "api_key", options, tmp_path) == "from a file"
    monkeypatch.setenv("DIGEST_X_API_KEY", " from the environment ")
    assert read_secret("x", "api_key", options, tmp_path) == "from the environment"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"DIGEST_X_API_KEY: .*gone.*cannot be read"):
        read_secret("x", "api_key", {"api_key_file": "gone"}, tmp_path)


def test_without_a_keyring_nothing_is_kept_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from keyring.backends import fail

    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    assert not keep_in_keyring("x", {"api_key": "k"})
    assert read_secret("x", "api_key", {}, Path()) == ""
    keyring.set_keyring(before)


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    kept = keep_in_files("x", {"api_key": "k"}, tmp_path / "new")
    assert kept["api_key"].read_text() == "k\n"
    assert kept["api_key"].stat().st_mode & 0o777 == 0o600


def test_a_variable_is_named_after_network_and_key() -> None:
    assert name_variable("bluesky", "app_password") == "DIGEST_BLUESKY_APP_PASSWORD"
