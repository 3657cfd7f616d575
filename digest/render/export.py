"""Revision -> the bytes of one form of it: for a terminal, for programs, for mail. Pure.

Revision -> what a person reads in a terminal. Pure; Han characters count two columns.

Revision -> JSON: the shape that other programs rely on; fields may be added, not changed.

Revision -> the bytes of one form of it. Pure.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from email import message_from_bytes
from typing import Any
from zoneinfo import ZoneInfo

from digest.model import (
    HELD_PREFIX,
    HELD_TIME,
    Collected,
    Issue,
    Mail,
    Post,
    PullQuote,
    Quote,
    Revision,
    Story,
    Thread,
    Version,
)
from digest.model.errors import ConfigError
from digest.render.mime import fill_message, make_dummy_values, open_message
from digest.render.slots import fill_text, read_html, read_text
from digest.render.thread_edit import write_manuscript
from digest.render.thread_texts import write_quotation


def build_issue_json(revision: Revision) -> dict[str, Any]:
    """Return *revision* as ``digest draft --json`` prints it."""
    issue = revision.issue
    return {
        "id": issue.id,
        "revision": revision.number,
        "hash": revision.hash,
        "approved": revision.approved.isoformat() if revision.approved else None,
        "period": {
            "start": issue.period.start.isoformat(),
            "end": issue.period.end.isoformat(),
            "label": issue.period.label,
        },
        "subject": issue.subject,
        "preheader": issue.preheader,
        "headline": issue.headline,
        "intro": issue.intro,
        "sections": [
            {"title": section.title, "stories": [_build_story_json(s) for s in section.stories]}
            for section in issue.sections
        ],
        "pull_quote": _build_pull_quote_json(issue.pull_quote),
        "also": [{"url": link.url, "title": link.title} for link in issue.also],
        "skipped": [{"url": s.url, "reason": s.reason} for s in issue.skipped],
        "themes": [{"name": t.name, "posts": t.posts, "change": t.change} for t in issue.themes],
    }


def _build_story_json(story: Story) -> dict[str, Any]:
    post, reading = story.post, story.reading
    return {
        "url": post.url,
        "title": post.title,
        "summary": reading.summary,
        "summary_from": reading.summary_from,
        "points": list(reading.points),
        "quotes": [build_quote_json(quote) for quote in reading.quotes],
        "score": round(story.pick.score, 4),
        "reasons": list(story.pick.reasons),
        "image": post.image.url if post.image else None,
        "minutes": story.minutes,
        "episode": post.episode or None,
        "siblings": [{"url": p.url, "title": p.title} for p in story.pick.siblings],
        "text_from": post.text_from,
        "note": post.note or None,
        "edited": list(story.edited),
    }


def build_quote_json(quote: Quote) -> dict[str, Any]:
    """Return *quote* as ``digest summarize --json`` prints it."""
    return {
        "text": quote.text,
        "speaker": quote.speaker,
        "speech": quote.speech,
        "start": quote.start,
        "end": quote.end,
        "utterance": quote.utterance,
    }


def _build_pull_quote_json(found: PullQuote | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"text": found.quote.text, "speaker": found.quote.speaker, "url": found.url}


def build_thread_json(
    thread: Thread, issue: Issue, revision: int, where: Callable[[str], str] = str
) -> dict[str, Any]:
    """Return *thread* as ``digest threads --json`` prints it; *where* names a picture's file."""
    return {
        "network": thread.network,
        "issue": issue.id,
        "revision": revision,
        "parts": [
            {
                "text": part.text,
                "length": part.length,
                "limit": part.limit,
                "link": part.link,
                "media": [{"path": where(m.path), "alt": m.alt} for m in part.media],
            }
            for part in thread.parts
        ],
        "cost_usd": thread.cost_usd,
        "warnings": [*thread.faults, *thread.warnings],
    }


def export_revision(revision: Revision, form: str, network: str = "") -> bytes:
    """Return *revision* as *form*: html, text, eml, mjml, json or thread (of one *network*).

    Slots are filled with dummy values, so that a copy that goes astray carries no token.
    """
    mail = revision.mail
    match form:
        case "html":
            return embed_pictures(mail, fill_text(read_html(mail), make_dummy_values())).encode()
        case "text":
            return fill_text(read_text(mail), make_dummy_values()).encode()
        case "eml":
            return fill_message(open_message(mail), make_dummy_values())
        case "mjml":
            return mail.mjml.encode()
        case "json":
            data = json.dumps(build_issue_json(revision), ensure_ascii=False, indent=2)
            return f"{data}\n".encode()
        case "thread":
            return write_manuscript(_find_thread(revision, network)).encode()
    raise ConfigError(f"format {form!r}", "is not known")


