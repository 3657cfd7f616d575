"""Who a post is about: its people, each with the name to print and the forms used for them.

Whom a role means: the mayor, 執行長, where the text gives one person that role.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import islice

from digest.model import Post
from digest.text.attribution.han_names import (
    DOTTED,
    NICKNAMED,
    SPELT,
    TITLES,
    find_name_at_end,
    find_titled_names,
    find_used_forms,
    is_double,
    is_likely_name,
    is_native_name,
    is_transliterated,
    is_word,
    list_name_forms,
    score_han_names,
)
from digest.text.attribution.han_subjects import COMMON_END, POLITE
from digest.text.attribution.latin_names import (
    LATIN,
    find_name_runs,
    is_person_score,
    score_latin_names,
)
from digest.text.word_lists import HAN, NOT_PEOPLE, ROLE_HAN, ROLE_LATIN, SURNAMES

_IN_LATIN = re.compile(rf"[（(]({LATIN})[）)]")
_IN_HAN = re.compile(rf"({DOTTED}|[{HAN}]{{2,10}})\s?$")
_TURNED = re.compile(rf"\s?[（(]({DOTTED}|[{HAN}]{{2,6}})[）)]")
_FULL = re.compile(rf"{LATIN}")
_NICK = re.compile(r"\s[“\"‘]([A-Z][a-z]+)[”\"’]\s(?=[A-Z])")
_NAME_AT = re.compile(LATIN)
_NAME_BEFORE = re.compile(rf"{LATIN}$")
_SMALL = re.compile(r"\b[a-z]{4,}\b")
_SURE = 3.0
_TELLS_HAN = "(?:[說说](?![明法服])|回憶|坦言|笑|解釋|談(?![判到]))"
_SPELT = 1.5  # what the spelling of two words says
_COMMON = 3.0  # what is taken from a name whose words are words
_OFTEN = 3
_MOST = 500  # names that are weighed against each other: more are no people but noise
_LISTED = 100  # tags and people that the post itself lists
_A_STORY = r"(?:novel|book|story|film|movie|play|series|show|comic|game)['’]s"
_ROLE_PLAYED = r"(?:heroine|protagonist|narrator|antihero|main character|title character|villain)"
_PLAYS = re.compile(
    rf"\b{_ROLE_PLAYED},?\s(?:named |called )?$|"
    r"(?:[女男]主角|[女男]主|主人公|敘事者|叙事者|反派|(?:小說|小说|劇|電影|影集|漫畫)[中裡里]的?"
    r"(?:主角)?)[^，。、「」]{0,4}$"
)
_PLAYED = re.compile(
    rf",?\s(?:who is |is )?(?:(?:the|our|its|an?)\s)?(?:{_A_STORY}\s)?(?:[a-z]+\s)?"
    rf"{_ROLE_PLAYED}\b|"
    r"\s?（[^）]{1,12}飾）|\s?(?:是|，)?(?:本書|這本書|小說|電影|全書|故事)的(?:主角|主人公|敘事者)"
)
_FILM = re.compile(r"\b(?:film|movie|sitcom|screenplay|starring|premiere|miniseries)s?\b")
_ACTED = re.compile(r"\s\([A-Z][\w’'-]+\s[A-Z][\w’'-]+\)|,?\splayed by\s[A-Z]")
_CALLED = re.compile(
    r"(?:everyone|everybody|friends|colleagues|whom all|people)\s(?:\w+\s)?calls?\s(?:her|"
    r"him\s)?([A-Z][a-z]+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person of a post: the fullest name known, and every form that may mean them."""

    name: str
    forms: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostPeople:
    """The people of a post; ``main`` is the one it is mostly about, if there is such a one.

    ``named`` says how often each is named. A form that two people share means neither. Of those
    in ``faint`` little more than their spelling says that they are people; those in ``imagined``
    are told of as people of a story.
    """

    people: tuple[Person, ...] = ()
    by_form: dict[str, Person] = field(default_factory=dict)
    pattern: re.Pattern[str] | None = None
    main: Person | None = None
    named: tuple[tuple[Person, int], ...] = ()
    faint: frozenset[str] = frozenset()
    imagined: frozenset[str] = frozenset()

    def mentions(self, text: str, start: int, end: int) -> Iterator[tuple[int, int, Person]]:
        """Yield (start, end, person) for every form of a person in ``text[start:end]``."""
        if self.pattern:
            for match in self.pattern.finditer(text, start, end):
                yield match.start(), match.end(), self.by_form[match.group()]


