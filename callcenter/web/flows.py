"""Flows and the routing policy: seen, written, tried, reviewed, published, taken back.

The routing policy is the text `routing` among the flows and goes the same way.
"""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Final, TypeVar

import structlog
from aiohttp import web

from callcenter.flows.bench import Edit, EditRefused, Pretended
from callcenter.flows.console import FlowConsole
from callcenter.flows.desk import Done
from callcenter.flows.policies import NAME as POLICY
from callcenter.trying.situation import Misuse
from callcenter.trying.words import NoEffect, NotUnderstood
from callcenter.web import flows_answers as answers
from callcenter.web.errors import ApiFault
from callcenter.web.flows_models import (
    FlowCompared,
    FlowCompareQuery,
    FlowDraft,
    FlowDrafted,
    FlowList,
    FlowLog,
    FlowLogEntry,
    FlowMove,
    FlowMoved,
    FlowNames,
    FlowPassed,
    FlowRollback,
    FlowRunning,
    FlowStanding,
    FlowSubmit,
    FlowText,
    FlowTraffic,
    FlowTried,
    FlowTry,
)
from callcenter.web.person import Person, person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, Schema, json_answer, read_model, read_query
from callcenter.web.web_parts import PARTS
from ivr_flows.book import Book, MoveRefused
from ivr_flows.load import FlowsRefused
from ivr_flows.outline import outline
from ivr_flows.turn import AnswerUnexpected
from ivr_flows.yaml_source import MAX_BYTES, SourceFault, read_bytes
from reports import audit
from reports.store import DatabaseAway

log = structlog.get_logger(__name__)

T = TypeVar("T")

MAX_BODY: Final = 3 * MAX_BYTES  # a text as JSON: Chinese may be written as \\uXXXX
LOG_SHOWN: Final = 200
TITLES: Final = {POLICY: "派线策略"}
_REFUSED: Final = {"not_found": 404, "bad_note": 422, "bad_name": 422, "own_text": 403}


def console_of(request: web.Request) -> FlowConsole:
    """The flows of this hotline."""
    console = request.app[PARTS].flows
    if console is None:
        raise ApiFault(503, "not_served", "本进程不提供流程管理。")
    return console


async def _asked(work: Awaitable[T]) -> T:
    """What the work gives, its refusals as faults of the API."""
    try:
        return await work
    except MoveRefused as refused:
        status = _REFUSED.get(refused.reason, 409)
        raise ApiFault(status, refused.reason, str(refused)) from None
    except FlowsRefused as refused:
        faults = [one for one in refused.faults if not one.is_warning]
        first = answers.fault_answers(faults[:1])[0].words if faults else ""
        sentence = f"有 {len(faults)} 处错误，没有保存。第 {faults[0].line} 行：{first}"
        raise ApiFault(409, "faulty", sentence) from None
    except EditRefused as refused:
        raise ApiFault(409, "edit_refused", str(refused)) from None
    except (Misuse, NotUnderstood, NoEffect) as refused:
        raise ApiFault(409, "cannot_happen", str(refused)) from None
    except AnswerUnexpected:
        raise ApiFault(409, "cannot_happen", "此时不会发生这样的事。") from None
    except DatabaseAway:
        raise ApiFault(503, "database_away", "数据库暂时不可用，请稍后再试。") from None


async def _titles(console: FlowConsole, book: Book) -> dict[str, str]:
    """Title of each flow: as in force, else of its newest version."""
    newest = {flow: max(n for of, n in book.versions if of == flow) for flow, _ in book.versions}
    texts = await console.desk.texts({**newest, **book.releases[-1].flows})
    found = dict(TITLES)
    for flow, text in texts.items():
        if flow != POLICY:
            found[flow] = outline(read_bytes(text.encode(), file=flow)).title or flow
    return found


async def get_flows(request: web.Request) -> web.Response:
    """All flows, their versions and releases."""
    console = console_of(request)
    book = await _asked(console.desk.book())
    titles = await _asked(_titles(console, book))
    passed = await _asked(console.traffic.today())
    return json_answer(answers.list_answer(book, titles, console.traffic.now(), passed))


async def get_names(request: web.Request) -> web.Response:
    """All that the forms offer to choose from."""
    console = console_of(request)
    book = await _asked(console.desk.book())
    titles = await _asked(_titles(console, book))

    async def names() -> FlowNames:
        heard = {name: title for name, title in titles.items() if name != POLICY}
        return answers.names_answer(console.bench.catalogue, heard)

    return json_answer(await _asked(names()))


def _number(request: web.Request) -> int:
    try:
        return int(request.match_info["version"])
    except ValueError:
        raise ApiFault(404, "not_found", "没有这个版本。") from None


