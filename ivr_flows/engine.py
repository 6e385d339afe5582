"""Runs a flow until the caller must act: facts and answers in, what to say and await out.

Pure: no I/O, no clock. `start` and `resume` hand back a Turn; its session goes through JSON between
any two turns, so another controller can go on. A call never meets a fault of a flow as silence:
whatever cannot go on becomes an apology and the general line, told apart by `Turn.fault`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace as change

from ivr_flows.model import (
    NUMBER_DIGITS,
    NUMBER_END,
    NUMBER_KEYS,
    RESCUE_GROUP,
    RESCUE_SAY,
    SURVEY_KEYS,
    Branch,
    Callback,
    Flows,
    GotoFlow,
    Hangup,
    Menu,
    Message,
    Play,
    Queue,
    Step,
    Survey,
)
from ivr_flows.turn import (
    Act,
    Answer,
    AnswerUnexpected,
    Awaits,
    Collect,
    End,
    Facts,
    Failed,
    FlowFault,
    JoinQueue,
    Key,
    NoKey,
    QueueLeft,
    Recorded,
    RecordVoice,
    Session,
    Turn,
)

MAX_STEPS_A_TURN: Final = 100  # more is a loop that never waits
MAX_TURNS: Final = 500  # answers in one call; more is a loop that the caller cannot leave
MAX_RESCUES: Final = 2  # the second without a word, as the apology itself may be what breaks

_FITTING: Final[Mapping[str, tuple[type[Answer], ...]]] = {
    "key": (Key, NoKey),
    "number": (Key, NoKey),
    "queue": (QueueLeft,),
    "voice": (Recorded,),
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
        return Turn((), End(), change(session, awaits="nothing"))
    step = _current(flows, session)
    if isinstance(step, str):
        return _rescue(session, step)
    if session.turns >= MAX_TURNS:
        return _rescue(session, f"went on after {MAX_TURNS} turns")
    session, say = _ANSWERED[type(step)](step, session, answer)
    return _run(flows, session, say, facts)


def again(flows: Flows, session: Session, facts: Facts) -> Turn:
    """The current step once more, for a new controller. A waiting line is joined without a word."""
    if session.awaits == "nothing":
        return _over(session)
    if session.rescues:
        return Turn((), JoinQueue(RESCUE_GROUP), session)
    step = _current(flows, session)
    if isinstance(step, str):
        return _rescue(session, step)
    turn = _run(flows, change(session, pii_digits=""), (), facts)
    return change(turn, say=()) if isinstance(step, Queue) else turn


def _current(flows: Flows, session: Session) -> Step | str:
    """The step that waits, or why there is none."""
    flow = flows.by_name.get(session.flow)
    if flow is None or flow.version != session.version:
        return "this version of the flow is gone"
    step = flow.steps.get(session.step)
    if step is None or session.awaits not in _AWAITS.get(type(step), ()):
        return f"the flow has no such step that awaits a {session.awaits}"
    return step


def _over(session: Session) -> Turn:
    return Turn((), End(is_rescue=session.rescues > MAX_RESCUES), session)


def _fault(session: Session, reason: str) -> FlowFault:
    return FlowFault(session.flow, session.version, session.step, reason)


def _rescue(session: Session, reason: str) -> Turn:
    at = ((session.flow, session.step),)
    fault = _fault(session, reason)
    if session.is_served and session.awaits != "queue":
        # Was helped already: nobody would expect to be put in line again.
        return Turn((), End(), change(session, awaits="nothing"), at, fault)
    rescues = session.rescues + 1
    if rescues > MAX_RESCUES:
        over = change(session, awaits="nothing", rescues=rescues)
        return Turn((), End(is_rescue=True), over, at, fault)
    say = () if session.rescues else (RESCUE_SAY,)
    return Turn(
        say, JoinQueue(RESCUE_GROUP), change(session, awaits="queue", rescues=rescues), at, fault
    )


def _run(flows: Flows, session: Session, say: tuple[str, ...], facts: Facts) -> Turn:
    """Pass steps until one waits."""
    flow, at, path = flows.by_name[session.flow], session.step, []
    for _ in range(MAX_STEPS_A_TURN):
        step = flow.steps.get(at)
        path.append((flow.flow, at))
        if isinstance(step, Play):
            say += step.say
            at = step.next
        elif isinstance(step, Branch):
            at = step.cases.get(facts.get(step.on_fact, ""), step.otherwise)
        elif isinstance(step, GotoFlow) and step.flow in flows.by_name:
            flow = flows.by_name[step.flow]
            at = flow.start
        else:
            enter = _ENTERED.get(type(step))
            if enter is None:
                break
            more, act, awaits = enter(step, session, facts)
            session = change(session, flow=flow.flow, version=flow.version, step=at, awaits=awaits)
            return Turn(say + more, act, session, tuple(path))
    stuck = change(session, flow=flow.flow, version=flow.version, step=at)
    if len(path) == MAX_STEPS_A_TURN:
        return _rescue(stuck, f"passed {MAX_STEPS_A_TURN} steps without waiting")
    return _rescue(stuck, "there is no such step or flow to go on with")


# --- what a step says and awaits when it is entered, first or again ------------------------------

_Entered = tuple[tuple[str, ...], Act, Awaits]


def _enter_menu(step: Menu, session: Session, facts: Facts) -> _Entered:
    return step.say, Collect("menu", "".join(step.keys), step.wait_s), "key"


def _enter_queue(step: Queue, session: Session, facts: Facts) -> _Entered:
    offers = {key: way for key, way in step.offers.items() if getattr(step, way)}
    line = JoinQueue(
        group=step.group,
        every_s=step.announce_every_s,
        offer_after_s=step.offer_after_s,
        offer_say=step.offer if offers else (),
        offers=offers,
    )
    return step.say or (), line, "queue"


def _enter_survey(step: Survey, session: Session, facts: Facts) -> _Entered:
    say = step.again if session.tries else step.say
    return say, Collect("survey", SURVEY_KEYS, step.wait_s), "key"


def _enter_callback(step: Callback, session: Session, facts: Facts) -> _Entered:
    if session.pii_number is None and facts.get("caller_known") != "yes":
        say = () if session.pii_digits else step.ask_number
        return say, Collect("number", NUMBER_KEYS, step.wait_s), "number"
    return step.say, RecordVoice("callback", step.limit_s, session.pii_number), "voice"


def _enter_message(step: Message, session: Session, facts: Facts) -> _Entered:
    return step.say, RecordVoice("message", step.limit_s), "voice"


def _enter_hangup(step: Hangup, session: Session, facts: Facts) -> _Entered:
    return step.say or (), End(), "nothing"


# --- where an answer leads: the session with its next step, and what is said on the way ----------

_Answered = tuple[Session, tuple[str, ...]]


def _go(session: Session, to: str, **more: Any) -> _Answered:
    turns = session.turns + 1
    fresh: dict[str, Any] = {"awaits": "nothing", "tries": 0, "pii_digits": "", **more}
    return change(session, step=to, turns=turns, **fresh), ()


def _stay(session: Session, say: tuple[str, ...] = (), **more: Any) -> _Answered:
    return change(session, turns=session.turns + 1, **more), say


def _one_of(keys: str, answer: Answer) -> str:
    """The key pressed if it is one of these, else nothing."""
    key = answer.key if isinstance(answer, Key) else ""
    return key if len(key) == 1 and key in keys else ""


def _answer_menu(step: Menu, session: Session, answer: Answer) -> _Answered:
    if isinstance(answer, Key) and answer.key in step.keys:
        return _go(session, step.keys[answer.key])
    if session.tries + 1 >= step.tries:
        return _go(session, step.give_up)
    said = step.invalid if isinstance(answer, Key) else step.no_key
    return _stay(session, said, tries=session.tries + 1)


def _answer_queue(step: Queue, session: Session, answer: Answer) -> _Answered:
    assert isinstance(answer, QueueLeft)  # by _FITTING
    to: str | None = getattr(step, answer.outcome, None)
    if to is None:
        raise AnswerUnexpected(f"left as {answer.outcome}, which was not offered")
    return _go(session, to, is_served=answer.outcome == "answered")


def _answer_survey(step: Survey, session: Session, answer: Answer) -> _Answered:
    if key := _one_of(SURVEY_KEYS, answer):
        return _go(session, step.next, rating=int(key))
    if session.tries + 1 >= step.tries:
        return _go(session, step.not_rated)
    said = step.invalid if isinstance(answer, Key) else ()
    return _stay(session, said, tries=session.tries + 1)


def _answer_callback(step: Callback, session: Session, answer: Answer) -> _Answered:
    if isinstance(answer, Recorded):
        return _go(session, step.next, is_served=True)
    key, (shortest, longest) = _one_of(NUMBER_KEYS, answer), NUMBER_DIGITS
    digits = session.pii_digits + key.replace(NUMBER_END, "")
    if key and key != NUMBER_END and len(digits) < longest:
        return _stay(session, pii_digits=digits)
    # The end sign is often forgotten: enough digits and then silence is a number too.
    if len(digits) >= shortest and (key or isinstance(answer, NoKey)):
        return _stay(session, tries=0, pii_digits="", pii_number=digits)
    if session.tries + 1 >= step.tries:
        return _go(session, step.give_up)
    said = step.invalid if isinstance(answer, Key) else step.no_key
    return _stay(session, said, tries=session.tries + 1, pii_digits="")


def _answer_message(step: Message, session: Session, answer: Answer) -> _Answered:
    return _go(session, step.next, is_served=True)


_AWAITS: Final[Mapping[type[Any], tuple[Awaits, ...]]] = {
    Menu: ("key",),
    Queue: ("queue",),
    Survey: ("key",),
    Callback: ("number", "voice"),
    Message: ("voice",),
}
_ENTERED: Final[Mapping[type[Any], Callable[[Any, Session, Facts], _Entered]]] = {
    Menu: _enter_menu,
    Queue: _enter_queue,
    Survey: _enter_survey,
    Callback: _enter_callback,
    Message: _enter_message,
    Hangup: _enter_hangup,
}
_ANSWERED: Final[Mapping[type[Any], Callable[[Any, Session, Answer], _Answered]]] = {
    Menu: _answer_menu,
    Queue: _answer_queue,
    Survey: _answer_survey,
    Callback: _answer_callback,
    Message: _answer_message,
}
