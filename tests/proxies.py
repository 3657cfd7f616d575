"""Real web servers before the public pages, set up as the documentation says."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

README = Path(__file__).parents[1] / "digest" / "web" / "README.md"


def documented(language: str) -> str:
    """Return the one example in *language* of the documentation."""
    (example,) = re.findall(rf"```{language}\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    return example


@contextmanager
def nginx(folder: Path, port: int, appends: bool = False) -> Iterator[int]:
    """Run nginx before *port*, without TLS; yield its own port."""
    own = _free_port()
    server = documented("nginx").replace("443 ssl", f"127.0.0.1:{own}").replace("8710", str(port))
    if appends:
        server = server.replace("$remote_addr", "$proxy_add_x_forwarded_for")
    paths = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = f"""daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{ access_log off; {paths} {server} }}
"""
    (folder / "nginx.conf").write_text(text, "utf-8")
    command = [_found("nginx"), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    with _running(command, own, folder):
        yield own


@contextmanager
def caddy(folder: Path, port: int) -> Iterator[int]:
    """Run Caddy before *port*, without TLS; yield its own port."""
    own = _free_port()
    site = documented("caddy").replace("letters.example.org", f"http://127.0.0.1:{own}")
    (folder / "Caddyfile").write_text(
        "{\n\tadmin off\n}\n" + site.replace("8710", str(port)), "utf-8"
    )
    command = [_found("caddy"), "run", "--config", str(folder / "Caddyfile")]
    with _running([*command, "--adapter", "caddyfile"], own, folder):
        yield own


def _found(program: str) -> str:
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    assert found, f"{program} is missing: tests/run installs it"
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"}
        )
    try:
        deadline = time.monotonic() + 20
        while process.poll() is None and not _listens(port):
            assert time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.02)
        assert process.poll() is None, log.read_text("utf-8")
        yield
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
