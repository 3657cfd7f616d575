"""The labels of the sample blog, made by reading, and how far the code agrees with them.

``sample_gold.json`` holds one object a post: ``people`` (full name: other names the post uses),
``quotes`` (all outermost quotations of the body, headings and tables included, in reading order)
and ``pull`` (the best pull-quotes, best first). A quotation has ``kind``:

explicit     the speech clause names the speaker          pronoun  it has a pronoun or nothing
split        the same utterance goes on                   implicit no clause; the context tells
third        someone whom the guest or the post cites     unnamed  speech of nobody named (``role``)
term, title, sign, line, hypothetical                     not speech

``place`` says where a quotation stands in a heading or table: such a one need not be found.
``also`` holds names that are right as well; ``unsure`` marks what readers could differ on: such
a quotation must be found, but its label is not scored.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from digest.model import Post, Quote
from digest.text import document
from tests.golden.sample import SamplePost

Label = dict[str, Any]
GOLD: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "sample_gold.json").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Counts over quotations that are certain: ``named`` have a speaker, ``silent`` have none."""

    named: int
    right: int
    answered: int
    silent: int
    left_alone: int

    @property
    def accuracy(self) -> float:
        return self.right / self.named

    @property
    def precision(self) -> float:
        """Of all answers, those to quotations without a speaker included, the right ones."""
        return self.right / self.answered

    @property
    def rejection(self) -> float:
        return self.left_alone / self.silent


def as_post(sample: SamplePost) -> Post:
    """Return the post as a Hugo source would: front matter and the body's document."""
    front = sample.front
    return Post(
        id=sample.file,
        source="sample",
        url=f"https://blog.example.org/posts/{Path(sample.file).stem}/",
        title=front["title"],
        published=sample.date.astimezone(UTC),
        first_seen=sample.date.astimezone(UTC),
        language=front.get("language", "zh-Hant-TW"),
        abstract=front.get("description", ""),
        tags=tuple(front["tags"]),
        categories=tuple(front["categories"]),
        people=tuple(front.get("related_people", ())),
        document=document.parse_markdown(sample.body),
        text_from="file",
    )


def paired(labels: Sequence[Label], found: Sequence[Quote]) -> list[tuple[Label, Quote | None]]:
    """Pair every label of running text with the quotation of the same text, in reading order."""
    waiting = sorted(found, key=lambda quote: quote.start)
    pairs: list[tuple[Label, Quote | None]] = []
    for label in (label for label in labels if "place" not in label):
        quote = next((quote for quote in waiting if quote.text == label["text"]), None)
        if quote:
            waiting.remove(quote)
        pairs.append((label, quote))
    return pairs


def agrees(label: Label, people: dict[str, list[str]], speaker: str | None) -> bool:
    """Return whether *speaker* is a name of the one who said it."""
    if label["speaker"] is None:
        return speaker is None
    right = {label["speaker"], *people[label["speaker"]], *label.get("also", ())}
    return speaker in right


def score(pairs: Sequence[tuple[Label, dict[str, list[str]], Quote | None]]) -> Score:
    sure = [(label, people, quote) for label, people, quote in pairs if "unsure" not in label]
    said = [(label, people, quote.speaker if quote else None) for label, people, quote in sure]
    named = [case for case in said if case[0]["speaker"]]
    silent = [case for case in said if not case[0]["speaker"]]
    return Score(
        named=len(named),
        right=sum(agrees(*case) for case in named),
        answered=sum(speaker is not None for *_, speaker in said),
        silent=len(silent),
        left_alone=sum(speaker is None for *_, speaker in silent),
    )
