"""What every test shares: tests under `tests/real` carry the marker `real`."""

from pathlib import Path

import pytest

REAL = Path(__file__).parent / "real"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(REAL):
            item.add_marker("real")
            # Real calls run in real time: a machine that stands still for seconds fails them.
            item.add_marker(pytest.mark.flaky(reruns=2))
