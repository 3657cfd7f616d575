"""Jinja for templates that a user wrote or was given: no way out, and an end in sight.

Jinja's own sandbox keeps a template from Python's insides but not from running for ever or filling
memory. Here every turn of a loop, every call and every printed value is charged to a budget, loops
are charged for the text they repeat, and what could make a large value in one step is gone.

Where each character of a rendered text came from: marks put into templates, and taken out.

A mark is NUL, the number of the file, ":", the line, NUL; a feed cannot bring one, because text is
cleaned of control characters before a template sees it.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from time import thread_time
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.exceptions import SecurityError, TemplateNotFound
from jinja2.filters import FILTERS
from jinja2.loaders import split_template_path
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from digest.model.errors import TemplateError

_MARK = re.compile("\0(\\d+):(\\d+)\0")


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateLine:
    """A line, from 1, of the file *path*."""

    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedText:
    """A rendered *text*; from each of the offsets *starts* on it came from the place beside it."""

    text: str
    starts: tuple[int, ...]
    places: tuple[TemplateLine, ...]

    def place(self, at: int) -> TemplateLine | None:
        """Return where the character at the offset *at* came from."""
        found = bisect_right(self.starts, at) - 1
        if found < 0:
            return None
        start = self.places[found]
        return TemplateLine(
            path=start.path, line=start.line + self.text.count("\n", self.starts[found], at)
        )


def mark_lines(tree: nodes.Template, file: int) -> nodes.Template:
    """Return *tree*, of the file with the number *file*, with a mark before each piece of text."""
    _LineMarker(file).visit(tree)
    return tree


def read_marks(text: str, files: Sequence[str]) -> TracedText:
    """Return *text* without its marks, which name *files* by number, and what they said."""
    pieces = _MARK.split(text)
    plain, starts, places, end = [pieces[0]], [], [], len(pieces[0])
    for file, line, piece in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        starts.append(end)
        places.append(TemplateLine(path=files[int(file)], line=int(line)))
        plain.append(piece)
        end += len(piece)
    return TracedText(text="".join(plain), starts=tuple(starts), places=tuple(places))


class _LineMarker(NodeTransformer):
    def __init__(self, file: int) -> None:
        self.file = file

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.Node:  # noqa: N802 - Jinja's naming
        """Put the mark of its line before a piece of text."""
        node.data = f"\0{self.file}:{node.lineno}\0{node.data}"
        return node


MAX_FILE = 256 * 1024
MAX_STEPS = 200_000
MAX_CHARS = 4_000_000
MAX_SECONDS = 2.0
_LOOK_AT_CLOCK = 128

_FILTERS = """
    abs attr capitalize count d default dictsort e escape first float forceescape groupby int items
    join last length list lower map max min reject rejectattr reverse round safe select selectattr
    sort string striptags sum title tojson trim truncate unique upper urlencode wordcount
"""
_STRING_METHODS = """
    capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit islower
    isnumeric isspace isupper lower lstrip partition removeprefix removesuffix rfind rpartition
    rsplit rstrip split splitlines startswith strip title upper