def find_people(post: Post, speaking: Mapping[str, float] | None = None) -> PostPeople:
    """Return the people named in *post*: in its text, its tags and its list of people.

    *speaking* are names that only their place in a clause has given, each with its evidence.
    """
    text = post.document.text
    paired = _pair_scripts(text)
    latin = _keep_best_names(score_latin_names(text))
    for name in paired:
        latin[name] = latin.get(name, 0.0) + 3.0
    for name, bonus in _score_listed_names(post, text, latin):
        latin[name] = latin.get(name, 0.0) + bonus
    han = _keep_best_names(_drop_titled_duplicates(score_han_names(text)))
    han |= {
        name: 5.0
        for name in (*post.people[:_LISTED], *post.tags[:_LISTED])
        if (is_native_name(name) and name in post.people) or _is_used_as_name(name, text)
    }
    for name, score in sorted((speaking or {}).items(), key=lambda pair: -len(pair[0])):
        if name.isascii():
            latin[name] = latin.get(name, 0.0) + score
            continue
        if is_double(name):
            han = {other: value for other, value in han.items() if other not in name}
        same = POLITE.fullmatch(name) and any(other[0] == name[0] for other in han)
        if not same and not _is_part_of_name(name, han):
            han[name] = score
    names, faint = _join_short_names(latin, text)
    both: dict[str, set[str]] = {
        name: names.get(name, set()) | also for name, also in paired.items()
    }
    both |= {name: also for name, also in names.items() if name not in both}
    taken = {
        form for also in paired.values() for name in also for form in (name, *list_name_forms(name))
    }
    known = " ".join(sorted(taken))
    spelt = dict.fromkeys(SPELT.findall(text), 3.0)
    han |= {
        name: 3.0
        for name in _keep_best_names(spelt)
        if not any(f in known for f in list_name_forms(name))
    }
    both |= {name: set() for name in han if name not in taken}
    made = _assemble_people(both, text)
    often = {person.name for person, count in made.named if count >= _OFTEN}
    return replace(made, faint=faint - often, imagined=_find_fictional_people(made, text))


def _keep_best_names(names: Mapping[str, float]) -> dict[str, float]:
    """Return the names of *names* that most speaks for, in their order, as many as are compared."""
    if len(names) <= _MOST:
        return dict(names)
    best = set(sorted(names, key=lambda name: -names[name])[:_MOST])
    return {name: score for name, score in names.items() if name in best}


def _is_part_of_name(name: str, han: Mapping[str, float]) -> bool:
    """Tell whether *name* is a part of one of *han*, or has one of them and what follows it."""
    return any(name in other or other in name for other in han)


def _drop_titled_duplicates(han: Mapping[str, float]) -> dict[str, float]:
    """Return *han* without names of a surname and a title whose owner stands there in full."""
    whole = {name[0] for name in han if name[1:] not in TITLES}
    return {n: score for n, score in han.items() if n[1:] not in TITLES or n[0] not in whole}


def _is_used_as_name(tag: str, text: str) -> bool:
    """Tell whether a tag of three characters, surname unknown, is used as a person's name."""
    return bool(
        re.fullmatch(f"[{HAN}]{{2}}[^人業者家員師型學論法權力化性車機片鏈圈]", tag)
        and tag[-1] not in COMMON_END
        and not is_word(tag)
        and re.search(
            rf"{tag}(?:[^。，；、「」\n]{{0,3}})(?:[說说](?![明法服])|回憶|坦言|笑|解釋|談(?![判到]))",
            text,
        )
    )


