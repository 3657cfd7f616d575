"""How the benchmarks measure: CPU seconds rather than the clock, in turns rather than in blocks.

A shared machine changes its speed all the time. CPU seconds leave out the waiting for others, and
a yardstick that takes turns with what is measured meets the same weather.
"""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One result; ``bar`` is what it may be at most: the ratio if there is one, else the value."""

    what: str
    value: float
    unit: str
    yardstick: str = ""
    ratio: float | None = None
    bar: float | None = None

    @property
    def within(self) -> bool:
        """Say whether the figure is within its bar."""
        judged = self.value if self.ratio is None else self.ratio
        return self.bar is None or judged <= self.bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a command used: CPU seconds of it and its children, and its peak memory in MiB."""

    cpu: float
    memory: float


def command(
    words: Sequence[str],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    *,
    well: Collection[int] = (0,),
) -> Cost:
    """Run a command to its end and return what it cost; CalledProcessError if it fails.

    *well* are the exit statuses that are no failure.
    """
    with (cwd / ".bench.err").open("w+b") as errors:
        child = subprocess.Popen(
            list(words),
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in well:
            errors.seek(0)
            raise subprocess.CalledProcessError(child.returncode, words, stderr=errors.read())
    return Cost(cpu=used.ru_utime + used.ru_stime, memory=used.ru_maxrss / 1024)


def seconds(function: Callable[[], object]) -> float:
    """Return the CPU seconds that *function* takes in this process."""
    start = time.process_time()
    function()
    return time.process_time() - start


def median(measure: Callable[[], float], rounds: int = 5) -> float:
    """Return the median of *rounds* measurements after one that warms up."""
    measure()
    return statistics.median(measure() for _ in range(rounds))


def pair(
    ours: Callable[[], float], yardstick: Callable[[], float], rounds: int = 9
) -> tuple[float, float]:
    """Return our median and the median ratio to the yardstick, measured in turns."""
    ours(), yardstick()
    turns = [(ours(), yardstick()) for _ in range(rounds)]
    mine = statistics.median(mine for mine, _ in turns)
    return mine, statistics.median(mine / theirs for mine, theirs in turns)
