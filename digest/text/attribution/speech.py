"""Is a quotation speech, or a term, a title, a slogan, a sign, something that nobody said?"""

import re

from digest.model import Document
from digest.text.attribution.cues import Cue, is_paused, is_whole
from digest.text.attribution.quotes import QuoteSpan
from digest.text.tokens import is_han, split_units

_HYPOTHETICAL = re.compile(
    r"(?:會|可以|可能會|應該|想|要|不能|不該|別|如果你|你可以|假設|想像|例如|比如|像是|好比|彷彿|"
    r"等於|等同於|而不是|不是|"
    r"無異於|一種|所謂|叫做|稱為|名為|題為|標題是|主題是)[^，。：]{0,6}(?:說|问|問|告訴|寫|喊|"
    r"回答)?[^，。]{0,6}[：:]?\s*$|"
    r"\b(?:might|may|could|would|should|can|imagine|suppose|as if|if you|don't|never|"
    r"(?<!used )(?<!likes )(?<!liked )(?<!loves )(?<!loved )(?<!on )to|"
    r"so-called|called|titled|entitled|named|labelled|labeled|dubbed|nicknamed|termed|known as|"
    r"the (?:word|words|term|phrase|slogan|motto|label|title|question|book|song|film|essay|sign))"
    r"(?:\s(?:say|ask|tell|write|think|reply|answer|shout|read|reads)(?:\s\w+){0,2})?[,:]?\s*$"
)
_CALLED = re.compile(
    r"(?:稱(?:之)?為|稱作|叫做?|名為|題為|所謂的?|定義為|譽為|視為|標語|口號|主題(?:是|為)|"
    r"標題(?:是|為)|書名|規則[：:]?|"
    r"指令|名叫|冠上|貼上|一詞|[寫写印掛挂貼贴刻漆][著着])[^。，]{0,4}$|"
    r"[用以](?:了|[一兩三幾][個句])?[^。，]{0,4}(?:個字|詞|術語|標籤|形容詞)[^。，]{0,10}[：:]$|"
    r"(?:[可也][能許]|會|以下|這樣的|如下)[^。「」]{0,16}(?:文字|字句|提示詞?|指令|訊息|句子|"
    r"內容)[：:]$|"
    r"(?:牌|匾|布條|標語|标语|標籤|告示|看板|口號|口号|字樣|有一行字|格言|座右銘|流傳|"
    r"聽過)[^。「」]{0,14}[：:]$|"
    r"(?:[板牆墙門门面上]|封面|包裝|備註|欄)上?[寫写][著着]?$|"
    r"\b(?:painted|printed|engraved|carved|stitched|scrawled|sprayed)\b[^.“”]{0,40}[:,]?\s*$|"
    r"\b(?:called|titled|entitled|named|labelled|labeled|dubbed|nicknamed|termed|known as|"
    r"so-called|"
    r"as|like|of|sign|signs|banner|sticker|poster|T-shirt|reading|reads|read|says|slogan|motto|"
    r"headline|chant|stamped|marked|printed|painted|engraved)[,:]?\s*$"
)
_PART_LEAST = 4
_TOLD_LEAST = 3
_TELLS = re.compile(
    r"\b(?:said|says|wrote|writes|told|testified|insisted|warned|admitted)\b[^:]{0,60}$"
)
_REPORTS = re.compile(
    r"\b(?:said|says|saying|adding|wrote|writes|told|argued|argues|warned|warns|added|adds|noted|"
    r"insisted|found|finds|concluded|concludes|acknowledged|acknowledges|conceded|concedes|claimed|"
    r"claims|suggested|suggests|announced|promised|explained|explains|stated|predicted|declared|"
    r"complained|joked)\b"
    r"[^:]*$|\b(?:called|calls|call|describes|described|dismissed)\s"
    r"(?:it|him|her|them|this|that|the|his|its)\b|"
    r"\b[Aa]ccording to\b|\b[Ii]n the words of\b"
)
_SAID_THAT = re.compile(r"\b[a-z]{3,}(?:s|ed)\b[^.:“”\"]{0,40}\sthat\s$")
_REPORTS_AS = re.compile(
    r"(?<!are )(?<!is )(?<!was )(?<!were )(?<!been )(?<!being )(?<!often )(?<!widely )"
    r"\b(?:criticis|criticiz|prais|hail|derid|mock|denounc|condemn|characteri[sz]|describ|dismiss|"
    r"brand|reject|refer|attack|character)\w*\b[^.:]*\bas\s$"
)
_CALLED_BY_NOBODY = re.compile(
    r"\b(?:sign|signs|card|label|banner|poster|title|song|motto|slogan|rule|page|leaflet|notice|"
    r"indictment|headline|box|console|council|reported|report|"
    r"petition|advertisement|note|comment|book is|series is|episode is|(?:is|are|was|were|been|"
    r"so-) ?called|, called(?! (?:it|him|her|them|this|that|the|his|its)\b))\b[^,]{0,30}$"
)
_INSCRIBED = re.compile(
    r"\b(?:(?:sticky|handwritten) note|sticker|card|plaque|mug|poster|T-shirt|tattoo|whiteboard|"
    r"blackboard|banner|slide|screen|label|button|error|prompt|headline|subject line|placard|sign|"
    r"inscription|epigraph|terminal|console|dialog|tooltip)s?\b[^.“”]{0,40}:\s*$|"
    r"(?:便利貼|便條|字條|行字|個字|補了一行|紙條|貼紙|卡片|螢幕|畫面|按鈕|錯誤訊息|提示|刻字|碑文|題詞|扉頁|標籤|招牌)"
    r"[^，。「」]{0,14}：$"
)
_THINKS = re.compile(
    r"(?:認為|认为|形容|直言|強調|指出|坦言|感嘆|批評|主張|(?<![來来])[說说](?!法|明|服)|在[他她]看來)"
    r"[^「」『』。；！？]{0,24}(?<![、的之個種叫為作「」])$"
)
_CLAUSE = re.compile("[是都要會可不沒有把了就在能被讓給來去像跟對等]")
_INSIDE = re.compile(r"(?<!\band)(?<!\bbut)(?<!\bthen)(?<!\bthat)(?<!\bso)(?<=[A-Za-z])\s$")
_LEAST = {"han": 6, "latin": 3}

