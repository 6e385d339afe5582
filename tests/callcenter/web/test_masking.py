"""Numbers as they may be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.web.masking import mask_number


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812340000", "138****0000"),
        ("+8613812340000", "138****0000"),
        ("043155500123", "0431****0123"),
        ("+8643155500123", "0431****0123"),
        ("+864315550012", "0431****0012"),
        ("01088880123", "010****0123"),
        ("02088880123", "020****0123"),
        ("81234567", "812****4567"),
        ("110", "****"),
        ("", "未知号码"),
        (None, "未知号码"),
        ("anonymous", "未知号码"),
        ("138****0000", "138****0000"),
        ("138****00001234", "138****1234"),
        ("138-1234 0000", "138****0000"),
        ("*1", "****"),
    ],
)
def test_number_is_masked(number: str | None, shown: str) -> None:
    assert mask_number(number) == shown


@given(st.text(alphabet="0123456789+*- ab长", max_size=60))
def test_masking_twice_changes_nothing_and_never_shows_eight_digits_in_a_row(number: str) -> None:
    shown = mask_number(number)
    assert mask_number(shown) == shown
    assert max(len(run) for run in shown.split("****")) <= 4


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"))
def test_middle_of_a_mobile_number_is_gone(number: str) -> None:
    assert mask_number(number) == f"{number[:3]}****{number[-4:]}"
