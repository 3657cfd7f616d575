"""Social networks, one adapter a file; what they have in common is data.

Pictures as the networks take them: from the store by name, else a file of the editor's.

What of a part is handed to an account, as the outbox keeps it: one JSON text.

What the sending halves of the networks share: a missing SDK is told, not raised.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import msgspec

from digest.config.validation import Internal
from digest.model import Attachment, OutboxEntry, Revision, Thread
from digest.model.errors import ConfigError, DigestError
from digest.model.outbox import make_entry
from digest.model.picture_name import find_mime_type, is_picture_name
from digest.model.ports.social import NetworkLimits
from digest.render.images import fit_bytes
from digest.text.twitter_text import encode_url, find_links

_FILE = Path(__file__).resolve().parents[2] / "data" / "networks.toml"
_Length = Annotated[int, msgspec.Meta(ge=1)]
_Count = Annotated[int, msgspec.Meta(ge=0)]


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """What is known of a network on the day ``checked``: its limits, and prices in US dollars."""

    limits: NetworkLimits
    prices: Mapping[str, float]
    checked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkLook:
    """How a network's own site shows a post.

    ``address`` and ``fold`` count the characters of an address before it is cut and of a post
    before it is folded, 0 where it never is; ``card_summary`` tells that link cards say more than
    the title. ``unit`` names what lengths are counted in.
    """

    label: str
    unit: str = "characters"
    address: int = 30
    fold: int = 0
    card_summary: bool = False


@cache
def _load_table() -> Mapping[str, Any]:
    import tomllib

    return tomllib.loads(_FILE.read_text("utf-8"))


@cache
def list_looks() -> Mapping[str, NetworkLook]:
    """Return how each network shows posts, by name, in the order that people see them in."""
    return {name: NetworkLook(**entry["look"]) for name, entry in _load_table().items()}


def find_look(name: str) -> NetworkLook:
    """Return how the network *name* shows posts; a plain one where nothing is known of it."""
    return list_looks().get(name) or NetworkLook(label=name)


def describe_posting_quota(name: str) -> str:
    """Return in words how much network *name* lets an account post, "" where it is not known."""
    return str(_load_table().get(name, {}).get("quota", ""))


class NetworkOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may stand in ``[networks.NAME]``: each field of ``NetworkLimits`` as the account has it.

    The account may have more room, its owner less taste for hashtags. ``timeout`` is how many
    seconds an answer is waited for. ``cache`` is the folder for what servers say, and
    ``allow_private`` is that of ``[fetch]``.
    """

    characters: _Length | None = None
    bytes: _Length | None = None
    link: Literal["root", "last", "each"] | None = None
    card: bool | None = None
    hashtags: _Count | None = None
    images: _Count | None = None
    image_bytes: _Count | None = None
    thumb_bytes: _Count | None = None
    parts: _Length | None = None
    numbering: bool | None = None
    timeout: Annotated[float, msgspec.Meta(gt=0)] | None = None
    cache: Internal[str] = ""
    allow_private: Internal[tuple[str, ...]] = ()

    @property
    def limits(self) -> Mapping[str, Any]:
        """Return the limits that are set."""
        names = (field.name for field in fields(NetworkLimits) if field.name != "note")
        own = ((name, getattr(self, name)) for name in names)
        return {name: value for name, value in own if value is not None}


def find_facts(name: str, limits: Mapping[str, Any]) -> NetworkFacts:
    """Return the facts of network *name*, its limits changed to *limits*."""
    entry = _load_table()[name]
    own = replace(NetworkLimits(**entry["limits"]), **limits)
    return NetworkFacts(own, entry.get("prices", {}), str(entry["checked"]))


CONNECT_SECONDS = 5
_ANSWER_SECONDS = 20.0  # no SDK has a timeout worth keeping


