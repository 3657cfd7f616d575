"""Issues as web pages of their own, an index of them and an Atom feed: plain static files.

Pure: ``archive(...)`` returns paths and bytes. Links between the pages are relative, so the files
work under any address, in a Hugo blog's ``static/`` too; what others fetch by itself (Open Graph,
the feed) is absolute where ``Letterhead.archive`` says where the files will stand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.model import Issue, Revision
from digest.render.branding import Branding, make_slug
from digest.render.line_breaks import mark_phrases
from digest.render.templates import Templates
from digest.render.view_model import Action, IssueView, build_view
from digest.text.localization import Catalogue, load_catalogue

CARD = "card.png"
MAX_ENTRIES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveEntry:
    """One issue in the index and in the feed; ``folder`` is where its page stands."""

    folder: str
    view: IssueView
    published: datetime
    date: str
    card: bool

    @property
    def published_iso(self) -> str:
        """Return when it came out, as HTML and Atom write it (RFC 3339)."""
        return self.published.isoformat()


def render_archive(
    revisions: Sequence[Revision],
    templates: Templates,
    letterhead: Branding,
    cards: Mapping[str, bytes] | None = None,
) -> dict[str, bytes]:
    """Return the files of the archive of one digest by path, newest issue first in the index.

    *revisions* holds one revision of each issue, at least one; *cards* maps an issue's id to its
    quote card (PNG).
    """
    cards = cards or {}
    ordered = sorted(revisions, key=lambda one: one.issue.period.end, reverse=True)
    entries = [_make_revision_entry(one, letterhead, card=one.issue.id in cards) for one in ordered]
    files = {f"{entry.folder}/index.html": b"" for entry in entries}
    for number, (entry, revision) in enumerate(zip(entries, ordered, strict=True)):
        newer = entries[number - 1] if number else None
        older = entries[number + 1] if number + 1 < len(entries) else None
        html = _render_entry_page(entry, templates, letterhead, newer=newer, older=older)
        files[f"{entry.folder}/index.html"] = html.encode()
        if revision.issue.id in cards:
            files[f"{entry.folder}/{CARD}"] = cards[revision.issue.id]
    files["index.html"] = _render_index(entries, templates, letterhead, "index.html.jinja").encode()
    files["feed.xml"] = _render_index(
        entries[:MAX_ENTRIES], templates, letterhead, "feed.xml.jinja"
    ).encode()
    return files


def render_page(
    issue: Issue, published: datetime, templates: Templates, letterhead: Branding
) -> str:
    """Return the page of one issue that stands alone."""
    entry = _make_entry(issue, published, letterhead, card=False)
    return _render_entry_page(entry, templates, letterhead, newer=None, older=None)


def _make_revision_entry(revision: Revision, letterhead: Branding, *, card: bool) -> ArchiveEntry:
    published = revision.approved or revision.created
    return _make_entry(revision.issue, published, letterhead, card=card)


def _make_entry(
    issue: Issue, published: datetime, letterhead: Branding, *, card: bool
) -> ArchiveEntry:
    words = load_catalogue(issue.edition.language, letterhead.strings)
    return ArchiveEntry(
        folder=make_slug(issue.id),
        view=build_view(issue, letterhead),
        published=published,
        date=words.date(published, issue.edition.timezone),
        card=card,
    )


def _render_entry_page(
    entry: ArchiveEntry,
    templates: Templates,
    letterhead: Branding,
    *,
    newer: ArchiveEntry | None,
    older: ArchiveEntry | None,
) -> str:
    words = load_catalogue(entry.view.language, letterhead.strings)
    values = _build_values(entry.view, letterhead, words) | {"entry": entry}
    values |= {"newer": _make_neighbour_link(newer), "older": _make_neighbour_link(older)}
    return templates.render("web/page.html.jinja", values)


def _render_index(
    entries: Sequence[ArchiveEntry], templates: Templates, letterhead: Branding, name: str
) -> str:
    newest = entries[0].view
    words = load_catalogue(newest.language, letterhead.strings)
    values = _build_values(newest, letterhead, words) | {"entries": entries}
    return templates.render(f"web/{name}", values)


def _make_neighbour_link(entry: ArchiveEntry | None) -> Action | None:
    if entry is None:
        return None
    return Action(url=f"../{entry.folder}/", label=entry.view.subject or entry.view.headline)


def _build_values(shown: IssueView, letterhead: Branding, words: Catalogue) -> dict[str, Any]:
    return {
        "view": shown,
        "look": letterhead.look,
        "light": shown.light,
        "dark": shown.dark,
        "words": words,
        "_": words.gettext,
        "whole": mark_phrases,
        "direction": shown.direction,
        "turn": shown.turn,
        "apart": shown.apart,
        "base": f"{letterhead.archive.rstrip('/')}/" if letterhead.archive else "",
        "domain": letterhead.domain,
        "card_name": CARD,
    }