"""


class RenderBudget:
    """What one rendering may still spend; *names* are those that it may use."""

    __slots__ = ("chars", "ends", "names", "seconds", "steps")

    def __init__(self, names: Iterable[str] = (), *, seconds: float = MAX_SECONDS) -> None:
        self.names, self.seconds = tuple(names), seconds
        self.steps, self.chars, self.ends = MAX_STEPS, MAX_CHARS, thread_time() + seconds

    def charge(self, chars: int = 0) -> None:
        """Take one step and *chars* characters off; SecurityError where nothing is left."""
        self.steps -= 1
        self.chars -= chars
        if self.chars < 0 or self.steps < 0:
            raise SecurityError("the template makes too much: is there a loop without an end?")
        if self.steps % _LOOK_AT_CLOCK == 0 and thread_time() > self.ends:
            raise SecurityError(f"the template runs for more than {self.seconds:g} seconds")


_meter: ContextVar[RenderBudget] = ContextVar("meter")


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment over *folders*; a name that ends in ``.txt.jinja`` is not escaped.

    With *marks* what it renders tells where it came from (``tracing``); *files* are named there.
    """

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self, folders: tuple[Path, ...], *, marks: bool = False) -> None:
        self.marks, self.files = marks, list[str]()
        super().__init__(
            loader=_Loader(folders),
            autoescape=lambda name: not (name or "").endswith(".txt.jinja"),
            undefined=_MissingValue,
            finalize=_charge_printed,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.filters = {name: FILTERS[name] for name in _FILTERS.split()}
        self.filters |= {
            "join": _join_charged,
            "_metered": _charge_items,
            "_joined": _charge_joined,
        }
        for name in ("lipsum", "cycler"):
            del self.globals[name]

    def run(self, name: str, values: Mapping[str, Any]) -> str:
        """Return template *name* rendered with *values* within the budget."""
        token = _meter.set(RenderBudget(values))
        try:
            return "".join(self.get_template(name).generate(values))
        finally:
            _meter.reset(token)

    def call(self, context: Context, obj: object, /, *args: object, **kwargs: object) -> object:
        """Call *obj* as the sandbox allows, and charge for what it returns."""
        result = super().call(context, obj, *args, **kwargs)
        _meter.get().charge(len(result) if isinstance(result, str) else 0)
        return result

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Allow of a text's methods those whose result is no larger than the text."""
        if isinstance(obj, str):
            return attr in _STRING_METHODS.split()
        return super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Compute *left* operator *right* where the result cannot be huge."""
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "**" or (operator in "*%" and not numbers):
            raise SecurityError(f"{operator} is for small numbers in a template")
        result = super().call_binop(context, operator, left, right)
        _meter.get().charge(len(result) if isinstance(result, str | list | tuple) else 0)
        return result

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = _BudgetCharger().visit(super()._parse(source, name, filename))
        assert isinstance(tree, nodes.Template)  # noqa: S101 - the visitor keeps the root
        if self.marks:
            self.files.append(filename or name or "")
            tree = mark_lines(tree, len(self.files) - 1)
        tree.set_environment(self)
        return tree


def _is_inside(path: Path, folder: Path) -> bool:
    """Tell whether *path*, links resolved, lies in the templates that *folder*, a theme, is of."""
    return path.resolve().is_relative_to(folder.parents[1].resolve())


class _Loader(FileSystemLoader):
    """Reads templates of at most ``MAX_FILE`` bytes."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        path = next((p for p in self._paths(template) if p.is_file()), None)
        if path and not any(_is_inside(path, Path(folder)) for folder in self.searchpath):
            cause = "a link that leads out of the folder of templates"
            raise TemplateError(f"template {path}, line 1", cause, "Copy the file there instead.")
        if path and path.stat().st_size > MAX_FILE:
            cause = f"larger than {MAX_FILE // 1024} KiB"
            raise TemplateError(f"template {path}, line 1", cause, "Divide it, or shorten it.")
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            cause = f"byte {error.object[error.start]:#04x} is no UTF-8"
            raise TemplateError(
                f"template {path}, line {line}", cause, "Save it as UTF-8."
            ) from error

    def _paths(self, template: str) -> Iterator[Path]:
        """Yield where *template* is looked for; nothing outside of the folders."""
        with suppress(TemplateNotFound):
            parts = split_template_path(template)
            yield from (Path(folder, *parts) for folder in self.searchpath)


class _MissingValue(StrictUndefined):
    """What is not there, told by its name in the template and with what may have been meant."""

    @property
    def _undefined_message(self) -> str:
        wanted, owner = str(self._undefined_name), self._undefined_obj
        if self._undefined_hint:
            return str(super()._undefined_message)
        known, said = _meter.get().names, f"{wanted} is not defined"
        if owner is not missing:
            known = tuple(name for name in dir(owner) if not name.startswith("_"))
            said = f"{type(owner).__name__.lower()} has no {wanted}"
        close = get_close_matches(wanted, known, n=1)
        return f"{said}; is it {close[0]}?" if close else said


class _BudgetCharger(NodeTransformer):
    """Puts a meter into every loop and every joining of texts."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja's naming
        """Charge each turn with the text that the loop's body repeats."""
        self.generic_visit(node)
        weight = sum(len(data.data) for data in node.find_all(nodes.TemplateData))
        node.iter = _make_filter(cast(nodes.Expr, node.iter), "_metered", nodes.Const(weight))
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - jinja2 looks it up by the name
        """Charge ``a ~ b`` for its length."""
        self.generic_visit(node)
        return _make_filter(node, "_joined")


def _make_filter(node: nodes.Expr, name: str, *args: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(args), [], None, None, lineno=node.lineno)


def _charge_items(items: Iterable[object], weight: int) -> Iterator[object]:
    meter = _meter.get()
    for item in items:
        meter.charge(weight)
        yield item


def _charge_joined(text: str) -> str:
    _meter.get().charge(len(text))
    return text


def _join_charged(items: Iterable[object], separator: str = "") -> str:
    """Join as Jinja does, charged in advance for each item and separator."""
    texts = [item if isinstance(item, Markup) else str(item) for item in items]
    _meter.get().charge(sum(len(text) + len(separator) for text in texts))
    if any(isinstance(text, Markup) for text in texts):
        return escape(separator).join(texts)
    return separator.join(texts)


def _charge_printed(value: object) -> object:
    _meter.get().charge(len(value) if isinstance(value, str) else 0)
    return value
