"""The words of the desk, in the editor's language: its own, and what other parts say.

What the desk knows that other parts say: as it is said there -> as the desk says it.

A pattern stands for the whole saying; what stands in its slots is kept. "" leaves it unsaid.

The desk's tables of words: English, to be looked up in the catalogue where they are shown.

What the desk says, in the editor's language: English, or Chinese as written in Taiwan.

Catalogue ``desk`` of ``digest/data/locale`` (``pybabel compile -d digest/data/locale -D desk``
after an edit). Dates and numbers are those of ``digest.text.localization``.

What other parts of digest say, in the editor's language.

Findings, refusals and warnings are said in English where they arise. The desk knows the sayings
that can reach it; one that it does not know is shown as it was said.
"""

import gettext
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from digest.delivery.networks import find_look
from digest.model import Finding, Period
from digest.model.errors import DigestError
from digest.text.localization import LOCALE_DIR, Catalogue, load_catalogue

DOMAIN = "desk"
LANGUAGES = {"zh-Hant": "中文", "en": "English"}
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The desk's words in one language; times are told in *timezone* (an IANA name)."""

    language: str
    timezone: str = "UTC"

    def say(self, message: str, **values: object) -> str:
        """Return *message* in this language with its ``{name}`` slots filled."""
        return _fill_wording(_load_translations(self.language).gettext(message), values)

    def count(self, one: str, many: str, n: int, **values: object) -> str:
        """Return the message that fits *n*, which fills ``{n}``."""
        found = _load_translations(self.language).ngettext(one, many, n)
        return _fill_wording(found, {"n": self.number(n), **values})

    def number(self, value: int) -> str:
        """Return *value* with digit groups."""
        return self._dates.number(value)

    def day(self, moment: datetime) -> str:
        """Return the day of *moment* without its year."""
        return self._dates.day(moment, self.timezone)

    def clock(self, moment: datetime) -> str:
        """Return the time of day of *moment*: "14:05"."""
        return f"{moment.astimezone(ZoneInfo(self.timezone)):%H:%M}"

    def moment(self, moment: datetime) -> str:
        """Return day and time of *moment*."""
        return f"{self.day(moment)} {self.clock(moment)}"

    def run(self, moment: datetime) -> str:
        """Return day, weekday and time of *moment*, as a run of a schedule is told."""
        return f"{self._dates.weekday(moment, self.timezone)} {self.clock(moment)}"

    def span(self, period: Period) -> str:
        """Return the days of *period*."""
        return self._dates.span(period, self.timezone)

    def kib(self, size: int) -> str:
        """Return *size*, in bytes, in KiB with one digit behind the point."""
        return f"{size / 1024:.1f}"

    @property
    def tag(self) -> str:
        """Return what the ``lang`` attribute says; the region picks the shapes of Han letters."""
        return "zh-Hant-TW" if self.language == "zh-Hant" else "en"

    @property
    def _dates(self) -> Catalogue:
        return load_catalogue(self.tag)


def choose_language(wanted: str, accepted: str, own: str) -> str:
    """Return the language to speak: the *wanted* one, else what the browser *accepted*, else *own*.

    *accepted* is an Accept-Language header, *own* the language of the issue.
    """
    if wanted in LANGUAGES:
        return wanted
    for tag in accepted.lower().split(","):
        if tag.strip()[:2] in ("zh", "en"):
            return "zh-Hant" if tag.strip().startswith("zh") else "en"
    return "zh-Hant" if own.lower().startswith("zh") else "en"


@cache
def _load_translations(language: str) -> gettext.NullTranslations:
    path = LOCALE_DIR / language.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)


def _fill_wording(wording: str, values: dict[str, object]) -> str:
    return _SLOT.sub(lambda slot: str(values.get(slot[1], slot[0])), wording)


