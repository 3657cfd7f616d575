"""Names written in Han characters: which runs of two to six are a person's, by what is beside."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from digest.text.word_lists import (
    HAN,
    JAPANESE,
    NO_NAMES,
    PERSONAL_HAN,
    ROLE_HAN,
    ROLED,
    SAY_HAN,
    SURNAMES,
    TRANSLITERATES,
    WEAK_SURNAMES,
)

_DOT = "·．・‧•"
DOTTED = rf"[{HAN}]{{1,6}}(?:[{_DOT}][{HAN}A-Z.]{{1,8}})+"
_SURNAME = "".join(sorted(SURNAMES))
_CLOSED = (
    "了的是在不這这那就也都很到去来與与或但而被把從从對对向其他她它你我們们個个位著着過过嗎呢吧啊想問问上下裡前時时會会要"
    "讓让給给將将還还再更則则卻却曾並并跟和沒没有說说"
)
_GIVEN = rf"[^{_CLOSED}\W\dA-Za-z_]"
_THREE = re.compile(rf"(?=([{_SURNAME}]{_GIVEN}{{2}})([{HAN}]?))")
_TWO = re.compile(rf"(?=([{_SURNAME}]{_GIVEN}))")
_ROLE_END = re.compile(rf"{ROLED}$")
_EASTERN = re.compile(
    rf"((?:{JAPANESE})[^{_CLOSED}\W\dA-Za-z_ぁ-ヿ]{{1,2}})(?=[^。，\n]{{0,8}}(?:{SAY_HAN})|曾|さん|氏|CEO|社長|教授|監督|は|"
    rf"が|，|、)"
)
_SURNAMED = re.compile(rf"(?:{JAPANESE})(?=.)")
_KATAKANA = re.compile(
    r"(?<![ァ-ヶー])(?<![ァ-ヶー]{2}[・＝])([ァ-ヶー]{2,20}+(?:[・＝][ァ-ヶー]{2,20}+){1,4}+)(?=氏|さん|は|が|も|、)"
)
_LITTLE = re.compile(
    rf"(?:女兒|兒子|太太|先生|妹妹|弟弟|哥哥|姐姐|姊姊|孫女|孫子|朋友|同事|室友|同學|鄰居|學[長姐弟妹]|[表堂][姐哥弟妹]|叫)([小阿][{HAN}])"
)
_TITLE = (
    "教授|博士|院士|醫師|医师|醫生|医生|律師|律师|老師|老师|先生|女士|小姐|導演|导演|主廚|師傅|"
    "师傅|船長|"
    "船长|校長|館長|店長|會長|局長|部長|主任|老|總|董|姐|哥"
)
_DOUBLE = frozenset(
    [
        "歐陽",
        "欧阳",
        "司馬",
        "司马",
        "上官",
        "諸葛",
        "诸葛",
        "司徒",
        "東方",
        "皇甫",
        "尉遲",
        "公孫",
        "慕容",
        "令狐",
    ]
)
_TITLES = frozenset(_TITLE.split("|"))
_LED = re.compile(rf"(?:^|[^{HAN}]|[的和與与跟對对問问由是讓让請请給给叫名邀])$")
_TITLED = re.compile(rf"(?=([{_SURNAME}](?:{_TITLE})))")
_SPEAKS = re.compile(
    rf"[^。，；：、「」“”（\n]{{0,5}}?(?:{PERSONAL_HAN}|{SAY_HAN})|"
    rf"(?:{_TITLE})[^。，；：、「」\n]{{0,4}}"
)
_LISTED = re.compile(r"[、和與与，（(不在從从的對对是]|\s?[（(][A-Z]")
_ACTS = re.compile(
    r"，(?:大家|人稱|本名|綽號|今年|現年|現任|曾|\d)|[^。\n]{0,16}。[他她]|"
    r"[開笑看聽走站坐拿帶寫想反質]"
)
_ROLE_NAMED = re.compile(
    rf"([{_SURNAME}阿小老][{HAN}]{{1,2}})(?={PERSONAL_HAN}|{SAY_HAN}"
    r"|[，（用也則卻從在的是把對每拿正曾聽看想花有和與]|記得)"
)
_SOUNDED = re.compile(
    rf"(?:(?<![{HAN}])|(?<=[的和與跟對是由]))([{''.join(sorted(TRANSLITERATES))}]{{4,6}})"
    rf"(?=[^。，；：、「」\n]{{0,6}}(?:{PERSONAL_HAN}))"
)
_SOUND = f"[{''.join(sorted(TRANSLITERATES))}]"
SPELT = re.compile(rf"{_SOUND}{{1,5}}(?:[{_DOT}]{_SOUND}{{2,6}})+")
TITLES = frozenset(ROLE_HAN.split("|"))
_CALLED = re.compile(rf"(?:本名|名叫|名為|叫做?)([{_SURNAME}]{_GIVEN}{{1,2}})(?=[，。、（])")
NICKNAMED = re.compile(
    rf"(?:(?:大家|人們|同事們?|朋友們?|街坊們?|人)(?:都|也)?(?:稱|叫|管[他她]叫)|"
    rf"[，。](?:綽號|暱稱|外號)(?:叫|是)?)"
    rf"(?:[他她])?(?:做|為)?[「“]?([{HAN}]{{2,3}})[」”]?(?=[，。])"
)
_GLUED = (
    "師傅",
    "师傅",
    "長江",
    "员林",
    "員林",
    "人家",
    "過程",
    "工程",
    "流程",
    "課程",
    "里程",
    "對齊",
    "拉馬",
    "賞金",
)
_ROLE_WORD = re.compile(rf"{ROLE_HAN}")
_RUNS_ON = re.compile(
    "飾演|飾|主演|執導|擔任|公布|公開|表示|指出|宣布|宣稱|強調|說明|提出|提到|提醒|主張|透露|坦言|警告|解釋|呼籲|發表|發布|出席|訪問|認為|承認|回應|回答|分享|建議|補充"
)
_ENOUGH = 2.5
_MOST = 500  # names that only a role introduces
_VERBS = frozenset(_CLOSED + "表認指回補解笑強坦直承自反提談描觀警建分繼為則")


@lru_cache(1 << 14)
def is_listed(simplified: str) -> bool:
    """Tell whether a dictionary has a word in simplified Han."""
    import rjieba  # costs a fifth of a second

    found: bool = rjieba.has_word(simplified)
    return found


def is_word(han: str) -> bool:
    """Tell whether a dictionary has *han*, in either script."""
    from zhconv_rs import zhconv

    return is_listed(zhconv(han, "zh-hans"))


def is_likely_name(han: str) -> bool:
    """Tell whether *han* looks like a person's name: a surname and one or two, or sounds alone."""
    if len(han) in (2, 3) and han[0] in SURNAMES:
        return not any(char in _CLOSED for char in han[1:])
    return is_transliterated(han) and 2 <= len(han) <= 6


