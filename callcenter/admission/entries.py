"""Entries of the blacklist and their moves: proposed by one person, approved by another, never for
ever. Pure; `now` comes in.

Domain §4.3: evidence, an end, a way to appeal, and each step with a name to it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from seats.locate import e164

LEAST_EVIDENCE: Final = 3  # calls
LONGEST: Final = timedelta(days=180)
LONGEST_NOTE: Final = 500  # characters
NEVER: Final = ("110", "119", "120", "122", "12345", "12348", "12368", "12309")

State = Literal["proposed", "in_force", "over", "lifted"]
Move = Literal["propose", "approve", "lift", "appeal"]


class Refused(Exception):
    """The move is not allowed; the message is one line in Chinese."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One number that is refused, or is proposed to be. Times are aware UTC."""

    n: int
    number: str
    reason: str
    evidence: tuple[str, ...]
    proposed_by: str
    proposed_at: datetime
    until: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    appeal: str | None = None

    def state(self, now: datetime) -> State:
        """Where it stands."""
        if self.lifted_at is not None:
            return "lifted"
        if now >= self.until:
            return "over"
        return "in_force" if self.approved_at is not None else "proposed"


def propose(
    n: int,
    number: str,
    *,
    reason: str,
    evidence: tuple[str, ...],
    by: str,
    until: datetime,
    now: datetime,
) -> Entry:
    """A new entry, not in force yet. Raises Refused."""
    stored = e164(number)
    if stored is None or number in NEVER:
        raise Refused(f"{number} 不是可以限制的电话号码")
    calls = tuple(dict.fromkeys(evidence))
    if len(calls) < LEAST_EVIDENCE:
        raise Refused(f"至少要有 {LEAST_EVIDENCE} 通不同的来电作为依据，现有 {len(calls)} 通")
    if not now < until <= now + LONGEST:
        raise Refused(f"截止时间应在今后 {LONGEST.days} 天之内")
    return Entry(
        n=n,
        number=stored,
        reason=_note(reason, "理由"),
        evidence=calls,
        proposed_by=_name(by),
        proposed_at=now,
        until=until,
    )


def approve(entry: Entry, *, by: str, now: datetime) -> Entry:
    """The entry in force. Raises Refused: nobody approves what he proposed himself."""
    _must_be(entry, now, ("proposed",), "只有待审批的才能批准")
    name = _name(by)
    if name.casefold() == entry.proposed_by.casefold():
        raise Refused("提出人不能批准自己的提议")
    return replace(entry, approved_by=name, approved_at=now)


def lift(entry: Entry, *, by: str, now: datetime) -> Entry:
    """The entry no more in force, or the proposal turned down. Raises Refused."""
    _must_be(entry, now, ("proposed", "in_force"), "已经解除或到期")
    return replace(entry, lifted_by=_name(by), lifted_at=now)


def appeal(entry: Entry, *, note: str, now: datetime) -> Entry:
    """What the caller objects; it decides nothing by itself. Raises Refused."""
    _must_be(entry, now, ("proposed", "in_force"), "已经解除或到期")
    return replace(entry, appeal=_note(note, "申诉"))


def _must_be(entry: Entry, now: datetime, wanted: tuple[State, ...], why: str) -> None:
    if entry.state(now) not in wanted:
        raise Refused(f"第 {entry.n} 条：{why}")


def _name(by: str) -> str:
    name = " ".join(by.split())
    if not name or len(name) > 40:
        raise Refused("请写明经办人（最多 40 个字）")
    return name


def _note(text: str, what: str) -> str:
    note = " ".join(text.split())
    if not note or len(note) > LONGEST_NOTE:
        raise Refused(f"请写明{what}（最多 {LONGEST_NOTE} 个字）")
    return note
