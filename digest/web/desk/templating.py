"""Jinja for the desk: what every template may use besides what it is given."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from digest.catalogue import catalogue
from digest.render.clean import link as safe_link
from digest.render.phrases import whole
from digest.web.desk.diff import changed
from digest.web.desk.heard import heard
from digest.web.desk.said import MARKS, ORIGINS, PLACES, SHARES, UNITS
from digest.web.desk.sheet import key_of
from digest.web.desk.words import LANGUAGES, Words

STATIC = Path(__file__).parents[1] / "static"
_TEMPLATES = Path(__file__).parent / "templates"


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
        "place": lambda name: words.say(PLACES[name]),
        "heard": lambda text: heard(text, words),
        "share_of": lambda name: words.say(SHARES[name]),
        "marked": lambda name, *, brief=False: _marked(name, words, brief=brief),
    }
    return _environment().get_template(f"{name}.html.jinja").render({**around, **values})


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals |= {
        "changed": changed,
        "ic": icon,
        "key_of": key_of,
        "ring": ring,
        "safe": safe_link,
        "spoken": spoken,
        "whole": whole,
    }
    found.filters["bytes"] = lambda text: len(text.encode())
    found.filters["slug"] = lambda name: re.sub(r"[^A-Za-z0-9]+", "-", name)
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


def data(values: Mapping[str, object]) -> Markup:
    """Return *values* as JSON that may stand in a script element."""
    text = json.dumps(values, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704 - escaped here


def spoken(context: str, speaker: str) -> Markup:
    """Return *context* with the name of the *speaker* marked."""
    if not speaker or speaker not in context:
        return escape(context)
    before, name, after = context.rpartition(speaker)
    return Markup('{}<mark class="name">{}</mark>{}').format(before, name, after)


@cache
def _sprite() -> Markup:
    return Markup((STATIC / "icons.svg").read_text("utf-8").partition("\n")[2])  # noqa: S704 - ours


def _quoted(text: str, words: Words) -> str:
    """Return *text* in the quotation marks of its own language."""
    tag = "zh-Hant" if re.search(r"[\u3400-\u9fff]", text) else words.tag
    return catalogue(tag).gettext("“{quote}”", quote=text)


def _marked(name: str, words: Words, *, brief: bool) -> Markup:
    """Return the chip of the mark *name*; a *brief* one of the editor's own is its icon alone."""
    kind, glyph, said = MARKS[name]
    picture, text = icon(glyph) if glyph else Markup(""), words.say(said)
    if brief and kind == "mine":
        hidden = Markup('<span class="vh">{}</span>').format(text)
        form = Markup('<span class="chip {}" title="{}">{}{}</span>')
        return form.format(kind, text, picture, hidden)
    return Markup('<span class="chip {}">{}{}</span>').format(kind, picture, text)
