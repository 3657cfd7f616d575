"""The quotations of a document: where they stand, and which spans are one utterance."""

import re
from dataclasses import dataclass

from digest.model import Block, Document
from digest.text.quotation_marks import MarkPair, find_pairs
from digest.text.sentences import is_about_page
from digest.text.word_lists import SAYS

_SIGNED = re.compile(r"[—–─]{1,2}\s*[^—–─。.!?！？]{2,30}$")  # an epigraph ends with its author
_NEXT_SENTENCE = re.compile(r"[a-z][.!?]\s+[A-Z\u2e80-\u9fff]")
_SIGNATURE = re.compile(
    r"\s*[—–―-]{1,2}\s?([^\W\d_][^—–―()@，。,\n]{1,40}?)\s*(?:\(@|,|，|$)[^\n]{0,60}$"
)
_GESTURE = re.compile(
    r"[^，、]{0,8}(?:搖了?搖?頭|點了?點?頭|聳肩|皺眉|停頓|停了[^，]{0,4}|想了[^，]{0,4}|攤手|擺手|揮手|嘆氣|"
    r"笑了?起?來?|眨眼|沉默[^，]{0,4}|清了清[^，]{0,3})|"
    r"(?:[Hh]e|[Ss]he|[A-Z]\w+)\s(?:\w+ly\s)?(?:shrugs|shrugged|nods|nodded|smiles|smiled|sighs|"
    r"sighed|pauses|paused|frowns|frowned|grins|grinned|shakes (?:his|her) head|"
    r"shook (?:his|her) head)"
)
_OWN_CLAUSE = re.compile(
    r"\s(?:he|she|[A-Z]\w+(?:\s[A-Z]\w+)?)\s(?:says|said|asks|asked|replies|replied)\b"
)
_HAN = re.compile("[\u3000-\u9fff]")
_CLAUSE_MOST = {"han": 36, "latin": 90}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteSpan:
    """One quotation without its marks: ``text[start:end]``.

    ``opened`` and ``closed`` are the offsets just outside its marks; ``block`` counts the
    document's blocks; spans of one utterance share ``utterance``. ``marked`` is false for a block
    quote without marks of its own.
    """

    start: int
    end: int
    opened: int
    closed: int
    block: int
    utterance: int
    marked: bool = True


def find_quotations(document: Document) -> tuple[QuoteSpan, ...]:
    """Return the outermost quotations of *document*, in reading order, none of them empty."""
    spans: list[QuoteSpan] = []
    text = document.text
    running_on = False
    kinds = [block.kind for block in document.blocks]
    head = next((n for n, kind in enumerate(kinds) if kind not in ("quote", "heading")), len(kinds))
    last = max((n for n, kind in enumerate(kinds) if kind != "quote"), default=-1)
    for number, block in enumerate(document.blocks):
        if block.kind in ("code", "table", "heading"):
            continue
        found = _find_block_quotations(document, block)
        for pair in found:
            start, end = _trim_span(text, pair.open + 1, pair.close)
            if start >= end:
                continue
            same = running_on and pair.open == block.start
            utterance = _number_utterance(text, spans, pair, number, continued=same)
            spans.append(_make_span(start, end, pair, number, utterance))
        running_on = bool(found) and not found[-1].closed
        said = block.kind == "quote" and not found and not read_signature(document.of(block))
        if said and not _is_editor_note(document, number, ahead=number <= head and last > number):
            spans.append(_make_block_span(block, number, len(spans)))
    return tuple(spans)


def read_signature(line: str) -> str:
    """Return whom *line* names as who wrote the block quote before it: — Jane Roe (@roe), May 3."""
    match = _SIGNATURE.match(line)
    return match.group(1).strip() if match else ""


def _is_editor_note(document: Document, number: int, *, ahead: bool) -> bool:
    """Tell whether a block quote without marks is the editor's note rather than a quotation.

    It is where it speaks of the page, and at the head of the post (*ahead* of it) where nobody
    signs it.
    """
    said = document.of(document.blocks[number])
    following = document.blocks[number + 1 : number + 2]
    signed = _SIGNED.search(said) or any(read_signature(document.of(block)) for block in following)
    return is_about_page(said) or (ahead and not signed)


def _find_block_quotations(document: Document, block: Block) -> list[MarkPair]:
    """Return the outermost quotations of *block*; one that never closes only at its start."""
    found: list[MarkPair] = []
    title_end = -1
    for pair in find_pairs(document.text, block.start, block.end):
        if pair.kind == "title":
            title_end = max(title_end, pair.close)
        if pair.kind != "quote" or pair.depth or pair.open < title_end:
            continue
        if pair.closed or _continues_in_next_block(document, block):
            found.append(pair)
    return found


def _continues_in_next_block(document: Document, block: Block) -> bool:
    """Tell whether the next block opens with the mark that opens *block*."""
    following = document.text[block.end : block.end + 3].lstrip()
    return following[:1] == document.text[block.start]


def _trim_span(text: str, start: int, end: int) -> tuple[int, int]:
    body = text[start:end]
    first = start + len(body) - len(body.lstrip())
    return first, first + len(body.strip())


def _make_span(start: int, end: int, pair: MarkPair, block: int, utterance: int) -> QuoteSpan:
    closed = pair.close + 1 if pair.closed else pair.close
    return QuoteSpan(
        start=start, end=end, opened=pair.open, closed=closed, block=block, utterance=utterance
    )


def _make_block_span(block: Block, number: int, count: int) -> QuoteSpan:
    return QuoteSpan(
        start=block.start,
        end=block.end,
        opened=block.start,
        closed=block.end,
        block=number,
        utterance=count,
        marked=False,
    )


def _number_utterance(
    text: str, spans: list[QuoteSpan], pair: MarkPair, block: int, *, continued: bool
) -> int:
    """Return the utterance a quotation belongs to: that of the last one, or a new one."""
    if spans and continued:
        return spans[-1].utterance
    if spans and spans[-1].block == block:
        paused = text[spans[-1].end - 1] in "，,—–-、"
        led = text[max(0, spans[-1].opened - 2) : spans[-1].opened].rstrip()[-1:] in tuple("：:")
        gap = text[spans[-1].closed : pair.open]
        over = gap.rstrip().endswith(".") and _OWN_CLAUSE.match(text, pair.close + 1)
        if not over and is_interrupting_clause(gap, paused=paused, led=led):
            return spans[-1].utterance
    return len(spans)


def is_interrupting_clause(gap: str, *, paused: bool = True, led: bool = False) -> bool:
    """Tell whether *gap* is no more than a speech clause between two spans of one utterance.

    Where the first is not *paused*, a clause that ends in a colon leads to another utterance, and
    so does any clause if a colon has led to the first (*led*).
    """
    most = _CLAUSE_MOST["latin" if gap[:12].isascii() else "han"]
    if gap.lstrip()[:1] in tuple("。.；;"):
        return False
    if not _HAN.search(gap) and gap.rstrip()[-1:] not in tuple(",.:;-"):
        return False
    if not paused and (led or gap.rstrip()[-1:] in tuple("：:")):
        return False
    inner = gap.strip(" ，,。.：:、")
    return (
        0 < len(inner) <= most
        and not any(c in inner for c in "。！？；\n")
        and not _NEXT_SENTENCE.search(inner)
        and (bool(SAYS.search(inner)) or (paused and bool(_GESTURE.fullmatch(inner))))
    )
