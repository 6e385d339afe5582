"""Records of calls: read, saved as they are written, filed; and what they choose from."""

from aiohttp import web

from callcenter.pop import Pops, PopUnknown
from callcenter.records.desk import NoRecord, NotKept
from callcenter.records.form import Draft, RecordRefused
from callcenter.web.errors import ApiFault
from callcenter.web.live import VIEW
from callcenter.web.person import Person, person_of
from callcenter.web.record_models import (
    CategoryAnswer,
    FilingAnswer,
    FilingsAnswer,
    ItemAnswer,
    RecordAnswer,
    RecordDraft,
    RecordFile,
    RecordSave,
    TaxonomyAnswer,
)
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model
from callcenter.web.view import SeatFault
from callcenter.web.web_parts import PARTS
from ivr_flows.names import GROUPS
from reports.records import CallRecord

_STATUS = {"record_changed": 409, "record_filed": 409, "reason_needed": 409}
_WRITTEN = tuple(RecordDraft.model_fields)


def pops_of(request: web.Request) -> Pops:
    """The part that these routes work with."""
    pops = request.app[PARTS].pops
    if pops is None:
        raise ApiFault(503, "not_here", "此服务进程不提供工单。")
    return pops


def no_call() -> ApiFault:
    """Neither now nor before, or not this person's: which of them is not told."""
    return ApiFault(404, "call_unknown", "没有这个通话，或不在您的权限范围内。")


def not_kept() -> ApiFault:
    """What was written has not been kept anywhere."""
    return ApiFault(503, "not_kept", "磁盘与数据库暂时都无法写入，工单尚未保存，请勿关闭页面。")


def sees(person: Person, seats: frozenset[str], city: str | None) -> bool:
    """Is this call in the person's reach: his own, or of his city with the right to see calls?"""
    if person.is_key or (person.seat is not None and person.seat in seats):
        return True
    return person.may(Right.CALLS_SEE) and person.sees_city(city)


async def record_in_reach(request: web.Request) -> CallRecord:
    """The record that the address names. Raises ApiFault."""
    pops, person = pops_of(request), person_of(request)
    call_id = request.match_info["call_id"]
    try:
        record = await pops.records.find(call_id)
    except NoRecord:
        record = await _begun_now(pops, person, call_id)
    if not sees(person, frozenset(record.seats), record.city):
        raise no_call()
    return record


async def _begun_now(pops: Pops, person: Person, call_id: str) -> CallRecord:
    try:
        caller = await pops.caller(call_id)
    except PopUnknown:
        raise no_call() from None
    if not sees(person, caller.seats, caller.city):
        raise no_call()
    record = await pops.record(call_id)
    if record is None:
        raise ApiFault(404, "no_record", "接通后才有工单。")
    return record


def may_write(person: Person, record: CallRecord) -> bool:
    """Only who talked in a call writes its record; and programs of the operator's own."""
    return person.may(Right.RECORDS_WRITE) and (person.is_key or person.seat in record.seats)


def record_answer(pops: Pops, record: CallRecord, person: Person) -> RecordAnswer:
    """A record on the wire."""
    name_of = pops.taxonomy.now.name_of
    return RecordAnswer(
        **{name: getattr(record, name) for name in _WRITTEN if name != "secondary"},
        secondary=list(record.secondary),
        call_id=record.call_id,
        revision=record.revision,
        seat=record.seat,
        seats=list(record.seats),
        answered_at=record.answered_at,
        changed_at=record.changed_at,
        changed_by=record.changed_by,
        filed_at=record.filed_at,
        filed_by=record.filed_by,
        identity_confirmed=record.identity_confirmed,
        urgent=record.urgent,
        main_name=name_of(record.main),
        secondary_names=[name_of(code) or code for code in record.secondary],
        can_write=may_write(person, record),
    )


async def get_record(request: web.Request) -> web.Response:
    """The record of a call."""
    record = await record_in_reach(request)
    pops = pops_of(request)
    await pops.taxonomy.look()
    return json_answer(record_answer(pops, record, person_of(request)))


async def put_record(request: web.Request) -> web.Response:
    """Write down what the form holds now."""
    person, pops = person_of(request), pops_of(request)
    draft = await read_model(request, RecordSave)
    record = await _to_write(request)
    try:
        await pops.taxonomy.look()
        record = await pops.records.save(
            record.call_id, _draft(draft), revision=draft.revision, by=person.name
        )
    except RecordRefused as refused:
        raise _refused(refused) from None
    except NotKept:
        raise not_kept() from None
    return json_answer(record_answer(pops, record, person))


