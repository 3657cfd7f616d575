"""What a thread costs: planning it for each network, and showing it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from digest.config import plugins
from digest.model.ports.social import Network
from digest.render.thread import plan_thread
from digest.render.thread_split import PartRoom, divide_text, find_breaks
from tests.bench.draft import synthetic
from tests.bench.measure import Figure, command, median, seconds
from tests.bench.start import python_path
from tests.unit.thread_issues import chinese, english


def bench_plan(folder: Path) -> Iterator[Figure]:
    """A thread of seven Chinese and one of five English stories for each network, in process."""
    for name in plugins.list_adapters("networks"):
        network = cast("Network", plugins.load_adapter("networks", name).build({}))
        for made in (chinese(), english()):
            cost = median(lambda made=made, to=network: seconds(lambda: _planned(made, to)), 15)
            what = f"{name}, {len(list(made.stories))} stories"
            yield Figure(what=what, value=cost * 1000, unit="ms CPU", bar=20)


def bench_show(folder: Path) -> Iterator[Figure]:
    """`digest threads` of a drafted issue, its start included."""
    posts = synthetic(folder / "posts", 20)
    (folder / "digest.toml").write_text(
        f'store = "digest.db"\nsite = "https://blog.example.org/"\ntimezone = "Asia/Taipei"\n'
        f'[[sources]]\nkind = "hugo"\nfolder = "{posts}"\n'
    )
    words = [sys.executable, "-m", "digest"]
    command([*words, "draft", "--week", "2026-W02"], folder, python_path())
    show = [*words, "threads", "--network", "x"]
    cost = median(lambda: command(show, folder, python_path()).cpu, 5)
    yield Figure(what="digest threads", value=cost, unit="s CPU", bar=1.3)


def _planned(made, network):  # the cache of break places would flatter the second round
    find_breaks.cache_clear()
    return plan_thread(made, network)


def bench_divide(folder: Path) -> Iterator[Figure]:
    """A text of 5000 characters without any punctuation, divided for X."""
    network = cast("Network", plugins.load_adapter("networks", "x").build({}))
    room = PartRoom(measure=network.measure, limit=network.limits.characters)
    for what, text in (("Han", "沒有標點的長句子" * 625), ("Latin", "word " * 1000)):
        cost = median(lambda text=text: seconds(lambda: _divided(text, room)), 5)
        yield Figure(what=f"5000 characters, {what}", value=cost * 1000, unit="ms CPU")


def _divided(text, room):
    find_breaks.cache_clear()
    return divide_text(text, room)
