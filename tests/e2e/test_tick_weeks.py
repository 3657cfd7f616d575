"""Eight weeks of a blog and of a machine that dies: every post is told, and told once."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from tests.simulating import START, Life, windows
from tests.ticking import World

BASE = 'when = "Mon 08:00"\nminimum = 1\n'
KINDS = {
    "sent by itself": 'unapproved = "send"\n',
    "approved by an editor": 'unapproved = "hold"\nreview = false\n',
    "drafted ahead, of calendar weeks, all made up for": (
        'unapproved = "send"\nlead = "12h"\nwindow = "calendar-week"\ncatch_up = "all"\n'
    ),
}


@pytest.mark.parametrize(("seed", "kind"), [*enumerate(KINDS, 1)])
def test_every_post_is_told_once_whatever_happens(tmp_path: Path, seed: int, kind: str) -> None:
    world = World(folder=tmp_path)
    world.schedule(BASE + KINDS[kind])
    world.subscribe(2)
    for day in range(1, 15):
        world.post(f"old{day}", START - timedelta(days=day))
    life = Life(world=world, random=Random(seed), weeks=8)
    life.run()

    told = Counter(name for names in world.told() for name in names)
    assert not [name for name, times in told.items() if times > 1], "told twice"
    made = windows(world.runs())
    assert len(made) >= 3
    assert all(one[1] == other[0] for one, other in pairwise(made)), "a gap, or an overlap"
    first, _ = made[0]
    due = {name for name, written in life.posts.items() if written.at >= first}
    assert due <= set(told), "lost"
    backlog = {name for name, written in life.posts.items() if written.at < first} - set(told)
    drafted = min(one.log[0].at for one in world.runs() if one.issue)
    assert all(life.posts[name].when <= drafted for name in backlog)
    sent = Counter(str(mail["message-id"]) for mail in world.mails())
    assert max(sent.values()) == 1
    per_reader = world.readers_got()
    unknown = sum(world.unknown(one.issue) for one in world.runs())
    assert sum(per_reader) + unknown == 2 * len(made), "an issue did not reach a reader"
    assert life.deaths > 0
