"""Run `digest` in this process: words and answers as in ``tests.command``, without a start."""

import io
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from digest.cli import main
from tests.command import Done


def digest(
    *words: str | Path, cwd: Path, status: int = 0, env: dict[str, str] | None = None
) -> Done:
    """Run ``digest *words`` in *cwd*; AssertionError on another exit *status*."""
    out, err = io.StringIO(), io.StringIO()
    argv = ["digest", *map(str, words)]
    with chdir(cwd), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", argv)
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        with redirect_stdout(out), redirect_stderr(err):
            ended = _ended()
    said = f"{' '.join(argv)}\n{out.getvalue()[-2000:]}\n{err.getvalue()[-4000:]}"
    assert ended == status, f"exit status {ended}, not {status}: {said}"
    return Done(status=ended, out=out.getvalue(), err=err.getvalue())


def _ended() -> int:
    """Run the program and return its exit status."""
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0
