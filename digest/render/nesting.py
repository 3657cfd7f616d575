"""Whether the tags and values of rendered MJML are what MJML knows; mrml would accept most others.

Pure but for the table of ``lint``. What is wrong is told by its offset; ``compiling`` knows which
file and line that is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digest.render.lint import Table, table

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
class Fault:
    """What is wrong at the offset *at*.

    ``balance`` is a tag that is not opened or closed; ``html`` is a mistake in what a text holds:
    mrml decides whether it matters.
    """

    at: int
    cause: str
    remedy: str
    balance: bool = False
    html: bool = False


def faults(mjml: str) -> Iterator[Fault]:
    """Yield what is wrong with *mjml*, in the order it is found."""
    walk = _Walk(table())
    end = 0
    for token in _TOKEN.finditer(mjml):
        yield from walk.text(mjml[end : token.start()], end)
        yield from walk.token(token)
        end = token.end()
    yield from walk.text(mjml[end:], end)
    yield from walk.rest()


class _Walk:
    """The tags that are open at a place of the text, each with where it was opened."""

    def __init__(self, known: Table) -> None:
        self.known = known
        self.open: list[tuple[str, int]] = []

    def token(self, token: re.Match[str]) -> Iterator[Fault]:
        """Yield what is wrong with a comment, a tag or a lone "<"."""
        written, at = token[2], token.start()
        if written is None:
            yield from _odd(token[0], at)
            return
        name = written.lower()
        ours = name == _ROOT or name.startswith("mj-")
        if ours and written != name:
            yield Fault(at=at, cause=f"<{written}> is not MJML", remedy=f"Write <{name}>.")
        elif not ours and written.isupper() and _VOID.fullmatch(name) and not token[4]:
            yield Fault(at=at, cause=f"<{written}> is never closed", remedy=f"Write <{name}>.")
        if token[1]:
            yield from self.closed(name, at)
            return
        yield from self.opened(name, at, ours=ours)
        yield from self.attributes(name, token[3], at, ours=ours)
        if not token[4] and (ours or not _VOID.fullmatch(name)):
            self.open.append((name, at))
            if len(self.open) == _DEEPEST:
                cause = f"<{name}> stands in {_DEEPEST - 1} other tags"
                yield Fault(at=at, cause=cause, remedy="Close what is open.")

    def text(self, text: str, at: int) -> Iterator[Fault]:
        """Yield a fault for *text* where only tags may stand: it would be dropped."""
        parent = self.open[-1][0] if self.open else ""
        words = text.strip("\ufeff \t\r\n")
        if words and (not parent or parent in self.known.children):
            start = at + text.index(words)
            cause = f'text stands {_inside(parent)}: "{words[:30]}"'
            yield Fault(at=start, cause=cause, remedy="Put it in an <mj-text>.")

    def opened(self, name: str, at: int, *, ours: bool) -> Iterator[Fault]:
        """Yield a fault for a tag that may not stand in the one that is open."""
        parent = self.open[-1][0] if self.open else ""
        allowed = self.known.children.get(parent, frozenset() if parent else frozenset({_ROOT}))
        if ours and name not in allowed:
            cause = f"<{name}> cannot stand {_inside(parent)}"
            yield Fault(at=at, cause=cause, remedy=_home(name, self.known))
        elif not ours and (not parent or parent in self.known.children):
            cause = f"<{name}> stands {_inside(parent)}"
            yield Fault(at=at, cause=cause, remedy="Put it in an <mj-text> or <mj-raw>.")

    def closed(self, name: str, at: int) -> Iterator[Fault]:
        """Yield a fault for each tag that *name* closes before its time, or for itself."""
        if not any(one == name for one, _ in self.open):
            cause = f"</{name}> closes what is not open"
            yield Fault(at=at, cause=cause, remedy="Remove it.", balance=True, html=_is_html(name))
            return
        while self.open[-1][0] != name:
            yield self._unclosed(f" before </{name}>")
        self.open.pop()

    def rest(self) -> Iterator[Fault]:
        """Yield a fault for each tag that is still open."""
        while self.open:
            yield self._unclosed("")

    def _unclosed(self, before: str) -> Fault:
        name, at = self.open.pop()
        return Fault(
            at=at,
            cause=f"<{name}> is never closed",
            remedy=f"Write </{name}>{before}.",
            balance=True,
            html=_is_html(name),
        )

    def attributes(self, name: str, written: str, at: int, *, ours: bool) -> Iterator[Fault]:
        """Yield what is wrong with the values of a tag's attributes."""
        if _UNQUOTED.search(_QUOTED.sub('"', written)):
            cause = f"a value in <{name}> has no quotation marks"
            yield Fault(at=at, cause=cause, remedy='Write it like align="left".', html=True)
        if not ours:
            return
        seen: set[str] = set()
        for attribute, double, single in _PAIR.findall(written):
            if attribute in seen:
                yield Fault(at=at, cause=f"<{name}> has {attribute} twice", remedy="Keep one.")
            seen.add(attribute)
            if wanted := self.known.wanted(name, attribute, double or single):
                cause = f'<{name}> has {attribute}="{double or single}"'
                yield Fault(at=at, cause=cause, remedy=f"Write {wanted}.")


def _odd(text: str, at: int) -> Iterator[Fault]:
    """Yield what is wrong with a comment, or with a "<" that opens no tag."""
    if text.startswith("<!--"):
        if not text.endswith("-->"):
            yield Fault(at=at, cause="a comment is never closed", remedy="Write -->.", balance=True)
    elif text == "<":
        remedy = "Write &lt; for the sign itself, and end a tag with >."
        yield Fault(at=at, cause="a < that opens no tag", remedy=remedy, html=True)
    else:
        remedy = "Look for a missing > or quotation mark."
        yield Fault(at=at, cause=f"{text} has no end", remedy=remedy, balance=True)


def _inside(parent: str) -> str:
    return f"directly in <{parent}>" if parent else "outside of <mjml>"


def _home(name: str, known: Table) -> str:
    homes = sorted(one for one, names in known.children.items() if name in names)
    homes = [one for one in homes if one != "mj-attributes"] or homes
    return f"Its place is in <{'>, <'.join(homes)}>." if homes else "Remove it."


def _is_html(name: str) -> bool:
    return name != _ROOT and not name.startswith("mj-")
