"""Who a post is about: its people, each with the name to print and the forms used for them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from digest.model import Post
from digest.text.lexicon import (
    HAN,
    ROLE_HAN,
    ROLE_LATIN,
    SAY_HAN,
    SAY_LATIN,
    SURNAMES,
    TRANSLITERATES,
    words,
)

_UPPER = "A-ZÀ-ÖØ-Þ"
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"
_PART = rf"[{_UPPER}][{_LETTER}'’\-]*[{_LETTER}]|(?:[{_UPPER}]\.){{1,3}}|[{_UPPER}]"
_MORE = rf"(?:\s(?:(?:de|van|von|der|den|bin|al|la|da|di|del|du|ten)\s)?(?:{_PART}))"
_LATIN = rf"(?:{_PART}){_MORE}{{0,3}}"
_DOT = "·．・‧•"
_DOTTED = rf"[{HAN}]{{1,6}}(?:[{_DOT}][{HAN}A-Z.]{{1,8}})+"
_BOTH = re.compile(rf"({_DOTTED}|[{HAN}]{{2,10}})\s?[（(]({_LATIN})[）)]")
_BOTH_TURNED = re.compile(rf"({_LATIN})\s?[（(]({_DOTTED}|[{HAN}]{{2,6}})[）)]")
_SAYS_AFTER = re.compile(
    rf"({_LATIN})(?:,[^,.\n“\"「]{{3,80}},|\s?[（(][^）)\n]{{1,30}}[）)])?"
    rf"(?:\s(?:also|then|later|once|simply|has|had|himself|herself)){{0,2}}\s(?:{SAY_LATIN})\b"
)
_SAYS_BEFORE = re.compile(rf"\b(?:{SAY_LATIN})\s(?:Dr\.? |Mr\.? |Ms\.? |Mrs\.? )?({_LATIN})")
_SAYS_HAN = re.compile(rf"({_LATIN}|{_DOTTED})[^。，；、「」：（）\n]{{0,12}}(?:{SAY_HAN})")
_ROLE_THEN = re.compile(rf"(?:{ROLE_HAN}|\b(?:{ROLE_LATIN})),?\s?({_LATIN}|{_DOTTED})")
_THEN_ROLE = re.compile(
    rf"({_LATIN}), (?:(?:a|an|the|who|its|her|his)\s)?[^,.\n]{{0,40}}?(?:{ROLE_LATIN})"
)
_FULL = re.compile(rf"(?<![\w'’])(?:{_PART}){_MORE}{{1,3}}(?![\w'’]*\w)")
_NARRATED = re.compile(
    rf"(?<![\w'’])((?:{_PART}){_MORE}{{1,2}})"
    r"(?=,|\s(?:who|has|had|is|was|does|did|likes|\w+ed|\w+s)\b)"
)
_ALONE = re.compile(
    rf"(?<![{_LETTER}.] )(?<![{_LETTER}'’\-])([{_UPPER}][{_LETTER}'’\-]*[{_LETTER}])"
    r"(?=['’]s\b|,|\s[a-z]|\.)"
    rf"|(?<=[a-z,;] )([{_UPPER}][{_LETTER}\-]+)(?=['’]s\b|,|\s[a-z]|\.)"
)
_HAN_SAYS = re.compile(
    rf"(?:(?<![{HAN}])|(?<=[的和與跟對問]))([{''.join(sorted(SURNAMES))}][{HAN}]{{2}})"
    rf"(?=[^。，；、「」：\n]{{0,8}}(?:{SAY_HAN}))"
)
_PLACE = re.compile(r"\b(?:[Tt]he|[Ii]n|[Aa]t|[Nn]ear|[Oo]n|[Oo]utside|called|from)\s$")
_ROLE_ENDS = "員员師师長长者授士民"
_ROLE_NAMED = re.compile(
    rf"(?:{ROLE_HAN}|[{HAN}][{_ROLE_ENDS}])([{''.join(sorted(SURNAMES))}][{HAN}]{{1,2}})"
)
_HONORIFIC = re.compile(
    r"^(?:[A-Z][a-z]+(?:ist|ian|ologist|keeper|man|woman|master|er|or)(?=\s\S+\s\S)|Mr|Mrs|Ms|"
    r"Dr|Prof|Professor|Sir|Dame|Senator|Mayor|President|Captain|Judge|Chef|Coach|"
    r"Minister|Governor|Chief|Officer|Sergeant|Detective|Father|Sister|Reverend|Saint|CEO|Host|"
    r"Principal|Director|Secretary|The Reverend|Councillor|Lord|Lady|Herr|Commissioner|"
    r"Superintendent|General|Admiral|Nurse)\.?\s+"
)
_NOT_PEOPLE = words(
    "Inc Corp Corporation Labs Lab Research University Institute Capital Ventures Group AI Podcast "
    "Show The This That These Those It Its But And Or In On At When While She He They We You I If "
    "As For So What There Then Here Why How Who Where Yes No Not Now One Two Three Most Many Some "
    "Intelligence Learning Model Models Center Centre Street City Times News Foundation Company "
    "Council Committee Department Ministry Bank Court School College Hospital Museum Library "
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May "
    "June July August September October November December Street Avenue Road River Lake Mount "
    "Bay Island County State States North South East West New Party House Association Agency "
    "Technologies Systems Software Securities Energy Motors Coding Lines Solutions Partners "
    "Union Club Team Project Program Agreement Act Street Google Microsoft Apple Amazon Meta "
    "OpenAI Anthropic Nvidia NVIDIA Tesla ChatGPT Claude Gemini GPT YouTube Twitter Facebook "
    "Instagram LinkedIn Reddit Netflix Spotify Transformer Agent Agents API CEO CTO CFO COO GPU "
    "Silicon Valley Data Code Open Source Public Benefit General Artificial Machine Deep Large "
    "Language Foundation Street Journal Post Review Magazine Radio Television TV Festival Prize "
    "After Before Because Since Although Though Until Once Even Still Yet Also Just Only Both "
    "Afterwards Later Earlier Meanwhile Today Yesterday Tomorrow Never Ever Nobody Somebody "
    "Everybody Everyone Someone Anyone Nothing Something People Critics Experts Among Inside "
    "Under Secretary Talks Asked Writing Outside Households Hospitals Opponents Families Players "
    "Saint His Her My Our Your Their Each Every Another Other Such First Second Last Next Like "
    "With Without From To By Of"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person of a post: the fullest name known, and every form that may mean them."""

    name: str
    forms: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The people of a post; ``main`` is the one it is mostly about, if there is such a one.

    ``named`` says how often each is named. A form that two people share means neither.
    """

    people: tuple[Person, ...] = ()
    by_form: dict[str, Person] = field(default_factory=dict)
    pattern: re.Pattern[str] | None = None
    main: Person | None = None
    named: tuple[tuple[Person, int], ...] = ()

    def mentions(self, text: str, start: int, end: int) -> Iterator[tuple[int, int, Person]]:
        """Yield (start, end, person) for every form of a person in ``text[start:end]``."""
        if self.pattern:
            for match in self.pattern.finditer(text, start, end):
                yield match.start(), match.end(), self.by_form[match.group()]


def cast(post: Post) -> Cast:
    """Return the people named in *post*: in its text, its tags and its list of people."""
    text = post.document.text
    paired = dict(_paired(text))
    heard = _heard(text)
    given = [tag for tag in post.tags if likely_name(tag) and _used(tag, text)]
    listed = [name for name in post.people if _FULL.fullmatch(name)]
    tagged = [tag for tag in post.tags if _personal(tag) and _FULL.fullmatch(tag)]
    fulls = [n for n in dict.fromkeys([*listed, *tagged, *paired, *_fulls(text)]) if _personal(n)]
    names: dict[str, set[str]] = {name: set(paired.get(name, ())) for name in paired}
    taken = {form for also in names.values() for form in _forms("", also)}
    for name in dict.fromkeys([*listed, *(t for t in tagged if _used(t, text)), *heard, *given]):
        full = _fullest(name, [*names, *fulls])
        if full and name not in taken:
            names.setdefault(full, set()).add(name)
    return _assemble(names, text)


def _paired(text: str) -> Iterator[tuple[str, set[str]]]:
    """Yield (Latin name, Han forms) for names that the text gives in both scripts."""
    found: dict[str, set[str]] = {}
    pairs = [(m.group(2), m.group(1)) for m in _BOTH.finditer(text)]
    pairs += [(m.group(1), m.group(2)) for m in _BOTH_TURNED.finditer(text)]
    for latin, run in pairs:
        name = _HONORIFIC.sub("", latin)
        han = _han_name(run, text)
        if han and _personal(name):
            found.setdefault(name, set()).add(han)
    yield from found.items()


def _han_name(run: str, text: str) -> str:
    """Return the name at the end of *run*, a row of Han characters, or "" if none is likely."""
    tail = re.split(rf"(?:{ROLE_HAN})(?=.)|[的是與和跟由及為、]", run)[-1]
    first = re.match(rf"([{HAN}]*)[{_DOT}]", tail)
    if first:
        if len(first.group(1)) <= 4:
            return tail
        sounds = re.search(f"[{''.join(TRANSLITERATES)}]{{1,5}}$", first.group(1))
        return tail[sounds.start() if sounds else max(0, first.end(1) - 3) :]
    for size in range(min(6, len(tail)), 1, -1):
        name = tail[-size:]
        own = size == 3 and name[0] in SURNAMES
        if likely_name(name) and (own or size == len(tail) or text.count(name) > 1):
            return name
    return ""


def likely_name(han: str) -> bool:
    """Tell whether *han* looks like a person's name: a surname and one or two, or sounds alone."""
    if len(han) in (2, 3) and han[0] in SURNAMES:
        return True
    return 2 <= len(han) <= 6 and all(char in TRANSLITERATES for char in han)


