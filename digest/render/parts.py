"""What an editor does to the parts of a thread: say, split, merge, move, leave out, describe.

Pure: every command returns the thread as it is then, or refuses with a DraftError and changes
nothing. Parts count from 1. ``manuscript.written`` of the result is what is kept.
"""

from collections.abc import Sequence
from dataclasses import replace

from digest.errors import DraftError
from digest.model import Part, Thread
from digest.ports import Network
from digest.render.manuscript import plain_text, read_back, written


def say(thread: Thread, network: Network, part: int, text: str) -> Thread:
    """Return *thread* with *text* as its part; refused where it is over the limit or empty."""
    parts = _parts(thread, network, part)
    if not text.strip():
        raise DraftError(_named(thread, part), "it says nothing", "Leave the part out instead.")
    parts[part - 1] = replace(parts[part - 1], text=text.strip())
    return _made(thread, network, parts)


def split(thread: Thread, network: Network, part: int, at: int) -> Thread:
    """Return *thread* with a part divided before the character *at* of its text.

    Its link and pictures stay with the first half.
    """
    parts = _parts(thread, network, part)
    text = parts[part - 1].text
    halves = text[:at].strip(), text[at:].strip()
    if not all(halves):
        raise DraftError(_named(thread, part), "there is nothing to divide there")
    first = replace(parts[part - 1], text=halves[0])
    second = replace(parts[part - 1], text=halves[1], link=None, media=())
    parts[part - 1 : part] = [first, second]
    return _made(thread, network, parts)


def merge(thread: Thread, network: Network, part: int) -> Thread:
    """Return *thread* with a part joined to the one below it; refused where they do not fit."""
    parts = _parts(thread, network, part)
    if part == len(parts):
        raise DraftError(_named(thread, part), "there is none below it to join it to")
    first, second = parts[part - 1 : part + 1]
    media = (*first.media, *second.media)[: network.limits.images]
    text, link = f"{first.text}\n\n{second.text}", first.link or second.link
    parts[part - 1 : part + 1] = [replace(first, text=text, link=link, media=media)]
    return _made(thread, network, parts)


def move(thread: Thread, network: Network, part: int, to: int) -> Thread:
    """Return *thread* with a part moved to the place *to*."""
    parts = _parts(thread, network, part)
    parts.insert(min(max(to, 1), len(parts)) - 1, parts.pop(part - 1))
    return _made(thread, network, parts)


def leave_out(thread: Thread, network: Network, part: int) -> Thread:
    """Return *thread* without a part; refused where it is the only one."""
    parts = _parts(thread, network, part)
    if len(parts) == 1:
        raise DraftError(_named(thread, part), "it is the only one")
    del parts[part - 1]
    return _made(thread, network, parts)


def describe(thread: Thread, network: Network, part: int, picture: int, alt: str) -> Thread:
    """Return *thread* with *alt* as what a part's picture, from 1, shows."""
    parts = _parts(thread, network, part)
    media = list(parts[part - 1].media)
    if not 1 <= picture <= len(media):
        raise DraftError(_named(thread, part), f"it has no picture {picture}")
    media[picture - 1] = replace(media[picture - 1], alt=" ".join(alt.split()))
    parts[part - 1] = replace(parts[part - 1], media=tuple(media))
    return _made(thread, network, parts)


def _parts(thread: Thread, network: Network, part: int) -> list[Part]:
    """Return the parts of *thread* without their numbers; DraftError where *part* is none."""
    if not 1 <= part <= len(thread.parts):
        raise DraftError(_named(thread, part), f"there are {len(thread.parts)} parts")
    return [replace(one, text=plain_text(thread, n, network)) for n, one in enumerate(thread.parts)]


def _made(thread: Thread, network: Network, parts: Sequence[Part]) -> Thread:
    """Return the thread that *parts* make; DraftError names the first that does not fit."""
    made = read_back(written(replace(thread, parts=tuple(parts))), network)
    if len(made.parts) == len(parts):
        return made
    for place, part in enumerate(parts, 1):
        over = over_by(part, len(parts), network)
        if over > 0:
            cause = f"it is {over} over the limit of {network.limits.characters}"
            raise DraftError(_named(thread, place), cause, "Shorten it, or divide it.")
    raise DraftError(thread.network, "the parts do not fit")


def over_by(part: Part, count: int, network: Network) -> int:
    """Return how far *part*, one of *count*, is over the limit, in the network's own unit."""
    number = len(f" {count}/{count}") if network.limits.numbering else 0
    over = network.measure(part.text) + number - network.limits.characters
    most = network.limits.bytes
    return max(over, len(part.text.encode()) + number - most if most else 0)


def _named(thread: Thread, part: int) -> str:
    return f"{thread.network}, part {part}"
