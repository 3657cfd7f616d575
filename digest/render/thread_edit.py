"""A thread as text that a person edits: parts under lines of ``---``, which always win.

    --- 1/3 · 171 of 280
    The hook.
    [link] https://harbour.example.org/posts/night-shift/
    --- 2/3 · 59 of 280
    “A quotation.”
    [image] card.png: A quotation.

What stands behind the dashes is for the reader and not read back. ``[image] card`` is the quote
card of the issue, whichever that is by then. A link stands in brackets only
where it travels beside the text; a line of text that looks like one of ours is written with a
backslash before it.

What an editor does to the parts of a thread: say, split, merge, move, leave out, describe.

Pure: every command returns the thread as it is then, or refuses with a DraftError and changes
nothing. Parts count from 1. ``manuscript.written`` of the result is what is kept.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from digest.model import Attachment, Part, Thread
from digest.model.errors import DigestError, DraftError
from digest.model.picture_name import is_picture_name
from digest.model.ports.social import Network
from digest.render.images import why_not_fitted
from digest.render.thread import PlannedPart, make_thread, number_parts
from digest.render.thread_split import PartRoom, divide_text

_RULE = re.compile(r"^---.*$", re.MULTILINE)
_OURS = re.compile(r"^(?=\\*(?:---|\[(?:link|image)\] ))", re.MULTILINE)
_ESCAPED = re.compile(r"^\\(?=\\*(?:---|\[(?:link|image)\] ))", re.MULTILINE)
_META = re.compile(r"^\[(?P<key>link|image)\] (?P<value>.*)$\n?", re.MULTILINE)
CARD = "card"  # what the quote card of the issue is called in a thread that is kept
_LONG = 10
_REFUSED = 20
_KEYS = ("link", "image")
_NUMBER = re.compile(r" \d+/\d+$")


def write_manuscript(thread: Thread) -> str:
    """Return *thread* as text to edit; ``read_manuscript`` of it is *thread* again."""
    return "".join(
        f"--- {place}/{len(thread.parts)} · {part.length} of {part.limit}\n{_write_part(part)}\n"
        for place, part in enumerate(thread.parts, 1)
    )


def read_manuscript(text: str, network: Network) -> Thread:
    """Return the thread that *text* writes: its parts as they are, empty ones left out.

    A part that is too long is divided where it may be, and a warning says so; text without any
    ``---`` is divided as a whole. Numbers are made anew. Raises DraftError where a link, mention
    or tag alone is longer than a part, and where there are more than 20 parts.
    """
    ideas = [
        idea for piece in _RULE.split(_unify_newlines(text)) if (idea := _parse_part(piece)).text
    ]
    numbering = network.limits.numbering
    if numbering:
        ideas = [*ideas[:1], *map(_strip_number, ideas[1:])]
    whole, said = _divide_parts(ideas, _make_room(network, len(ideas)))
    return make_thread(
        network,
        number_parts(whole) if numbering else whole,
        *said,
        *_check_part_count(network, whole),
    )


def apply_thread_edits(
    planned: Sequence[Thread], networks: Sequence[Network], values: Mapping[str, str]
) -> tuple[tuple[Thread, ...], dict[str, str]]:
    """Return *planned*, a thread for each of *networks*, as the edits *values* by block have them.

    And why which could not be read, by block: those stay as they were planned.
    """
    threads, refused = list(planned), {}
    for place, (network, thread) in enumerate(zip(networks, planned, strict=True)):
        block = f"thread/{network.name}"
        if block in values:
            try:
                threads[place] = insert_card(read_manuscript(values[block], network), thread)
            except DigestError as error:
                refused[block] = str(error)
    return tuple(threads), refused


def rename_pictures(text: str, name: Callable[[str], str]) -> str:
    """Return the manuscript *text* with each picture under the *name* of its path."""

    def named(found: re.Match[str]) -> str:
        if found["key"] != "image":
            return found[0]
        path, alt = _picture(found["value"])
        return found[0].replace(found["value"], f"{name(path)}: {alt}" if alt else name(path))

    return _META.sub(named, text)


def insert_card(thread: Thread, planned: Thread) -> Thread:
    """Return *thread* with the picture that *planned* shows now in the place of each "card".

    So a quotation that was corrected is not shown on the card of before. Words that the editor
    wrote for the picture stay; where there is no card any more its place is empty.
    """
    card = next((picture for part in planned.parts for picture in part.media), None)
    parts = (
        replace(
            part,
            media=tuple(
                _show_card(picture, card) for picture in part.media if _keeps_picture(picture, card)
            ),
        )
        for part in thread.parts
    )
    return replace(thread, parts=tuple(parts))


def _keeps_picture(picture: Attachment, card: Attachment | None) -> bool:
    return picture.path != CARD or card is not None


def _show_card(picture: Attachment, card: Attachment | None) -> Attachment:
    if picture.path != CARD or card is None:
        return picture
    return replace(card, alt=picture.alt or card.alt)


def name_card_in_text(text: str, planned: Thread) -> str:
    """Return the manuscript *text* with the picture that *planned* shows named "card"."""
    for part in planned.parts:
        for picture in part.media:
            whole = f"[image] {picture.path}: {_fold_line(picture.alt)}"
            text = text.replace(whole, f"[image] {CARD}")
            text = text.replace(f"[image] {picture.path}: ", f"[image] {CARD}: ")
    return text


def extract_part_text(thread: Thread, place: int, network: Network) -> str:
    """Return the text of the part at *place*, from 0, without its number."""
    text = thread.parts[place].text
    return _NUMBER.sub("", text) if place and network.limits.numbering else text


def _check_part_count(network: Network, ideas: Sequence[PlannedPart]) -> list[str]:
    """Return what to say of so many parts."""
    count = len(ideas)
    if count > _REFUSED:
        raise DraftError(
            f"a thread of {count} parts", f"more than {_REFUSED} are not posted", "Shorten it."
        )
    if network.limits.parts == 1 and count > 1:
        return [f"{network.name} takes one part, these are {count}"]
    return [f"a thread of {count} parts is long"] if count > _LONG else []


def _unify_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def _write_part(part: Part) -> str:
    lines = [_OURS.sub(r"\\", part.text)]
    if part.link and part.link not in part.text:
        lines.append(f"[link] {part.link}")
    lines += [f"[image] {picture.path}: {_fold_line(picture.alt)}" for picture in part.media]
    return "\n".join(lines)


def _fold_line(text: str) -> str:
    return " ".join(text.split())


def _parse_part(piece: str) -> PlannedPart:
    """Return the idea that the lines between two rules write."""
    said = {key: [m["value"] for m in _META.finditer(piece) if m["key"] == key] for key in _KEYS}
    pictures = map(_picture, said["image"])
    return PlannedPart(
        text=_ESCAPED.sub("", _META.sub("", piece).strip()),
        link=next(iter(said["link"]), "").strip(),
        media=tuple(Attachment(path=path, alt=alt) for path, alt in pictures),
    )


def _picture(value: str) -> tuple[str, str]:
    """Return the path and the words of the picture that "card.png: A ferry." writes."""
    path, colon, alt = value.strip().partition(": ")
    return (path.strip(), alt.strip()) if colon else (path.removesuffix(":").strip(), "")


def weighed(
    threads: Sequence[Thread], networks: Sequence[Network], read: Callable[[str], bytes]
) -> tuple[Thread, ...]:
    """Return *threads* with what is to say of the size of their pictures, which *read* gives.

    What is too large is made smaller where that can be; else its network would refuse it.
    """
    return tuple(
        _weighed(thread, network, read) for thread, network in zip(threads, networks, strict=True)
    )


def _weighed(thread: Thread, network: Network, read: Callable[[str], bytes]) -> Thread:
    warnings, faults = [], []
    for place, part in enumerate(thread.parts, 1):
        limits, carded = network.limits, bool(part.link and part.link not in part.text)
        most = (limits.thumb_bytes if carded else 0) or limits.image_bytes
        for picture in part.media if most else ():
            content = read(picture.path) if is_picture_name(picture.path) else b""
            if len(content) > most:
                large = f"part {place}: a picture of {len(content) / 1e6:.1f} MB, where"
                said = f"{large} {most / 1e6:g} MB is the most"
                if why := why_not_fitted(content):
                    faults.append(f"{said}; {why}")
                else:
                    warnings.append(f"{said}: it is made smaller")
    return replace(thread, warnings=(*thread.warnings, *warnings), faults=(*thread.faults, *faults))


def _strip_number(idea: PlannedPart) -> PlannedPart:
    return replace(idea, text=_NUMBER.sub("", idea.text))


def _make_room(network: Network, parts: int) -> PartRoom:
    limits = network.limits
    number = len(f" {parts}/{parts}") if limits.numbering else 0
    return PartRoom(measure=network.measure, limit=limits.characters - number, bytes=limits.bytes)


def _divide_parts(
    ideas: Sequence[PlannedPart], room: PartRoom
) -> tuple[list[PlannedPart], list[str]]:
    """Return *ideas* with those that do not fit divided, and what a person should know of it."""
    whole: list[PlannedPart] = []
    said: list[str] = []
    for place, idea in enumerate(ideas, 1):
        texts = divide_text(idea.text, room)
        if len(texts) > 1:
            over = room.measure(idea.text) - room.limit
            said.append(f"part {place} was {over} too long and is now {len(texts)} parts")
        whole.append(replace(idea, text=texts[0]))
        whole += [PlannedPart(text=text) for text in texts[1:]]
    return whole, said


def rewrite_part(thread: Thread, network: Network, part: int, text: str) -> Thread:
    """Return *thread* with *text* as its part; refused where it is over the limit or empty."""
    parts = _list_parts(thread, network, part)
    if not text.strip():
        raise DraftError(_name_part(thread, part), "it says nothing", "Leave the part out instead.")
    parts[part - 1] = replace(parts[part - 1], text=text.strip())
    return _rebuild_thread(thread, network, parts)


def split_part(thread: Thread, network: Network, part: int, at: int) -> Thread:
    """Return *thread* with a part divided before the character *at* of its text.

    Its link and pictures stay with the first half.
    """
    parts = _list_parts(thread, network, part)
    text = parts[part - 1].text
    halves = text[:at].strip(), text[at:].strip()
    if not all(halves):
        raise DraftError(_name_part(thread, part), "there is nothing to divide there")
    first = replace(parts[part - 1], text=halves[0])
    second = replace(parts[part - 1], text=halves[1], link=None, media=())
    parts[part - 1 : part] = [first, second]
    return _rebuild_thread(thread, network, parts)


def merge_parts(thread: Thread, network: Network, part: int) -> Thread:
    """Return *thread* with a part joined to the one below it; refused where they do not fit."""
    parts = _list_parts(thread, network, part)
    if part == len(parts):
        raise DraftError(_name_part(thread, part), "there is none below it to join it to")
    first, second = parts[part - 1 : part + 1]
    media = (*first.media, *second.media)[: network.limits.images]
    text, link = f"{first.text}\n\n{second.text}", first.link or second.link
    parts[part - 1 : part + 1] = [replace(first, text=text, link=link, media=media)]
    return _rebuild_thread(thread, network, parts)


def move_part(thread: Thread, network: Network, part: int, to: int) -> Thread:
    """Return *thread* with a part moved to the place *to*."""
    parts = _list_parts(thread, network, part)
    parts.insert(min(max(to, 1), len(parts)) - 1, parts.pop(part - 1))
    return _rebuild_thread(thread, network, parts)


def leave_out_part(thread: Thread, network: Network, part: int) -> Thread:
    """Return *thread* without a part; refused where it is the only one."""
    parts = _list_parts(thread, network, part)
    if len(parts) == 1:
        raise DraftError(_name_part(thread, part), "it is the only one")
    del parts[part - 1]
    return _rebuild_thread(thread, network, parts)


def describe_picture(thread: Thread, network: Network, part: int, picture: int, alt: str) -> Thread:
    """Return *thread* with *alt* as what a part's picture, from 1, shows."""
    parts = _list_parts(thread, network, part)
    media = list(parts[part - 1].media)
    if not 1 <= picture <= len(media):
        raise DraftError(_name_part(thread, part), f"it has no picture {picture}")
    media[picture - 1] = replace(media[picture - 1], alt=" ".join(alt.split()))
    parts[part - 1] = replace(parts[part - 1], media=tuple(media))
    return _rebuild_thread(thread, network, parts)


