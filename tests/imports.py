"""What the modules of a package import, read from their syntax trees: nothing is run."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path


def modules(package: Path) -> dict[str, Path]:
    """Return the modules below *package* by dotted name; a package goes by its own name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, path: Path, known: Mapping[str, Path]) -> set[str]:
    """Return what module *name* imports anywhere in it: lazily and for types alone too.

    ``from package import thing`` is an import of ``package.thing`` where that is a module.
    """
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            inner = {f"{base}.{alias.name}" for alias in node.names}
            found |= {full if full in known else base for full in inner}
    return found - {name}


def _base(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def cycle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the nodes of one cycle of *graph*, first and last alike; empty if there is none."""
    done: set[str] = set()
    for start in graph:
        found = _walk(graph, start, [], done)
        if found:
            return found
    return []


def _walk(graph: Mapping[str, set[str]], node: str, trail: list[str], done: set[str]) -> list[str]:
    if node in trail:
        return [*trail[trail.index(node) :], node]
    if node in done:
        return []
    for child in sorted(graph.get(node, ())):
        found = _walk(graph, child, [*trail, node], done)
        if found:
            return found
    done.add(node)
    return []


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield every function in *path* with its number of lines, decorators left out."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.name}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1
