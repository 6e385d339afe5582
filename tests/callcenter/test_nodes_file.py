"""nodes.yaml: every fault with its line, and what a node must be told to be one of several."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.address import Address
from callcenter.nodes_file import Node, cluster_faults, load_nodes
from seats.source import FileFaults

GOOD = """\
nodes:
  - {name: a, sip: "10.0.0.1:5060", agi: "10.0.0.1:4573", ami: "10.0.0.1:5038"}
  - name: b
    sip: 10.0.0.2:5060
    agi: 10.0.0.2:4573
    ami: 10.0.0.2:5038
"""


def test_nodes_are_read_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "nodes.yaml"
    assert load_nodes(file) == ()
    file.write_text(GOOD)
    first, second = load_nodes(file)
    assert first == Node(
        "a", Address("10.0.0.1", 5060), Address("10.0.0.1", 4573), Address("10.0.0.1", 5038)
    )
    assert second.name == "b"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("name: b", "name: a", "3: nodes[2].name: 'a' is no new name of letters and digits"),
        ("name: b", "name: phone", "3: nodes[2].name: 'phone' is no new name of letters"),
        ("name: b", 'name: "b]"', "3: nodes[2].name: 'b]' is no new name of letters and digits"),
        ("sip: 10.0.0.2:5060", "sip: 10.0.0.2", "4: nodes[2].sip: '10.0.0.2' is not like 10.0.0.1"),
        ("sip: 10.0.0.2:5060", "sip: b.example:5060", "4: nodes[2].sip: 'b.example:5060' is not"),
        ("    agi: 10.0.0.2:4573\n", "", "3: nodes[2]: agi is missing"),
        ("nodes:", "node:", "1: file: "),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    file = tmp_path / "nodes.yaml"
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(FileFaults) as faults:
        load_nodes(file)
    assert f"{file}:{fault}" in str(faults.value)


def test_several_nodes_need_one_redis_and_one_name_and_to_be_one_of_them(tmp_path: Path) -> None:
    file = tmp_path / "nodes.yaml"
    file.write_text(GOOD)
    nodes = load_nodes(file)
    assert cluster_faults(nodes, own="a", cluster="jilin", is_private=False) == []
    assert cluster_faults(nodes[:1], own="main", cluster="", is_private=True) == []
    faults = cluster_faults(nodes, own="main", cluster="", is_private=True)
    assert [fault.split(": ")[1].split(",")[0] for fault in faults] == [
        "HOTLINE_NODE is 'main'",
        "several nodes need HOTLINE_CLUSTER",
        "several nodes need REDIS_URL",
    ]
