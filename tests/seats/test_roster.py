"""The roster file: what it gives, and every fault with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from seats.calendar import DayKind
from seats.roster import load_seats
from seats.seat import Level
from seats.shift import Shift
from seats.source import FileFaults

DEMO = Path(__file__).parents[2] / "callcenter" / "demo" / "province" / "seats.yaml"

GOOD = """\
groups: [family, labour]
seats:
  - number: 8001
    name: 长春一席
    level: municipal
    city: 220100
    skills: [family]
    languages: [zh-CN, ko-KR]
  - {number: "8901", name: 省级一席, level: provincial, skills: [family, labour]}
"""


def faults_of(tmp_path: Path, text: str | bytes) -> list[str]:
    path = tmp_path / "seats.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(FileFaults) as found:
        load_seats(path)
    prefix = f"{path}:"
    assert str(found.value).splitlines() == [str(f) for f in found.value.faults]
    assert all(str(f).startswith(prefix) for f in found.value.faults)
    return [str(f).removeprefix(prefix) for f in found.value.faults]


def test_a_good_file_gives_its_seats_in_order(tmp_path: Path) -> None:
    path = tmp_path / "seats.yaml"
    path.write_text(GOOD, encoding="utf-8")
    first, second = load_seats(path)
    assert (first.number, first.name, first.level, first.city) == (
        "8001",
        "长春一席",
        Level.MUNICIPAL,
        "220100",
    )
    assert first.languages == {"zh-CN", "ko-KR"} and first.skills == {"family"}
    assert (second.number, second.level, second.city) == ("8901", Level.PROVINCIAL, None)
    assert second.languages == {"zh-CN"}


def test_the_demo_province_serves_every_group_in_each_city_and_provincially() -> None:
    seats = load_seats(DEMO)
    by_place: dict[str | None, set[str]] = {}
    numbers: dict[str | None, list[str]] = {}
    for seat in seats:
        by_place.setdefault(seat.city, set()).update(seat.skills)
        numbers.setdefault(seat.city, []).append(seat.number)
    assert numbers == {
        "220100": ["8001", "8002", "8003"],
        "220200": ["8101"],
        "222400": ["8201"],
        None: ["8901", "8902", "8903", "8904"],
    }
    groups = {"family", "labour", "contract", "general", "service"}
    assert all(skills == groups for skills in by_place.values())
    assert [s.number for s in seats if "ko-KR" in s.languages] == ["8201"]
    assert all("zh-CN" in s.languages for s in seats)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("8001", "80a1", "3: seats[1].number: '80a1' is not 3 to 6 digits"),
        ("8001", "80", "3: seats[1].number: '80' is not 3 to 6 digits"),
        ("number: 8001", "number: ８００１", "3: seats[1].number: '８００１' is not 3 to 6 digits"),
        ('"8901"', '"8001"', "9: seats[2].number: 8001 stands here twice"),
        (
            "municipal",
            "city",
            "5: seats[1] (8001).level: 'city' is neither municipal nor provincial",
        ),
        (
            "220100",
            "220985",
            "6: seats[1] (8001).city: '220985' is no place of `hotline places show`",
        ),
        (
            "    city: 220100\n",
            "",
            "3: seats[1] (8001): city is missing: a municipal seat belongs to one",
        ),
        (
            "provincial,",
            "provincial, city: 220100,",
            "9: seats[2] (8901).city: a provincial seat belongs to no city",
        ),
        (
            "[family]\n",
            "[familly]\n",
            "7: seats[1] (8001).skills: 'familly' is not among the groups",
        ),
        (
            "[family]\n",
            "[]\n",
            "7: seats[1] (8001).skills: is empty: no call would ever come",
        ),
        ("[family]\n", "family\n", "7: seats[1] (8001).skills: must be a list"),
        (
            "[family, labour]}",
            "[family]}",
            "1: groups (labour): no provincial seat serves this group",
        ),
        (
            "[family, labour]\n",
            "[family, family, labour]\n",
            "1: groups[2]: family stands here twice",
        ),
        (
            "groups: [family, labour]",
            "groups: [family, labour, 家事]",
            "1: groups[3]: '家事' is not a name of a-z, 0-9 and _",
        ),
        ("ko-KR", "korean", "8: seats[1] (8001).languages: 'korean' is not like zh-CN or ko-KR"),
        (
            "长春一席",
            '"a\\nb"',
            "4: seats[1] (8001).name: 'a\\nb' is not 1 to 20 letters, digits or spaces",
        ),
        ("    name: 长春一席\n", "", "3: seats[1]: name is missing"),
        (
            "    name:",
            "    nmae: x\n    name:",
            "4: seats[1]: unknown key 'nmae' "
            "(known: city, languages, level, name, number, shifts, skills, weight)",
        ),
        ("    name:", "    name: x\n    name:", "5: seats[1]: name stands here twice"),
        ("city: 220100", "city: [220100]", "6: seats[1] (8001).city: must be a single value"),
    ],
)
def test_each_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert GOOD.count(old) == 1
    assert fault in faults_of(tmp_path, GOOD.replace(old, new))


FULL = """\
groups: [family, labour]
seats:
  - number: 8901
    name: 省级一席
    level: provincial
    skills: {family: 5, labour: 2}
    weight: 3
    shifts:
      - {days: [mon, tue], from: "08:30", to: "17:30"}
      - {days: [holiday], from: 22:00, to: 06:00}
