"""No regular expression of the package takes more than linear time, as far as a test can tell."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import digest
from tests.ambiguity import findings

PACKAGE = Path(digest.__file__).parent
SEARCHES = r"search|finditer|findall|sub|subn|split"
# Patterns that are ambiguous on paper. What they read is short, or what they hand over to succeeds.
SHORT: dict[str, str] = {
    "digest.audience.bounces._REPLY": "a line of a bounce, of which 998 characters are allowed",
    "digest.audience.csv_reader._BRACKETED": "the heading of a column",
    "digest.audience.csv_reader._ASIDE": "the heading of a column",
    "digest.delivery.campaigns._URL": "what stands before one slot of ours",
    "digest.delivery.mailers._template_words._TRACKED": "addresses that were checked",
    "digest.delivery.mailers._template_words._PARTS": "markup of our own, closed",
    "digest.delivery.mailers.smtp._CROWDED": "a reply of a mail server, a line",
    "digest.editorial.series._MARKS": "a title, folded",
    "digest.editorial.series._MARKS[4]": "a title, folded",
    "digest.model.refusals._MAILBOX": "a reply of a mail server, a line",
    "digest.model.refusals._SENDER_FIRST": "a reply of a mail server, a line",
    "digest.model.refusals._MAILBOX_FULL": "a reply of a mail server, a line",
    "digest.render.mjml._TAG": "markup of our own: foreign text holds no <",
    "digest.render.mjml_check._JINJA": "templates, which the user writes",
    "digest.render.mjml_check._TAG": "templates, which the user writes",
    "digest.render.mjml_check._TOKEN": "templates, which the user writes",
    "digest.render.mjml_check._PAIR": "templates, which the user writes",
    "digest.render.slots._URL": "what stands before one slot of ours",
    "digest.schedule.loader._PART": "a setting",
    "digest.sources._normalize._CUT": "the last 500 characters of a text",
    "digest.sources._normalize._ESCAPED_LINK": "2,000 characters at each tag",
    "digest.sources._normalize._ESCAPED_TAG": "2,000 characters at each tag",
    "digest.text.figures._PICTURE_FILE": "an address, whose length is bounded",
    "digest.sources._dates._YEAR_FIRST": "200 characters",
    "digest.sources._dates._NUMERIC": "200 characters",
    "digest.sources._encoding._CHARSET": "200 characters",
    "digest.sources._hugo_tokens._TOKEN": "a setting",
    "digest.text.attribution.clauses._SPEECH_NOUN": "a clause of 160 characters",
    "digest.text.attribution.clauses._CITED": "a clause of 160 characters",
    "digest.text.attribution.clauses._RELATED": "a clause of 160 characters",
    "digest.text.attribution.clauses._NOT_KNOWN": "a clause of 160 characters",
    "digest.text.attribution.han_clauses._BEGINS": "a clause of 160 characters",
    "digest.text.attribution.people._IN_HAN": "24 characters",
    "digest.text.attribution.people._NAME_BEFORE": "40 characters",
    "digest.text.attribution.speech._REPORTS": "100 characters",
    "digest.text.attribution.speech._REPORTS_AS": "100 characters",
    "digest.text.hugo_markdown._DOLLARS": "read at a dollar sign, to the next",
    "digest.text.sentences._WORD_BEFORE": "24 characters",
    "digest.text.template_tags._TAG": "2,000 characters at each tag",
    "digest.text.template_tags._OUTPUT": "2,000 characters at each tag",
    "digest.text.template_tags._ARGUMENT": "succeeds where it does not go on",
    "digest.text.hugo_markdown._ARGUMENT": "succeeds where it does not go on",
    "digest.text.twitter_text._BARE": "a host of 1,020 characters",
    "digest.text.twitter_text._TAIL": "what it cannot close ends it",
    "digest.text.twitter_text._WIDE_TAIL": "what it cannot close ends it",
}
QUOTED = (
    "digest.config.validation:",
    "digest.model.errors:",
    "digest.render.mime:",
    "digest.sources._hugo_page:",
    "digest.text.attribution.clauses:",
)  # settings, a header, a clause


def modules() -> Iterator[object]:
    for found in walk_packages(digest.__path__, "digest."):
        if "__main__" not in found.name and ".migrations" not in found.name:
            yield import_module(found.name)


@cache
def patterns() -> dict[str, tuple[str, int, bool]]:
    """Return name -> pattern, flags, and whether it is searched for, of all that are compiled."""
    known: dict[str, tuple[str, int, bool]] = {}
    sources = {path: path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    everything = "\n".join(sources.values())
    for module in modules():
        own = sources[Path(module.__file__)]
        for name, value in vars(module).items():
            for place, pattern in enumerate(_within(value)):
                text = own if name.startswith("_") else everything
                searched = re.search(rf"\b{name}\.(?:{SEARCHES})\b", text)
                matched = re.search(rf"\b{name}\.(?:match|fullmatch)\b", text)
                key = f"{module.__name__}.{name}" + (f"[{place}]" if place else "")
                known[key] = pattern.pattern, pattern.flags, bool(searched) or not matched
        known |= dict(_inline(module, own))
    return known


def _within(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _within(part)


def _inline(module: object, source: str) -> Iterator[tuple[str, tuple[str, int, bool]]]:
    """Yield the patterns that are given to a function of ``re`` where they are used."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        called = node.func
        if not (isinstance(called.value, ast.Name) and called.value.id == "re"):
            continue
        try:
            code = compile(ast.Expression(node.args[0]), "pattern", "eval")
            pattern = eval(code, vars(module))
        except NameError:
            continue  # made of what is only known when it is used
        if isinstance(pattern, str) and called.attr not in ("compile", "escape"):
            searched = called.attr not in ("match", "fullmatch")
            yield f"{module.__name__}:{ast.unparse(node.args[0])[:60]}", (pattern, 0, searched)


def test_every_pattern_is_looked_at() -> None:
    assert len(patterns()) > 300
    assert sorted(set(SHORT) - set(patterns())) == [], "no pattern of that name"


@pytest.mark.whole_texts
def test_no_pattern_is_more_than_linear() -> None:
    found = {
        name: said
        for name, (pattern, flags, searched) in patterns().items()
        if name not in SHORT
        and not name.startswith(QUOTED)
        and (said := findings(pattern, flags & ~re.UNICODE, search=searched))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        (r"(a+)+b", "exponential"),
        (r"(?:a|a)*b", "exponential"),
        (r"(?:a*)*b", "exponential"),
        (r"^\s*(?:<!--.*?-->\s*)*<x", "exponential"),
        (r"(?:[ab]{0,4}a|a)*$", "exponential"),
        (r"a+b", "power"),
        (r"\s+$", "power"),
        (r"<a[^>]*>", "power"),
        (r"\d+\d+x", "power"),
        (r"(?:x|\w)+\.", "power"),
    ],
)
def test_what_is_slow_is_found(pattern: str, kind: str) -> None:
    assert kind in {one.kind for one in findings(pattern, re.DOTALL, search=True)}


@pytest.mark.parametrize(
    "pattern",
    [
        r"a+",
        r"(?<!a)a+b",
        r"<a[^<>]*>",
        r"\Aa+b",
        r"(?<!\s)\s+$",
        r"<!--.*?(?:-->|\Z)",
        r"\b\w+x",
        r"\d{1,3}\d{1,3}x",
    ],
)
def test_what_is_linear_is_not_called_slow(pattern: str) -> None:
    assert findings(pattern, re.DOTALL, search=True) == []
