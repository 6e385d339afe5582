"""A scenario as a caller's timetable for SIPp: when each key is pressed, from the answer on.

The caller waits until everything is said and then presses; how long a wait lasts is told by the
engine, which is played alongside. Every prompt lasts CLIP_S in the house of these tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ivr_flows.model import Flows
from ivr_flows.rehearsal import play
from ivr_flows.scenario import Scenario, ScenarioTurn
from ivr_flows.turn import (
    CallService,
    Collect,
    End,
    JoinQueue,
    RecordVoice,
    Transfer,
    Turn,
)
from seats.locate import divisions

CLIP_S = 0.4
BEGIN_S = 0.3  # from the answer to the first prompt
BETWEEN_KEYS_S = 0.25
TONE_S = 0.6
NOTE_S = 2.5  # how long the caller speaks
RING_S = 0.5
TALK_S = 2.5
SERVICE_S = 1.6  # how long a service takes to answer
OFFER_GRACE_S = 2.0
MOBILE = "1900000%04d"  # tells no city
HINTING = {"220100": "1390431%04d", "other": "1390451%04d"}  # by the table of prefixes


@dataclass
class Plan:
    """What the caller does. `keys`: (seconds after the one before, key); see Sipp.citizen."""

    name: str
    scenario: Scenario
    keys: list[tuple[float, str]] = field(default_factory=list)
    hangup_after_s: float | None = None
    """After the last key; None: the hotline ends the call."""
    is_answered: bool = False
    """A seat must be free for it; otherwise none may be, if the caller stands in a line."""
    joins: bool = False
    services: list[tuple[str, Mapping[str, str], Mapping[str, str] | str]] = field(
        default_factory=list
    )
    """Which service is sent what, and what it answers: facts, or `failed`."""
    transfers: list[tuple[str, str]] = field(default_factory=list)
    """Which line is rung, and how that goes: answered or failed."""

    @property
    def lasts_s(self) -> float:
        """About how long the call is."""
        return sum(after_s + BETWEEN_KEYS_S for after_s, _ in self.keys) + (
            self.hangup_after_s or 5
        )


class _Clock:
    """Seconds since the answer; `waits_at`: everything is said by then."""

    def __init__(self) -> None:
        self.entered_at = self.waits_at = BEGIN_S
        self.pressed_at = 0.0

    def enter(self, at: float, turn: Turn) -> None:
        self.entered_at = at
        self.waits_at = at + CLIP_S * len(turn.say)


def plan(name: str, scenario: Scenario, flows: Flows) -> Plan:
    """The timetable of a scenario that can be played; see `can_be_had`."""
    made = Plan(name, scenario)
    flows = Flows(scenario.flow, flows.by_name)
    (turn,) = play(scenario.turns[0], None, flows, scenario.facts)
    clock = _Clock()
    clock.enter(BEGIN_S, turn)
    _note(made, turn)
    for planned in scenario.turns[1:]:
        before = turn
        _note_outside(made, before, planned)
        for key, turn in zip(
            planned.press or " ", play(planned, before, flows, scenario.facts), strict=True
        ):
            at = _happens_at(clock, before, planned)
            if pressed := _key(planned, key):
                at = max(at, clock.pressed_at + 0.05)
                made.keys.append((at - clock.pressed_at, pressed))
                clock.pressed_at = at + BETWEEN_KEYS_S
            clock.enter(at, turn)
            _note(made, turn)
            before = turn
        made.is_answered |= bool(planned.answered)
    if not isinstance(turn.act, End):
        made.hangup_after_s = clock.waits_at + _lingers_s(turn) - clock.pressed_at
    return made


def _note(made: Plan, turn: Turn) -> None:
    made.joins |= isinstance(turn.act, JoinQueue)


def _note_outside(made: Plan, before: Turn, planned: ScenarioTurn) -> None:
    if isinstance(before.act, CallService) and planned.service is not None:
        made.services.append((before.act.service, dict(before.act.sent), planned.service))
    if isinstance(before.act, Transfer) and planned.transferred is not None:
        made.transfers.append((before.act.line, planned.transferred))


def _key(planned: ScenarioTurn, key: str) -> str:
    if planned.press:
        return key
    return "#" if planned.spoken else ""  # what a caller presses when he has spoken


def _happens_at(clock: _Clock, before: Turn, planned: ScenarioTurn) -> float:
    match before.act:
        case Collect(wait_s=wait_s):
            if planned.no_key:
                return clock.waits_at + wait_s
            is_typing = not before.say and clock.pressed_at > 0
            return clock.waits_at + (0.15 if is_typing else min(1.0, wait_s / 2))
        case JoinQueue(offer_after_s=offer_after_s):
            if planned.answered:
                return clock.entered_at + RING_S + TALK_S
            return clock.entered_at + offer_after_s + OFFER_GRACE_S
        case RecordVoice():
            return clock.waits_at + TONE_S + NOTE_S
        case Transfer():
            return clock.waits_at + RING_S + (TALK_S if planned.transferred == "answered" else 0)
        case CallService():
            return max(clock.waits_at, clock.entered_at + SERVICE_S)
        case _:
            raise AssertionError(f"nothing happens after {before.act}")


def _lingers_s(turn: Turn) -> float:
    """How long the caller stays to prove what is waited for."""
    if isinstance(turn.act, Collect):
        return min(1.0, turn.act.wait_s / 2)
    return TONE_S + 1.0 if isinstance(turn.act, RecordVoice) else 1.0


def can_be_had(scenario: Scenario) -> bool:
    """Whether this house can make happen what the scenario assumes.

    Not so: a prompt without audio, others in the waiting line, and facts that are known only in the
    course of a call.
    """
    facts = scenario.facts
    return (
        not any(turn.broken for turn in scenario.turns)
        and facts.get("queue", "empty") == "empty"
        and "yes" not in (facts.get("special"), facts.get("open_order"), facts.get("repeat_caller"))
        and (facts.get("caller_known") != "no" or facts.get("city", "unknown") == "unknown")
    )


def caller_of(number: int, facts: Mapping[str, str]) -> str:
    """A number, each call its own, of the city that the scenario assumes."""
    if facts.get("caller_known") == "no":
        return "anonymous"
    city = facts.get("city") or ("222400" if facts.get("language_hint") == "korean" else "220100")
    if facts.get("city_source") == "mobile_hint":
        return HINTING[city] % number
    if city == "unknown":
        return MOBILE % number
    if city == "other":
        city = "230100"
    return f"{divisions()[city].area_code}5550{number:03d}"


def calendar_of(facts: Mapping[str, str], today: date) -> str:
    """calendar.yaml that makes hours, holiday and night today what the scenario assumes.

    Facts that it does not name are not known: then the year is not loaded.
    """
    hours = facts.get("hours")
    daily = {"open": "- daily: [00:00-24:00]", "closed": "- daily: []"}
    rule = daily.get(hours or "", "- {workday: [00:00-24:00], weekend: [], holiday: []}")
    holiday = f"{{试验: {today}}}" if facts.get("holiday") == "yes" else "{}"
    year = f"  {today.year}: {{source: 试验, holidays: {holiday}, workdays: []}}"
    years = f"years:\n{year}" if hours or "holiday" in facts else "years: {}"
    night = f"night:\n  - answer: {facts['night']}\n" if "night" in facts else ""
    return f"zone: Asia/Shanghai\nhours:\n  {rule}\n{night}{years}\n"
