"""Supervisors' telephones in seats.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from seats.roster import load_roster
from seats.source import FileFaults
from seats.supervisors import Supervisor
from tests.seats.test_roster import GOOD


def roster(tmp_path: Path, more: str) -> Path:
    path = tmp_path / "seats.yaml"
    path.write_text(GOOD + more, encoding="utf-8")
    return path


def test_supervisors_stand_beside_the_seats_and_are_none(tmp_path: Path) -> None:
    found = load_roster(roster(tmp_path, "supervisors:\n  - {number: 7001, name: 省级班长席}\n"))
    assert found.supervisors == (Supervisor("7001", "省级班长席"),)
    assert [seat.number for seat in found.seats] == ["8001", "8901"]


def test_a_province_may_have_none(tmp_path: Path) -> None:
    assert load_roster(roster(tmp_path, "")).supervisors == ()


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("supervisors: 7001\n", "10: supervisors: must be a list"),
        ("supervisors:\n  - {number: 8001, name: 甲}\n", "supervisors[1].number: 8001 is a seat's"),
        ("supervisors:\n  - {number: 70, name: 甲}\n", "'70' is not 3 to 6 digits"),
        ("supervisors:\n  - {number: 7001}\n", "supervisors[1]: name is missing"),
        (
            "supervisors:\n  - {number: 7001, name: 'a;b'}\n",
            "'a;b' is not 1 to 20 letters, digits or spaces",
        ),
        (
            "supervisors:\n  - {number: 7001, name: 甲}\n  - {number: 7001, name: 乙}\n",
            "supervisors[2].number: 7001 stands here twice",
        ),
    ],
)
def test_every_fault_is_told(tmp_path: Path, more: str, fault: str) -> None:
    with pytest.raises(FileFaults) as found:
        load_roster(roster(tmp_path, more))
    assert fault in str(found.value)
