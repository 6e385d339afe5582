"""The screen pop: what a lawyer sees of a call when it rings, and the emergency button."""

from aiohttp import web

from callcenter.emergency import NotYourCall
from callcenter.pop import Caller, Pop, Pops, PopUnknown, Suggested
from callcenter.records.desk import NoRecord, NotKept
from callcenter.web.errors import ApiFault
from callcenter.web.masking import UNKNOWN, mask_number
from callcenter.web.person import Person, person_of
from callcenter.web.record_models import (
    EarlierAnswer,
    HelpAnswer,
    HelpWanted,
    IdentityConfirm,
    LawAnswer,
    PopAnswer,
    SimilarAnswer,
    SuggestionsAnswer,
    SuggestionsQuery,
)
from callcenter.web.records import (
    may_write,
    no_call,
    not_kept,
    pops_of,
    record_in_reach,
    sees,
)
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model, read_query
from callcenter.web.web_parts import PARTS
from reports.earlier import Earlier
from seats.places import seat_places


async def _caller_in_reach(request: web.Request, pops: Pops, person: Person) -> Caller:
    try:
        caller = await pops.caller(request.match_info["call_id"])
    except PopUnknown:
        raise no_call() from None
    if not sees(person, caller.seats, caller.city):
        raise no_call()
    return caller


async def get_pop(request: web.Request) -> web.Response:
    """Who calls, from where, for what, and what is known of the number."""
    pops, person = pops_of(request), person_of(request)
    caller = await _caller_in_reach(request, pops, person)
    return json_answer(pop_answer(await pops.of(caller), pops))


async def get_suggestions(request: web.Request) -> web.Response:
    """Laws and closed matters for the categories that are chosen now."""
    pops, person = pops_of(request), person_of(request)
    codes = read_query(request, SuggestionsQuery).code
    caller = await _caller_in_reach(request, pops, person)
    record = await pops.record(caller.call_id)
    if not codes and record is not None:
        codes = [code for code in (record.main, *record.secondary) if code]
    await pops.taxonomy.look()
    return json_answer(_suggestions(await pops.suggested(codes, record, caller), pops))


async def post_identity(request: web.Request) -> web.Response:
    """The lawyer asked who calls, and it is who called before: earlier calls open up. Audited."""
    pops, person = pops_of(request), person_of(request)
    await read_model(request, IdentityConfirm)
    record = await record_in_reach(request)
    if not may_write(person, record):
        raise ApiFault(403, "not_your_record", "只有参与通话的坐席可以确认来电人身份。")
    try:
        await pops.note(person.name, "confirm_identity", record.call_id)
        await pops.records.confirm_identity(record.call_id, by=person.name)
    except NoRecord:
        raise no_call() from None
    except NotKept:
        raise not_kept() from None
    caller = await _caller_in_reach(request, pops, person)
    return json_answer(pop_answer(await pops.of(caller), pops))


async def post_emergency(request: web.Request) -> web.Response:
    """Ring police or ambulance into the talk; supervisors are told, the recording is held."""
    person, wanted = person_of(request), await read_model(request, HelpWanted)
    emergency = request.app[PARTS].emergency
    if emergency is None:
        raise ApiFault(503, "not_here", "此服务进程不处理通话。")
    if person.seat is None:
        raise ApiFault(403, "no_seat", "您的账号没有坐席。")
    try:
        helped = await emergency.call_help(
            wanted.call_id, seat=person.seat, to=wanted.to, by=person.name
        )
    except NotYourCall:
        raise no_call() from None
    return json_answer(
        HelpAnswer(joining=not helped.why, error=helped.why or None, message=helped.message or None)
    )


def pop_answer(pop: Pop, pops: Pops) -> PopAnswer:
    """On the wire: the number masked, earlier calls shut until the identity is confirmed."""
    caller, record = pop.caller, pop.record
    is_confirmed = record is not None and record.identity_confirmed
    masked = mask_number(caller.number)
    return PopAnswer(
        call_id=caller.call_id,
        caller=masked,
        is_known=masked != UNKNOWN,
        arrived_at=caller.arrived_at,
        waited_s=int(caller.waited_s),
        city=caller.city,
        city_name=_place(caller.city),
        city_source=caller.city_source,
        county_name=_place(caller.county),
        group=caller.group,
        language=caller.language,
        keys=list(caller.keys),
        special=list(caller.special),
        is_repeat=pop.is_repeat,
        order_state=caller.order_state,
        alarms=list(caller.alarms),
        is_callback=caller.is_callback,
        identity_confirmed=is_confirmed,
        earlier=None
        if pop.history is None
        else [_earlier(one, pops, is_open=is_confirmed) for one in pop.history],
        suggestions=_suggestions(pop.suggested, pops),
    )


def _place(code: str | None) -> str | None:
    place = seat_places().get(code or "")
    return place.name if place else None


def _earlier(one: Earlier, pops: Pops, *, is_open: bool) -> EarlierAnswer:
    call, record = one.call, one.record
    talked = next((tried.seat for tried in call.attempts if tried.answered_at), None)
    return EarlierAnswer(
        call_id=call.call_id,
        arrived_at=call.arrived_at,
        answered=call.answered_at is not None,
        seat=talked,
        group=call.group,
        overflow=call.overflow,
        main=record.main if record else None,
        main_name=pops.taxonomy.now.name_of(record.main) if record else None,
        outcome=record.outcome if record else None,
        filed=record is not None and record.is_filed,
        follow_up=record.follow_up if record else None,
        open=list(one.open_matters),
        name=record.name if record and is_open else None,
        question=record.question if record and is_open else None,
        reply=record.reply if record and is_open else None,
    )


def _suggestions(found: Suggested, pops: Pops) -> SuggestionsAnswer:
    name_of = pops.taxonomy.now.name_of
    similar = found.similar
    return SuggestionsAnswer(
        laws=[
            LawAnswer(
                law=one.law,
                version=one.version,
                in_force=one.in_force,
                article=one.article,
                text=one.text,
            )
            for one in found.laws
        ],
        similar=None
        if similar is None
        else [
            SimilarAnswer(
                main_name=name_of(one.main),
                question=one.question,
                reply=one.reply,
                outcome=one.outcome,
                filed_at=one.filed_at,
            )
            for one in similar
        ],
    )


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/calls/{call_id}/pop",
        handler=get_pop,
        at="call",
        name="pop",
        summary="Who calls, from where, for what, and what is known of the number",
        right=Right.CALLS_OWN,
        answer=PopAnswer,
        faults=(503,),
    ),
    Route(
        method="GET",
        path="/api/v1/calls/{call_id}/suggestions",
        handler=get_suggestions,
        at="call",
        name="suggestions",
        summary="Laws and closed matters for the categories chosen now",
        right=Right.CALLS_OWN,
        query=SuggestionsQuery,
        answer=SuggestionsAnswer,
        faults=(503,),
    ),
    Route(
        method="POST",
        path="/api/v1/calls/{call_id}/identity",
        handler=post_identity,
        at="call",
        name="confirm_identity",
        summary="Note that it is who called before: earlier calls open up; audited",
        right=Right.RECORDS_WRITE,
        body=IdentityConfirm,
        answer=PopAnswer,
        faults=(503,),
    ),
    Route(
        method="POST",
        path="/api/v1/desk/emergency",
        handler=post_emergency,
        at="call",
        name="emergency",
        summary="Ring police or ambulance into the talk, tell supervisors, hold the recording",
        right=Right.DESK_USE,
        body=HelpWanted,
        answer=HelpAnswer,
        faults=(404, 503),
    ),
)
