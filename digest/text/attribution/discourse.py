"""What a post has told by a given place: who was spoken of, who spoke, whom a pronoun means.

Pronouns of a narration: where they stand, of which sex, and whom they make a she or a he.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from digest.model import Document
from digest.text.attribution.people import (
    Person,
    PostPeople,
    find_person_called,
    find_role_openings,
)
from digest.text.attribution.quotes import QuoteSpan
from digest.text.word_lists import FULL_STOP, HAN, MEN, RELATIVES, WOMEN

Sex = Literal["she", "he", ""]

Pronoun = tuple[int, Sex, bool]  # its place, its sex, and whether it is an object
Mention = tuple[int, str | None, bool]  # its place, its name if any, and whether as a subject

OBJECT = re.compile(
    r"(?:對|对|向|跟|和|與|与|給|给|問|问|告訴|告诉|讓|让|叫|請|请|被|把|在|從|从|面對|面对|針對|"
    r"談到|提到|關於|問到|聽到|聽|比|替|為|"
    r"\b(?:of|to|with|by|about|for|told|asked|and|from|like|than|against|called|quoted|quoting|"
    r"between|thanks|thanked|met|meets))\s*$"
)
WHO = re.compile(r"(?:,\s\d+)?,?\swho\b")  # whoever stands before it is the subject of what follows
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
    r"niece|widow|aunt|grandmother)\b|女|娘|太太|媽|姐|妹|婆|奶奶|嬤|妻)|"
    r"(?P<he>\b(?:Mr|Sir|Lord|Father|King|\w+(?<!wo)man|husband|father|brother|nephew|son|uncle|"
    r"grandfather|boy)\b|先生|爸|哥|弟|爺|公|丈夫)"
)
_LATER_TITLE = re.compile(r"(?P<she>女士|小姐)|(?P<he>先生)")


def find_pronouns(narration: str) -> Iterator[Pronoun]:
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
        yield at, _read_pronoun_sex(match), objective


def guess_sex(words: str) -> Sex:
    """Return what *words* for somebody tell: a woman, 老先生."""
    found = _TITLED.search(words)
    return _read_pronoun_sex(found) if found else ""


def _read_pronoun_sex(match: re.Match[str]) -> Sex:
    return "she" if match.lastgroup in _SHE else "he"


def guess_sexes(narration: str, mentions: Iterable[Mention], stops: list[int]) -> dict[str, Sex]:
    """Return what the narration tells of its people: by names, titles, and pronouns after them."""
    votes: dict[str, Counter[str]] = {}
    ordered = list(mentions)
    ends = [*(at for at, _, _ in ordered[1:]), len(narration)]
    for (at, name, subject), until in zip(ordered, ends, strict=False):
        if name is None:
            continue
        own = votes.setdefault(name, Counter(_vote_by_given_name(name)))
        own.update(_vote_by_title(narration, at, name))
        if subject:
            own.update(_vote_by_pronoun(narration, at, until, stops))
    return {name: _find_majority(own) for name, own in votes.items()}


def _vote_by_title(narration: str, at: int, name: str) -> dict[str, int]:
    """Return the vote of a title right before or after the mention at *at*."""
    head = narration[max(0, at - 16) : at]
    before = _TITLED.search(head)
    if before and re.fullmatch(r"[.,]?\s?|\.?\s[A-Z][\w.]+\s", head[before.end() :]):
        return {_read_pronoun_sex(before): 4}
    after = _LATER_TITLE.match(narration, at + len(name))
    return {_read_pronoun_sex(after): 4} if after else {}


def _vote_by_given_name(name: str) -> dict[str, int]:
    first = name.split(" ", maxsplit=1)[0]
    titled = guess_sex(name[1:]) if name >= "一" and len(name) > 2 else ""
    return {
        "she": 2 * (first in WOMEN) + 4 * (titled == "she" and name[-2:] in _TITLES),
        "he": 2 * (first in MEN) + 4 * (titled == "he" and name[-2:] in _TITLES),
    }


def _vote_by_pronoun(narration: str, at: int, until: int, stops: list[int]) -> dict[str, int]:
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
        return {_read_pronoun_sex(pronoun): 1 if pronoun.lastgroup in _OWN else near}
    return {}


def _find_majority(votes: Counter[str]) -> Sex:
    she, he = votes["she"], votes["he"]
    if she == he or min(she, he) > max(she, he) / 2:
        return ""
    return "she" if she > he else "he"


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
    rf"{RELATIVES})\b(?!,?\s[A-Z]|\s(?:called|named)\s[A-Z])|"
    r"\b(?:One|Another) [a-z]+(?=,\s(?:an?|who)\b|\s(?:said|told|asked|wrote)\b)|"
    rf"\b[Oo]ne (?=said|told|wrote|added|called|described|asked|shouted|replied|complained|put)|"
    rf"[一有某另](?:位|名|個)[^，。、「」“”（\n]{{0,8}}?(?:人|員|者|生|師|長|客|民|友|手|太太|"
    rf"先生|女士|家)(?![{HAN}]{{2,3}}(?:說|表)|：)|"
    r"(?:老闆娘|太太|先生|媽媽|母親|父親|爸爸|女兒|兒子|奶奶|爺爺|外婆|阿嬤|阿公|老太太|年輕人|妻子|丈夫|"
    r"哥哥|姐姐|弟弟|妹妹|祖母|祖父)"
    r"(?:(?<=[的她他]..)(?![\u4e00-\u9fff]{2,3}[說，])|(?=[^，。、「」\n]{0,4}(?:說|問|也|則|就|已|點|搖|今年|現在|去年|昨天|"
    r"卻|倒|只|總|常|曾|在|站|笑|回|聽|，|把)))|"
    r"有人(?=[^，。]{0,6}(?:說|問|寫))"
)
_CLAUSE = re.compile(r"(?:[，；]|, (?:and|but|so) )$")
_BACK = 4  # blocks that a pronoun reaches back over
_MOST = 60  # mentions that it reaches back over


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionedPerson:
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
class Discourse:
    """What has been read so far of a post.

    ``narration`` is its text with the quotations blanked out, offset by offset the same.
    """

    document: Document
    people: PostPeople
    narration: str
    told: list[MentionedPerson]
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
    cited: Person | None = None
    turns: deque[tuple[int, Person | None]] = field(default_factory=lambda: deque(maxlen=6))

    def advance(self, to: int) -> None:
        """Settle whom the pronouns of the narration before *to* mean, in their order."""
        while self.pronouns and self.pronouns[0][0] < to:
            at, sex, objective = self.pronouns.popleft()
            doer = self._doer(at) if objective else None
            before = self.sentence(at) if doer and doer.person is None else at
            without = doer.person if doer else None
            person = (
                self.settled[at] if at in self.settled else self.meant(before, sex, without=without)
            )
            if person:
                self._add(MentionedPerson(at=at, person=person, again=True, sex=sex))

    def sentence(self, at: int) -> int:
        """Return where the sentence that holds *at* starts."""
        number = bisect_right(self.stops, at)
        return self.stops[number - 1] if number else 0

    def _doer(self, at: int) -> MentionedPerson | None:
        """Return the subject of the sentence that holds *at*, as far as it goes."""
        found = next(self._sentences(self.sentence(at), at), [])
        return next((one for one in found if one.subject and not one.spoke), None)

    def spoke(self, at: int, block: int, who: Person | None, *, asks: bool, sex: Sex) -> None:
        """Note that *who*, or a stranger of *sex*, has spoken up to *at*; who is cited has not."""
        cited, self.cited = self.cited, None
        if who and who == cited:
            return
        self.last, self.last_block = who, block
        self.asked = (block, who) if asks else None
        self.turns.append((block, who))
        self._add(MentionedPerson(at=at, person=who, spoke=True, sex=sex))

    def _add(self, one: MentionedPerson) -> None:
        self.told.insert(bisect_left(self.told, one.at, key=lambda other: other.at), one)

    def other(self, block: int) -> Person | None:
        """Return who speaks next where two talk turn by turn, block by block, up to *block*."""
        if self.last is None or self.last_block != block - 1:
            return None
        near = (who for number, who in reversed(self.turns) if who and number > block - 4)
        return next((who for who in near if who != self.last), None)

    def questioned(self, block: int) -> bool:
        """Tell whether the page itself asks a question right before *block*."""
        if block == 0:
            return False
        before = self.document.blocks[block - 1]
        stop = self.sentence(before.end - 1)
        asked = self.narration[max(stop, before.start) : before.end].strip()
        return asked.endswith(("?", "？")) and not any(mark in asked for mark in '「“"')

    def meant(self, at: int, sex: Sex, *, without: Person | None = None) -> Person | None:
        """Return whom a pronoun at *at* means: the nearest subject that can be *sex*."""
        number = self.block_at(at)
        first = self.document.blocks[max(0, number - _BACK + 1)].start
        here = self.document.blocks[number].start
        unsure: MentionedPerson | None = None
        for told in self._sentences(first, at):
            near = told[-1].at >= here
            one = self._fits(told, sex, without, near=near)
            if one is None:
                continue
            if near or one.person is None or self.sex(one.person) == sex:
                return one.person
            unsure = unsure or one
        if unsure:
            return unsure.person
        main = self.people.main
        return main if main and main != without and self.sex(main) in ("", sex) else None

    def _fits(
        self, told: list[MentionedPerson], sex: Sex, without: Person | None, *, near: bool
    ) -> MentionedPerson | None:
        """Return of one sentence's people the one that a pronoun after it can mean."""
        fit = [one for one in told if self._may_be(one, sex, without)]
        chosen = [one for one in fit if one.again]
        chosen += [
            one
            for one in fit
            if one.subject and (near or not (one.owned or self._unknown(one, sex)))
        ]
        if chosen:
            return chosen[0]
        return fit[0] if near and len({one.person for one in fit}) == 1 else None

    def subject(self, start: int, end: int) -> tuple[Person | None] | None:
        """Return the subject of the last sentence of ``[start, end)`` that has one, if any."""
        for told in self._sentences(start, end):
            found = [one for one in told if one.subject and not one.spoke]
            if found:
                ends = found[-1].again and _CLAUSE.search(self.narration, start, found[-1].at)
                return (found[-1 if ends else 0].person,)
            if len({one.person for one in told}) == 1 and not told[0].spoke:
                return (told[0].person,)
        return None

    def stranger(self, start: int, end: int, sex: Sex) -> bool:
        """Tell whether who is told of last in ``[start, end)`` has no name: 老闆娘姓柯，她…."""
        last = next(self._sentences(start, end), [None])[-1]
        return bool(last and last.person is None and last.subject and self._may_be(last, sex, None))

    def _sentences(self, start: int, end: int) -> Iterator[list[MentionedPerson]]:
        """Yield who is told of in ``[start, end)``, sentence by sentence, the last one first."""
        low = bisect_left(self.told, start, key=lambda one: one.at)
        high = bisect_left(self.told, end, key=lambda one: one.at)
        group: list[MentionedPerson] = []
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

    @staticmethod
    def _unknown(one: MentionedPerson, sex: Sex) -> bool:
        """Tell whether *one* is a stranger of whom not even the sex is known to fit."""
        return one.person is None and not (sex and one.sex == sex and not one.spoke)

    def _may_be(self, one: MentionedPerson, sex: Sex, without: Person | None) -> bool:
        if one.person is None:
            return not (sex and one.sex and one.sex != sex)
        known = self.sexes.get(one.person.name, "")
        return one.person != without and not (sex and known and known != sex)

    def called(self, role: str) -> Person | None:
        """Return the one person whom the text calls *role*, if there is one."""
        if role not in self.roles:
            self.roles[role] = find_person_called(self.document.text, self.people, role)
        return self.roles[role]

    def sex(self, person: Person) -> Sex:
        """Return what the text tells *person* to be."""
        return self.sexes.get(person.name, "")

    def block_at(self, at: int) -> int:
        """Return the number of the block that holds *at*."""
        place = bisect_left(self.document.blocks, at + 1, key=lambda block: block.start)
        return max(0, place - 1)


