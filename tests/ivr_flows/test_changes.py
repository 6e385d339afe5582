"""What differs between two versions of a flow, in words and line by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.changes import Difference, _moved, differences, unified
from ivr_flows.model import Flow
from tests.ivr_flows.flow_files import BYE, PERSON, flow_of, flow_text

MENU = "a: {{do: menu, say: {say}, keys: {{{keys}}}, wait_s: {wait}, give_up: p}}"


def flow(
    keys: str = '"1": b, "0": p', *, say: str = "choose", wait: int = 5, more: str = ""
) -> Flow:
    steps = [MENU.format(keys=keys, say=say, wait=wait), f"p: {PERSON}", f"bye: {BYE}"]
    return flow_of(*steps, "b: {do: play, say: hello, next: p}", *([more] if more else []))


OLD = flow()


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (OLD, []),
        (flow('"2": b, "0": p'), [("key", "步骤 a：到 b 的按键由 1 改为 2")]),
        (flow('"1": bye, "0": p'), [("key", "步骤 a：按键 1 由到 b 改为到 bye")]),
        (flow('"1": b, "3": bye, "0": p'), [("key", "步骤 a：新增按键 3，到 bye")]),
        (flow('"0": p'), [("key", "步骤 a：取消按键 1（原到 b）")]),
        (
            flow('"1": p, "0": b'),
            [("key", "步骤 a：到 b 的按键由 1 改为 0"), ("key", "步骤 a：到 p 的按键由 0 改为 1")],
        ),
        (flow(say="[hello, choose]"), [("changed", "步骤 a：提示语 choose 改为 hello、choose")]),
        (flow(wait=9), [("changed", "步骤 a：等待秒数 5 改为 9")]),
        (flow(more="c: {do: hangup}"), [("added", "新增步骤 c（挂机）")]),
    ],
)  # fmt: skip
def test_each_difference_is_told_in_words(new: Flow, told: list[tuple[str, str]]) -> None:
    assert [(one.kind, one.words) for one in differences(OLD, new)] == told


def test_steps_that_go_and_verbs_that_change_are_told() -> None:
    old = flow(more="c: {do: hangup, say: hello}")
    assert differences(old, OLD) == [Difference("removed", "c", "删除步骤 c（挂机）")]
    new = flow(more="c: {do: play, say: hello, next: bye}")
    assert differences(old, new) == [Difference("verb", "c", "步骤 c：动作 挂机 改为 播放")]
    new = flow(more="c: {do: hangup}")
    assert [one.words for one in differences(old, new)] == ["步骤 c：提示语 hello 改为 无"]


def test_title_and_start_belong_to_the_flow_as_a_whole() -> None:
    new = OLD.model_copy(update={"title": "新", "start": "b", "version": 9})
    assert differences(OLD, new) == [
        Difference("flow", "", "标题：试验 → 新"),
        Difference("flow", "", "起始步骤：a → b"),
    ]
    assert differences(None, OLD) == [Difference("flow", "", "新流程“试验”，共 4 个步骤")]


def test_the_text_is_compared_line_by_line() -> None:
    old, new = flow_text(f"a: {BYE}"), flow_text(f"a: {BYE}", f"b: {BYE}")
    lines = unified(old, new, old_name="main 1", new_name="main 2")
    assert lines[:2] == ["--- main 1", "+++ main 2"]
    assert [line for line in lines[2:] if line[0] in "+-"] == ["+  b: {do: hangup}"]
    assert unified(old, old, old_name="x", new_name="y") == []


TABLES = st.dictionaries(st.sampled_from("012345"), st.sampled_from(["a", "b", "c", "d"]))


@given(TABLES, TABLES)
def test_keys_are_told_of_exactly_when_they_differ(
    old: dict[str, str], new: dict[str, str]
) -> None:
    told = list(_moved(old, new, "按键"))
    assert bool(told) == (old != new)
    for key in old.keys() ^ new.keys():
        assert any(f" {key}" in words for words in told)
