"""A private Asterisk and its parties for a test; nothing of them is left running afterwards."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.real.asterisk_node import AsteriskNode, demo_input
from tests.real.house import House
from tests.real.sipp import Sipp
from tests.real.sitting import Sitting
from tests.real.talk_house import TalkHouse


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
    with House(tmp_path / "house") as whole:
        yield whole


@pytest.fixture
async def sitting(house: TalkHouse, passwords: dict[str, str]) -> AsyncIterator[Sitting]:
    """Lets lawyers in, by the `house` and `passwords` of the test's file; whoever is left at the
    end signs off.
    """
    async with AsyncExitStack() as stack:
        yield Sitting(house, passwords, stack)
