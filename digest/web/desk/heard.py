"""What other parts of digest say, in the editor's language.

Findings, refusals and warnings are said in English where they arise. The desk knows the sayings
that can reach it; one that it does not know is shown as it was said.
"""

import re
from functools import cache

from digest.errors import DigestError
from digest.model import Finding
from digest.web.desk.feeds import NAMES
from digest.web.desk.said import STEPS
from digest.web.desk.sayings import SAYINGS
from digest.web.desk.words import Words

_PART = re.compile(r"\w+, part \d+")


def heard(text: str, words: Words) -> str:
    """Return *text* in the language of *words* where the desk knows the saying, else as it is."""
    for pattern, message in _sayings():
        if found := pattern.fullmatch(text.rstrip()):
            return words.say(message, **found.groupdict()) if message else ""
    return text


@cache
def _sayings() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.DOTALL), message) for pattern, message in SAYINGS)


def found(finding: Finding, words: Words) -> str:
    """Return why *finding* is one, and what to do about it."""
    return _sentences(words, heard(finding.cause, words), heard(finding.remedy, words))


def explained(error: DigestError, words: Words) -> str:
    """Return what *error* says; of what, where it is not shown beside that, as a field's is."""
    cause, remedy = heard(error.cause, words), heard(error.remedy, words)
    if not cause:
        return heard(error.subject, words)
    said = _sentences(words, cause, remedy)
    field = error.subject.partition("/")[0] in STEPS or _PART.fullmatch(error.subject)
    if field or (cause != error.cause and not error.subject.startswith("SMTP")):
        return said
    return words.say("{what}: {why}", what=NAMES.get(error.subject, error.subject), why=said)


def _sentences(words: Words, *said: str) -> str:
    """Return *said* one after the other; what is followed by another ends with a full stop."""
    stop, gap = ("。", "") if words.language == "zh-Hant" else (".", " ")
    *first, last = [one for one in said if one]
    ended = (one if one[-1] in ".。!?！？" else f"{one}{stop}" for one in first)
    return gap.join((*ended, last))
