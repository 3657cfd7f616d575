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
_NAME = re.compile(r"""([^\s=/"'<>]+)(?:\s*=\s*("[^"]*"|'[^']*'|(?=[^"'])))?""")
_ANYWHERE = frozenset({"css-class", "mj-class"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Which attributes each tag knows, what it may hold, and why some tags are not supported.

    ``values`` maps an attribute to the form of its value and to how that is said.
    """

    tags: Mapping[str, frozenset[str]]
    unsupported: Mapping[str, str]
    children: Mapping[str, frozenset[str]]
    values: Mapping[str, tuple[re.Pattern[str], str]]

    def wanted(self, tag: str, attribute: str, value: str) -> str:
        """Return what the *value* of a tag's attribute should be, "" where it is fine."""
        form, wanted = self.values.get(attribute, (None, ""))
        known = attribute in self.tags.get(tag, ())
        fine = form is None or not known or not value.strip() or form.fullmatch(value.strip())
        return "" if fine else wanted


def problems(source: str) -> Iterator[tuple[int, str]]:
    """Yield (line, what is wrong) for each unknown tag and attribute of a template's *source*."""
    blanked = _JINJA.sub(_blank, source)
    for tag in _TAG.finditer(blanked):
        line = source.count("\n", 0, tag.start()) + 1
        yield from ((line, problem) for problem in _tag(tag[2], tag[3], closing=bool(tag[1])))


@cache
def table() -> Table:
    """Return the table of tags that the compiler knows."""
    import tomllib

    data = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    sets, tags = data["sets"], data["tags"]
    every = {name for names in (*sets.values(), *tags.values()) for name in names}
    sets["any"] = [name for name in every if not name.startswith("*")]
    sets["tags"] = list(tags)
    known = {tag: frozenset(_expanded(names, sets)) | _ANYWHERE for tag, names in tags.items()}
    return Table(
        tags=known,
        unsupported=data["unsupported"],
        children={tag: frozenset(_expanded(n, sets)) for tag, n in data["children"].items()},
        values={
            name: (re.compile(rule["form"], re.IGNORECASE), rule["wanted"])
            for rule in data["values"]
            for name in rule["names"]
        },
    )


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
        yield from _attributes(name, attributes, sorted(known.tags[name]))


def _attributes(tag: str, written: str, known: list[str]) -> Iterator[str]:
    for found in _NAME.finditer(written):
        if found[1] not in known:
            yield f"<{tag}> has no attribute {found[1]}{_nearest(found[1], known)}"
        if found[2] == "":
            yield f'the value of {found[1]} in <{tag}> has no quotation marks: {found[1]}="..."'
            return  # what follows is the value


def _nearest(name: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    return f"; is it {close[0]}?" if close else ""


def _blank(match: re.Match[str]) -> str:
    """Return white space of the same lines and length as what is blanked out."""
    return re.sub(r"[^\n]", " ", match[0])