def is_transliterated(han: str) -> bool:
    """Tell whether *han* is spelt with the characters that foreign names are written in."""
    return all(char in TRANSLITERATES for char in han)


def is_native_name(han: str) -> bool:
    """Tell whether *han* is a name whose own script it is: a surname and a given name."""
    return is_likely_name(han) and len(han) <= 3 and not is_transliterated(han)


def is_double(han: str) -> bool:
    """Tell whether *han* has two surnames and a given name: 歐陽修文, 歐陳美恩."""
    return (
        len(han) == 4
        and not is_transliterated(han)
        and (han[:2] in _DOUBLE or set(han[:2]) <= SURNAMES)
    )


def score_han_names(text: str) -> dict[str, float]:
    """Return the native names of *text*, each with how much speaks for it; linear in its length."""
    found: dict[str, float] = {}
    if not re.search(f"[{HAN}]", text):
        return found
    followed: dict[str, Counter[str]] = {}
    often: Counter[str] = Counter()
    at: dict[str, list[int]] = {}
    for match in _THREE.finditer(text):
        name, following = match.groups()
        often[name] += 1
        followed.setdefault(name, Counter())[following] += 1
        places = at.setdefault(name, [])
        if len(places) < 8:
            places.append(match.start())
    shorter = Counter(match.group(1) for match in _TWO.finditer(text))
    eastern = _list_substrings({match.group(1) for match in _EASTERN.finditer(text)})
    for name, places in at.items():
        if name in eastern:
            continue
        if _is_none(name) or _is_cut_name(followed[name]):
            continue
        if all(_RUNS_ON.match(text, place + 2) for place in places):
            continue
        if name in TITLES or (is_transliterated(name) and _is_cut_transliteration(text, places[0])):
            continue
        least = _ENOUGH + _doubt(name)
        if (
            _score_mentions(text, name, places) - 2.0 * (shorter[name[:2]] > often[name] + 1)
            >= least
        ):
            found[name] = least
    within = _list_substrings(found)
    by_role = (name for name in _find_names_after_roles(text) if name not in within)
    return found | {
        name: 3.0 for name in by_role if found.keys().isdisjoint(_list_substrings({name}))
    }


