"""What an issue costs from a warm store, with the start and everything in it."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.measure import Figure, command, median
from tests.bench.start import python_path
from tests.blogs import Blog, publish
from tests.http_server import serving
from tests.shared import shared

BARS = {"2025-W52": 4.0, "2026-W02": 2.0}  # CPU seconds

WORDS = tuple("浪燈船井街雨琴塔鹽鐘橋霧林田窯信車夜路門書紙針線茶米")
VERBS = "記得,等著,帶走,修好,數著,借給,忘了,聽見,留下,畫下,唱出,收起".split(",")  # noqa: SIM905 - read as a line
POST = """---
title: 第 {n} 封信：{a}與{b}
date: {date}
description: 這一封寫{a}，也寫{b}，寫給還沒有見過海的人。
categories: ["{c}"]
source_url: https://podcasts.example.org/letters/{episode}
---

{body}
"""


def bench_feed(folder: Path) -> Iterator[Figure]:
    """`digest draft` of a configured feed, its posts in the store: CPU seconds and peak memory."""
    site = shared("blog", "replay", "02-20260115")
    if not site:
        return
    blog = Blog(content=site, site=site, week="")
    with serving() as server:
        url = publish(blog, server)
        (folder / "digest.toml").write_text(
            f'store = "digest.db"\n[[sources]]\nkind = "feed"\nurl = "{url}"\n'
        )
        for week, bar in BARS.items():
            yield from _draft(folder, week, bar)


def bench_folder(folder: Path) -> Iterator[Figure]:
    """`digest draft` of a Hugo folder, its posts in the store: CPU seconds and peak memory."""
    content = shared("blog", "content", "posts")
    weeks = BARS if content else {"2026-W02": 4.0}
    content = content or synthetic(folder / "posts", 192)
    (folder / "digest.toml").write_text(
        f'store = "digest.db"\nsite = "https://blog.example.org/"\ntimezone = "Asia/Taipei"\n'
        f'[[sources]]\nkind = "hugo"\nfolder = "{content}"\n'
    )
    for week, bar in weeks.items():
        yield from _draft(folder, week, bar)


def _draft(folder: Path, week: str, bar: float) -> Iterator[Figure]:
    words = [sys.executable, "-m", "digest", "draft", "--week", week, "--json"]
    cold = command(words, folder, python_path())
    peak = 0.0

    def warm() -> float:
        nonlocal peak
        cost = command(words, folder, python_path())
        peak = max(peak, cost.memory)
        return cost.cpu

    yield Figure(what=f"{week}, first time", value=cold.cpu, unit="s CPU")
    yield Figure(what=f"{week}, warm", value=median(warm, 5), unit="s CPU", bar=bar)
    yield Figure(what=f"{week}, warm: peak memory", value=peak, unit="MiB")


def synthetic(folder: Path, posts: int) -> Path:
    """Write *posts* long posts of the week 2026-W02 to *folder*; the same ones every time."""
    folder.mkdir()
    start = datetime(2026, 1, 5, 0, 0, tzinfo=UTC)
    for n in range(posts):
        sentences = [_sentence(n * 97 + k) for k in range(60)]
        paragraphs = ["".join(sentences[k : k + 5]) for k in range(0, 60, 5)]
        post = POST.format(
            n=n + 1,
            a=WORDS[n % 26],
            b=WORDS[(n * 7 + 3) % 26],
            c=WORDS[n % 5],
            date=(start + timedelta(minutes=45 * n)).isoformat(),
            episode=n // 2,
            body="\n\n".join(paragraphs),
        )
        (folder / f"{n:04}-letter.md").write_text(post, "utf-8")
    return folder


def _sentence(n: int) -> str:
    who, what, verb = WORDS[n % 26], WORDS[(n * 5 + 1) % 26], VERBS[(n * 3 + 2) % 12]
    if n % 4 == 0:
        return f"守{who}的人說：「{what}會{verb}我們，一年又一年。」"
    return f"那一年的{who}很靜，只有{what}還{verb}第 {n % 90 + 10} 個名字。"
