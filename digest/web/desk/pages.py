"""The pages of the desk and their pieces: what the templates are given of an issue.

Jinja for the desk: what every template may use besides what it is given.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from digest.delivery.networks import find_look
from digest.editorial import editable_blocks as blocks
from digest.editorial.pipeline import Drafted
from digest.model import Attachment, Editable, IssueSummary, Revision
from digest.model.edit import EditStep, select_blocks_of_kind
from digest.model.errors import DigestError
from digest.model.picture_name import is_picture_name
from digest.render.line_breaks import mark_phrases
from digest.render.sanitize import clean_link as safe_link
from digest.text.localization import load_catalogue
from digest.web.desk import preview_frames
from digest.web.desk.findings import list_desk_findings, size_of
from digest.web.desk.labels import (
    JS_WORDS,
    LANGUAGES,
    MARKS,
    ORIGINS,
    PLACES,
    SHARES,
    SHORTCUTS,
    STEPS,
    TABS,
    UNITS,
    VIEWS,
    WIDTHS,
    Words,
    describe_error,
    translate_saying,
)
from digest.web.desk.schedule_panel import Agenda
from digest.web.desk.send_jobs import EMAIL
from digest.web.desk.session import Desk
from digest.web.desk.story_list import key_of, list_stories, make_story_sheet
from digest.web.desk.timeline import TimelineStep, make_chapter, make_timeline, mark_changes

STATIC = Path(__file__).parents[1] / "static"
_TEMPLATES = Path(__file__).parent / "templates"


def render_template(name: str, words: Words, values: Mapping[str, Any]) -> str:
    """Return the template *name* rendered with *values* in the language of *words*."""
    around = {
        "words": words,
        "_": words.say,
        "ngettext": words.count,
        "languages": LANGUAGES,
        "sprite": _load_sprite(),
        "marks": lambda text: _quote_text(text, words),
        "unit": lambda name: words.say(UNITS[name]),
        "origin": lambda name: words.say(ORIGINS[name]),
        "place": lambda name: words.say(PLACES[name]),
        "heard": lambda text: translate_saying(text, words),
        "share_of": lambda name: words.say(SHARES[name]),
        "marked": lambda name, *, brief=False: _make_mark_chip(name, words, brief=brief),
    }
    return _make_environment().get_template(f"{name}.html.jinja").render({**around, **values})


@cache
def _make_environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals |= {
        "changed": mark_changes,
        "ic": make_icon,
        "key_of": key_of,
        "ring": make_ring,
        "safe": safe_link,
        "spoken": mark_speaker,
        "whole": mark_phrases,
    }
    found.filters["bytes"] = lambda text: len(text.encode())
    found.filters["slug"] = lambda name: re.sub(r"[^A-Za-z0-9]+", "-", name)
    return found


def make_icon(name: str) -> Markup:
    """Return the icon *name* of the sprite, hidden from screen readers."""
    return Markup('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>').format(name)


def make_ring(share: int) -> Markup:
    """Return a ring that is *share* percent full."""
    return Markup(
        '<svg class="ring" viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="8"/>'
        '<circle class="v" cx="10" cy="10" r="8" pathLength="100" stroke-dasharray="{} 100"/></svg>'
    ).format(share)


def to_script_json(values: Mapping[str, object]) -> Markup:
    """Return *values* as JSON that may stand in a script element."""
    text = json.dumps(values, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704 - escaped here


def mark_speaker(context: str, speaker: str) -> Markup:
    """Return *context* with the name of the *speaker* marked."""
    if not speaker or speaker not in context:
        return escape(context)
    before, name, after = context.rpartition(speaker)
    return Markup('{}<mark class="name">{}</mark>{}').format(before, name, after)


@cache
def _load_sprite() -> Markup:
    return Markup((STATIC / "icons.svg").read_text("utf-8").partition("\n")[2])  # noqa: S704 - ours


def _quote_text(text: str, words: Words) -> str:
    """Return *text* in the quotation marks of its own language."""
    tag = "zh-Hant" if re.search(r"[\u3400-\u9fff]", text) else words.tag
    return load_catalogue(tag).gettext("“{quote}”", quote=text)


def _make_mark_chip(name: str, words: Words, *, brief: bool) -> Markup:
    """Return the chip of the mark *name*; a *brief* one of the editor's own is its icon alone."""
    kind, glyph, said = MARKS[name]
    picture, text = make_icon(glyph) if glyph else Markup(""), words.say(said)
    if brief and kind == "mine":
        hidden = Markup('<span class="vh">{}</span>').format(text)
        form = Markup('<span class="chip {}" title="{}">{}{}</span>')
        return form.format(kind, text, picture, hidden)
    return Markup('<span class="chip {}">{}{}</span>').format(kind, picture, text)