def _list_substrings(names: Iterable[str]) -> set[str]:
    """Return *names* and all that stands within them; they are short."""
    return {
        name[start:end]
        for name in names
        for start in range(len(name))
        for end in range(start + 1, len(name) + 1)
    }


def _is_none(name: str) -> bool:
    """Tell whether *name* starts or goes on as a word that is no name."""
    return name[:2] in NO_NAMES or name[1:] in NO_NAMES


def _doubt(name: str) -> float:
    """Return how much more must speak for *name*: a surname that is a word, a given name, too."""
    weak = name[0] in WEAK_SURNAMES
    return 1.0 * weak + 1.0 * (weak and is_word(name[1:]))


def _is_cut_name(followed: Counter[str]) -> bool:
    """Tell whether one character nearly always follows a name, so that it is but a part."""
    char, most = followed.most_common(1)[0]
    count = followed.total()
    return count > 1 and bool(char) and char not in _VERBS and most > 0.8 * count


def _is_cut_transliteration(text: str, place: int) -> bool:
    """Tell whether the name of three sounds at *place* is only a part of a longer one."""
    return (
        text[place - 1 : place] in TRANSLITERATES or text[place + 3 : place + 4] in TRANSLITERATES
    )


def _score_mentions(text: str, name: str, places: list[int]) -> float:
    """Return what stands beside the mentions of *name*: roles, speech, lists, other bounds."""
    role = said = led = listed = acts = also = 0
    for place in places:
        head, tail = text[max(0, place - 8) : place], text[place + 3 : place + 20]
        glued = head[-1:] + name[0] in _GLUED or (
            head[-1:] >= "一" and _starts_in_role(head[-4:], name)
        )
        role += head[-1:] >= "一" and not glued and bool(_ROLE_END.search(head))
        said += bool(_SPEAKS.match(tail)) and not glued
        led += bool(_LED.search(head))
        acts += bool(_ACTS.match(tail))
        also += tail[:1] in tuple("則则也卻却")
        listed += bool(_LISTED.match(tail)) or not tail or not "一" <= tail[0] <= "鿿"
    if not (role or led):
        return 0.0
    many = min(len(places) - 1, 2)
    beside = 1.0 * bool(led) + 0.5 * bool(listed) + 1.0 * bool(acts) + 1.5 * bool(also) + 0.5 * many
    return beside + 3.5 * bool(role) + 1.5 * min(said, 2)


def _starts_in_role(head: str, name: str) -> bool:
    """Tell whether *name* starts inside a role: 程師許 in 工程師許."""
    return any(
        match.start() < len(head) < match.end() for match in _ROLE_WORD.finditer(head + name)
    )


