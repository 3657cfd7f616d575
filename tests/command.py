"""Run `digest` as a person does: another process, a folder of its own, an exit status."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.shared import REPOSITORY


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command left: exit status, stdout and stderr."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        """Return stdout read as one JSON value."""
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """Return the last line, which alone says what failed; AssertionError if it does not."""
        failing = [line for line in self.err.splitlines() if line.startswith("digest: ")]
        assert failing == self.err.splitlines()[-1:], f"not one clear line: {self.err}"
        assert "Traceback" not in self.err
        return failing[0].removeprefix("digest: ")

    @property
    def warnings(self) -> list[str]:
        """Return the warnings on stderr without their mark."""
        found = (line.partition("warning: ") for line in self.err.splitlines())
        return [said for before, mark, said in found if mark and not before]


def digest(
    *words: str | Path,
    cwd: Path,
    status: int | None = 0,
    env: dict[str, str] | None = None,
    program: tuple[str, ...] = (sys.executable, "-m", "digest"),
) -> Done:
    """Run ``digest *words`` in *cwd*; AssertionError on another exit *status* or a traceback.

    Any exit status will do where *status* is None.
    """
    ran = subprocess.run(
        [*program, *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = f"digest {' '.join(map(str, words))}\n{ran.stdout[-2000:]}\n{ran.stderr[-4000:]}"
    assert "Traceback" not in ran.stderr, said
    assert status is None or ran.returncode == status, (
        f"exit status {ran.returncode}, not {status}: {said}"
    )
    return Done(status=ran.returncode, out=ran.stdout, err=ran.stderr)