def _heard(text: str) -> list[str]:
    """Return the names that stand as the subject of a speech verb or beside a role."""
    patterns = (_SAYS_AFTER, _SAYS_BEFORE, _SAYS_HAN, _ROLE_THEN, _THEN_ROLE, _NARRATED)
    found = [
        match.group(1)
        for pattern in patterns
        for match in pattern.finditer(text)
        if not _PLACE.search(text[max(0, match.start(1) - 9) : match.start(1)])
    ]
    found += [m.group(1) for m in _HAN_SAYS.finditer(text) if text.count(m.group(1)) > 1]
    found += [_named_by_role(match.group(1), text) for match in _ROLE_NAMED.finditer(text)]
    alone = _alone(text)
    found += [full for full in _fulls(text) if full.rpartition(" ")[2] in alone]
    return [name for name in dict.fromkeys(map(_plain, found)) if _personal(name)]


def _alone(text: str) -> frozenset[str]:
    """Return the capitalised words that stand alone in *text*, as a surname does."""
    return frozenset(match.group(1) or match.group(2) for match in _ALONE.finditer(text))


def _plain(name: str) -> str:
    """Return *name* without what only stands before it: a title, the first word of a sentence."""
    parts = name.split()
    while len(parts) > 1 and parts[0] in _NOT_PEOPLE:
        parts = parts[1:]
    return _HONORIFIC.sub("", " ".join(parts))


