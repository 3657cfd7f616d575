"""The documentation is true: commands are documented, examples run, settings validate."""

import fnmatch
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from digest.cli import COMMANDS, cli
from digest.config.settings import parse_settings
from tests.markdown import Example, examples
from tests.shared import REPOSITORY

README = REPOSITORY / "README.md"
DOCUMENTS = sorted(
    path
    for folder in ("digest", "templates", "schedules", "tests")
    for path in (REPOSITORY / folder).rglob("*.md")
    if not {"data", "golden", "node_modules"} & set(path.relative_to(REPOSITORY).parts)
)
MARK = "##digest-docs##"
_CONFLICT = re.compile(rb"^(?:<{7}|>{7}|[|]{7})[ \r\n]", re.MULTILINE)


def commands(group: click.Group, above: str = "digest") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command, f"{above} {name} is listed and cannot be loaded"
        yield f"{above} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{above} {name}")


@pytest.fixture(scope="module")
def documented() -> str:
    return "\n".join(path.read_text("utf-8") for path in (README, *DOCUMENTS))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str, documented: str) -> None:
    context = click.Context(cli)
    command = cli.get_command(context, name)
    assert command, f"digest {name} is listed and cannot be loaded"
    below = commands(command, f"digest {name}") if isinstance(command, click.Group) else ()
    for path, one in [(f"digest {name}", command), *below]:
        assert one.help, f"{path} has no help text"
        assert re.search(rf"{path}\b", documented), f"{path} is in no document: see README.md"
        undocumented = [o.name for o in one.params if isinstance(o, click.Option) and not o.help]
        assert not undocumented, f"{path}: options without help: {undocumented}"


def test_the_readme_is_short() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= 150


@pytest.mark.parametrize("document", [README, *DOCUMENTS], ids=lambda p: str(p.name))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:|#", target):
            assert (document.parent / target.split("#")[0]).exists(), f"{document}: {target}"


@pytest.mark.parametrize("example", examples(README, "toml"), ids=lambda e: f"line {e.line}")
def test_every_configuration_in_the_readme_is_valid(example: Example) -> None:
    parse_settings(example.body)


def test_every_example_in_the_readme_runs(tmp_path: Path) -> None:
    """All of them in one shell, in the order of the page, as a reader would try them."""
    (home := tmp_path / "reader").mkdir()
    found = [e for e in examples(README, "console", "sh", "bash", "shell") if not e.not_run]
    script = "set -e\n" + "".join(f"echo '{MARK}{e.line}'\n{e.commands}\n" for e in found)
    path = f"{_installed(tmp_path)}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"],
        cwd=home,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    outputs = {p.partition("\n")[0]: p.partition("\n")[2] for p in done.stdout.split(MARK)[1:]}
    assert done.returncode == 0, f"README.md, line {[*outputs][-1]}: {done.stdout[-2000:]}"
    for example in found:
        said = outputs[str(example.line)].splitlines()
        for line in example.output:
            wanted = "*".join(re.sub(r"([*?[])", r"[\1]", part) for part in line.split("..."))
            assert fnmatch.filter(said, wanted), f"README.md, line {example.line}: {line!r}"


def _installed(folder: Path) -> Path:
    """Return a folder with the command `digest`, be the checkout installed or not."""
    program = folder / "bin" / "digest"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m digest "$@"\n')
    program.chmod(0o755)
    return program.parent


def test_no_file_holds_the_marks_of_a_merge_that_was_not_finished() -> None:
    listing = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(listing, cwd=REPOSITORY, check=True, capture_output=True).stdout
    paths = [REPOSITORY / name for name in listed.decode().split("\0") if name]
    assert README in paths
    marked = [path for path in paths if path.is_file() and _CONFLICT.search(path.read_bytes())]
    assert marked == []
    for mark in (b"<<<<<<< HEAD\n", b"text\r\n>>>>>>> a branch\r\n", b"||||||| 1234567"):
        assert _CONFLICT.search(mark)
