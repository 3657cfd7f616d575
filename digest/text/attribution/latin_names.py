"""What speaks for a capitalised run being a person's name, and what against it.

Each mention is weighed by the words beside it; what all mentions of a post say adds up. A person
laughs, has a role and an age; a company has a chief executive, ships, and is joined or used.
"""

import re
from collections import Counter
from collections.abc import Iterator

from digest.text.word_lists import (
    MEN,
    NOT_PEOPLE,
    ORG_LATIN,
    PERSONAL_HAN,
    PERSONAL_LATIN,
    PREFIXES,
    RELATIVES,
    ROLE_LATIN,
    ROLED,
    SAY_HAN,
    SAY_LATIN,
    WOMEN,
)

_UPPER = "A-ZÀ-ÖØ-Þ"
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"
_HONOR = "Prof|Dr|Mr|Mrs|Ms|Rev|Sen|Gov|Gen|Capt|Lt|Col|Sgt|Hon|Fr|Sr"
_WORD = rf"[{_UPPER}](?:[{_LETTER}]|['’](?=[{_UPPER}])|-(?=[{_LETTER}]))+"
_PART = rf"(?:{_HONOR})\.|{_WORD}|(?:[{_UPPER}]\.){{1,3}}|[{_UPPER}]"
_LINK = r"(?:(?:de|van|von|der|den|bin|al|la|da|di|del|du|ten|el)\s)?"
LATIN = rf"(?:{_PART})(?:[ ]{_LINK}(?:{_PART})){{0,5}}"
_RUN = re.compile(rf"(?<![{_LETTER}0-9_@#/.'’\-]){LATIN}(?![A-Za-z0-9_@/]|\.[A-Za-z0-9])")
_ANYBODY = (
    "contributor|commenter|reader|reviewer|user|colleague|neighbou?r|passenger|resident|customer|"
    "employee|worker|rival|heroine|hero|protagonist|narrator|woman|man|girl|boy|guy|lady"
)
_TITLES = re.compile(
    rf"^(?:{_HONOR})\.?$|^(?i:{ROLE_LATIN}|{PREFIXES}|member|deputy|{_ANYBODY})$|"
    r"^[A-Z][a-z]+(?:ologist|ographer|ician|storian|keeper|master)$"
)

