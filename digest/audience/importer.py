"""A list of subscribers -> the store, in portions; every row that stays out is told with why.

CSV as others may open it: a cell that a spreadsheet would run is text again.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from itertools import islice

from digest.audience.csv_reader import BETWEEN, CsvLayout, CsvRow
from digest.audience.suppression_columns import MARKS, find_worst, read_mark, says_strongly
from digest.audience.suppression_columns import normalize_heading as plain_heading
from digest.model import Consent, EnrolResult, Membership, NewSubscriber
from digest.model.errors import ConfigError
from digest.model.ports.audience import Audience
from digest.text import address
from digest.text.address import Unfit

_RUNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def write_csv_lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield each of *rows* as a line of CSV (RFC 4180), every cell safe."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in rows:
        writer.writerow([escape_cell(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def escape_cell(cell: str) -> str:
    """Return *cell* such that no spreadsheet takes it for a formula (CWE-1236)."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_RUNS) else cell


def unescape_cell(cell: str) -> str:
    """Return the cell that ``escape_cell`` was given, for a list that comes back."""
    return cell[1:] if cell.startswith("'") and escape_cell(cell[1:]) != cell[1:] else cell


PORTION = 5000
MOST = 1000  # faults kept in memory; all are told
_WORDS: Mapping[Membership | None, str] = {  # what other tools' lists call these states
    None: "active subscribed confirmed enabled regular premium gifted trialed paid free true yes 1"
    " member explicit implied express opted-in opt-in double-opt-in single-opt-in marketable"
    " soft-bounced comped"
    " 已訂閱 訂閱 訂閱中 有效 已確認 已订阅 订阅 有效 購読中 有効",
    "unsubscribed": "unsubscribed unsub opted-out opt-out removed disabled inactive nonsubscribed"
    " non-subscribed not-subscribed never-subscribed transactional deleted archived cancelled"
    " canceled paused suppressed churned false no 0 已取消訂閱 取消訂閱 退訂 已退訂 未訂閱"
    " 退订 已退订 未订阅 停用 解除 解除済み 配信停止",
    "bounced": "bounced cleaned hard-bounced hard-bounce undeliverable invalid garbage 退信 已退信",
    "complained": "complained complaint spam spammy abuse junk marked-as-spam blocklisted"
    " blacklisted blocked 檢舉 投訴 黑名單",
    "pending": "pending unconfirmed unactivated not-confirmed awaiting-confirmation validating"
    " needs-attention unverified 未確認 待確認 未确认 待确认",
}
_DAY_OR_MONTH, _MONTHS = re.compile(r"(\d{1,2})/\d{1,2}/\d{2,4}"), 12
_TYPES = ("type", "tags", "labels", "tag", "label", "subscription type", "標籤", "标签")
_UNCONFIRMED, _CONFIRMED = ("0", "false", "no", "否"), ("1", "true", "yes", "是")
_EASTERN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\s]+")  # the family comes first
_STATES = {word: state for state, words in _WORDS.items() for word in words.split()}

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """A row that stayed out: its line, what stood there, why."""

    line: int
    typed: str
    reason: str


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What became of a list: how many rows of each fate, and where the others are told.

    ``untimed`` are rows whose time of consent cannot be read: the import's own stands.
    """

    taken: Counter[str] = field(default_factory=Counter)
    first: list[RowFault] = field(default_factory=list)
    untimed: list[RowFault] = field(default_factory=list)
    states: Counter[Membership] = field(default_factory=Counter)

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
    """How the people of a list are taken in; ``known`` are the digests there are.

    ``read_time`` returns the time that a cell prints, None where it prints none.
    """

    confirmed: bool
    digests: tuple[str, ...]
    known: frozenset[str]
    source: str = ""
    language: str = ""
    lift: bool = False
    dry: bool = False
    read_time: Callable[[str], datetime | None] = lambda _cell: None


def examine_columns(sheet: CsvLayout, terms: Terms) -> None:
    """ConfigError where a column may say who left and cannot be read; nothing is changed.

    So is a column that nobody knows where a cell of it is a word for somebody who left.
    """
    if not sheet.doubtful:
        return
    for row in sheet.rows():
        for heading, mark, cell in row.marks:
            if _read_mark(heading, mark, cell, terms) is _UNREADABLE:
                cause = (
                    f"the column {heading!r} may say who left, and {cell.strip()[:40]!r} "
                    f"(line {row.line}) cannot be read"
                )
                remedy = (
                    f'Say what it means: --column "{heading}=unsubscribed", or bounced, complained,'
                    " pending, state, or ignore where it says nothing of that."
                )
                raise ConfigError(str(sheet.path), cause, remedy)


_UNREADABLE = object()


def _read_mark(heading: str, mark: str, cell: str, terms: Terms) -> object:
    """Return the state that a cell of a column that may say who left gives, or _UNREADABLE."""
    if not mark:
        words = [word for word in re.split(r"[;,|]", cell) if says_strongly(word)]
        if words and plain_heading(heading) not in _TYPES:
            return _UNREADABLE
        return find_worst(_STATES.get(_state_word(word)) for word in words)
    try:
        return read_mark(heading, mark, cell, lambda text: terms.read_time(text) is not None)
    except ValueError:
        return _STATES.get(_state_word(cell), _UNREADABLE)


def bring_in(
    audience: Audience,
    sheet: CsvLayout,
    terms: Terms,
    now: datetime,
    *,
    tell: Callable[[RowFault], None],
    progress: Progress | None = None,
) -> ImportReport:
    """Take in the rows of *sheet*; each one that stays out is given to *tell*.

    A row twice in the list changes nothing the second time, and so does the whole list.
    """
    report, rows = ImportReport(), sheet.rows()
    seen: set[int] = set()
    while portion := list(islice(rows, PORTION)):
        people: list[tuple[CsvRow, NewSubscriber]] = []
        for row in portion:
            try:
                people.append((row, read_applicant(row, terms, now, report)))
            except Unfit as unfit:
                _report_fault(report, tell, row, str(unfit), "faulty")
        fresh = people if not terms.dry else list(_drop_seen(people, seen, report))
        report.states.update(one.state for _, one in fresh)
        takings = audience.enrol([one for _, one in fresh], now, lift=terms.lift, dry=terms.dry)
        _count_outcomes(report, tell, fresh, takings)
        if progress:
            progress(report.rows)
    return report


def day_first(sheet: CsvLayout) -> bool:
    """Tell whether a time of consent proves that 01/02/2024 is the first of February there."""
    if "confirmed" not in sheet.columns:
        return False
    cells = (cell for row in sheet.rows() for cell in _list_times(row.cells))
    return any(
        int(found[1]) > _MONTHS for cell in cells if (found := _DAY_OR_MONTH.match(cell.strip()))
    )


def read_applicant(
    row: CsvRow, terms: Terms, now: datetime, report: ImportReport | None = None
) -> NewSubscriber:
    """Return who stands in *row*; Unfit says why nobody does."""
    if row.fault:
        raise Unfit(row.fault)
    cells = row.cells
    written = unescape_cell(cells.get("email", "").strip())
    found = address.address(written)
    digests = _read_digests(cells.get("digests", ""), terms)
    state = _read_state(row, terms)
    at, unread = _consent_time(cells, terms)
    if unread and report is not None:
        report.untimed.append(RowFault(line=row.line, typed=written, reason=unread))
    how = "held elsewhere" if terms.confirmed else "import"
    return NewSubscriber(
        address=found.sent_to,
        normal=found.normal,
        name=address.name(_read_name(cells) or address.split(written)[0]),
        language=address.language(cells.get("language", "")) or terms.language,
        digests=digests,
        state=state,
        consent=Consent(how=how, at=min(at or now, now), source=terms.source),
    )


def _read_name(cells: Mapping[str, str]) -> str:
    """Return what a reader is called: 林 and 渡 are 林渡, Ada and Lovelace are "Ada Lovelace"."""
    whole, given, family = (
        unescape_cell(cells.get(key, "")) for key in ("name", "given", "family")
    )
    if whole or not (given or family):
        return whole
    eastern = _EASTERN.fullmatch(given + family)
    return f"{family}{given}" if eastern else f"{given} {family}".strip()


def _read_state(row: CsvRow, terms: Terms) -> Membership:
    """Return the worst state that *row* names; Unfit for an unknown one: it may mean anything."""
    states: list[Membership | None] = []
    for cell in row.cells.get("state", "").split(BETWEEN):
        word = _state_word(cell)
        if word and word not in _STATES and terms.read_time(cell) is None:
            raise Unfit(f"the state {cell[:40]!r} is unknown; write active or unsubscribed")
        states.append(_STATES.get(word))
    for heading, mark, cell in row.marks:
        says = _read_mark(heading, mark, cell, terms)
        if says is _UNREADABLE:
            raise Unfit(f"{heading} says {cell[:40]!r}, which cannot be read")
        states += [state for state in MARKS if state == says]
    if any(cell.strip().lower() in _UNCONFIRMED for cell in _list_times(row.cells)):
        states.append("pending")
    return find_worst(states) or ("active" if terms.confirmed else "pending")


def _state_word(cell: str) -> str:
    return "-".join(cell.replace("_", " ").replace("-", " ").lower().split())


def _list_times(cells: Mapping[str, str]) -> list[str]:
    return [cell for cell in cells.get("confirmed", "").split(BETWEEN) if cell.strip()]


def _consent_time(cells: Mapping[str, str], terms: Terms) -> tuple[datetime | None, str]:
    """Return when a reader agreed, by the first column that can be read; and what cannot be."""
    there = [c for c in _list_times(cells) if c.strip().lower() not in (*_UNCONFIRMED, *_CONFIRMED)]
    times = (terms.read_time(cell) for cell in there)
    first = next((time.astimezone(UTC) for time in times if time is not None), None)
    unread = f"{there[0].strip()[:40]!r} is no time" if there and first is None else ""
    return first, unread


def _read_digests(cell: str, terms: Terms) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(n.strip() for n in cell.replace("|", ";").split(";") if n.strip()))
    for name in names:
        if name not in terms.known:
            known = ", ".join(sorted(terms.known))
            raise Unfit(f"there is no digest {name[:40]!r}; there is: {known}")
    return names or terms.digests


def _drop_seen(
    people: Sequence[tuple[CsvRow, NewSubscriber]], seen: set[int], report: ImportReport
) -> Iterator[tuple[CsvRow, NewSubscriber]]:
    """Yield who was not in an earlier portion of a trial, which leaves no trace in the store."""
    for pair in people:
        mark = hash(pair[1].normal)
        if mark in seen:
            report.taken["unchanged"] += 1
        else:
            yield pair
    seen.update(hash(one.normal) for _, one in people)


def _count_outcomes(
    report: ImportReport,
    tell: Callable[[RowFault], None],
    people: Sequence[tuple[CsvRow, NewSubscriber]],
    takings: Sequence[EnrolResult],
) -> None:
    for (row, _), taken in zip(people, takings, strict=True):
        if taken == "suppressed":
            reason = "not taken in: they unsubscribed, bounced, complained or were erased"
            _report_fault(report, tell, row, reason, taken)
        else:
            report.taken[taken] += 1


def _report_fault(
    report: ImportReport, tell: Callable[[RowFault], None], row: CsvRow, reason: str, kind: str
) -> None:
    fault = RowFault(line=row.line, typed=row.cells.get("email", "")[:200].strip(), reason=reason)
    report.taken[kind] += 1
    if len(report.first) < MOST:
        report.first.append(fault)
    tell(fault)
