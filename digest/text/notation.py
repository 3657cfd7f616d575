"""Read JSON, TOML and YAML that somebody else wrote: how deep it nests is counted beforehand.

A parser's own limit depends on its version and on the stack, and beyond it some end the process or
take all memory. Every function raises ValueError, whose text says what is broken.
"""

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 100
_MOST_VALUES = 1_000_000
TOO_DEEP = f"it nests too deep: more than {MAX_DEPTH} levels"

# A string that is not closed goes on to the end, so that nothing is looked at twice.
_JSON = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_TOML = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\\?\Z)'
    r"|'''(?:[^']|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+"
    r"|[\[\]{}.,\n]",
    re.DOTALL,
)
_YAML_INDICATORS = re.compile(r"^[ \t]*+(?:[-?:][ \t]++)*+", re.MULTILINE)


def parse_json(text: str | bytes) -> object:
    """Return the value that the JSON *text* is; bytes are UTF-8, or what RFC 4627 tells apart."""
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text))
    _check_json(text)
    return json.loads(text)


def parse_json_head(text: str) -> tuple[object, int]:
    """Return the JSON value that *text* begins with, and where it ends."""
    _check_json(text)
    return json.JSONDecoder().raw_decode(text)


def parse_toml(text: str) -> dict[str, object]:
    """Return the table that the TOML *text* is."""
    _check_toml(text)
    return tomllib.loads(text)


def parse_yaml(text: str) -> object:
    """Return the value of the YAML document *text*."""
    import yaml

    try:
        if _may_nest(text):
            # libyaml looks a thousand characters ahead, so it trips over what it is to count.
            _check_yaml(yaml.parse(text, yaml.SafeLoader))
        elif "*" in text and "&" in text:
            _check_yaml(yaml.parse(text, yaml.CSafeLoader))
        return yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


def _check_json(text: str) -> None:
    """ValueError where the first value of *text* nests too deep."""
    depth = 0
    for token in _JSON.finditer(text):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth > MAX_DEPTH:
            raise ValueError(TOO_DEEP)
        if depth <= 0 and token[0][0] != '"':
            return


def _check_toml(text: str) -> None:
    """ValueError where *text* nests too deep: in brackets, or by the dots of its keys."""
    dots = [0]  # of the key that is open, for each bracket that is
    for token in _TOML.finditer(text):
        match token[0]:
            case "[" | "{":
                dots.append(0)
            case "]" | "}" if len(dots) > 1:
                dots.pop()
            case ".":
                dots[-1] += 1
            case "," | "\n":
                dots[-1] = 0
        if len(dots) + sum(dots) > MAX_DEPTH + 1:
            raise ValueError(TOO_DEEP)


def _may_nest(text: str) -> bool:
    """Tell whether YAML could nest too deep, by what each level of it takes to write.

    In brackets that is a bracket, for a list of pairs two levels; without them each begins further
    to the right than the one that holds it, but for a list in a mapping.
    """
    brackets = text.count("[") + text.count("{")
    right = max((len(found[0]) for found in _YAML_INDICATORS.finditer(text)), default=0)
    return 2 * (brackets + right + 1) > MAX_DEPTH


def _check_yaml(events: Iterable[Any]) -> None:
    """ValueError where YAML nests too deep, or grows too large, by what its aliases stand for."""
    opened: list[_Node] = [_Node()]
    anchored: dict[str, _Node] = {}
    for event in events:
        kind = type(event).__name__
        if kind in ("SequenceStartEvent", "MappingStartEvent"):
            opened.append(_Node(anchor=event.anchor or ""))
        elif kind == "AliasEvent":
            if event.anchor not in anchored:
                raise ValueError(f"*{event.anchor} stands in itself, or for nothing")
            opened[-1].hold(anchored[event.anchor])
        elif kind in ("SequenceEndEvent", "MappingEndEvent"):
            node = opened.pop()
            opened[-1].hold(node)
            anchored[node.anchor] = node
        elif kind == "ScalarEvent":
            anchored[event.anchor or ""] = _Node()
            opened[-1].size += 1
        if len(opened) - 1 + opened[-1].height > MAX_DEPTH:
            raise ValueError(TOO_DEEP)
        if opened[-1].size > _MOST_VALUES:
            raise ValueError(f"it has more than {_MOST_VALUES:,} values, as its aliases stand")


@dataclass(slots=True)
class _Node:
    """A list or table of YAML: how many values it holds, in how many levels below it."""

    anchor: str = ""
    size: int = 1
    height: int = 0

    def hold(self, node: "_Node") -> None:
        self.size += node.size
        self.height = max(self.height, node.height + 1)
