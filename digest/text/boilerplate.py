"""Sentences that are about the page and not about its subject, and starts that hang in the air."""

import re
from typing import Literal

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


def about_page(sentence: str) -> bool:
    """Tell whether *sentence* speaks of the page: its source, its series, its newsletter."""
    return bool(_PAGE.search(sentence))


def leaning(sentence: str) -> Leaning:
    """Tell by its start what *sentence* leans on: "" where it can stand alone."""
    start = sentence.lstrip(_OPENERS)
    if _PERSON.match(start):
        return "person"
    if _JOINS.match(start):
        return "sentence"
    return "thing" if _POINTS.match(start) else ""


def hangs(sentence: str) -> bool:
    """Tell whether *sentence* starts with a pronoun or connective that needs what came before."""
    return bool(leaning(sentence))


def joins(sentence: str) -> bool:
    """Tell whether *sentence* starts with a connective: it goes on from the one right before it."""
    return leaning(sentence) == "sentence"


def answers(before: str, sentence: str) -> bool:
    """Tell whether *sentence* is a short answer to *before*, or the rest of what it begins."""
    end = before.rstrip('」』”’"')[-1:]
    return end in "？?：:" and (len(sentence) <= _ANSWER or sentence[0] == "是")
