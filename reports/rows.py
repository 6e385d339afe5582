"""Conversations to table rows and back, nothing else."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Table

from reports import tables
from reports.facts import (
    Alarm,
    Attempt,
    Callbacks,
    CallOut,
    Conversation,
    Leg,
    Note,
    OverflowRequest,
    Passed,
    Recording,
    Stint,
    Survey,
    Transfer,
)
from reports.metrics import COUNT_NAMES, RULES, tally

Row = dict[str, Any]
_Child = TypeVar("_Child", Attempt, Stint, Survey, OverflowRequest)

CHILDREN: tuple[Table, ...] = (tables.attempt, tables.stint, tables.survey, tables.tally)
_COLUMNS = tuple(
    column.name
    for column in tables.conversation.columns
    if column.name not in ("special", "recording", "extra")
)
_LISTED: Mapping[str, type[Transfer | Leg | Note | Alarm | Passed]] = {
    "legs": Leg,
    "transfers": Transfer,
    "notes": Note,
    "alarms": Alarm,
    "path": Passed,
}
_ATTEMPT = ("seat", "level", "offered_at", "rang_at", "answered_at", "ended_at", "outcome")
_STINT = ("group", "asked_at", "left_at", "outcome")
_REQUEST = ("number", "audio", "duration_s", "requested_at", "done_at")


def conversation_row(call: Conversation) -> Row:
    """The call's own row."""
    row: Row = {name: getattr(call, name) for name in _COLUMNS}
    row["special"] = list(call.special)
    row["recording"] = call.recording.model_dump(mode="json") if call.recording else None
    row["extra"] = {**_listed(call), **_called_back(call), **call.unknown} or None
    return row


def _listed(call: Conversation) -> dict[str, Any]:
    # Few calls have any, and no rate counts them: kept in `extra`, without tables of their own.
    return {
        name: [one.model_dump(mode="json") for one in getattr(call, name)]
        for name in _LISTED
        if getattr(call, name)
    }


def _called_back(call: Conversation) -> dict[str, Any]:
    of: dict[str, Any] = {"callback_of": call.callback_of} if call.callback_of else {}
    of |= {"call_out": call.call_out.model_dump(mode="json")} if call.call_out else {}
    return of | ({"callbacks": call.callbacks.model_dump(mode="json")} if call.callbacks else {})


def child_rows(calls: Iterable[Conversation]) -> dict[Table, list[Row]]:
    """Rows of everything that hangs on the calls, by table; `overflow` among them."""
    rows: dict[Table, list[Row]] = defaultdict(list)
    for call in calls:
        for n, attempt in enumerate(call.attempts):
            rows[tables.attempt].append(_row(call, attempt, _ATTEMPT, n=n))
        for n, stint in enumerate(call.stints):
            rows[tables.stint].append(_row(call, stint, _STINT, n=n))
        if call.survey:
            rows[tables.survey].append(_row(call, call.survey, ("invited_at", "answer")))
        if call.overflow_request:
            request = _row(call, call.overflow_request, _REQUEST, kind=call.overflow or "message")
            rows[tables.overflow].append(request)
        if tallied := tally_row(call):
            rows[tables.tally].append(tallied)
    return rows


def tally_row(call: Conversation) -> Row | None:
    """How the call counts; None while it is going on."""
    counted = tally(call)
    if counted is None:
        return None
    names = ("day", "hour", "city", "group", "seat", "category")
    row: Row = {name: getattr(counted, name) for name in names}
    row |= {name: int(getattr(counted.counts, name)) for name in COUNT_NAMES}
    return row | {"call_id": call.call_id, "rules": RULES}


def _row(
    call: Conversation,
    fact: Attempt | Stint | Survey | OverflowRequest,
    names: Sequence[str],
    **more: object,
) -> Row:
    row: Row = {name: getattr(fact, name) for name in names}
    return row | more | {"call_id": call.call_id, "extra": fact.unknown or None}


def to_conversations(
    calls: Sequence[Mapping[str, Any]], children: Mapping[Table, Iterable[Mapping[str, Any]]]
) -> list[Conversation]:
    """Conversations in the order of `calls`; children of one call come in order of `n`.

    What the database holds was checked on its way in: it is not checked again.
    """
    found = {table: _by_call(rows) for table, rows in children.items()}
    return [_conversation(row, found) for row in calls]


def _by_call(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    grouped: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row["call_id"]].append(row)
    return grouped


def _conversation(
    row: Mapping[str, Any], children: Mapping[Table, Mapping[str, list[Mapping[str, Any]]]]
) -> Conversation:
    def of(table: Table) -> list[Mapping[str, Any]]:
        return children[table].get(row["call_id"], [])

    extra = dict(row["extra"] or {})
    listed: dict[str, Any] = {
        name: tuple(kind.model_validate(one) for one in extra.pop(name, ()))
        for name, kind in _LISTED.items()
    }
    callbacks, call_out = extra.pop("callbacks", None), extra.pop("call_out", None)
    surveys = of(tables.survey)
    requests = of(tables.overflow)
    return Conversation.model_construct(
        **{name: row[name] for name in _COLUMNS},
        special=tuple(row["special"]),
        recording=Recording.model_validate(row["recording"]) if row["recording"] else None,
        attempts=tuple(_fact(Attempt, each, _ATTEMPT) for each in of(tables.attempt)),
        stints=tuple(_fact(Stint, each, _STINT) for each in of(tables.stint)),
        survey=_fact(Survey, surveys[0], ("invited_at", "answer")) if surveys else None,
        overflow_request=_fact(OverflowRequest, requests[0], _REQUEST) if requests else None,
        callbacks=Callbacks.model_validate(callbacks) if callbacks else None,
        call_out=CallOut.model_validate(call_out) if call_out else None,
        **listed,
        **extra,
    )


def _fact(kind: type[_Child], row: Mapping[str, Any], names: Sequence[str]) -> _Child:
    return kind.model_construct(**{name: row[name] for name in names}, **(row["extra"] or {}))