def _score_listed_names(
    post: Post, text: str, weighed: Mapping[str, float]
) -> Iterator[tuple[str, float]]:
    """Yield the names that the post's own lists give, with what that says.

    A tag or a title is none by itself: something must speak for it where it is *weighed*.
    """
    for name in post.people[:_LISTED]:
        if _FULL.fullmatch(name):
            yield name, 5.0
    for _, _, name in find_name_runs(f"{post.title}. {post.abstract}"):
        if name.count(" ") == 1 and any(part in text for part in _find_first_and_last(name)):
            yield name, 1.0
    for tag in post.tags[:_LISTED]:
        if _FULL.fullmatch(tag) and " " in tag and tag.split(" ")[-1] in text:
            used = weighed.get(tag, 0.0) > _SPELT or any(
                weighed.get(part) for part in _find_first_and_last(tag)
            )
            yield tag, 1.0 * used


def _pair_scripts(text: str) -> dict[str, set[str]]:
    """Return Latin name -> Han forms for names that the text gives in both scripts."""
    found: dict[str, set[str]] = {}
    pairs: list[tuple[str, str]] = []
    for match in islice(_IN_LATIN.finditer(text), _MOST):
        before = _IN_HAN.search(text[max(0, match.start() - 24) : match.start()])
        if before:
            pairs.append((match.group(1), before.group(1)))
    for match in islice(_TURNED.finditer(text), _MOST):
        led = _NAME_BEFORE.search(text, max(0, match.start() - 40), match.start())
        if led:
            pairs.append((led.group(), match.group(1)))
    for latin, run in pairs:
        name = next((name for _, _, name in find_name_runs(latin)), "")
        han = find_name_at_end(run, text, full=" " in name)
        if han and name and not _is_product_name(name):
            found.setdefault(name, set()).add(han)
    return found


def _is_product_name(name: str) -> bool:
    """Tell whether *name* is spelt like a product: capitals inside, or nothing but capitals."""
    return any(map(_has_odd_capitals, name.split()))


def _has_odd_capitals(part: str) -> bool:
    rest = re.sub("^(?:Mc|Mac|De|Di|La|Le|Van|Fitz|O’|O')(?=[A-Z])", "", part)
    return bool(re.search("[a-z][A-Z]|[A-Z]{2}s$", rest)) or (len(part) > 2 and rest.isupper())


def _join_short_names(
    latin: Mapping[str, float], text: str
) -> tuple[dict[str, set[str]], frozenset[str]]:
    """Return the people's names with the shorter names used for them, and the faint of them.

    Evidence adds up.
    """
    small = set(_SMALL.findall(text))
    latin = {name: value - _COMMON * _is_common(name, small) for name, value in latin.items()}
    fulls = [name for name in latin if " " in name and not _is_product_name(name)]
    owners: dict[str, set[str]] = {}
    for full in fulls:
        for part in _find_first_and_last(full):
            owners.setdefault(part, set()).add(full)
    score = dict(latin)
    also: dict[str, set[str]] = {full: set() for full in fulls}
    for part, whole in owners.items():
        longest = _keep_longest_names(whole)
        if len(longest) == 1 and part in latin:
            alone = part == longest[0].split(" ")[-1] or " " not in text
            score[longest[0]] += latin[part] + 2.0 * alone
            also[longest[0]].add(part)
    for nick, full in _find_nicknames(text, fulls):
        also.setdefault(full, set()).add(nick)
        score[full] = score.get(full, 0.0) + 3.0
    taken = {part for parts in also.values() for part in parts} | set(owners)
    names = {full: parts for full, parts in also.items() if is_person_score(score[full])}
    names |= {
        name: set()
        for name, value in latin.items()
        if " " not in name
        and name not in taken
        and len(name) > 2
        and is_person_score(value - 3.0 * _is_product_name(name))
    }
    return _merge_same_people(names), frozenset(
        name for name in names if score.get(name, 0.0) < _SURE
    )


def _is_common(name: str, small: Set[str]) -> bool:
    """Tell whether every word of *name* is among those in small letters: Appreciate Helpers."""
    return all(part.lower() in small and part[1:].islower() for part in name.split(" "))


def _find_fictional_people(made: PostPeople, text: str) -> frozenset[str]:
    """Return the names of those whom *text* calls people of a story: its heroine, its narrator."""
    film = bool(_FILM.search(text))
    return frozenset(
        person.name
        for at, stop, person in made.mentions(text, 0, len(text))
        if _PLAYS.search(text, max(0, at - 32), at)
        or _PLAYED.match(text, stop, stop + 48)
        or (film and _ACTED.match(text, stop, stop + 48))
    )


