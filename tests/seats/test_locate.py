"""Which city a number belongs to, whatever stands in the From header."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seats.locate import UNKNOWN, Place, divisions, e164, locate

CHANGCHUN = Place("220100", "landline")


@pytest.mark.parametrize(
    "number",
    [
        "+8643185550123",
        "+864315550123",  # the contract's example: 7 digits
        "+86043185550123",
        "008643185550123",
        "0086043185550123",
        "8643185550123",
        "043185550123",
        "04315550123",
        "43185550123",
        "4315550123",
        "0431-8555 0123",
        "(0431) 8555.0123",
        " +86 431 8555-0123 ",
        "0431/85550123",
    ],
)
def test_a_changchun_landline_is_known_in_every_spelling(number: str) -> None:
    assert locate(number) == CHANGCHUN


def test_every_area_code_of_the_table_leads_to_its_prefecture() -> None:
    assert len(divisions()) == 22
    for code, division in divisions().items():
        assert locate(f"{division.area_code}5550123") == Place(code, "landline")
        assert locate(f"+86{division.area_code[1:]}85550123") == Place(code, "landline")


def test_jilin_the_city_is_not_jilin_the_province() -> None:
    assert locate("043265550123").city == "220200"
    assert divisions()["220200"].name == "吉林市"


@pytest.mark.parametrize(
    "number",
    [
        None,
        "",
        "anonymous",
        "Anonymous <sip:anonymous@anonymous.invalid>",
        "unavailable",
        "+",
        "86",
        "0",
        "12348",
        "110",
        "13800000000",  # mobile
        "+8613800000000",
        "013800000000",
        "19900000000",
        "85550123",  # local, and the trunk says no area
        "5550123",
        "01085550123",  # Beijing: not in the table
        "002285550123",
        "043112348",
        "0431855501234567",
        "0431",
        "+1 431 855 50123",
        "零四三一八五五五零一二三",
        "０４３１８５５５０１２３",
        "0431٨٥٥٥٠١٢٣",
        "04318555012³",
        "0431" * 125,
        "8" * 500,
        "0431,85550123",
        "0431'85550123\"; DROP",
        "0431\x0085550123",
    ],
)
def test_anything_else_is_unknown(number: str | None) -> None:
    assert locate(number) == UNKNOWN


def test_a_local_number_belongs_to_the_trunks_area() -> None:
    assert locate("8555 0123", home_area_code="0431") == CHANGCHUN
    assert locate("5550123", home_area_code="0433").city == "222400"
    assert locate("5550123", home_area_code="0999") == UNKNOWN
    assert locate("12348", home_area_code="0431") == UNKNOWN
    assert locate("13800000000", home_area_code="0431") == UNKNOWN
    assert locate("043265550123", home_area_code="0431").city == "220200"
    assert locate("٨٥٥٥٠١٢٣", home_area_code="0431") == UNKNOWN


@settings(deadline=None)
@given(st.text() | st.text(alphabet="0123456789+-() 86０四", max_size=70))
def test_no_text_at_all_raises(number: str) -> None:
    place = locate(number)
    assert (place.source == "landline") == (place.city in divisions())
    assert place.city is None or place.city in divisions()


@pytest.mark.parametrize(
    ("shown", "stored"),
    [
        ("04315550123", "+864315550123"),
        ("0431 5550 0123", "+8643155500123"),
        ("+8604315550123", "+864315550123"),
        ("0086-13800000000", "+8613800000000"),
        ("13800000000", "+8613800000000"),
        ("12348", None),
        ("+85221234567", None),
        ("匿名", None),
        ("4" * 500, None),
        ("", None),
        (None, None),
    ],
)
def test_a_number_is_stored_in_one_form(shown: str | None, stored: str | None) -> None:
    assert e164(shown) == stored
