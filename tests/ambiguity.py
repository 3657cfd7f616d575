"""Which regular expressions can take more than linear time, told from their parse trees.

A pattern becomes an automaton whose edges read characters. Its time explodes where a state comes
back to itself over the same characters in two ways (EDA), and grows with a power of the length
where a loop can hand over to a later loop at any character of a run that both can read (IDA). A
search adds a loop in front that reads anything, for it starts at every place. See Weideman and
others, "Analyzing Matching Time Behavior of Backtracking Regular Expression Matchers", 2016.

What is looked at behind is understood (one character of it), what is looked at ahead is not, so
some of what is reported cannot happen. A repetition that ends counts as at most three rounds.
"""

import re
import sys
import unicodedata
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from re import _constants as op
from re import _parser

ROUNDS = 3
UNBOUNDED = 1000  # rounds from which a repetition that ends is taken for one that does not
TOO_MANY = 400_000
_SAMPLES = "aZ0_ \n\t-.é船あア。「」\u3000\U00020000"
_READABLE = (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN)
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


@dataclass(frozen=True, slots=True)
class Finding:
    """``kind`` is "exponential" or "power"; *pump*, many times over, is what makes it slow."""

    kind: str
    pump: str


def findings(pattern: str, flags: int, *, search: bool) -> list[Finding]:
    """Return how *pattern* can be slow; *search* tells that it is looked for at every place."""
    tree = _parser.parse(pattern, flags)
    if not _repeats_for_ever(tree):
        return []
    builder = _Builder(tree, flags | tree.state.flags)
    found = list(_Analysis(builder.built(search=search)).findings())
    for inner, within in builder.atoms:  # once matched it is not tried another way
        found += _Analysis(_Builder(inner, within).built(search=False)).findings()
    return found


@dataclass(slots=True)
class _Edge:
    """An empty edge: ``checked`` where it may fail, ``behind`` what may have been read last.

    ``ends`` tells that it holds at the end of the text, ``bounds`` that a word begins or ends.
    """

    target: int
    checked: bool = False
    ends: bool = False
    bounds: bool = False
    behind: frozenset[int] | None = None


@dataclass(slots=True)
class _Automaton:
    """States are numbers; 0 begins, 1 accepts. A state of ``reads`` reads one of a set."""

    alphabet: frozenset[int]
    empty: list[list[_Edge]] = field(default_factory=lambda: [[], []])
    reads: dict[int, tuple[frozenset[int], int]] = field(default_factory=dict)
    atomic: set[int] = field(default_factory=set)

    def state(self) -> int:
        self.empty.append([])
        return len(self.empty) - 1


