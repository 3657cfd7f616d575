"""A real IMAP server: Debian's Dovecot on free loopback ports, with one user and a maildir."""

import mailbox
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.unprivileged import give, identity

USER, PASSWORD = "bounces", "geheim"
_CONFIGURATION = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
{keys}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{home}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {secure}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapServer:
    """A running server; ``port`` takes STARTTLS, ``secure`` speaks TLS, if it has a certificate."""

    port: int
    secure: int
    home: Path
    owner: tuple[int, int]

    def deliver(self, *messages: bytes, folder: str = "") -> None:
        """Put *messages* into *folder* of the user, INBOX by default."""
        place = self.home / "mail" / USER
        box = mailbox.Maildir(place / f".{folder}" if folder else place)
        for raw in messages:
            box.add(raw)
        for path in (place.parent, place, *place.rglob("*")):
            os.chown(path, *self.owner)

    def flags(self, folder: str = "") -> list[str]:
        """Return the flags of each message in *folder*, as the maildir has them."""
        place = self.home / "mail" / USER
        box = mailbox.Maildir(place / f".{folder}" if folder else place)
        return sorted("".join(sorted(message.get_flags())) for message in box)


@contextmanager
def imap_serving(certificate: tuple[Path, Path] | None = None) -> Iterator[ImapServer]:
    """Run a server, with TLS where there is a *certificate* and its key."""
    program = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if not program:
        raise FileNotFoundError("dovecot is missing: install it (apt install dovecot-imapd)")
    home = Path(tempfile.mkdtemp(prefix="digest-imap-"))
    home.chmod(0o755)
    whom = identity("nobody")
    owner = (whom.get("user", os.getuid()), whom.get("group", os.getgid()))
    for name in ("mail", "run", "state"):
        (home / name).mkdir()
        give(home / name, whom)
    port, secure = _free_port(), _free_port()
    keys = f"ssl_cert = <{certificate[0]}\nssl_key = <{certificate[1]}" if certificate else ""
    user = pwd.getpwuid(owner[0]).pw_name
    import grp

    group = grp.getgrgid(owner[1]).gr_name
    text = _CONFIGURATION.format(
        home=home,
        ssl="yes" if certificate else "no",
        keys=keys,
        user=user,
        group=group,
        password=PASSWORD,
        port=port,
        secure=secure,
    )
    (home / "dovecot.conf").write_text(text, "utf-8")
    server = subprocess.Popen([program, "-F", "-c", str(home / "dovecot.conf")])
    try:
        _await(port, server, home)
        yield ImapServer(port=port, secure=secure, home=home, owner=owner)
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(home, ignore_errors=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def _await(port: int, server: subprocess.Popen[bytes], home: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as there:
                if there.recv(64).startswith(b"* OK"):
                    return
        except OSError:
            pass
        if server.poll() is not None or time.monotonic() > deadline:
            log = home / "log"
            raise RuntimeError(log.read_text("utf-8") if log.exists() else "no log")
        time.sleep(0.05)
