"""The pages and fragments of the desk as HTML: what the templates are given."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from digest.catalogue import catalogue
from digest.model import Revision
from digest.render.clean import link as safe_link
from digest.render.phrases import whole
from digest.web.desk import frames
from digest.web.desk.checks import checked, size_of
from digest.web.desk.desk import Desk
from digest.web.desk.said import JS_WORDS, MARKS, ORIGINS, SHORTCUTS, UNITS
from digest.web.desk.sheet import key_of, listing, sheet
from digest.web.desk.trail import chapter, timeline
from digest.web.desk.words import LANGUAGES, Words

STATIC = Path(__file__).parents[1] / "static"
VIEWS = ("mail", "text", "web", "thread", "raw")
TABS = ("story", "mail", "thread", "plan")
_TEMPLATES = Path(__file__).parent / "templates"
_HTMX = {
    "includeIndicatorStyles": False,
    "allowEval": False,
    "allowScriptTags": False,
    "historyCacheSize": 0,
    "selfRequestsOnly": True,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "409|422", "swap": True},
        {"code": "...", "swap": False, "error": True},
    ],
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

        def one(name: str, known: tuple[str, ...]) -> str:
            return query[name] if query.get(name) in known else known[0]

        return cls(
            story=query.get("s", ""),
            view=one("view", VIEWS),
            tab=one("tab", TABS),
            net=query.get("net", ""),
            pane=one("pane", ("preview", "posts", "inspector")),
        )


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals |= {"ic": icon, "whole": whole, "safe": safe_link, "key_of": key_of, "ring": ring}
    found.filters["bytes"] = lambda text: len(text.encode())
    return found


def icon(name: str) -> Markup:
    """Return the icon *name* of the sprite, hidden from screen readers."""
    return Markup('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>').format(name)


def ring(share: int) -> Markup:
    """Return a ring that is *share* percent full."""
    return Markup(
        '<svg class="ring" viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="8"/>'
        '<circle class="v" cx="10" cy="10" r="8" pathLength="100" stroke-dasharray="{} 100"/></svg>'
    ).format(share)


@cache
def _sprite() -> Markup:
    return Markup((STATIC / "icons.svg").read_text("utf-8").partition("\n")[2])  # noqa: S704 - ours


def render(name: str, words: Words, values: Mapping[str, Any]) -> str:
    """Return the template *name* rendered with *values* in the language of *words*."""
    around = {
        "words": words,
        "_": words.say,
        "ngettext": words.count,
        "languages": LANGUAGES,
        "sprite": _sprite(),
        "marks": lambda text: _quoted(text, words),
        "unit": lambda name: words.say(UNITS[name]),
        "origin": lambda name: words.say(ORIGINS[name]),
        "marked": lambda name: _marked(name, words),
        "spoken": spoken,
    }
    return _environment().get_template(f"{name}.html.jinja").render({**around, **values})


def _quoted(text: str, words: Words) -> str:
    """Return *text* in the quotation marks of its own language."""
    tag = "zh-Hant" if re.search(r"[\u3400-\u9fff]", text) else words.tag
    return catalogue(tag).gettext("“{quote}”", quote=text)


def _marked(name: str, words: Words) -> Markup:
    """Return the chip of the mark *name*."""
    kind, glyph, said = MARKS[name]
    picture = icon(glyph) if glyph else Markup("")
    return Markup('<span class="chip {}">{}{}</span>').format(kind, picture, words.say(said))


def spoken(context: str, speaker: str) -> Markup:
    """Return *context* with the name of the *speaker* marked, by its family name too."""
    if not speaker or speaker not in context:
        return escape(context)
    before, name, after = context.rpartition(speaker)
    return Markup('{}<mark class="name">{}</mark>{}').format(before, name, after)


def page(desk: Desk, revision: Revision, words: Words, ui: Ui, *, newest: int = 0) -> str:
    """Return the whole desk with *revision* on it."""
    values = everything(desk, revision, words, ui)
    live = {"live": True, "static": "/static/", "htmx": json.dumps(_HTMX), "sheets": ()}
    old = newest if newest and newest != revision.number else 0
    return render("page", words, {**values, **live, "old": old})


def everything(desk: Desk, revision: Revision, words: Words, ui: Ui) -> dict[str, Any]:
    """Return what the templates of the panes are given."""
    issue, feeds = revision.issue, desk.feeds(revision)
    listed, findings = listing(issue), desk.findings(revision)
    story = ui.story or next((row.key for row in listed.chosen), "")
    net = ui.net if ui.net in {one.network for one in feeds} else next(iter(feeds)).network
    ui = Ui(story=story, view=ui.view, tab=ui.tab, net=net, pane=ui.pane)
    say = words.say
    return {
        "revision": revision,
        "title": f"{issue.period.label} · {say('Review desk')}",
        "ui": ui,
        "live": True,
        "editable": False,
        "old": 0,
        "listing": listed,
        "sheet": sheet(revision, story),
        "feeds": feeds,
        "over": sum(one.over for one in feeds),
        "findings": findings,
        "checks": checked(findings, revision, words),
        "size": size_of(revision),
        "counts": counts(revision),
        "sender": sender(desk, revision),
        "frames": addresses(desk, revision),
        "timeline": timeline(revision, desk.sent(issue.id), words),
        "earlier": _earlier(desk, issue.id),
        "views": tuple((name, say(label)) for name, label in zip(VIEWS, _VIEWS, strict=True)),
        "tabs": tuple((name, say(label)) for name, label in zip(TABS, _TABS, strict=True)),
        "widths": tuple((width, say(name), glyph) for width, name, glyph in _WIDTHS),
        "shortcuts": tuple((keys, say(what)) for keys, what in SHORTCUTS),
        "js_words": _safe_json({key: say(text) for key, text in JS_WORDS.items()}),
        "link": lambda key: f"/i/{issue.id}?s={key}",
    }


_VIEWS = ("Email", "Plain text", "Web page", "Threads", "Source")
_TABS = ("Story", "Email", "Threads", "Schedule")
_WIDTHS = (
    (375, "Phone", "smartphone"),
    (768, "Tablet", "tablet"),
    (1024, "Desktop", "monitor"),
)


def _safe_json(values: Mapping[str, str]) -> Markup:
    """Return *values* as JSON that may stand in a script element."""
    text = json.dumps(values, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704 - escaped here


def counts(revision: Revision) -> dict[str, int]:
    """Return how many links and pictures the mail has."""
    html = revision.mail.html
    return {"links": html.count("<a "), "pictures": len(re.findall(r"<img\b", html))}


def sender(desk: Desk, revision: Revision) -> dict[str, str]:
    """Return who the mail is from as an inbox shows it."""
    from email.utils import parseaddr

    mailbox = desk.settings.mail.from_
    edition = revision.issue.edition
    name = parseaddr(mailbox)[0] or edition.title or edition.name
    return {"name": name, "initial": name[:1].upper(), "mailbox": mailbox}


def addresses(desk: Desk, revision: Revision) -> dict[str, str]:
    """Return where the frames of *revision* are served."""
    base = f"/r/{revision.issue.id}@{revision.number}"
    shown = "mail.html?pictures=lent" if lends(desk, revision) else "mail.html"
    card = f"{base}/card.png" if revision.issue.pull_quote else ""
    return {
        "mail": f"{base}/{shown}",
        "bare": f"{base}/mail.html?pictures=off",
        "web": f"{base}/web.html",
        "web_bare": f"{base}/web.html?pictures=off",
        "card": card,
    }


def lends(desk: Desk, revision: Revision) -> bool:
    """Tell whether the mail has pictures that only this computer has."""
    images = (story.post.image for story in revision.issue.stories)
    return "cid:" in revision.mail.html or any(one and desk.picture(one.url) for one in images)


def raws(revision: Revision, words: Words, base: str) -> tuple[tuple[str, str, str], ...]:
    """Return the sources of *revision*: what each is, its file and its text."""
    return (
        (words.say("The whole message (RFC 5322)"), f"{base}mail.eml", frames.source(revision)),
        (words.say("HTML"), f"{base}mail.html", frames.mail(revision)),
        (words.say("MJML"), f"{base}mail.mjml", revision.mail.mjml),
    )


def _earlier(desk: Desk, issue: str) -> object:
    volumes = desk.shelf()
    places = [place for place, one in enumerate(volumes) if one.issue == issue]
    later = volumes[places[0] + 1 :] if places else ()
    return next(iter(later), None)


def history(desk: Desk, words: Words) -> str:
    """Return the page of all issues, and what became of everything that left."""
    chapters = [chapter(volume, desk.sent(volume.issue), words) for volume in desk.shelf()]
    return render("history", words, {"volumes": chapters})