ORIGINS = {
    "author": "the author’s own",
    "extract": "sentences of the post",
    "model": "written by a model",
    "editor": "yours",
}
UNITS = {
    "characters": "characters",
    "weighted": "weighted characters",
    "graphemes": "graphemes",
}
# mark -> kind of chip, icon, words
MARKS = {
    "lead": ("", "", "lead"),
    "pinned": ("", "pin", "pinned"),
    "edited": ("mine", "pencil", "changed by you"),
    "alt": ("warn", "triangle-alert", "no alt text"),
    "speaker": ("warn", "triangle-alert", "speaker"),
    "by-you": ("mine", "pencil", "by you"),
}
PLACES = {
    "top": "at the top",
    "lead": "after the lead",
    "quote": "after the quotation",
    "sections": "after the stories",
    "themes": "after the themes",
    "also": "at the end",
}
# What is looked at in the middle, and what the inspector shows.
VIEWS = {
    "mail": "Email",
    "text": "Plain text",
    "web": "Web page",
    "thread": "Threads",
    "raw": "Source",
}
TABS = {"story": "Story", "mail": "Letter", "thread": "Threads", "plan": "Schedule"}
WIDTHS = (
    (375, "Phone", "smartphone"),
    (768, "Tablet", "tablet"),
    (1024, "Desktop", "monitor"),
)
# What the score of a post is made of.
SHARES = {
    "pin": "your choice",
    "covers": "speaks for others",
    "episode": "weight of its episode",
    "category": "new category",
    "source": "new source",
    "theme": "theme of the period",
    "quotation": "worth of its quotations",
    "series": "later part of a series",
    "length": "short",
    "alone": "alone of its kind",
}
# Kinds of blocks, as a step of the history is called.
STEPS = {
    "subject": "subject",
    "preheader": "preheader",
    "headline": "headline",
    "intro": "intro",
    "title": "title",
    "summary": "summary",
    "alt": "alternative text",
    "quote": "quotation",
    "speaker": "speaker",
    "choice": "choice of posts",
    "added": "added story",
    "note": "your own block",
    "thread": "thread",
    "order": "order",
    "pull-quote": "quotation on display",
}
SHORTCUTS = (
    (("J", "K"), "the next and the previous post"),
    (("⌥↑", "⌥↓"), "move the post"),
    (("P",), "pin the post"),
    (("X",), "leave the post out"),
    (("S",), "take the next best instead"),
    (("E",), "edit the summary"),
    (("Q",), "choose a quotation"),
    (("1", "2", "3"), "phone, tablet, desktop"),
    (("D",), "the reader’s dark mode"),
    (("G",), "the next view"),
    (("⌘ Enter",), "divide a part at the cursor"),
    (("⌘ Z",), "undo"),
    (("/",), "search"),
    (("⇧ A",), "approve"),
    (("?",), "this list"),
)
# What the scripts say; the keys are theirs.
JS_WORDS = {
    "moved": "Moved to number {n} of {total}",
    "copied": "Copied",
    "saving": "saving…",
    "saved": "saved {time}",
    "unsaved": "not saved",
    "offline": "The desk does not answer. What you typed is kept in this browser.",
    "lost": "This desk was started anew: open the address that the terminal shows."
    " What you typed is kept in this browser.",
    "failed": "That did not work.",
    "newer": "Something changed: the page shows it now.",
    "dims": "{width} px · {zoom}%",
    "theirs": "Another tab changed the same thing at {time}. Your text is still here, not saved.",
    "compare": "Compare",
    "mine": "Keep mine",
    "take": "Take theirs",
    "close": "Close",
    "ours": "Yours",
    "others": "Theirs",
    "retry": "not saved: {why}",
    "over": "{n} over the limit. Divide it before the mark, or shorten it.",
    "selected": "“{text}”",
    "undone": "Undone: {what}",
    "kept": "Text that had not been saved was put back.",
    "found": "{n} found",
}


