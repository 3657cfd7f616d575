"""Whom a role means: the mayor, 執行長, where the text gives one person that role."""

import re
from collections.abc import Iterator

from digest.text.lexicon import ROLE_HAN, ROLE_LATIN
from digest.text.people import Cast, Person

ROLE = re.compile(rf"(?:{ROLE_HAN})|\b(?:{ROLE_LATIN})\b")
_OPENING = re.compile(
    rf"(?:(?<=[.!?”\"]\s)|(?<=\n)|^)(?:The|(?:But|And|Then) the)\s(?:(?:old|young|former|chief|"
    rf"head|senior)\s)?(?P<role>{ROLE_LATIN})\b(?!['’]s|\s[A-Z]|,\s[A-Z])(?P<other>\s(?:of|at|in|from)"
    rf"\s(?:my|another|an?)\b)?|"
    rf"(?:(?<=[。！？；\n])|^)(?:這位|這名|那位|該)?(?P<han>{ROLE_HAN}|[團組課科]長)(?=是|也|則|卻|又|只|沒|在|已|才|便|"
    rf"就|聽|問|說|笑|看|站|坐|走|點頭|搖頭|回|答|追|反|打斷|告訴|想)"
)

_NEAR = re.compile(r"(?:, )?[^，。；、」,.\n]{0,4}")
_TOLD_OF = re.compile(r"(?:（[^）]*）)?,? (?P<rest>[^.。\n]{0,56})")
_WROTE = re.compile(
    r"\s?的(?:新書|書|小說|專欄|文章|論文|著作|回憶錄|散文集)|"
    r"['’]s\s(?:(?:new|first|second|latest|debut|own)\s)?(?:book|novel|memoir|essay|paper|history)\b"
)


def called(text: str, people: Cast, role: str) -> Person | None:
    """Return the one person whom *text* calls *role*; None where it is nobody, or several."""
    wrote = role in ("作者", "author", "writer")
    found: dict[str, Person] = {}
    for at, stop, person in people.mentions(text, 0, len(text)):
        if (
            _leads(text[max(0, at - 24) : at], role)
            or _follows(text[stop : stop + 80], role)
            or (wrote and _WROTE.match(text, stop))
        ):
            found[person.name] = person
    return next(iter(found.values())) if len(found) == 1 else None


def _leads(head: str, role: str) -> bool:
    """Tell whether *head* ends with *role*, with no more than a few letters after it."""
    at = head.lower().rfind(role.lower())
    return at >= 0 and bool(_NEAR.fullmatch(head, at + len(role)))


def _follows(tail: str, role: str) -> bool:
    """Tell whether *tail* starts by telling that somebody is *role*: （…）, the chief of …."""
    match = _TOLD_OF.match(tail)
    if match is None:
        return False
    rest = match.group("rest")
    at = rest.find(role)
    beside = rest[at - 1 : at] + rest[at + len(role) : at + len(role) + 1] if at >= 0 else "x"
    return not any(char.isalnum() or char == "_" for char in beside)


def openings(narration: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, role) for the sentences whose subject is told by a role alone.

    The role is "" where it is somebody else's: the captain of another ship.
    """
    for match in _OPENING.finditer(narration):
        role = match.group("role") or match.group("han")
        yield match.start(), match.end(), "" if match.group("other") else role