def _find_first_and_last(full: str) -> tuple[str, ...]:
    first, *_, last = (*full.split(" "), full.rsplit(" ", maxsplit=1)[-1])
    return tuple(
        part
        for part in (first, last)
        if part not in NOT_PEOPLE and (len(part) > 2 or (len(part) == 2 and part[1].islower()))
    )


def _keep_longest_names(names: Iterable[str]) -> list[str]:
    """Return *names* without those that another one says in full: J. Smith, Jane T. Smith."""
    kept = sorted(names, key=lambda name: -len(name))
    return [
        n for at, n in enumerate(kept) if not any(_extends_name(longer, n) for longer in kept[:at])
    ]


def _extends_name(longer: str, name: str) -> bool:
    """Tell whether *longer* is *name* with more of it: a middle name, a title."""
    mine, other = name.split(" "), longer.split(" ")
    return (mine[0] == other[0] and mine[-1] == other[-1]) or f" {name} " in f" {longer} "


def _merge_same_people(names: dict[str, set[str]]) -> dict[str, set[str]]:
    """Join the entries of one person: with and without a middle name."""
    kept: dict[str, set[str]] = {}
    for name in sorted(names, key=lambda name: -len(name)):
        owner = next((full for full in kept if " " in name and _extends_name(full, name)), None)
        if owner:
            kept[owner] |= {name, *names[name]}
        else:
            kept[name] = set(names[name])
    return {name: kept[name] for name in names if name in kept}


