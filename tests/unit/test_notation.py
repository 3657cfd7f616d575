"""JSON, TOML and YAML from outside: depth is told as such, whatever a parser would do with it."""

import json
import tomllib
from collections.abc import Callable

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from digest.text.notation import MAX_DEPTH, parse_json, parse_json_head, parse_toml, parse_yaml

SHAPES: dict[str, tuple[Callable[[str], object], Callable[[int], str]]] = {
    "json lists": (parse_json, lambda n: "[" * n + "]" * n),
    "json tables": (parse_json, lambda n: '{"a":' * n + "1" + "}" * n),
    "json both": (parse_json, lambda n: '[{"[":' * (n // 2) + "1" + "}]" * (n // 2)),
    "json open": (parse_json, lambda n: "[" * n + "]" * (n if n <= MAX_DEPTH else 0)),
    "json head": (parse_json_head, lambda n: "[" * n + "]" * n + "\ntext"),
    "toml lists": (parse_toml, lambda n: "a = " + "[" * (n - 1) + "]" * (n - 1)),
    "toml tables": (parse_toml, lambda n: "a = " + "{ a = " * (n - 1) + "1" + "}" * (n - 1)),
    "toml dots": (parse_toml, lambda n: ".".join(["a"] * n) + " = 1"),
    "toml quoted": (parse_toml, lambda n: ' . "b]"'.join(["a"] + [""] * (n - 1)) + " = 1"),
    "toml heads": (parse_toml, lambda n: "[" + ".".join(["a"] * (n - 1)) + "]"),
    "toml inline": (
        parse_toml,
        lambda n: "a" + ".a" * (n // 2 - 1) + " = {a" + ".a" * (n - n // 2 - 1) + " = 1}",
    ),
    "yaml lists": (parse_yaml, lambda n: "[" * n + "]" * n),
    "yaml pairs": (parse_yaml, lambda n: "[a: " * (n // 2) + "x" + "]" * (n // 2)),
    "yaml dashes": (parse_yaml, lambda n: "- " * n + "x"),
    "yaml keys": (parse_yaml, lambda n: "".join(f"{' ' * level}a:\n" for level in range(n))),
    "yaml both": (
        parse_yaml,
        lambda n: "".join(f"{'  ' * level}a:\n{'  ' * level}-\n" for level in range(n // 2)),
    ),
}  # name -> (function, text that nests n deep)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_hundred_levels_are_read_and_more_are_told(shape: str) -> None:
    parse, text = SHAPES[shape]
    parse(text(MAX_DEPTH))
    for depth in (MAX_DEPTH + 2, 1_500, 90_000):
        if shape not in ("yaml keys", "yaml both") or depth < 2_000:  # their size is the square
            with pytest.raises(ValueError, match="it nests too deep"):
                parse(text(depth))


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_json, json.dumps(["[" * 500, '"[{\\' * 500, "]"])),
        (parse_json, "[" + "[],{}," * 500 + "1]"),
        (parse_toml, f"a = \"{'[.' * 500}\"\nb = '{'[.' * 500}'\n# {'[.' * 500}\n"),
        (parse_toml, f"a = \"\"\"\n{'[.' * 500}\"\"[.\"\"\"\nb = '''\n{'[.' * 500}''[.'''\n"),
        (parse_toml, "a = [" + "1.5,\n" * 500 + "]\n" + "[[b.c]]\nd.e = 1.5\n" * 500),
        (parse_yaml, f"a: '{'[' * 500}'\nb: x{'[' * 500}\nc: |\n  {'[{' * 500}\n"),
        (parse_yaml, "a:\n" + "- [x, {y: z}]\n" * 500),
    ],
)
def test_what_only_looks_deep_is_read(parse: Callable[[str], object], text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_json, '"' + '\\"' * 200_000),
        (parse_json, '"\\'),
        (parse_json, b"\xff[1]"),
        (parse_json, "1" * 5_000),
        (parse_toml, 'a = "' + '\\"' * 200_000),
        (parse_toml, 'a = """' + '""\\' * 200_000),
        (parse_toml, "a = '''" + "''b" * 200_000),
        (parse_toml, "a = " + "1" * 5_000),
        (parse_toml, "a = ]]]]"),
        (parse_yaml, "a: " + "[" * 90),
        (parse_yaml, "a: " + "1" * 5_000),
        (parse_yaml, "a: \0"),
    ],
)
def test_what_is_broken_is_told_at_once(parse: Callable[[str | bytes], object], text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse(text)


BOMB = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
MERGED = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}], y: 1}}\n" for n in range(1, 40)
)
CHAIN = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 150))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "more than 1,000,000 values"),
        (MERGED, "more than 1,000,000 values"),
        (CHAIN, "it nests too deep"),
        ("a: &a [*a]", r"\*a stands in itself"),
        ("a: &a {b: [*a]}", r"\*a stands in itself"),
        ("a: *b # & no anchor", r"\*b stands in itself, or for nothing"),
    ],
)
def test_what_an_alias_stands_for_is_counted(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_yaml(text)


def test_an_alias_is_read() -> None:
    text = "a: &a {x: 1}\nb: &b one\nc: {<<: *a, y: [*b, *b, *a]}\n"
    assert parse_yaml(text) == yaml.safe_load(text)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(values)
def test_values_are_read_as_the_parsers_read_them(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert parse_json(text) == parse_json(text.encode()) == value
    assert parse_json_head(f"{text}\n]") == (value, len(text))
    written = yaml.safe_dump(value, allow_unicode=True)
    assert parse_yaml(written) == yaml.safe_load(written)


@given(st.text(alphabet="a.=[]{}\"'#\\\n, 1"))
def test_toml_is_read_as_the_parser_reads_it(text: str) -> None:
    try:
        expected = tomllib.loads(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"\w"):
            parse_toml(text)
    else:
        assert parse_toml(text) == expected
