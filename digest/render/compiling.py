"""A template of a mail to MJML and HTML; a mistake in a user's template is told with its place.

mrml names no line and accepts much in silence. So what a user's own templates make is looked at
here (``nesting``), and where something is wrong it is rendered once more with marks that tell which
file and line each character came from.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from digest.errors import TemplateError
from digest.render.mjml import to_html
from digest.render.nesting import Fault, faults
from digest.render.templates import DEFAULT, Templates
from digest.render.tracing import Place, Traced

_REMEDY = "Correct the template, or remove your copy."


class Compiled(NamedTuple):
    """The MJML that a template made, and its HTML."""

    mjml: str
    html: str


def compiled(
    templates: Templates, name: str, values: Mapping[str, Any], theme: str = DEFAULT
) -> Compiled:
    """Return what the template *name* of *theme* makes of *values*.

    Raises TemplateError that names file, line, cause and remedy.
    """
    mjml = templates.render(name, values, theme)
    own, main = templates.own is not None, templates.path(name, theme)
    wrong = [fault for fault in faults(mjml) if not fault.html] if own else []
    if wrong:
        raise _placed(wrong, templates.traced(name, values, theme), templates, main)
    try:
        return Compiled(mjml, to_html(mjml))
    except TemplateError as error:
        trace = templates.traced(name, values, theme)
        raise _placed([*faults(mjml)], trace, templates, main, error.cause) from error


def _placed(
    wrong: Sequence[Fault], trace: Traced, templates: Templates, main: Path, cause: str = ""
) -> TemplateError:
    """Return the error that tells what is *wrong*; *cause* is mrml's word where nothing is found.

    It is then told of the user's files that took part, else of *main*.
    A tag that is not closed upsets those behind it: a file whose own tags do not match comes first.
    """
    alone = _unbalanced(trace, templates) if any(fault.balance for fault in wrong) else ()
    for fault, place in chain(alone, ((fault, trace.place(fault.at)) for fault in wrong)):
        if place is not None:
            subject = f"template {place.path}, line {place.line}"
            return TemplateError(subject, fault.cause, fault.remedy)
    files = dict.fromkeys(place.path for place in trace.places if _is_own(place, templates))
    return TemplateError(f"template {', '.join(files) or f'{main}, line 1'}", cause, _REMEDY)


def _unbalanced(trace: Traced, templates: Templates) -> Iterator[tuple[Fault, Place | None]]:
    """Yield the first fault of each file of the user whose tags do not match by themselves."""
    blamed = {
        place.path
        for fault in faults(trace.text)
        if fault.balance and (place := trace.place(fault.at))
    }
    files = dict.fromkeys(place.path for place in trace.places if _is_own(place, templates))
    for path in sorted(files, key=lambda path: path not in blamed):
        for fault in faults(_only(trace, path)):
            if fault.balance:
                yield fault, trace.place(fault.at)
                break


def _only(trace: Traced, path: str) -> str:
    """Return the text of *trace* with what is not of the file *path* blanked out."""
    ends = (*trace.starts[1:], len(trace.text))
    pieces = [" " * (trace.starts[0] if trace.starts else len(trace.text))]
    for start, end, place in zip(trace.starts, ends, trace.places, strict=True):
        pieces.append(trace.text[start:end] if place.path == path else " " * (end - start))
    return "".join(pieces)


def _is_own(place: Place, templates: Templates) -> bool:
    return templates.own is not None and Path(place.path).is_relative_to(templates.own)
