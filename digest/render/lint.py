"""Looks at a user's MJML templates for what the compiler would accept in silence.

Pure but for one table, ``digest/data/mjml.toml``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).parents[1] / "data" / "mjml.toml"
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"""<(/?)(mj[\w-]+)((?:[^"'<>]|"[^"]*"|'[^']*')*?)(/?)>""")
_NAME = re.compile(r"""([^\s=/"'<>]+)(?:\s*=\s*(?:"[^"]*"|'[^']*'))?""")
_ANYWHERE = frozenset({"css-class", "mj-class"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Which attributes each tag knows, and why some tags are not supported."""

    tags: Mapping[str, frozenset[str]]
    unsupported: Mapping[str, str]


def problems(source: str) -> Iterator[tuple[int, str]]:
    """Yield (line, what is wrong) for each unknown tag and attribute of a template's *source*."""
    blanked = _JINJA.sub(_blank, source)
    for tag in _TAG.finditer(blanked):
        line = source.count("\n", 0, tag.start()) + 1
        yield from ((line, problem) for problem in _tag(tag[2], tag[3], closing=bool(tag[1])))


def unbalanced(mjml: str) -> str:
    """Return what is wrong with the nesting of the tags of *mjml*, "" where nothing is."""
    stack: list[str] = []
    for closing, name, _, alone in _TAG.findall(_JINJA.sub(_blank, mjml)):
        if closing and (not stack or stack.pop() != name):
            return f"</{name}> closes what is not open"
        if not closing and not alone:
            stack.append(name)
    return f"<{stack[-1]}> is never closed" if stack else ""


@cache
def table() -> Table:
    """Return the table of tags that the compiler knows."""
    import tomllib

    data = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    sets, tags = data["sets"], data["tags"]
    every = {name for names in (*sets.values(), *tags.values()) for name in names}
    sets["any"] = [name for name in every if not name.startswith("*")]
    known = {tag: frozenset(_expanded(names, sets)) | _ANYWHERE for tag, names in tags.items()}
    return Table(tags=known, unsupported=data["unsupported"])


def _expanded(names: list[str], sets: Mapping[str, list[str]]) -> Iterator[str]:
    for name in names:
        yield from sets[name[1:]] if name.startswith("*") else (name,)


def _tag(name: str, attributes: str, *, closing: bool) -> Iterator[str]:
    known = table()
    if name in known.unsupported:
        yield f"<{name}> does not work here: {known.unsupported[name]}"
    elif name not in known.tags:
        yield f"<{name}> is no MJML tag{_nearest(name, list(known.tags))}"
    elif not closing:
        for attribute in _NAME.findall(attributes):
            if attribute not in known.tags[name]:
                near = _nearest(attribute, sorted(known.tags[name]))
                yield f"<{name}> has no attribute {attribute}{near}"


def _nearest(name: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    return f"; is it {close[0]}?" if close else ""


def _blank(match: re.Match[str]) -> str:
    """Return white space of the same lines and length as what is blanked out."""
    return re.sub(r"[^\n]", " ", match[0])