SAYINGS = (
    # of the issue and its mail
    (r"the issue has no story", "The issue has no story."),
    (
        r"Draft another period, or wait until there are posts\.",
        "Draft another period, or wait until there are posts.",
    ),
    (
        r"「(?P<text>.*)」 does not stand verbatim in the post",
        "“{text}” does not stand verbatim in the post.",
    ),
    (
        r"it does not stand verbatim in the post",
        "It does not stand verbatim in the post.",
    ),
    (
        r"Choose it in the text again, or take the edit back\.",
        "Choose it in the text again, or take the edit back.",
    ),
    (
        r"「(?P<text>.*)」 stands between quotation marks and in no post of the issue",
        "“{text}” stands between quotation marks and in no post of the issue.",
    ),
    (
        r"Quote what was said, or take the marks away\.",
        "Quote what was said, or take the marks away.",
    ),
    (r"a link leads to a site that does not exist", "A link leads to a site that does not exist."),
    (
        r"(?P<n>\d+) links lead to a site that does not exist",
        "{n} links lead to a site that does not exist.",
    ),
    (
        r"Say where the posts are: --site URL, or site in digest\.toml\.",
        "Say where the posts are: --site URL, or site in digest.toml.",
    ),
    (
        r"a link leads to http only, which some mail programs warn of",
        "A link leads to http only, which some mail programs warn of.",
    ),
    (
        r"(?P<n>\d+) links lead to http only, which some mail programs warn of",
        "{n} links lead to http only, which some mail programs warn of.",
    ),
    (
        r"Serve the site on https, and set site to it\.",
        "Serve the site on https, and set site to it.",
    ),
    (
        r"the lead's picture is left out: it is not on https, too small or a tracker",
        "The lead’s picture is left out: it is not on https, too small or a tracker.",
    ),
    (
        r"(?P<size>\d+) KiB of HTML; Gmail clips near (?P<most>\d+) KiB",
        "{size} KiB of HTML; Gmail clips near {most} KiB.",
    ),
    (
        r"Feature fewer stories: stories = 5 in the digest's section\.",
        "Feature fewer stories: stories = 5 in the digest’s section of digest.toml.",
    ),
    (r"it holds an unrendered (?P<what>.*)", "It holds an unrendered {what}."),
    (
        r"Mend the template that should have filled it\.",
        "Mend the template that should have filled it.",
    ),
    (
        r"it holds a <(?P<tag>\w+)>, which mail programs drop or block",
        "It holds a <{tag}>, which mail programs drop or block.",
    ),
    (r"Take it out of your template\.", "Take it out of your template."),
    (r"1 summary is cut so that it fits", "One summary is cut so that it fits."),
    (r"(?P<n>\d+) summaries are cut so that it fits", "{n} summaries are cut so that it fits."),
    (r"(?P<n>\d+) of at most (?P<most>\d+)", "{n} of at most {most}: too long."),
    (r"(?:it )?has no way to unsubscribe", "It has no way to unsubscribe."),
    (
        r"Set (?P<key>unsubscribe|postal_address|from) in \[mail\],? .*",
        "Set {key} in [mail] of digest.toml; with --watch the desk takes it up at once.",
    ),
    (
        r"is not set; many countries ask for one",
        "No postal address is set; many countries ask for one.",
    ),
    (r"(?:nobody sends it|has no sender)", "Nobody sends it: no sender is set."),
    (r"is empty", "It is empty."),
    (
        r"has (?P<n>\d+) characters; few readers see more than 50",
        "It has {n} characters; few readers see more than 50.",
    ),
    (
        r"looks like an answer, which filters punish",
        "It looks like an answer (“Re:”), which filters punish.",
    ),
    (r"shouts", "It is all in capitals, which filters punish."),
    # of what is outside
    (r"answers (?P<status>\d+)", "It answers {status}."),
    (r"is no picture but (?P<what>.*)", "It is no picture but {what}."),
    (r"cannot be reached: .*", "It cannot be reached."),
    (r"answered badly: .*", "It answered badly."),
    (r"was not asked for: its host does not answer", "Its host does not answer."),
    (r"was not all there in time.*", "It took too long to answer."),
    (r"redirects more than \d+ times", "It redirects without end."),
    (
        r"(?P<n>\d+) links were not tried: the others took too long",
        "{n} links were not tried: the others took too long.",
    ),
    (r"none of (?P<n>\d+) could be reached", "None of {n} addresses could be reached."),
    (
        r"Is there a network\? Then try one in a browser\.",
        "Is there a network? Then try one in a browser.",
    ),
    (r"Mend the post, or leave it out\.", "Mend the post, or leave it out."),
    (r"Check the address and the network\.", "Check the address and the network."),
    (r"Try again later\.", "Try again later."),
    (r"has no SPF record", "There is no SPF record: nobody knows who may send in its name."),
    (
        r"Publish a TXT record: v=spf1 include:YOUR\.PROVIDER -all",
        "Publish a TXT record: v=spf1 include:YOUR.PROVIDER -all",
    ),
    (
        r"has more than one SPF record, so none counts",
        "There is more than one SPF record, so none counts.",
    ),
    (r"Keep one\.", "Keep one."),
    (
        r"lets anybody send in its name \(\+all\)",
        "Its SPF record lets anybody send in its name (+all).",
    ),
    (r"End it with -all\.", "End it with -all."),
    (
        r"has no DMARC record",
        "There is no DMARC record; Gmail and Yahoo ask for one of who sends to many.",
    ),
    (
        r"Publish a TXT record: v=DMARC1; p=none; rua=mailto:you@YOUR\.DOMAIN",
        "Publish a TXT record: v=DMARC1; p=none; rua=mailto:you@YOUR.DOMAIN",
    ),
    (r"has no DKIM key", "There is no DKIM key: the signature cannot be checked."),
    (
        r"Publish the public half of your key there\.",
        "Publish the public half of your key there.",
    ),
    (
        r"SpamAssassin gives it (?P<score>[-\d.]+) of (?P<most>[\d.]+): (?P<rules>.*)",
        "SpamAssassin gives it {score} of {most}: {rules}",
    ),
    (r"Change what these rules point at\.", "Change what these rules point at."),
    # of threads
    (r"it says nothing", "It says nothing: leave the part out instead."),
    (r"Leave the part out instead\.", ""),
    (r"it is (?P<n>\d+) over the limit of (?P<most>\d+)", "It is {n} over the limit of {most}."),
    (r"Shorten it, or divide it\.", "Shorten it, or divide it."),
    (r"there is nothing to divide there", "There is nothing to divide there."),
    (r"there is none below it to join it to", "There is none below it to join it to."),
    (r"it is the only one", "It is the only part."),
    (r"there are (?P<n>\d+) parts", "There are {n} parts; reload the page."),
    (
        r"it is (?P<n>\d+) long and cannot be divided; a part holds (?P<most>\d+)",
        "It is {n} long and cannot be divided; a part holds {most}.",
    ),
    (r"Shorten it, or leave it out of the text\.", "Shorten it, or leave it out of the text."),
    (
        r"part (?P<part>\d+): X makes a link of “(?P<link>.*)”, counts it as (?P<n>\d+) .*",
        "Part {part}: X makes a link of “{link}”, counts it as {n} and bills a link.",
    ),
    (
        r"part (?P<part>\d+): X ends the link “(?P<link>.*)” before “(?P<after>.*)”: .*",
        "Part {part}: X ends the link “{link}” before “{after}”: put a space behind it.",
    ),
    (r"part (?P<part>\d+): X tells @(?P<name>\w+) of it", "Part {part}: X tells @{name} of it."),
    (
        r"part (?P<part>\d+): X takes one cashtag a post, here are (?P<tags>.*)",
        "Part {part}: X takes one cashtag a post, here are {tags}.",
    ),
    (
        r".*: (?P<n>\d+) characters are assumed",
        "Its limit is not known: {n} characters are assumed.",
    ),
    (
        r"(?P<n>\d+) posts in 15 minutes, (?P<most>\d+) a day",
        "{n} posts in 15 minutes, {most} a day",
    ),
    (r"(?P<n>\d+) posts an hour, (?P<most>\d+) a day", "{n} posts an hour, {most} a day"),
    (
        r"(?P<n>\d+) requests in 5 minutes, (?P<most>\d+) pictures in 30",
        "{n} requests in 5 minutes, {most} pictures in 30",
    ),
    # of edits
    (r"it cannot be empty", "It cannot be empty."),
    (r"Write something, or take it back\.", "Write something, or take it back."),
    (
        r"(?P<n>\d+) characters; (?P<most>\d+) are the most that is shown",
        "{n} characters; {most} are the most that is shown.",
    ),
    (
        r"(?P<n>\d+) characters; a quotation of more than (?P<most>\d+) is not shown",
        "{n} characters; a quotation of more than {most} is not shown.",
    ),
    (r"Shorten it\.", "Shorten it."),
    (r"Choose a part of it\.", "Choose a part of it."),
    (r"there is nothing to undo", "Nothing to undo"),
    (r"there is nothing to redo", "Nothing to redo"),
    (r"there is no other post to take instead", "There is no other post."),
    (r"(?:it has no such post|the period has no such post)", "The period has no such post."),
    (
        r"(?:it does not tell that post|the issue does not tell that post)",
        "The issue does not tell that post any more.",
    ),
    (r"the post has no picture", "The post has no picture."),
    (r"there is no quotation at that place", "There is no quotation at that place any more."),
    (r"'.*' is no place in its text", "That is no place in its text."),
    (r"Reload the page\.", "Reload the page."),
    (r"is no web address", "It is no web address."),
    (r"Write all of it: https://\.\.\.", "Write all of it: https://…"),
    (r"revision \d+ is approved, and approval freezes it", "It is approved, and frozen."),
    (
        r"Open a new revision to go on; the approved one stays\.",
        "Open a new revision to go on; the approved one stays.",
    ),
    (r"it was changed elsewhere meanwhile", "It was changed elsewhere meanwhile."),
    (r"nothing is kept of it that could be edited", "Nothing is kept of it that could be edited."),
    (r"Draft it again: digest draft", "Draft it again: digest draft"),
    (r"there is no such thread", "There is no such thread."),
    # of weeks and articles
    (r"there is no such ISO week", "There is no such week."),
    (r"Write it like 2026-W02\.", "Write it like 2026-W02."),
    (r"no source is configured", "No source is configured."),
    (r"there is no post at all", "There is no post at all."),
    (r"Look at: digest doctor", "Look at: digest doctor"),
    (r"no post of this period", "No post is of that time."),
    (
        r"The newest are of (?P<day>\S+): digest draft --week (?P<week>\S+)",
        "The newest are of {day}: draft week {week}.",
    ),
    (r"the server answered (?P<status>\d+)", "The server answered {status}."),
    (r"it is no web page", "It is no web page."),
    (r"the page has no title", "The page has no title."),
    (r"Give the address of an article\.", "Give the address of an article."),
    (r"there is no block '(?P<name>.*)'", "There is no block “{name}”."),
    (r"'(?P<name>.*)' is no place", "“{name}” is no place for a block."),
    (r"'(?P<text>.*)' is no number", "“{text}” is no number."),
    # of sending
    (r"nobody gets (?P<name>.*)", "There is nobody who gets it."),
    (
        r"Add readers: digest subscribers import FILE\. Or try: digest send --to ADDRESS",
        "Add readers: digest subscribers import FILE",
    ),
    (r"it is sent already, to (?P<n>\d+) readers", "It was sent already, to {n} readers."),
    (r"its thread is on (?P<name>\w+) already", "Its thread is on {name} already."),
    (r"its email was not approved", "It was not approved."),
    (r"is not approved", "It was not approved."),
    (r"is paused", "It is paused."),
    (r"(?P<names>DIGEST_\w+(?:, DIGEST_\w+)*) not set", "Not set yet: {names}."),
    (r"Walk through it with: (?P<command>.*)", "Set it up with: {command}"),
    (r"Set the right one with: (?P<command>.*)", "Set the right one with: {command}"),
    (r"there is no such host", "There is no such host."),
    (r"Mend host in \[mailers\.smtp\]\.", "Mend host in [mailers.smtp] of digest.toml."),
    (r"Mend host and port, or start it\.", "Mend host and port in digest.toml, or start it."),
    (r"did not answer within (?P<n>[\d.]+) s", "It did not answer within {n} s."),
    (r"Is it the port\?", "Is it the port?"),
    (r"its certificate is not good: (?P<why>.*)", "Its certificate is not good: {why}"),
    (r"the password would be sent in the open", "The password would be sent in the open."),
    (
        r"does not accept the password of (?P<user>\S*): .*",
        "It does not accept the password of {user}.",
    ),
    (r"answers (?P<status>\d+ .*)", "It answers {status}"),
    # of the runs of a schedule
    (r"taken up on time", "Taken up on time."),
    (r"taken up (?P<span>.*) ahead", "Taken up {span} ahead."),
    (r"taken up (?P<span>.*) late", "Taken up {span} late."),
    (
        r"drafted \S+ revision (?P<n>\d+): (?P<told>\d+) featured, (?P<listed>\d+) listed",
        "Drafted as r{n}: {told} told, {listed} listed.",
    ),
    (r"review mail of revision (?P<n>\d+) sent", "The review mail of r{n} was sent."),
    (r"a new review mail is wanted", "A new review mail was asked for."),
    (r"no review mail: (?P<why>.*)", "No review mail could be sent: {why}"),
    (r"revision (?P<n>\d+) leaves at its time", "r{n} leaves at its time."),
    (r"\S+ revision (?P<n>\d+) approved: an editor did", "r{n} was approved by an editor."),
    (
        r"\S+ revision (?P<n>\d+) approved: nobody held it .*",
        "r{n} was approved by the schedule: nobody held it.",
    ),
    (r"waits for approval: .*", "It waits for approval."),
    (r"held by an editor, by the link of the review mail", "Held by the link of the review mail."),
    (r"held by an editor, at the desk", "Held at the desk."),
    (r"an editor let it go on, at the desk", "Let go on at the desk."),
    (r"nobody approved it in time .*", "Nobody approved it in time."),
    (r"nobody approved it before (?P<when>.*) was drafted; .*", "The next run took its posts."),
    (r"the approval was withdrawn", "The approval was withdrawn."),
    (r"(?P<day>\S+) is left out, as you asked", "{day} is left out, as you asked."),
    (r"(?P<target>[\w-]+): (?P<n>\d+) sent", "{target}: {n} sent"),
    (r"done: (?P<what>.*)", "Done: {what}"),
)