def _named_by_role(run: str, text: str) -> str:
    """Return *run*, three characters after a role, if it is a name and not the start of one."""
    if len(run) < 3 or all(char in TRANSLITERATES for char in run):
        return ""
    same = text.count(run[:2])
    return run if text.count(run) in (same, same - 1) else ""


def _personal(name: str) -> bool:
    """Tell whether *name* could be a person's: not a tool's, a firm's, a day's or a place's."""
    parts = name.split()
    return bool(name) and not any(
        part.rstrip(".") in _NOT_PEOPLE or _made_up(part) for part in parts
    )


def _made_up(part: str) -> bool:
    """Tell whether *part* is spelt like a product: capitals inside, or nothing but capitals."""
    inner = re.search("[a-z][A-Z]", re.sub("^(?:Mc|Mac|De|Di|La|Le|Van|Fitz)(?=[A-Z])", "", part))
    return bool(inner) or (len(part) > 2 and part.isupper())


def _fulls(text: str) -> list[str]:
    return [
        _plain(match.group())
        for match in _FULL.finditer(text)
        if not _PLACE.search(text[max(0, match.start() - 9) : match.start()])
    ]


def _used(tag: str, text: str) -> bool:
    """Tell whether *tag* is used as a person: it, or a part of it, is named beside speech."""
    first, *_, last = (*tag.split(), tag)
    parts = "|".join(map(re.escape, {tag, first, last}))
    near = rf"(?:{parts})[^。，；、「」.,\n]{{0,16}}(?:{SAY_HAN}|\b(?:{SAY_LATIN})\b)"
    alone = rf"(?<!{re.escape(first)} )(?:{re.escape(last)})(?![A-Za-z])"
    return bool(re.search(near, text)) or (first != last and len(re.findall(alone, text)) > 2)


