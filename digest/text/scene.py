"""What a post has told by a given place: who was spoken of, who spoke, whom a pronoun means."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from digest.model import Document
from digest.text.lexicon import FULL_STOP, HAN
from digest.text.namewords import MEN, RELATIVES, WOMEN
from digest.text.people import Cast, Person
from digest.text.quotes import Span

Sex = Literal["she", "he", ""]

OBJECT = re.compile(
    r"(?:對|对|向|跟|和|與|与|給|给|問|问|告訴|告诉|讓|让|叫|請|请|被|把|在|從|从|面對|面对|針對|"
    r"談到|提到|關於|問到|聽到|聽|比|替|為|"
    r"\b(?:of|to|with|by|about|for|told|asked|and|from|like|than|against|called|quoted|quoting|"
    r"between|thanks|thanked|met|meets))\s*$"
)
_OWNED = re.compile(
    r"\b(?:[Hh]er|[Hh]is|[Tt]heir)\s[^,.“”]{0,40},?\s$|"
    r"[他她]的[^，。、「」]{1,12}?(?:、[^，。「」]{1,10})?\s?$"
)
_POSSESSED = re.compile(r"\s*(?:的|'s|’s)")
_STOP = re.compile(rf"[。！？!?\n；;]|{FULL_STOP}(?=\s|$)")
_WHO = (
    r"man|woman|boy|girl|user|reader|resident|visitor|guest|customer|engineer|student|teacher|"
    r"parent|worker|driver|official|employee|passenger|listener|spokes\w+|critic|investor|"
    r"executive|colleague|neighbou?r|protester|nurse|doctor|farmer|player|fan|commenter|analyst|"
    r"veteran|shopper|voter|tourist|child|kid|person|stranger|source|insider|member"
)
_STRANGER = re.compile(
    rf"\b(?:[Aa]n?|[Oo]ne|[Aa]nother|[Mm]y|[Hh]is|[Hh]er|[Tt]heir)\s(?:(?:former|young|old|older|"
    rf"senior|late|"
    rf"retired|second|third|elderly|local|own|long-time)\s){{0,2}}(?:{_WHO}|"
    rf"{RELATIVES})\b(?!,?\s[A-Z])|"
    rf"\b[Oo]ne (?=said|told|wrote|added|called|described|asked|shouted|replied|complained|put)|"
    rf"[一有某另](?:位|名|個)[^，。、「」“”（\n]{{0,8}}?(?:人|員|者|生|師|長|客|民|友|手|太太|"
    rf"先生|女士|家)(?![{HAN}]{{2,3}}(?:說|表))|"
    r"(?:太太|先生|媽媽|母親|父親|爸爸|女兒|兒子|奶奶|爺爺|外婆|阿嬤|阿公|老太太|年輕人|妻子|丈夫|"
    r"哥哥|姐姐|弟弟|妹妹|祖母|祖父)"
    r"(?=[^，。、「」\n]{0,4}(?:說|問|也|則|就|卻|倒|只|總|常|曾|在|站|笑|回|聽|，|把))|"
    r"有人(?=[^，。]{0,6}(?:說|問|寫))"
)
_BACK = 4  # blocks that a pronoun reaches back over
_MOST = 60  # mentions that it reaches back over
_PRONOUN = re.compile(
    r"(?=[HhSs他她])(?:"
    r"\b(?:(?P<he>[Hh]e)|(?P<she>[Ss]he))\b|"
    r"\b(?:(?P<him>[Hh]im)|(?P<her>[Hh]er)(?=[.,;]|\s(?:to|in|on|at|with|and|about|for|from|that|"
    r"what|if|whether|when|how|why)\b))\b|"
    r"(?<=[。，；：！？\s\u00b7」』”（—但而])(?:(?P<ta>他)|(?P<ta_she>她))(?![們们的])|"
    r"(?:(?P<of>他)|(?P<of_she>她))(?![們们的]|自己|本人)|\b(?:(?P<his>[Hh]is)|(?P<hers>[Hh]er))\b|"
    r"(?:(?P<tade>他)|(?P<tade_she>她))的"
    r")"
)
_SHE = frozenset({"she", "her", "ta_she", "of_she", "hers", "tade_she"})
_TITLES = frozenset({"太太", "小姐", "女士", "先生", "媽媽", "奶奶", "爸爸", "爺爺"})
_TO = re.compile(
    "(?:給了?|問了?|對|向|跟|告訴|叫|請|找|邀請?|幫|罵|教過?|警告過?|送|陪|帶|看著?|打斷|稱|以為|"
    "提醒|建議|采访|采訪|訪問)$"
)
_OWN = frozenset({"his", "hers", "tade", "tade_she"})
_OBJECTIVE = frozenset({"him", "her", "of", "of_she"})
_TITLED = re.compile(
    r"(?P<she>\b(?:Mrs|Ms|Miss|Dame|Lady|Sister|Queen|actress|\w+woman|mother|wife|daughter|sister|"
    r"niece|widow|aunt|grandmother)\b|女|太太|媽|姐|妹|婆|奶奶|嬤|妻)|"
    r"(?P<he>\b(?:Mr|Sir|Lord|Father|King|\w+(?<!wo)man|husband|father|brother|nephew|son|uncle|"
    r"grandfather|boy)\b|先生|爸|哥|弟|爺|公|丈夫)"
)
_LATER_TITLE = re.compile(r"(?P<she>女士|小姐)|(?P<he>先生)")


Pronoun = tuple[int, Sex, bool]  # its place, its sex, and whether it is an object


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody who is told of at ``at``: a person, or None for a stranger.

    ``subject`` tells that the clause is theirs; ``owned`` that another one's words led to them
    (her niece, ...); ``spoke`` that they have just spoken there; ``again`` that a pronoun is all
    that stands there, which is for whom the text goes on to speak of.
    """

    at: int
    person: Person | None
    subject: bool = True
    owned: bool = False
    spoke: bool = False
    again: bool = False
    sex: Sex = ""