"""


def test_levels_weight_and_shifts_of_a_seat_are_read(tmp_path: Path) -> None:
    path = tmp_path / "seats.yaml"
    path.write_text(FULL, encoding="utf-8")
    [seat] = load_seats(path)
    assert seat.skills == {"family", "labour"}
    assert (seat.levels, seat.weight) == ({"family": 5, "labour": 2}, 3)
    assert seat.shifts == (
        Shift(8 * 60 + 30, 17 * 60 + 30, frozenset({0, 1})),
        Shift(22 * 60, 30 * 60, kinds=frozenset({DayKind.HOLIDAY})),
    )


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("family: 5", "family: 6", "6: seats[1] (8901).skills.family: '6' is no whole number"),
        ("family: 5", "family: ５", "6: seats[1] (8901).skills.family: '５' is no whole number"),
        ("family: 5", "dogs: 5", "6: seats[1] (8901).skills: 'dogs' is not among the groups"),
        ("{family: 5, labour: 2}", "{}", "6: seats[1] (8901).skills: is empty"),
        ("weight: 3", "weight: 0", "7: seats[1] (8901).weight: '0' is no whole number from 1"),
        ("weight: 3", "weight: [1]", "7: seats[1] (8901).weight: must be a single value"),
        ("mon, tue", "mon, 周二", "9: seats[1] (8901).shifts[1].days: '周二' is none of mon, "),
        ("mon, tue", "", "9: seats[1] (8901).shifts[1].days: names no day"),
        ('"08:30"', "8:30", "9: seats[1] (8901).shifts[1].from: '8:30' is no time like 08:30"),
        ('"08:30"', "24:01", "9: seats[1] (8901).shifts[1].from: '24:01' is no time like 08:30"),
        ('"17:30"', "08:30", "9: seats[1] (8901).shifts[1].from: is no time at all"),
        ("from: 22:00", "from: 24:00", "10: seats[1] (8901).shifts[2].from: is no time at all"),
        (", to: 06:00", "", "10: seats[1] (8901).shifts[2]: to is missing"),
        ("days: [holiday]", "days: holiday", "10: seats[1] (8901).shifts[2].days: must be a list"),
        ("  - {days: [mon", "  x: {days: [mon", "9: seats[1] (8901).shifts: must be a list"),
    ],
)
def test_a_wrong_level_weight_or_shift_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    assert FULL.count(old) == 1
    text = FULL.replace(old, new)
    if new.startswith("  x:"):
        text = text[: text.index("      - {days: [holiday")]
    assert any(found.startswith(fault) for found in faults_of(tmp_path, text))


def test_no_shift_at_all_is_not_written_as_an_empty_list(tmp_path: Path) -> None:
    text = FULL[: FULL.index("      - {days: [mon")].replace("shifts:", "shifts: []")
    assert faults_of(tmp_path, text) == [
        "8: seats[1] (8901).shifts: is empty: leave it out for a seat that is on duty always"
    ]


def test_all_faults_are_told_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    bad = GOOD.replace("8001", "x").replace("220100", "1").replace("ko-KR", "KO")
    assert [fault.split(":")[0] for fault in faults_of(tmp_path, bad)] == ["3", "6", "8"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"", "1: file: is empty"),
        (b"\xff\xfe\x00", "1: file: is not UTF-8 text"),
        (b"a: b\n" * 2_000_000, "1: file: is larger than the limit of 200,000 bytes"),
        ("座".encode() * 70_000, "1: file: is larger than the limit of 200,000 bytes"),
        (b"seats: [", "1: yaml: expected the node content, but found '<stream end>'"),
        (b"a: 1\nb: 'x\n", "3: yaml: found unexpected end of stream"),
        (b"a: \x07", "1: yaml: is not YAML: unacceptable character #x0007: "),
        (b"[" * 700, "1: yaml: is not YAML: maximum recursion depth exceeded"),
        (b"- 1", "1: file: must be a table of keys and values"),
        (b"groups: []\nseats: []\n", "2: seats: names no seat"),
        (b"groups: []\n", "1: file: seats is missing"),
        (b"groups: [a]\nseats: [x]\n", "2: seats[1]: must be a table of keys and values"),
    ],
)
def test_a_file_that_is_no_roster_is_said_to_be_none(
    tmp_path: Path, text: bytes, fault: str
) -> None:
    assert any(found.startswith(fault) for found in faults_of(tmp_path, text))


def test_a_missing_file_is_a_fault_like_any_other(tmp_path: Path) -> None:
    with pytest.raises(FileFaults, match=r"gone.yaml:1: file: cannot be read: No such file"):
        load_seats(tmp_path / "gone.yaml")
