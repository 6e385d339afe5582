from __future__ import annotations

import pytest

from ivr_flows.check import check_flows, check_steps
from ivr_flows.model import FACTS
from tests.ivr_flows.flow_files import PROMPTS, catalogue_of, flow_of

REST = """
p: {do: queue, group: general, answered: z}
z: {do: hangup}
"""


def found(*steps: str, prompts: dict[str, str] | None = None) -> list[str]:
    flow = flow_of(*steps)
    findings = check_flows({"main": flow}, catalogue=catalogue_of(prompts))
    return [
        f"{'.'.join(one.where)}: {'warning: ' if one.is_warning else ''}{one.what}"
        for one in findings
    ]


def test_a_sound_flow_has_no_fault() -> None:
    assert found('a: {do: menu, say: choose, keys: {"1": p, "0": p}, give_up: p}' + REST) == []


def test_unknown_steps_are_named_where_they_are_pointed_at() -> None:
    steps = "a: {do: branch, on_fact: hours, cases: {open: x, closed: x}, otherwise: y}"
    assert found(steps) == [
        "steps.a.cases.open: there is no step x",
        "steps.a.cases.closed: there is no step x",
        "steps.a.otherwise: there is no step y",
    ]
    assert "start: there is no step a" in found(REST)


def test_an_unknown_flow_is_named() -> None:
    assert found("a: {do: goto_flow, flow: other}") == ["steps.a.flow: there is no flow other"]


def test_unknown_prompts_groups_and_facts_are_named_with_what_is_known() -> None:
    steps = """
    a: {do: play, say: [hello, hallo], next: b}
    b: {do: branch, on_fact: hour, cases: {open: p}, otherwise: q}
    q: {do: branch, on_fact: queue, cases: {full: p}, otherwise: p}
    p: {do: queue, group: law, answered: z}
    z: {do: hangup}
    """
    assert found(steps) == [
        "steps.b.on_fact: there is no fact hour; known: " + ", ".join([*FACTS, "order_state"]),
        "steps.q.cases.full: queue is never full; it is empty or short or long",
        "steps.p.group: there is no group law; known: family, labour, contract, general, service",
        "steps.a.say: there is no prompt hallo",
    ]


def test_what_a_broken_step_needs_must_exist() -> None:
    flow = flow_of("a: {do: queue, group: law, answered: z}\nz: {do: hangup}")
    findings = check_flows(
        {"main": flow}, catalogue=catalogue_of({"queue_offer": ""}, groups=["law"])
    )
    assert [one.what for one in findings] == [
        "there is no prompt sorry_person, said when a step breaks",
        "there is no group general, joined when a step breaks",
    ]
    assert check_flows({}, catalogue=catalogue_of({})) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "劳动请按1，人工请按0，投诉请按2。",
            "say: the text names the key 2, which does nothing here",
        ),
        ("人工请按0。", "keys.1: no text tells the caller of the key 1"),
        ("劳动请按1。", "keys.0: no text tells the caller of the key 0"),
    ],
)
def test_a_menu_and_its_text_must_name_the_same_keys(text: str, fault: str) -> None:
    steps = 'a: {do: menu, say: choose, keys: {"1": p, "0": p}, give_up: p}' + REST
    assert found(steps, prompts={**PROMPTS, "choose": text}) == [f"steps.a.{fault}"]


def test_the_words_for_a_wrong_key_may_not_name_a_key_that_is_not_there() -> None:
    steps = 'a: {do: menu, say: choose, keys: {"1": p, "0": p}, give_up: p}' + REST
    assert found(steps, prompts={**PROMPTS, "no_key": "请按9。"}) == [
        "steps.a.no_key: the text names the key 9, which does nothing here"
    ]


def test_a_key_may_be_named_by_what_is_said_on_the_way_to_the_menu() -> None:
    steps = """
    a: {do: play, say: hello, next: b}
    b: {do: branch, on_fact: queue, cases: {long: m, short: m}, otherwise: m}
    m: {do: menu, say: choose, keys: {"1": p, "0": p}, give_up: p}
    """
    texts = {**PROMPTS, "hello": "随时按0转人工。", "choose": "劳动请按1。"}
    assert found(steps, REST, prompts=texts) == []


def test_a_menu_whose_text_is_not_known_is_not_said_to_be_silent() -> None:
    steps = 'a: {do: menu, say: nothing, keys: {"1": p, "0": p}, give_up: p}' + REST
    assert found(steps) == ["steps.a.say: there is no prompt nothing"]


def test_more_than_six_keys_are_a_warning() -> None:
    keys = ", ".join(f'"{key}": p' for key in range(7))
    texts = {**PROMPTS, "choose": "请按0到6。"}
    steps = f"a: {{do: menu, say: choose, keys: {{{keys}}}, give_up: p}}"
    assert found(steps, REST, prompts=texts) == [
        "steps.a.keys: warning: has 7 keys; more than 6 are hard to keep in mind"
    ]


LINE = "a: {{do: queue, group: general, answered: z, {}}}\nz: {{do: hangup}}\n"
NOTE = "n: {do: message, say: speak, next: z}\n"
RING = "c: {do: callback, say: speak, ask_number: number, next: z, give_up: a}\n"


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        (LINE.format("callback: c, message: n") + NOTE + RING, []),
        (
            LINE.format("message: n") + NOTE,
            ["steps.a.offer: the text names the key *, which does nothing here"],
        ),
        (LINE.format('message: n, offer: hash, offers: {"#": message}') + NOTE, []),
        (
            LINE.format('message: n, offer: hash, offers: {"#": message, "*": callback}') + NOTE,
            ["steps.a.offers.*: offers callback, but the step does not say where callback leads"],
        ),
        (
            LINE.format('message: n, callback: c, offer: hash, offers: {"#": message}')
            + NOTE
            + RING,
            ["steps.a.callback: no key of offers leads to callback"],
        ),
        (
            LINE.format('message: n, offer: hello, offers: {"#": message}') + NOTE,
            ["steps.a.offer: no text tells the caller of the key #"],
        ),
        (
            LINE.format('message: n, offer: nothing, offers: {"#": message}') + NOTE,
            ["steps.a.offer: there is no prompt nothing"],
        ),
    ],
)
def test_a_waiting_line_offers_what_it_says(line: str, faults: list[str]) -> None:
    assert found(line, prompts={**PROMPTS, "hash": "留言请按井号键。"}) == faults


def test_a_survey_must_say_exactly_its_five_keys_both_times() -> None:
    steps = """
    a: {do: queue, group: general, answered: s}
    s: {do: survey, say: rate, again: twice, next: z, not_rated: z}
    z: {do: hangup}
    """
    assert found(steps, prompts={**PROMPTS, "twice": "请按1到4，再听请按9。"}) == [
        "steps.s.again: the text names the key 9, which does nothing here",
        "steps.s.again: no text tells the caller of the key 5",
    ]


def test_steps_that_could_not_be_read_are_no_unknown_targets() -> None:
    flow = flow_of('a: {do: menu, say: choose, keys: {"1": lost, "0": gone}, give_up: gone}')
    findings = check_steps(flow, {}, catalogue=catalogue_of({"choose": ""}), broken={"gone"})
    assert [(one.where[-1], one.what) for one in findings] == [
        ("1", "there is no step lost"),
        ("invalid", "there is no prompt invalid_key"),
        ("no_key", "there is no prompt no_key"),
    ]
