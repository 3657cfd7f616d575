"""Whether a user's own wording of the furniture can be used: its message exists, its slots do."""

import re
from collections.abc import Mapping
from functools import cache

from digest.catalogue import DOMAIN, LOCALE_DIR
from digest.errors import ConfigError

_SLOT = re.compile(r"\{\w+\}")


def check(strings: Mapping[str, str], *, own: bool = False) -> None:
    """Raise ConfigError for a wording of *strings* that is of no use.

    With *own* templates there may be messages that only they know.
    """
    from difflib import get_close_matches

    known = _messages() if strings else frozenset()
    for message, wording in strings.items():
        if message not in known and not own:
            near = get_close_matches(message, known, n=1, cutoff=0.3)
            cause = f"there is no such wording{f'; is it {near[0]!r}?' if near else ''}"
            raise ConfigError(f"strings: {message!r}", cause, "Write the English words exactly.")
        slots = sorted(set(_SLOT.findall(message)))
        if odd := sorted(set(_SLOT.findall(wording)) - set(slots)):
            remedy = f"There is {', '.join(slots)}." if slots else "Write words only."
            raise ConfigError(f"strings: {message!r}", f"nothing fills {odd[0]}", remedy)


@cache
def _messages() -> frozenset[str]:
    """Return the English words of every message."""
    from babel.messages.pofile import read_po

    path = LOCALE_DIR / "zh_Hant" / "LC_MESSAGES" / f"{DOMAIN}.po"
    with path.open("rb") as file:
        ids = [message.id for message in read_po(file) if message.id]
    return frozenset(one for found in ids for one in ([found] if isinstance(found, str) else found))
