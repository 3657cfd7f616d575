"""The preview as files: for a pull request, a screenshot, a colleague without a terminal. Pure.

One page and what it frames; nothing is loaded from elsewhere but the posts' own pictures, and
nothing can be changed.
"""

from collections.abc import Iterator
from dataclasses import replace

from digest.model import Attachment, Revision
from digest.model.picture_name import is_picture_name
from digest.render.export import export_revision
from digest.web.desk import preview_frames
from digest.web.desk.labels import Words, choose_language
from digest.web.desk.pages import STATIC, Ui, collect_values, list_raw_sources, render_template
from digest.web.desk.session import Desk
from digest.web.desk.story_list import make_story_sheet

_ASSETS = ("desk.css", "desk-parts.css", "desk.js", "desk-frame.js", "mark.svg")


def make_preview_files(desk: Desk, revision: Revision) -> dict[str, bytes]:
    """Return the files of the preview of *revision* by path; ``index.html`` shows it all."""
    edition = revision.issue.edition
    words = Words(language=choose_language("", "", edition.language), timezone=edition.timezone)
    found = {f"static/{name}": (STATIC / name).read_bytes() for name in _ASSETS}
    found |= {
        "index.html": _make_page(desk, revision, words).encode(),
        "mail.html": preview_frames.lend_pictures(revision, lambda _url: "").encode(),
        "mail.txt": export_revision(revision, "text"),
        "mail.eml": export_revision(revision, "eml"),
        "mail.mjml": export_revision(revision, "mjml"),
        "web.html": desk.web(revision).encode(),
        "issue.json": export_revision(revision, "json"),
    }
    found |= {
        f"thread-{thread.network}.txt": export_revision(revision, "thread", thread.network)
        for thread in revision.threads
    }
    for media in _list_media(revision):
        if picture := desk.kept(media.path):
            found[f"pictures/{media.path}"] = picture
    return found


def _list_media(revision: Revision) -> Iterator[Attachment]:
    return (one for t in revision.threads for part in t.parts for one in part.media)


def _make_page(desk: Desk, revision: Revision, words: Words) -> str:
    values = collect_values(desk, revision, words, Ui(), None)
    listed = values["listing"]
    keys = [row.key for rows in (listed.chosen, listed.also, listed.skipped) for row in rows]
    shown = (make_story_sheet(revision.issue, listed, key) for key in keys)
    addresses = {"mail": "mail.html", "bare": "mail.html", "web": "web.html"}
    values |= {
        "live": False,
        "editable": False,
        "static": "static/",
        "frames": {**addresses, "web_bare": "web.html"},
        "shown_at": lambda media: f"pictures/{media.path}" if is_picture_name(media.path) else "",
        "lend": lambda url: url,
        "plain": preview_frames.show_text(revision),
        "raws": list_raw_sources(revision, words, ""),
        "sheets": tuple(one for one in shown if one),
        "ui": replace(values["ui"], tab="story"),
        "link": lambda key: f"#row-{key}",
        "checks": tuple(replace(one, href="#top") for one in values["checks"]),
    }
    return render_template("page", words, values)