def start_discourse(document: Document, people: PostPeople, narration: str) -> Discourse:
    """Return the scene at the start of *document*: all that its narration tells, nobody heard."""
    told = [
        _read_mention(narration, *mention)
        for mention in people.mentions(narration, 0, len(narration))
    ]
    told += _find_strangers(narration, {one.at for one in told})
    told += _find_people_by_role(document.text, narration, people, {one.at for one in told})
    told.sort(key=lambda one: one.at)
    stops = [match.end() for match in _STOP.finditer(narration)]
    mentions = ((one.at, one.person.name if one.person else None, one.subject) for one in told)
    return Discourse(
        document=document,
        people=people,
        narration=narration,
        told=told,
        stops=stops,
        sexes=guess_sexes(narration, mentions, stops),
        pronouns=deque(find_pronouns(narration)),
    )


def _find_strangers(narration: str, named: set[int]) -> Iterator[MentionedPerson]:
    """Yield the people of whom the narration tells without a name."""
    for match in _STRANGER.finditer(narration):
        if any(at in named for at in range(match.start(), match.end() + 2)):
            continue
        object_ = OBJECT.search(narration, max(0, match.start() - 10), match.start())
        yield MentionedPerson(
            at=match.start(), person=None, subject=not object_, sex=guess_sex(match.group())
        )


