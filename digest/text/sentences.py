"""Sentences of East Asian and European languages, as spans that never cut a quotation.

Sentences that are about the page and not about its subject, and starts that hang in the air.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from digest.model import Block, Document
from digest.text.quotation_marks import MarkPair, find_pairs
from digest.text.word_lists import ABBREVIATIONS, HAN, SAYS, split_words

Span = tuple[int, int]

_CLOSERS = r"」』”’\"＂)）\]】〕》〉»"
# “ and « close a quotation in German and Danish, where no word follows; French sets a space
# before its », after which no word follows either.
_ENDS_HERE = r"(?=[\s,.;:!?)\]–—-]|\Z)"
_CLOSING = rf"(?:[{_CLOSERS}]|[“«]{_ENDS_HERE}|[ \u00a0\u202f]»{_ENDS_HERE})*"
_STOP = re.compile(rf"(?:[。！？!?．｡]+|[…⋯]+|\.+|\n){_CLOSING}")
_GOES_ON = re.compile(rf"[ \t]*[，、；：,;:。．！？!?—–\-]|[{_CLOSERS}]")
_SHORT_CLAUSE = re.compile(r"[^。！？!?「『“\n]{0,24}")
_WORD_BEFORE = re.compile(r"[^\W_][\w.]*$")
_LATIN_START = re.compile(r"[ \t\u00a0]+[\"“‘(\[「]*[A-Z0-9]|[ \t]*(?:\n|$)|[ \t]+[^\x00-\x7f]")
_NAME_DOT = re.compile(r"[^\u3041-\u309f\s][．][^\W\d_]")  # 阿曼達．丘; hiragana ends a sentence
_MAY_END = split_words("a.m p.m etc inc ltd co corp u.s u.k u.n d.c jr sr ph.d al")
_NEW_START = re.compile(
    r"[ \t\u00a0]+(?:The|An?|He|She|It|They|We|I|You|This|That|These|Those|There|But|And|So|In|On|"
    r"At|If|When|As|For|What|His|Her|Its|Their|My|Our)\b"
)
_INITIAL = re.compile(r"[ \u00a0\u202f]?[A-ZÄÖÜ][a-z]?\.")  # z. B., d. h.
_FIRST_HALF = re.compile(r"(?:\A|[ (\u00a0])[a-z]\.[ \u00a0\u202f]?\Z")  # d. h.
_DOUBLED = re.compile(r"[ \u00a0]?([A-Z])\1\.")  # EE. UU.
# After a number of one or two digits: "am 24. November", "das 19. Jahrhundert".
_COUNTED = re.compile(
    r"[ \u00a0](?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|"
    r"Dezember|Jahrhunderts?|Jh|Auflage|Stock|Klasse|Platz|Mal)\b"
)
# "2026. 1. 6. 발표": a Korean date writes a full stop after each of its numbers; and "Abb. 3".
_DATE_GOES_ON = re.compile(r"[ \u00a0]\d{1,2}\.")
_DATE_SO_FAR = re.compile(r"\d{4}\.[ \u00a0]\d{1,2}(?:\.[ \u00a0]\d{1,2})?\Z")
_HANGUL = re.compile("[ \u00a0][\uac00-\ud7a3]")
_HAN = re.compile(f"[{HAN}]")
_ELLIPSIS_LEAST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence: its place in the document's text and in the document's build.

    ``block`` counts the document's blocks, ``section`` its headings so far, and ``place`` the
    sentence within its block.
    """

    start: int
    end: int
    block: int
    section: int
    place: int


def split_document(document: Document) -> tuple[Sentence, ...]:
    """Return the sentences of *document*'s running text: no headings, code or tables."""
    found: list[Sentence] = []
    section = 0
    for number, block in enumerate(document.blocks):
        if block.kind == "heading":
            section += 1
        elif block.kind in ("paragraph", "item", "quote"):
            found += _split_block(document.text, block, number, section)
    return tuple(found)


def _split_block(text: str, block: Block, number: int, section: int) -> Iterator[Sentence]:
    for place, (start, end) in enumerate(split_sentences(text, block.start, block.end)):
        yield Sentence(start=start, end=end, block=number, section=section, place=place)


