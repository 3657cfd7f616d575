"""What the ranker sees of a sentence: named figures, most of them between 0 and 1."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.model import Post
from digest.text.boilerplate import hangs
from digest.text.lexicon import SAYS
from digest.text.ranking import bm25
from digest.text.sentences import Sentence
from digest.text.tokens import terms, units

GROUPS: dict[str, tuple[str, ...]] = {
    "place": (
        "early", "first", "opening", "relative", "starts_block", "starts_section", "last_section",
        "ending",
    ),
    "length": ("length", "short", "long"),
    "title": ("title_match", "title_share", "heading_match", "own_heading", "tags"),
    "centre": ("centre", "lead_likeness"),
    "surface": (
        "quoted", "opens_quoted", "asks", "exclaims", "colon", "digits", "names", "book",
        "bracket", "clauses", "item", "block_quote", "strong",
    ),
    "discourse": ("hangs", "key", "says", "role", "talk", "me", "contrast"),
}  # fmt: skip
NAMES: tuple[str, ...] = tuple(name for group in GROUPS.values() for name in group)

_KEY = re.compile(
    r"核心|關鍵|关键|最重要|真正|本質|本质|結論|结论|意味|主張|主张|論點|挑戰|挑战|機會|机会|風險|风险|"
    r"未來|未来|\b(?:key|core|crucial|important|ultimately|means|essential|future|risk|challenge|"
    r"opportunity|lesson|why|how)\b",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"執行長|执行长|創辦人|创始人|創始人|教授|CEO|CTO|董事長|董事长|總裁|总裁|投資人|科學家|研究員|主持人|"
    r"負責人|負責人|作家|博士|得主|工程師|\b(?:founder|professor|director|president|chief|head of|"
    r"scientist|researcher|author|engineer|investor|editor)\b"
)
_TALK = re.compile(
    r"訪談|访谈|專訪|对谈|對談|演講|演讲|論文|论文|播客|Podcast|節目|节目|報告|报告|這集|這場|文章|"
    r"\b(?:interview|podcast|episode|talk|paper|report|conversation|post|article)\b"
)
_ME = re.compile(r"我們|我们|你|我|\b(?:I|we|you|my|our|your)\b", re.IGNORECASE)
_CONTRAST = re.compile(
    r"不是.{1,24}而是|從.{1,20}到|不只|卻|但|\b(?:not .{1,40} but|but|yet|rather than|instead)\b",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"\b[A-Z][A-Za-z]+")
_COMMAS = re.compile("[，,、；;]")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A post as the features need it: its sentences' texts and terms, and what they hold against.

    ``sentences`` and ``texts`` run parallel; ``max_chars`` is the length wanted.
    """

    post: Post
    sentences: Sequence[Sentence]
    texts: Sequence[str]
    terms: Sequence[Sequence[str]]
    max_chars: int


def view(post: Post, sentences: Sequence[Sentence], max_chars: int) -> View:
    """Return the view of *post* on *sentences*."""
    texts = [post.document.text[s.start : s.end] for s in sentences]
    return View(
        post=post,
        sentences=sentences,
        texts=texts,
        terms=[terms(text) for text in texts],
        max_chars=max_chars,
    )


def table(seen: View) -> list[list[float]]:
    """Return a row of figures for each sentence, in the order of ``NAMES``."""
    if not seen.sentences:
        return []
    columns = _place(seen) | _length(seen) | _title(seen) | _centre(seen)
    columns |= _surface(seen) | _discourse(seen)
    ordered = [columns[name] for name in NAMES]
    return [list(row) for row in zip(*ordered, strict=True)]


def _place(seen: View) -> dict[str, list[float]]:
    found, count = seen.sentences, len(seen.sentences)
    last = found[-1].section
    sections = [s.section for s in found]
    return {
        "early": [1 / math.sqrt(at + 1) for at in range(count)],
        "first": [float(at == 0) for at in range(count)],
        "opening": [float(s == sections[0]) for s in sections],
        "relative": [at / count for at in range(count)],
        "starts_block": [float(s.place == 0) for s in found],
        "starts_section": [
            float(at == 0 or sections[at - 1] != section) for at, section in enumerate(sections)
        ],
        "last_section": [float(s == last and last > 0) for s in sections],
        "ending": [float(count - at <= 4) for at in range(count)],
    }


