"""Moves of flows and of the routing policy: each is in the log of flows and in the audit trail."""

from __future__ import annotations

import structlog
from aiohttp import web

from callcenter.flows.desk import Done
from callcenter.flows.policies import NAME as POLICY
from callcenter.web.errors import ApiFault
from callcenter.web.flows_answers import moved_answer
from callcenter.web.flows_asked import (
    BASE,
    FLOW,
    MAX_BODY,
    VERSION,
    asked,
    console_of,
    version_of,
)
from callcenter.web.flows_forms import FlowMove, FlowRollback, FlowSubmit
from callcenter.web.flows_models import FlowMoved
from callcenter.web.person import Person, person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model
from reports import audit
from reports.store import DatabaseAway

log = structlog.get_logger(__name__)


async def post_version(request: web.Request) -> web.Response:
    """A new text is kept as a draft."""
    person, flow = _for_the_province(request), request.match_info["flow"]
    sent = await read_model(request.clone(client_max_size=MAX_BODY), FlowSubmit)
    desk, raw = console_of(request).desk, sent.text.encode("utf-8", "surrogatepass")
    submit = desk.submit_policy if flow == POLICY else desk.submit
    shown = f"{flow}.yaml"
    done = await asked(submit(raw, shown=shown, author=person.name, note=sent.note))
    return await _moved(request, person, "flow_submit", done)


async def post_move(request: web.Request) -> web.Response:
    """A version goes into review, live, or away."""
    person, flow, number = (
        _for_the_province(request),
        request.match_info["flow"],
        version_of(request),
    )
    desk, move = console_of(request).desk, request.match_info["move"]
    sent = await read_model(request, FlowMove)
    by, note = person.name, sent.note
    if move == "review":
        done = await asked(desk.review(flow, number, by=by, note=note))
    elif move == "publish":
        done = await asked(desk.publish(flow, number, by=by, note=note, seen=sent.seen))
    else:
        done = await asked(desk.withdraw(flow, number, by=by, note=note))
    return await _moved(request, person, f"flow_{move}", done)


async def post_rollback(request: web.Request) -> web.Response:
    """An older release again, or an older routing policy alone."""
    person, desk = _for_the_province(request), console_of(request).desk
    sent = await read_model(request, FlowRollback)
    back = desk.restore_policy if sent.policy else desk.rollback
    done = await asked(back(sent.to, by=person.name, note=sent.note))
    return await _moved(request, person, "flow_rollback", done)


def _for_the_province(request: web.Request) -> Person:
    """Flows are heard in the whole province: nobody who is limited to a city changes them."""
    person = person_of(request)
    if person.city is not None:
        raise ApiFault(403, "other_city", "流程和派线策略由全省统一管理，您的账号只限本地区。")
    return person


async def _moved(request: web.Request, person: Person, action: str, done: Done) -> web.Response:
    desk = console_of(request).desk
    entry = done.change.entry
    subject = f"{entry.flow} {entry.version}" if entry.flow else f"release {entry.release}"
    try:
        await audit.write(
            desk.store.database,
            audit.Entry(
                at=entry.at, by=person.name, action=action, subject=subject, reason=entry.note
            ),
        )
    except DatabaseAway:
        log.error("a move of a flow is in its own log only", action=action, subject=subject)
    book = await asked(desk.book())
    return json_answer(moved_answer(done, book))


def _move_route(move: str, right: Right, summary: str) -> Route:
    async def post(request: web.Request) -> web.Response:
        request.match_info["move"] = move
        return await post_move(request)

    return Route(
        method="POST",
        path=f"{BASE}/{{flow}}/versions/{{version}}/{move}",
        handler=post,
        name=f"flow_{move}",
        summary=summary,
        right=right,
        answer=FlowMoved,
        body=FlowMove,
        path_types={"flow": FLOW, "version": VERSION},
        faults=(403, 404, 409, 503),
    )


ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path=f"{BASE}/{{flow}}/versions",
        handler=post_version,
        name="flow_submit",
        summary="Keep a new text as a draft",
        right=Right.FLOWS_EDIT,
        answer=FlowMoved,
        body=FlowSubmit,
        path_types={"flow": FLOW},
        faults=(404, 409, 503),
    ),
    _move_route("review", Right.FLOWS_REVIEW, "Take a draft into review; not one's own"),
    _move_route("publish", Right.FLOWS_PUBLISH, "Let calls hear a reviewed version; not one's own"),
    _move_route("withdraw", Right.FLOWS_PUBLISH, "Take a version back for good"),
    Route(
        method="POST",
        path=f"{BASE}/rollback",
        handler=post_rollback,
        name="flow_rollback",
        summary="An older release again, or an older routing policy",
        right=Right.FLOWS_PUBLISH,
        answer=FlowMoved,
        body=FlowRollback,
        faults=(404, 409, 503),
    ),
)