def _find_nicknames(text: str, fulls: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (nickname, full name) where the text gives both together."""
    for match in _NICK.finditer(text):
        first = _NAME_BEFORE.search(text, max(0, match.start() - 40), match.start())
        last = _NAME_AT.match(text, match.end())
        if first and last:
            yield match.group(1), f"{first.group()} {last.group()}"
    for match in islice(_CALLED.finditer(text), _MOST):
        before = [
            name for name in fulls if name in text[max(0, match.start() - 120) : match.start()]
        ]
        if len(before) == 1:
            yield match.group(1), before[0]


def _assemble_people(names: dict[str, set[str]], text: str) -> PostPeople:
    nicks = _find_han_nicknames(names, text)
    called = find_titled_names(text)
    people = []
    for name, also in names.items():
        known = {name, *also, *nicks.get(name, ())}
        known |= {part for one in (name, *also) for part in _find_first_and_last(one)}
        known |= {form for one in (name, *also) for form in find_used_forms(one, text, called)}
        people.append(Person(name=_choose_printed_name(name, also), forms=frozenset(known)))
    uses: dict[str, list[Person]] = {}
    for person in people:
        for form in person.forms:
            uses.setdefault(form, []).append(person)
    owned = {form: owners[0] for form, owners in uses.items() if len(owners) == 1}
    pattern = _compile_forms(owned)
    named = _count_mentions(people, owned, pattern, text)
    return PostPeople(
        people=tuple(people),
        by_form=owned,
        pattern=pattern,
        main=find_main_person(named),
        named=named,
    )


def _find_han_nicknames(names: Iterable[str], text: str) -> dict[str, set[str]]:
    """Return the by-names of people who are named just before 大家叫他…."""
    known = [name for name in names if name[0] >= "一"]
    found: dict[str, set[str]] = {}
    for match in islice(NICKNAMED.finditer(text), _MOST):
        head = text[max(0, match.start() - 24) : match.start()]
        near = max(known, key=head.rfind, default="")
        if near and near in head:
            found.setdefault(near, set()).add(match.group(1))
    return found


def _choose_printed_name(name: str, also: set[str]) -> str:
    """Return the name to print: that in Han for whom Han is the name's own script."""
    own = [f for f in sorted(also) if f[:1] in SURNAMES and len(f) <= 3 and is_likely_name(f)]
    return next((f for f in own if not is_transliterated(f)), name)


def _count_mentions(
    people: Sequence[Person],
    owned: Mapping[str, Person],
    pattern: re.Pattern[str] | None,
    text: str,
) -> tuple[tuple[Person, int], ...]:
    found = Counter(owned[m.group()].name for m in pattern.finditer(text)) if pattern else Counter()
    return tuple((person, found[person.name]) for person in people)


def find_main_person(named: Sequence[tuple[Person, int]]) -> Person | None:
    """Return the person named three times or more and twice as often as the next, if any."""
    order = sorted(named, key=lambda pair: -pair[1])
    if not order or order[0][1] < 3:
        return None
    return order[0][0] if len(order) == 1 or order[0][1] >= 2 * order[1][1] else None


def _compile_forms(known: Mapping[str, Person]) -> re.Pattern[str] | None:
    longest = sorted(known, key=lambda form: (-len(form), form))
    if not longest:
        return None
    by_first: dict[str, list[str]] = {}
    for form in longest:
        by_first.setdefault(form[0], []).append(re.escape(form[1:]))
    joined = "|".join(f"{re.escape(c)}(?:{'|'.join(rest)})" for c, rest in by_first.items())
    firsts = "".join(map(re.escape, by_first))  # where none can begin, none of them is tried
    return re.compile(rf"(?=[{firsts}])(?<![A-Za-z])(?:{joined})(?![A-Za-z])")


ROLE = re.compile(rf"(?:{ROLE_HAN})|\b(?:{ROLE_LATIN})\b")
_OPENING = re.compile(
    rf"(?:(?<=[.!?”\"]\s)|(?<=\n)|^)(?:The|(?:But|And|Then) the)\s(?:(?:old|young|former|chief|"
    rf"head|senior)\s)?(?P<role>{ROLE_LATIN})\b(?!['’]s|\s[A-Z]|,\s[A-Z])(?P<other>\s(?:of|at|in|from)"
    rf"\s(?:my|another|an?)\b)?|"
    rf"(?:(?<=[。！？；\n])|^)(?:這位|這名|那位|該)?(?P<han>{ROLE_HAN}|[團組課科]長)(?=是|也|則|卻|又|只|沒|在|已|才|便|"
    rf"就|聽|問|說|笑|看|站|坐|走|點頭|搖頭|回|答|追|反|打斷|告訴|想)"
)

_NEAR = re.compile(r"(?:, )?[^，。；、」,.\n]{0,4}")
_TOLD_OF = re.compile(r"(?:（[^）]*）)?,? (?P<rest>[^.。\n]{0,56})")
_WROTE = re.compile(
    r"\s?的(?:新書|書|小說|專欄|文章|論文|著作|回憶錄|散文集)|"
    r"['’]s\s(?:(?:new|first|second|latest|debut|own)\s)?(?:book|novel|memoir|essay|paper|history)\b"
)


def find_person_called(text: str, people: PostPeople, role: str) -> Person | None:
    """Return the one person whom *text* calls *role*; None where it is nobody, or several."""
    wrote = role in ("作者", "author", "writer")
    found: dict[str, Person] = {}
    for at, stop, person in people.mentions(text, 0, len(text)):
        if (
            _ends_with_role(text[max(0, at - 24) : at], role)
            or _starts_with_role(text[stop : stop + 80], role)
            or (wrote and _WROTE.match(text, stop))
        ):
            found[person.name] = person
    return next(iter(found.values())) if len(found) == 1 else None


def _ends_with_role(head: str, role: str) -> bool:
    """Tell whether *head* ends with *role*, with no more than a few letters after it."""
    at = head.lower().rfind(role.lower())
    return at >= 0 and bool(_NEAR.fullmatch(head, at + len(role)))


def _starts_with_role(tail: str, role: str) -> bool:
    """Tell whether *tail* starts by telling that somebody is *role*: （…）, the chief of …."""
    match = _TOLD_OF.match(tail)
    if match is None:
        return False
    rest = match.group("rest")
    at = rest.find(role)
    beside = rest[at - 1 : at] + rest[at + len(role) : at + len(role) + 1] if at >= 0 else "x"
    return not any(char.isalnum() or char == "_" for char in beside)


def find_role_openings(narration: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, role) for the sentences whose subject is told by a role alone.

    The role is "" where it is somebody else's: the captain of another ship.
    """
    for match in _OPENING.finditer(narration):
        role = match.group("role") or match.group("han")
        yield match.start(), match.end(), "" if match.group("other") else role
