"""The subject of a clause in Han, and which part of it may be a name.

A clause is cut into words in one script, whichever of the two it is written in. What stands before
the predicate and is in no dictionary may be a name. Nothing here knows the words of any one house.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from digest.text.attribution.han_names import is_double, is_listed, is_transliterated
from digest.text.word_lists import HAN, NO_NAMES, ROLE_HAN, SAYS, SURNAMES, split_words

Kind = Literal["name", "pronoun", "noun"]

_PART = re.compile(r"[。！？!?；;\n：:，,、「」『』“”\"（(《〈【】—…]|·(?=·)|(?<=·)·")
_BRACKETED = {"）": "（", ")": "(", "》": "《", "〉": "〈"}
_ENDS_PHRASE = frozenset(
    "又也則则還还亦再就才都曾便却卻更已即並并且而但在於于对對向跟被把將将由為为以"
)
_NOT_IN_NAME = frozenset(
    "當当的了是在不這这那都很到去來来與与或但而被把從从對对向我你您他她它們们個个著着過过嗎吗呢吧啊想問问時时讓让給给將将還还"
    "再更則则卻却並并跟沒没說说稱称些每各另"
)
_OPENS = frozenset("cdptyu")  # tags of what stands before a subject: 但, 當時, 對此
_BREAKS = frozenset("cdpyu")  # tags of what ends it
_PREDICATES = frozenset("acdpruvy")
ROLE = re.compile(
    rf"(?:{ROLE_HAN}|[\u4e00-\u9fff]手|主唱|主播|志工|[义義]工|同[学學]|[学學]生|居民|督[导導]|[总總][监監干幹]事?|"
    r"[\u4e00-\u9fff][长長师師员員家匠者])$"
)
_PRONOUN = re.compile(
    "(?:他|她|我|你|您|它|牠)(?:们|自己)?$|咱们?$|自己$|对方$|两人$|二人$|[前后]者$"
)
_ANYBODY = re.compile("[这那该某每一有各几两此另]|许多|不少|多数|其他|其中")
COMMON_END = frozenset(
    "们們方者众眾会會社部局党黨团團司处處所署厅廳府组組队隊界报報站网網圈系校厂廠室店县縣省国國镇鎮区區州"
    "性化法論论型機机車车品案信事情歌曲奖獎刊圖图聲声書书站台版款片院"
)
SAYING = re.compile(rf"{SAYS.pattern}|(?<![知難难味])道(?=[，：])")
_LINKS = split_words(
    "结果 最后 原来 其实 另外 同时 首先 其次 接着 然后 后来 此外 对此 甚至 例如 譬如 比如 事实上 "
    "当时 当年 现在"
)
_NO_PART = frozenset("的人者家员长师手生")
_VERBS = frozenset("见見看听聽问問想说說笑走站坐拿带帶写寫回答做")
_KIN_TITLE = r"阿姨|奶奶|[爺爷]{2}|[媽妈]{2}|爸爸|伯伯|叔叔|阿[嬤嬷公婆伯姨]|婆婆|太太"
_POLITE_TITLE = r"先生|女士|小姐|老[師师]|[師师]傅|教[練练]|[醫医][師师生]|同[學学]|大哥|大姐"
_FAMILY = f"[{''.join(sorted(SURNAMES))}]"
TITLED = re.compile(f"{_FAMILY}(?:{_KIN_TITLE}|{_POLITE_TITLE})")
POLITE = re.compile(f"{_FAMILY}(?:{_POLITE_TITLE})")
_TITLE_ENDS = re.compile(f"{TITLED.pattern}$")
_LATIN = re.compile(r"[A-Z][A-Za-z.'’-]+(?: [A-Z][A-Za-z.'’-]+){0,2}")
_KIN = re.compile("阿?[嬤嬷公婆姨伯爸媽妈母姑叔妗爺爷奶]{1,2}$")
_COUNTED = frozenset("一二三四五六七八九十兩两數数幾几多第")
_ASIDE = re.compile(r"[（(][^（）()]{0,40}[）)]|《[^《》]{0,40}》|〈[^〈〉]{0,40}〉")
_REACH = 40  # characters of a clause that are read for its subject


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseSubject:
    """What a clause starts with, ``text[start:end]``, and of what kind it is.

    ``name`` is the part that may be a name; ``led`` tells that a role leads to it, ``ahead`` that
    any noun does, ``tagged`` that the tagger takes it for a name, ``listed`` that a dictionary has
    it as a word, ``worded`` that it has all but its first character so.
    """

    start: int
    end: int
    kind: Kind
    name: str = ""
    led: bool = False
    ahead: bool = False
    tagged: bool = False
    listed: bool = False
    worded: bool = False


class _TaggedWord(NamedTuple):
    at: int
    text: str  # in the simplified script
    tag: str

    @property
    def listed(self) -> bool:
        """Tell whether a dictionary has it."""
        return is_listed(self.text)

    @property
    def verbal(self) -> bool:
        """Tell whether it is a verb, and no role that is tagged as one."""
        return self.tag[:1] == "v" and self.tag != "vn" and not ROLE.search(self.text)

    @property
    def unknown(self) -> bool:
        """Tell whether it is in no dictionary, yet a noun and written in Han."""
        return not self.listed and self.tag[:1] in "nm" and self.text > "\u2e80"

    @property
    def person(self) -> bool:
        """Tell whether it is likely a name, or the end of one."""
        return self.unknown or self.tag.startswith("nr")

    @property
    def named(self) -> bool:
        """Tell whether it can be (part of) a name by its tag or for want of any other meaning."""
        single = len(self.text) == 1 and self.tag[:1] in "gjnxz" and self.text not in _NO_PART
        return self.tag.startswith("nr") or not self.listed or single


def _tag_words(said: str) -> list[_TaggedWord]:
    import rjieba  # costs a fifth of a second
    from zhconv_rs import zhconv

    plain = zhconv(said, "zh-hans")
    if len(plain) != len(said):
        plain = said
    found, at = [], 0
    for word, tag in rjieba.tag(plain):
        found.append(_TaggedWord(at, word, tag))
        at += len(word)
    return found


def find_clause_subject(
    text: str, start: int, end: int, *, to_verb: bool = True
) -> ClauseSubject | None:
    """Return the subject with which the clause ``text[start:end]`` begins, if it has one.

    The clause goes on with its verb (*to_verb*), or holds it.
    """
    said = _ASIDE.sub(_blank_aside, text[start:end])[:_REACH]
    cut = _tag_words(said)
    first = _find_first_word(cut)
    phrase: list[_TaggedWord] = []
    for word in cut[first:]:
        if _ends_subject(word) or (phrase and phrase[-1].person and _is_predicate(word)):
            if word.tag == "uv" and len(phrase) > 1:  # what stands before 地 tells how
                phrase.pop()
            break
        phrase.append(word)
    while phrase and not phrase[-1].text.strip():
        phrase.pop()
    if not phrase or (first and not to_verb and phrase[-1] is cut[-1]):
        return None
    last = phrase[-1]
    low, high = start + phrase[0].at, start + last.at + len(last.text)
    if len(phrase) == 1 and _PRONOUN.match(last.text):
        return ClauseSubject(start=low, end=high, kind="pronoun")
    named = _find_named_subject(text, start, phrase)
    return named or (ClauseSubject(start=low, end=high, kind="noun") if high - low > 1 else None)


def _blank_aside(aside: re.Match[str]) -> str:
    return " " * len(aside.group())


def _find_first_word(cut: list[_TaggedWord]) -> int:
    """Return the number of the word with which the subject starts."""
    at = 0
    while at < len(cut) and (
        not cut[at].text.strip()
        or cut[at].text in _LINKS
        or (
            cut[at].listed
            and cut[at].tag[:1] in _OPENS
            and cut[at].tag[:1] != "p"
            and cut[at].text not in SURNAMES
        )
    ):
        at += 1
    if at < len(cut) and (cut[at].tag == "p" or cut[at].verbal) and cut[at].text != "是":
        owners = [n for n, word in enumerate(cut) if n > at and word.text == "的"]
        places = [n for n, word in enumerate(cut) if n > at and word.tag == "f"]
        inner = owners[:1] if cut[at].verbal else places[:1]
        return inner[0] + 1 if inner else at
    return at


def _is_predicate(word: _TaggedWord) -> bool:
    """Tell whether *word*, after what must be a name, belongs to what is told of it."""
    own = word.tag.startswith("nr") or ROLE.search(word.text)
    short = len(word.text) == 1 and word.tag[:1] not in _BREAKS
    told = word.listed and word.tag[:1] in _PREDICATES and word.text != "的"
    return told and not own and not short


def _ends_subject(word: _TaggedWord) -> bool:
    """Tell whether *word* can be no part of a subject, so that the predicate starts with it."""
    if word.text in _ENDS_PHRASE:
        return True
    if word.tag == "uj" or word.tag.startswith("nr") or ROLE.search(word.text):
        return False
    breaks = word.verbal or word.tag[:1] in _BREAKS
    return word.listed and breaks and not word.text.endswith(("会", "社"))


def _find_named_subject(text: str, start: int, phrase: list[_TaggedWord]) -> ClauseSubject | None:
    """Return the subject with the name that ends *phrase*, if one may."""
    low, high = start + phrase[0].at, start + phrase[-1].at + len(phrase[-1].text)
    titled = _TITLE_ENDS.search(text, low, high)
    if titled:
        named = titled.group()
        return ClauseSubject(start=low, end=high, kind="name", name=named, led=True, tagged=True)
    phrase = phrase[: _told_of(phrase)]
    cut = len(phrase)
    while cut and phrase[cut - 1].named and not ROLE.search(phrase[cut - 1].text):
        cut -= 1
    family = [n for n, word in enumerate(phrase) if n > cut and word.text[0] in SURNAMES]
    if family and sum(len(word.text) for word in phrase[cut:]) > 4:
        cut = family[-1]
    tail = phrase[cut:]
    if not tail or (cut and _ANYBODY.match(phrase[0].text)):
        return None
    low, high = start + tail[0].at, start + tail[-1].at + len(tail[-1].text)
    name = text[low:high].strip(" \u3000")
    name = _trim_name(name)
    role = cut > 0 and bool(ROLE.search(phrase[cut - 1].text))
    if not _is_spelt_as_name(name) and not (role and _LATIN.fullmatch(name)):
        return None
    return ClauseSubject(
        start=start + phrase[0].at,
        end=high,
        kind="name",
        name=name,
        led=role,
        ahead=cut > 0 and phrase[cut - 1].text != "的",
        tagged=any(word.tag.startswith("nr") for word in tail),
        listed=len(tail) == 1 and tail[0].listed,
        worded=is_listed("".join(word.text for word in tail)[1:]),
    )


def _told_of(phrase: list[_TaggedWord]) -> int:
    """Return how many words of *phrase* there are up to a name that nouns of the predicate follow.

    習近平開場… starts with a name; 林志明團隊 and 林志明的老師 are somebody else.
    """
    for at, word in enumerate(phrase[:-1]):
        led = at > 0 and ROLE.search(phrase[at - 1].text)
        if word.unknown and (word.tag.startswith("nr") or led):
            rest = phrase[at + 1 :]
            if all(other.listed and not _is_body(other) for other in rest) and not any(
                other.text == "的" or other.tag.startswith("nr") or len(other.text) == 1
                for other in rest[:1]
            ):
                return at + 1
    return len(phrase)


def _is_body(word: _TaggedWord) -> bool:
    """Tell whether *word* is some body of people, or a thing, rather than a person's title."""
    return word.text[-1] in COMMON_END and not ROLE.search(word.text)


