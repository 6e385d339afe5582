"""Dates and times as people write them in tables."""

import pytest

from callcenter.documents.dates import as_kept
from callcenter.documents.shift_words import NotUnderstood, read_spans
from seats.calendar import Span


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("2026-05-01", "2026-05-01"),
        ("2026/5/1", "2026-05-01"),
        ("2026.5.1", "2026-05-01"),
        ("2026年5月1日", "2026-05-01"),
        ("２０２６-０５-０１", "2026-05-01"),
        ("2026-12-01 08:30", "2026-12-01T08:30"),
        ("2026/12/1 8:30", "2026-12-01T08:30"),
        ("2026年12月1日8：30", "2026-12-01T08:30"),
        ("2026-12-01T08:30:00", "2026-12-01T08:30"),
        ("5月1日", "5月1日"),
        ("46143", "46143"),
        ("", ""),
    ],
)
def test_a_date_is_kept_in_one_form(said: str, kept: str) -> None:
    assert as_kept(said) == kept


@pytest.mark.parametrize("said", ["8：30－17：30", "08:30—17:30", "8:30 至 17:30"])
def test_hours_may_be_written_full_width(said: str) -> None:
    assert read_spans([said]) == (Span(510, 1050),)


def test_what_is_no_time_is_told() -> None:
    with pytest.raises(NotUnderstood, match="不像 08:30"):
        read_spans(["上午八点到五点"])
