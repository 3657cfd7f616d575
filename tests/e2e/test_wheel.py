"""What `pip install` brings is whole: the demo runs from the wheel alone, far from a checkout."""

import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from digest.app.demo import with_pictures
from tests.command import digest
from tests.shared import REPOSITORY


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([sys.executable, *command, "-w", folder, REPOSITORY], check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`digest`, installed from the wheel into an environment that borrows its dependencies."""
    env = tmp_path_factory.mktemp("env")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", env], check=True)
    pip = [sys.executable, "-m", "pip", "--python", env / "bin" / "python"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", wheel], check=True)
    (site,) = env.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])
    return env / "bin" / "digest"


@pytest.fixture(scope="module")
def demo(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    digest("demo", cwd=home, program=(str(program),), env=_bare(home))
    return home / "digest-demo"


def _bare(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "PYTHONPATH": "", "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": ""}


def test_the_wheel_holds_code_data_templates_and_schedules(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    listed = subprocess.run(
        ["git", "ls-files", "digest", "templates", "schedules"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    wanted = {n if n.startswith("digest/") else f"digest/{n}" for n in listed.stdout.splitlines()}
    assert wanted <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests/")]


def test_the_demo_is_an_issue_to_open_and_read(demo: Path) -> None:
    html = (demo / "issue.html").read_text("utf-8")
    assert html.startswith("<!doctype html>")
    pictures = re.findall(r'src="([^"]+)"', html)
    assert pictures
    assert not [source for source in pictures if not (demo / source).is_file()]
    message = message_from_bytes((demo / "issue.eml").read_bytes(), policy=default)
    assert message.get_body(("plain",)).get_content().strip()
    assert message.get_body(("html",)).get_content().strip()
    assert (demo / "issue.txt").read_text("utf-8").strip()
    for network in ("x", "bluesky", "mastodon"):
        assert (demo / f"thread-{network}.txt").read_text("utf-8").strip()


def test_the_demo_touches_nothing_but_its_folder(demo: Path) -> None:
    assert [path.name for path in demo.parent.iterdir()] == ["digest-demo"]


def test_every_command_works_inside_the_demo(demo: Path, program: Path) -> None:
    run = {"cwd": demo, "program": (str(program),), "env": _bare(demo.parent)}
    again = digest("draft", "--json", **run).json()
    assert again["revision"] == 1, "the same posts, settings and templates are the same revision"
    assert digest("show", "--json", **run).json()["id"] == again["id"]
    thread = digest("threads", "--network", "bluesky", "--json", **run).json()
    assert all(part["length"] <= part["limit"] for part in thread["parts"])
    html = digest("export", "--format", "html", **run).out.encode()
    assert with_pictures(html) == (demo / "issue.html").read_bytes()
    digest("doctor", **run)
    digest("approve", **run)
    digest("collect", status=3, **run)


def test_the_version_is_that_of_the_wheel(program: Path, wheel: Path) -> None:
    said = digest("--version", cwd=wheel.parent, program=(str(program),)).out
    assert said.split() == ["digest", wheel.name.split("-")[1]]
    assert os.access(program, os.X_OK)
