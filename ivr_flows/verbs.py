"""What each verb says and awaits when a call comes to its step, and where each answer leads. Pure.

`engine` runs these; the two tables at the end name them by the step's model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace as change

from ivr_flows.model import (
    Ask,
    CallApi,
    Callback,
    Hangup,
    Language,
    Mark,
    Menu,
    Message,
    Queue,
    Record,
    SetCity,
    Survey,
    Transfer,
)
from ivr_flows.names import (
    ASK_CLEAR,
    ASK_KEYS,
    CITIES,
    CITY_SLOT,
    NUMBER_DIGITS,
    NUMBER_END,
    NUMBER_KEYS,
    PLACE_CLIPS,
    SURVEY_KEYS,
)
from ivr_flows.turn import (
    Act,
    Answer,
    AnswerUnexpected,
    Awaits,
    CallService,
    Collect,
    End,
    Facts,
    JoinQueue,
    Key,
    NoKey,
    QueueLeft,
    Recorded,
    RecordVoice,
    ServiceAnswered,
    ServiceFailed,
    Session,
    Transferred,
)
from ivr_flows.turn import Transfer as TransferAct

# --- what a step notes of the caller, going on at once -------------------------------------------


_Noted = tuple[Session, str]  # the session, and the step to go on with


def _note_language(step: Language, session: Session, facts: Facts) -> _Noted:
    return change(session, language=step.to), step.next


def _note_city(step: SetCity, session: Session, facts: Facts) -> _Noted:
    city = fact("city", session, facts) if step.to == CITY_SLOT else step.to
    return (change(session, city=city) if city in CITIES else session), step.next


def _note_special(step: Mark, session: Session, facts: Facts) -> _Noted:
    if step.special in session.special:
        return session, step.next
    return change(session, special=(*session.special, step.special)), step.next


def fact(name: str, session: Session, facts: Facts) -> str:
    """The value of a fact: what services told and the caller chose go before what is known of him.

    Nothing where it is not known.
    """
    if told := session.facts.get(name):
        return told
    if name == "city" and session.city is not None:
        return session.city
    if name == "city_source" and session.city is not None:
        return "menu"
    if name == "special" and session.special:
        return "yes"
    return facts.get(name, "")


def said(say: tuple[str, ...], session: Session, facts: Facts) -> tuple[str, ...]:
    """The prompts that these words stand for: the name of the caller's place for {city}."""
    if CITY_SLOT not in say:
        return say
    named = f"place_{fact('city', session, facts)}"
    place = named if named in PLACE_CLIPS else PLACE_CLIPS[-1]
    return tuple(place if one == CITY_SLOT else one for one in say)


# --- what a step says and awaits when it is entered, first or again ------------------------------

_Entered = tuple[tuple[str, ...], Act, Awaits]


def _enter_menu(step: Menu, session: Session, facts: Facts) -> _Entered:
    return step.say, Collect("menu", "".join(step.keys), step.wait_s), "key"


def _enter_ask(step: Ask, session: Session, facts: Facts) -> _Entered:
    say = () if session.pii_digits else step.say
    return say, Collect("digits", ASK_KEYS, step.wait_s), "digits"


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


def _enter_transfer(step: Transfer, session: Session, facts: Facts) -> _Entered:
    return step.say or (), TransferAct(step.to, step.ring_s), "transfer"


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


def _enter_record(step: Record, session: Session, facts: Facts) -> _Entered:
    return step.say, RecordVoice("note", step.limit_s, name=step.into), "voice"


def _enter_call_api(step: CallApi, session: Session, facts: Facts) -> _Entered:
    sent = {name: session.answers[name] for name in step.send if name in session.answers}
    return step.say or (), CallService(step.service, sent), "service"


def _enter_hangup(step: Hangup, session: Session, facts: Facts) -> _Entered:
    return step.say or (), End(), "nothing"


# --- where an answer leads: the session with its next step, and what is said on the way ----------

_Answered = tuple[Session, tuple[str, ...], str]  # ... and the way taken (`Way.way`); "": it stays


def _go(session: Session, to: str, way: str, **more: Any) -> _Answered:
    turns = session.turns + 1
    fresh: dict[str, Any] = {"awaits": "nothing", "tries": 0, "pii_digits": "", **more}
    return change(session, step=to, turns=turns, **fresh), (), way


def _stay(session: Session, say: tuple[str, ...] = (), **more: Any) -> _Answered:
    return change(session, turns=session.turns + 1, **more), say, ""


def _one_of(keys: str, answer: Answer) -> str:
    """The key pressed if it is one of these, else nothing."""
    key = answer.key if isinstance(answer, Key) else ""
    return key if len(key) == 1 and key in keys else ""


def _not_understood(step: Menu | Ask | Callback, session: Session, answer: Answer) -> _Answered:
    """A wrong key or none: the step once more, or given up."""
    if session.tries + 1 >= step.tries:
        return _go(session, step.give_up, "give_up")
    said = step.invalid if isinstance(answer, Key) else step.no_key
    return _stay(session, said, tries=session.tries + 1, pii_digits="")


