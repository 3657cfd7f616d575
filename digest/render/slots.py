"""The places of a mail that each copy fills: known from where the template made them.

A template is given a mark to print. The mark holds a number that is drawn for this one rendering,
after all words are there, so that none of them can hold it. Once the template is done its marks
make way for placeholders, and their places are written down. Nothing is searched for after that:
what else reads like a placeholder, in a title or a link, is words.

The slots of mails that were frozen before places were kept: found by their marks, with care.

Such a mail may hold marks that a post brought in. So a mark is a slot only where our own code put
it: in the fields of the head that hold one, and in the body behind an address on the host that
List-Unsubscribe leads to, which is the reader's own anyway. Any other stays words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from secrets import token_hex
from typing import NamedTuple
from urllib.parse import urlsplit

from digest.model import Mail
from digest.model.draft import Slot, Slots
from digest.model.errors import TemplateError

_MARK = re.compile(r"SLOT--([a-z-]+)--SLOT")
_FIELD = re.compile(
    r"^(?:(?P<to>To: )SLOT--recipient--SLOT|Date: SLOT--date--SLOT"
    r"|Message-ID: SLOT--message-id--SLOT"
    r"|(?:In-Reply-To|References): SLOT--original--SLOT)(?=\r?$)",
    re.MULTILINE,
)
_WAYS_OUT = re.compile(r"^List-Unsubscribe: [^\r\n]*(?:\r\n [^\r\n]*)*", re.MULTILINE)
_WEB = re.compile(r"<(https?://[^<>]*)>")
_URL = re.compile(r"(?:https?://|mailto:)[^\s\"'<>]*$", re.IGNORECASE)


def find_slots(html: str, text: str, mime: bytes) -> Slots:
    """Return the slots of a mail of which only the marks are known."""
    message = mime.decode("ascii", "replace")
    head = message.partition("\r\n\r\n")[0]
    ways_out = _WAYS_OUT.search(head)
    hosts = {urlsplit(url).hostname for url in _WEB.findall(ways_out[0] if ways_out else "")}
    shown, plain = list(_find_own_marks(html, hosts)), list(_find_own_marks(text, hosts))
    return Slots(
        html=tuple(_make_slot(mark) for mark, own in shown if own),
        text=tuple(_make_slot(mark) for mark, own in plain if own),
        mime=(
            *_find_head_slots(head),
            *_find_body_slots(message, len(head), [own for _, own in plain + shown]),
        ),
    )


def _find_own_marks(text: str, hosts: set[str | None]) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield each mark in *text*, and whether it ends an address on one of *hosts*."""
    for mark in _MARK.finditer(text):
        edge = max(text.rfind(char, 0, mark.start()) for char in "\"'<> \n")
        url = _URL.search(text, edge + 1, mark.start())
        yield mark, url is not None and mark[1] == "token" and _find_host(url[0]) in hosts


def _find_host(url: str) -> str | None:
    try:
        return urlsplit(unescape(url)).hostname
    except ValueError:
        return None


def _find_head_slots(head: str) -> Iterator[Slot]:
    for line in _FIELD.finditer(head):
        mark = _MARK.search(line[0])
        assert mark is not None  # noqa: S101 - the pattern holds one
        name = "to" if line["to"] else mark[1]
        yield Slot(name=name, start=line.start() + mark.start(), end=line.end())
    if ways_out := _WAYS_OUT.search(head):
        for mark in _MARK.finditer(head, ways_out.start(), ways_out.end()):
            if mark[1] == "token":
                yield _make_slot(mark)


def _find_body_slots(message: str, start: int, own: list[bool]) -> Iterator[Slot]:
    """Yield the slots of the body: its parts hold the marks of text and HTML, in that order.

    Quoted-printable was written so that no mark is ever folded.
    """
    marks = list(_MARK.finditer(message, start))
    if len(marks) == len(own):
        yield from (_make_slot(mark) for mark, ours in zip(marks, own, strict=True) if ours)


def _make_slot(mark: re.Match[str]) -> Slot:
    return Slot(name=mark[1], start=mark.start(), end=mark.end())


_TELLING = 12  # digits of a mark's number by which a mark that was changed is known


class SlottedText(NamedTuple):
    """A text and its slots, in order."""

    text: str
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class SlotMarks:
    """What a template prints where a slot is to be; of one rendering, and of no other."""

    number: str = field(default_factory=lambda: token_hex(16))

    def mark(self, name: str) -> str:
        """Return the mark of the slot *name*: letters, digits and "-" alone."""
        return f"SLOT--{name}--{self.number}--SLOT"

    def lift(self, text: str) -> SlottedText:
        """Return *text* with a placeholder for each mark, and where they stand.

        TemplateError where a template cut or changed a mark: its link would lead nowhere.
        """
        pieces = re.split(f"SLOT--([a-z-]+)--{self.number}--SLOT", text)
        if any(self.number[:_TELLING] in piece.casefold() for piece in pieces[::2]):
            raise TemplateError(
                "the template of the email",
                "cuts or changes a link of the footer, and the reader's token in it",
                "Print link.url as it is.",
            )
        return _join_pieces(pieces)


def _join_pieces(pieces: Sequence[str]) -> SlottedText:
    """Return the text of *pieces*, every second of which names a slot."""
    texts, slots, at = list[str](), list[Slot](), 0
    for index, piece in enumerate(pieces):
        text = make_placeholder(piece) if index % 2 else piece
        if index % 2:
            slots.append(Slot(name=piece, start=at, end=at + len(text)))
        texts.append(text)
        at += len(text)
    return SlottedText("".join(texts), tuple(slots))


def make_placeholder(name: str) -> str:
    """Return what stands in the slot *name* until a copy is made."""
    return f"SLOT--{name}--SLOT"


def split_slots(slotted: SlottedText) -> list[str]:
    """Return the words and the names of the slots in turn, words first and last."""
    pieces, at = list[str](), 0
    for slot in slotted.slots:
        pieces += (slotted.text[at : slot.start], slot.name)
        at = slot.end
    return [*pieces, slotted.text[at:]]


def read_slots(mail: Mail) -> Slots:
    """Return where the slots of *mail* are; for one from before they were kept, what is safe."""
    return mail.slots or find_slots(mail.html, mail.text, mail.mime)


def read_html(mail: Mail) -> SlottedText:
    """Return the HTML of *mail* with its slots."""
    return SlottedText(mail.html, read_slots(mail).html)


def read_text(mail: Mail) -> SlottedText:
    """Return the plain text of *mail* with its slots."""
    return SlottedText(mail.text, read_slots(mail).text)


def fill_text(slotted: SlottedText, values: Mapping[str, str]) -> str:
    """Return the HTML or plain text of a mail with its slots filled."""
    pieces = split_slots(slotted)
    return "".join(values[piece] if n % 2 else piece for n, piece in enumerate(pieces))
