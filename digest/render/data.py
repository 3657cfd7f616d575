"""Revision -> JSON: the shape that other programs rely on; fields may be added, not changed."""

from collections.abc import Callable
from typing import Any

from digest.model import Issue, PullQuote, Quote, Revision, Story, Thread


def issue_json(revision: Revision) -> dict[str, Any]:
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
            {"title": section.title, "stories": [_story(s) for s in section.stories]}
            for section in issue.sections
        ],
        "pull_quote": _pull_quote(issue.pull_quote),
        "also": [{"url": link.url, "title": link.title} for link in issue.also],
        "skipped": [{"url": s.url, "reason": s.reason} for s in issue.skipped],
        "themes": [{"name": t.name, "posts": t.posts, "change": t.change} for t in issue.themes],
    }


def _story(story: Story) -> dict[str, Any]:
    post, reading = story.post, story.reading
    return {
        "url": post.url,
        "title": post.title,
        "summary": reading.summary,
        "summary_from": reading.summary_from,
        "points": list(reading.points),
        "quotes": [quote_json(quote) for quote in reading.quotes],
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


def quote_json(quote: Quote) -> dict[str, Any]:
    """Return *quote* as ``digest summarize --json`` prints it."""
    return {
        "text": quote.text,
        "speaker": quote.speaker,
        "speech": quote.speech,
        "start": quote.start,
        "end": quote.end,
        "utterance": quote.utterance,
    }


def _pull_quote(found: PullQuote | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"text": found.quote.text, "speaker": found.quote.speaker, "url": found.url}


def thread_json(
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
        "warnings": list(thread.warnings),
    }