async def post_file(request: web.Request) -> web.Response:
    """File the record: it ends the seat's wrap-up. Later changes are corrections with a reason."""
    person, pops = person_of(request), pops_of(request)
    draft = await read_model(request, RecordFile)
    record = await _to_write(request)
    was_filed = record.is_filed
    try:
        await pops.taxonomy.look()
        record = await pops.records.file(
            record.call_id,
            _draft(draft),
            revision=draft.revision,
            by=person.name,
            reason=draft.reason.strip(),
        )
    except RecordRefused as refused:
        raise _refused(refused) from None
    except NotKept:
        raise not_kept() from None
    if person.seat is not None and not was_filed:
        try:
            await request.app[VIEW].record_filed(number=person.seat)
        except SeatFault:
            pass  # he talks on, or his wrap-up is over
    return json_answer(record_answer(pops, record, person))


async def _to_write(request: web.Request) -> CallRecord:
    record = await record_in_reach(request)
    if not may_write(person_of(request), record):
        raise ApiFault(403, "not_your_record", "只有参与通话的坐席可以填写工单。")
    return record


def _draft(said: RecordDraft) -> Draft:
    given = {name: getattr(said, name) for name in _WRITTEN}
    return Draft(**{**given, "secondary": tuple(said.secondary)})


def _refused(refused: RecordRefused) -> ApiFault:
    return ApiFault(_STATUS.get(refused.error, 422), refused.error, refused.message)


async def get_filings(request: web.Request) -> web.Response:
    """How the record was filed and corrected."""
    record = await record_in_reach(request)
    kept = await pops_of(request).records.filings(record.call_id)
    return json_answer(
        FilingsAnswer(
            filings=[
                FilingAnswer(at=one.at, by=one.by, reason=one.reason, revision=one.record.revision)
                for one in kept
            ]
        )
    )


async def get_taxonomy(request: web.Request) -> web.Response:
    """Every category and item that may be chosen now."""
    found = await pops_of(request).taxonomy.look()
    names = {item.category: item.category_name for item in found.chosen_from}
    items: dict[str, list[ItemAnswer]] = {code: [] for code in names}
    for item in found.chosen_from:
        items[item.category].append(ItemAnswer(code=item.code, name=item.name, queue=item.queue))
    return json_answer(
        TaxonomyAnswer(
            categories=[
                CategoryAnswer(code=code, name=name, items=items[code])
                for code, name in names.items()
            ],
            groups={group: list(found.categories_of(group)) for group in GROUPS},
        )
    )


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/taxonomy",
        handler=get_taxonomy,
        name="taxonomy",
        summary="Categories of calls and their items that may be chosen now",
        right=Right.SELF,
        answer=TaxonomyAnswer,
        faults=(503,),
    ),
    Route(
        method="GET",
        path="/api/v1/calls/{call_id}/record",
        handler=get_record,
        at="call",
        name="record",
        summary="What was written of an answered call",
        right=Right.CALLS_OWN,
        answer=RecordAnswer,
        faults=(503,),
    ),
    Route(
        method="PUT",
        path="/api/v1/calls/{call_id}/record",
        handler=put_record,
        at="call",
        name="save_record",
        summary="Write down what the form holds now; 409 `record_changed` when another wrote",
        right=Right.RECORDS_WRITE,
        body=RecordSave,
        answer=RecordAnswer,
        faults=(409, 503),
    ),
    Route(
        method="POST",
        path="/api/v1/calls/{call_id}/record/file",
        handler=post_file,
        at="call",
        name="file_record",
        summary="File the record: the wrap-up is over; or correct a filed one with a reason",
        right=Right.RECORDS_WRITE,
        body=RecordFile,
        answer=RecordAnswer,
        faults=(409, 503),
    ),
    Route(
        method="GET",
        path="/api/v1/calls/{call_id}/record/filings",
        handler=get_filings,
        at="call",
        name="record_filings",
        summary="How a record was filed and corrected, in order",
        right=Right.CALLS_OWN,
        answer=FilingsAnswer,
        faults=(503,),
    ),
)
