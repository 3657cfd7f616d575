"""The shape of the house: who may import whom, how large a part may grow, what starts up."""

import ast
import json
import re
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import digest
from tests.imports import cycle, functions, imported, modules
from tests.shared import REPOSITORY

PACKAGE = Path(digest.__file__).parent
MODULES = modules(PACKAGE)
IMPORTS = {name: imported(name, path, MODULES) for name, path in MODULES.items()}
OURS = {name: {m for m in found if m in MODULES} for name, found in IMPORTS.items()}

TYPES = {"model", "errors"}
ADAPTERS = {"sources", "summarizers", "networks", "mailers", "store"}
STAGES = {
    "collect",
    "curate",
    "summarize",
    "compose",
    "edits",
    "render",
    "preflight",
    "deliver",
    "mailing",
}
APP = {"app", "usecases"}
TOP = {"pyproject.toml", "README.md", "LICENSE", "digest", "templates", "schedules", "tests"}
# What a part may import besides itself; a part that is not named is a pure helper.
BELOW = ["types", "ports", "helper"]
MAY = {
    "types": ["types"],
    "ports": ["types"],
    "helper": BELOW,
    "adapter": BELOW,
    "stage": BELOW,
    "pipeline": [*BELOW, "stage"],
    "app": [*BELOW, "adapter", "stage", "pipeline", "app"],
    "web": [*BELOW, "stage", "pipeline", "app"],
    "cli": [*BELOW, "stage", "pipeline", "app", "web", "cli"],
}
DYNAMIC = {"digest.config.plugins"}


def part(module: str) -> str:
    """Return the top-level part of *module*: ``digest.text.attribution.quotes`` is of ``text``."""
    return module.split(".")[1] if "." in module else "digest"


def layer(name: str) -> str:
    """Return the layer of the part *name*."""
    groups = {"types": TYPES, "adapter": ADAPTERS, "stage": STAGES, "app": APP, "cli": {"__main__"}}
    own = {"ports", "pipeline", "web", "cli"}
    found = (group for group, names in groups.items() if name in names)
    return name if name in own else next(found, "helper")


def edges() -> Iterator[tuple[str, str]]:
    for module, found in OURS.items():
        for other in sorted(found):
            if part(other) not in (part(module), "digest"):
                yield module, other


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_one_way(module: str) -> None:
    allowed = MAY[layer(part(module))]
    wrong = [o for m, o in edges() if m == module and layer(part(o)) not in allowed]
    assert not wrong, f"{module} ({layer(part(module))}) may not import {wrong}"


def test_there_is_no_import_cycle_not_even_a_lazy_one() -> None:
    assert not cycle(OURS)


@pytest.mark.parametrize("group", sorted(ADAPTERS - {"store"}))
def test_adapters_do_not_know_each_other(group: str) -> None:
    """What adapters of one group share stands in a module that is no adapter: ``_shared.py``."""
    named = {m for m in MODULES if m.startswith(f"digest.{group}.")}
    adapters = {m for m in named if "def build(" in MODULES[m].read_text("utf-8")}
    wrong = {m: OURS[m] & adapters for m in adapters if OURS[m] & adapters}
    assert not wrong


def test_only_the_pipeline_knows_two_stages() -> None:
    """What a screen shows is rendered, so the edges may render besides."""
    known: dict[str, set[str]] = {}
    for module, other in edges():
        if layer(part(other)) == "stage" and part(other) != "render":
            known.setdefault(module, set()).add(part(other))
    known.pop("digest.editorial.pipeline", None)
    assert not {module: stages for module, stages in known.items() if len(stages) > 1}


def test_the_types_stand_on_the_standard_library_alone() -> None:
    for module in (m for m in MODULES if layer(part(m)) in ("types", "ports")):
        roots = {name.split(".")[0] for name in IMPORTS[module] - set(MODULES)}
        assert roots <= sys.stdlib_module_names, module


def test_every_third_party_import_is_a_declared_dependency() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project.get("optional-dependencies", {}).values()
    wanted = [*project["dependencies"], *(one for extra in extras for one in extra)]
    declared = {normal(re.match(r"[\w.-]+", one)[0]) for one in wanted}
    by_import = packages_distributions()
    for module, found in IMPORTS.items():
        for root in {name.split(".")[0] for name in found} - sys.stdlib_module_names - {"digest"}:
            names = {normal(one) for one in by_import.get(root, [root])}
            assert names & declared, f"{module} imports {root}, which pyproject does not declare"


def normal(name: str) -> str:
    """Return the normalized name of a distribution (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("module", sorted(set(MODULES) - DYNAMIC))
def test_nothing_is_imported_by_a_computed_name(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    names |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    assert not names & {"__import__", "import_module", "spec_from_file_location", "exec", "eval"}


def test_no_module_is_long_and_none_is_a_drawer() -> None:
    lengths = {m: len(p.read_text("utf-8").splitlines()) for m, p in MODULES.items()}
    assert not {module: lines for module, lines in lengths.items() if lines > 350}
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not [module for module in MODULES if drawers & set(module.split("."))]


def test_functions_are_short() -> None:
    lines = sorted((n, name) for path in MODULES.values() for name, n in functions(path))
    lengths = [n for n, _ in lines]
    assert statistics.median(lengths) <= 9
    assert lengths[int(len(lengths) * 0.95)] <= 45, lines[-len(lines) // 20 :]


def test_the_top_level_holds_only_what_it_should() -> None:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    names = {line.split("/")[0].strip('"') for line in listed.stdout.splitlines()}
    if listed.returncode:  # a copy without its history
        names = {path.name for path in REPOSITORY.iterdir() if path.suffix != ".egg-info"}
    assert {name for name in names if not name.startswith(".")} <= TOP


def test_help_imports_nothing_but_click() -> None:
    """What is imported at start-up is paid by every command, each time (see tests/bench)."""
    code = (
        "import sys, json; before = set(sys.modules); sys.argv = ['digest', '--help']\n"
        "from digest.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Commands" in done.stdout
    loaded = {name.split(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}
    assert loaded - set(sys.stdlib_module_names) == {"click", "digest"}
