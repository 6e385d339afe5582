"""Who else is in a talk, or being rung for it, as the desk of the talk's seat shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from callcenter.call import Call, supervised
from callcenter.call.table import Leg
from callcenter.events import TargetKind
from callcenter.province import Province


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """`kind`: of the leg, as consult; `name`: a line's title, a seat with its name, a group's id,
    a number as dialled. `answered_at`: None while it rings.
    """

    kind: str
    target: TargetKind
    name: str
    at: datetime
    answered_at: datetime | None = None


def guest_of(
    call: Call | None, seat: str, province: Province, names: Mapping[str, str]
) -> Guest | None:
    """Whom this seat called into the talk that it leads; None when it called nobody, or is itself
    the guest. `names`: of telephones by number.
    """
    is_own = call is not None and call.table is not None and supervised.guest_of(call) is None
    if call is None or call.table is None or not is_own or call.seat != seat:
        return None
    return _guest(call, call.table.guest, province, names)


def supervisor_of(
    call: Call | None, seat: str, province: Province, names: Mapping[str, str]
) -> Guest | None:
    """The supervisor who joins, or takes over, the talk that this seat leads. Who only listens or
    whispers is in no talk.
    """
    if call is None or call.seat != seat:
        return None
    return _guest(call, supervised.leg_of(call), province, names)


def _guest(call: Call, number: int, province: Province, names: Mapping[str, str]) -> Guest | None:
    leg = call.legs[number - 1] if number else None
    if leg is None or leg.to is None:
        return None
    return Guest(
        kind=leg.kind,
        target=leg.to.kind,
        name=_name(leg, province, names),
        at=leg.at,
        answered_at=leg.answered_at,
    )


BringingKind = Literal["transfer", "consult", "conference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """How a seat came into a talk that was another's. `kind`: transfer, consult or conference."""

    kind: BringingKind
    by: str


def brought_by(call: Call | None, seat: str, names: Mapping[str, str]) -> Brought | None:
    """Who had this seat rung, and for what; None when the call came to it from the line."""
    for leg in reversed(call.legs if call else ()):
        # To a seat that is named: it may ring before the leg says whose it is.
        is_named = leg.to is not None and (leg.to.kind, leg.to.name) == ("seat", seat)
        if leg.seat != seat and not is_named:
            continue
        if leg.kind == "transfer" or leg.kind == "consult" or leg.kind == "conference":
            is_over = leg.ended_at is not None and leg.outcome != "completed"
            name = f"{leg.by} {names[leg.by]}" if leg.by in names else leg.by
            return None if is_over else Brought(kind=leg.kind, by=name)
    return None


def _name(leg: Leg, province: Province, names: Mapping[str, str]) -> str:
    to = leg.to
    assert to is not None
    if to.kind == "line":
        line = province.lines.get(to.name)
        return line.title if line else to.name
    number = leg.seat or to.name
    return f"{number} {names[number]}" if number in names else to.name
