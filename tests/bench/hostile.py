"""What forty kinds of hostile text cost to be read, against normal prose of the same length."""

from collections.abc import Iterator
from pathlib import Path

from digest.editorial.summarizers.extract import build
from digest.text.document import parse_markdown
from tests.bench.measure import Figure, seconds
from tests.floods import KINDS, flood
from tests.make import post

_ONCE = 10_000


def bench_hostile(folder: Path) -> Iterator[Figure]:
    """Markdown to summary, quotations and speakers: 10,000 characters and 40,000 of each kind."""
    del folder
    summarizer = build({})

    def cost(kind: str, size: int) -> float:
        text = flood(kind, size)

        def read() -> None:
            document = parse_markdown(text)
            summarizer.read(post("a", "", document=document), max_chars=120, prefer="extract")

        return min(seconds(read) for _ in range(2))

    cost("prose", _ONCE)
    prose = cost("prose", 4 * _ONCE)
    for kind in KINDS:
        once, more = cost(kind, _ONCE), cost(kind, 4 * _ONCE)
        yield Figure(
            what=f"{kind}: 1x {1000 * once:.0f} ms, 4x",
            value=1000 * more,
            unit="ms CPU",
            yardstick=f"normal prose; x{more / max(once, 1e-3):.1f} of 1x, where 4 is linear",
            ratio=more / prose,
            bar=20.0,
        )