def embed_pictures(mail: Mail, html: str) -> str:
    """Return *html*, that of *mail* or a part of it, with the pictures that its message carries."""
    if "cid:" not in html:
        return html
    for part in message_from_bytes(mail.mime).walk():
        name = str(part.get("Content-ID", "")).strip("<>")
        if name:
            content = "".join(str(part.get_payload()).split())
            html = html.replace(
                f'"cid:{name}"', f'"data:{part.get_content_type()};base64,{content}"'
            )
    return html


def _find_thread(revision: Revision, network: str) -> Thread:
    for thread in revision.threads:
        if thread.network == network:
            return thread
    known = ", ".join(thread.network for thread in revision.threads)
    cause = f"there is no draft for {network!r}" if network else "is missing"
    raise ConfigError("--network", cause, f"Give one of: {known}.")


_LEFT_OUT = 10  # lines about one source, unless all are asked for


def report_issue(revision: Revision, *, verbose: bool = False) -> str:
    """Return a short table of what was chosen, and why."""
    issue = revision.issue
    state = "draft"
    if revision.approved:
        when = _convert_to_local(revision.approved, issue.edition.timezone)
        state = f"approved {when:%Y-%m-%d %H:%M} {issue.edition.timezone or 'UTC'}"
    lines = [
        f"{issue.id}  revision {revision.number}  {state}  {revision.hash[:12]}",
        f"Subject    {issue.subject}",
        f"Preheader  {issue.preheader}",
        "",
    ]
    for number, story in enumerate(issue.stories, 1):
        lines += _report_story(
            number, story, _choose_separator(issue.edition.language), verbose=verbose
        )
    if pull := issue.pull_quote:
        lines += [f"Quote   {write_quotation(pull.quote)} {pull.quote.speaker or ''}".rstrip()]
    if issue.themes:
        lines += ["Themes  " + ", ".join(f"{t.name} {t.posts}" for t in issue.themes)]
    lines += [f"Also    {len(issue.also)} listed, {len(issue.skipped)} skipped"]
    if verbose:
        lines += [f"  listed   {link.title}\n           {link.url}" for link in issue.also]
        lines += [f"  skipped  {s.title or s.url}: {s.reason}" for s in issue.skipped]
    return "\n".join(lines)


def _convert_to_local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone or "UTC"))


def _choose_separator(language: str) -> str:
    return "；" if language.startswith(("zh", "ja")) else "; "


def _report_story(number: int, story: Story, separator: str, *, verbose: bool) -> Iterator[str]:
    yield f"{number:>2}  {story.post.title}"
    yield f"    {separator.join(story.pick.reasons)}"
    if verbose:
        yield f"    {story.reading.summary}"
        yield f"    {story.post.url}"
        yield from (f"    + {post.title}\n      {post.url}" for post in story.pick.siblings)


def report_thread(thread: Thread, where: Callable[[str], str] = str) -> str:
    """Return the parts of *thread*, each under its length in the network's unit.

    *where* names the file of a picture, for who posts by hand.
    """
    cost = f"  about ${thread.cost_usd:.2f} to post" if thread.cost_usd is not None else ""
    count = len(thread.parts)
    lines = [f"{thread.network}: {count} {'part' if count == 1 else 'parts'}{cost}"]
    for number, part in enumerate(thread.parts, 1):
        pictures = "".join(f"  [picture: {m.alt}]\n   {where(m.path)}" for m in part.media)
        card = f"  [card: {part.link}]" if part.link and part.link not in part.text else ""
        lines += ["", f"── {number}  {part.length}/{part.limit}{pictures}{card}", part.text]
    said = [f"error: {fault}" for fault in thread.faults]
    return "\n".join([*lines, *said, *(f"warning: {warning}" for warning in thread.warnings)])


