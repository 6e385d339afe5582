"""What /health and the live page say of the calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callcenter.live import calendar_health
from callcenter.settings import DEMO_PROVINCE
from callcenter.web.view import Health
from seats.calendar_file import load_calendar

DEMO = load_calendar(DEMO_PROVINCE / "calendar.yaml")  # holds 2025 and 2026


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime(2026, 11, 30, 15, 59, tzinfo=UTC), {}),
        # 1 December in Shanghai
        (
            datetime(2026, 11, 30, 16, 0, tzinfo=UTC),
            {"calendar": Health(True, "2027 年放假安排尚未载入")},
        ),
        (
            datetime(2027, 3, 1, tzinfo=UTC),
            {"calendar": Health(True, "2027 年放假安排尚未载入")},
        ),
        (datetime(2025, 12, 1, tzinfo=UTC), {}),
    ],
)
def test_a_year_that_should_be_loaded_by_now_is_named_and_is_no_failure(
    now: datetime, said: dict[str, Health]
) -> None:
    assert calendar_health(DEMO, now) == said
