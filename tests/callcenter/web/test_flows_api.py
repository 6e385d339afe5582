"""Flows over HTTP: seen, written in forms, tried, reviewed, published and taken back."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from callcenter.call import Call, CallId
from callcenter.call.state import Passed
from callcenter.flows.bench import FlowBench
from callcenter.flows.console import FlowConsole, Running
from callcenter.flows.desk import FlowDesk
from callcenter.flows.policies import Here
from callcenter.flows.policy_trial import PolicyTrial, TrialRefused
from callcenter.flows.traffic import FlowTraffic
from callcenter.settings import DEMO_PROVINCE
from callcenter.web.web_parts import WebParts
from ivr_flows.turn import Session
from reports import audit
from reports.store import Store
from seats.calendar_file import load_calendar
from seats.policy_file import Known
from tests.callcenter.flow_texts import check_of, files, main_text, routing_text
from tests.callcenter.web.conftest import OpenClient
from tests.new_database import upgraded

LI = "李梅"
NOW = datetime.now(UTC)
CALLS = [
    Call(
        call_id=CallId("a-1"),
        arrived_at=NOW,
        path=(Passed(NOW, "main", 1, "greeting", "next"), Passed(NOW, "main", 1, "menu", "keys.1")),
        session=Session("main", 1, "p", awaits="queue"),
    )
]
Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[FlowConsole]:
    async with Store(f"sqlite:///{tmp_path}/facts.db") as store:
        await upgraded(store)
        here = Here(Known(lines={"oncall"}), text=routing_text(None))
        desk = FlowDesk(store, check_of(here=here), files=files(tmp_path / "flows"))
        calendar = load_calendar(DEMO_PROVINCE / "calendar.yaml")
        yield FlowConsole(
            desk=desk,
            bench=FlowBench(desk, lambda: calendar),
            traffic=FlowTraffic(store, lambda: CALLS, clock=lambda: NOW),
            running=lambda: Running(0, None, 1, 0),
        )


@pytest.fixture
async def client(open_client: OpenClient, console: FlowConsole) -> TestClient[Any, Any]:
    return await open_client(parts=WebParts(flows=console))


@pytest.fixture
def ask(client: TestClient[Any, Any]) -> Ask:
    async def asked(method: str, path: str, status: int = 200, **body: Any) -> Any:
        sent: dict[str, Any] = {"json": body} if method == "POST" else {"params": body}
        answer = await client.request(method, f"/api/v1/flows{path}", **sent)
        told = await answer.json()
        assert answer.status == status, told
        return told

    return asked


async def submitted(console: FlowConsole, text: str) -> None:
    await console.desk.submit(text.encode(), shown="x", author=LI, note="改词")


async def test_flows_are_listed_with_their_versions_and_calls(
    ask: Ask, console: FlowConsole
) -> None:
    await submitted(console, main_text(2))
    told = await ask("GET", "")
    main, routing = told["flows"]
    assert (main["title"], main["in_force"], main["next_version"]) == ("试验", 1, 3)
    assert [one["state"] for one in main["versions"]] == ["draft", "published"]
    assert [one["is_in_force"] for one in main["versions"]] == [False, True]
    assert (main["calls_now"], main["calls_today"]) == (1, 1)
    assert (routing["flow"], routing["in_force"], routing["versions"]) == ("routing", None, [])
    assert told["release"] == 0


async def test_a_version_is_told_with_its_text_and_drawing(ask: Ask) -> None:
    told = await ask("GET", "/main/versions/1")
    assert told["text"] == main_text()
    menu = next(step for step in told["outline"]["steps"] if step["name"] == "menu")
    assert menu["ways"] == [
        {"way": "keys.1", "to": "one"},
        {"way": "keys.0", "to": "p"},
        {"way": "give_up", "to": "p"},
    ]
    assert menu["fields"]["say"] == "choose"
    assert (await ask("GET", "/main/versions/7", 404))["error"] == "not_found"
    assert (await ask("GET", "/main/versions/x", 404))["error"] == "not_found"


async def test_an_edit_changes_the_text_alone_where_it_must(ask: Ask) -> None:
    edits = [
        {"path": ["version"], "value": 2},
        {"path": ["steps", "menu", "keys", "1"], "value": "p"},
        {"path": ["steps", "menu", "wait_s"], "value": 7},
        {"path": ["steps", "one"], "value": None},
    ]
    told = await ask("POST", "/draft", flow="main", text=main_text(), edits=edits, base=1)
    gone = "  one: {do: play, say: hello, next: p}\n"
    text = main_text(2).replace(gone, "")
    keys = 'keys: {"1": one, "0": p}, give_up: p}'
    assert told["text"] == text.replace(keys, 'keys: {"1": p, "0": p}, give_up: p, wait_s: 7}')
    assert told["faults"] == []
    assert [one["step"] for one in told["changes"]] == ["menu", "menu", "one"]
    assert told["next_version"] == 2


async def test_a_step_is_renamed_wherever_it_is_named(ask: Ask) -> None:
    edits = [{"path": ["steps", "p"], "name": "person"}]
    told = await ask("POST", "/draft", flow="main", text=main_text(2), edits=edits)
    assert told["text"].splitlines()[-4:] == [
        '  menu: {do: menu, say: choose, keys: {"1": one, "0": person}, give_up: person}',
        "  one: {do: play, say: hello, next: person}",
        "  person: {do: queue, group: general, answered: bye}",
        "  bye: {do: hangup}",
    ]
    taken = [{"path": ["steps", "p"], "name": "menu"}]
    refused = await ask("POST", "/draft", 409, flow="main", text=main_text(2), edits=taken)
    assert refused["error"] == "edit_refused"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (main_text(2).replace("next: menu", "next: menue"), 6, "没有名为 menue 的步骤"),
        (main_text(1), 2, "版本号是 1，下一个应为 2"),
        ("flow: main\nsteps: [", 2, "YAML 语法有误"),
    ],
)
async def test_faults_are_told_as_one_types(ask: Ask, text: str, line: int, words: str) -> None:
    told = await ask("POST", "/draft", flow="main", text=text, base=1)
    fault = told["faults"][0]
    assert fault["line"] == line
    assert fault["words"].startswith(words)
    assert told["changes"] == []


async def test_a_text_is_talked_through_before_anybody_hears_it(ask: Ask) -> None:
    here = {"flow": "main", "text": main_text(2), "now": "2026-03-02T10:00:00+08:00"}
    told = await ask("POST", "/try", **here)
    assert [one["text"] for one in told["turns"][0]["say"]] == ["您好。", "劳动请按1，人工请按0。"]
    assert told["choices"] == ["1", "0", "-"]
    told = await ask("POST", "/try", **here, said=["1", "answered"])
    assert [one["happened"] for one in told["turns"]] == ["call", "press 1", "answered"]
    assert told["turns"][1]["path"] == ["main.one", "main.p"]
    assert (told["is_over"], told["choices"]) == (True, [])


@pytest.mark.parametrize(
    "more",
    [
        {"said": ["spoken"]},
        {"caller": "nobody"},
        {"city": "999999"},
        {"facts": {"hours": "never"}},
        {"said": ["1", "answered", "1"]},
    ],
)
async def test_what_cannot_happen_is_said_so(ask: Ask, more: dict[str, Any]) -> None:
    here = {"flow": "main", "text": main_text(2), "now": "2026-03-02T10:00:00+08:00"}
    assert (await ask("POST", "/try", 409, **here, **more))["error"] == "cannot_happen"


async def test_a_text_with_faults_is_not_tried_and_not_kept(ask: Ask) -> None:
    bad = main_text(2).replace("next: menu", "next: menue")
    now = "2026-03-02T10:00:00+08:00"
    assert (await ask("POST", "/try", 409, flow="main", text=bad, now=now))["error"] == "faulty"
    refused = await ask("POST", "/main/versions", 409, text=bad, note="改")
    assert (refused["error"], "第 6 行" in refused["message"]) == ("faulty", True)


async def test_from_draft_to_the_callers_and_back(ask: Ask, console: FlowConsole) -> None:
    await submitted(console, main_text(2, say="hello_again"))
    reviewed = await ask("POST", "/main/versions/2/review", note="看过")
    assert (reviewed["version"]["state"], reviewed["version"]["reviewer"]) == (
        "in_review",
        "api-key",
    )
    late = await ask("POST", "/main/versions/2/publish", 409, note="上线", seen=7)
    assert late["error"] == "conflict"
    done = await ask("POST", "/main/versions/2/publish", note="上线", seen=0)
    assert done["release"]["flows"] == {"main": 2}
    assert done["version"]["is_in_force"]
    back = await ask("POST", "/rollback", note="等候过长")
    assert back["release"]["flows"] == {"main": 1}
    log = (await ask("GET", "/log"))["entries"]
    assert [one["move"] for one in log] == ["rollback", "publish", "review", "submit"]
    kept = await audit.entries(console.desk.store.database)
    assert [(one.action, one.subject) for one in kept] == [
        ("flow_rollback", "release 2"),
        ("flow_publish", "main 2"),
        ("flow_review", "main 2"),
    ]


async def test_nobody_reviews_his_own_text(ask: Ask) -> None:
    await ask("POST", "/main/versions", text=main_text(2), note="改")
    assert (await ask("POST", "/main/versions/2/review", 403))["error"] == "own_text"
    gone = await ask("POST", "/main/versions/2/withdraw", note="作废")
    assert gone["version"]["state"] == "withdrawn"


async def test_two_versions_are_compared(ask: Ask, console: FlowConsole) -> None:
    await submitted(console, main_text(2, say="hello_again"))
    told = await ask("GET", "/main/compare", new=2, old=1)
    assert [one["step"] for one in told["differences"]] == ["greeting"]
    assert "+version: 2" in told["diff"]
    assert (await ask("GET", "/main/compare", new=2))["old"] == 1
    assert (await ask("GET", "/main/compare", 422))["error"] == "invalid"


async def test_the_routing_policy_goes_the_same_way(ask: Ask, console: FlowConsole) -> None:
    own = await ask("GET", "/routing/versions/0")
    assert (own["text"], own["version"]["is_in_force"]) == (routing_text(None), True)
    edits = [
        {"path": ["version"], "value": 1},
        {"path": ["default", "stages", "1", "after_s"], "value": 45},
    ]
    told = await ask("POST", "/draft", flow="routing", text=routing_text(None), edits=edits, base=0)
    assert told["faults"] == []
    assert told["outline"] is None
    assert told["data"]["default"]["stages"][1]["after_s"] == 45
    assert any("45 秒起 外线 oncall" in one["words"] for one in told["changes"])
    bad = await ask("POST", "/draft", flow="routing", text=routing_text(1, line="nobody"))
    assert "没有名为" in bad["faults"][0]["words"]
    raw = told["text"].encode()
    await console.desk.submit_policy(raw, shown="x", author=LI, note="改")
    await ask("POST", "/routing/versions/1/review")
    done = await ask("POST", "/routing/versions/1/publish", note="启用")
    assert done["release"]["flows"] == {"main": 1, "routing": 1}
    shown = await ask("GET", "/routing/versions/1")
    assert shown["outline"] is None and shown["data"]["version"] == 1
    back = await ask("POST", "/rollback", policy=True, to=0, note="不用")
    assert back["release"]["flows"] == {"main": 1}


async def test_where_calls_are_and_which_way_they_took(ask: Ask) -> None:
    told = await ask("GET", "/traffic")
    at = {"flow": "main", "version": 1}
    assert told["standing"] == [{**at, "step": "p", "stage": "ivr", "calls": 1}]
    assert told["passed"] == [
        {**at, "step": "greeting", "way": "next", "calls": 1},
        {**at, "step": "menu", "way": "keys.1", "calls": 1},
    ]


async def test_names_to_choose_from(ask: Ask) -> None:
    told = await ask("GET", "/names")
    assert {"id": "hello", "text": "您好。", "languages": ["zh-CN"]} in told["prompts"]
    assert "labour" in told["groups"]
    assert {"id": "220100", "title": "长春市"} in told["places"]
    assert told["flows"] == [{"id": "main", "title": "试验"}]


async def test_a_release_that_is_not_taken_up_is_told(ask: Ask, console: FlowConsole) -> None:
    await submitted(console, main_text(2))
    await ask("POST", "/main/versions/2/review")
    await ask("POST", "/main/versions/2/publish", note="上线")
    told = await ask("GET", "/running")
    assert (told["in_force"], told["running"], told["refused"]) == (1, 0, None)


def _program(folder: Path, body: str) -> PolicyTrial:
    file = folder / "program.py"
    file.write_text(body, "utf-8")
    return PolicyTrial((sys.executable, str(file)))


FIGURES = {
    **{"calls": 9, "answered": 8, "abandoned": 1, "callback": 0, "answer_rate": 0.9},
    **{"service_level": 0.8, "abandon_rate": 0.1, "wait_mean": 5.5, "wait_p95": 20.0},
    **{"met": False, "sure_95": {}, "wait_p50": 1},
}
SIMULATED = {
    "from": "2026-03-02",
    "calls": 9,
    "runs": [
        {"total": FIGURES, "groups": [{"group": "labour", **FIGURES}]},
        {"total": {**FIGURES, "met": True}, "groups": [{"group": "labour", **FIGURES}]},
    ],
    "difference": {"answer_rate": {"value": 0.01, "low": 0.0, "high": 0.02}},
}


async def test_a_policy_is_played_against_the_one_in_force(
    open_client: OpenClient, console: FlowConsole, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    body = f"""
