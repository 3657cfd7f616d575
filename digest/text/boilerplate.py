"""Sentences that are about the page and not about its subject, and starts that hang in the air."""

import re

_PAGE = re.compile(
    r"本文(?:整理|編譯|编译|翻譯|翻译|摘錄|改寫|為「|為《|为|由|首發|原載|同步|內容|出自|取材|授權|轉載)|"
    r"^(?:延伸閱讀|延伸阅读|參考資料|参考资料|資料來源|资料来源|相關閱讀|相关阅读|原文|來源|来源|作者|"
    r"圖片來源|圖：|圖／|編按|編譯|系列文章|上一篇|下一篇|影片連結|更新)\s*[：:／|]|"
    r"^(?:上篇|下篇|前篇)見|(?:訂閱|追蹤|按讚|分享)(?:我們|本|電子報|頻道)|"
    r"\b(?:subscribe to|sign up for|follow us|click here|read more|"
    r"originally (?:published|appeared)|"
    r"all rights reserved|cookie|newsletter sign-?up|share this|photo(?:graph)? by|image credit|"
    r"this (?:article|post) (?:was|is) (?:adapted|based|originally|part of)|further reading|"
    r"affiliate links?)\b",
    re.IGNORECASE,
)
_HANGS = re.compile(
    r"(?:但是?|而且?(?!是)|不過|不过|然而|所以|因此|於是|于是|此外|另外|例如|比如|換句話說|换句话说|換言之|"
    r"也就是說|也就是说|反之|相反|總之|总之|後者|前者|后者|同樣地?|"
    r"這(?![篇場集]|支影片|份報告|[一幾]年|次[訪對]談)|这(?![篇场集])|那(?!些年|[年天]|一[年天])|"
    r"他們?|她們?|他们|她们|它們?|它们|其中|其(?![實实餘余他])|對此|对此|為此|为此|接著|接下來|甚至)|"
    r"(?:but|and|or|so|yet|however|therefore|thus|moreover|furthermore|also|then|instead|still|"
    r"this|that|these|those|he|she|it|they|his|her|its|their|such|here|meanwhile|otherwise|"
    r"similarly|for example|for instance|in addition|as a result|nevertheless|nonetheless|"
    r"besides|likewise|hence|again)\b(?! (?:article|post|week|year|episode|interview|essay)\b)",
    re.IGNORECASE,
)


_JOINS = re.compile(
    r"但是?|而且?(?!是)|不過|不过|然而|所以|因此|於是|于是|此外|另外|例如|比如|換句話說|换句话说|換言之|也就是說|"
    r"也就是说|反之|相反|總之|总之|同樣地?|接著|甚至|"
    r"(?:but|and|or|so|yet|however|therefore|thus|moreover|furthermore|then|instead|otherwise|"
    r"similarly|for example|for instance|in addition|as a result|nevertheless|nonetheless|"
    r"besides|likewise|hence)\b",
    re.IGNORECASE,
)


def about_page(sentence: str) -> bool:
    """Tell whether *sentence* speaks of the page: its source, its series, its newsletter."""
    return bool(_PAGE.search(sentence))


def joins(sentence: str) -> bool:
    """Tell whether *sentence* starts with a connective: it goes on from the one right before it."""
    return bool(_JOINS.match(sentence.lstrip('「『“"‘(（')))


def hangs(sentence: str) -> bool:
    """Tell whether *sentence* starts with a pronoun or connective that needs what came before."""
    return bool(_HANGS.match(sentence.lstrip('「『“"‘(（')))
