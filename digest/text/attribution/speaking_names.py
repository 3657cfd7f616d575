"""Names that only the grammar gives away: who says something, and is in no dictionary.

What speaks for each is weighed: the role before it, how it is spelt and tagged, how often it comes
back and where. Nothing here knows the words of any one house.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from digest.text.attribution.han_subjects import (
    COMMON_END,
    ROLE,
    SAYING,
    TITLED,
    ClauseSubject,
    find_clause_start,
    find_clause_subject,
)
from digest.text.word_lists import HAN, SURNAMES, WEAK_SURNAMES

_NICKNAME = re.compile(rf"[阿小老][{HAN}]$|([{HAN}])\1$|[{HAN}]{{1,2}}[哥姐姊叔伯嫂]$")
_PLACE_AHEAD = re.compile(r"(?:[在用從从到於于上]|[個个這这那些種种每該该某名位])$")
_PLACE_AFTER = re.compile(r"[上中裡里內内們们]")
_LEAST = 3.0
_ENOUGH = 3  # clauses that start alike: no more are read
_MOST_NAMES, _MOST_PLACES = 40, 12
_NEAR = 90  # characters beside a quotation in which names are looked for
_OTHERS = frozenset("他她它牠我你您這这那·，。\n ")


def score_speaking_names(narration: str, leads: Iterable[int]) -> dict[str, float]:
    """Return the names of those who say something in *narration*, with what speaks for each.

    *leads* are the places where a quotation opens. Quotations are blanked out of the narration.
    """
    weights: dict[str, float] = {}
    times: Counter[str] = Counter()
    for found in _find_speaking_subjects(narration, leads):
        times[found.name] += 1
        weights[found.name] = max(weights.get(found.name, -9.0), _score_clause(found))
    titled = Counter(match.group() for match in TITLED.finditer(narration))
    weights |= {name: _LEAST for name, count in titled.items() if count > 1}
    times.update({name: 1 for name, count in titled.items() if count > 1})
    names = [name for name, _ in times.most_common(_MOST_NAMES)]
    around = _score_other_places(narration, names)
    return {
        name: score
        for name in names
        if (score := weights[name] + (times[name] > 1) + around[name]) >= _LEAST
    }


def _find_speaking_subjects(narration: str, leads: Iterable[int]) -> Iterator[ClauseSubject]:
    """Yield the subjects, by name, of the clauses near the *leads* that say something."""
    seen: set[int] = set()
    begun: Counter[str] = Counter()
    read = 0
    for lead in leads:
        low, read = max(read, lead - _NEAR), lead + _NEAR
        verbs = [match.start() for match in SAYING.finditer(narration, low, read)]
        for place in (*verbs, lead):
            at = max(0, place - 3) + len(narration[max(0, place - 3) : place].rstrip("：:，, "))
            start = find_clause_start(narration, 0, at)
            if start in seen or start >= at or narration[start] in _OTHERS:
                continue
            seen.add(start)
            begun[narration[start : start + 3]] += 1
            if begun[narration[start : start + 3]] > _ENOUGH:
                continue
            found = find_clause_subject(narration, start, at)
            if found and found.kind == "name":
                yield found


def _score_clause(found: ClauseSubject) -> float:
    """Return what a clause by itself says for its subject's being somebody's name."""
    name = found.name
    if name.isascii():
        return _LEAST
    family = name[0] in SURNAMES
    full = 1.5 if family and len(name) in (3, 4) else 0.5 if family else 0.0
    nick = 1.0 if _NICKNAME.match(name) else 0.0
    common = 2.0 if name[-1] in COMMON_END and not nick and not (found.tagged and family) else 0.0
    weak = 1.5 if name[0] in WEAK_SURNAMES and (len(name) == 2 or found.worded) else 0.0
    weak *= not found.led
    own = (-2.5 if not found.tagged else -0.5) if found.listed else 1.5
    return (
        own
        + full
        + nick
        + 1.0 * found.tagged
        + 0.75 * found.ahead
        + 0.5 * found.led
        - common
        - weak
    )


def _score_other_places(narration: str, names: list[str]) -> dict[str, float]:
    """Return what the other places of each name say: a name comes back, a place is where one is."""
    found = dict.fromkeys(names, 0.0)
    if not names:
        return found
    places: Counter[str] = Counter()
    roled = dict.fromkeys(names, 0.0)
    longest = sorted(names, key=lambda name: (-len(name), name))
    for match in re.finditer("|".join(map(re.escape, longest)), narration):
        name = match.group()
        places[name] += 1
        if places[name] > _MOST_PLACES:
            continue
        head = narration[max(0, match.start() - 1) : match.start()]
        if _PLACE_AHEAD.match(head) or _PLACE_AFTER.match(narration, match.end()):
            found[name] -= 1.0
        elif ROLE.search(narration, max(0, match.start() - 4), match.start()):
            roled[name] = 0.75
    return {
        name: max(-3.0, value)
        + roled[name]
        + (1.5 if places[name] > 3 else 0.75 if places[name] > 1 else 0.0)
        for name, value in found.items()
    }
