"""Servers that refuse to run as root run as somebody else where we are root."""

import os
import pwd
import shutil
from pathlib import Path
from typing import TypedDict


class Identity(TypedDict, total=False):
    """What ``subprocess`` takes to start a child as another user."""

    user: int
    group: int
    extra_groups: list[int]


def identity(*preferred: str) -> Identity:
    """Return the first user of *preferred* that exists, or nobody; empty if not root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    name = next(name for name in (*preferred, "nobody") if name in known)
    return {"user": known[name].pw_uid, "group": known[name].pw_gid, "extra_groups": []}


def give(folder: Path, whom: Identity) -> None:
    """Make *folder* theirs."""
    if whom:
        shutil.chown(folder, whom["user"], whom["group"])