async def get_version(request: web.Request) -> web.Response:
    """One version with its text; of the policy, 0 is that of the province folder."""
    console, flow, number = console_of(request), request.match_info["flow"], _number(request)
    book = await _asked(console.desk.book())
    version = book.versions.get((flow, number))
    if version is not None:
        told = answers.version_answer(version, book)
        text = await _asked(console.desk.text(flow, number))
    elif (flow, number) == (POLICY, 0):
        told = answers.province_policy(book)
        text = await _asked(console.bench.province_policy())
    else:
        raise ApiFault(404, "not_found", f"没有 {flow} 第 {number} 版。")
    try:
        source = read_bytes(text.encode(), file=flow)
    except SourceFault:  # kept by an older program that read more
        source = None
    is_policy = flow == POLICY
    return json_answer(
        FlowText(
            version=told,
            text=text,
            outline=answers.outline_answer(outline(source)) if source and not is_policy else None,
            data=source.data if source and is_policy else None,
        )
    )


async def post_draft(request: web.Request) -> web.Response:
    """A text with its edits, checked; nothing is kept."""
    console = console_of(request)
    draft = await read_model(request.clone(client_max_size=MAX_BODY), FlowDraft)
    edits = [Edit(tuple(one.path), one.value, one.name) for one in draft.edits]
    found = await _asked(console.bench.draft(draft.flow, draft.text, edits, base=draft.base))
    book = await _asked(console.desk.book())
    return json_answer(answers.drafted_answer(found, book.next_version(draft.flow)))


async def post_try(request: web.Request) -> web.Response:
    """A talk through a text, from its beginning; nothing is kept."""
    console = console_of(request)
    asked = await read_model(request.clone(client_max_size=MAX_BODY), FlowTry)
    here = Pretended(
        now=asked.now,
        caller=asked.caller,
        city=asked.city,
        waiting=asked.waiting,
        facts=tuple(f"{name}={value}" for name, value in asked.facts.items()),
    )
    tried = await _asked(console.bench.tried(asked.flow, asked.text, here, asked.said))
    return json_answer(answers.tried_answer(tried))


async def get_compared(request: web.Request) -> web.Response:
    """What one version changes against another."""
    console, query = console_of(request), read_query(request, FlowCompareQuery)
    flow = request.match_info["flow"]
    found = await _asked(console.desk.compare(flow, query.old or None, query.new))
    return json_answer(answers.compared_answer(found))


async def get_log(request: web.Request) -> web.Response:
    """Who did what to flows and policy."""
    found = await _asked(console_of(request).desk.store.log(LOG_SHOWN))
    return json_answer(FlowLog(entries=[FlowLogEntry.model_validate(one) for one in found]))


async def get_traffic(request: web.Request) -> web.Response:
    """Where calls are now, and how many took which way today."""
    traffic = console_of(request).traffic
    passed = await _asked(traffic.today())
    standing = [
        FlowStanding(**at._asdict(), calls=calls) for at, calls in sorted(traffic.now().items())
    ]
    return json_answer(
        FlowTraffic(
            at=datetime.now(UTC),
            standing=standing,
            passed=[
                FlowPassed(
                    flow=one.flow, version=one.version, step=one.step, way=one.way, calls=calls
                )
                for one, calls in sorted(passed.items())
            ],
        )
    )


async def get_running(request: web.Request) -> web.Response:
    """Whether the newest release is what calls hear."""
    console = console_of(request)
    book = await _asked(console.desk.book())
    now = console.running()
    newest = book.releases[-1].release
    refused = now.refused[1] if now.refused and now.refused[0] == newest else None
    return json_answer(
        FlowRunning(
            in_force=newest,
            running=now.release,
            refused=refused,
            calls=now.calls,
            older_calls=now.older_calls,
        )
    )


# --- moves: each is in the log of flows, and in the audit log


async def post_version(request: web.Request) -> web.Response:
    """A new text is kept as a draft."""
    person, flow = _for_the_province(request), request.match_info["flow"]
    sent = await read_model(request.clone(client_max_size=MAX_BODY), FlowSubmit)
    desk, raw = console_of(request).desk, sent.text.encode("utf-8", "surrogatepass")
    submit = desk.submit_policy if flow == POLICY else desk.submit
    shown = f"{flow}.yaml"
    done = await _asked(submit(raw, shown=shown, author=person.name, note=sent.note))
    return await _moved(request, person, "flow_submit", done)