import pathlib, sys
words = sys.argv[1:]
old, new = (pathlib.Path(words[words.index(name) + 1]) for name in ("--policy", "--against"))
pathlib.Path({str(told)!r}).write_text(" ".join(words[:3]) + old.read_text() + new.read_text())
print({json.dumps(SIMULATED)!r})
"""
    client = await open_client(
        parts=WebParts(flows=replace(console, trial=_program(tmp_path, body)))
    )
    new = routing_text(1, after_s=77)
    answer = await client.post("/api/v1/flows/routing/try", json={"text": new})
    found = await answer.json()
    assert answer.status == 200, found
    assert (found["old"]["met"], found["new"]["met"]) == (False, True)
    assert found["groups"][0]["group"] == "labour"
    assert found["differences"]["answer_rate"]["high"] == 0.02
    assert told.read_text("utf-8") == f"simulate jilin --json{routing_text(None)}{new}"


async def test_a_trial_that_fails_says_so(
    open_client: OpenClient, console: FlowConsole, tmp_path: Path
) -> None:
    failing = replace(console, trial=_program(tmp_path, "raise SystemExit(1)"))
    client = await open_client(parts=WebParts(flows=failing))
    body = {"text": routing_text(1), "arrivals": "facts"}
    answer = await client.post("/api/v1/flows/routing/try", json=body)
    assert (answer.status, (await answer.json())["error"]) == (409, "trial_failed")
    answer = await client.post("/api/v1/flows/routing/try", json={"text": "stages: ["})
    assert (answer.status, (await answer.json())["error"]) == (409, "faulty")


async def test_only_one_trial_runs_at_a_time(tmp_path: Path) -> None:
    trial = _program(tmp_path, "import time; time.sleep(60)")
    first = asyncio.ensure_future(trial.play("", "", "jilin", NOW.date()))
    await asyncio.sleep(0)
    with pytest.raises(TrialRefused) as refused:
        await trial.play("", "", "jilin", NOW.date())
    assert refused.value.reason == "trial_busy"
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
