"""A flow is drawn as far as it can be read, whatever state it is in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.graph import Graph
from ivr_flows.load import FLOWS, load_flows
from ivr_flows.outline import Outline, outline
from ivr_flows.yaml_source import Source, read_bytes, read_file


def drawn(text: str) -> Outline:
    return outline(read_bytes(text.encode(), file="x"))


def ways(found: Outline) -> list[str]:
    return [f"{step.name} -{one.way}-> {one.to}" for step in found.steps for one in step.ways]


def test_each_way_out_is_named_by_its_field() -> None:
    text = """\
flow: aid
title: 法律援助
start: ask
steps:
  ask:
    do: menu
    keys: {"1": line, "*": ask}
    give_up: line
  line: {do: queue, group: labour, answered: rate, message: rate}
  rate: {do: branch, cases: {open: ask}, otherwise: out}
  out: {do: goto_flow, flow: main}
"""
    found = drawn(text)
    assert (found.flow, found.title, found.start) == ("aid", "法律援助", "ask")
    assert [(one.name, one.do, one.line) for one in found.steps][:2] == [
        ("ask", "menu", 5),
        ("line", "queue", 9),
    ]
    assert ways(found) == [
        *("ask -keys.1-> line", "ask -keys.*-> ask", "ask -give_up-> line"),
        *("line -answered-> rate", "line -message-> rate"),
        *("rate -cases.open-> ask", "rate -otherwise-> out", "out -flow-> main"),
    ]


def test_all_our_flows_are_drawn_as_the_engine_goes_them() -> None:
    flows = load_flows()
    graph = Graph(flows.by_name)
    for file in sorted(FLOWS.glob("*.yaml")):
        found = outline(read_file(file))
        assert [one.name for one in found.steps] == list(flows.by_name[file.stem].steps)
        for step in found.steps:
            to = [
                (file.stem, one.to) if one.way != "flow" else (one.to, flows.by_name[one.to].start)
                for one in step.ways
            ]
            assert to == [to for _, to in graph.edges[file.stem, step.name]]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("just words", []),
        ("steps: 3", []),
        ("steps: {a: 3, b: {do: menu, keys: 7, next: [x], give_up: b}}", ["b -give_up-> b"]),
        ("steps: {a: {keys: {'1': {x: y}, '2': a}}}", ["a -keys.2-> a"]),
        ("steps: {a: {do: goto_flow, flow: 3}}", []),
    ],
)
def test_what_makes_no_sense_is_left_out(text: str, seen: list[str]) -> None:
    assert ways(drawn(text)) == seen


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["do", "keys", "next", "steps", "flow"]), inner, max_size=4
        )
    ),
)


@given(data=plain, steps=plain)
def test_no_text_is_too_strange_to_be_drawn(data: Any, steps: Any) -> None:
    outline(Source("x", data, {}))
    found = outline(Source("x", {"steps": {"a": steps, "b": {"keys": data}}}, {}))
    assert all(isinstance(one.to, str) for step in found.steps for one in step.ways)