class _Builder:
    def __init__(self, tree, flags: int) -> None:
        self.tree, self.flags = tree, flags
        self.automaton = _Automaton(_alphabet(tree, flags))
        self.atoms: list = []

    def built(self, *, search: bool) -> _Automaton:
        inner = self.automaton.state()
        self._sequence(self.tree, inner, 1, self.flags)
        first = next(iter(self.tree), (None, None))
        if search and first != (op.AT, op.AT_BEGINNING_STRING):
            anywhere = self.automaton.state()
            self.automaton.reads[anywhere] = (self.automaton.alphabet, 0)
            self._link(0, anywhere)
        self._link(0, inner)
        return self.automaton

    def _link(self, one: int, other: int, **how) -> None:
        self.automaton.empty[one].append(_Edge(other, **how))

    def _sequence(self, tree, start: int, end: int, flags: int) -> None:
        at = start
        for kind, value in tree:
            after = self.automaton.state()
            self._step(kind, value, at, after, flags)
            at = after
        self._link(at, end)

    def _step(self, kind, value, start: int, end: int, flags: int) -> None:
        if kind in _READABLE:
            reading = self.automaton.state()
            self._link(start, reading)
            self.automaton.reads[reading] = (self._set(kind, value, flags), end)
        elif kind is op.BRANCH:
            for branch in value[1]:
                self._sequence(branch, start, end, flags)
        elif kind is op.SUBPATTERN:
            _, add, drop, inner = value
            self._sequence(inner, start, end, (flags | add) & ~drop)
        elif kind is op.ATOMIC_GROUP:
            self.atoms.append((value, flags))
            self._sequence(value, start, end, flags)
        elif kind in _REPEATS:
            self._repeat(kind, value, start, end, flags)
        else:
            ends = kind is op.AT and value is op.AT_END_STRING
            bounds = kind is op.AT and value is op.AT_BOUNDARY
            behind = self._behind(kind, value, flags)
            self._link(start, end, checked=not ends, ends=ends, bounds=bounds, behind=behind)

    def _repeat(self, kind, value, start: int, end: int, flags: int) -> None:
        least, most, inner = value
        at, before = start, len(self.automaton.empty)
        for number in range(min(int(most), max(ROUNDS, 1))):
            if number >= least:
                self._link(at, end)
            after = self.automaton.state()
            self._sequence(inner, at, after, flags)
            at = after
        if most is op.MAXREPEAT or int(most) > UNBOUNDED:
            back = self.automaton.state()
            self._sequence(inner, at, back, flags)
            self._link(back, at)
        self._link(at, end)
        if kind is op.POSSESSIVE_REPEAT:
            self.atoms.append((inner, flags))
            self.automaton.atomic |= set(range(before, len(self.automaton.empty)))

    def _behind(self, kind, value, flags: int) -> frozenset[int] | None:
        """Return the characters after which the check of *kind* can hold; None for any."""
        if kind is op.AT and value is op.AT_BEGINNING:
            return frozenset({10}) if flags & re.MULTILINE else frozenset()
        if kind is op.AT and value is op.AT_BEGINNING_STRING:
            return frozenset()
        if kind not in (op.ASSERT, op.ASSERT_NOT) or value[0] > 0 or len(value[1]) != 1:
            return None
        ((inner, what),) = value[1]
        if inner not in _READABLE:
            return None
        seen = self._set(inner, what, flags)
        return seen if kind is op.ASSERT else self.automaton.alphabet - seen

    def _set(self, kind, value, flags: int) -> frozenset[int]:
        alphabet = self.automaton.alphabet
        if kind is op.ANY:
            return alphabet if flags & re.DOTALL else alphabet - {10}
        if kind in (op.LITERAL, op.NOT_LITERAL):
            same = frozenset(code for code in alphabet if _is_same(code, value, flags))
            return same if kind is op.LITERAL else alphabet - same
        items = list(value)
        negated = items[0][0] is op.NEGATE
        inside = frozenset(
            code for code in alphabet if any(_is_in(code, item, flags) for item in items[negated:])
        )
        return alphabet - inside if negated else inside


def _repeats_for_ever(value) -> bool:
    """Tell whether a repetition without an end stands anywhere in a tree."""
    if isinstance(value, tuple) and len(value) == 2 and any(value[0] is kind for kind in _REPEATS):
        _, most, inner = value[1]
        return most is op.MAXREPEAT or int(most) > UNBOUNDED or _repeats_for_ever(inner)
    return isinstance(value, (list, tuple, _parser.SubPattern)) and any(
        map(_repeats_for_ever, value)
    )


def _alphabet(tree, flags: int) -> frozenset[int]:
    """Return characters such that whatever two sets of the pattern tell apart is among them."""
    seen = {ord(char) for char in _SAMPLES}
    for code in _points(tree):
        if not 0 <= code <= sys.maxunicode:  # a count, or a direction
            continue
        seen |= {code - 1, code, code + 1}
        if flags & re.IGNORECASE:
            seen |= {ord(other) for other in _cases(code)}
    return frozenset(code for code in seen if 0 <= code <= sys.maxunicode)


def _points(value) -> Iterator[int]:
    """Yield all character codes that stand anywhere in a tree (and numbers that do no harm)."""
    if isinstance(value, int) and not isinstance(value, bool):
        yield int(value)
    elif isinstance(value, (list, tuple, _parser.SubPattern)):
        for part in value:
            yield from _points(part)


def _cases(code: int) -> set[str]:
    char = chr(code)
    return {one for one in (char, char.lower(), char.upper()) if len(one) == 1}


def _is_same(code: int, other: int, flags: int) -> bool:
    return code == other or bool(flags & re.IGNORECASE and chr(code) in _cases(other))


def _is_in(code: int, item, flags: int) -> bool:
    kind, value = item
    if kind is op.LITERAL:
        return _is_same(code, value, flags)
    if kind is op.RANGE:
        forms = {ord(one) for one in _cases(code)} if flags & re.IGNORECASE else {code}
        return any(value[0] <= form <= value[1] for form in forms)
    return _is_of(code, str(value), bool(flags & re.ASCII))


