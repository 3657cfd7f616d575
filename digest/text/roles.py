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

_WROTE = re.compile(
    r"\s?的(?:新書|書|小說|專欄|文章|論文|著作|回憶錄|散文集)|"
    r"['’]s\s(?:(?:new|first|second|latest|debut|own)\s)?(?:book|novel|memoir|essay|paper|history)\b"
)


def called(text: str, people: Cast, role: str) -> Person | None:
    """Return the one person whom *text* calls *role*; None where it is nobody, or several."""
    word = re.escape(role)
    ahead = re.compile(rf"{word}(?:, )?[^，。；、」,.\n]{{0,4}}$", re.IGNORECASE)
    behind = re.compile(
        rf"(?:（[^）]*）)?,? (?:an?|the|its|her|his|who is)?\s?[^.。\n]{{0,40}}\b{word}\b"
    )
    wrote = _WROTE if role in ("作者", "author", "writer") else None
    found: dict[str, Person] = {}
    for at, stop, person in people.mentions(text, 0, len(text)):
        if (
            ahead.search(text[max(0, at - 24) : at])
            or behind.match(text[stop : stop + 80])
            or (wrote and wrote.match(text, stop))
        ):
            found[person.name] = person
    return next(iter(found.values())) if len(found) == 1 else None


def openings(narration: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, role) for the sentences whose subject is told by a role alone.

    The role is "" where it is somebody else's: the captain of another ship.
    """
    for match in _OPENING.finditer(narration):
        role = match.group("role") or match.group("han")
        yield match.start(), match.end(), "" if match.group("other") else role
