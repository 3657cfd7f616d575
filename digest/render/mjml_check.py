"""Whether the tags and values of rendered MJML are what MJML knows; mrml would accept most others.

Pure but for the table of ``lint``. What is wrong is told by its offset; ``compiling`` knows which
file and line that is.

Looks at a user's MJML templates for what the compiler would accept in silence.

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
class MjmlTable:
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


def find_problems(source: str) -> Iterator[tuple[int, str]]:
    """Yield (line, what is wrong) for each unknown tag and attribute of a template's *source*."""
    blanked = _JINJA.sub(_blank_match, source)
    for tag in _TAG.finditer(blanked):
        line = source.count("\n", 0, tag.start()) + 1
        yield from ((line, problem) for problem in _check_tag(tag[2], tag[3], closing=bool(tag[1])))


@cache
def load_table() -> MjmlTable:
    """Return the table of tags that the compiler knows."""
    import tomllib

    data = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    sets, tags = data["sets"], data["tags"]
    every = {name for names in (*sets.values(), *tags.values()) for name in names}
    sets["any"] = [name for name in every if not name.startswith("*")]
    sets["tags"] = list(tags)
    known = {tag: frozenset(_expand_sets(names, sets)) | _ANYWHERE for tag, names in tags.items()}
    return MjmlTable(
        tags=known,
        unsupported=data["unsupported"],
        children={tag: frozenset(_expand_sets(n, sets)) for tag, n in data["children"].items()},
        values={
            name: (re.compile(rule["form"], re.IGNORECASE), rule["wanted"])
            for rule in data["values"]
            for name in rule["names"]
        },
    )


def _expand_sets(names: list[str], sets: Mapping[str, list[str]]) -> Iterator[str]:
    for name in names:
        yield from sets[name[1:]] if name.startswith("*") else (name,)


def _check_tag(name: str, attributes: str, *, closing: bool) -> Iterator[str]:
    known = load_table()
    if name in known.unsupported:
        yield f"<{name}> does not work here: {known.unsupported[name]}"
    elif name not in known.tags:
        yield f"<{name}> is no MJML tag{_suggest_nearest(name, list(known.tags))}"
    elif not closing:
        yield from _check_attributes(name, attributes, sorted(known.tags[name]))


def _check_attributes(tag: str, written: str, known: list[str]) -> Iterator[str]:
    for found in _NAME.finditer(written):
        if found[1] not in known:
            yield f"<{tag}> has no attribute {found[1]}{_suggest_nearest(found[1], known)}"
        if found[2] == "":
            yield f'the value of {found[1]} in <{tag}> has no quotation marks: {found[1]}="..."'
            return  # what follows is the value


