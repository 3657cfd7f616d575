"""The places of a mail that each copy fills: known from where the template made them.

A template is given a mark to print. The mark holds a number that is drawn for this one rendering,
after all words are there, so that none of them can hold it. Once the template is done its marks
make way for placeholders, and their places are written down. Nothing is searched for after that:
what else reads like a placeholder, in a title or a link, is words.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import NamedTuple

from digest.errors import TemplateError
from digest.model import Mail
from digest.model.draft import Slot, Slots
from digest.render import old_slots

_TELLING = 12  # digits of a mark's number by which a mark that was changed is known


class Slotted(NamedTuple):
    """A text and its slots, in order."""

    text: str
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Marks:
    """What a template prints where a slot is to be; of one rendering, and of no other."""

    number: str = field(default_factory=lambda: token_hex(16))

    def mark(self, name: str) -> str:
        """Return the mark of the slot *name*: letters, digits and "-" alone."""
        return f"SLOT--{name}--{self.number}--SLOT"

    def lift(self, text: str) -> Slotted:
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
        return _joined(pieces)


def _joined(pieces: Sequence[str]) -> Slotted:
    """Return the text of *pieces*, every second of which names a slot."""
    texts, slots, at = list[str](), list[Slot](), 0
    for index, piece in enumerate(pieces):
        text = placeholder(piece) if index % 2 else piece
        if index % 2:
            slots.append(Slot(name=piece, start=at, end=at + len(text)))
        texts.append(text)
        at += len(text)
    return Slotted("".join(texts), tuple(slots))


def placeholder(name: str) -> str:
    """Return what stands in the slot *name* until a copy is made."""
    return f"SLOT--{name}--SLOT"


def split(slotted: Slotted) -> list[str]:
    """Return the words and the names of the slots in turn, words first and last."""
    pieces, at = list[str](), 0
    for slot in slotted.slots:
        pieces += (slotted.text[at : slot.start], slot.name)
        at = slot.end
    return [*pieces, slotted.text[at:]]


def read_slots(mail: Mail) -> Slots:
    """Return where the slots of *mail* are; for one from before they were kept, what is safe."""
    return mail.slots or old_slots.find_slots(mail.html, mail.text, mail.mime)


def html_of(mail: Mail) -> Slotted:
    """Return the HTML of *mail* with its slots."""
    return Slotted(mail.html, read_slots(mail).html)


def text_of(mail: Mail) -> Slotted:
    """Return the plain text of *mail* with its slots."""
    return Slotted(mail.text, read_slots(mail).text)


def fill_text(slotted: Slotted, values: Mapping[str, str]) -> str:
    """Return the HTML or plain text of a mail with its slots filled."""
    pieces = split(slotted)
    return "".join(values[piece] if n % 2 else piece for n, piece in enumerate(pieces))
