"""Each fault that the checks find, as it is printed: file, line, place, what."""

from __future__ import annotations

import pytest

from ivr_flows.catalogue import Catalogue
from ivr_flows.load import check_texts
from tests.ivr_flows.flow_files import KOREAN, PROMPTS, catalogue_of

HEAD = "flow: main\nversion: 1\ntitle: 试验\nstart: a\nsteps:\n"  # the first step is line 6
REST = """  p: {do: queue, group: general, answered: z, callback: c, message: n}
  c: {do: callback, say: speak, ask_number: number, next: z, give_up: p}
  n: {do: message, say: speak, next: z}
  z: {do: hangup}
"""
MENU = '  a: {do: menu, say: choose, keys: {"1": p, "0": p}, give_up: p}\n'
KO = "  a: {do: language, to: ko-KR, next: b}\n"


def faults(steps: str, catalogue: Catalogue | None = None) -> list[str]:
    found = check_texts({"main": HEAD + steps + REST}, catalogue=catalogue or catalogue_of())
    return [str(fault) for fault in found]


def test_what_the_others_are_made_of_is_sound() -> None:
    assert faults(MENU) == []
    assert faults(KO + MENU.replace("a:", "b:"), catalogue_of(korean=KOREAN)) == []


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        (MENU.replace('"1": p', '"1": q'), "main.yaml:6: steps.a.keys.1: there is no step q"),
        ("  a: {do: goto_flow, flow: q}\n", "main.yaml:6: steps.a.flow: there is no flow q"),
        (
            "  a: {do: sing, next: p}\n",
            "main.yaml:6: steps.a.do: there is no verb sing; verbs: play, menu, ask, branch, ",
        ),
        (
            "  a:\n    do: branch\n    on_fact: hour\n    cases: {open: p}\n    otherwise: p\n",
            "main.yaml:8: steps.a.on_fact: there is no fact hour; known: hours, holiday, ",
        ),
        (
            "  a:\n    do: branch\n    on_fact: queue\n    cases:\n      long: p\n      full: p\n"
            "    otherwise: p\n",
            "main.yaml:11: steps.a.cases.full: queue is never full; it is empty or short or long",
        ),
        ("  a: {do: play, say: hi, next: p}\n", "main.yaml:6: steps.a.say: there is no prompt hi"),
        (
            MENU + "  q: {do: queue, group: law, answered: z, message: n}\n",
            "main.yaml:7: steps.q.group: there is no group law; known: family, labour, contract, ",
        ),
        (
            "  a: {do: transfer, to: fire, done: z, failed: p}\n",
            "main.yaml:6: steps.a.to: there is no line fire; known: police",
        ),
        (
            "  a: {do: call_api, service: weather, next: p, failed: p}\n",
            "main.yaml:6: steps.a.service: there is no service weather; known: orders",
        ),
        (
            "  a: {do: language, to: fr, next: p}\n",
            "main.yaml:6: steps.a.to: should be 'zh-CN', 'ko-KR' or 'en', not 'fr'",
        ),
        (
            '  a: {do: set_city, to: "110000", next: p}\n',
            "main.yaml:6: steps.a.to: there is no city 110000; known: 220100, 220200, ",
        ),
        (
            "  a: {do: set_city, to: 220100, next: p}\n",
            "main.yaml:6: steps.a.to: should be a valid string, not 220100",
        ),
        (
            "  a: {do: set_city, to: other, next: p}\n",
            "main.yaml:6: steps.a.to: there is no city other; known: 220100, 220200, 220300, "
            "220400, 220500, 220600, 220700, 220800, 222400, cbs, {city}",
        ),
        (
            '  a: {do: set_city, to: "2201", next: p}\n',
            "main.yaml:6: steps.a.to: should be the GB/T 2260 code of a prefecture, six digits, "
            "a place of ours, or {city}, not '2201'",
        ),
        (
            "  a: {do: mark, special: rich, next: p}\n",
            "main.yaml:6: steps.a.special: should be 'migrant_worker', 'elderly', 'disabled', ",
        ),
        (
            "  a: {do: ask, say: code, into: x, digits: [8, 4], next: p, give_up: p}\n",
            "main.yaml:6: steps.a.digits: should name the fewest digits first",
        ),
        (
            "  a: {do: ask, say: code, into: x, digits: [0, 4], next: p, give_up: p}\n",
            "main.yaml:6: steps.a.digits.0: should be greater than or equal to 1, not 0",
        ),
        (
            "  a: {do: ask, say: code, into: x, digits: 4, next: p, give_up: p}\n",
            "main.yaml:6: steps.a.digits: should be a list, not 4",
        ),
        (
            MENU + "  q: {do: play, say: hello, next: p}\n",
            "main.yaml:7: steps.q: no path leads to this step",
        ),
        (
            "  a: {do: play, say: hello, next: b}\n"
            "  b: {do: mark, special: elderly, next: d}\n"
            "  d: {do: branch, on_fact: queue, cases: {long: a}, otherwise: p}\n",
            "main.yaml:6: steps.a: loops without waiting for the caller: a → b → d → a",
        ),
        (
            "  a: {do: call_api, service: orders, send: [], next: p, failed: a}\n",
            "main.yaml:6: steps.a: loops without waiting for the caller: a → a",
        ),
        (
            "  a: {do: transfer, to: police, done: z, failed: b}\n"
            "  b: {do: play, say: hello, next: a}\n",
            "main.yaml:6: steps.a: loops without waiting for the caller: a → b → a",
        ),
        (
            '  a: {do: menu, say: choose, keys: {"1": p}, give_up: p}\n',
            "main.yaml:6: steps.a.keys: lacks the key 0, which leads to a person",
        ),
        (
            '  a: {do: menu, say: choose, keys: {"1": p, "0": n}, give_up: p}\n',
            "main.yaml:6: steps.a.keys.0: the key 0 does not lead straight to a person",
        ),
        (
            '  a: {do: menu, say: choose, keys: {"1": p, "0": t}, give_up: p}\n'
            "  t: {do: transfer, to: police, done: z, failed: n}\n",
            "main.yaml:6: steps.a.keys.0: the key 0 does not lead straight to a person",
        ),
        (
            MENU.replace("give_up: p", "give_up: n"),
            "main.yaml:6: steps.a.give_up: no key or wrong keys do not lead to a person",
        ),
        (
            "  a: {do: ask, say: code, into: x, digits: [4, 4], next: p, give_up: n}\n",
            "main.yaml:6: steps.a.give_up: no digits or wrong ones do not lead to a person",
        ),
        (
            "  a: {do: ask, say: code, into: x, digits: [4, 4], next: z, give_up: p}\n",
            "main.yaml:6: steps.a.next: hangs up on a caller who had no way to a person",
        ),
        (
            "  a: {do: transfer, to: police, done: z, failed: z}\n",
            "main.yaml:6: steps.a.failed: hangs up on a caller who had no way to a person",
        ),
        (
            "  a: {do: queue, group: general, answered: b}\n"
            "  b: {do: record, say: speak, into: x, next: a}\n",
            "main.yaml:6: steps.a: is a dead end: no way from here ends the call (nor from b)",
        ),
        (
            "  a: {do: branch, on_fact: hours, cases: {open: p}, otherwise: p}\n",
            "main.yaml:6: steps.a.cases: does not say where hours closed leads; otherwise is for "
            "when hours is not known",
        ),
        (
            '  a: {do: branch, on_fact: holiday, cases: {"yes": p}, otherwise: p}\n',
            "main.yaml:6: steps.a.cases: does not say where holiday no leads; otherwise is for "
            "when holiday is not known",
        ),
        (
            "  a: {do: branch, on_fact: hours, cases: {open: p, closed: m}, otherwise: p}\n"
            '  m: {do: menu, say: choose, keys: {"1": p, "0": q}, give_up: n}\n'
            "  q: {do: queue, group: general, answered: z}\n",
            "main.yaml:8: steps.q: callers who come when closed wait here and can leave neither "
            "callback nor message",
        ),
        (
            '  a:\n    do: menu\n    say: choose\n    keys:\n      "1": p\n      "0": p\n'
            '      "0": n\n    give_up: p\n',
            "main.yaml:12: steps.a.keys: 0 stands here twice, first on line 11",
        ),
        (
            '  a:\n    do: menu\n    say: choose\n    keys:\n      "1": p\n      0: p\n'
            "    give_up: p\n",
            'main.yaml:11: steps.a.keys: the key 0 must be quoted: "0"',
        ),
        (
            '  a:\n    do: menu\n    say: choose\n    keys:\n      "1": p\n      #: p\n'
            "    give_up: p\n",
            'main.yaml:11: file: the key # must be quoted: "#"',
        ),
        (
            MENU.replace("choose", "number"),
            "main.yaml:6: steps.a.keys.0: no text tells the caller of the key 0",
        ),
        (
            MENU.replace("choose", "main").replace('"1": p', '"1": p, "2": p, "3": p, "4": p'),
            "main.yaml:6: steps.a.say: the text names the key 5, which does nothing here",
        ),
        (
            "  a: {do: ask, say: choose, into: x, digits: [4, 4], next: p, give_up: p}\n",
            "main.yaml:6: steps.a.say: the text names the key 0, which does nothing here",
        ),
        (
            "  a: {do: record, say: queue_offer, into: x, next: p}\n",
            "main.yaml:6: steps.a.say: the text names the key *, which does nothing here",
        ),
        (
            MENU.replace("choose", "every").replace(
                '"1": p, "0": p', ", ".join(f'"{key}": p' for key in range(7))
            ),
            "main.yaml:6: steps.a.keys: warning: has 7 keys; more than 6 are hard to keep in mind",
        ),
        (
            "".join(
                MENU.replace("a:", f"{one}:").replace('"1": p', f'"1": {to}')
                for one, to in ("ab", "be", "ef", "fg", "gp")
            ),
            "main.yaml:9: steps.f: warning: lies 4 menus deep; more than 3 are hard to follow",
        ),
        (
            KO + "  b: {do: play, say: only_zh, next: p}\n",
            "main.yaml:7: steps.b.say: warning: there is no ko-KR variant of only_zh: zh-CN is "
            "heard",
        ),
        (
            "  a: {do: play, say: only_ko, next: p}\n",
            "main.yaml:6: steps.a.say: there is no prompt only_ko in zh-CN",
        ),
        (
            "  a: {do: language, to: en, next: p}\n",
            "main.yaml:6: steps.a.to: warning: there are no prompts in en: zh-CN is heard",
        ),
        (
            KO + MENU.replace("a:", "b:").replace("choose", "korean"),
            "main.yaml:7: steps.b.keys.0: no text tells the caller of the key 0 in ko-KR",
        ),
        (
            KO + MENU.replace("a:", "b:").replace("choose", "korean"),
            "main.yaml:7: steps.b.say: the text names the key 9, which does nothing here in ko-KR",
        ),
        (
            "  a: {do: play, say: hello, next: b}\n" + KO.replace("a:", "b:").replace("b}", "p}"),
            "main.yaml:7: steps.b: warning: what is said just before is heard in ko-KR too: "
            "change the language earlier",
        ),
        (
            KO.replace("b}", "p}"),
            "main.yaml:6: steps.a.to: warning: the program itself says what has no ko-KR variant: "
            "s1, s2, s3, s4, s5 and 2 more",
        ),
        (
            "  a: {do: call_api, service: orders, next: p, failed: p}\n",
            "main.yaml:6: steps.a.send: the service orders wants order_code, which is not sent",
        ),
        (
            "  a: {do: call_api, service: orders, send: [order_code, name], next: p, failed: p}\n",
            "main.yaml:6: steps.a.send.1: the service orders does not take name",
        ),
        (
            MENU.replace('"1": p', '"1": b')
            + "  b: {do: ask, say: code, into: order_code, digits: [4, 4], next: d, give_up: d}\n"
            + "  d:\n    do: call_api\n    service: orders\n    send: [order_code]\n    next: p\n"
            + "    failed: p\n",
            "main.yaml:11: steps.d.send: a path comes here without having asked for order_code",
        ),
        (
            "  a: {do: branch, on_fact: order_state, cases: {done: p}, otherwise: p}\n",
            "main.yaml:6: steps.a.on_fact: no path asks the service orders for order_state before",
        ),
        (
            "  a: {do: queue, group: general, answered: z, message: n, offer: choose,"
            ' offers: {"1": message}}\n',
            "main.yaml:6: steps.a.offer: the text names the key 0, which does nothing here",
        ),
        (
            "  a: {do: queue, group: general, answered: z, message: n, callback: c,"
            ' offers: {"#": message}}\n',
            "main.yaml:6: steps.a.callback: no key of offers leads to callback",
        ),
    ],
)
def test_each_fault_is_printed_with_its_line(steps: str, fault: str) -> None:
    catalogue = catalogue_of(
        {**PROMPTS, "only_zh": "您好。", "korean": "劳动请按1，人工请按0。", "every": "请按0到6。"},
        korean={**KOREAN, "only_ko": "…", "korean": "1번, 9번을 눌러 주십시오."},
        spoken=["s1", "s2", "s3", "s4", "s5", "s6", "s7"],
    )
    assert any(one.startswith(fault) for one in faults(steps, catalogue)), faults(steps, catalogue)


