"""Who calls, from what the trunk shows."""

from __future__ import annotations

import pytest

from callcenter.caller import caller_of


@pytest.mark.parametrize(
    ("shown", "number", "city"),
    [
        ("04315550123", "+864315550123", "220100"),
        ("+86 433 555 0123", "+864335550123", "222400"),
        ("13800000000", "+8613800000000", None),
        ("+85221234567", "+85221234567", None),
        ("unknown", None, None),
        ("+", None, None),
        ("", None, None),
        ("1" * 500, "1" * 32, None),
    ],
)
def test_a_caller_is_known_by_one_form_of_his_number(
    shown: str, number: str | None, city: str | None
) -> None:
    stored, place = caller_of(shown)
    assert (stored, place.city) == (number, city)