@dataclass(slots=True)
class Scene:
    """What has been read so far of a post.

    ``narration`` is its text with the quotations blanked out, offset by offset the same.
    """

    document: Document
    people: Cast
    narration: str
    told: list[Told]
    stops: list[int]
    askers: frozenset[str] = frozenset()
    last: Person | None = None
    last_block: int = -1
    asked: tuple[int, Person | None] | None = None
    roles: dict[str, Person | None] = field(default_factory=dict)
    sexes: dict[str, Sex] = field(default_factory=dict)
    pronouns: deque[Pronoun] = field(default_factory=deque)
    settled: dict[int, Person | None] = field(default_factory=dict)
    guest: Person | None = None
    turns: deque[tuple[int, Person | None]] = field(default_factory=lambda: deque(maxlen=6))

    def advance(self, to: int) -> None:
        """Settle whom the pronouns of the narration before *to* mean, in their order."""
        while self.pronouns and self.pronouns[0][0] < to:
            at, sex, objective = self.pronouns.popleft()
            without = self._doer(at) if objective else None
            person = (
                self.settled[at] if at in self.settled else self.meant(at, sex, without=without)
            )
            if person:
                self._add(Told(at=at, person=person, again=True, sex=sex))

    def sentence(self, at: int) -> int:
        """Return where the sentence that holds *at* starts."""
        number = bisect_right(self.stops, at)
        return self.stops[number - 1] if number else 0

    def _doer(self, at: int) -> Person | None:
        """Return the subject of the sentence that holds *at*, as far as it goes."""
        found = next(self._sentences(self.sentence(at), at), [])
        return next((one.person for one in found if one.subject and not one.spoke), None)

    def spoke(self, at: int, block: int, who: Person | None, *, asks: bool, sex: Sex) -> None:
        """Note that *who*, or a stranger of *sex*, has spoken up to *at*."""
        self.last, self.last_block = who, block
        self.asked = (block, who) if asks else None
        self.turns.append((block, who))
        self._add(Told(at=at, person=who, spoke=True, sex=sex))

    def _add(self, one: Told) -> None:
        self.told.insert(bisect_left(self.told, one.at, key=lambda other: other.at), one)

    def other(self, block: int) -> Person | None:
        """Return who speaks next where two talk turn by turn, block by block, up to *block*."""
        near = [who for number, who in self.turns if who and block - 4 < number < block]
        others = [who for who in near if who != self.last]
        two = len({who.name for who in near}) == 2 and self.last_block == block - 1
        return others[-1] if two and others else None

    def questioned(self, block: int) -> bool:
        """Tell whether the page itself asks a question right before *block*."""
        if block == 0:
            return False
        before = self.document.blocks[block - 1]
        asked = self.narration[before.start : before.end].rstrip()
        return asked.endswith(("?", "？")) and not any(mark in asked for mark in '「“"')

    def meant(self, at: int, sex: Sex, *, without: Person | None = None) -> Person | None:
        """Return whom a pronoun at *at* means: the nearest subject that can be *sex*."""
        number = self.block_at(at)
        first = self.document.blocks[max(0, number - _BACK + 1)].start
        here = self.document.blocks[number].start
        for told in self._sentences(first, at):
            near = told[-1].at >= here
            fit = [one for one in told if self._may_be(one, sex, without)]
            chosen = [one for one in fit if one.again]
            chosen += [
                one
                for one in fit
                if one.subject and (near or not (one.owned or one.person is None))
            ]
            if chosen:
                return chosen[0].person
            if near and len({one.person for one in fit}) == 1:
                return fit[0].person
        main = self.people.main
        return main if main and main != without and self.sex(main) in ("", sex) else None

    def subject(self, start: int, end: int) -> tuple[Person | None] | None:
        """Return the subject of the last sentence of ``[start, end)`` that has one, if any."""
        for told in self._sentences(start, end):
            found = [one for one in told if one.subject and not one.spoke]
            if found:
                return (found[0].person,)
            if len({one.person for one in told}) == 1 and not told[0].spoke:
                return (told[0].person,)
        return None

    def _sentences(self, start: int, end: int) -> Iterator[list[Told]]:
        """Yield who is told of in ``[start, end)``, sentence by sentence, the last one first."""
        low = bisect_left(self.told, start, key=lambda one: one.at)
        high = bisect_left(self.told, end, key=lambda one: one.at)
        group: list[Told] = []
        sentence = -1
        for one in reversed(self.told[max(low, high - _MOST) : high]):
            here = bisect_right(self.stops, one.at)
            if group and (here != sentence or one.spoke or group[-1].spoke):
                yield group[::-1]
                group = []
            group.append(one)
            sentence = here
        if group:
            yield group[::-1]

    def _may_be(self, one: Told, sex: Sex, without: Person | None) -> bool:
        if one.person is None:
            return not (sex and one.sex and one.sex != sex)
        known = self.sexes.get(one.person.name, "")
        return one.person != without and not (sex and known and known != sex)

    def sex(self, person: Person) -> Sex:
        """Return what the text tells *person* to be."""
        return self.sexes.get(person.name, "")

    def block_at(self, at: int) -> int:
        """Return the number of the block that holds *at*."""
        place = bisect_left(self.document.blocks, at + 1, key=lambda block: block.start)
        return max(0, place - 1)


