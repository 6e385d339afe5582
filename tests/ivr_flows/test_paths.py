from __future__ import annotations

import pytest

from ivr_flows.engine import MAX_STEPS_A_TURN
from ivr_flows.graph import Graph
from ivr_flows.model import FACTS, Flow
from ivr_flows.paths import MAX_LOOPS, check_paths
from ivr_flows.person import check_person
from tests.ivr_flows.flow_files import flow_of

REST = """
p: {do: queue, group: general, answered: z}
z: {do: hangup}
"""
NIGHT = "q: {do: queue, group: general, answered: z, message: n}\n"
NOTE = "n: {do: message, say: speak, next: z}\n"


def found(*flows: Flow) -> list[str]:
    graph = Graph({flow.flow: flow for flow in flows})
    findings = [*check_paths(graph), *check_person(graph, FACTS, closes=False)]
    return [f"{one.flow}.{'.'.join(one.where[1:])}: {one.what}" for one in findings]


def menu(name: str, zero: str, give_up: str, *others: str) -> str:
    keys = ", ".join([f'"0": {zero}', *(f'"{at}": {to}' for at, to in enumerate(others, 1))])
    return f"{name}: {{do: menu, say: choose, keys: {{{keys}}}, give_up: {give_up}}}\n"


def test_sound_paths_have_no_fault() -> None:
    assert found(flow_of(menu("a", "p", "p", "n") + NOTE + REST)) == []


def test_a_step_that_nothing_leads_to_is_named() -> None:
    assert found(
        flow_of("a: {do: play, say: x, next: p}\nb: {do: play, say: x, next: p}" + REST)
    ) == ["main.b: no path leads to this step"]


def test_no_step_is_called_unreachable_where_the_start_is_missing() -> None:
    assert found(flow_of(REST)) == []


def test_a_loop_that_never_waits_is_named_from_its_first_step() -> None:
    steps = """
    a: {do: play, say: x, next: b}
    b: {do: play, say: x, next: c}
    c: {do: branch, on_fact: queue, cases: {long: b}, otherwise: p}
    """
    assert found(flow_of(steps, REST)) == [
        "main.b: loops without waiting for the caller: b → c → b"
    ]


def test_two_loops_are_two_faults_and_so_is_one_over_two_flows() -> None:
    steps = """
    a: {do: branch, on_fact: hours, cases: {open: a, closed: b}, otherwise: p}
    b: {do: play, say: x, next: b}
    """
    assert {one for one in found(flow_of(steps, REST)) if "loops" in one} == {
        "main.a: loops without waiting for the caller: a → a",
        "main.b: loops without waiting for the caller: b → b",
    }
    there = flow_of("a: {do: goto_flow, flow: back}")
    back = flow_of("c: {do: goto_flow, flow: main}", name="back", start="c")
    assert "main.a: loops without waiting for the caller: a → c → a" in found(there, back)


def test_a_flow_of_nothing_but_loops_is_told_of_only_so_many() -> None:
    steps = "".join(f"s{at}: {{do: play, say: x, next: s{at}}}\n" for at in range(MAX_LOOPS + 5))
    loops = [one for one in found(flow_of(steps, start="s0")) if "loops" in one]
    assert len(loops) == MAX_LOOPS


@pytest.mark.parametrize("steps", [MAX_STEPS_A_TURN - 1, MAX_STEPS_A_TURN])
def test_a_path_may_pass_only_so_many_steps_without_waiting(steps: int) -> None:
    plays = "".join(f"s{at}: {{do: play, say: x, next: s{at + 1}}}\n" for at in range(steps))
    line = f"s{steps}: {{do: queue, group: general, answered: z}}\nz: {{do: hangup}}"
    faults = found(flow_of(plays + line, start="s0"))
    if steps < MAX_STEPS_A_TURN:
        assert faults == []
    else:
        assert faults == ["main.s0: passes 100 steps without waiting; at most 99 may"]


