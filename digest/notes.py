"""An editor's own block as text that a person types: a head of ``key: value`` lines, then Markdown.

    place: quote
    title: From the editor
    image: https://harbour.example.org/boat.png
    alt: A boat at the quay
    link: https://harbour.example.org/tickets The tickets
    sponsor: yes

    Come on *Friday*.

Every line of the head may be left out, and the head as a whole.
"""

import re

from digest.errors import DraftError
from digest.model import Image, Link, Note

PLACES = ("top", "lead", "quote", "sections", "themes", "also")
_KEYS = ("place", "title", "image", "alt", "link", "sponsor")
_LINE = re.compile(r"([a-z]+):[ \t]*(.*)")


def note_of(name: str, text: str) -> Note:
    """Return the note that *text* writes; DraftError where its place is none or it says nothing."""
    said, body = _parted(text)
    place = said.get("place", "top") or "top"
    if place not in PLACES:
        raise DraftError(f"note {name}", f"{place!r} is no place", f"Use {', '.join(PLACES)}.")
    if not body and not said.get("image"):
        raise DraftError(f"note {name}", "it says nothing", "Write a text below its head.")
    url, _, words = said.get("link", "").partition(" ")
    return Note(
        name=name,
        text=body,
        place=place,
        title=said.get("title", ""),
        image=Image(url=said["image"], alt=said.get("alt", "")) if said.get("image") else None,
        link=Link(url=url, title=words.strip()) if url else None,
        sponsor=said.get("sponsor", "") in ("yes", "true"),
    )


def text_of(note: Note) -> str:
    """Return *note* as text to edit."""
    link = f"{note.link.url} {note.link.title}".strip() if note.link else ""
    values = (
        note.place,
        note.title,
        note.image.url if note.image else "",
        note.image.alt if note.image else "",
        link,
        "yes" if note.sponsor else "",
    )
    head = [f"{key}: {value}" for key, value in zip(_KEYS, values, strict=True) if value]
    return "\n".join([*head, "", note.text])


def _parted(text: str) -> tuple[dict[str, str], str]:
    """Return the head of *text* by key, and its body."""
    said: dict[str, str] = {}
    lines = text.replace("\r\n", "\n").strip().split("\n")
    while lines and (found := _LINE.fullmatch(lines[0])) and found[1] in _KEYS:
        said[found[1]] = found[2].strip()
        lines.pop(0)
    return said, "\n".join(lines).strip()
