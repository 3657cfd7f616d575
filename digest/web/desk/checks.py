"""What preflight found, in the editor's words, each with the way to mend it. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digest.model import Revision
from digest.render.preflight import CLIPPED_AT, ROOMY_UP_TO, Finding
from digest.web.desk.feeds import NAMES
from digest.web.desk.sheet import key_of
from digest.web.desk.words import Words

_PART = re.compile(r"(\w+), part (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A finding: ``level`` "bad" blocks, "warn" does not; ``href`` leads to where to mend it."""

    level: str
    subject: str
    text: str
    href: str = ""
    label: str = ""
    story: str = ""
    tab: str = ""
    net: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large the mail is against what Gmail clips."""

    bytes: int
    limit_kib: int = CLIPPED_AT // 1024

    @property
    def share(self) -> int:
        """Return how full it is, in percent, 100 at most."""
        return min(100, round(100 * self.bytes / CLIPPED_AT))

    @property
    def state(self) -> str:
        """Return "bad" where it is clipped, "warn" where that is near, else "ok"."""
        return "bad" if self.bytes > CLIPPED_AT else "warn" if self.bytes > ROOMY_UP_TO else "ok"


def size_of(revision: Revision) -> Size:
    """Return the size of the HTML of *revision*."""
    return Size(bytes=len(revision.mail.html.encode()))


def checked(findings: Sequence[Finding], revision: Revision, words: Words) -> tuple[Check, ...]:
    """Return *findings* as the desk lists them, those that block first."""
    return tuple(_check(one, revision, words) for one in findings)


def _check(found: Finding, revision: Revision, words: Words) -> Check:
    level = "bad" if found.level == "error" else "warn"
    text = f"{found.cause}. {found.remedy}" if found.remedy else found.cause
    base = f"/i/{revision.issue.id}"
    titles = {story.post.url: story.post.title for story in revision.issue.stories}
    if found.subject in titles:
        key = key_of(found.subject)
        return Check(
            level=level,
            subject=titles[found.subject],
            text=text,
            href=f"{base}?s={key}&pane=inspector",
            label=words.say("Show it"),
            story=key,
            tab="story",
        )
    part = _PART.fullmatch(found.subject)
    network = part[1] if part else found.subject
    if network in NAMES:
        name = NAMES[network]
        said = words.say("{name}, part {n}", name=name, n=part[2]) if part else name
        return Check(
            level=level,
            subject=said,
            text=text,
            href=f"{base}?tab=thread&view=thread&net={network}&pane=inspector",
            label=words.say("Mend it"),
            tab="thread",
            net=network,
        )
    href = f"{base}?tab=mail&pane=inspector"
    label = words.say("Show it")
    return Check(level=level, subject=found.subject, text=text, href=href, label=label, tab="mail")
