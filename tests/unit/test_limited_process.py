"""A process that may die: its deadline, its memory and its errors."""

import subprocess
import sys

import pytest

from digest.http.limited_process import HarmfulError, run_limited
from digest.model.errors import DigestError
from tests.png import png


def test_what_takes_too_long_is_killed() -> None:
    with pytest.raises(HarmfulError, match=r"more than 0\.2 seconds"):
        run_limited("timeit", b"", seconds=0.2)


def test_what_dies_costs_its_bytes_alone() -> None:
    with pytest.raises(HarmfulError, match="more memory or time"):
        run_limited("digest.no_such_module", b"", seconds=30)


def test_an_error_of_ours_comes_back_as_it_was() -> None:
    with pytest.raises(DigestError, match="9 by 9 pixels"):
        run_limited("digest.render.picture_decoder", png(9, 9), seconds=30)


def test_memory_has_a_bound() -> None:
    hungry = (
        "from digest.http.limited_process import serve_limited;"
        " serve_limited(lambda _: bytes(2 << 30), seconds=9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", hungry], input=b"", capture_output=True, check=False
    )
    assert done.returncode == 1
    assert b"MemoryError" in done.stderr
