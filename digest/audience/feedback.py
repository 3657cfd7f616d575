"""What comes back: bounces and complaints, whoever reports them -> a record changed, once."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from digest.audience import joining
from digest.audience.address import Unfit, address
from digest.model import Subscriber
from digest.ports import Audience
from digest.tokens import Keyring, Purpose

Kind = Literal["hard", "soft", "complaint", "leave"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One thing that was reported: of whom, by *token* before *address*; ``key`` names it for good.

    ``token`` is that of a bounce address or of a reader's link.
    """

    kind: Kind
    key: str
    token: str = ""
    address: str = ""


def act(
    audience: Audience, keyring: Keyring, report: Report, now: datetime, *, most: int
) -> Subscriber | None:
    """Change the record of whom *report* is about; return them as they are now.

    A report that was heard before changes nothing. None where it is about nobody here.
    """
    one = whom(audience, keyring, report)
    if one is None:
        return None
    notice = hashlib.sha256(f"{report.kind}\0{report.key}\0{one.id}".encode()).hexdigest()
    if report.kind == "complaint":
        return joining.complain(audience, one.id, now, notice)
    if report.kind == "leave":
        return joining.leave(audience, one.id, now, "reported", notice)
    hard = report.kind == "hard"
    return joining.bounce(audience, one.id, now, hard=hard, notice=notice, most=most)


def whom(audience: Audience, keyring: Keyring, report: Report) -> Subscriber | None:
    """Return whom *report* is about: whoever its token was made for, else by its address.

    A token that was renewed since says nothing: what it asks for counts from the address alone.
    """
    purposes: tuple[Purpose, ...] = ("bounce", "reader")
    for purpose in purposes:
        verdict = keyring.verify(report.token, purpose)
        if verdict is not None and not verdict.outdated:
            return audience.get(int(verdict.subject))
    try:
        return audience.find(address(report.address).normal)
    except Unfit:
        return None