def test_a_calendar_that_closes_wants_a_branch_on_hours() -> None:
    said = "the calendar has closed hours, and no step branches on hours"
    warned = [f"main.yaml:4: start: warning: {said}"]
    assert faults(MENU, catalogue_of(closes=True)) == warned
    hours = "  a: {do: branch, on_fact: hours, cases: {open: p, closed: n}, otherwise: p}\n"
    assert faults(hours, catalogue_of(closes=True)) == []


def test_a_flow_that_no_call_comes_to_is_a_warning() -> None:
    other = HEAD.replace("main", "other") + MENU + REST
    found = check_texts({"main": HEAD + MENU + REST, "other": other}, catalogue=catalogue_of())
    what = "no flow goes to this one, and calls begin in main"
    assert [str(one) for one in found] == [f"other.yaml:1: flow: warning: {what}"]
    to_other = HEAD + "  a: {do: goto_flow, flow: other}\n"
    assert check_texts({"main": to_other, "other": other}, catalogue=catalogue_of()) == []


def test_flows_that_go_to_each_other_are_judged_from_where_calls_begin() -> None:
    """The survey may end the call, for calls begin in main alone and come here served."""
    survey = HEAD.replace("main", "last") + (
        '  a: {do: menu, say: choose, keys: {"1": z, "0": m}, give_up: m}\n'
        "  m: {do: goto_flow, flow: main}\n  z: {do: hangup}\n"
    )
    main = HEAD + (
        "  a: {do: queue, group: general, answered: l}\n  l: {do: goto_flow, flow: last}\n"
    )
    found = check_texts({"main": main, "last": survey}, catalogue=catalogue_of())
    assert found == []


def test_names_of_a_province_are_not_checked_where_none_is_known() -> None:
    nowhere = Catalogue(prompts={"zh-CN": PROMPTS})
    steps = (
        "  a: {do: transfer, to: fire, done: z, failed: b}\n"
        "  b: {do: call_api, service: weather, send: [], next: d, failed: p}\n"
        "  d: {do: branch, on_fact: rain, cases: {much: p}, otherwise: p}\n"
    )
    assert faults(steps, nowhere) == []