def _find_names_after_roles(text: str) -> Iterator[str]:
    """Yield names, of two characters or without a known surname, that a role introduces."""
    given = {
        match.group(1)
        for match in _ROLE_NAMED.finditer(text)
        if _ROLE_END.search(text, max(0, match.start() - 6), match.start())
    }
    for name in sorted(given)[:_MOST]:
        own = (name[0] in SURNAMES and len(name) == 2) or name[0] in "阿小老"
        if own and has_no_common_word(name) and _is_bounded_name(text, name):
            yield name
    for pattern in (_CALLED, _LITTLE, _EASTERN, _SOUNDED, _KATAKANA):
        for match in pattern.finditer(text):
            if has_no_common_word(match.group(1)):
                yield match.group(1)


def has_no_common_word(name: str) -> bool:
    """Tell whether *name* is no common word and holds none."""
    return name[:2] not in NO_NAMES and not any(char in _CLOSED for char in name)


def _is_bounded_name(text: str, name: str) -> bool:
    """Tell whether *name* recurs, always where a name can start, and once beside speech."""
    places = [match.start() for match in re.finditer(name, text[:20_000])]
    led = [
        bool(_LED.search(text[max(0, at - 2) : at]) or _ROLE_END.search(text[max(0, at - 6) : at]))
        for at in places
    ]
    spoke = any(_SPEAKS.match(text, at + len(name)) for at in places)
    inside = any(_starts_in_role(text[max(0, at - 4) : at], name) for at in places)
    return len(places) > 1 and all(led) and spoke and not inside


def find_name_at_end(run: str, text: str, *, full: bool = False) -> str:
    """Return the name at the end of *run*, a row of Han characters, or "" if none is likely.

    With *full*, a Latin name of two words stands beside it: what a role leads to is a name then.
    """
    tail = re.split(r"[是與和跟由及、]|的(?=..)", run)[-1]
    dotted = bool(re.search(f"[{_DOT}]", tail))
    if dotted or not full:
        tail = re.split(rf"(?:{ROLE_HAN})(?=.)", tail)[-1]
    first = re.match(rf"([{HAN}]*)[{_DOT}]", tail)
    if first:
        if len(first.group(1)) <= 4:
            return tail
        ending = re.search(f"[{''.join(TRANSLITERATES)}]{{1,5}}$", first.group(1))
        return tail[ending.start() if ending else max(0, first.end(1) - 3) :]
    for size in range(min(6, len(tail)), 1, -1):
        name, ahead = tail[-size:], tail[:-size]
        own = size == 3 and name[0] in SURNAMES and name[0] not in WEAK_SURNAMES
        if full and 2 <= size <= 4 and _ROLE_END.search(ahead) and has_no_common_word(name):
            return name
        led = not ahead or own or bool(_ROLE_END.search(ahead)) or text.count(name, 0, 20_000) > 1
        if (
            led
            and is_likely_name(name)
            and has_no_common_word(name)
            and ahead[-1:] + name[0] not in _GLUED
        ):
            return name
    return ""


def find_titled_names(text: str) -> frozenset[str]:
    """Return what *text* calls people by a surname and a title: 周老師."""
    return frozenset(match.group(1) for match in _TITLED.finditer(text))


def find_used_forms(han: str, text: str, called: frozenset[str]) -> set[str]:
    """Return which forms of *han* stand in *text*, of which *called* is what it titles."""
    found = list_name_forms(han)
    return (found & called) | {form for form in found if form[1:] not in _TITLES and form in text}


def list_name_forms(han: str) -> set[str]:
    """Return what *han* may be called by: its parts at a dot, a surname with a title."""
    pieces = re.split(f"[{_DOT}]", han)
    if len(pieces) > 1:
        return {piece for piece in (pieces[0], pieces[-1]) if len(piece) > 1}
    surname = _SURNAMED.match(han)
    if surname:
        return {surname.group()}
    if is_double(han):
        return {han[:2], han[2:], *(han[:2] + title for title in _TITLES)}
    if not is_native_name(han):
        return set()
    titles = {han[0] + title for title in _TITLES}
    return titles | ({han[1:]} if len(han) == 3 else set())
