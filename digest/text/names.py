"""Who a post is about: its people, each with the name to print and the forms used for them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from digest.model import Post
from digest.text.lexicon import HAN, SAY_HAN, SAY_LATIN

_PART = r"[A-Z][A-Za-zÀ-ÿ.'’\-]*"
_LATIN = rf"{_PART}(?:\s(?:de|van|von|der|bin|al|la|da|di|del|{_PART})){{0,3}}"
_DOTTED = rf"[{HAN}]{{1,6}}(?:[·．・‧][{HAN}]{{1,8}})+"
_BOTH = re.compile(rf"({_DOTTED}|[{HAN}]{{2,8}})\s?[（(]({_PART}(?:\s{_PART}){{1,3}})[）)]")
_SUBJECT_HAN = re.compile(rf"({_LATIN}|{_DOTTED})\s?[^。，；「\s]{{0,4}}(?:{SAY_HAN})")
_SUBJECT_LATIN = re.compile(
    rf"(?:\b(?:{SAY_LATIN})\s({_LATIN}))|(?:({_LATIN})(?:,[^,.\n]{{3,60}},)?\s(?:{SAY_LATIN})\b)"
)
_FULL = re.compile(rf"{_PART}(?:\s{_PART}){{1,3}}")
_NOT_A_NAME = re.compile(
    r"\b(?:Inc|Corp|Labs?|Research|University|Institute|Capital|Ventures|Group|AI|Podcast|Show|"
    r"The|This|That|It|But|And|In|On|When|She|He|They|We|You|I|If|As|At|For|So|What|There|"
    r"Intelligence|Learning|Model|Center|Street|City|Times|News|Foundation|Company)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person of a post: the fullest name known, and every form that means them alone."""

    name: str
    forms: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The people of a post, the one it is mostly about first."""

    people: tuple[Person, ...] = ()
    by_form: dict[str, Person] = field(default_factory=dict)
    pattern: re.Pattern[str] | None = None

    def mentions(self, text: str, start: int, end: int) -> Iterator[tuple[int, int, Person]]:
        """Yield (start, end, person) for every form of a person in ``text[start:end]``."""
        if self.pattern:
            for match in self.pattern.finditer(text, start, end):
                yield match.start(), match.end(), self.by_form[match.group()]


def cast(post: Post) -> Cast:
    """Return the people named in *post*: in its text, its tags and its list of people."""
    text = post.document.text
    names: dict[str, set[str]] = {}
    for han, latin in _BOTH.findall(text):
        if not _NOT_A_NAME.search(latin) and _likely(latin, text):
            names.setdefault(latin, set()).add(han)
    spoken = [found for match in _SUBJECT_HAN.finditer(text) for found in match.groups()]
    spoken += [
        found for match in _SUBJECT_LATIN.finditer(text) for found in match.groups() if found
    ]
    for name in (*post.people, *post.tags, *spoken):
        if _FULL.fullmatch(name) and not _NOT_A_NAME.search(name) and _likely(name, text):
            names.setdefault(name, set())
    for name in spoken:
        if not _NOT_A_NAME.search(name) and not any(name in full.split() for full in names):
            names.setdefault(name, set())
    return _assemble(names, text)


def _likely(name: str, text: str) -> bool:
    parts = name.split()
    return any(re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text) for part in (name, *parts))


def _assemble(names: dict[str, set[str]], text: str) -> Cast:
    people = [Person(name=n, forms=frozenset(_forms(n, also))) for n, also in names.items()]
    uses: dict[str, list[Person]] = {}
    for person in people:
        for form in person.forms:
            uses.setdefault(form, []).append(person)
    by_form = {form: owners[0] for form, owners in uses.items() if len(owners) == 1}
    pattern = _any_of(by_form)
    order = sorted(people, key=lambda p: -sum(text.count(form) for form in p.forms))
    return Cast(people=tuple(order), by_form=by_form, pattern=pattern)


def _forms(name: str, also: set[str]) -> set[str]:
    forms = {name, *also}
    parts = name.split()
    forms |= {part for part in (parts[0], parts[-1]) if len(part) > 2}
    for form in also:
        pieces = re.split("[·．・‧]", form)
        forms |= {piece for piece in (pieces[0], pieces[-1]) if len(piece) > 1}
    return forms


def _any_of(forms: Iterable[str]) -> re.Pattern[str] | None:
    longest = sorted(forms, key=lambda form: (-len(form), form))
    if not longest:
        return None
    joined = "|".join(map(re.escape, longest))
    return re.compile(rf"(?<![A-Za-z])(?:{joined})(?![A-Za-z])")
