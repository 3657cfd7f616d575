"""A process that ticks and is killed (SIGKILL) at one of its commits."""

import multiprocessing
import os
import signal
from dataclasses import replace
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

from digest.app.composition import App
from digest.schedule.tick import run_schedule
from tests.simulating import Mortal
from tests.ticking import World


def work(folder: Path, now: datetime, moment: int) -> None:
    """Tick; die at the *moment*: odd ones are before a commit, even ones after it."""
    world, left = World(folder=folder), [moment]

    def dies() -> bool:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return False

    made = App(world.settings).tick_runner(world.warnings.append).crew(now)
    crew = replace(
        made,
        occurrences=Mortal(port=made.occurrences, dies=dies),
        issues=Mortal(port=made.issues, dies=dies),
    )
    for schedule in App(world.settings).schedules.load().schedules:
        for _ in run_schedule(schedule, crew, now):
            dies()


def start(folder: Path, now: datetime, moment: int) -> BaseProcess:
    """Start the process; it is forked from one that has imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.dying"])
    process = context.Process(target=work, args=(folder, now, moment))
    process.start()
    return process