def test_a_dead_end_is_named_once_with_the_others() -> None:
    steps = """
    a: {do: queue, group: general, answered: b}
    b: {do: message, say: x, next: a}
    """
    assert found(flow_of(steps)) == [
        "main.a: is a dead end: no way from here ends the call (nor from b)"
    ]
    assert found(flow_of("a: {do: queue, group: general, answered: a}")) == [
        "main.a: is a dead end: no way from here ends the call"
    ]


def test_a_way_to_a_step_or_flow_that_does_not_exist_is_no_dead_end() -> None:
    assert found(flow_of("a: {do: queue, group: general, answered: b}")) == []
    assert found(flow_of("a: {do: goto_flow, flow: nowhere}")) == []


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ("a: {do: hangup}", "main.a"),
        ("a: {do: play, say: x, next: z}\nz: {do: hangup}", "main.a.next"),
        (menu("a", "p", "p", "z") + REST, "main.a.keys.1"),
        (
            "a: {do: callback, say: x, ask_number: x, next: z, give_up: z}\nz: {do: hangup}",
            "main.a.give_up",
        ),
        (
            "a: {do: branch, on_fact: hours, cases: {open: p, closed: z}, otherwise: p}" + REST,
            "main.a.cases.closed",
        ),
    ],
)
def test_nobody_is_hung_up_on_before_he_had_a_way_to_a_person(steps: str, fault: str) -> None:
    what = "hangs up on a caller who had no way to a person"
    assert found(flow_of(steps)) == [f"{fault}: {what}"]


def test_the_talk_a_callback_and_a_message_serve_the_caller() -> None:
    steps = """
    a: {do: queue, group: general, answered: z, callback: c, message: n}
    c: {do: callback, say: x, ask_number: x, next: z, give_up: a}
    n: {do: message, say: x, next: y}
    y: {do: play, say: x, next: z}
    z: {do: hangup}
    """
    assert found(flow_of(steps)) == []


def test_a_flow_that_is_only_gone_to_is_judged_by_its_callers() -> None:
    survey = "s: {do: survey, say: x, again: x, next: z, not_rated: z}\nz: {do: hangup}"
    last = flow_of(survey, name="last", start="s")
    first = flow_of("a: {do: queue, group: general, answered: b}\nb: {do: goto_flow, flow: last}")
    assert found(first, last) == []
    assert len(found(last)) == 2


@pytest.mark.parametrize(
    ("steps", "faults"),
    [
        (
            'a: {do: menu, say: x, keys: {"1": p}, give_up: p}',
            ["keys: lacks the key 0, which leads to a person"],
        ),
        (
            menu("a", "b", "p") + menu("b", "p", "p"),
            ["keys.0: the key 0 does not lead straight to a person"],
        ),
        (menu("a", "b", "p") + "b: {do: play, say: x, next: p}\n", []),
        (menu("a", "nowhere", "nowhere"), []),
        (menu("a", "p", "a"), ["give_up: no key or wrong keys do not lead to a person"]),
        (menu("a", "p", "n") + NOTE, ["give_up: no key or wrong keys do not lead to a person"]),
        (menu("a", "p", "b") + menu("b", "p", "p"), []),
        (
            menu("a", "p", "b")
            + "b: {do: branch, on_fact: hours, cases: {open: p, closed: p}, otherwise: n}\n"
            + NOTE,
            ["give_up: no key or wrong keys do not lead to a person"],
        ),
    ],
)
def test_zero_and_silence_lead_to_a_person_from_every_menu(steps: str, faults: list[str]) -> None:
    mine = [one for one in found(flow_of(steps, REST)) if "person" in one]
    assert mine == [f"main.a.{fault}" for fault in faults]


def test_two_menus_that_give_up_to_each_other_lead_to_nobody() -> None:
    steps = menu("a", "p", "b") + menu("b", "p", "a")
    assert found(flow_of(steps, REST)) == [
        "main.a.give_up: no key or wrong keys do not lead to a person",
        "main.b.give_up: no key or wrong keys do not lead to a person",
    ]


def test_after_hours_silence_may_lead_to_a_message() -> None:
    hours = "a: {do: branch, on_fact: hours, cases: {open: p, closed: m}, otherwise: p}"
    assert found(flow_of(hours, menu("m", "q", "n"), NOTE, NIGHT, REST)) == []
