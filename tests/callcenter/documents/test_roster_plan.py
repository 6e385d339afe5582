"""A change of seats and groups: every fault at its field, what changes in words."""

from __future__ import annotations

import pytest

from callcenter.documents.roster_plan import groups_of, plan_roster, read_roster, rows_of
from callcenter.documents.rows import GroupRow, SeatRow, ShiftRow, SkillRow
from callcenter.settings import DEMO_PROVINCE

TEXT = (DEMO_PROVINCE / "seats.yaml").read_text("utf-8")
ROWS = {row.number: row for row in rows_of(read_roster(TEXT))}
GROUPS = groups_of(read_roster(TEXT))
NIGHT = ShiftRow(days=["mon", "holiday"], start="22:00", end="06:00")


def changed(of: str, /, **fields: object) -> SeatRow:
    return ROWS[of].model_copy(update=fields)


def test_a_change_is_told_in_words_and_written() -> None:
    skills = [SkillRow(group="family", level=5), SkillRow(group="labour", level=3)]
    put = [
        changed(
            "8001", name="长春首席", skills=skills, shifts=[NIGHT], languages=["zh-CN", "ko-KR"]
        ),
        changed("8002", number="8004", weight=2),
        changed("8901", level="municipal", city="cbs"),
    ]
    plan = plan_roster(TEXT, put=put, remove=["8101", "0000"], used={})
    assert plan.faults == ()
    assert plan.words == (
        "新增坐席 8004（长春二席）",
        "删除坐席 8101（吉林市一席）",
        "8001 名称：长春一席 → 长春首席，技能：婚姻家庭、劳动劳务、综合咨询 → 婚姻家庭5、劳动劳务，"
        "语种：普通话 → 普通话、朝鲜语，班次：不限 → 周一、节假日 22:00-06:00",
        "8901 级别：省级 → 市级，市州：全省 → 长白山保护开发区",
    )
    after = {row.number: row for row in rows_of(read_roster(plan.text))}
    assert after["8001"] == put[0] and after["8004"] == put[1] and "8101" not in after
    assert list(after)[-1] == "8004"


@pytest.mark.parametrize(
    ("fields", "field", "error"),
    [
        ({"number": "80"}, "number", "number_form"),
        ({"number": "7001"}, "number", "number_taken"),
        ({"name": "a;b"}, "name", "name_form"),
        ({"name": "  "}, "name", "name_form"),
        ({"level": "市级"}, "level", "level_unknown"),
        ({"city": None}, "city", "city_missing"),
        ({"city": "110000"}, "city", "city_unknown"),
        ({"level": "provincial"}, "city", "city_of_provincial"),
        ({"skills": []}, "skills", "skills_empty"),
        ({"skills": [SkillRow(group="land")]}, "skills", "skill_unknown"),
        ({"skills": [SkillRow(group="family", level=6)]}, "skills", "skill_level"),
        ({"skills": [SkillRow(group="family")] * 2}, "skills", "skill_twice"),
        ({"languages": []}, "languages", "language_unknown"),
        ({"weight": 0}, "weight", "weight_range"),
        (
            {"shifts": [NIGHT, ShiftRow(days=[], start="08:00", end="09:00")]},
            "shifts.1",
            "shift_form",
        ),
        ({"shifts": [ShiftRow(days=["mon"], start="25:00", end="9")]}, "shifts.0", "shift_form"),
        ({"shifts": [NIGHT] * 21}, "shifts", "shifts_many"),
    ],
)
def test_what_is_wrong_is_told_at_the_field(
    fields: dict[str, object], field: str, error: str
) -> None:
    row = changed("8001", **fields)
    plan = plan_roster(TEXT, put=[row], remove=[], used={})
    assert [(one.at, one.field, one.error) for one in plan.faults] == [(row.number, field, error)]
    assert plan.text == TEXT and plan.faults[0].message.endswith("。")


def test_groups_come_and_go_with_their_skills() -> None:
    land = GroupRow(name="land", title="土地征收")
    groups = [group for group in GROUPS if group.name != "service"] + [land]
    skills = [*ROWS["8904"].skills, SkillRow(group="land", level=3)]
    skills = [skill for skill in skills if skill.group != "service"]
    plan = plan_roster(TEXT, put=[changed("8904", skills=skills)], groups=groups, used={})
    assert plan.faults == ()
    assert (
        "新增事项 土地征收（land）" in plan.words and "删除事项 服务办理（service）" in plan.words
    )
    after = read_roster(plan.text)
    assert all("service" not in seat.skills for seat in after.seats)
    assert after.groups["land"] == "土地征收"


def test_a_group_needs_a_provincial_seat_and_stays_while_flows_use_it() -> None:
    land = GroupRow(name="land", title="土地征收")
    plan = plan_roster(TEXT, groups=[*GROUPS, land], used={})
    assert [(one.at, one.error) for one in plan.faults] == [("land", "uncovered")]
    plan = plan_roster(TEXT, groups=GROUPS[1:], used={"family": ["main", "desk"]})
    assert [one.message for one in plan.faults] == [
        "“婚姻家庭”还在语音导航流程 main、desk 中使用，不能删除。"
    ]
    wrong = [GroupRow(name="Land", title="土" * 13), GROUPS[0], *GROUPS]
    plan = plan_roster(TEXT, groups=wrong, used={})
    found = {(one.at, one.error) for one in plan.faults}
    assert found == {
        ("Land", "group_name"),
        ("Land", "group_title"),
        ("family", "group_twice"),
        ("Land", "uncovered"),
    }


def test_numbers_may_not_come_twice_and_somebody_must_stay() -> None:
    twice = [changed("8001", number="8004"), changed("8002", number="8004")]
    plan = plan_roster(TEXT, put=twice, used={})
    assert [(one.at, one.error) for one in plan.faults] == [("8004", "number_taken")]
    plan = plan_roster(TEXT, remove=list(ROWS), used={})
    assert {one.error for one in plan.faults} == {"no_seat", "uncovered"}
