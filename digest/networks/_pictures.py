"""Pictures as the networks take them: from the store by name, else a file of the editor's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from digest.errors import DigestError
from digest.kept import is_name, mime_type
from digest.model import Attachment

Read = Callable[[str], bytes]  # the name of a kept picture -> its bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to upload, with its alternative text."""

    data: bytes
    mime: str
    alt: str


def reader(options: Mapping[str, object]) -> Read:
    """Return what reads kept pictures: ``read`` of *options*; without it there are none."""
    return cast(Read, options.get("read") or _none)


def picture(of: Attachment, most: int, read: Read) -> Picture:
    """Return the picture *of*; DigestError where it is missing, none, or over *most* bytes."""
    data = read(of.path) if is_name(of.path) else _file(of.path)
    if len(data) > most:
        raise DigestError(of.path, f"is larger than the {most // 1000} kB the network takes")
    try:
        return Picture(data, mime_type(data), of.alt)
    except DigestError as error:
        raise DigestError(of.path, error.cause, error.remedy) from None


def _none(name: str) -> bytes:
    raise DigestError(f"picture {name[:12]}", "is not in the store", "Draft the issue again.")


def _file(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        remedy = "Put the picture back, or draft the issue again."
        raise DigestError(path, f"cannot be read: {error.strerror}", remedy) from None
