"""The fenced examples of a Markdown document."""

import re
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(
    r"(?:^<!--\s*not run:(?P<reason>[^>]*?)-->\s*\n)?"
    r"^```(?P<kind>[\w-]*)[^\n]*\n(?P<body>.*?)^```\s*$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One fenced block; ``not_run`` is the reason in the HTML comment before it, if any."""

    kind: str
    body: str
    line: int
    not_run: str = ""

    @property
    def commands(self) -> str:
        """Return what a reader types: in a ``console`` block the lines behind ``$ ``."""
        if self.kind != "console":
            return self.body
        return "".join(f"{line[2:]}\n" for line in self.body.splitlines() if line[:2] == "$ ")

    @property
    def output(self) -> list[str]:
        """Return the lines that a ``console`` block shows as output."""
        lines = self.body.splitlines() if self.kind == "console" else []
        return [line for line in lines if line.strip() and line[:2] != "$ "]


def examples(path: Path, *kinds: str) -> list[Example]:
    """Return the fenced blocks of *path* in the languages *kinds*."""
    text = path.read_text("utf-8")
    return [
        Example(
            kind=found["kind"],
            body=found["body"],
            line=text.count("\n", 0, found.start("kind")) + 1,
            not_run=(found["reason"] or "").strip(),
        )
        for found in _FENCE.finditer(text)
        if found["kind"] in kinds
    ]