_PART = re.compile(r"\w+, part \d+")


def translate_saying(text: str, words: Words) -> str:
    """Return *text* in the language of *words* where the desk knows the saying, else as it is."""
    for pattern, message in _compile_sayings():
        if found := pattern.fullmatch(text.rstrip()):
            return words.say(message, **found.groupdict()) if message else ""
    return text


@cache
def _compile_sayings() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.DOTALL), message) for pattern, message in SAYINGS)


def describe_finding(finding: Finding, words: Words) -> str:
    """Return why *finding* is one, and what to do about it."""
    return _join_sentences(
        words, translate_saying(finding.cause, words), translate_saying(finding.remedy, words)
    )


def describe_error(error: DigestError, words: Words) -> str:
    """Return what *error* says; of what, where it is not shown beside that, as a field's is."""
    cause, remedy = translate_saying(error.cause, words), translate_saying(error.remedy, words)
    if not cause:
        return translate_saying(error.subject, words)
    said = _join_sentences(words, cause, remedy)
    field = error.subject.partition("/")[0] in STEPS or _PART.fullmatch(error.subject)
    if field or (cause != error.cause and not error.subject.startswith("SMTP")):
        return said
    return words.say("{what}: {why}", what=find_look(error.subject).label, why=said)


def _join_sentences(words: Words, *said: str) -> str:
    """Return *said* one after the other; what is followed by another ends with a full stop."""
    stop, gap = ("。", "") if words.language == "zh-Hant" else (".", " ")
    *first, last = [one for one in said if one]
    ended = (one if one[-1] in ".。!?！？" else f"{one}{stop}" for one in first)
    return gap.join((*ended, last))
