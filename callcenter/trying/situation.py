"""The pretended time, caller and load of a talk, and the facts that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from structlog.testing import capture_logs

from callcenter.call import Call, CallId
from callcenter.caller import caller_of
from callcenter.known import facts_of
from ivr_flows.model import FACTS
from seats.calendar import Calendar
from seats.places import seat_places

ZONE: Final = ZoneInfo("Asia/Shanghai")
WITHHELD: Final = frozenset(("", "anonymous", "unknown"))
_MOST_WAITING: Final = 9999


class Misuse(Exception):
    """What was asked for cannot be understood: one clear line, exit code 2."""


@dataclass(frozen=True, slots=True)
class Situation:
    """`now` aware; `caller` as stored, None when withheld; `notes`: what was assumed, in words."""

    now: datetime
    caller: str | None
    city: str | None
    waiting: int
    facts: Mapping[str, str]
    notes: tuple[str, ...] = ()


def situation(
    calendar: Calendar,
    *,
    now: datetime,
    caller: str,
    city: str | None = None,
    waiting: int = 0,
    notes: tuple[str, ...] = (),
) -> Situation:
    """The facts of such a call. Raises Misuse for a caller or city that cannot be."""
    number, place = caller_of(caller)
    if number is None and caller not in WITHHELD:
        raise Misuse(f"--caller：{caller!r} 不是电话号码；不显示号码请写 anonymous")
    if city is not None and city not in seat_places():
        known = "、".join(f"{code} {one.name}" for code, one in seat_places().items())
        raise Misuse(f"--city：没有代码为 {city!r} 的市州；有：{known}")
    known_city = city or place.city
    source = "menu" if city else place.source
    call = Call(
        call_id=CallId("try"), arrived_at=now, caller=number, city=known_city, city_source=source
    )
    with capture_logs():  # what is logged of a call is a note here
        facts = facts_of(call, now, calendar=calendar, waiting=waiting)
    if not {"hours", "holiday"} <= facts.keys():
        notes = (*notes, f"日历里没有 {now.year} 年的节假日，有的事实不知道，流程走 otherwise")
    return Situation(now, number, known_city, waiting, facts, notes)


def with_facts(here: Situation, given: Iterable[str]) -> Situation:
    """The situation with facts `name=value` in place of its own. Raises Misuse."""
    facts = dict(here.facts)
    for one in given:
        name, _, value = one.partition("=")
        if name not in FACTS:
            raise Misuse(f"--fact：没有名为 {name!r} 的事实；有：{'、'.join(FACTS)}")
        if value not in FACTS[name]:
            raise Misuse(f"--fact：{name} 不能是 {value!r}；可以是：{'、'.join(FACTS[name])}")
        facts[name] = value
    return replace(here, facts=facts)


def read_now(text: str | None) -> tuple[datetime, tuple[str, ...]]:
    """An ISO time as aware, now without one; and what was assumed. Raises Misuse."""
    if text is None:
        return datetime.now(ZONE), ()
    try:
        now = datetime.fromisoformat(text)
    except ValueError:
        raise Misuse(f"--now：看不懂时间 {text!r}，应像 2026-02-17T21:10+08:00") from None
    if now.tzinfo is None:
        return now.replace(tzinfo=ZONE), ("--now 没有写时区，按北京时间（Asia/Shanghai）",)
    try:
        return now.astimezone(ZONE), ()
    except OverflowError:
        raise Misuse(f"--now：{text!r} 不在历法范围内") from None


def read_load(given: Iterable[str]) -> int:
    """Callers waiting now, from `waiting=3`. Raises Misuse."""
    waiting = 0
    for one in given:
        name, _, value = one.partition("=")
        if name != "waiting":
            raise Misuse(f"--load：没有 {name!r} 这一项；可以写 waiting=3（排队人数）")
        if not (value.isascii() and value.isdigit() and int(value) <= _MOST_WAITING):
            raise Misuse(f"--load：waiting 应是 0 到 {_MOST_WAITING} 的整数，不能是 {value!r}")
        waiting = int(value)
    return waiting