def _list_parts(thread: Thread, network: Network, part: int) -> list[Part]:
    """Return the parts of *thread* without their numbers; DraftError where *part* is none."""
    if not 1 <= part <= len(thread.parts):
        raise DraftError(_name_part(thread, part), f"there are {len(thread.parts)} parts")
    return [
        replace(one, text=extract_part_text(thread, n, network))
        for n, one in enumerate(thread.parts)
    ]


def _rebuild_thread(thread: Thread, network: Network, parts: Sequence[Part]) -> Thread:
    """Return the thread that *parts* make; DraftError names the first that does not fit."""
    made = read_manuscript(write_manuscript(replace(thread, parts=tuple(parts))), network)
    if len(made.parts) == len(parts):
        return made
    for place, part in enumerate(parts, 1):
        over = measure_excess(part, len(parts), network)
        if over > 0:
            cause = f"it is {over} over the limit of {network.limits.characters}"
            raise DraftError(_name_part(thread, place), cause, "Shorten it, or divide it.")
    raise DraftError(thread.network, "the parts do not fit")


def measure_excess(part: Part, count: int, network: Network) -> int:
    """Return how far *part*, one of *count*, is over the limit, in the network's own unit."""
    number = len(f" {count}/{count}") if network.limits.numbering else 0
    over = network.measure(part.text) + number - network.limits.characters
    most = network.limits.bytes
    return max(over, len(part.text.encode()) + number - most if most else 0)


def _name_part(thread: Thread, part: int) -> str:
    return f"{thread.network}, part {part}"