def _fullest(name: str, fulls: Sequence[str]) -> str:
    """Return the full name that *name* is short for, itself if none, "" if two are."""
    parts = name.split()
    if len(parts) > 1:
        return name
    ends = {full: full.split() for full in fulls if " " in full}
    owners = {full for full, (first, *_, last) in ends.items() if name in (first, last)}
    longest = {o for o in owners if not any(o != other and o in other for other in owners)}
    return longest.pop() if len(longest) == 1 else "" if longest else name


def _assemble(names: dict[str, set[str]], text: str) -> Cast:
    people = [
        Person(name=_printed(n, also), forms=frozenset(_forms(n, also)))
        for n, also in names.items()
    ]
    uses: dict[str, list[Person]] = {}
    for person in people:
        for form in person.forms:
            uses.setdefault(form, []).append(person)
    by_form = {form: owners[0] for form, owners in uses.items() if len(owners) == 1}
    named = _counted(people, by_form, text)
    return Cast(
        people=tuple(people),
        by_form=by_form,
        pattern=_any_of(by_form),
        main=foremost(named),
        named=named,
    )


def _printed(name: str, also: set[str]) -> str:
    """Return the name to print: that in Han for whom Han is the name's own script."""
    own = [f for f in sorted(also) if f[:1] in SURNAMES and len(f) <= 3 and likely_name(f)]
    return next((f for f in own if not all(char in TRANSLITERATES for char in f)), name)


def _counted(
    people: Sequence[Person], by_form: dict[str, Person], text: str
) -> tuple[tuple[Person, int], ...]:
    pattern = _any_of(by_form)
    found = Counter(by_form[m.group()] for m in pattern.finditer(text)) if pattern else Counter()
    return tuple((person, found[person]) for person in people)


def foremost(named: Sequence[tuple[Person, int]]) -> Person | None:
    """Return the person named three times or more and twice as often as the next, if any."""
    order = sorted(named, key=lambda pair: -pair[1])
    if not order or order[0][1] < 3:
        return None
    return order[0][0] if len(order) == 1 or order[0][1] >= 2 * order[1][1] else None


def _forms(name: str, also: set[str]) -> set[str]:
    forms = {name, *also} - {""}
    parts = name.split()
    forms |= {
        part for part in (*parts[:1], *parts[-1:]) if len(part) > 2 and part not in _NOT_PEOPLE
    }
    for form in also:
        pieces = re.split(f"[{_DOT}]", form)
        forms |= {piece for piece in (pieces[0], pieces[-1]) if len(piece) > 1}
    return forms


def _any_of(forms: dict[str, Person]) -> re.Pattern[str] | None:
    longest = sorted(forms, key=lambda form: (-len(form), form))
    if not longest:
        return None
    joined = "|".join(map(re.escape, longest))
    return re.compile(rf"(?<![A-Za-z])(?:{joined})(?![A-Za-z])")