def _suggest_nearest(name: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    return f"; is it {close[0]}?" if close else ""


def _blank_match(match: re.Match[str]) -> str:
    """Return white space of the same lines and length as what is blanked out."""
    return re.sub(r"[^\n]", " ", match[0])


_TOKEN = re.compile(
    r"""<!--.*?(?:-->|\Z)|<(/?)([A-Za-z][\w:-]*)((?:[^"'<>]|"[^"]*"|'[^']*')*?)(/?)>|<(?:/?mj[\w-]*)?""",
    re.DOTALL,
)
_PAIR = re.compile(r"""([^\s=/"'<>]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_UNQUOTED = re.compile(r"""=\s*(?!["'])\S""")
_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'')
_VOID = re.compile("area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr")
_ROOT = "mjml"
_DEEPEST = 100  # tags in one another; thousands would end the process in mrml


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkupFault:
    """What is wrong at the offset *at*.

    ``balance`` is a tag that is not opened or closed; ``html`` is a mistake in what a text holds:
    mrml decides whether it matters.
    """

    at: int
    cause: str
    remedy: str
    balance: bool = False
    html: bool = False


def find_faults(mjml: str) -> Iterator[MarkupFault]:
    """Yield what is wrong with *mjml*, in the order it is found."""
    walk = _TagWalk(load_table())
    end = 0
    for token in _TOKEN.finditer(mjml):
        yield from walk.text(mjml[end : token.start()], end)
        yield from walk.token(token)
        end = token.end()
    yield from walk.text(mjml[end:], end)
    yield from walk.rest()


class _TagWalk:
    """The tags that are open at a place of the text, each with where it was opened."""

    def __init__(self, known: MjmlTable) -> None:
        self.known = known
        self.open: list[tuple[str, int]] = []

    def token(self, token: re.Match[str]) -> Iterator[MarkupFault]:
        """Yield what is wrong with a comment, a tag or a lone "<"."""
        written, at = token[2], token.start()
        if written is None:
            yield from _check_odd_mark(token[0], at)
            return
        name = written.lower()
        ours = name == _ROOT or name.startswith("mj-")
        if ours and written != name:
            yield MarkupFault(at=at, cause=f"<{written}> is not MJML", remedy=f"Write <{name}>.")
        elif not ours and written.isupper() and _VOID.fullmatch(name) and not token[4]:
            yield MarkupFault(
                at=at, cause=f"<{written}> is never closed", remedy=f"Write <{name}>."
            )
        if token[1]:
            yield from self.closed(name, at)
            return
        yield from self.opened(name, at, ours=ours)
        yield from self.attributes(name, token[3], at, ours=ours)
        if not token[4] and (ours or not _VOID.fullmatch(name)):
            self.open.append((name, at))
            if len(self.open) == _DEEPEST:
                cause = f"<{name}> stands in {_DEEPEST - 1} other tags"
                yield MarkupFault(at=at, cause=cause, remedy="Close what is open.")

    def text(self, text: str, at: int) -> Iterator[MarkupFault]:
        """Yield a fault for *text* where only tags may stand: it would be dropped."""
        parent = self.open[-1][0] if self.open else ""
        words = text.strip("\ufeff \t\r\n")
        if words and (not parent or parent in self.known.children):
            start = at + text.index(words)
            cause = f'text stands {_describe_place(parent)}: "{words[:30]}"'
            yield MarkupFault(at=start, cause=cause, remedy="Put it in an <mj-text>.")

    def opened(self, name: str, at: int, *, ours: bool) -> Iterator[MarkupFault]:
        """Yield a fault for a tag that may not stand in the one that is open."""
        parent = self.open[-1][0] if self.open else ""
        allowed = self.known.children.get(parent, frozenset() if parent else frozenset({_ROOT}))
        if ours and name not in allowed:
            cause = f"<{name}> cannot stand {_describe_place(parent)}"
            yield MarkupFault(at=at, cause=cause, remedy=_suggest_place(name, self.known))
        elif not ours and (not parent or parent in self.known.children):
            cause = f"<{name}> stands {_describe_place(parent)}"
            yield MarkupFault(at=at, cause=cause, remedy="Put it in an <mj-text> or <mj-raw>.")

    def closed(self, name: str, at: int) -> Iterator[MarkupFault]:
        """Yield a fault for each tag that *name* closes before its time, or for itself."""
        if not any(one == name for one, _ in self.open):
            cause = f"</{name}> closes what is not open"
            yield MarkupFault(
                at=at, cause=cause, remedy="Remove it.", balance=True, html=_is_html_tag(name)
            )
            return
        while self.open[-1][0] != name:
            yield self._unclosed(f" before </{name}>")
        self.open.pop()

    def rest(self) -> Iterator[MarkupFault]:
        """Yield a fault for each tag that is still open."""
        while self.open:
            yield self._unclosed("")

    def _unclosed(self, before: str) -> MarkupFault:
        name, at = self.open.pop()
        return MarkupFault(
            at=at,
            cause=f"<{name}> is never closed",
            remedy=f"Write </{name}>{before}.",
            balance=True,
            html=_is_html_tag(name),
        )

    def attributes(self, name: str, written: str, at: int, *, ours: bool) -> Iterator[MarkupFault]:
        """Yield what is wrong with the values of a tag's attributes."""
        if _UNQUOTED.search(_QUOTED.sub('"', written)):
            cause = f"a value in <{name}> has no quotation marks"
            yield MarkupFault(at=at, cause=cause, remedy='Write it like align="left".', html=True)
        if not ours:
            return
        seen: set[str] = set()
        for attribute, double, single in _PAIR.findall(written):
            if attribute in seen:
                yield MarkupFault(
                    at=at, cause=f"<{name}> has {attribute} twice", remedy="Keep one."
                )
            seen.add(attribute)
            if wanted := self.known.wanted(name, attribute, double or single):
                cause = f'<{name}> has {attribute}="{double or single}"'
                yield MarkupFault(at=at, cause=cause, remedy=f"Write {wanted}.")


def _check_odd_mark(text: str, at: int) -> Iterator[MarkupFault]:
    """Yield what is wrong with a comment, or with a "<" that opens no tag."""
    if text.startswith("<!--"):
        if not text.endswith("-->"):
            yield MarkupFault(
                at=at, cause="a comment is never closed", remedy="Write -->.", balance=True
            )
    elif text == "<":
        remedy = "Write &lt; for the sign itself, and end a tag with >."
        yield MarkupFault(at=at, cause="a < that opens no tag", remedy=remedy, html=True)
    else:
        remedy = "Look for a missing > or quotation mark."
        yield MarkupFault(at=at, cause=f"{text} has no end", remedy=remedy, balance=True)


def _describe_place(parent: str) -> str:
    return f"directly in <{parent}>" if parent else "outside of <mjml>"


def _suggest_place(name: str, known: MjmlTable) -> str:
    homes = sorted(one for one, names in known.children.items() if name in names)
    homes = [one for one in homes if one != "mj-attributes"] or homes
    return f"Its place is in <{'>, <'.join(homes)}>." if homes else "Remove it."


def _is_html_tag(name: str) -> bool:
    return name != _ROOT and not name.startswith("mj-")
