"""A private Asterisk and its parties for a test; nothing of them is left running afterwards."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.real.asterisk_node import AsteriskNode, demo_input
from tests.real.house import House
from tests.real.sipp import Sipp


@pytest.fixture
def start_node(tmp_path: Path) -> Iterator[Callable[..., AsteriskNode]]:
    """Start a node; keywords replace fields of its RenderInput (`patience=…`, `seats=…`)."""
    nodes: list[AsteriskNode] = []

    def start(**changes: object) -> AsteriskNode:
        folder = tmp_path / f"node{len(nodes)}"
        node = AsteriskNode(replace(demo_input(folder), **changes))  # type: ignore[arg-type]
        nodes.append(node)
        node.start()
        return node

    yield start
    for node in nodes:
        node.stop()


@pytest.fixture
def start_sipp(tmp_path: Path) -> Iterator[Callable[[AsteriskNode], Sipp]]:
    """Parties (citizens, seats) against a node."""
    started: list[Sipp] = []

    def start(node: AsteriskNode) -> Sipp:
        sipp = Sipp(node, tmp_path / f"sipp{len(started)}")
        started.append(sipp)
        return sipp

    yield start
    for sipp in started:
        sipp.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The whole hotline, ready for calls."""
    whole = House(tmp_path / "house")
    try:
        yield whole.start()
    finally:
        whole.close()