_MONTHS = frozenset({"April", "May", "June", "August"})  # given names, before a family name
_THINGS = (
    "model|product|robot|bot|software|boat|ship|ferry|dog|cat|project|machine|engine|prototype"
)
_BEFORE: tuple[tuple[float, re.Pattern[str]], ...] = (
    (-4, re.compile(rf"\b(?:{ORG_LATIN}|{_THINGS}),?\s(?:named|called|dubbed)\s$")),
    (
        3,
        re.compile(
            rf"\b(?:{_ANYBODY}|{ROLE_LATIN}|{RELATIVES})\s(?:called|named)\s$|"
            r"(?:的人|男人|女人|[男女]孩|學生|同事|朋友)(?:名叫|叫做|叫)\s?$|"
            r"\b[a-z]+(?:logist|grapher|ician|nomist|keeper|maker|master|holder)\s$"
        ),
    ),
    (
        -4,
        re.compile(
            rf"\b(?i:{ROLE_LATIN}|employees?|shares|head|boss|members?|staff|fellow|chief "
            rf"executive)"
            r"\s(?:of|at|for|with|from)\s(?:the\s)?$"
        ),
    ),
    (
        -2.5,
        re.compile(
            r"(?:公司|平台|品牌|工具|產品|模型|節目|新創|企業|集團|系統|軟體|套件|框架|機構|"
            r"實驗室|專案|論文|版本|"
            r"在|用|使用|收購|加入|推出|投資|離開|創辦|創立|打造|整合|部署|安裝|訂閱)了?\s?$|"
            r"\b(?:joined|join|bought|acquired|uses?|using|via|called|outside|near|the|in|at|"
            r"into)\s$"
        ),
    ),
    (
        3,
        re.compile(
            rf"\b(?i:{ROLE_LATIN}|{RELATIVES}|named|guard|member|deputy|head|boss|{PREFIXES}),?\s$|"
            rf"{ROLED}\s?$|(?:{_HONOR})\.?\s$"
        ),
    ),
    (
        1.5,
        re.compile(
            r"\b(?:[Aa]n?|[Tt]he|[Hh]er|[Hh]is|[Ii]ts|[Tt]heir|[Oo]ur|"
            r"[Mm]y)\s(?:[\w'’\-]+\s){0,3}[a-z]+,\s$"
        ),
    ),
    (2, re.compile(rf"\b(?:{SAY_LATIN})\s$|\b[Aa]ccording to\s$")),
)
_AFTER: tuple[tuple[float, re.Pattern[str]], ...] = (
    (
        -4,
        re.compile(
            r"['’]s\s(?:[\w\-]+\s){0,3}(?:co-?founder|founder|chief|CEO|CTO|CFO|COO|president|"
            r"chairman|"
            r"chairwoman|chair|spokes\w+|shares|stock|employees|engineers|products?|rivals|"
            r"investors|"
            r"headquarters|board|customers|users|mayor|council|residents|app|website)\b|"
            r"['’]s\s(?!own)[A-Z][a-z]+\s[A-Z][a-z]+|"
            rf",\s(?:(?:an?|the)\s[^,.]{{0,40}}"
            rf"\b(?:{ORG_LATIN})\b(?!['’]s))|\s(?:launched|released|raised|acquired|employs|"
            r"posted|is laying off|was founded|is an? (?:\w+ )?"
            rf"(?:{ORG_LATIN}))\b|"
            r"\s?的?(?:共同|聯合)?(?:創辦人|創始人|執行長|CEO|技術長|營運長|財務長|董事長|總裁|"
            r"發言人|研究員|工程師|"
            r"團隊|公司|產品|平台|員工|股價|營收|用戶|官方|旗下|市值|模型|系統|軟體|研究主管|總監|"
            r"副總|合夥人)|"
            r"\s?(?:成立於|推出|發布|收購|募資|募到|上市|裁員|估值|採用|支援|內建|宣布推出)"
        ),
    ),
    (-1.5, re.compile(r",\swhich\b")),
    (1.5, re.compile(r"\s(?:of|from|at)\s(?:the\s)?[A-Z][\w.&’' ]{2,30}?,\s(?:who|which)\b")),
    (
        3,
        re.compile(
            rf"\s(?:of|from|at|in)\s(?:the\s)?[A-Z][\w.&’' ]{{2,30}}?\s"
            rf"(?:{SAY_LATIN}|hailed|praised|called|calls)\b"
        ),
    ),
    (-0.5, re.compile(r"\s(?:sells|makes|operates|builds|ships|runs on|announced|reported)\b")),
    (-2, re.compile(r"\s?[Vv]?\d|-\d|\s(?:Inc|Corp|Ltd|LLC)\b|[+＋]")),
    (
        3,
        re.compile(
            rf"\s\([DRI]-?(?:[A-Z]{{2}})?\)|,\s(?:[DRI]-[A-Z]|\d{{1,3}},|who\b|whose\b|(?:(?:an?|"
            rf"the|its|her|his|their|then|now|also|a "
            rf"former)"
            rf"\s)?[^,.“”\"]{{0,60}}?\b(?:(?:{ROLE_LATIN}|{RELATIVES})s?|[a-z]+(?:ist|ian|eer|man|"
            rf"woman))\b|"
            rf"an?\s[^,.]{{0,40}}\bwho\b)|"
            rf"\s?[（(][^（）()\n]{{0,40}}(?:{ROLED}|{ROLE_LATIN})[^（）()\n]{{0,30}}[）)]|"
            r"\swho\b|\s?(?:教授|博士|院士|醫師|醫生|律師|老師|先生|女士|小姐|主廚|"
            r"導演)(?!\s?[A-Z])"
        ),
    ),
    (
        3,
        re.compile(
            rf"(?:\s(?:also|then|later|once|simply|himself|herself|has|"
            rf"had))?\s(?:{PERSONAL_LATIN})\b|"
            rf"\s?[^。，；：、「」（\nA-Za-z]{{0,8}}?(?<![會能])(?:{PERSONAL_HAN})"
        ),
    ),
    (
        1.5,
        re.compile(
            rf"(?:\s(?:also|then|later|once|simply|has|had)){{0,2}}\s(?:{SAY_LATIN})\b|"
            rf"\s?[^。，；：、「」（\nA-Za-z]{{0,10}}?(?<![會能])(?:{SAY_HAN})"
        ),
    ),
    (
        1,
        re.compile(
            r"\s(?:[a-z]+ed|called|calls|describes|has|had|was|likes|wants|led|lost|came|went|"
            r"spoke|"
            r"put|took|found|kept|left|knew|grew|began|made|ran|sat|stood|won|held)\b|"
            r"\s?(?:則|也|卻|在|從|對|把|則|搖|點|看)"
        ),
    ),
    (1, re.compile(r"[^。「」“”\n]{0,40}(?:[。，,.]\s?)(?:他|她|[Hh]e|[Ss]he)(?![們们\w])")),
)
_CONCEPT = re.compile(r"(?:ing|tion|ment|ness|ware|ology|ics|aws|kills|gents|odels|ity|ism)$")
_LEAST = 2.5
_READ = 12  # mentions of a name that are weighed
_MOST = 2  # how often one kind of evidence counts


