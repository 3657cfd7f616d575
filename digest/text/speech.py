"""Is it speech, and which words beside a quotation say so: the cue before, the cue after."""

import re
from dataclasses import dataclass
from typing import Literal

from digest.model import Document
from digest.text.lexicon import ROLE_HAN, SAYS
from digest.text.quotes import Span
from digest.text.tokens import is_han, units

Side = Literal["before", "after"]

_WHOLE = re.compile(r"[。！？!?…⋯.][」』”’\")）]*$")
_PAUSE = re.compile(r"[，,—–\-、][」』”’]*$")
_BEFORE = re.compile(
    r"(?:[^。！？!?；;」』”\n.]|(?<=[A-Z])\.|(?<=\b[DMJS]r)\.|(?<=\bM[rs]s)\.|(?<=\d)\.)*$"
)
_AFTER = re.compile(r"(?:[^。！？!?；;「『“\n.]|(?<=\b[A-Z])\.|(?<=\b[DMJS]r)\.|(?<=\bMrs)\.)*")
_LEADS = re.compile(r"(?:[：:]|，|,|——|—)\s*$")
_COLON = re.compile(r"[：:]\s*$")
_ANSWER = re.compile(
    r"回答|答案|說法|看法|觀點|結論|判斷|警告|解釋|建議|比喻|原話|名言|一句話|這句話|這段話|的話|忠告|回應|反應|"
    r"理由|想法|訊息|心得|定義|描述|評論|總結|提醒|答覆|台詞|口頭禪|開場|"
    r"\b(?:answer|reply|verdict|words|advice|response|view|conclusion|reaction|explanation)\b"
)
_HYPOTHETICAL = re.compile(
    r"(?:會|可以|可能會|應該|想|要|不能|不該|別|如果你|你可以|假設|想像|例如|比如|像是|好比|彷彿|等於|等同於|而不是|不是|"
    r"無異於|一種|所謂|叫做|稱為|名為|題為|標題是|主題是)[^，。：]{0,6}(?:說|问|問|告訴|寫|喊|回答)?[^，。]{0,6}[：:]?\s*$|"
    r"\b(?:might|may|could|would|should|can|imagine|suppose|as if|if you|don't|never|"
    r"to|so-called|called|titled|entitled|named|labelled|labeled|dubbed|nicknamed|termed|known as|"
    r"the (?:word|words|term|phrase|slogan|motto|label|title|question|book|song|film|essay|sign))"
    r"(?:\s(?:say|ask|tell|write|think|reply|answer|shout|read|reads)(?:\s\w+){0,2})?[,:]?\s*$"
)
_CALLED = re.compile(
    r"(?:稱(?:之)?為|稱作|叫做?|名為|題為|所謂的?|定義為|譽為|視為|標語|口號|主題(?:是|為)|標題(?:是|為)|書名|規則[：:]?|"
    r"指令|名叫|冠上|貼上|一詞|[寫印掛貼刻漆]著)[^。，]{0,4}$|"
    r"\b(?:painted|printed|engraved|carved|stitched|scrawled|sprayed)\b[^.“”]{0,40}[:,]?\s*$|"
    r"\b(?:called|titled|entitled|named|labelled|labeled|dubbed|nicknamed|termed|known as|"
    r"so-called|"
    r"as|like|of|sign|signs|banner|sticker|poster|T-shirt|reading|reads|read|says|slogan|motto|"
    r"headline|chant|stamped|marked|printed|painted|engraved)[,:]?\s*$"
)
_PART_LEAST = 4
_REPORTS = re.compile(
    r"\b(?:said|says|wrote|writes|told|argued|argues|warned|warns|added|adds|noted|insisted)\b"
    r"[^:]*$|\b(?:called|calls|call|describes|described|dismissed)\s"
    r"(?:it|him|her|them|this|that|the|his|its)\b|"
    r"\b[Aa]ccording to\b|\b[Ii]n the words of\b"
)
_CALLED_BY_NOBODY = re.compile(
    r"\b(?:sign|signs|card|label|banner|poster|title|song|motto|slogan|rule|page|reported|report|"
    r"petition|advertisement|note|comment|book is|series is|episode is|called)\b[^,]{0,30}$"
)
_LEAST = {"han": 6, "latin": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """The clause beside a quotation, ``text[start:end]``, and where its speech verb stands.

    ``strong`` tells that it can belong to nothing else; ``verb`` is None where it has none.
    """

    side: Side
    start: int
    end: int
    verb: tuple[int, int] | None
    strong: bool


ALONE = "a whole sentence"  # why it is speech, where no speech clause says so


def before(text: str, start: int, opened: int) -> Cue | None:
    """Return the cue that ends at *opened*, looking back no further than *start*."""
    match = _BEFORE.search(text, max(start, opened - 160), opened)
    clause = match.group() if match else ""
    if not clause.strip():
        return None
    begin = opened - len(clause)
    verbs = list(SAYS.finditer(clause))
    verb = (begin + verbs[-1].start(), begin + verbs[-1].end()) if verbs else None
    colon = bool(_COLON.search(clause))
    near = verb is not None and opened - verb[1] <= (24 if colon else 8)
    leads = bool(_LEADS.search(clause)) or (verb is not None and not text[verb[1] : opened].strip())
    if not (leads and (verb or colon)):
        return None
    return Cue(side="before", start=begin, end=opened, verb=verb, strong=colon or near)


def after(text: str, closed: int, end: int, *, paused: bool) -> Cue | None:
    """Return the cue that starts at *closed*; *paused*: the quotation ends with a comma."""
    match = _AFTER.match(text, closed, min(end, closed + 160))
    clause = match.group() if match else ""
    open_ = clause.lstrip(" ")
    found = SAYS.search(clause)
    lead = re.match(r"\s*[，,—–]*\s*", clause)
    begin = closed + (lead.end() if lead else 0)
    paused = paused or open_[:1] in ("，", ",")
    if not open_ or (found is None and not paused):
        return None
    verb = (closed + found.start(), closed + found.end()) if found else None
    rest = re.split("[，,]", text[verb[1] : closed + len(clause)])[0] if verb else ""
    tag = len(rest.strip()) <= (8 if rest.strip()[:1] > "\u2e80" else 48)
    if not paused and not tag:
        return None
    return Cue(side="after", start=begin, end=closed + len(clause), verb=verb, strong=paused)


def whole(quoted: str) -> bool:
    """Tell whether *quoted* ends as a sentence does."""
    return bool(_WHOLE.search(quoted))


def paused(quoted: str) -> bool:
    """Tell whether *quoted* ends with a comma or dash, as before a speech clause."""
    return bool(_PAUSE.search(quoted))


def judge(document: Document, span: Span, lead: Cue | None, follow: Cue | None) -> tuple[bool, str]:
    """Return whether the quotation is speech, and what decided it."""
    text, block = document.text, document.blocks[span.block]
    quoted = text[span.start : span.end]
    head = text[max(block.start, span.opened - 60) : span.opened]
    size = units(quoted)
    least = _LEAST["han" if size and is_han(size[0]) else "latin"]
    if not span.marked:
        return whole(quoted), "a block quote"
    if follow and follow.strong and (paused(quoted) or whole(quoted)):
        return True, "a speech clause after it"
    if len(size) < least and not (whole(quoted) and (lead or follow)):
        return False, "a term"
    if _reported(head, size):
        return True, "reported in part"
    if _HYPOTHETICAL.search(head) and not (lead and lead.strong and whole(quoted)):
        return False, "said by nobody"
    if _CALLED.search(head):
        return False, "a name or title"
    if lead and (whole(quoted) or _ends_sentence(text, span, block.end)):
        return True, "a speech clause before it"
    if follow and whole(quoted):
        return True, "a speech clause after it"
    if whole(quoted) and _alone(text, span, block.start):
        return True, ALONE
    return False, "part of a sentence"


def _reported(head: str, size: list[str]) -> bool:
    """Tell whether *head* reports some words of a sentence, five or more, as somebody's own."""
    if len(size) < _PART_LEAST or is_han(size[0]):
        return False
    clause = re.split(r"[.!?”]\s", head)[-1]
    return bool(_REPORTS.search(clause)) and not _CALLED_BY_NOBODY.search(clause)


def _ends_sentence(text: str, span: Span, end: int) -> bool:
    """Tell whether the sentence around the quotation ends with it."""
    return span.closed >= end or text[span.closed] in "。！？.!?（("


def _alone(text: str, span: Span, start: int) -> bool:
    """Tell whether the quotation starts where a sentence does."""
    head = text[start : span.opened].rstrip()
    return not head or head[-1] in '。！？!?.：:」』”"）)—'


def modal(text: str, cue: Cue) -> bool:
    """Tell whether the cue's verb is only thought of: would say, might ask, 會說, 可以問."""
    if cue.verb is None:
        return False
    head = text[max(cue.start, cue.verb[0] - 12) : cue.verb[0]]
    return bool(
        re.search(
            r"(?:會(?![上議中後前場計])|可以|可能|應該|如果|要是|假如|想要|不會|不能|總有人|常有人)[^，]{0,3}$",
            head,
        )
        or re.search(r"\b(?:would|might|may|could|should|will|can|if)\b[^,]{0,16}$", head)
    )


def role(clause: str) -> str:
    """Return the role that *clause* names its subject by, "" if none."""
    match = re.search(rf"(?:{ROLE_HAN})", clause)
    return match.group() if match else ""
