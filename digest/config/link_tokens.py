"""Signed tokens: what a link or a bounce address may do, and for whom.

``KEYID.SUBJECT.PURPOSE[.EXPIRES].MAC``, all in lower case (mail servers may fold the case of a
local part), at most 70 characters where the subject has at most 20. ``KEYID`` names the key, so
that a new key may take over while links made with an old one go on working. ``MAC`` is
HMAC-SHA256 over what stands before it, 128 bits in base32, compared in constant time.

A reader's token never expires, so all of them can be renewed at once: how often that was done is
covered by the MAC, and a token of an earlier time says whose it is and does nothing by itself.
"""

import hashlib
import hmac
import os
import re
from base64 import b32encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Literal

from digest.model.errors import ConfigError

TokenPurpose = Literal["reader", "confirm", "bounce", "review"]

_LETTER: dict[TokenPurpose, str] = {"reader": "u", "confirm": "c", "bounce": "b", "review": "r"}
_SUBJECT = re.compile(r"[a-z0-9_-]{1,40}")
_TOKEN = re.compile(
    r"([a-z2-7]{4})\.([a-z0-9_-]{1,40})\.([a-z])(?:\.([0-9]{1,11}))?\.([a-z2-7]{26})"
)
_LEAST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenVerdict:
    """What a genuine token says: for whom (a subscriber's id), how long, whether that is over.

    One that is ``outdated`` was made before all readers' tokens were renewed.
    """

    subject: str
    expires: datetime | None = None
    expired: bool = False
    outdated: bool = False


class Keyring:
    """The secrets of one installation, the newest first: it signs, all of them verify.

    *renewals* tells how often the readers' tokens were renewed so far.
    """

    def __init__(self, secrets: Sequence[bytes], renewals: Callable[[], int] = lambda: 0) -> None:
        self._keys = [(_name_key(secret), secret) for secret in secrets]
        self._renewals = renewals

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the keys as tokens hold them, the one that signs first."""
        return tuple(name for name, _ in self._keys)

    def at_once(self) -> "Keyring":
        """Return this keyring as it is now, for many tokens in a row."""
        now = self._renewals()
        return Keyring([secret for _, secret in self._keys], lambda: now)

    def sign(
        self, subject: int | str, purpose: TokenPurpose, expires: datetime | None = None
    ) -> str:
        """Return the token of *subject* for *purpose*; it never expires unless *expires* is given.

        ValueError for a subject that is not ``[a-z0-9_-]{1,40}``.
        """
        if not _SUBJECT.fullmatch(str(subject)):
            raise ValueError(f"{subject!r} cannot stand in a token")
        name, key = self._keys[0]
        body = f"{name}.{subject}.{_LETTER[purpose]}"
        if expires is not None:
            body += f".{int(expires.timestamp())}"
        renewals = self._renewals() if purpose == "reader" else 0
        return f"{body}.{_sign_body(key, body, renewals)}"

    def verify(
        self, token: str, purpose: TokenPurpose, now: datetime | None = None
    ) -> TokenVerdict | None:
        """Return what *token* says if it was made here for *purpose*, else None."""
        found = _TOKEN.fullmatch(token)
        if not found or found[3] != _LETTER[purpose]:
            return None
        body = token[: found.start(5) - 1]
        renewals = self._renewals() if purpose == "reader" else 0
        genuine = [
            of
            for name, key in self._keys
            if name == found[1]
            for of in range(renewals + 1)
            if hmac.compare_digest(_sign_body(key, body, of), found[5])
        ]
        if not genuine:
            return None
        if not found[4]:
            return TokenVerdict(subject=found[2], outdated=genuine[0] < renewals)
        expires = datetime.fromtimestamp(int(found[4]), UTC)
        expired = expires <= (now or datetime.now(UTC))
        return TokenVerdict(subject=found[2], expires=expires, expired=expired)

    def marks(self, text: str) -> tuple[bytes, ...]:
        """Return the keyed hash of *text* (16 bytes) under every key, the newest first.

        It tells whether *text* was seen before to whoever holds the key, and nothing to others.
        """
        message = b"mark\0" + text.encode()
        return tuple(hmac.digest(key, message, "sha256")[:16] for _, key in self._keys)


def make_bounce_address(mailbox: str, token: str) -> str:
    """Return the envelope sender that a bounce for *token* comes back to: ``b+TOKEN@domain``.

    What stands for *token* there has letters, digits and "-" alone (VERP).
    """
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{token.replace('.', '-')}@{domain}"


def parse_bounce_address(address: str) -> str:
    """Return the token in an address made by ``make_bounce_address``, "" if there is none."""
    return address.strip("<> ").rpartition("@")[0].rpartition("+")[2].lower().replace("-", ".")


def parse_keyring(text: str, where: str, renewals: Callable[[], int] = lambda: 0) -> Keyring:
    """Return the keyring that *text* holds, a secret a line, the newest first.

    ConfigError that names *where* if there is none or one is short enough to be guessed.
    """
    secrets = [line.strip() for line in text.replace(",", "\n").splitlines() if line.strip()]
    if not secrets or any(len(secret) < _LEAST for secret in secrets):
        cause = f"a secret has fewer than {_LEAST} characters" if secrets else "it holds no secret"
        remedy = "Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        raise ConfigError(where, cause, remedy)
    return Keyring([secret.encode() for secret in secrets], renewals)


def load_keyring(path: Path, renewals: Callable[[], int] = lambda: 0) -> Keyring:
    """Return the keyring in the file *path*, which only its owner may read; made where missing."""
    if not path.exists():
        _create_key_file(path, token_hex(32) + "\n")
    return parse_keyring(_read_key_file(path), str(path), renewals)


def rotate_key(path: Path) -> Keyring:
    """Put a new secret before those in the file *path*; links made with the old ones still work."""
    text = _read_key_file(path) if path.exists() else ""
    fresh = path.with_name(f"{path.name}.{token_hex(4)}")
    _write_key_file(fresh, f"{token_hex(32)}\n{text}")
    fresh.replace(path)
    return load_keyring(path)


def _create_key_file(path: Path, text: str) -> None:
    """Write *text* unless another process was faster: whoever links first has made it."""
    fresh = path.with_name(f"{path.name}.{token_hex(4)}")
    _write_key_file(fresh, text)
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        fresh.replace(path)
    fresh.unlink(missing_ok=True)


def _write_key_file(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(text, "utf-8")
    except OSError as error:
        remedy = "Make that folder writable, or set key_file in [audience]."
        raise ConfigError(str(path), f"cannot be written: {error.strerror}", remedy) from None


def _read_key_file(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        remedy = "It must be readable by the user who runs digest, a secret a line."
        raise ConfigError(str(path), f"cannot be read: {error}", remedy) from None


def _name_key(secret: bytes) -> str:
    """Return the name of a key: it tells which one made a token, not what it is."""
    return _encode_base32(hashlib.sha256(b"key id\0" + secret).digest())[:4]


def _sign_body(key: bytes, body: str, renewals: int) -> str:
    """Return the MAC of *body*; what was signed before the first renewal covers no number."""
    covered = f"{body}\0{renewals}" if renewals else body
    return _encode_base32(hmac.digest(key, b"token\0" + covered.encode(), "sha256")[:16])


def _encode_base32(raw: bytes) -> str:
    return b32encode(raw).decode("ascii").rstrip("=").lower()
