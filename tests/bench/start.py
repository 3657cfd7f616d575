"""What it costs to start."""

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.measure import Figure, command, pair

EMPTY = '''import click


@click.group()
@click.version_option("1")
def cli() -> None:
    """An application without a command."""


cli(prog_name="empty")
'''


def bench_help(folder: Path) -> Iterator[Figure]:
    """`digest --help` against the help of an empty click application."""
    (folder / "empty.py").write_text(EMPTY)

    def cpu(module: str) -> float:
        return command([sys.executable, "-m", module, "--help"], folder, python_path()).cpu

    ours, ratio = pair(lambda: cpu("digest"), lambda: cpu("empty"), rounds=15)
    yield Figure(
        what="digest --help",
        value=ours * 1000,
        unit="ms CPU",
        yardstick="an empty click application",
        ratio=ratio,
        bar=1.3,
    )


def python_path() -> dict[str, str]:
    """Let a child started elsewhere import the project where it is not installed."""
    import digest

    return {"PYTHONPATH": str(Path(digest.__file__).parent.parent)}