def split_sentences(text: str, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Return the spans of the sentences in ``text[start:end]``, white space trimmed.

    A quotation or parenthesis is never cut; a speech clause after a quotation belongs to it.
    """
    stop = len(text) if end is None else end
    shut = _keep_outermost(find_pairs(text, start, stop))
    spans: list[Span] = []
    begin, upcoming = start, 0
    for match in _STOP.finditer(text, start, stop):
        while upcoming < len(shut) and shut[upcoming][1] < match.start():
            upcoming += 1
        inside = upcoming < len(shut) and shut[upcoming][0] < match.start()
        if inside and match.end() <= shut[upcoming][1] and match.group()[0] != "\n":
            continue
        if _is_sentence_end(text, begin, match, stop, quoted=inside):
            spans.append((begin, match.end()))
            begin = match.end()
    spans.append((begin, stop))
    return tuple(_trim_spans(text, spans))


def _keep_outermost(found: tuple[MarkPair, ...]) -> list[Span]:
    shut: list[Span] = []
    for pair in found:
        if pair.closed and (not shut or pair.open > shut[-1][1]):
            shut.append((pair.open, pair.close))
    return shut


def _trim_spans(text: str, spans: list[Span]) -> Iterator[Span]:
    for start, end in spans:
        body = text[start:end]
        kept = body.strip()
        if kept:
            first = start + len(body) - len(body.lstrip())
            yield first, first + len(kept)


def _is_sentence_end(
    text: str, begin: int, match: re.Match[str], stop: int, *, quoted: bool
) -> bool:
    mark = match.group()
    if mark[0] == "\n":
        return True
    if match.end() >= stop or _GOES_ON.match(text, match.end(), stop):
        return False
    if mark == "．" and _NAME_DOT.match(text, match.start() - 1, stop):
        return False
    if mark[0] in "…⋯" and match.start() - begin < _ELLIPSIS_LEAST:
        return False
    if mark[0] == ".":
        return _is_full_stop(text, begin, match, stop)
    return not (quoted and _has_speech_after(text, match.end(), stop)) and _is_outside_word(
        text, match, stop
    )


def _is_outside_word(text: str, match: re.Match[str], stop: int) -> bool:
    """Tell that a mark of ASCII is not part of a name or a link, as in ``Yahoo!`` or ``?q=1``."""
    if match.group()[0] not in "!?":
        return True
    rest = text[match.end() : min(match.end() + 2, stop)]
    return not rest[:1].isascii() or (rest[:1].isspace() and not rest[1:2].islower())


def _is_full_stop(text: str, begin: int, match: re.Match[str], stop: int) -> bool:
    after = text[match.end() : min(match.end() + 1, stop)]
    if _HAN.match(after) and match.group() != ".":
        return True
    if not _LATIN_START.match(text, match.end(), stop):
        return False
    if len(match.group().rstrip(_CLOSERS)) > 1:  # an ellipsis set as dots
        return True
    word = _WORD_BEFORE.search(text, max(begin, match.start() - 24), match.start())
    if word is None:
        return True
    last = word.group()
    if last.isdecimal() and not text[begin : word.start()].strip():  # the number of an item
        return False
    if last.isdecimal() and _in_date(text, begin, match, stop):
        return False
    if _is_half(last, text, match.end(), stop) or (
        len(last) == 1 and last.islower() and _FIRST_HALF.search(text, begin, word.start())
    ):
        return False
    if last.lower() in _MAY_END and _NEW_START.match(text, match.end(), stop):
        return True
    return not (last.lower() in ABBREVIATIONS or (len(last) == 1 and last.isupper()))


def _in_date(text: str, begin: int, match: re.Match[str], stop: int) -> bool:
    """Tell whether the full stop after a number is one of a date such as 2026. 1. 6. in Korean."""
    if _DATE_GOES_ON.match(text, match.end(), stop):
        return True
    before = text[max(begin, match.start() - 16) : match.start()]
    return bool(_DATE_SO_FAR.search(before)) and bool(_HANGUL.match(text, match.end(), stop))


def _is_half(word: str, text: str, at: int, stop: int) -> bool:
    """Tell whether the full stop at *at* only shortens *word*, whose other half follows."""
    if len(word) == 1 and word.islower():
        return bool(_INITIAL.match(text, at, stop))
    if len(word) <= 2 and word.isdecimal():
        return bool(_COUNTED.match(text, at, stop))
    return len(word) == 2 and word[0] == word[1] and bool(_DOUBLED.match(text, at, stop))


def _has_speech_after(text: str, at: int, stop: int) -> bool:
    """Tell whether a short clause with a speech verb follows the quotation that ends at *at*."""
    clause = _SHORT_CLAUSE.match(text, at, stop)
    said = clause.group() if clause else ""
    return bool(SAYS.search(said)) and not said.rstrip().endswith(("：", ":"))


Leaning = Literal["", "person", "thing", "sentence"]

_PAGE = re.compile(
    r"本文(?:整理|編譯|编译|翻譯|翻译|摘錄|改寫|為「|為《|为|由|首發|原載|同步|內容|出自|取材|授權|轉載)|"
    r"^(?:延伸閱讀|延伸阅读|參考資料|参考资料|資料來源|资料来源|相關閱讀|相关阅读|原文|來源|来源|作者|"
    r"圖片來源|圖：|圖／|編按|編譯|系列文章|上一篇|下一篇|影片連結|更新)\s*[：:／|]|"
    r"^(?:關於|关于|About)\s?([^，。：:,.]{2,30})[：:]\s*\1|"
    r"^《[^》]{1,30}》第\s?[\d一二三四五六七八九十百]+\s?[集期回]|"
    r"是[^。]{0,60}主持的[^。]{0,12}(?:podcast|播客|節目|节目|頻道|频道)|"
    r"\bis an? (?:\w+ ){0,2}(?:podcast|newsletter|show) (?:hosted|presented|produced) by\b|"
    r"^(?:作者|講者|来宾|來賓|受訪者|主持人)(?:簡介|介紹|介绍)|"
    r"^(?:上篇|下篇|前篇)見|(?:訂閱|追蹤|按讚|分享)(?:我們|本|電子報|頻道)|"
    r"\b(?:subscribe to|sign up for|follow us|click here|read more|"
    r"originally (?:published|appeared)|"
    r"all rights reserved|cookie|newsletter sign-?up|share this|photo(?:graph)? by|image credit|"
    r"this (?:article|post) (?:was|is) (?:adapted|based|originally|part of)|further reading|"
    r"affiliate links?)\b",
    re.IGNORECASE,
)
_CONNECTIVE_HAN = (
    r"但是?|而且?(?!是)|不過|不过|然而|所以|因此|因而|於是|于是|此外|另外|例如|比如|譬如|換句話說|换句话说|換言之|"
    r"换言之|也就是說|也就是说|反之|相反|總之|总之|同樣|同样|接著|接着|接下來|接下来|甚至|可是|只是|畢竟|毕竟|"
    r"結果|结果[，,]|儘管如此|尽管如此|即便如此|即使如此|除此之外|與此同時|与此同时|同時[，,]|同时[，,]|"
    r"另一方面|反過來|反过来|第[二三四五六七八九][，,、是]|第[二三四五六七八九](?:個|个|點|点|種|种|項|项|層|层)|"
    r"其次|再者|還有|还有|也[是就讓让會会不因]|更[重何糟]|答案[是：:]|原因[是：:]|換成|那麼|那么"
)
_PRONOUN_HAN = (
    r"這(?![篇場集]|支影片|份報告|[一幾]年|次[訪對]談)|这(?![篇场集])|那(?!些年|[年天]|一[年天])|"
    r"它們?|它们|其中|其(?![實实餘余他])|對此|对此|為此|为此|後者|前者|后者|"
    r"該[^不要如做]|此(?!外)|上述|以上|兩者|两者|後來|后来|隨後|随后|當時|当时"
)
_CONNECTIVE_LATIN = (
    r"but|and|or|so|yet|however|therefore|thus|moreover|furthermore|also|then|instead|still|"
    r"meanwhile|otherwise|similarly|for example|for instance|in addition|as a result|"
    r"nevertheless|nonetheless|besides|likewise|hence|again|nor|second|secondly|third|thirdly|"
    r"finally|next|afterwards|in other words|in contrast|on the other hand|even so|of course"
)
_PERSON = re.compile(
    r"他們?|她們?|他们|她们|(?:he|she|they|his|her|their|him|them)\b", re.IGNORECASE
)
_PRONOUN_LATIN = (
    r"this|that|these|those|it|its|such|here|both|neither|"
    r"the (?:latter|former|same|other)|another|one of them|most of them|some of them"
)
_NAMES_ITSELF = (
    r"(?! (?:article|post|week|year|episode|interview|essay|guide|tutorial|talk|report)\b)"
)
_JOINS = re.compile(rf"{_CONNECTIVE_HAN}|(?:{_CONNECTIVE_LATIN})\b", re.IGNORECASE)
_POINTS = re.compile(rf"{_PRONOUN_HAN}|(?:{_PRONOUN_LATIN})\b{_NAMES_ITSELF}", re.IGNORECASE)
_OPENERS = '「『“"‘(（'
_ANSWER = 12


def is_about_page(sentence: str) -> bool:
    """Tell whether *sentence* speaks of the page: its source, its series, its newsletter."""
    return bool(_PAGE.search(sentence))


def find_leaning(sentence: str) -> Leaning:
    """Tell by its start what *sentence* leans on: "" where it can stand alone."""
    start = sentence.lstrip(_OPENERS)
    if _PERSON.match(start):
        return "person"
    if _JOINS.match(start):
        return "sentence"
    return "thing" if _POINTS.match(start) else ""


def is_dependent(sentence: str) -> bool:
    """Tell whether *sentence* starts with a pronoun or connective that needs what came before."""
    return bool(find_leaning(sentence))


def is_answer(before: str, sentence: str) -> bool:
    """Tell whether *sentence* is a short answer to *before*, or the rest of what it begins."""
    end = before.rstrip('」』”’"')[-1:]
    return end in "？?：:" and (len(sentence) <= _ANSWER or sentence[0] == "是")