def _answer_menu(step: Menu, session: Session, answer: Answer) -> _Answered:
    if isinstance(answer, Key) and answer.key in step.keys:
        return _go(session, step.keys[answer.key], f"keys.{answer.key}")
    return _not_understood(step, session, answer)


def _answer_ask(step: Ask, session: Session, answer: Answer) -> _Answered:
    key, (fewest, most) = _one_of(ASK_KEYS, answer), step.digits
    if key == ASK_CLEAR:
        return _stay(session, pii_digits="")
    digits = session.pii_digits + key.replace(NUMBER_END, "")
    if key and key != NUMBER_END and len(digits) < most:
        return _stay(session, pii_digits=digits)
    # The end sign is often forgotten: enough digits and then silence is an answer too.
    if len(digits) >= fewest and (key or isinstance(answer, NoKey)):
        answers = {**session.answers, step.into: digits}
        return _go(session, step.next, "next", answers=answers)
    return _not_understood(step, session, answer)


def _answer_queue(step: Queue, session: Session, answer: Answer) -> _Answered:
    assert isinstance(answer, QueueLeft)  # by the engine's table of answers that fit
    to: str | None = getattr(step, answer.outcome, None)
    if to is None:
        raise AnswerUnexpected(f"left as {answer.outcome}, which was not offered")
    return _go(session, to, answer.outcome, is_served=answer.outcome == "answered")


def _answer_transfer(step: Transfer, session: Session, answer: Answer) -> _Answered:
    assert isinstance(answer, Transferred)
    if answer.outcome == "answered":
        return _go(session, step.done, "done", is_served=True)
    return _go(session, step.failed, "failed")


def _answer_survey(step: Survey, session: Session, answer: Answer) -> _Answered:
    if key := _one_of(SURVEY_KEYS, answer):
        return _go(session, step.next, "next", rating=int(key))
    if session.tries + 1 >= step.tries:
        return _go(session, step.not_rated, "not_rated")
    said = step.invalid if isinstance(answer, Key) else ()
    return _stay(session, said, tries=session.tries + 1)


def _answer_callback(step: Callback, session: Session, answer: Answer) -> _Answered:
    if isinstance(answer, Recorded):
        return _go(session, step.next, "next", is_served=True)
    key, (shortest, longest) = _one_of(NUMBER_KEYS, answer), NUMBER_DIGITS
    digits = session.pii_digits + key.replace(NUMBER_END, "")
    if key and key != NUMBER_END and len(digits) < longest:
        return _stay(session, pii_digits=digits)
    # The end sign is often forgotten: enough digits and then silence is a number too.
    if len(digits) >= shortest and (key or isinstance(answer, NoKey)):
        return _stay(session, tries=0, pii_digits="", pii_number=digits)
    return _not_understood(step, session, answer)


def _answer_message(step: Message, session: Session, answer: Answer) -> _Answered:
    return _go(session, step.next, "next", is_served=True)


def _answer_record(step: Record, session: Session, answer: Answer) -> _Answered:
    return _go(session, step.next, "next")


def _answer_call_api(step: CallApi, session: Session, answer: Answer) -> _Answered:
    if isinstance(answer, ServiceFailed):
        return _go(session, step.failed, "failed")
    assert isinstance(answer, ServiceAnswered)
    facts = {**session.facts, **answer.facts}
    return _go(session, step.next, "next", facts=facts)


NOTED: Final[Mapping[type[Any], Callable[[Any, Session, Facts], _Noted]]] = {
    Language: _note_language,
    SetCity: _note_city,
    Mark: _note_special,
}
AWAITED: Final[Mapping[type[Any], tuple[Awaits, ...]]] = {
    Menu: ("key",),
    Ask: ("digits",),
    Queue: ("queue",),
    Transfer: ("transfer",),
    Survey: ("key",),
    Callback: ("number", "voice"),
    Message: ("voice",),
    Record: ("voice",),
    CallApi: ("service",),
}
ENTERED: Final[Mapping[type[Any], Callable[[Any, Session, Facts], _Entered]]] = {
    Menu: _enter_menu,
    Ask: _enter_ask,
    Queue: _enter_queue,
    Transfer: _enter_transfer,
    Survey: _enter_survey,
    Callback: _enter_callback,
    Message: _enter_message,
    Record: _enter_record,
    CallApi: _enter_call_api,
    Hangup: _enter_hangup,
}
ANSWERED: Final[Mapping[type[Any], Callable[[Any, Session, Answer], _Answered]]] = {
    Menu: _answer_menu,
    Ask: _answer_ask,
    Queue: _answer_queue,
    Transfer: _answer_transfer,
    Survey: _answer_survey,
    Callback: _answer_callback,
    Message: _answer_message,
    Record: _answer_record,
    CallApi: _answer_call_api,
}
