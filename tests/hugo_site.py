"""Hugo sites for tests, and what Hugo itself says of their pages."""

import csv
import io
import json
import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

HUGO = Path(sysconfig.get_path("scripts"), "hugo")


def write_site(at: Path, settings: Mapping[str, object], files: Mapping[str, str]) -> Path:
    """Write the site *settings*, as hugo.json, and *files*, each below *at*; return *at*.

    A file of content gets its text behind its front matter.
    """
    whole = {"baseURL": "https://quay.example/", "title": "Quay", **settings}
    at.mkdir(parents=True, exist_ok=True)
    (at / "hugo.json").write_text(json.dumps(whole), "utf-8")
    return write_files(at, files)


def write_files(at: Path, files: Mapping[str, str]) -> Path:
    """Write *files*, text by path below *at*; return *at*."""
    for name, text in files.items():
        path = at / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return at


def front(**matter: object) -> str:
    """Return a file with *matter* at its head and a sentence below it."""
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in matter.items())
    return "---\n" + "\n".join(lines) + "\n---\n\nThe quay was swept.\n"


def listed(site: Path) -> dict[str, str]:
    """Return what ``hugo list all`` says: the address of each page by its file below *site*."""
    command = [str(HUGO), "list", "all"]
    done = subprocess.run(command, cwd=site, capture_output=True, text=True, check=True)
    table = done.stdout[done.stdout.index("path,") :]
    rows = csv.DictReader(io.StringIO(table))
    return {row["path"]: row["permalink"] for row in rows if row["kind"] == "page"}
