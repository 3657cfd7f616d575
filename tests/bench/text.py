"""What it costs to read a post: summary, quotations and speakers."""

import time
from collections.abc import Iterator
from pathlib import Path

from digest.model import Post
from digest.summarizers.extract import build
from tests.bench.measure import Figure
from tests.make import document, post

_SENTENCE = "渡口的林渡說：「船會等人，人也要學會等船。」河水漲了又退，對岸的燈一盞一盞亮起來。"


def bench_read(folder: Path) -> Iterator[Figure]:
    """A post of 2,500 characters, the model loaded before; then how cost grows without marks."""
    del folder
    summarizer = build({})
    usual = post("usual", "", document=document(*[_SENTENCE * 6] * 10))
    long = len(usual.document.text)
    yield Figure(
        what=f"a post of {long} characters",
        value=1000 * min(_cpu(summarizer, usual) for _ in range(9)),
        unit="ms CPU",
        bar=15.0 * long / 2500,
    )
    quarter, whole = (post(str(n), "", document=document("船" * n)) for n in (250_000, 1_000_000))
    once = _cpu(summarizer, quarter)
    yield Figure(
        what="1,000,000 characters without a mark",
        value=_cpu(summarizer, whole),
        unit="s CPU",
        yardstick="a quarter of them, where 4 is linear",
        ratio=_cpu(summarizer, whole) / once,
        bar=6.0,
    )


def _cpu(summarizer: object, of: Post) -> float:
    start = time.process_time()
    summarizer.read(of, max_chars=120, prefer="extract")
    return time.process_time() - start
