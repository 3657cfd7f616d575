"""Columns of a list that say who left, bounced, complained or never confirmed.

Every tool has its own: ``UNSUB_TIME``, ``opted_out``, ``BLOCKLISTED``, "Unsubscribed from all
email", ``CLEAN_TIME``, ``email_disabled``. What smells of it and cannot be read stops an import.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable

from digest.model import Membership

Mark = str  # a state of ``MARKS``, or one with "not " before it where the column says yes to mail

MARKS: tuple[Membership, ...] = ("complained", "bounced", "unsubscribed", "pending")  # worst first
NOT = "not "
IGNORE = "ignore"
_LEFT = (
    r"unsub|opt(?:ed|s|ing)?[ -]?out|suppress|block ?list|blocked|black ?list|disabled|deleted"
    r"|\bremoved|do not (?:e ?)?mail|no (?:e ?)?mail\b|cancel(?:l?ed|lation)|\bchurn|\binactive"
    r"|\bleft\b|archived|退[訂订]|取消|黑名|封[鎖锁]|停用|拒收|解除|配信停止|解約|abgemeldet"
    r"|d[ée]sabonn|d[ée]sinscri|\bbaja\b|cancelad"
)
_SMELLS: tuple[tuple[str, Membership], ...] = (
    (r"complain|\bspam(?!.?score)|\babuse|投[訴诉]|檢舉|检举", "complained"),
    (r"bounc|\bclean|undeliver|invalid|退信|[彈弹]回|[無无]效", "bounced"),
    (r"unconfirm|unactivated|not confirmed|unverified|未[確确][認认]", "pending"),
    (_LEFT, "unsubscribed"),
)
_MAILABLE = (
    r"(?:is )?(?:active|enabled|mailable|deliverable)|accepts? (?:e ?mail )?marketing"
    r"|(?:e ?mail )?(?:marketing )?(?:consent|permission)|email (?:valid|enabled)"
    r"|marketing emails?|wants? (?:e ?mails?|newsletters?)"
)
_AGREES: tuple[tuple[str, Mark], ...] = (
    (r"(?:double )?opt(?:ed)?[ -]?in|confirmed|verified|activated", "not pending"),
    (_MAILABLE, "not unsubscribed"),
)
_NEUTRAL = re.compile(r"active subscription|deleted items|clean(?:ed)? (?:name|address)")
_WHY = re.compile(r"reason|campaign|title|note|comment|原因")
_NO = frozenset(
    (
        *("", "0", "0.0", "false", "no", "n", "f", "off", "none", "null", "nil", "never", "n/a"),
        *("-", "--", "—", "na", "nan", "\\n", "否", "不", "無", "无", "沒有", "没有", "いいえ"),
        *("nein", "non", "0000-00-00", "0000-00-00 00:00:00", "0001-01-01t00:00:00z"),
    )
)
_YES = frozenset(
    (
        *("1", "1.0", "true", "yes", "y", "t", "on", "x", "v", "✓", "✔", "是", "有", "はい", "ja"),
        *("oui", "si", "sí", "wahr", "vrai"),
    )
)
_STRONG = re.compile(
    r"unsub(?:scribed)?|opted[- ]?out|(?:hard[- ]?)?bounced|cleaned|complain(?:ed|t)|unconfirmed"
    r"|unactivated|(?:block|black)listed|suppressed|undeliverable|(?:已)?退[訂订]|已?取消[訂订][閱阅]"
    r"|退信|黑名[單单]",
    re.IGNORECASE,
)


def normalize_heading(text: str) -> str:
    """Return *text* as headings are compared: in lower case, words parted by one space."""
    wide = unicodedata.normalize("NFKC", text).strip(" \"'*\ufeff")
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", wide)  # unsubscribedAt
    return re.sub(r"[\s_\-:：.?？]+", " ", parted).strip().lower()


def mark_of(heading: str) -> Mark:
    """Return what a yes in a column called *heading* makes of a reader, "" where nothing.

    >>> mark_of("UNSUB_TIME"), mark_of("optedin"), mark_of("Company")
    ('unsubscribed', 'not pending', '')
    """
    text = normalize_heading(heading)
    if _NEUTRAL.fullmatch(text):
        return ""
    for pattern, mark in _AGREES:
        if re.fullmatch(pattern, text):
            return mark
    return next((state for pattern, state in _SMELLS if re.search(pattern, text)), "")


def read_mark(
    heading: str, mark: Mark, cell: str, is_time: Callable[[str], bool]
) -> Membership | None:
    """Return the state that *cell* gives a reader, None for none; ValueError where it says nothing.

    A time is when it happened, and why it happened is told only where it did.
    """
    text = cell.strip().lower()
    state: Membership = next(one for one in MARKS if one == mark.removeprefix(NOT))
    agrees = mark.startswith(NOT)
    if text in _NO:
        return state if agrees and text else None
    if text in _YES or is_time(cell):
        return None if agrees else state
    if not agrees and _WHY.search(normalize_heading(heading)):
        return state
    raise ValueError(cell)


def says_strongly(cell: str) -> bool:
    """Tell whether *cell* is a word for somebody who left, in whatever column it stands."""
    return bool(_STRONG.fullmatch(cell.strip()))


def find_worst(states: Iterable[Membership | None]) -> Membership | None:
    """Return the state of *states* that forbids most."""
    there = set(states)
    return next((state for state in MARKS if state in there), None)
