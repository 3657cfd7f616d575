"""The words beside a quotation that give it to somebody: the clause before, the clause after."""

import re
from dataclasses import dataclass
from typing import Literal

from digest.text.word_lists import FULL_STOP, SAYS, SHORT_STOP

Side = Literal["before", "after"]

_WHOLE = re.compile(r"[。！？!?…⋯.][」』”’\")）]*$")
_PAUSE = re.compile(r"[，,—–\-、][」』”’]*$")
_BOUND = re.compile(rf"[。！？!?；;」』”\n]|{FULL_STOP}(?<!\d[.])")
_AFTER = re.compile(rf"(?:[^。！？!?；;「『“\n.]|{SHORT_STOP})*")
_QUOTED_WORD = re.compile(r"[「『“][^「」『』“”。！？!?，,.]{1,14}[」』”]$")
_LEADS = re.compile(r"(?:[：:]|，|,|——|—)\s*$")
_TOLD_SO = re.compile("[這这]麼[說说]|[這这]樣[說形]|如此(?:說|表示|形容|回答|總結|解釋|感嘆)")
_TOLD = re.compile(r"(?:tell|tells|told|asks|asked|warned|reminded)\s[^,.:;]{2,36},\s$")
_COLON = re.compile(r"[：:]\s*$")
_WHEN = re.compile(r"(?:當|当|在|被)[^，。]{0,24}$")
_THEN = re.compile(r"[^。：:]{0,40}?[時时][，,]")


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


def find_cue_before(text: str, narration: str, start: int, opened: int) -> Cue | None:
    """Return the cue that ends at *opened*, looking back no further than *start*.

    The *narration* is *text* with its quotations blanked out, so that no verb is in them.
    """
    low = max(start, opened - 160)
    bounds = reversed([*_BOUND.finditer(text, low, opened)])
    clause = text[
        next((m.end() for m in bounds if not _closes_quoted_word(text, low, m)), low) : opened
    ]
    if not clause.strip():
        return None
    begin = opened - len(clause)
    told = narration[begin:opened]
    verbs = [verb for verb in SAYS.finditer(told) if not _is_circumstance(clause, verb)]
    verb = (begin + verbs[-1].start(), begin + verbs[-1].end()) if verbs else None
    colon = bool(_COLON.search(clause))
    near = verb is not None and (
        opened - verb[1] <= (24 if colon else 8) or bool(_TOLD.search(text, verb[0], opened))
    )
    leads = bool(_LEADS.search(clause)) or (verb is not None and not text[verb[1] : opened].strip())
    if not (leads and (verb or colon)):
        return None
    return Cue(side="before", start=begin, end=opened, verb=verb, strong=colon or near)


def _is_circumstance(clause: str, verb: re.Match[str]) -> bool:
    """Tell whether *verb* only says when one spoke, or to what: 面對甲的提問，乙…."""
    rest = clause[verb.end() :]
    if clause[: verb.start()].endswith("的") and rest[:1] in ("，", ","):
        return True
    return bool(_WHEN.search(clause[: verb.start()]) and _THEN.match(rest))


def _closes_quoted_word(text: str, low: int, mark: re.Match[str]) -> bool:
    """Tell whether *mark* closes a quoted word within the clause: 他談到「信任」時說：."""
    if mark.group() not in "」』”":
        return False
    found = _QUOTED_WORD.search(text, max(low, mark.end() - 18), mark.end())
    return bool(found)


def find_cue_after(text: str, closed: int, end: int, *, paused: bool) -> Cue | None:
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
    if text[closed - 2 : closed - 1] == "." and open_[:1].isupper():
        return None
    verb = (closed + found.start(), closed + found.end()) if found else None
    rest = re.split("[，,]", text[verb[1] : closed + len(clause)])[0] if verb else ""
    tag = len(rest.strip()) <= (8 if rest.strip()[:1] > "\u2e80" else 48)
    if not paused and not tag:
        return None
    inverted = verb is not None and verb[0] <= begin + 1
    told = bool(_TOLD_SO.search(clause))
    strong = paused or inverted or told
    return Cue(side="after", start=begin, end=closed + len(clause), verb=verb, strong=strong)


def is_whole(quoted: str) -> bool:
    """Tell whether *quoted* ends as a sentence does."""
    return bool(_WHOLE.search(quoted))


def is_paused(quoted: str) -> bool:
    """Tell whether *quoted* ends with a comma or dash, as before a speech clause."""
    return bool(_PAUSE.search(quoted))


def is_modal(text: str, cue: Cue) -> bool:
    """Tell whether the cue's verb is only thought of: would say, might ask, 會說, 可以問."""
    if cue.verb is None or text[cue.verb[1] : cue.verb[1] + 1] in tuple("過过了"):
        return False
    head = text[max(cue.start, cue.verb[0] - 12) : cue.verb[0]]
    return bool(
        re.search(
            r"(?:(?<![總协協工學商公理委基員社農漁盟議聯校])會(?![上議中後前場計])|可以|可能|應該|如果|要是|假如|想要|不會|不能|總有人|"
            r"常有人)[^，]{0,3}$",
            head,
        )
        or re.search(r"\b(?:would|might|may|could|should|will|can|if)\b[^,]{0,16}$", head)
    )