@cache
def _is_of(code: int, category: str, plain: bool) -> bool:
    char = chr(code)
    kind = category.removeprefix("CATEGORY_").removeprefix("NOT_")
    seen = code < 128 or not plain
    if kind == "DIGIT":
        inside = seen and unicodedata.category(char) == "Nd"
    elif kind == "SPACE":
        inside = seen and char.isspace()
    else:
        inside = seen and (char.isalnum() or char == "_")
    return inside != ("NOT_" in category)


class _Analysis:
    """What can be read after what, without the empty edges, and which states form loops."""

    def __init__(self, automaton: _Automaton) -> None:
        self.automaton = automaton
        self.next: dict[int, dict[int, int]] = {}  # state -> next state -> in how many ways, 1 or 2
        self.behind: dict[tuple[int, int], frozenset[int]] = {}
        accepting = set()
        for state in (0, *automaton.reads):
            target = automaton.reads[state][1] if state else 0
            if self._close(state, target):
                accepting.add(state)
        self.loop = _loops(self.next)
        self.harmless = {self.loop[state] for state in accepting if state in self.loop}

    def findings(self) -> Iterator[Finding]:
        """Yield one finding for each loop that explodes, and each pair of loops that grows."""
        groups: dict[int, list[int]] = {}
        for state, number in self.loop.items():
            groups.setdefault(number, []).append(state)
        for number, members in groups.items():
            if number not in self.harmless and (pump := self._explodes(members)):
                yield Finding("exponential", pump)
        for number, members in groups.items():
            reach = _reach(self.next, members)
            for other, targets in groups.items():
                if other in (number, *self.harmless) or not reach & set(targets):
                    continue
                if pump := self._hands_over(members, targets):
                    yield Finding("power", pump)

    def _close(self, state: int, start: int) -> bool:
        """Note what *state* may be followed by; tell whether nothing more is needed to accept."""
        ways: dict[int, int] = {}
        free = False
        at_end = False
        stack = [(start, (False, False, False), self.automaton.alphabet, frozenset({start}))]
        for _ in range(20_000):
            if not stack:
                break
            at, (checked, ended, bounded), behind, path = stack.pop()
            if at == 1 and not checked:
                free, at_end = free or not ended, at_end or ended
            if at in self.automaton.reads:
                ways[at] = min(2, ways.get(at, 0) + 1)
                key = state, at
                behind &= self._unlike(at) if bounded else behind
                self.behind[key] = self.behind.get(key, frozenset()) | behind
                continue
            for edge in self.automaton.empty[at]:
                if edge.target not in path:
                    seen = behind if edge.behind is None else behind & edge.behind
                    after = path | {edge.target}
                    how = checked or edge.checked, ended or edge.ends, bounded or edge.bounds
                    stack.append((edge.target, how, seen, after))
        self.next[state] = ways
        return free or (at_end and self._reads_all(ways))

    def _unlike(self, state: int) -> frozenset[int]:
        """Return what stands on the other side of the bound of a word than what *state* reads."""
        words = frozenset(code for code in self.automaton.alphabet if _is_of(code, "WORD", False))
        if self._set(state) <= words:
            return self.automaton.alphabet - words
        return self.automaton.alphabet if self._set(state) & words else words

    def _reads_all(self, states: Iterable[int]) -> bool:
        """Tell whether one of *states* reads whatever comes: then the end is reached for sure."""
        sets = [self._set(state) for state in states]
        return bool(sets) and frozenset().union(*sets) == self.automaton.alphabet

    def _set(self, state: int) -> frozenset[int]:
        return self.automaton.reads[state][0]

    def _after(self, state: int, char: int) -> Iterable[int]:
        """Yield the states that may follow *state* once it has read *char*."""
        return (one for one in self.next[state] if char in self.behind[state, one])

    def _explodes(self, members: list[int]) -> str:
        """Return a character that the loop of *members* can read in two ways; "" if none."""
        inside = set(members)
        if inside <= self.automaton.atomic:
            return ""
        for state in members:
            if any(ways > 1 and one in inside for one, ways in self.next[state].items()):
                return chr(_known(self._set(state)))
        before = self._pairs(members, inside)
        back = {(state, state) for state in members}
        queue = deque(back)
        while queue:
            for pair in before.get(queue.popleft(), ()):
                if pair not in back:
                    if pair[0] != pair[1]:
                        return chr(_known(self._set(pair[0]) & self._set(pair[1])))
                    back.add(pair)
                    queue.append(pair)
        return ""

    def _pairs(
        self, members: list[int], inside: set[int]
    ) -> dict[tuple[int, int], list[tuple[int, int]]]:
        """Return the pairs of states that one loop can be in over the same text -> those before."""
        before: dict[tuple[int, int], list[tuple[int, int]]] = {}
        seen = {(state, state) for state in members}
        queue = deque(seen)
        while queue and len(seen) < TOO_MANY:
            pair = queue.popleft()
            for after in self._steps(pair, (inside, inside)):
                before.setdefault(after, []).append(pair)
                if after not in seen:
                    seen.add(after)
                    queue.append(after)
        return before

    def _steps(self, states: tuple[int, ...], within: tuple[set[int] | None, ...]) -> set:
        """Return where *states* can be after one character that all of them read."""
        found: set[tuple[int, ...]] = set()
        common = frozenset.intersection(*(self._set(state) for state in states))
        for char in _distinct(common, [self.behind[s, n] for s in states for n in self.next[s]]):
            rows: list[tuple[int, ...]] = [()]
            for state, inside in zip(states, within, strict=True):
                after = [one for one in self._after(state, char) if inside is None or one in inside]
                rows = [(*row, one) for row in rows for one in after]
            found |= set(rows)
        return found

    def _hands_over(self, members: list[int], targets: list[int]) -> str:
        """Return a character of a run over which one loop can hand over anywhere to the other."""
        within = set(members), None, set(targets)
        for first in members:
            if first in self.automaton.atomic:
                continue
            for last in targets:
                if self._runs_over(first, last, within):
                    return chr(_known(self._set(last)))
        return ""

    def _runs_over(self, first: int, last: int, within) -> bool:
        """Tell whether some text leads first -> first, first -> last and last -> last at once."""
        start = first, first, last
        seen = {start}
        queue = deque([start])
        while queue and len(seen) < TOO_MANY:
            for after in self._steps(queue.popleft(), within):
                if after == (first, last, last):
                    return True
                if after not in seen:
                    seen.add(after)
                    queue.append(after)
        return len(seen) >= TOO_MANY


