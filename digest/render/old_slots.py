"""The slots of mails that were frozen before places were kept: found by their marks, with care.

Such a mail may hold marks that a post brought in. So a mark is a slot only where our own code put
it: in the fields of the head that hold one, and in the body behind an address on the host that
List-Unsubscribe leads to, which is the reader's own anyway. Any other stays words.
"""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

from digest.model.draft import Slot, Slots

_MARK = re.compile(r"SLOT--([a-z-]+)--SLOT")
_FIELD = re.compile(
    r"^(?:(?P<to>To: )SLOT--recipient--SLOT|Date: SLOT--date--SLOT"
    r"|Message-ID: SLOT--message-id--SLOT"
    r"|(?:In-Reply-To|References): SLOT--original--SLOT)(?=\r?$)",
    re.MULTILINE,
)
_WAYS_OUT = re.compile(r"^List-Unsubscribe: [^\r\n]*(?:\r\n [^\r\n]*)*", re.MULTILINE)
_WEB = re.compile(r"<(https?://[^>]*)>")
_URL = re.compile(r"(?:https?://|mailto:)[^\s\"'<>]*$", re.IGNORECASE)


def find_slots(html: str, text: str, mime: bytes) -> Slots:
    """Return the slots of a mail of which only the marks are known."""
    message = mime.decode("ascii", "replace")
    head = message.partition("\r\n\r\n")[0]
    ways_out = _WAYS_OUT.search(head)
    hosts = {urlsplit(url).hostname for url in _WEB.findall(ways_out[0] if ways_out else "")}
    shown, plain = list(_own(html, hosts)), list(_own(text, hosts))
    return Slots(
        html=tuple(_slot(mark) for mark, own in shown if own),
        text=tuple(_slot(mark) for mark, own in plain if own),
        mime=(*_in_head(head), *_in_body(message, len(head), [own for _, own in plain + shown])),
    )


def _own(text: str, hosts: set[str | None]) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield each mark in *text*, and whether it ends an address on one of *hosts*."""
    for mark in _MARK.finditer(text):
        edge = max(text.rfind(char, 0, mark.start()) for char in "\"'<> \n")
        url = _URL.search(text, edge + 1, mark.start())
        yield mark, url is not None and mark[1] == "token" and _host(url[0]) in hosts


def _host(url: str) -> str | None:
    try:
        return urlsplit(unescape(url)).hostname
    except ValueError:
        return None


def _in_head(head: str) -> Iterator[Slot]:
    for line in _FIELD.finditer(head):
        mark = _MARK.search(line[0])
        assert mark is not None  # noqa: S101 - the pattern holds one
        name = "to" if line["to"] else mark[1]
        yield Slot(name=name, start=line.start() + mark.start(), end=line.end())
    if ways_out := _WAYS_OUT.search(head):
        for mark in _MARK.finditer(head, ways_out.start(), ways_out.end()):
            if mark[1] == "token":
                yield _slot(mark)


def _in_body(message: str, start: int, own: list[bool]) -> Iterator[Slot]:
    """Yield the slots of the body: its parts hold the marks of text and HTML, in that order.

    Quoted-printable was written so that no mark is ever folded.
    """
    marks = list(_MARK.finditer(message, start))
    if len(marks) == len(own):
        yield from (_slot(mark) for mark, ours in zip(marks, own, strict=True) if ours)


def _slot(mark: re.Match[str]) -> Slot:
    return Slot(name=mark[1], start=mark.start(), end=mark.end())
