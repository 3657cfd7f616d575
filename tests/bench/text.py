"""What it costs to read a post: summary, quotations and speakers."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from digest.editorial.summarizers.extract import build
from digest.model import Post
from digest.text.ranking import scoring, weights
from digest.text.tokens import list_terms
from tests.bench.measure import Figure, pair, seconds
from tests.make import document, post

_SENTENCE = "渡口的林渡說：「船會等人，人也要學會等船。」河水漲了又退，對岸的燈一盞一盞亮起來。"

_SIZES = 250_000, 1_000_000
_ODD = {
    "no mark": "船",
    "open brackets": "「船（",
    "mixed-up marks": "「船』”",
    "right to left": "مرحبا بالعالم. ",
    "emoji": "🎉",
    "sentences": _SENTENCE,
    "English": "The boat waits. But she left. “No,” he said. ",
}


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
    yield from _growth(summarizer)


def bench_extract(folder: Path) -> Iterator[Figure]:
    """Choosing the sentences alone, beside one pass of units and pairs over the same text."""
    del folder
    model = weights.load_shipped_model()
    usual = post("usual", "", document=document(*[_SENTENCE * 6] * 10))
    ours, ratio = pair(
        lambda: seconds(lambda: _extract(usual, model)),
        lambda: seconds(lambda: _counted(usual.document.text)),
    )
    yield Figure(
        what=f"the extract of {len(usual.document.text)} characters",
        value=1000 * ours,
        unit="ms CPU",
        yardstick="counting its terms eight times",
        ratio=ratio,
        bar=3.0,
    )
    for name, unit in _ODD.items():
        short, long = (post(name, "", document=document(unit * (n // len(unit)))) for n in _SIZES)
        once = seconds(lambda short=short: _extract(short, model))
        more = seconds(lambda long=long: _extract(long, model))
        yield Figure(
            what=f"the extract of {_SIZES[1]:,} characters, {name}",
            value=more,
            unit="s CPU",
            yardstick="a quarter of them, where 4 is linear",
            ratio=more / once,
            bar=6.0,
        )


def _extract(of: Post, model: weights.ExtractModel) -> str:
    weighed = scoring.weigh_layout(scoring.lay_out(of, 120), model)
    return scoring.make_summary(of.document.text, weighed, model)


def _counted(text: str) -> None:
    for _ in range(8):
        Counter(list_terms(text))


def _growth(summarizer: object) -> Iterator[Figure]:
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
