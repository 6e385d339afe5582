"""Runs a flow until the caller must act: facts and answers in, what to say and await out.

Pure: no I/O, no clock. `start` and `resume` hand back a Turn; its session goes through JSON between
any two turns, so another controller can go on. A call never meets a fault of a flow as silence:
whatever cannot go on becomes an apology and the general line, told apart by `Turn.fault`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace as change

from ivr_flows.model import (
    Branch,
    Flows,
    GotoFlow,
    Play,
    Queue,
    Step,
    Transfer,
)
from ivr_flows.names import RESCUE_GROUP, RESCUE_SAY
from ivr_flows.turn import (
    Act,
    Answer,
    AnswerUnexpected,
    Awaits,
    End,
    Facts,
    Failed,
    FlowFault,
    JoinQueue,
    Key,
    NoKey,
    QueueLeft,
    Recorded,
    ServiceAnswered,
    ServiceFailed,
    Session,
    Transferred,
    Turn,
    Way,
)
from ivr_flows.verbs import ANSWERED, AWAITED, ENTERED, NOTED, fact, said

MAX_STEPS_A_TURN: Final = 100  # more is a loop that never waits
MAX_TURNS: Final = 500  # answers in one call; more is a loop that the caller cannot leave
MAX_RESCUES: Final = 2  # the second without a word, as the apology itself may be what breaks

_FITTING: Final[Mapping[Awaits, tuple[type[Answer], ...]]] = {
    "key": (Key, NoKey),
    "number": (Key, NoKey),
    "digits": (Key, NoKey),
    "queue": (QueueLeft,),
    "voice": (Recorded,),
    "transfer": (Transferred,),
    "service": (ServiceAnswered, ServiceFailed),
    "nothing": (),
}


def start(flows: Flows, facts: Facts) -> Turn:
    """The first turn of a call, at the start of the first flow."""
    flow = flows.by_name[flows.first]
    return _run(flows, Session(flow.flow, flow.version, flow.start), (), facts)


def resume(flows: Flows, session: Session, answer: Answer, facts: Facts) -> Turn:
    """The turn after the caller's answer. Raises AnswerUnexpected, and nothing else."""
    if isinstance(answer, Failed) and session.awaits != "nothing":
        return _rescue(session, answer.reason)
    if isinstance(answer, Failed):  # the last words
        return change(_over(session), fault=_fault(session, answer.reason))
    if not isinstance(answer, _FITTING[session.awaits]):
        raise AnswerUnexpected(f"{type(answer).__name__} while awaiting {session.awaits}")
    if session.rescues:
        return _turn((), End(), change(session, awaits="nothing"))
    step = _current(flows, session)
    if isinstance(step, str):
        return _rescue(session, step)
    if session.turns >= MAX_TURNS:
        return _rescue(session, f"went on after {MAX_TURNS} turns")
    came_by = Way(session.flow, session.version, session.step, "")
    session, say, way = ANSWERED[type(step)](step, session, answer)
    turn = _run(flows, session, say, facts)
    return change(turn, ways=(change(came_by, way=way), *turn.ways)) if way else turn


def again(flows: Flows, session: Session, facts: Facts) -> Turn:
    """The current step once more, for a new controller: what was half typed is asked for whole.

    A waiting line is joined without a word, and no alarm is raised twice.
    """
    if session.awaits == "nothing":
        return _over(session)
    if session.rescues:
        return _turn((), JoinQueue(RESCUE_GROUP), session)
    step = _current(flows, session)
    if isinstance(step, str):
        return _rescue(session, step)
    turn = _run(flows, change(session, pii_digits=""), (), facts)
    return change(turn, say=() if isinstance(step, Queue) else turn.say, alarm=None)


def _current(flows: Flows, session: Session) -> Step | str:
    """The step that waits, or why there is none."""
    flow = flows.by_name.get(session.flow)
    if flow is None or flow.version != session.version:
        return "this version of the flow is gone"
    step = flow.steps.get(session.step)
    if step is None or session.awaits not in AWAITED.get(type(step), ()):
        return f"the flow has no such step that awaits a {session.awaits}"
    return step


def _turn(
    say: tuple[str, ...],
    act: Act,
    session: Session,
    path: tuple[tuple[str, str], ...] = (),
    fault: FlowFault | None = None,
) -> Turn:
    return Turn(say, act, session, path, fault, session.language)


def _over(session: Session) -> Turn:
    return _turn((), End(is_rescue=session.rescues > MAX_RESCUES), session)


def _fault(session: Session, reason: str) -> FlowFault:
    return FlowFault(session.flow, session.version, session.step, reason)


def _rescue(session: Session, reason: str) -> Turn:
    at = ((session.flow, session.step),)
    fault = _fault(session, reason)
    if session.is_served and session.awaits != "queue":
        # Was helped already: nobody would expect to be put in line again.
        return _turn((), End(), change(session, awaits="nothing"), at, fault)
    rescues = session.rescues + 1
    if rescues > MAX_RESCUES:
        over = change(session, awaits="nothing", rescues=rescues)
        return _turn((), End(is_rescue=True), over, at, fault)
    say = () if session.rescues else (RESCUE_SAY,)
    rescued = change(session, awaits="queue", rescues=rescues, pii_digits="")
    return _turn(say, JoinQueue(RESCUE_GROUP), rescued, at, fault)


def _run(flows: Flows, session: Session, say: tuple[str, ...], facts: Facts) -> Turn:
    """Pass steps until one waits."""
    flow, at, path, ways = flows.by_name[session.flow], session.step, [], list[Way]()
    for _ in range(MAX_STEPS_A_TURN):
        step, here, way = flow.steps.get(at), (flow.flow, flow.version, at), "next"
        path.append((flow.flow, at))
        kind = type(step)
        if isinstance(step, Play):
            say += said(step.say, session, facts)
            at = step.next
        elif isinstance(step, Branch):
            value = fact(step.on_fact, session, facts)
            way = f"cases.{value}" if value in step.cases else "otherwise"
            at = step.cases.get(value, step.otherwise)
        elif enter := ENTERED.get(kind):
            more, act, awaits = enter(step, session, facts)
            session = change(session, flow=flow.flow, version=flow.version, step=at, awaits=awaits)
            alarm = step.alarm if isinstance(step, Transfer) else None
            say += said(more, session, facts)
            return Turn(say, act, session, tuple(path), None, session.language, alarm, tuple(ways))
        elif note := NOTED.get(kind):
            session, at = note(step, session, facts)
        elif isinstance(step, GotoFlow) and step.flow in flows.by_name:
            flow = flows.by_name[step.flow]
            at, way = flow.start, "flow"
        else:
            break
        ways.append(Way(*here, way))
    stuck = change(session, flow=flow.flow, version=flow.version, step=at)
    if len(path) == MAX_STEPS_A_TURN:
        return _rescue(stuck, f"passed {MAX_STEPS_A_TURN} steps without waiting")
    return _rescue(stuck, "there is no such step or flow to go on with")