IN_PART = "reported in part"  # some words of a sentence of theirs
ALONE = "a whole sentence"  # why it is speech, where no speech clause says so
RESTS = "the rest of a sentence"  # it goes on from a part that ends in a comma


def judge_speech(
    document: Document, span: QuoteSpan, lead: Cue | None, follow: Cue | None
) -> tuple[bool, str]:
    """Return whether the quotation is speech, and what decided it."""
    text, block = document.text, document.blocks[span.block]
    quoted = text[span.start : span.end]
    head = text[max(block.start, span.opened - 100) : span.opened]
    size = split_units(quoted)
    least = _LEAST["han" if size and is_han(size[0]) else "latin"]
    if not span.marked:
        return is_whole(quoted), "a block quote"
    inside = is_paused(quoted) and lead is None and bool(_INSIDE.search(head))
    if follow and follow.strong and (is_paused(quoted) or is_whole(quoted)) and not inside:
        return True, "a speech clause after it"
    if len(size) < least and not (is_whole(quoted) and (lead or follow)):
        return False, "a term"
    goes_on = inside and follow is not None and follow.strong and quoted[:1].islower()
    if _is_reported(head, size) or (goes_on and len(size) > _PART_LEAST):
        return True, IN_PART
    if _HYPOTHETICAL.search(head) and not (lead and lead.strong and is_whole(quoted)):
        return False, "said by nobody"
    if _CALLED.search(head) or _is_title(quoted, head) or _is_inscription(head, lead):
        return False, "a name or title"
    if lead and (is_whole(quoted) or _ends_sentence(text, span, block.end)):
        return True, "a speech clause before it"
    if follow and is_whole(quoted) and not inside:
        return True, "a speech clause after it"
    return _judge_without_clause(text, span, head, size, block.start)


def _judge_without_clause(
    text: str, span: QuoteSpan, head: str, size: list[str], start: int
) -> tuple[bool, str]:
    """Return whether a quotation is speech that no speech clause stands beside, and why."""
    quoted = text[span.start : span.end]
    if is_whole(quoted) and _starts_sentence(text, span, start):
        return True, ALONE
    if _is_reported_in_han(text, span, head, size):
        return True, IN_PART
    return False, "part of a sentence"


def _is_reported(head: str, size: list[str]) -> bool:
    """Tell whether *head* reports some words of a sentence, five or more, as somebody's own."""
    if len(size) < _TOLD_LEAST or is_han(size[0]):
        return False
    clause = re.split(r"[.!?”]\s", head)[-1]
    if len(size) < _PART_LEAST and not _TELLS.search(clause):
        return False
    if _REPORTS_AS.search(clause) or _SAID_THAT.search(clause):
        return True
    return bool(_REPORTS.search(clause)) and not _CALLED_BY_NOBODY.search(clause)


def _is_reported_in_han(text: str, span: QuoteSpan, head: str, size: list[str]) -> bool:
    """Tell whether a clause in Han is what somebody is said to think: 他認為這「只是在等」."""
    said = _THINKS.search(head)
    return (
        said is not None
        and len(size) >= _LEAST["han"]
        and is_han(size[0])
        and text[span.closed : span.closed + 1] in tuple("。，；！")
        and bool(_CLAUSE.search(text, span.start, span.end))
    )


def _is_inscription(head: str, lead: Cue | None) -> bool:
    """Tell whether what leads to the quotation is a thing that words stand on, and no verb."""
    return (lead is None or lead.verb is None) and bool(_INSCRIBED.search(head))


def _is_title(quoted: str, head: str) -> bool:
    """Tell whether *quoted* is set as titles are, and no comma or colon leads to it."""
    names = [word for word in re.findall(r"[^\W\d_][\w’']*", quoted) if len(word) > 3]
    capital = len(names) > 1 and quoted.isascii() and all(word[:1].isupper() for word in names)
    return capital and head.rstrip()[-1:] not in tuple(",:") and bool(head.strip())


def _ends_sentence(text: str, span: QuoteSpan, end: int) -> bool:
    """Tell whether the sentence around the quotation ends with it."""
    return span.closed >= end or text[span.closed] in "。！？.!?（("


def _starts_sentence(text: str, span: QuoteSpan, start: int) -> bool:
    """Tell whether the quotation starts where a sentence does."""
    last = span.opened
    while last > start and text[last - 1].isspace():
        last -= 1
    return last == start or text[last - 1] in '。！？!?.：:」』”"）)—'