def _length(seen: View) -> dict[str, list[float]]:
    sizes = [len(text) / seen.max_chars for text in seen.texts]
    return {
        "length": [min(size, 1.0) for size in sizes],
        "short": [float(size < 0.125) for size in sizes],
        "long": [float(size > 1) for size in sizes],
    }


def _title(seen: View) -> dict[str, list[float]]:
    document = seen.post.document
    headings = [document.of(b) for b in document.blocks if b.kind == "heading"]
    own = [set(terms(heading)) for heading in ["", *headings]]
    wanted = set(units(seen.post.title))
    tags = [tag.lower() for tag in seen.post.tags]
    return {
        "title_match": _scaled(bm25(terms(seen.post.title), seen.terms)),
        "title_share": [_share(wanted, units(text)) for text in seen.texts],
        "heading_match": _scaled(bm25(terms(" ".join(headings)), seen.terms)),
        "own_heading": [
            _share(own[s.section], words)
            for s, words in zip(seen.sentences, seen.terms, strict=True)
        ],
        "tags": [
            sum(tag in text.lower() for tag in tags) / (len(tags) or 1) for text in seen.texts
        ],
    }


def _scaled(scores: list[float]) -> list[float]:
    most = max(scores, default=0.0) or 1.0
    return [score / most for score in scores]


def _share(wanted: set[str], words: Iterable[str]) -> float:
    return len(wanted.intersection(words)) / (len(wanted) or 1)


def _centre(seen: View) -> dict[str, list[float]]:
    weights = weigh(seen.terms)
    lead = total(weights[: max(3, len(weights) // 10)])
    whole = total(weights)
    return {
        "centre": [cosine(one, whole) for one in weights],
        "lead_likeness": [cosine(one, lead) for one in weights],
    }


def weigh(sentences: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """Return the TF-IDF weights of each of *sentences*, lists of terms, scaled to length 1."""
    seen = Counter(term for sentence in sentences for term in set(sentence))
    count = len(sentences)
    idf = {term: math.log((1 + count) / (1 + n)) + 1 for term, n in seen.items()}
    return [_unit({t: n * idf[t] for t, n in Counter(s).items()}) for s in sentences]


def _unit(weights: dict[str, float]) -> dict[str, float]:
    size = math.sqrt(sum(w * w for w in weights.values())) or 1.0
    return {term: weight / size for term, weight in weights.items()}


def total(weights: Iterable[dict[str, float]]) -> dict[str, float]:
    """Return the sum of *weights*, scaled to length 1."""
    summed: dict[str, float] = {}
    for one in weights:
        for term, weight in one.items():
            summed[term] = summed.get(term, 0.0) + weight
    return _unit(summed)


def cosine(one: dict[str, float], other: dict[str, float]) -> float:
    """Return the product of two weightings of length 1."""
    return sum(weight * other.get(term, 0.0) for term, weight in one.items())


def _surface(seen: View) -> dict[str, list[float]]:
    blocks = seen.post.document.blocks
    kinds = [blocks[s.block].kind for s in seen.sentences]
    texts = seen.texts
    return {
        "quoted": [float(bool(re.search('[「“"]', t))) for t in texts],
        "opens_quoted": [float(t[0] in '「“"') for t in texts],
        "asks": [float(bool(re.search("[？?]", t))) for t in texts],
        "exclaims": [float(bool(re.search("[！!]", t))) for t in texts],
        "colon": [float(bool(re.search("[：:]", t))) for t in texts],
        "digits": [min(len(re.findall(r"\d+", t)), 4) / 4 for t in texts],
        "names": [min(len(_CAPITAL.findall(t)), 6) / 6 for t in texts],
        "book": [float("《" in t) for t in texts],
        "bracket": [float("（" in t or "(" in t) for t in texts],
        "clauses": [min(len(_COMMAS.findall(t)), 6) / 6 for t in texts],
        "item": [float(kind == "item") for kind in kinds],
        "block_quote": [float(kind == "quote") for kind in kinds],
        "strong": [
            float(any(a < s.end and b > s.start for a, b in blocks[s.block].strong))
            for s in seen.sentences
        ],
    }


def _discourse(seen: View) -> dict[str, list[float]]:
    patterns = {
        "key": _KEY, "says": SAYS, "role": _ROLE, "talk": _TALK, "me": _ME, "contrast": _CONTRAST
    }  # fmt: skip
    found = {n: [float(bool(p.search(t))) for t in seen.texts] for n, p in patterns.items()}
    return found | {"hangs": [float(hangs(text)) for text in seen.texts]}