def _trim_name(name: str) -> str:
    """Return *name* without what has been cut amiss: a word before it, a verb behind it."""
    while len(name) > 2 and name[-1] in _ENDS_PHRASE:
        name = name[:-1]
    if name[-1] in _VERBS and (len(name) > 3 or (len(name) > 2 and name[0] in "阿小老")):
        name = name[:-1]
    if len(name) == 4 and not is_double(name) and not is_transliterated(name):
        if name[1] in SURNAMES:
            return name[1:]
        return name[2:] if name[2] in "阿小老" else ""
    return name


def _is_spelt_as_name(name: str) -> bool:
    """Tell whether *name* is spelt as a name in Han can be."""
    return (
        2 <= len(name) <= 4
        and bool(re.fullmatch(f"[{HAN}]+", name))
        and not any(char in _NOT_IN_NAME for char in name)
        and name[:2] not in NO_NAMES
        and name[0] not in _COUNTED
        and not _KIN.match(name)
    )


def find_clause_start(text: str, low: int, at: int) -> int:
    """Return where the clause that holds *at* starts, *low* at the earliest."""
    least = max(low, at - 4 * _REACH)
    inside = ""
    for place in range(at - 1, least - 1, -1):
        if inside or text[place] in _BRACKETED:
            inside = "" if text[place] == inside else inside or _BRACKETED[text[place]]
        elif _PART.match(text, place):
            return place + 1
    return least


def find_voices(narration: str, start: int, end: int) -> Iterator[ClauseSubject]:
    """Yield in order who or what says something in ``narration[start:end]``."""
    for verb in SAYING.finditer(narration, start, end):
        low = find_clause_start(narration, start, verb.start())
        found = find_clause_subject(narration, low, verb.start())
        if found:
            yield found
