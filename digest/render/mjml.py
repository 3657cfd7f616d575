r"""MJML to HTML: our templates and a user's, whose mistakes are told with file and line.

A template of a mail to MJML and HTML; a mistake in a user's template is told with its place.

mrml names no line and accepts much in silence. So what a user's own templates make is looked at
here (``nesting``), and where something is wrong it is rendered once more with marks that tell which
file and line each character came from.

MJML to HTML by mjml-python, with the work-arounds that its compiler (mrml 6) needs.

mrml writes attributes as Rust debug strings (a line break becomes a backslash and an n, U+3000
becomes ``\u{3000}``), deletes white space between inline tags, leaks attributes and repeats
comments. ``prepare_mjml`` and ``clean_html`` undo that; both are pure and keep what they do not
know.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from digest.model.errors import TemplateError
from digest.render.mjml_check import MarkupFault, find_faults
from digest.render.sandbox import TemplateLine, TracedText
from digest.render.templates import DEFAULT_THEME, Templates

_TAG = re.compile(r"""<[A-Za-z][\w:-]*(?:\s++|[^"'<>=\s]++|=\s*+(?:"[^"]*"|'[^']*'))*+>""")
_VALUE = re.compile(r"""=\s*(?:"([^"]*)"|'([^']*)')""")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = re.compile(r"\s+")
_ESCAPED = re.compile(r"[^ !#-&(-;=?-\[\]-~\u3001-\u3029\u3041-\u3094\u30a1-\u30fb\u4e00-\u9fff]")
_INLINE_GAP = re.compile(
    r">[ \t]*\n\s*<(?=(?:a|b|i|u|s|q|em|cite|code|img|small|span|strong|sub|sup|time)\b)"
)
_MSO_SEAM = re.compile(r"<!\[endif\]-->\s*<!--\[if mso \| IE\]>")
_MSO_EMPTY = "<!--[if mso | IE]><![endif]-->"
_LEAKED_ALIGN = re.compile(r'(<td[^<>]*?) vertical-align="\w+"')
_LEAKED_HEIGHT = re.compile(r'(<img\b[^<>]*?) height="auto"')
_NO_ALT = re.compile(r"<img(?![^<>]*\salt=)")
_MARKUP = re.compile(r"<style[^<>]*>.*?(?:</style>|\Z)|<[^>]*(?:>|\Z)", re.DOTALL)
_MARK = re.compile(r"\{\{|\{%|</?mj-")
_WORDS = re.compile(r"""\s(?:alt|title|aria-label|content)\s*=\s*(?:"[^"]*"|'[^']*')""")
_BETWEEN_BLOCKS = re.compile(
    r">(\s++)<(?=/?(?:t(?:able|body|r|d)|div|meta|title|style|head|body)\b)"
)


def convert_to_html(mjml: str) -> str:
    """Return the HTML of *mjml*; TemplateError where mrml cannot read it."""
    from mjml import mjml2html

    try:
        # mrml links Google Fonts for its default families unless it is told of none.
        return clean_html(mjml2html(prepare_mjml(mjml), disable_comments=False, fonts={}))
    except ValueError as error:
        cause = str(error) or "not well-formed"
        raise TemplateError("the MJML of this theme", cause, "Correct your template.") from error


def prepare_mjml(mjml: str) -> str:
    """Return *mjml* written so that mrml passes it on unchanged."""
    spaced = _INLINE_GAP.sub("> <", _CONTROL.sub("", mjml))
    return _TAG.sub(lambda tag: _VALUE.sub(_write_attribute, tag[0]), spaced)


def clean_html(html: str) -> str:
    """Return mrml's *html* without what it leaks, and without needless white space."""
    html = _MSO_SEAM.sub("", html).replace(_MSO_EMPTY, "")
    html = _LEAKED_HEIGHT.sub(r"\1", _LEAKED_ALIGN.sub(r"\1", html))
    return _BETWEEN_BLOCKS.sub(_join_gap, _NO_ALT.sub('<img alt=""', html))


def _join_gap(gap: re.Match[str]) -> str:
    return "><" if "\n" in gap[1] else gap[0]


def _fold_spaces(spaces: re.Match[str]) -> str:
    return " " if any(c in spaces[0] for c in "\t\n\r") else spaces[0]


def _write_attribute(match: re.Match[str]) -> str:
    value = match[1] if match[1] is not None else match[2]
    return '="' + _ESCAPED.sub(lambda c: f"&#{ord(c[0])};", _SPACES.sub(_fold_spaces, value)) + '"'


def find_template_residue(html: str) -> str:
    """Return the first template mark that stands in the markup of *html*, "" where none does.

    Marks in the text, and in what is read out instead of a picture, are the posts' own words: a
    blog may well write about templates.
    """
    markup = (_WORDS.sub("", found[0]) for found in _MARKUP.finditer(html))
    return next((mark[0] for part in markup if (mark := _MARK.search(part))), "")


_REMEDY = "Correct the template, or remove your copy."


class CompiledMail(NamedTuple):
    """The MJML that a template made, and its HTML."""

    mjml: str
    html: str


def compile_template(
    templates: Templates, name: str, values: Mapping[str, Any], theme: str = DEFAULT_THEME
) -> CompiledMail:
    """Return what the template *name* of *theme* makes of *values*.

    Raises TemplateError that names file, line, cause and remedy.
    """
    mjml = templates.render(name, values, theme)
    own, main = templates.own is not None, templates.path(name, theme)
    wrong = [fault for fault in find_faults(mjml) if not fault.html] if own else []
    if wrong:
        raise _locate_error(wrong, templates.traced(name, values, theme), templates, main)
    try:
        return CompiledMail(mjml, convert_to_html(mjml))
    except TemplateError as error:
        trace = templates.traced(name, values, theme)
        raise _locate_error([*find_faults(mjml)], trace, templates, main, error.cause) from error


def _locate_error(
    wrong: Sequence[MarkupFault],
    trace: TracedText,
    templates: Templates,
    main: Path,
    cause: str = "",
) -> TemplateError:
    """Return the error that tells what is *wrong*; *cause* is mrml's word where nothing is found.

    It is then told of the user's files that took part, else of *main*.
    A tag that is not closed upsets those behind it: a file whose own tags do not match comes first.
    """
    alone = _find_unbalanced(trace, templates) if any(fault.balance for fault in wrong) else ()
    for fault, place in chain(alone, ((fault, trace.place(fault.at)) for fault in wrong)):
        if place is not None:
            subject = f"template {place.path}, line {place.line}"
            return TemplateError(subject, fault.cause, fault.remedy)
    files = dict.fromkeys(
        place.path for place in trace.places if _is_own_template(place, templates)
    )
    return TemplateError(f"template {', '.join(files) or f'{main}, line 1'}", cause, _REMEDY)


def _find_unbalanced(
    trace: TracedText, templates: Templates
) -> Iterator[tuple[MarkupFault, TemplateLine | None]]:
    """Yield the first fault of each file of the user whose tags do not match by themselves."""
    blamed = {
        place.path
        for fault in find_faults(trace.text)
        if fault.balance and (place := trace.place(fault.at))
    }
    files = dict.fromkeys(
        place.path for place in trace.places if _is_own_template(place, templates)
    )
    for path in sorted(files, key=lambda path: path not in blamed):
        for fault in find_faults(_blank_other_files(trace, path)):
            if fault.balance:
                yield fault, trace.place(fault.at)
                break


def _blank_other_files(trace: TracedText, path: str) -> str:
    """Return the text of *trace* with what is not of the file *path* blanked out."""
    ends = (*trace.starts[1:], len(trace.text))
    pieces = [" " * (trace.starts[0] if trace.starts else len(trace.text))]
    for start, end, place in zip(trace.starts, ends, trace.places, strict=True):
        pieces.append(trace.text[start:end] if place.path == path else " " * (end - start))
    return "".join(pieces)


def _is_own_template(place: TemplateLine, templates: Templates) -> bool:
    return templates.own is not None and Path(place.path).is_relative_to(templates.own)
