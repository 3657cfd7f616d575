"""A list of subscribers -> the store, in portions; every row that stays out is told with why."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from digest.audience import address
from digest.audience.address import Unfit
from digest.audience.sheet import Row, Sheet
from digest.audience.table import plain
from digest.model import Applicant, Consent, Membership, Taken
from digest.ports import Audience

PORTION = 5000
MOST = 1000  # faults kept in memory; all are told
_WORDS: Mapping[Membership | None, str] = {  # what other tools' lists call these states
    None: "active subscribed confirmed enabled regular premium gifted trialed paid free true yes 1"
    " member 已訂閱 訂閱 訂閱中 有效 已確認 已订阅 订阅 有效 購読中 有効",
    "unsubscribed": "unsubscribed unsub opted-out removed disabled inactive nonsubscribed deleted"
    " false no 0 已取消訂閱 取消訂閱 退訂 已退訂 未訂閱 退订 已退订 未订阅 停用"
    " 解除 解除済み 配信停止",
    "bounced": "bounced cleaned hard-bounced undeliverable invalid 退信 已退信",
    "complained": "complained complaint spam spammy abuse blocklisted blacklisted 檢舉 投訴 黑名單",
    "pending": "pending unconfirmed unactivated 未確認 待確認 未确认 待确认",
}
_STATES = {word: state for state, words in _WORDS.items() for word in words.split()}

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row that stayed out: its line, what stood there, why."""

    line: int
    typed: str
    reason: str


@dataclass(slots=True, kw_only=True)
class Report:
    """What became of a list: how many rows of each fate, and where the others are told."""

    taken: Counter[str] = field(default_factory=Counter)
    first: list[Fault] = field(default_factory=list)

    @property
    def faulty(self) -> int:
        """Return how many rows could not be read as a subscriber."""
        return self.taken["faulty"]

    @property
    def rows(self) -> int:
        """Return how many rows there were."""
        return self.taken.total()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How the people of a list are taken in; ``known`` are the digests there are."""

    confirmed: bool
    digests: tuple[str, ...]
    known: frozenset[str]
    source: str = ""
    language: str = ""
    lift: bool = False
    dry: bool = False


def bring_in(
    audience: Audience,
    sheet: Sheet,
    terms: Terms,
    now: datetime,
    *,
    tell: Callable[[Fault], None],
    progress: Progress | None = None,
) -> Report:
    """Take in the rows of *sheet*; each one that stays out is given to *tell*.

    A row twice in the list changes nothing the second time, and so does the whole list.
    """
    report, rows = Report(), sheet.rows()
    seen: set[int] = set()
    while portion := list(islice(rows, PORTION)):
        people: list[tuple[Row, Applicant]] = []
        for row in portion:
            try:
                people.append((row, applicant(row, terms, now)))
            except Unfit as unfit:
                _fault(report, tell, row, str(unfit), "faulty")
        fresh = people if not terms.dry else list(_unseen(people, seen, report))
        takings = audience.enrol([one for _, one in fresh], now, lift=terms.lift, dry=terms.dry)
        _count(report, tell, fresh, takings)
        if progress:
            progress(report.rows)
    return report


def applicant(row: Row, terms: Terms, now: datetime) -> Applicant:
    """Return who stands in *row*; Unfit says why nobody does."""
    if row.fault:
        raise Unfit(row.fault)
    cells = row.cells
    written = plain(cells.get("email", "").strip())
    found = address.address(written)
    digests = _digests(cells.get("digests", ""), terms)
    state = _state(cells.get("state", ""), terms)
    at = _moment(cells.get("confirmed", "")) or now
    how = "held elsewhere" if terms.confirmed else "import"
    return Applicant(
        address=found.sent_to,
        normal=found.normal,
        name=address.name(plain(cells.get("name", "")) or address.split(written)[0]),
        language=address.language(cells.get("language", "")) or terms.language,
        digests=digests,
        state=state,
        consent=Consent(how=how, at=min(at, now), source=terms.source),
    )


def _state(cell: str, terms: Terms) -> Membership:
    """Return the state that *cell* names; Unfit for an unknown one, which may mean anything."""
    said = "-".join(cell.replace("_", " ").lower().split())
    if said and said not in _STATES:
        raise Unfit(f"the state {cell[:40]!r} is unknown; write active or unsubscribed")
    return _STATES.get(said) or ("active" if terms.confirmed else "pending")


def _digests(cell: str, terms: Terms) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(n.strip() for n in cell.replace("|", ";").split(";") if n.strip()))
    for name in names:
        if name not in terms.known:
            known = ", ".join(sorted(terms.known))
            raise Unfit(f"there is no digest {name[:40]!r}; there is: {known}")
    return names or terms.digests


def _moment(cell: str) -> datetime | None:
    """Return the time in *cell*, in UTC where it names no zone; None where it is none."""
    try:
        found = datetime.fromisoformat(cell.strip().replace("/", "-"))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _unseen(
    people: Sequence[tuple[Row, Applicant]], seen: set[int], report: Report
) -> Iterator[tuple[Row, Applicant]]:
    """Yield who was not in an earlier portion of a trial, which leaves no trace in the store."""
    for pair in people:
        mark = hash(pair[1].normal)
        if mark in seen:
            report.taken["unchanged"] += 1
        else:
            yield pair
    seen.update(hash(one.normal) for _, one in people)


def _count(
    report: Report,
    tell: Callable[[Fault], None],
    people: Sequence[tuple[Row, Applicant]],
    takings: Sequence[Taken],
) -> None:
    for (row, _), taken in zip(people, takings, strict=True):
        if taken == "suppressed":
            reason = "not taken in: they unsubscribed, bounced, complained or were erased"
            _fault(report, tell, row, reason, taken)
        else:
            report.taken[taken] += 1


def _fault(report: Report, tell: Callable[[Fault], None], row: Row, reason: str, kind: str) -> None:
    fault = Fault(line=row.line, typed=row.cells.get("email", "")[:200].strip(), reason=reason)
    report.taken[kind] += 1
    if len(report.first) < MOST:
        report.first.append(fault)
    tell(fault)
