"""Look at a revision before it leaves: an error blocks its approval, a warning does not. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal
from urllib.parse import urlsplit

from digest.model import Finding, Issue, Revision
from digest.render.email import was_shortened
from digest.render.mjml import find_template_residue
from digest.render.sanitize import (
    clean_line,
    clean_picture,
    clip_text,
    find_altered_quotes,
    list_quotable_texts,
    list_story_texts,
)
from digest.render.view_model import MAX_SUMMARY

CLIPPED_AT = 102 * 1024  # Gmail clips a message near 102 KB of HTML and hides the rest
ROOMY_UP_TO = 90 * 1024
_ACTIVE = re.compile(
    r"<(script|iframe|form|input|button|object|embed|video|audio|svg)\b", re.IGNORECASE
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
__all__ = ["CLIPPED_AT", "ROOMY_UP_TO", "Finding", "check_revision"]


def check_revision(revision: Revision) -> tuple[Finding, ...]:
    """Return what is wrong with *revision* or worth knowing, errors first."""
    issue = revision.issue
    found = [
        *_check_content(issue),
        *_check_links(issue),
        *_check_mail(revision),
        *_check_threads(revision),
    ]
    return tuple(sorted(found, key=lambda finding: finding.level))


def _check_content(issue: Issue) -> Iterator[Finding]:
    if not any(issue.stories):
        yield Finding(
            level="error",
            subject=issue.id,
            cause="the issue has no story",
            remedy="Draft another period, or wait until there are posts.",
        )
    for story in issue.stories:
        text = story.post.document.text
        for quote in story.reading.quotes:
            if not quote.stands_in(text):
                yield Finding(
                    level="error",
                    subject=story.post.url,
                    cause=f"「{quote.text}」 does not stand verbatim in the post",
                    remedy="Choose it in the text again, or take the edit back.",
                )
        for words in (
            find_altered_quotes(story.reading.summary, list_story_texts(story))
            if story.edited
            else ()
        ):
            yield _make_unsaid_finding("warning", story.post.url, words)


def _make_unsaid_finding(
    level: Literal["error", "warning"], subject: str, words: str, channel: str = ""
) -> Finding:
    return Finding(
        level=level,
        subject=subject,
        cause=f"「{words}」 stands between quotation marks and in no post of the issue",
        remedy="Quote what was said, or take the marks away.",
        channel=channel,
    )


def _check_links(issue: Issue) -> Iterator[Finding]:
    """Yield what is to know of the addresses that readers are led to."""
    posts = [post for story in issue.stories for post in (story.post, *story.pick.siblings)]
    urls = [*(post.url for post in posts), *(link.url for link in issue.also)]
    nowhere = [url for url in urls if (urlsplit(url).hostname or "").endswith(".invalid")]
    if nowhere:
        yield Finding(
            level="warning",
            subject=nowhere[0],
            cause=f"{_count_links(nowhere)} to a site that does not exist",
            remedy="Say where the posts are: --site URL, or site in digest.toml.",
        )
    plain = [url for url in urls if url.startswith("http://")]
    if plain:
        yield Finding(
            level="warning",
            subject=plain[0],
            cause=f"{_count_links(plain)} to http only, which some mail programs warn of",
            remedy="Serve the site on https, and set site to it.",
        )
    for story in list(issue.stories)[:1]:
        image = story.post.image
        if image and image.url and clean_picture(image) is None:
            yield Finding(
                level="warning",
                subject=image.url,
                cause="the lead's picture is left out: it is not on https, too small or a tracker",
            )


def _count_links(urls: Sequence[str]) -> str:
    return "a link leads" if len(urls) == 1 else f"{len(urls)} links lead"


def _check_mail(revision: Revision) -> Iterator[Finding]:
    mail = revision.mail
    size = len(mail.html.encode())
    if size > ROOMY_UP_TO:
        yield Finding(
            level="error" if size > CLIPPED_AT else "warning",
            subject="email",
            cause=f"{size / 1024:.0f} KiB of HTML; Gmail clips near {CLIPPED_AT // 1024} KiB",
            remedy="Feature fewer stories: stories = 5 in the digest's section.",
            channel="email",
        )
    if active := _ACTIVE.search(_COMMENT.sub("", mail.html)):
        yield Finding(
            level="warning",
            subject="email",
            cause=f"it holds a <{active[1].lower()}>, which mail programs drop or block",
            remedy="Take it out of your template.",
            channel="email",
        )
    yield from _check_shortened(revision)
    if left := find_template_residue(mail.html):
        yield Finding(
            level="error",
            subject="email",
            cause=f"it holds an unrendered {left!r}",
            remedy="Mend the template that should have filled it.",
            channel="email",
        )


def _check_shortened(revision: Revision) -> Iterator[Finding]:
    """Yield how many summaries were cut because the mail would have been clipped."""
    summaries = (
        clip_text(clean_line(story.reading.summary), MAX_SUMMARY)
        for story in revision.issue.stories
    )
    if cut := sum(was_shortened(summary, revision.mail.text) for summary in summaries):
        yield Finding(
            level="warning",
            subject="email",
            cause=f"{cut} {'summary is' if cut == 1 else 'summaries are'} cut so that it fits",
            remedy="Feature fewer stories: stories = 5 in the digest's section.",
            channel="email",
        )


def _check_threads(revision: Revision) -> Iterator[Finding]:
    said = list_quotable_texts(revision.issue)
    for thread in revision.threads:
        for number, part in enumerate(thread.parts, 1):
            if part.length > part.limit:
                yield Finding(
                    level="error",
                    subject=f"{thread.network}, part {number}",
                    cause=f"{part.length} of at most {part.limit}",
                    channel=thread.network,
                )
            for words in find_altered_quotes(part.text, said):
                yield _make_unsaid_finding(
                    "error", f"{thread.network}, part {number}", words, thread.network
                )
        for fault in thread.faults:
            yield Finding(
                level="error",
                subject=thread.network,
                cause=fault,
                remedy="Take it out of the thread, or another in its place: digest threads --edit",
                channel=thread.network,
            )
        for warning in thread.warnings:
            yield Finding(
                level="warning", subject=thread.network, cause=warning, channel=thread.network
            )
