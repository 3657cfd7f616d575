"""Run `digest` at a terminal, where a person can be asked."""

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.command import Done
from tests.shared import REPOSITORY


def on_terminal(*words: str, cwd: Path, answers: str) -> Done:
    """Run ``digest *words`` in *cwd* with a terminal to type *answers* at."""
    ours, theirs = pty.openpty()
    try:
        running = subprocess.Popen(
            [sys.executable, "-m", "digest", *words],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        os.write(ours, answers.encode())
        out, err = running.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert "Traceback" not in err, err
    return Done(status=running.returncode, out=out, err=err)