def find_name_runs(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, name) for the capitalised runs of *text*, without titles before them."""
    for match in _RUN.finditer(text):
        for at, name in _split_names(match.group()):
            yield match.start() + at, match.start() + at + len(name), name


def _split_names(run: str) -> Iterator[tuple[int, str]]:
    """Yield the names in *run* with their offsets: what follows a title or a common word."""
    at, kept, start = 0, "", 0
    parts = run.split(" ")
    for number, part in enumerate(parts, 1):
        given = part in _MONTHS and number < len(parts)
        leads = is_title(part) and (number < len(parts) or not kept)
        if (
            leads
            or (part.rstrip(".") in NOT_PEOPLE and not given)
            or (kept and len(part) > 3 and part.isupper())
        ):
            kept = ""
        elif kept:
            kept += f" {part}"
        else:
            start, kept = at, part
        at += len(part) + 1
    if kept:
        yield start, kept


def is_title(part: str) -> bool:
    """Tell whether *part* is a title or role that stands before a name."""
    return bool(_TITLES.match(part))


def score_latin_names(text: str) -> dict[str, float]:
    """Return for every capitalised name of *text* how much speaks for its being a person's."""
    kinds: Counter[tuple[str, int]] = Counter()
    mentions: Counter[str] = Counter()
    found: dict[str, float] = {}
    for start, end, name in find_name_runs(text):
        if name not in found:
            found[name] = _score_spelling(name)
        mentions[name] += 1
        if mentions[name] > _READ:
            continue
        for kind, weight in _score_neighbours(text, start, end):
            kinds[name, kind] += 1
            if kinds[name, kind] <= _MOST:
                found[name] += weight if kinds[name, kind] == 1 else weight / 2
    return found


def _score_neighbours(text: str, start: int, end: int) -> Iterator[tuple[int, float]]:
    """Yield the kind and weight of what stands before and after ``text[start:end]``."""
    head, tail = text[max(0, start - 32) : start], text[end : end + 90]
    beside = head[-1:] in (" ", ".") or head[-1:] >= "一"
    for kind, (weight, pattern) in enumerate(_BEFORE if beside else ()):
        if pattern.search(head):
            yield kind, weight
            break
    for kind, (weight, pattern) in enumerate(_AFTER, len(_BEFORE)):
        if pattern.match(tail):
            yield kind, weight
            if weight < 0:
                break


def _score_spelling(name: str) -> float:
    """Return what the spelling of *name* says: two words, a given name, no term."""
    parts = name.split(" ")
    whole = 1.5 if len(parts) > 1 else 0.0
    whole += 1.0 if parts[0] in WOMEN or parts[0] in MEN else 0.0
    return whole - 1.5 * any(bool(_CONCEPT.search(part)) for part in parts)


def is_person_score(score: float) -> bool:
    """Tell whether *score* makes a person."""
    return score >= _LEAST