def scene(document: Document, people: Cast, spans: tuple[Span, ...]) -> Scene:
    """Return the scene at the start of *document*: all that its narration tells, nobody heard."""
    narration = _narration(document.text, spans)
    told = [_told(narration, *mention) for mention in people.mentions(narration, 0, len(narration))]
    told += _strangers(narration, {one.at for one in told})
    told.sort(key=lambda one: one.at)
    stops = [match.end() for match in _STOP.finditer(narration)]
    return Scene(
        document=document,
        people=people,
        narration=narration,
        told=told,
        stops=stops,
        sexes=_sexes(narration, told, stops),
        pronouns=deque(_pronouns(narration)),
    )


def _pronouns(narration: str) -> Iterator[Pronoun]:
    """Yield the pronouns of the narration: where, of which sex, and whether as an object."""
    for match in _PRONOUN.finditer(narration):
        at = match.start()
        if match.lastgroup in _OWN or (
            match.lastgroup in ("of", "of_she") and not _TO.search(narration, max(0, at - 4), at)
        ):
            continue
        objective = match.lastgroup in _OBJECTIVE or bool(
            OBJECT.search(narration, max(0, at - 10), at)
        )
        yield at, _sex_of(match), objective


def _strangers(narration: str, named: set[int]) -> Iterator[Told]:
    """Yield the people of whom the narration tells without a name."""
    for match in _STRANGER.finditer(narration):
        if any(at in named for at in range(match.start(), match.end() + 2)):
            continue
        object_ = OBJECT.search(narration, max(0, match.start() - 10), match.start())
        yield Told(at=match.start(), person=None, subject=not object_, sex=sex_of(match.group()))