async def post_move(request: web.Request) -> web.Response:
    """A version goes into review, live, or away."""
    person, flow, number = (
        _for_the_province(request),
        request.match_info["flow"],
        _number(request),
    )
    desk, move = console_of(request).desk, request.match_info["move"]
    sent = await read_model(request, FlowMove)
    by, note = person.name, sent.note
    if move == "review":
        done = await _asked(desk.review(flow, number, by=by, note=note))
    elif move == "publish":
        done = await _asked(desk.publish(flow, number, by=by, note=note, seen=sent.seen))
    else:
        done = await _asked(desk.withdraw(flow, number, by=by, note=note))
    return await _moved(request, person, f"flow_{move}", done)


async def post_rollback(request: web.Request) -> web.Response:
    """An older release again, or an older routing policy alone."""
    person, desk = _for_the_province(request), console_of(request).desk
    sent = await read_model(request, FlowRollback)
    back = desk.restore_policy if sent.policy else desk.rollback
    done = await _asked(back(sent.to, by=person.name, note=sent.note))
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
    book = await _asked(desk.book())
    return json_answer(answers.moved_answer(done, book))


_VERSION: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": 1_000_000_000}
_FLOW: Final[Schema] = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}
_BASE: Final = "/api/v1/flows"


def _move_route(move: str, right: Right, summary: str) -> Route:
    async def post(request: web.Request) -> web.Response:
        request.match_info["move"] = move
        return await post_move(request)

    return Route(
        method="POST",
        path=f"{_BASE}/{{flow}}/versions/{{version}}/{move}",
        handler=post,
        name=f"flow_{move}",
        summary=summary,
        right=right,
        answer=FlowMoved,
        body=FlowMove,
        path_types={"flow": _FLOW, "version": _VERSION},
        faults=(403, 404, 409, 503),
    )


_READ: Final = (
    ("", get_flows, "flows", "All flows, their versions, the releases", FlowList),
    ("/names", get_names, "flow_names", "All that flows may name", FlowNames),
    ("/log", get_log, "flow_log", "Who did what to flows, the newest first", FlowLog),
    ("/traffic", get_traffic, "flow_traffic", "Where calls are; ways taken today", FlowTraffic),
    ("/running", get_running, "flow_running", "What new calls hear", FlowRunning),
)

ROUTES: tuple[Route, ...] = (
    *(
        Route(
            method="GET",
            path=f"{_BASE}{path}",
            handler=handler,
            name=name,
            summary=summary,
            right=Right.FLOWS_SEE,
            answer=answer,
            faults=(409, 503),
        )
        for path, handler, name, summary, answer in _READ
    ),
    Route(
        method="GET",
        path=f"{_BASE}/{{flow}}/versions/{{version}}",
        handler=get_version,
        name="flow_version",
        summary="One version with its text",
        right=Right.FLOWS_SEE,
        answer=FlowText,
        path_types={"flow": _FLOW, "version": _VERSION},
        faults=(404, 503),
    ),
    Route(
        method="GET",
        path=f"{_BASE}/{{flow}}/compare",
        handler=get_compared,
        name="flow_compare",
        summary="What one version changes against another",
        right=Right.FLOWS_SEE,
        answer=FlowCompared,
        query=FlowCompareQuery,
        path_types={"flow": _FLOW},
        faults=(404, 409, 503),
    ),
    Route(
        method="POST",
        path=f"{_BASE}/draft",
        handler=post_draft,
        name="flow_draft",
        summary="A text with edits, drawn and checked; nothing is kept",
        right=Right.FLOWS_EDIT,
        answer=FlowDrafted,
        body=FlowDraft,
        faults=(404, 409, 503),
    ),
    Route(
        method="POST",
        path=f"{_BASE}/try",
        handler=post_try,
        name="flow_try",
        summary="Talk a text through; nothing is kept",
        right=Right.FLOWS_SEE,
        answer=FlowTried,
        body=FlowTry,
        faults=(409, 503),
    ),
    Route(
        method="POST",
        path=f"{_BASE}/{{flow}}/versions",
        handler=post_version,
        name="flow_submit",
        summary="Keep a new text as a draft",
        right=Right.FLOWS_EDIT,
        answer=FlowMoved,
        body=FlowSubmit,
        path_types={"flow": _FLOW},
        faults=(404, 409, 503),
    ),
    _move_route("review", Right.FLOWS_REVIEW, "Take a draft into review; not one's own"),
    _move_route("publish", Right.FLOWS_PUBLISH, "Let calls hear a reviewed version; not one's own"),
    _move_route("withdraw", Right.FLOWS_PUBLISH, "Take a version back for good"),
    Route(
        method="POST",
        path=f"{_BASE}/rollback",
        handler=post_rollback,
        name="flow_rollback",
        summary="An older release again, or an older routing policy",
        right=Right.FLOWS_PUBLISH,
        answer=FlowMoved,
        body=FlowRollback,
        faults=(404, 409, 503),
    ),
)
