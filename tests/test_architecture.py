"""The shape of the house: who may import whom, what a name means, what starts up."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import digest
from tests.imports import cycle, imported, modules
from tests.shared import REPOSITORY

PACKAGE = Path(digest.__file__).parent
MODULES = modules(PACKAGE)
IMPORTS = {name: imported(name, path, MODULES) for name, path in MODULES.items()}
OURS = {name: {m for m in found if m in MODULES} for name, found in IMPORTS.items()}

ROOMS = (  # lowest first: a room imports lower ones only
    "model",
    "text",
    "config",
    "http",
    "sources",
    "store",
    "render",
    "editorial",
    "audience",
    "delivery",
    "schedule",
    "app",
    "web",
    "cli",
)
ROOT = {*ROOMS, "__init__", "__main__", "py.typed", "data", "README"}
# Folders of adapters: a file each, found by its name.
ADAPTERS = (
    "sources",
    "editorial.summarizers",
    "delivery.mailers",
    "delivery.networks",
)
LONGEST = 600  # lines of a file, which holds one subject
TOP = {"pyproject.toml", "README.md", "LICENSE", "digest", "templates", "schedules", "tests"}
DYNAMIC = {"digest.config.plugins"}


def room(module: str) -> str:
    """Return the room of *module*: ``digest.text.sentences`` stands in ``text``."""
    return module.split(".")[1] if "." in module else ""


def test_the_root_holds_the_rooms_and_nothing_else() -> None:
    names = {path.stem for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    assert names | {"README"} == {Path(name).stem for name in ROOT}


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) in ROOMS])
def test_a_room_imports_lower_ones_only(module: str) -> None:
    height = ROOMS.index(room(module))
    above = {other for other in OURS[module] if room(other) and ROOMS.index(room(other)) > height}
    assert not above, f"{module} stands below {sorted(above)}"


def test_there_is_no_import_cycle_not_even_a_lazy_one() -> None:
    assert not cycle(OURS)


@pytest.mark.parametrize("folder", ADAPTERS)
def test_adapters_do_not_know_each_other(folder: str) -> None:
    """What adapters of one folder share stands in a module that is none: ``_shared.py``."""
    named = {module for module in MODULES if module.startswith(f"digest.{folder}.")}
    adapters = {m for m in named if "def build(" in MODULES[m].read_text("utf-8")}
    assert adapters
    assert not {m: OURS[m] & adapters for m in adapters if OURS[m] & adapters}


@pytest.mark.parametrize("module", MODULES)
def test_only_the_upper_rooms_know_settings(module: str) -> None:
    """What stands below ``app`` is given the parts that it needs, and opens no store."""
    if room(module) in ("", "config", "app", "web", "cli"):
        return
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {
        word
        for node in ast.walk(tree)
        if isinstance(node, ast.arg | ast.AnnAssign) and isinstance(node.annotation, ast.Constant)
        for word in re.findall(r"\w+", str(node.annotation.value))
    }
    assert not names & {"Settings", "App"}
    assert "digest.config.settings" not in OURS[module]


def test_only_the_composition_opens_a_store() -> None:
    allowed = {"app", "store"}
    opening = {m for m in MODULES if "digest.store.engine" in OURS[m] and room(m) not in allowed}
    assert not {
        module
        for module in opening
        if re.search(r"import .*\bconnect\b", MODULES[module].read_text("utf-8"))
    }


def test_the_types_stand_on_the_standard_library_alone() -> None:
    for module in (name for name in MODULES if room(name) == "model"):
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


def test_a_file_holds_one_subject() -> None:
    lengths = {m: len(p.read_text("utf-8").splitlines()) for m, p in MODULES.items()}
    assert not {module: lines for module, lines in lengths.items() if lines > LONGEST}
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not [module for module in MODULES if drawers & set(module.split("."))]


def test_a_name_means_one_thing() -> None:
    """A module's name is its own within its room, a public class's within the house."""
    stems = Counter((room(m), m.rpartition(".")[2].strip("_")) for m in MODULES)
    packages = {(room(m), m.rpartition(".")[2]) for m in MODULES if MODULES[m].stem == "__init__"}
    assert not {name for name, times in stems.items() if times > 1 and name not in packages}
    classes = Counter(
        node.name
        for path in MODULES.values()
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert not {name for name, times in classes.items() if times > 1} - {"Options"}


@pytest.mark.parametrize("folder", ["networks", "mailers"])
def test_networks_and_mailers_are_named_in_their_own_files(folder: str) -> None:
    """What is said of one stands in its file and its data, so that another is one file more."""
    named = {m.rpartition(".")[2] for m in MODULES if f".delivery.{folder}." in m}
    named = {name for name in named if not name.startswith("_")}
    plain = {"x", "threads", "folder", "smtp", "resend"}  # words that mean other things too
    naming = {
        module: words
        for module, path in MODULES.items()
        if f".delivery.{folder}" not in module
        if (words := (named - plain) & strings(path))
    }
    assert not naming


def strings(path: Path) -> set[str]:
    """Return the texts that stand in the code of *path*, whole."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_the_top_level_holds_only_what_it_should() -> None:
    command = ["git", "ls-files", "--cached"]
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
