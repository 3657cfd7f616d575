"""What SpamAssassin makes of a mail, where it is installed; it runs here and asks nobody."""

import re
import shutil
import subprocess
from collections.abc import Iterator

from digest.model import Finding

_SECONDS = 60
_SCORE = re.compile(
    r"^X-Spam-Status:.*?score=(-?[\d.]+) required=([\d.]+) tests=([A-Z0-9_,\s]*)", re.MULTILINE
)
# What a finished message on its way gets, and a test that never left cannot have.
_NEVER_LEFT = frozenset({"NO_RELAYS", "NO_RECEIVED", "MISSING_DATE", "DATE_IN_PAST_96_XX"})


def score(message: bytes) -> Iterator[Finding]:
    """Yield the score of a finished *message* where it is too high."""
    program = shutil.which("spamassassin")
    if not program:
        return
    command = [program, "--local", "--test-mode"]
    try:
        done = subprocess.run(  # noqa: S603 - our own words to a program of the system
            command, input=message, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    found = _SCORE.search(done.stdout.decode("utf-8", "replace"))
    if found and float(found[1]) >= float(found[2]):
        rules = [rule for rule in re.split(r"[,\s]+", found[3]) if rule not in _NEVER_LEFT | {""}]
        yield Finding(
            level="warning",
            subject="spam",
            cause=f"SpamAssassin gives it {found[1]} of {found[2]}: {', '.join(rules)}",
            remedy="Change what these rules point at.",
        )
