"""What every test shares: tests under `tests/real` carry the marker `real`.

They run side by side (pytest-xdist), as most of the time they wait for something real. Those that
share what their module started are run by one worker.
"""

from pathlib import Path

import pytest

REAL = Path(__file__).parent / "real"


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(REAL):
            item.add_marker("real")
            # Real calls run in real time: a machine that stands still for seconds fails them.
            item.add_marker(pytest.mark.flaky(reruns=2))
            if _shares_its_module(item):
                item.add_marker(pytest.mark.xdist_group(item.path.stem))


def _shares_its_module(item: pytest.Item) -> bool:
    fixtures = item._fixtureinfo.name2fixturedefs.values()  # type: ignore[attr-defined]
    return any(definition[-1].scope == "module" for definition in fixtures)
