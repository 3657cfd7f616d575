"""From scored sentences to a text of bounded length: whole sentences, in reading order."""

from collections.abc import Sequence

from digest.text.sentences import Sentence
from digest.text.tokens import terms

_MOST_SENTENCES = 3
_REDUNDANCY = 0.6


def fill(
    text: str, sentences: Sequence[Sentence], scores: Sequence[float], max_chars: int
) -> tuple[Sentence, ...]:
    """Return up to three of *sentences* that together say most within *max_chars* characters."""
    chosen: list[int] = []
    words = [frozenset(terms(text[s.start : s.end])) for s in sentences]
    while len(chosen) < _MOST_SENTENCES:
        best, best_score = -1, 0.0
        for at, score in enumerate(scores):
            if at in chosen:
                continue
            value = score * (1 - _REDUNDANCY * _likeness(words[at], [words[c] for c in chosen]))
            tried = [sentences[c] for c in sorted([*chosen, at])]
            if value > best_score and len(join(text, tried)) <= max_chars:
                best, best_score = at, value
        if best < 0:
            break
        chosen.append(best)
    return tuple(sentences[at] for at in sorted(chosen))


def _likeness(words: frozenset[str], others: Sequence[frozenset[str]]) -> float:
    return max((len(words & o) / (min(len(words), len(o)) or 1) for o in others), default=0.0)


def join(text: str, sentences: Sequence[Sentence]) -> str:
    """Return *sentences* as one text; neighbours keep what stands between them in the source."""
    result = ""
    last: Sentence | None = None
    for sentence in sentences:
        if last and sentence.block == last.block and sentence.place == last.place + 1:
            result += text[last.end : sentence.start]
        elif last:
            result += "" if _wide(result[-1:]) else " "
        result += text[sentence.start : sentence.end]
        last = sentence
    return result


def _wide(char: str) -> bool:
    return char >= "\u2e80" or char in "”…"


def shorten(text: str, max_chars: int) -> str:
    """Return *text* cut to *max_chars* at a clause or word, with an ellipsis where it is cut."""
    if len(text) <= max_chars:
        return text
    if max_chars < 1:
        return ""
    cut = text[: max_chars - 1]
    clause = max(map(cut.rfind, "，、；：,;"))
    space = cut.rfind(" ")
    for end in (clause, space):
        if end >= max_chars // 2:
            return cut[:end].rstrip() + "…"
    return cut.rstrip() + "…"