# Where each piece of the page stands, and the template that it is.
PIECES = {
    "top": "top",
    "sub": "sub",
    "old": "old",
    "dock-go": "dock",
    "list": "rows",
    "inbox": "inbox",
    "threads-view": "threads",
    "counts": "foot",
    "over": "over",
    "p-story": "story",
    "p-mail": "letter",
    "p-thread": "parts",
    "p-plan": "plan",
    "checks": "checks",
}
_HTMX = {
    "includeIndicatorStyles": False,
    "allowEval": False,
    "allowScriptTags": False,
    "historyCacheSize": 0,
    "selfRequestsOnly": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ui:
    """Where the editor is: which post, view, tab, network and pane."""

    story: str = ""
    view: str = "mail"
    tab: str = "story"
    net: str = ""
    pane: str = "preview"

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Ui":
        """Return what an address asks for; what it does not know is the first of its kind."""

        def one(name: str, known: Sequence[str]) -> str:
            return query[name] if query.get(name) in known else known[0]

        return cls(
            story=query.get("s", ""),
            view=one("view", tuple(VIEWS)),
            tab=one("tab", tuple(TABS)),
            net=query.get("net", ""),
            pane=one("pane", ("preview", "posts", "inspector")),
        )


def render_page(desk: Desk, revision: Revision, words: Words, ui: Ui, *, newest: int = 0) -> str:
    """Return the whole desk with *revision* on it."""
    old = newest if newest and newest != revision.number else 0
    drafted = None if old else desk.drafted(revision)
    values = collect_values(desk, revision, words, ui, drafted)
    live = {"live": True, "static": "/static/", "htmx": json.dumps(_HTMX), "sheets": ()}
    return render_template("page", words, {**values, **live, "old": old})


def render_fragments(
    desk: Desk, drafted: Drafted, words: Words, ui: Ui, without: Sequence[str] = ()
) -> str:
    """Return the pieces of the page that a command changes, each with where it goes."""
    values = collect_values(desk, drafted.revision, words, ui, drafted)
    pieces = [(id_, name) for id_, name in PIECES.items() if id_ not in without]
    now = to_script_json(make_page_state(drafted.revision, values))
    return render_template("fragments", words, {**values, "now": now, "pieces": pieces})


def make_page_state(revision: Revision, values: Mapping[str, Any]) -> dict[str, object]:
    """Return what the scripts of the page know of *revision*."""
    fields: Mapping[str, Editable] = values["fields"]
    return {
        "rev": revision.number,
        "hash": revision.hash,
        "state": "approved" if revision.approved else "draft",
        "story": values["ui"].story,
        "frames": values["frames"],
        "bases": {name: one.base for name, one in fields.items()},
    }


def collect_values(
    desk: Desk, revision: Revision, words: Words, ui: Ui, drafted: Drafted | None
) -> dict[str, Any]:
    """Return what the templates of the panes are given; without *drafted* nothing is edited."""
    issue, feeds, say = revision.issue, desk.feeds(revision), words.say
    fields = {one.name: one for one in blocks.list_editable_blocks(drafted)} if drafted else {}
    choices = dict(select_blocks_of_kind(drafted.history.values, "choice")) if drafted else {}
    ranked = desk.ranked(issue.id, wait=False) if drafted else ()
    listed = list_stories(issue, choices, ranked)
    rows = (*listed.chosen, *listed.also, *listed.skipped)
    known = {row.key for row in rows}
    story = ui.story if ui.story in known else next((row.key for row in rows), "")
    networks = [one.network for one in feeds]
    net = ui.net if ui.net in networks else next(iter(networks), "")
    ui = Ui(story=story, view=ui.view, tab=ui.tab, net=net, pane=ui.pane)
    findings = desk.findings(revision)
    return {
        "revision": revision,
        "title": f"{issue.period.label} · {say('Review desk')}",
        "ui": ui,
        "live": True,
        "editable": drafted is not None and not revision.approved,
        "old": 0,
        "fields": fields,
        "edited": lambda name: name in fields and fields[name].edited,
        "choices": {key_of(url): made for url, made in _by_url(drafted, ranked, choices)},
        "ranked": bool(ranked) or not drafted,
        "steps": describe_steps(drafted, words),
        "listing": listed,
        "withheld": ", ".join(
            say("Email") if one == EMAIL else find_look(one).label for one in revision.withheld
        ),
        "sheet": make_story_sheet(
            issue, listed, story, picked=list_picked_quotes(fields), ranked=ranked
        ),
        "feeds": feeds,
        "over": sum(one.over for one in feeds),
        "checks": list_desk_findings(findings, revision, words, listed),
        "outside": desk.outside.of(revision.mail),
        "size": size_of(revision),
        "counts": count_links(revision),
        "sender": describe_sender(desk, revision),
        "audience": desk.audience(revision),
        "frames": list_frame_addresses(desk, revision),
        "shown_at": lambda media: _shown_at(revision, media),
        "lend": lambda url: lend_address(desk, revision, url) or url,
        "plan": describe_plan(desk, revision, words),
        "timeline": _make_timeline(desk, revision, words),
        "earlier": _find_earlier(desk, issue.id),
        "views": tuple((name, say(label)) for name, label in VIEWS.items()),
        "tabs": tuple((name, say(label)) for name, label in TABS.items()),
        "widths": tuple((width, say(name), glyph) for width, name, glyph in WIDTHS),
        "shortcuts": tuple((keys, say(what)) for keys, what in SHORTCUTS),
        "js_words": to_script_json({key: say(text) for key, text in JS_WORDS.items()}),
        "link": lambda key: f"/i/{issue.id}?s={key}",
    }


def describe_plan(desk: Desk, revision: Revision, words: Words) -> dict[str, Any]:
    """Return what the schedule means to do with *revision*, or what is wrong with its file."""
    try:
        found, trouble = desk.agenda(revision), ""
    except DigestError as error:
        found, trouble = None, describe_error(error, words)
    names = [words.say("Email") if n == EMAIL else find_look(n).label for n in _list_targets(found)]
    return {"agenda": found, "trouble": trouble, "targets": names}


def _make_timeline(desk: Desk, revision: Revision, words: Words) -> Sequence[TimelineStep]:
    issue, run = revision.issue.id, desk.run(revision)
    free = run is not None and run.schedule.unapproved == "send" and not run.held
    alone = bool(run and run.leaves and (revision.approved or free))
    return make_timeline(revision, desk.sent(issue), desk.tally(issue), words, unattended=alone)


def _list_targets(found: Agenda | None) -> tuple[str, ...]:
    return found.schedule.targets if found else ()


def list_picked_quotes(fields: Mapping[str, Editable]) -> dict[str, str]:
    """Return the span that each story quotes, by the post's id."""
    found = {name: one.value.partition(" ")[0] for name, one in fields.items()}
    return {name.removeprefix("quote/"): v for name, v in found.items() if name[:6] == "quote/"}


def _by_url(
    drafted: Drafted | None, ranked: Sequence[Any], choices: Mapping[str, str]
) -> Sequence[tuple[str, str]]:
    """Return the editor's choices by the address of the post."""
    if drafted is None or not choices:
        return ()
    selection = drafted.generated.selection
    posts = [*(pick.post for pick in selection.picks), *selection.also]
    posts += [one.post for one in ranked]
    return [(post.url, choices[post.id]) for post in posts if post.id in choices]


def describe_steps(drafted: Drafted | None, words: Words) -> tuple[str, str]:
    """Return what the next undo and the next redo are of, in words; "" where there is none."""
    if drafted is None:
        return "", ""
    done, undone = drafted.history.done, drafted.history.undone
    return (
        _describe_step(done[-1], words) if done else "",
        _describe_step(undone[-1], words) if undone else "",
    )


def _describe_step(step: EditStep, words: Words) -> str:
    kinds = dict.fromkeys(block.partition("/")[0] for block in step.blocks)
    named = [words.say(STEPS[kind]) for kind in kinds if kind in STEPS]
    return named[0] if named else ""


def count_links(revision: Revision) -> dict[str, int]:
    """Return how many links and pictures the mail has."""
    html = revision.mail.html
    return {"links": html.count("<a "), "pictures": len(re.findall(r"<img\b", html))}


def describe_sender(desk: Desk, revision: Revision) -> dict[str, str]:
    """Return who the mail is from as an inbox shows it."""
    from email.utils import parseaddr

    mailbox = desk.app.settings.mail.from_
    edition = revision.issue.edition
    name = parseaddr(mailbox)[0] or edition.title or edition.name
    return {"name": name, "initial": name[:1].upper(), "mailbox": mailbox}


def make_file_address(revision: Revision) -> str:
    """Return where the files of *revision* are: its number and, since that may stay, its bytes."""
    return f"/r/{revision.issue.id}@{revision.number}.{revision.hash[:12]}"


def list_frame_addresses(desk: Desk, revision: Revision) -> dict[str, str]:
    """Return where the frames of *revision* are served."""
    base = make_file_address(revision)
    shown = "mail.html?pictures=lent" if has_lent_pictures(desk, revision) else "mail.html"
    return {
        "mail": f"{base}/{shown}",
        "bare": f"{base}/mail.html?pictures=off",
        "web": f"{base}/web.html",
        "web_bare": f"{base}/web.html?pictures=off",
        "card": f"{base}/card.png" if revision.issue.pull_quote else "",
    }


def _shown_at(revision: Revision, media: Attachment) -> str:
    """Return where the picture of a thread is served, "" where nothing is kept of it."""
    return (
        f"{make_file_address(revision)}/kept?name={media.path}"
        if is_picture_name(media.path)
        else ""
    )


def lend_address(desk: Desk, revision: Revision, url: str) -> str:
    """Return where a picture that only this computer has is served, "" for any other."""
    return (
        f"{make_file_address(revision)}/picture?url={quote(url, safe='')}"
        if desk.picture(url)
        else ""
    )


def has_lent_pictures(desk: Desk, revision: Revision) -> bool:
    """Tell whether the mail has pictures that only this computer has."""
    images = (story.post.image for story in revision.issue.stories)
    return "cid:" in revision.mail.html or any(one and desk.picture(one.url) for one in images)


def list_raw_sources(
    revision: Revision, words: Words, base: str
) -> tuple[tuple[str, str, str], ...]:
    """Return the sources of *revision*: what each is, its file and its text."""
    return (
        (
            words.say("The whole message (RFC 5322)"),
            f"{base}mail.eml",
            preview_frames.show_source(revision),
        ),
        (words.say("HTML"), f"{base}mail.html", preview_frames.show_mail(revision)),
        (words.say("MJML"), f"{base}mail.mjml", revision.mail.mjml),
    )


def _find_earlier(desk: Desk, issue: str) -> IssueSummary | None:
    volumes = desk.shelf()
    places = [place for place, one in enumerate(volumes) if one.issue == issue]
    return next(iter(volumes[places[0] + 1 :]), None) if places else None


def render_history(desk: Desk, words: Words, said: str = "", *, trouble: bool = False) -> str:
    """Return the page of all issues, and what became of everything that left.

    *said* is what came of the last thing that was done there.
    """
    chapters = [
        make_chapter(volume, desk.sent(volume.issue), desk.mailings(volume.issue), words)
        for volume in desk.shelf()
    ]
    return render_template(
        "history", words, {"volumes": chapters, "said": said, "trouble": trouble}
    )
