"""What preflight found, in the editor's words, each with the way to mend it. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.delivery.networks import find_look, list_looks
from digest.model import Issue, Revision, Story
from digest.model.draft import Finding
from digest.render.preflight import CLIPPED_AT, ROOMY_UP_TO
from digest.web.desk.labels import Words, describe_finding
from digest.web.desk.story_list import StoryList, key_of
from digest.web.desk.thread_preview import shorten_address

_PART = re.compile(r"\b(\w+), part (\d+)")
_DNS = re.compile(r"DNS of (\S+)")
_ADDRESS = re.compile(r"(link|picture) (\S+)")
_ASIDE = re.compile(r"[^A-Za-z0-9]+")
# Where it is explained what a sender's DNS has to say; the receiver's word counts.
_EXPLAINED = {
    "SPF": "https://support.google.com/a/answer/33786",
    "DKIM": "https://support.google.com/a/answer/174124",
    "DMARC": "https://support.google.com/a/answer/2466580",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFinding:
    """A finding: ``level`` "bad" blocks, "warn" does not; ``href`` leads to where to mend it.

    Within the desk that is the post ``story``, the ``tab`` of the inspector, the network ``net``
    and the element ``at``, as far as they are named.
    """

    level: str
    subject: str
    text: str
    href: str = ""
    label: str = ""
    story: str = ""
    tab: str = ""
    net: str = ""
    at: str = ""


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


def list_desk_findings(
    findings: Sequence[Finding], revision: Revision, words: Words, listed: StoryList | None = None
) -> tuple[DeskFinding, ...]:
    """Return *findings* as the desk lists them, those that block first.

    What the rows of *listed* call for follows: what a reader would miss.
    """
    ways = _Ways(issue=revision.issue, words=words)
    told = [ways.check(one) for one in findings]
    missed = _list_row_findings(listed, revision, ways) if listed else ()
    return (*sorted(told, key=lambda one: one.level), *missed)


def _list_row_findings(
    listed: StoryList, revision: Revision, ways: "_Ways"
) -> Iterator[DeskFinding]:
    """Yield what the marked rows lack."""
    say = ways.words.say
    stories = {key_of(story.post.url): story for story in revision.issue.stories}
    for row in listed.chosen:
        story = stories[row.key]
        image = story.post.image
        if "alt" in row.marks and image and image.url in revision.mail.html:
            text = say("Its picture has no alternative text: with pictures off nothing is there.")
            yield ways.story(story, "warn", text, f"f-{_make_slug(f'alt/{story.post.id}')}")
        if "speaker" in row.marks:
            text = say("It is not known who says its quotation: no name is shown.")
            yield ways.story(story, "warn", text, "quotes")


def _make_slug(block: str) -> str:
    return _ASIDE.sub("-", block)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """The ways from what was found in one issue to where it is mended."""

    issue: Issue
    words: Words

    def check(self, one: Finding) -> DeskFinding:
        """Return *one* with the way to its remedy."""
        level = "bad" if one.level == "error" else "warn"
        text = describe_finding(one, self.words)
        for pattern, lead in (
            (_PART, self._part),
            (_DNS, self._dns),
            (_ADDRESS, self._address),
        ):
            if said := pattern.fullmatch(one.subject):
                return lead(said, level, text, one.cause)
        if one.subject in list_looks():
            return self._thread(one.subject, find_look(one.subject).label, level, text)
        if story := self._about(one.subject):
            return self.story(story, level, text, _find_field(one.cause, story))
        return self._letter(one.subject, level, text)

    def story(self, story: Story, level: str, text: str, at: str = "") -> DeskFinding:
        """Return a check of *story*, mended at the element *at* of its sheet."""
        key = key_of(story.post.url)
        return DeskFinding(
            level=level,
            subject=story.post.title,
            text=text,
            href=f"{self._base}?s={key}&pane=inspector",
            label=self.words.say("Mend it") if at else self.words.say("Show it"),
            story=key,
            tab="story",
            at=at,
        )

    def _about(self, url: str) -> Story | None:
        """Return the story whose post or picture is at *url*."""
        for story in self.issue.stories:
            image = story.post.image
            if url == story.post.url or (image and url == image.url):
                return story
        return None

    def _part(self, said: re.Match[str], level: str, text: str, _: str) -> DeskFinding:
        network, number = said[1], said[2]
        name = find_look(network).label
        subject = self.words.say("{name}, part {n}", name=name, n=number)
        return self._thread(network, subject, level, text, f"f-{network}-{number}")

    def _thread(
        self, network: str, subject: str, level: str, text: str, at: str = ""
    ) -> DeskFinding:
        return DeskFinding(
            level=level,
            subject=subject,
            text=text,
            href=f"{self._base}?tab=thread&view=thread&net={network}&pane=inspector",
            label=self.words.say("Mend it"),
            tab="thread",
            net=network,
            at=at,
        )

    def _dns(self, said: re.Match[str], level: str, text: str, cause: str) -> DeskFinding:
        kind = next((name for name in _EXPLAINED if name in cause), "SPF")
        return DeskFinding(
            level=level,
            subject=self.words.say("DNS of {name}", name=said[1]),
            text=text,
            href=_EXPLAINED[kind],
            label=self.words.say("How to"),
        )

    def _address(self, said: re.Match[str], level: str, text: str, _: str) -> DeskFinding:
        kind, url = said[1], said[2]
        if story := self._about(url):
            return self.story(story, level, f"{shorten_address(url, 60)} · {text}")
        say = self.words.say
        shown = shorten_address(url, 60)
        subject = say("Picture {url}", url=shown) if kind == "picture" else shown
        if url in {link.url for link in self.issue.also}:
            key = key_of(url)
            href = f"{self._base}?s={key}&pane=inspector"
            label = say("Show it")
            return DeskFinding(
                level=level,
                subject=subject,
                text=text,
                href=href,
                label=label,
                story=key,
                tab="story",
            )
        return DeskFinding(level=level, subject=subject, text=text, href=url, label=say("Open it"))

    def _letter(self, subject: str, level: str, text: str) -> DeskFinding:
        say = self.words.say
        names: Mapping[str, str] = {
            "email": say("Email"),
            "mail.postal_address": say("Postal address"),
            "subject": say("Subject"),
            "links": say("Links"),
            "spam": say("Spam filter"),
            self.issue.id: say("This issue"),
        }
        web = subject.startswith(("https://", "http://"))
        named = shorten_address(subject, 60) if web and urlsplit(subject).netloc else subject
        return DeskFinding(
            level=level,
            subject=names.get(subject, named),
            text=text,
            href=f"{self._base}?tab=mail&pane=inspector",
            label=say("Mend it") if subject == "subject" else say("Show it"),
            tab="mail",
            at="f-subject" if subject == "subject" else "",
        )

    @property
    def _base(self) -> str:
        return f"/i/{self.issue.id}"


def _find_field(cause: str, story: Story) -> str:
    """Return the element where what *cause* says of *story* is mended."""
    if "verbatim" in cause:
        return "quotes"
    return f"f-{_make_slug(f'summary/{story.post.id}')}" if "quotation marks" in cause else ""