def _find_people_by_role(
    text: str, narration: str, people: PostPeople, named: set[int]
) -> Iterator[MentionedPerson]:
    """Yield those whom a sentence tells of by a role alone: the mayor, if there is but one."""
    known: dict[str, Person | None] = {"": None}
    for start, end, role in find_role_openings(narration):
        if any(at in named for at in range(start, end + 2)):
            continue
        if role not in known:
            known[role] = find_person_called(text, people, role)
        yield MentionedPerson(at=start, person=known[role])


def blank_quotations(text: str, spans: tuple[QuoteSpan, ...]) -> str:
    """Return *text* with its quotations blanked out, offset by offset the same."""
    pieces, at = [], 0
    for span in spans:
        if span.start >= at:
            pieces += [text[at : span.start], "\u00b7" * (span.end - span.start)]
            at = span.end
    return "".join([*pieces, text[at:]])


def _read_mention(narration: str, start: int, end: int, person: Person) -> MentionedPerson:
    head = narration[max(0, start - 48) : start]
    led = bool(OBJECT.search(head, max(0, len(head) - 12))) and not WHO.match(
        narration, end, end + 12
    )
    object_ = led or bool(_POSSESSED.match(narration, end, end + 3))
    return MentionedPerson(
        at=start, person=person, subject=not object_, owned=bool(_OWNED.search(head))
    )
