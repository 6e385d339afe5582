"""Seats as rows of a table: what is wrong with them, at the field, and what changes in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

from callcenter.documents import words
from callcenter.documents.rows import FieldFault, GroupRow, SeatRow, ShiftRow, SkillRow
from callcenter.documents.shift_words import NotUnderstood, days_of, shift_of, told
from seats.places import seat_places
from seats.roster import BEST_LEVEL, GROUP, LANGUAGE, MOST_WEIGHT, NAME, NUMBER, TITLE, Roster
from seats.roster_text import clock, clock_end
from seats.seat import USUAL_LEVEL, Level, Seat
from seats.shift import Shift
from seats.shift_file import MOST_SHIFTS

MOST_SEATS: Final = 2000
_MakeFault = Callable[[str, str, str], FieldFault]


def row_of(seat: Seat, groups: Iterable[str]) -> SeatRow:
    """A seat as a row; its skills in the order of the groups."""
    return SeatRow(
        number=seat.number,
        name=seat.name,
        level=str(seat.level),
        city=seat.city,
        skills=[
            SkillRow(group=group, level=seat.levels.get(group, USUAL_LEVEL))
            for group in groups
            if group in seat.skills
        ],
        languages=sorted(seat.languages, key=lambda one: (one != "zh-CN", one)),
        weight=seat.weight,
        shifts=[
            ShiftRow(days=days_of(one), start=clock(one.start), end=clock_end(one.end))
            for one in seat.shifts
        ],
    )


def seat_of(row: SeatRow) -> Seat:
    """The seat that a row without faults stands for."""
    levels = {one.group: one.level for one in row.skills}
    is_usual = all(level == USUAL_LEVEL for level in levels.values())
    return Seat(
        number=row.number,
        level=Level(row.level),
        city=row.city,
        skills=frozenset(levels),
        languages=frozenset(row.languages),
        name=row.name,
        levels={} if is_usual else levels,
        weight=row.weight,
        shifts=tuple(shift_of(one.days, one.start, one.end) for one in row.shifts),
    )


def row_faults(row: SeatRow, groups: Collection[str]) -> Iterator[FieldFault]:
    """All that is wrong with one row by itself."""

    def fault(field: str, error: str, message: str) -> FieldFault:
        return FieldFault(at=row.number, field=field, error=error, message=message)

    if not NUMBER.fullmatch(row.number):
        yield fault("number", "number_form", "坐席号应为 3 到 6 位数字。")
    if not NAME.fullmatch(row.name) or not row.name.strip():
        yield fault("name", "name_form", "名称为 1 到 20 个字，只用文字、数字、空格和括号。")
    if row.level not in words.LEVELS:
        yield fault("level", "level_unknown", "级别应为市级或省级。")
    elif row.level == Level.PROVINCIAL and row.city is not None:
        yield fault("city", "city_of_provincial", "省级坐席不属于任何市州。")
    elif row.level == Level.MUNICIPAL and row.city is None:
        yield fault("city", "city_missing", "市级坐席要选择所属市州。")
    elif row.city is not None and row.city not in seat_places():
        yield fault("city", "city_unknown", "没有这个市州。")
    yield from _skill_faults(row, groups, fault)
    if not row.languages or not all(LANGUAGE.fullmatch(one) for one in row.languages):
        yield fault("languages", "language_unknown", "请选择坐席会说的语种。")
    if not 1 <= row.weight <= MOST_WEIGHT:
        yield fault("weight", "weight_range", f"权重为 1 到 {MOST_WEIGHT}。")
    if len(row.shifts) > MOST_SHIFTS:
        yield fault("shifts", "shifts_many", f"班次最多 {MOST_SHIFTS} 条。")
    for n, shift in enumerate(row.shifts):
        try:
            shift_of(shift.days, shift.start, shift.end)
        except NotUnderstood as wrong:
            yield fault(f"shifts.{n}", "shift_form", str(wrong))


def _skill_faults(row: SeatRow, groups: Collection[str], fault: _MakeFault) -> Iterator[FieldFault]:
    named = [one.group for one in row.skills]
    if not named:
        yield fault("skills", "skills_empty", "至少选择一个事项，否则不会有来电。")
    if unknown := [group for group in named if group not in groups]:
        yield fault("skills", "skill_unknown", f"没有这个事项：{unknown[0]}。")
    if len(set(named)) < len(named):
        yield fault("skills", "skill_twice", "同一事项写了两次。")
    if not all(1 <= one.level <= BEST_LEVEL for one in row.skills):
        yield fault("skills", "skill_level", f"技能等级为 1 到 {BEST_LEVEL}，{BEST_LEVEL} 最高。")


def roster_faults(
    rows: Iterable[SeatRow], groups: Iterable[GroupRow], *, reserved: Collection[str]
) -> Iterator[FieldFault]:
    """All that is wrong with seats and groups together; `reserved`: numbers of other telephones."""
    rows, groups = list(rows), list(groups)
    names = [group.name for group in groups]
    yield from _group_faults(groups)
    seen: set[str] = set()
    for row in rows:
        yield from row_faults(row, names)
        if row.number in seen or row.number in reserved:
            whose = "班长话机" if row.number in reserved else "另一坐席"
            message = f"{row.number} 已是{whose}的号码。"
            yield FieldFault(at=row.number, field="number", error="number_taken", message=message)
        seen.add(row.number)
    if not rows:
        yield FieldFault(at="", field="", error="no_seat", message="至少要有一个坐席。")
    if len(rows) > MOST_SEATS:
        yield FieldFault(at="", field="", error="too_many", message=f"最多 {MOST_SEATS} 个坐席。")
    served = {skill.group for row in rows if row.level == Level.PROVINCIAL for skill in row.skills}
    for group in groups:
        if group.name not in served:
            message = f"没有省级坐席办理“{group.title}”，来电可能无人可接。"
            yield FieldFault(at=group.name, field="groups", error="uncovered", message=message)


def _group_faults(groups: list[GroupRow]) -> Iterator[FieldFault]:
    seen: set[str] = set()
    for group in groups:
        if not GROUP.fullmatch(group.name):
            yield FieldFault(
                at=group.name,
                field="name",
                error="group_name",
                message="代号用小写字母开头，只含小写字母、数字和下划线，最多 32 个。",
            )
        elif group.name in seen:
            yield FieldFault(
                at=group.name, field="name", error="group_twice", message="代号与另一事项相同。"
            )
        if not TITLE.fullmatch(group.title):
            message = "名称为 1 到 12 个字，只用文字、数字和括号。"
            yield FieldFault(at=group.name, field="title", error="group_title", message=message)
        seen.add(group.name)


def differences(before: Roster, after: Roster) -> tuple[str, ...]:
    """What changes, in words, seat by seat and group by group."""
    titles = {**before.groups, **after.groups}
    old = {seat.number: seat for seat in before.seats}
    new = {seat.number: seat for seat in after.seats}
    found = [f"新增坐席 {number}（{new[number].name}）" for number in new if number not in old]
    found += [f"删除坐席 {number}（{old[number].name}）" for number in old if number not in new]
    for number, seat in new.items():
        if number in old and old[number] != seat:
            said = "，".join(_seat_differences(old[number], seat, titles))
            found.append(f"{number} {said}")
    for group, title in after.groups.items():
        if group not in before.groups:
            found.append(f"新增事项 {title}（{group}）")
        elif before.groups[group] != title:
            found.append(f"事项 {group} 改称“{title}”")
    found += [f"删除事项 {t}（{g}）" for g, t in before.groups.items() if g not in after.groups]
    return tuple(found)


def _seat_differences(old: Seat, new: Seat, titles: Mapping[str, str]) -> Iterator[str]:
    pairs = (
        ("名称", old.name, new.name),
        ("级别", words.LEVELS[old.level], words.LEVELS[new.level]),
        ("市州", words.place(old.city), words.place(new.city)),
        ("技能", _skills_told(old, titles), _skills_told(new, titles)),
        ("语种", _languages_told(old), _languages_told(new)),
        ("权重", str(old.weight), str(new.weight)),
        ("班次", _shifts_told(old.shifts), _shifts_told(new.shifts)),
    )
    for what, was, becomes in pairs:
        if was != becomes:
            yield f"{what}：{was} → {becomes}"


def _skills_told(seat: Seat, titles: Mapping[str, str]) -> str:
    def level(group: str) -> str:
        how = seat.levels.get(group, USUAL_LEVEL)
        return str(how) if how != USUAL_LEVEL else ""

    order = [group for group in titles if group in seat.skills]
    return "、".join(f"{titles[group]}{level(group)}" for group in order)


def _languages_told(seat: Seat) -> str:
    return "、".join(map(words.language, sorted(seat.languages, reverse=True)))


def _shifts_told(shifts: tuple[Shift, ...]) -> str:
    return told(shifts) or "不限"