def sex_of(words: str) -> Sex:
    """Return what *words* for somebody tell: a woman, 老先生."""
    found = _TITLED.search(words)
    return _sex_of(found) if found else ""


def _sex_of(match: re.Match[str]) -> Sex:
    return "she" if match.lastgroup in _SHE else "he"


def _sexes(narration: str, told: list[Told], stops: list[int]) -> dict[str, Sex]:
    """Return what the narration tells of its people: by names, titles, and pronouns after them."""
    votes: dict[str, Counter[str]] = {}
    for number, one in enumerate(told):
        if one.person is None:
            continue
        name = one.person.name
        own = votes.setdefault(name, Counter(_given(name)))
        head = narration[max(0, one.at - 16) : one.at]
        titled = _TITLED.search(head)
        if titled and re.fullmatch(r"[.,]?\s?|\.?\s[A-Z][\w.]+\s", head[titled.end() :]):
            own[_sex_of(titled)] += 4
        later = _LATER_TITLE.match(narration, one.at + len(name))
        if later:
            own[_sex_of(later)] += 4
        until = told[number + 1].at if number + 1 < len(told) else len(narration)
        if one.subject:
            own.update(_spoken_of(narration, one.at, until, stops))
    return {name: _majority(own) for name, own in votes.items()}


def _given(name: str) -> dict[str, int]:
    first = name.split(" ", maxsplit=1)[0]
    titled = sex_of(name[1:]) if name >= "一" and len(name) > 2 else ""
    return {
        "she": 2 * (first in WOMEN) + 4 * (titled == "she" and name[-2:] in _TITLES),
        "he": 2 * (first in MEN) + 4 * (titled == "he" and name[-2:] in _TITLES),
    }


def _spoken_of(narration: str, at: int, until: int, stops: list[int]) -> dict[str, int]:
    """Return the vote of the first pronoun after *at*, the heavier the nearer it stands."""
    sentence = bisect_right(stops, at)
    last = stops[sentence + 2] if sentence + 2 < len(stops) else len(narration)
    for pronoun in _PRONOUN.finditer(narration, at, min(until, last, at + 400)):
        if "\n" in narration[at : pronoun.start()] or pronoun.lastgroup in _OBJECTIVE:
            break
        if pronoun.lastgroup in ("tade", "tade_she"):
            continue
        here = bisect_right(stops, pronoun.start())
        starts = here > 0 and pronoun.start() - stops[here - 1] <= 2
        near = 3 if here == sentence else 2 if starts else 1
        return {_sex_of(pronoun): 1 if pronoun.lastgroup in _OWN else near}
    return {}


def _majority(votes: Counter[str]) -> Sex:
    she, he = votes["she"], votes["he"]
    if she == he or min(she, he) > max(she, he) / 2:
        return ""
    return "she" if she > he else "he"


def _narration(text: str, spans: tuple[Span, ...]) -> str:
    pieces, at = [], 0
    for span in spans:
        if span.start >= at:
            pieces += [text[at : span.start], "\u00b7" * (span.end - span.start)]
            at = span.end
    return "".join([*pieces, text[at:]])


def _told(narration: str, start: int, end: int, person: Person) -> Told:
    head = narration[max(0, start - 48) : start]
    object_ = bool(OBJECT.search(head)) or bool(_POSSESSED.match(narration, end, end + 3))
    return Told(at=start, person=person, subject=not object_, owned=bool(_OWNED.search(head)))
