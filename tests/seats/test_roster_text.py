"""A changed roster in the text of seats.yaml: what it says, and what of the text stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from seats.calendar import DAY_MIN, DayKind
from seats.roster import Roster, load_roster
from seats.roster_text import with_roster
from seats.seat import Level, Seat
from seats.shift import Shift
from tests.thoroughness import tries

DEMO = Path(__file__).parents[2] / "callcenter" / "demo" / "province" / "seats.yaml"
TEXT = DEMO.read_text("utf-8")
FILE = Path("seats.yaml")


def read(text: str) -> Roster:
    return load_roster(FILE, text.encode())


def test_what_has_not_changed_keeps_its_own_lines() -> None:
    text = TEXT.replace("  - number: 8002\n", "  # 二席周五不在\n  - number: 8002\n")
    roster = read(text)
    first, *others = roster.seats
    changed = replace(first, name="长春首席", levels={"family": 5, "labour": 2})
    new = with_roster(text, Roster(roster.groups, (changed, *others)))
    assert read(new).seats == (replace(changed, levels={**changed.levels, "general": 3}), *others)
    assert "skills: {family: 5, labour: 2, general: 3}" in new
    lost = set(text.splitlines()) - set(new.splitlines())
    assert lost == {"    name: 长春一席", "    skills: [family, labour, general]"}


def test_seats_come_and_go_and_keep_the_order_given() -> None:
    roster = read(TEXT)
    night = Shift(22 * 60, DAY_MIN + 6 * 60, frozenset({0, 6}), frozenset({DayKind.HOLIDAY}))
    new_one = Seat(
        number="8004",
        level=Level.MUNICIPAL,
        city="220100",
        skills=frozenset({"labour"}),
        languages=frozenset({"ko-KR"}),
        name="长春 (夜)",
        weight=7,
        shifts=(night, Shift(0, DAY_MIN, frozenset({3}))),
    )
    seats = (*roster.seats[:2], new_one, *roster.seats[4:])
    text = with_roster(TEXT, Roster(roster.groups, seats))
    assert read(text).seats == seats
    assert with_roster(text, Roster(roster.groups, seats)) == text
    assert text.startswith("".join(TEXT.splitlines(keepends=True)[:2]))


def test_groups_get_titles_and_other_parts_of_the_file_stay() -> None:
    roster = read(TEXT)
    titles = {**roster.groups, "family": "家事(婚姻)", "labour": "劳动"}
    new = with_roster(TEXT, Roster(titles, roster.seats))
    assert dict(read(new).groups) == titles
    assert read(new).seats == roster.seats and read(new).supervisors == roster.supervisors
    again = with_roster(new, Roster({name: name for name in titles}, roster.seats))
    assert "groups: [family, labour, contract, general, service]" in again


def test_a_file_on_one_line_is_written_out() -> None:
    text = (
        "{groups: [a], seats: [{number: '801', name: 甲, level: provincial, skills: [a]},"
        " {number: '0802', name: 乙, level: provincial, skills: [a]}]}"
    )
    roster = read(text)
    changed = replace(roster.seats[1], weight=2)
    new = with_roster(text, Roster(roster.groups, (roster.seats[0], changed)))
    assert read(new).seats == (roster.seats[0], changed)


shifts = st.builds(
    lambda start, length, weekdays, kinds: Shift(start, start + length, weekdays, kinds),
    st.integers(0, DAY_MIN - 1),
    st.integers(1, DAY_MIN - 1),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.frozensets(st.sampled_from(DayKind)),
)
seats = st.builds(
    lambda number, skills, name, levels, weight, of: Seat(
        number=str(number),
        level=Level.PROVINCIAL,
        city=None,
        skills=frozenset(skills),
        languages=frozenset({"zh-CN"}),
        name=name,
        levels={group: levels for group in skills} if levels != 3 else {},
        weight=weight,
        shifts=tuple(of),
    ),
    st.integers(10_000, 999_999),
    st.sets(st.sampled_from(["family", "labour", "general"]), min_size=1),
    st.from_regex(r"\A[\w \-()()]{1,20}\Z"),
    st.integers(1, 5),
    st.integers(1, 100),
    st.lists(shifts, max_size=3),
)


@settings(deadline=None, max_examples=tries(40))
@given(st.lists(seats, max_size=5, unique_by=lambda seat: seat.number))
def test_whatever_is_written_is_read_back(more: list[Seat]) -> None:
    roster = read(TEXT)
    new = (*roster.seats, *more)
    assert read(with_roster(TEXT, Roster(roster.groups, new))).seats == new
