"""Flows and the routing policy: seen, written, tried. What moves them on is in `flows_moves`.

The routing policy is the text `routing` among the flows and goes the same way.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from callcenter.english.said import said
from callcenter.flows.bench import Edit, Pretended
from callcenter.flows.console import FlowConsole
from callcenter.flows.policies import NAME as POLICY
from callcenter.web import flows_answers as answers
from callcenter.web.errors import ApiFault
from callcenter.web.flows_asked import (
    BASE,
    FLOW,
    MAX_BODY,
    VERSION,
    asked,
    console_of,
    version_of,
)
from callcenter.web.flows_forms import FlowCompareQuery, FlowDraft, FlowTry, PolicyTry
from callcenter.web.flows_models import (
    FlowCompared,
    FlowDrafted,
    FlowList,
    FlowLog,
    FlowLogEntry,
    FlowNames,
    FlowPassed,
    FlowRunning,
    FlowStanding,
    FlowText,
    FlowTraffic,
    FlowTried,
)
from callcenter.web.policy_answers import PolicyTried, policy_tried
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model, read_query
from ivr_flows.book import Book
from ivr_flows.outline import outline
from ivr_flows.yaml_source import SourceFault, read_bytes
from reports.metrics import ZONE

LOG_SHOWN: Final = 200
TITLES: Final = {POLICY: "派线策略"}


async def _titles(console: FlowConsole, book: Book) -> dict[str, str]:
    """Title of each flow: as in force, else of its newest version."""
    newest = {flow: max(n for of, n in book.versions if of == flow) for flow, _ in book.versions}
    texts = await console.desk.texts({**newest, **book.releases[-1].flows})
    found = {flow: said(title) for flow, title in TITLES.items()}
    for flow, text in texts.items():
        if flow != POLICY:
            found[flow] = outline(read_bytes(text.encode(), file=flow)).title or flow
    return found


async def get_flows(request: web.Request) -> web.Response:
    """All flows, their versions and releases."""
    console = console_of(request)
    book = await asked(console.desk.book())
    titles = await asked(_titles(console, book))
    passed = await asked(console.traffic.today())
    return json_answer(answers.list_answer(book, titles, console.traffic.now(), passed))


async def get_names(request: web.Request) -> web.Response:
    """All that the forms offer to choose from."""
    console = console_of(request)
    book = await asked(console.desk.book())
    titles = await asked(_titles(console, book))

    async def names() -> FlowNames:
        heard = {name: title for name, title in titles.items() if name != POLICY}
        return answers.names_answer(console.bench.catalogue, heard)

    return json_answer(await asked(names()))


async def get_version(request: web.Request) -> web.Response:
    """One version with its text; of the policy, 0 is that of the province folder."""
    console, flow, number = console_of(request), request.match_info["flow"], version_of(request)
    book = await asked(console.desk.book())
    version = book.versions.get((flow, number))
    if version is not None:
        told = answers.version_answer(version, book)
        text = await asked(console.desk.text(flow, number))
    elif (flow, number) == (POLICY, 0):
        told = answers.province_policy(book)
        text = await asked(console.bench.province_policy())
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
    found = await asked(console.bench.draft(draft.flow, draft.text, edits, base=draft.base))
    book = await asked(console.desk.book())
    return json_answer(answers.drafted_answer(found, book.next_version(draft.flow)))


async def post_try(request: web.Request) -> web.Response:
    """A talk through a text, from its beginning; nothing is kept."""
    console = console_of(request)
    sent = await read_model(request.clone(client_max_size=MAX_BODY), FlowTry)
    here = Pretended(
        now=sent.now,
        caller=sent.caller,
        city=sent.city,
        waiting=sent.waiting,
        facts=tuple(f"{name}={value}" for name, value in sent.facts.items()),
    )
    tried = await asked(console.bench.tried(sent.flow, sent.text, here, sent.said))
    return json_answer(answers.tried_answer(tried))


async def post_policy_try(request: web.Request) -> web.Response:
    """A week of callers under the policy in force and under this one; takes some seconds."""
    console = console_of(request)
    sent = await read_model(request.clone(client_max_size=MAX_BODY), PolicyTry)
    await asked(console.bench.check_policy(sent.text))
    book = await asked(console.desk.book())
    number = book.releases[-1].flows.get(POLICY)
    old = console.desk.text(POLICY, number) if number else console.bench.province_policy()
    today = datetime.now(ZONE).date()
    found = await asked(console.trial.play(await asked(old), sent.text, sent.arrivals, today))
    return json_answer(policy_tried(found))


async def get_compared(request: web.Request) -> web.Response:
    """What one version changes against another."""
    console, query = console_of(request), read_query(request, FlowCompareQuery)
    flow = request.match_info["flow"]
    found = await asked(console.desk.compare(flow, query.old or None, query.new))
    return json_answer(answers.compared_answer(found))


async def get_log(request: web.Request) -> web.Response:
    """Who did what to flows and policy."""
    found = await asked(console_of(request).desk.store.log(LOG_SHOWN))
    return json_answer(FlowLog(entries=[FlowLogEntry.model_validate(one) for one in found]))


async def get_traffic(request: web.Request) -> web.Response:
    """Where calls are now, and how many took which way today."""
    traffic = console_of(request).traffic
    passed = await asked(traffic.today())
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
    book = await asked(console.desk.book())
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
            path=f"{BASE}{path}",
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
        path=f"{BASE}/{{flow}}/versions/{{version}}",
        handler=get_version,
        name="flow_version",
        summary="One version with its text",
        right=Right.FLOWS_SEE,
        answer=FlowText,
        path_types={"flow": FLOW, "version": VERSION},
        faults=(404, 503),
    ),
    Route(
        method="GET",
        path=f"{BASE}/{{flow}}/compare",
        handler=get_compared,
        name="flow_compare",
        summary="What one version changes against another",
        right=Right.FLOWS_SEE,
        answer=FlowCompared,
        query=FlowCompareQuery,
        path_types={"flow": FLOW},
        faults=(404, 409, 503),
    ),
    Route(
        method="POST",
        path=f"{BASE}/draft",
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
        path=f"{BASE}/routing/try",
        handler=post_policy_try,
        name="policy_try",
        summary="Play a week of callers under this policy and the one in force",
        right=Right.FLOWS_EDIT,
        answer=PolicyTried,
        body=PolicyTry,
        faults=(409, 503),
    ),
    Route(
        method="POST",
        path=f"{BASE}/try",
        handler=post_try,
        name="flow_try",
        summary="Talk a text through; nothing is kept",
        right=Right.FLOWS_SEE,
        answer=FlowTried,
        body=FlowTry,
        faults=(409, 503),
    ),
)