@contextmanager
def require_package(package: str) -> Iterator[None]:
    """Turn a missing SDK into a ConfigError that says how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        remedy = "Install it with: pip install 'digest-newsletter[social]'"
        raise ConfigError(package, f"is not installed ({error.name})", remedy) from None


def find_timeout(options: Mapping[str, object]) -> float:
    """Return for how many seconds an answer is waited for: the option ``timeout``, else 20."""
    return float(str(options.get("timeout") or _ANSWER_SECONDS))


def require_option(options: Mapping[str, object], network: str, key: str, example: str) -> str:
    """Return the option *key*; ConfigError, with an *example*, where it is not set."""
    value = str(options.get(key, "")).strip()
    if not value:
        remedy = f'Write {key} = "{example}" there.'
        raise ConfigError(f"[networks.{network}]", f"{key} is not set", remedy)
    return value


Read = Callable[[str], bytes]  # the name of a kept picture -> its bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to upload, with its alternative text."""

    data: bytes
    mime: str
    alt: str


def make_picture_reader(options: Mapping[str, object]) -> Read:
    """Return what reads kept pictures: ``read`` of *options*; without it there are none."""
    return cast(Read, options.get("read") or _refuse_kept_picture)


def load_picture(of: Attachment, most: int, read: Read) -> Picture:
    """Return the picture *of*, made small enough for *most* bytes; DigestError where it is none."""
    data = read(of.path) if is_picture_name(of.path) else _read_picture_file(of.path)
    if most and len(data) > most:
        data = fit_bytes(data, most)
    try:
        return Picture(data, find_mime_type(data), of.alt)
    except DigestError as error:
        raise DigestError(of.path, error.cause, error.remedy) from None


def _refuse_kept_picture(name: str) -> bytes:
    raise DigestError(f"picture {name[:12]}", "is not in the store", "Draft the issue again.")


def _read_picture_file(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        remedy = "Put the picture back, or draft the issue again."
        raise DigestError(path, f"cannot be read: {error.strerror}", remedy) from None


def spelled(text: str, *, bare: bool = False, wide: bool = False) -> tuple[str, ...]:
    """Return the links in *text* as they stand there: those without a scheme too if *bare*."""
    spans = (span for span in find_links(text, wide=wide) if bare or not span.bare)
    return tuple(text[span.start : span.end] for span in spans)


def link_warnings(label: str, text: str) -> Iterator[str]:
    """Yield what *label*, which links hosts without a scheme too, would link otherwise than meant.

    What stands right behind a link may be taken into it or not: only a space is sure.
    """
    for span in find_links(text):
        link, after = text[span.start : span.end], text[span.end : span.end + 1]
        if span.bare:
            yield f"{label} makes a link of “{link}”"
        elif after.isalnum():
            yield f"{label} may take “{after}” into the link “{link}”: put a space behind the link"


class PostPayload(msgspec.Struct, frozen=True, kw_only=True):
    """A part ready for the post: its text, pictures, and what a card for ``link`` says."""

    text: str
    language: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    media: tuple[Attachment, ...] = ()


def make_entries(revision: Revision, thread: Thread) -> tuple[OutboxEntry, ...]:
    """Return the entries of *thread*, one a part; the same revision gives the same bytes."""
    return tuple(
        make_entry(
            revision.issue.id,
            thread.network,
            msgspec.json.encode(_make_payload(revision, thread, number)).decode(),
            part=number,
            revision=revision.number,
        )
        for number in range(1, len(thread.parts) + 1)
    )


def _make_payload(revision: Revision, thread: Thread, number: int) -> PostPayload:
    issue, part = revision.issue, thread.parts[number - 1]
    about = next((s for s in issue.stories if encode_url(s.post.url) == part.link), None)
    return PostPayload(
        text=part.text,
        language=issue.edition.language,
        link=part.link or "",
        title=about.post.title if about else issue.subject or issue.edition.title,
        summary=about.reading.summary if about else issue.preheader,
        media=part.media,
    )


def open_payload(one: OutboxEntry) -> PostPayload:
    """Return the parcel in *one*."""
    return msgspec.json.decode(one.payload, type=PostPayload)
