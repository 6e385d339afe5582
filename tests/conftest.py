"""What every test shares: tests under `tests/real` carry the marker `real`.

`make` runs files side by side (pytest-xdist), as most of the time they wait for something real; the
tests of one file go to one worker, since they may share what it started.
"""

from pathlib import Path

import pytest

from tests.thoroughness import load_profile

REAL = Path(__file__).parent / "real"

load_profile()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(REAL):
            item.add_marker("real")
            # Real calls run in real time: a machine that stands still for seconds fails them.
            item.add_marker(pytest.mark.flaky(reruns=2))
