"""Places beside GB/T 2260, the mobile table as a hint, and the order in which a place is found."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seats.locate import UNKNOWN, Place, origin
from seats.mobile import read_table, table
from seats.mobile_import import TableRefused, data_of, import_table, table_of
from seats.places import city_of, divisions, name_of, places, seat_places, served_by, tree


def test_changbaishan_is_a_place_though_no_division() -> None:
    assert "cbs" in seat_places() and "cbs" not in divisions()
    assert (name_of("cbs"), places()["cbs"].parent) == ("长白山保护开发区", "220000")
    assert served_by("cbs") == ("cbs", "222400", "220600")  # in between the two
    assert city_of("cbs") == "cbs"  # a column of its own in the reports


def test_a_county_stands_beside_its_prefecture_and_is_counted_under_it() -> None:
    assert served_by("220184") == ("220184", "220100")
    assert (city_of("220184"), city_of("220581"), city_of("220100")) == (
        "220100",
        "220500",
        "220100",
    )


def test_a_place_that_nobody_knows_stands_for_itself() -> None:
    assert (served_by("999999"), city_of("999999"), name_of("999999")) == (
        ("999999",),
        "999999",
        "999999",
    )


def test_the_tree_holds_every_place_once_under_its_parent() -> None:
    walked = [place.code for _, place in tree()]
    assert sorted(walked) == sorted(places())
    assert all(other in places() for one in places().values() for other in one.served_by)
    assert walked.index("220184") == walked.index("220100") + 1
    assert "220000" not in seat_places()


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("04346215550", Place("220100", "landline", "220184")),  # 公主岭, no longer 四平
        ("+864346215550", Place("220100", "landline", "220184")),
        ("04343215550", Place("220300", "landline")),
        ("0435 4215550", Place("220500", "landline", "220581")),
        ("04353215550", Place("220500", "landline")),
        ("13904310000", Place("220100", "mobile_hint")),
        ("+8613904310000", Place("220100", "mobile_hint")),
        ("013904510000", Place("230100", "mobile_hint")),
        ("13800000000", UNKNOWN),  # sold elsewhere
        ("139043", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_where_a_caller_is_from(number: str | None, place: Place) -> None:
    assert origin(number) == place


@pytest.mark.parametrize("number", ["04343215550", "13904310000", None])
def test_the_number_dialled_goes_before_the_callers_own(number: str | None) -> None:
    assert origin(number, dialled="222400") == Place("222400", "dialled")
    assert origin(number, dialled="220581") == Place("220500", "dialled", "220581")
    assert origin(number, dialled="cbs") == Place("cbs", "dialled")


def test_the_packaged_table_holds_our_two_provinces_in_order() -> None:
    held = table()
    assert held.version and held.count > 24_000
    assert set(held.cities) == set(divisions())
    assert all(first <= last for first, last in zip(held.firsts, held.lasts, strict=True))
    assert all(a < b for a, b in zip(held.lasts, held.firsts[1:], strict=False))


@given(
    st.dictionaries(
        st.integers(1300000, 1300040), st.sampled_from(["吉林|长春|1|0431", "四川|成都|1|028"])
    )
)
def test_every_prefix_of_ours_is_found_again_and_no_other(prefixes: dict[int, str]) -> None:
    ours = {prefix for prefix, record in prefixes.items() if record.startswith("吉林")}
    if not ours:
        with pytest.raises(TableRefused, match="names no place|is no phone.dat"):
            table_of(phone_dat(prefixes), source="x")
        return
    made = read_table(table_of(phone_dat(prefixes), source="x"))
    assert {p for p in range(1299990, 1300050) if made.city(p) == "220100"} == ours
    assert made.count == len(ours)


def phone_dat(prefixes: dict[int, str], version: bytes = b"2501") -> bytes:
    records, offsets = b"", dict[str, int]()
    for record in sorted(set(prefixes.values())):
        offsets[record] = 8 + len(records)
        records += record.encode() + b"\0"
    index = [struct.pack("<iiB", p, offsets[prefixes[p]], 1) for p in sorted(prefixes)]
    return struct.pack("<4si", version, 8 + len(records)) + records + b"".join(index)


OURS = {1390431: "吉林|长春|130000|0431", 1390433: "吉林|珲春|133300|0433"}


def test_newer_data_takes_the_place_of_older_and_older_is_refused(tmp_path: Path) -> None:
    file, into = tmp_path / "phone.dat", tmp_path / "mobile.csv"
    file.write_bytes(phone_dat(OURS))
    assert (import_table(file, into).count, read_table(into.read_text()).version) == (2, "2501")
    assert read_table(into.read_text()).city(1390433) == "222400"  # by area code, not by name
    file.write_bytes(phone_dat(OURS, b"2412"))
    with pytest.raises(TableRefused, match="older than 2501"):
        import_table(file, into)
    assert import_table(file, into, replace=True).version == "2412"


@pytest.mark.parametrize(
    "data",
    [b"", b"abcd", b"25019999", phone_dat(OURS)[:-1], b"no table at all, only words" * 9],
)
def test_what_is_no_table_is_refused(data: bytes) -> None:
    with pytest.raises(TableRefused):
        table_of(data, source="x")


@pytest.mark.parametrize("name", ["x.tar.gz", "x.whl", "phone.dat"])
def test_a_package_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TableRefused):
        data_of(tmp_path / name)
