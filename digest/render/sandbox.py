"""Jinja for templates that a user wrote or was given: no way out, and an end in sight.

Jinja's own sandbox keeps a template from Python's insides but not from running for ever or filling
memory. Here every turn of a loop, every call and every printed value is charged to a budget, loops
are charged for the text they repeat, and what could make a large value in one step is gone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from time import thread_time
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

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


class Meter:
    """What one rendering may still spend."""

    __slots__ = ("chars", "ends", "steps")

    def __init__(self) -> None:
        self.steps, self.chars, self.ends = MAX_STEPS, MAX_CHARS, thread_time() + MAX_SECONDS

    def charge(self, chars: int = 0) -> None:
        """Take one step and *chars* characters off; SecurityError where nothing is left."""
        self.steps -= 1
        self.chars -= chars
        if self.chars < 0 or self.steps < 0:
            raise SecurityError("the template makes too much: is there a loop without an end?")
        if self.steps % _LOOK_AT_CLOCK == 0 and thread_time() > self.ends:
            raise SecurityError(f"the template runs for more than {MAX_SECONDS:g} seconds")


_meter: ContextVar[Meter] = ContextVar("meter")


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment over *folders*; a name that ends in ``.txt.jinja`` is not escaped."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self, folders: tuple[Path, ...]) -> None:
        super().__init__(
            loader=_Loader(folders),
            autoescape=lambda name: not (name or "").endswith(".txt.jinja"),
            undefined=StrictUndefined,
            finalize=_printed,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.filters = {name: FILTERS[name] for name in _FILTERS.split()}
        self.filters |= {"join": _join, "_metered": _metered, "_joined": _joined}
        for name in ("lipsum", "cycler"):
            del self.globals[name]

    def run(self, name: str, values: Mapping[str, Any]) -> str:
        """Return template *name* rendered with *values* within the budget."""
        token = _meter.set(Meter())
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
        tree = _Charging().visit(super()._parse(source, name, filename))
        tree.set_environment(self)
        assert isinstance(tree, nodes.Template)  # noqa: S101 - the visitor keeps the root
        return tree


class _Loader(FileSystemLoader):
    """Reads templates of at most ``MAX_FILE`` bytes."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        source, path, fresh = super().get_source(environment, template)
        if len(source) > MAX_FILE:
            raise SecurityError(f"{path} is larger than {MAX_FILE // 1024} KiB")
        return source, path, fresh


class _Charging(NodeTransformer):
    """Puts a meter into every loop and every joining of texts."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja's naming
        """Charge each turn with the text that the loop's body repeats."""
        self.generic_visit(node)
        weight = sum(len(data.data) for data in node.find_all(nodes.TemplateData))
        node.iter = _filtered(cast(nodes.Expr, node.iter), "_metered", nodes.Const(weight))
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - jinja2 looks it up by the name
        """Charge ``a ~ b`` for its length."""
        self.generic_visit(node)
        return _filtered(node, "_joined")


def _filtered(node: nodes.Expr, name: str, *args: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, list(args), [], None, None, lineno=node.lineno)


def _metered(items: Iterable[object], weight: int) -> Iterator[object]:
    meter = _meter.get()
    for item in items:
        meter.charge(weight)
        yield item


def _joined(text: str) -> str:
    _meter.get().charge(len(text))
    return text


def _join(items: Iterable[object], separator: str = "") -> str:
    """Join as Jinja does, charged in advance for each item and separator."""
    texts = [item if isinstance(item, Markup) else str(item) for item in items]
    _meter.get().charge(sum(len(text) + len(separator) for text in texts))
    if any(isinstance(text, Markup) for text in texts):
        return escape(separator).join(texts)
    return separator.join(texts)


def _printed(value: object) -> object:
    _meter.get().charge(len(value) if isinstance(value, str) else 0)
    return value
