"""A folder of .eml files, one a reader: nothing to configure, and nothing leaves this machine."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec

from digest.config import validation
from digest.model import Outcome
from digest.model.errors import DigestError
from digest.model.mailing import Message
from digest.model.ports.mail import MailerLimits
from digest.model.ports.social import SignIn
from digest.model.private_files import make_private_folder, open_private


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[mailers.folder]``: where the files go, a path that counts from digest.toml."""

    folder: str = "outgoing"
    base: validation.Internal[str] = "."


def build(options: Mapping[str, object]) -> "FolderMailer":
    """Return the mailer; ``base`` is what a relative ``folder`` counts from."""
    read = validation.read_options(Options, options, "mailers", "folder")
    return FolderMailer(folder=(Path(read.base) / read.folder).absolute())


def sign_in() -> SignIn:
    """Return how to get it ready: it is."""
    return SignIn(steps=("Nothing to do: mails are written as .eml files.",), secrets=())


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderMailer:
    """Writes each message to a file of its own, named by its key: written again it is the same."""

    folder: Path
    name: str = "folder"

    @property
    def traits(self) -> MailerLimits:
        """Return what it can do; a file is never there twice, however often it is written."""
        return MailerLimits(key_lasts=timedelta(days=36500))

    def check(self) -> str:
        """Return where mail would go; DigestError where nothing can be written there."""
        there = next(place for place in (self.folder, *self.folder.parents) if place.exists())
        if not there.is_dir():
            raise _unwritable_error(self.folder, NotADirectoryError(20, f"{there} is no folder"))
        if not os.access(there, os.W_OK):
            raise _unwritable_error(self.folder, PermissionError(13, "Permission denied"))
        return f"writes .eml files to {self.folder}"

    def lane(self) -> "FolderLane":
        """Return a writer."""
        return FolderLane(self.folder)


def _unwritable_error(folder: Path, error: OSError) -> DigestError:
    remedy = 'Name a folder you may write to: [mailers.folder] folder = "..."'
    return DigestError(str(folder), f"cannot be written: {error.strerror}", remedy)


class FolderLane:
    """Writes one file after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self) -> Outcome | None:
        """Have nothing to open."""
        return None

    def send(self, messages: Sequence[Message], key: str) -> Sequence[Outcome]:
        """Write each of *messages*; a file appears whole or not at all."""
        del key
        return [self._written(one) for one in messages]

    def _written(self, message: Message) -> Outcome:
        path = self._folder / file_name(message)
        fresh = path.with_suffix(".part")
        try:
            make_private_folder(self._folder)
            with open_private(fresh) as file:
                file.write(message.content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as error:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            reason = f"{path.name} cannot be written: {error.strerror}"
            return Outcome(status="rejected", reason=reason, general=True)
        return Outcome(status="sent", id=message.id, url=path.absolute().as_uri())

    def close(self) -> None:
        """Have nothing to close."""


def file_name(message: Message) -> str:
    """Return the name of the file of *message*: its key, and nothing of the address."""
    return f"{message.key[:40]}.eml"