def report_collected(one: Collected, *, verbose: bool = False) -> str:
    """Return what came of one source, in one line; *verbose* names every post."""
    if one.failed:
        return f"{one.source}: failed"
    counts = (
        (len(one.new), "new"),
        (len(one.changed), "changed"),
        (len(one.moved), "moved"),
        (one.unchanged, "unchanged"),
        (len(one.held), "held"),
        (len(one.copies), "copies" if len(one.copies) > 1 else "copy"),
        (len(one.skipped), "skipped"),
    )
    lines = [f"{one.source}: " + (", ".join(f"{n} {what}" for n, what in counts if n) or "no news")]
    listed = (("new", one.new), ("changed", one.changed), ("moved", one.moved))
    for what, posts in listed if verbose else ():
        lines += [f"  {what:<8} {post.title}" for post in posts]
    left = [*_list_left_out(one)]
    shown = left if verbose else left[:_LEFT_OUT]
    lines += [f"  {what:<8} {title}: {why}" for what, title, why in shown]
    if len(shown) < len(left):
        lines.append(f"  ... and {len(left) - len(shown)} more: digest --verbose collect")
    return "\n".join(lines)


def _list_left_out(one: Collected) -> Iterator[tuple[str, str, str]]:
    """Yield what is not new though it was listed: what became of it, its title, and why."""
    yield from (("held", p.title, p.note.removeprefix(HELD_PREFIX)) for p in one.held)
    yield from (("copy", p.title, _explain_copy(p)) for p in one.copies)
    yield from (("skipped", s.title or s.url, s.reason) for s in one.skipped)


def _explain_copy(post: Post) -> str:
    return f"it has the text of {post.copy_of}; let it in: digest collect --release {post.url}"


def report_posts(
    count: int, posts: Sequence[Post], zones: Mapping[str, str], *, verbose: bool = False
) -> str:
    """Return a line a post and, where *posts* are not all, how many of the *count* they are.

    *zones* are those of the sources, IANA names: a post is of a day of its own blog.
    """
    dates = (_convert_to_local(post.published, zones.get(post.source, "")) for post in posts)
    lines = [
        f"{date:%Y-%m-%d}  {_name_state(post):<4}  {post.title}"
        for date, post in zip(dates, posts, strict=True)
    ]
    notes = (_explain_copy(post) if post.copy_of else post.note for post in posts)
    noted = (f"\n{'':<18}{note}" if note else "" for note in notes)
    where = (
        f"\n{'':<18}{post.url}" if verbose or post.new_at == HELD_TIME else "" for post in posts
    )
    told = [line + url + note for line, url, note in zip(lines, where, noted, strict=True)]
    if count > len(posts):
        told.append(f"{len(posts)} of {count}; more with --most N")
    return "\n".join(told)


def build_post_json(post: Post) -> dict[str, str]:
    """Return *post* as ``digest show posts --json`` prints it, one a line."""
    dates = {"published": post.published.isoformat(), "first_seen": post.first_seen.isoformat()}
    copy = {"copy_of": post.copy_of} if post.copy_of else {}
    return {
        **_build_listed_json(post),
        "source": post.source,
        "state": _name_state(post),
        **dates,
        **copy,
    }


def report_versions(post: Post, versions: Sequence[Version]) -> str:
    """Return *post* and what it said before: dates, hashes and titles, the newest first."""
    lines = [post.url, f"{'now':<24}{post.content_hash[:12]}  {post.title}"]
    lines += [
        f"until {one.replaced:%Y-%m-%d %H:%M}  {one.hash[:12]}  {one.title}" for one in versions
    ]
    return "\n".join(lines)


def build_versions_json(post: Post, versions: Sequence[Version]) -> dict[str, Any]:
    """Return *post* as ``digest show posts --url URL --json`` prints it, its texts included."""
    before = [
        {
            "hash": one.hash,
            "replaced": one.replaced.isoformat(),
            "title": one.title,
            "text": one.document.text,
        }
        for one in versions
    ]
    own = {"hash": post.content_hash, "text": post.document.text}
    return {**build_post_json(post), **own, "versions": before}


def _name_state(post: Post) -> str:
    return "copy" if post.copy_of else "held" if post.new_at == HELD_TIME else "new"


def build_collected_json(one: Collected) -> dict[str, Any]:
    """Return what came of one source as ``digest collect --json`` prints it."""
    return {
        "source": one.source,
        "new": [_build_listed_json(post) for post in one.new],
        "changed": [_build_listed_json(post) for post in one.changed],
        "moved": [_build_listed_json(post) for post in one.moved],
        "unchanged": one.unchanged,
        "held": [_build_listed_json(post) for post in one.held],
        "copies": [{**_build_listed_json(post), "copy_of": post.copy_of} for post in one.copies],
        "skipped": [{"url": s.url, "reason": s.reason} for s in one.skipped],
        "warnings": list(one.warnings),
        "failed": one.failed.cause if one.failed else None,
    }


def _build_listed_json(post: Post) -> dict[str, str]:
    return {"id": post.id, "url": post.url, "title": post.title, "note": post.note}
