"""Text that took hours to read: each kind is read to its end, in a process that could be killed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from digest.sources._feed_formats import parse_feed
from digest.text.attribution.clauses import strip_adverbs

SAID = "「這件事情很要緊，大家想清楚再決定。」"
FLOODS = {
    "adverbs": f"周站長{'慢慢地' * 30}乙說：{SAID}",
    "adverbs-of-place": f"周站長{'在中地' * 30}乙說：{SAID}",
    "quotations": f"周站長說：{SAID}" + "「乙」" * 6_000,
    "katakana": f"周站長說：{SAID}" + "イイ・" * 6_000,
    "capitals": f"周站長說：{SAID}" + "Bo " * 6_000,
    "names": f"周站長說：{SAID}"
    + "".join(f"Bo {chr(65 + n % 26)}{chr(97 + n // 26 % 26) * 3} said. " for n in range(900)),
    "block-quotes": "> 乙\n\n- \n\n" * 2_000,
    "shortcodes": "{{< highlight >}} " * 2_000,
}


@pytest.mark.whole_texts
def test_floods_are_read_to_their_end(tmp_path: Path) -> None:
    for name, body in FLOODS.items():
        head = "---\ntitle: x\ndate: 2026-03-01\n---\n\n"
        (tmp_path / f"{name}.md").write_text(head + body, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "digest", "summarize", str(tmp_path), "--json"],
        capture_output=True,
        check=True,
        timeout=300,
    )
    assert [json.loads(row)["file"] for row in done.stdout.splitlines()] == sorted(
        f"{name}.md" for name in FLOODS
    )


def test_comments_before_the_root_of_a_feed_are_read_at_once() -> None:
    feed = (
        "<rss version='2.0'><channel><title>a</title><item><title>b</title></item></channel></rss>"
    )
    for prologue in (
        "<!-- -->\n" * 400,
        "<!-- " * 400,
        "<?xml version='1.0'?>" + "<!-- -->\n" * 400,
    ):
        assert len(parse_feed(f"{prologue}-->{feed}".encode()).entries) == 1


@pytest.mark.parametrize(
    ("clause", "rest"),
    [
        ("周站長慢慢地", "周"),
        ("周站長在車上", "周站長"),
        ("周站長對大家又笑著", "周站長"),
        ("周站長", "周站長"),
        ("也", ""),
        ("", ""),
    ],
)
def test_adverbs_at_the_end_of_a_clause_are_left_out(clause: str, rest: str) -> None:
    assert strip_adverbs(clause) == rest