def _distinct(chars: frozenset[int], sets: list[frozenset[int]]) -> list[int]:
    """Return of *chars* one for each way in which *sets* tell them apart."""
    unlike = {one for one in sets if not chars <= one and chars & one}
    found: dict[tuple[bool, ...], int] = {}
    for char in chars:
        found.setdefault(tuple(char in one for one in unlike), char)
    return list(found.values())


def _known(chars: frozenset[int]) -> int:
    """Return of *chars* the one that a reader makes most of."""
    return max(chars, key=lambda code: (chr(code) in "a船 ア0", -code))


def _reach(following: dict[int, dict[int, int]], members: list[int]) -> set[int]:
    seen = set(members)
    queue = deque(members)
    while queue:
        fresh = following[queue.popleft()].keys() - seen
        seen |= fresh
        queue.extend(fresh)
    return seen


def _loops(following: dict[int, dict[int, int]]) -> dict[int, int]:
    """Return state -> number of its loop (strongly connected component), for those in one."""
    before: dict[int, dict[int, int]] = {}
    for state, ones in following.items():
        for one in ones:
            before.setdefault(one, {})[state] = 1
    number: dict[int, int] = {}
    for count, root in enumerate(reversed(_by_end(following))):
        fresh = [root] if root not in number else []
        while fresh:
            state = fresh.pop()
            number[state] = count
            fresh += [one for one in before.get(state, ()) if one not in number]
    sizes = Counter(number.values())
    return {s: n for s, n in number.items() if sizes[n] > 1 or s in following[s]}


def _by_end(following: dict[int, dict[int, int]]) -> list[int]:
    """Return the states in the order in which a walk through all that follows them ends."""
    order: list[int] = []
    seen: set[int] = set()
    for root in following:
        stack = [(root, False)]
        while stack:
            state, done = stack.pop()
            if done:
                order.append(state)
            elif state not in seen:
                seen.add(state)
                stack += [(state, True), *((one, False) for one in following[state])]
    return order
