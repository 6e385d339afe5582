"""A form changes a value in a text and nothing that stands beside it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.settings import DEMO_PROVINCE
from ivr_flows.load import FLOWS
from ivr_flows.rewriting import rewritten
from ivr_flows.yaml_source import SourceFault, read_bytes

TEXT = """\
# What every caller hears first.
flow: main
version: 3
title: 总机
start: greeting

steps:
  greeting: {do: play, say: [greeting, ai_mark], next: hours}   # first

  hours:
    do: branch
    on_fact: hours
    cases: {open: menu, closed: bye}
    otherwise: menu              # a person answers

  # the menu
  menu:
    do: menu
    say: main_menu
    keys:
      "1": bye     # family
      "2": greeting
      "*": menu
    wait_s: 4
    give_up: bye

  bye: {do: hangup}
"""


def held(text: str) -> Any:
    return read_bytes(text.encode(), file="x").data


def changed(path: tuple[str, ...], value: Any, text: str = TEXT) -> str:
    """The lines of the text that differ after this change, as `- old` and `+ new`."""
    data = held(text)
    at = data
    for part in path[:-1]:
        at = at[part]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    new = rewritten(text, data)
    assert held(new) == data
    old_lines, new_lines = text.split("\n"), new.split("\n")
    gone = [f"- {line.strip()}" for line in old_lines if line not in new_lines]
    come = [f"+ {line.strip()}" for line in new_lines if line not in old_lines]
    return "\n".join([*gone, *come])


def test_a_number_changes_alone() -> None:
    assert changed(("steps", "menu", "wait_s"), 6) == "- wait_s: 4\n+ wait_s: 6"


def test_a_comment_on_the_line_stays() -> None:
    told = changed(("steps", "hours", "otherwise"), "bye")
    assert told.endswith("+ otherwise: bye              # a person answers")
    told = changed(("steps", "greeting", "say"), ["greeting"])
    assert told.endswith("+ greeting: {do: play, say: [greeting], next: hours}   # first")


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("steps", "menu", "keys", "2"), None, '- "2": greeting'),
        (("steps", "menu", "keys", "1"), None, '- "1": bye     # family'),
        (("steps", "menu", "keys", "#"), "bye", '+ "#": bye'),
        (("steps", "menu", "tries"), 2, "+ tries: 2"),
        (("steps", "bye"), None, "- bye: {do: hangup}"),
        (("steps", "late"), {"do": "hangup", "say": "no"}, '+ late: {do: hangup, say: "no"}'),
        (("steps", "bye", "say"), "bye", "- bye: {do: hangup}\n+ bye: {do: hangup, say: bye}"),
        (("title",), "yes", '- title: 总机\n+ title: "yes"'),
    ],
)
def test_what_comes_and_goes_takes_its_own_line(
    path: tuple[str, ...], value: Any, told: str
) -> None:
    assert changed(path, value) == told


def test_keys_in_one_line_come_and_go() -> None:
    path = ("steps", "hours", "cases")
    assert "cases: {closed: bye}" in changed((*path, "open"), None)
    assert "cases: {open: menu}" in changed((*path, "closed"), None)
    assert "cases: {x: bye}" in changed(path, {"x": "bye"})


def test_another_verb_is_written_anew_in_its_place() -> None:
    told = changed(("steps", "menu"), {"do": "play", "say": "main_menu", "next": "bye"})
    assert told.endswith("+ {do: play, say: main_menu, next: bye}")


def test_a_step_gets_another_name_wherever_it_is_named() -> None:
    data = held(TEXT)
    steps = {("ende" if name == "bye" else name): step for name, step in data["steps"].items()}
    data["steps"] = json.loads(json.dumps(steps).replace('"bye"', '"ende"'))
    new = rewritten(TEXT, data, renamed={("steps", "bye"): "ende"})
    assert held(new) == data
    assert new == TEXT.replace("bye", "ende")


def test_a_text_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(SourceFault):
        rewritten("flow: [", {})


ROUTING = DEMO_PROVINCE / "routing.yaml"


def test_stages_of_a_policy_move_with_their_remarks() -> None:
    text = ROUTING.read_text("utf-8")
    data = held(text)
    stages = data["default"]["stages"]
    stages.insert(2, {"who": "municipal", "after_s": 15})
    del stages[5]
    data["callback"]["tries"] = 2
    new = rewritten(text, data)
    assert held(new) == data
    assert [one for one in text.split("\n") if "#" in one] == [
        one for one in new.split("\n") if "#" in one
    ]


seeds = st.integers(0, 2**32 - 1)
FILES = [*sorted(FLOWS.glob("*.yaml")), ROUTING]


def _shuffled(value: Any, draw: Random) -> Any:
    """The same with a few things changed, taken away and put in."""
    if isinstance(value, dict):
        kept = {key: _shuffled(one, draw) for key, one in value.items() if draw.random() > 0.06}
        if draw.random() < 0.06:
            kept[draw.choice(["*", "neu", "7", "true"])] = draw.choice(["x", 3, {"a": ["b", "1"]}])
        return kept or {"only": "one"}
    if isinstance(value, list):
        kept_items = [_shuffled(one, draw) for one in value if draw.random() > 0.1]
        return kept_items if draw.random() > 0.05 else [*kept_items, {"who": "city"}]
    if draw.random() < 0.08:
        return draw.choice(["other", "是", "yes", "a: b", "#1", "", 0, 2.5, True, ["x"], {"y": 1}])
    return value


@given(seed=seeds)
def test_whatever_changes_the_text_then_holds_it(seed: int) -> None:
    draw = Random(seed)
    text = draw.choice(FILES).read_text("utf-8")
    data = _shuffled(copy.deepcopy(held(text)), draw)
    assert held(rewritten(text, data)) == data


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(Path(file).stem))
def test_nothing_changed_leaves_the_text(file: Path) -> None:
    text = file.read_text("utf-8")
    assert rewritten(text, held(text)) == text
