"""Foreign bytes that can do a parser harm are read in a process of its own, which may die.

The process runs one module of ours that calls ``serve_limited``: bytes on stdin, bytes on stdout.
It gets a deadline, bounded memory and bounded processor time; what it dies of costs these bytes
alone.
"""

import subprocess
import sys
from collections.abc import Callable

import msgspec

from digest.model.errors import DigestError

_REFUSED = 3  # the exit status where stdout holds the three parts of an error
_MEMORY = 1 << 30


class HarmfulError(DigestError):
    """Reading takes more time or memory than anything honest does."""


def run_limited(module: str, body: bytes, *, seconds: float) -> bytes:
    """Return what *module* makes of *body*; DigestError says why it refuses it.

    HarmfulError where that takes more than *seconds*, or more memory than 1 GiB.
    """
    command = [sys.executable, "-m", module]
    try:
        done = subprocess.run(  # noqa: S603 - a module of our own
            command, input=body, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        cause = f"takes more than {seconds:g} seconds to read: it is made to do harm"
        raise HarmfulError("its content", cause) from None
    if done.returncode == _REFUSED:
        raise DigestError(*msgspec.json.decode(done.stdout, type=tuple[str, str, str]))
    if done.returncode:
        raise HarmfulError("its content", "takes more memory or time to read than anything honest")
    return done.stdout


def serve_limited(work: Callable[[bytes], bytes], *, seconds: int) -> None:
    """Write what *work* makes of stdin to stdout, under limits: the other end of the pipe."""
    _limit_resources(seconds)
    try:
        made = work(sys.stdin.buffer.read())
    except DigestError as error:
        parts = error.subject, error.cause, error.remedy
        sys.stdout.buffer.write(msgspec.json.encode(parts))
        sys.exit(_REFUSED)
    sys.stdout.buffer.write(made)


def _limit_resources(seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the deadline holds there too
        return
    for kind, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, seconds)):
        _, hard = resource.getrlimit(kind)
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (least, least))
