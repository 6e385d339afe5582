"""Changing the province: what is written where, what is refused, and who is named for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcenter.documents.desk import Refused
from callcenter.documents.folder import DocumentChanged
from callcenter.province import CALENDAR, SEATS, load_province
from callcenter.settings import DEMO_PROVINCE
from reports import audit
from tests.callcenter.documents.desk_here import NOW, here


async def test_the_first_change_is_made_in_a_copy_of_the_demo_province(tmp_path: Path) -> None:
    packaged = {file.name: file.read_bytes() for file in DEMO_PROVINCE.glob("*.yaml")}
    async with here(tmp_path) as one:
        assert one.folder.path == DEMO_PROVINCE and one.folder.mark() is None
        await one.change(SEATS, one.text(SEATS).replace("长春一席", "长春首席"))
        assert one.settings.province == tmp_path / "home" / "province"
        assert load_province(one.settings.province).seats[0].name == "长春首席"
        assert one.told == 1
        first = one.folder.mark()
        assert first is not None
        await one.change(SEATS, one.text(SEATS).replace("长春首席", "长春一席"))
        assert one.folder.mark() != first
        (entry, _) = await audit.entries(one.store)
        kept = sorted(file.name for file in (one.settings.province / ".kept").iterdir())
    assert {file.name: file.read_bytes() for file in DEMO_PROVINCE.glob("*.yaml")} == packaged
    assert (entry.by, entry.action, entry.subject) == ("李梅", "province.seats", SEATS)
    assert (entry.at, entry.reason, entry.before) == (NOW, "试行", "改了名称")
    assert len(kept) == 2 and all(name.startswith("seats-20261122T060000-") for name in kept)


async def test_who_did_not_see_the_newest_text_changes_nothing(tmp_path: Path) -> None:
    async with here(tmp_path) as one:
        old = one.folder.read(SEATS).revision
        await one.change(SEATS, one.text(SEATS).replace("长春一席", "甲"))
        with pytest.raises(DocumentChanged):
            await one.change(SEATS, one.text(SEATS).replace("甲", "乙"), revision=old)
        assert "甲" in one.text(SEATS) and one.told == 1
        assert len(await audit.entries(one.store)) == 1


async def test_what_would_break_the_province_is_refused_whole(tmp_path: Path) -> None:
    async with here(tmp_path) as one:
        broken = one.text(SEATS).replace("skills: [labour, general]\n", "skills: [labor]\n")
        with pytest.raises(Refused) as refused:
            await one.change(SEATS, broken)
        assert refused.value.faults == (
            "seats.yaml:44: seats[7] (8902).skills: 'labor' is not among the groups",
        )
        assert one.settings.province == DEMO_PROVINCE and one.told == 0
        assert await audit.entries(one.store) == []


async def test_a_group_that_flows_or_policy_name_cannot_go_unnoticed(tmp_path: Path) -> None:
    async with here(tmp_path) as one:
        without = one.text(SEATS).replace("  labour: 劳动劳务\n", "").replace("labour, ", "")
        with pytest.raises(Refused) as refused:
            await one.change(SEATS, without.replace(", labour", ""))
        assert any("routing.yaml" in fault for fault in refused.value.faults)
        assert "labour" in await one.desk.groups_in_flows()


async def test_a_fault_that_was_there_before_keeps_nobody_from_mending(tmp_path: Path) -> None:
    async with here(tmp_path) as one:
        await one.change(SEATS, one.text(SEATS).replace("长春一席", "甲"))
        calendar = one.settings.province / CALENDAR
        calendar.write_text(calendar.read_text("utf-8").replace("Asia/Shanghai", "Nowhere"))
        await one.change(SEATS, one.text(SEATS).replace("甲", "乙"))
        assert "乙" in one.text(SEATS)
