"""From a file to the callers: on SQLite, and with files that nobody should submit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callcenter.flows.desk import FlowDesk
from reports.store import DatabaseAway, Store
from tests.callcenter.flow_desk_contract import LI, FlowDeskContract, faults, live, submit
from tests.callcenter.flow_texts import aid_text, check_of, files, main_text
from tests.new_database import upgraded


class TestSqlite(FlowDeskContract):
    @pytest.fixture
    def address(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/facts.db"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[FlowDesk]:
    async with Store(f"sqlite:///{tmp_path}/facts.db") as store:
        await upgraded(store)
        yield FlowDesk(store, check_of({"hello_again"}), files=files(tmp_path / "flows"))


BAD = {
    "huge": (b"flow: main\n" + b"#" * 10_000_000, "new.yaml:1: file: is larger than the limit of"),
    "binary": (bytes(range(256)) * 20, "new.yaml:2: file: is not UTF-8"),
    "empty": (b"\n", "new.yaml:1: file: is empty"),
    "half a character": ("flow: 主".encode()[:-1], "new.yaml:1: file: is not UTF-8 text"),
    "not yaml": (b"flow: main\nsteps: [", "new.yaml:2: file: is not YAML"),
    "a list": (b"- flow\n", "new.yaml:1: file: should be a mapping"),
    "no name": (b"version: 1\nsteps: {}\n", "new.yaml:1: flow: is missing"),
    "a path for a name": (b"flow: ../main\n", "new.yaml:1: flow: should be a name"),
    "no such step": (
        main_text(2).replace("next: menu", "next: menue").encode(),
        "new.yaml:6: steps.greeting.next: there is no step menue",
    ),
    "no such flow": (
        main_text(2, go_to="aid").encode(),
        "new.yaml:8: steps.one.flow: there is no flow aid",
    ),
    "a prompt without audio": (
        main_text(2, say="hello_again").encode(),
        "new.yaml:6: steps.greeting.say: the prompt hello_again has no audio",
    ),
    "a number that was there": (
        main_text(1).encode(),
        "new.yaml:2: version: is 1, but the next one of main is 2",
    ),
}


@pytest.mark.parametrize("kind", BAD)
async def test_a_bad_file_is_refused_with_its_line_and_nothing_is_kept(
    desk: FlowDesk, kind: str
) -> None:
    raw, told = BAD[kind]
    found = await faults(desk.submit(raw, shown="new.yaml", author=LI, note="x"))
    assert any(one.startswith(told) for one in found), found
    assert await desk.store.newest() is None


async def test_all_faults_of_a_text_are_told_at_once(desk: FlowDesk) -> None:
    text = main_text(7).replace("group: general", "group: nobody").replace("hangup", "sing")
    found = await faults(submit(desk, text))
    assert [one.split(":")[1] for one in found] == ["2", "9", "10"]


async def test_warnings_are_told_and_refuse_nothing(desk: FlowDesk) -> None:
    keys = ", ".join(f'"{n}": one' for n in range(1, 8))
    many = main_text(2).replace('"1": one', keys).replace("say: choose", "say: hello")
    found = await faults(submit(desk, many))
    assert any("warning" in one for one in found)
    done = await submit(desk, aid_text())
    assert [str(fault) for fault in done.faults] == [
        "new.yaml:1: flow: warning: no flow goes to this one, and calls begin in main"
    ]
    assert not done.is_held_back


async def test_faults_that_a_newer_program_finds_can_be_mended_flow_by_flow(
    tmp_path: Path,
) -> None:
    async with Store(f"sqlite:///{tmp_path}/facts.db") as store:
        await upgraded(store)
        folder = files(tmp_path / "flows")
        earlier = FlowDesk(store, check_of(), files=folder)
        await live(earlier, aid_text().replace("group: labour", "group: labour, say: hello_again"))
        await live(earlier, main_text(2, go_to="aid", say="hello_again"))
        newer = FlowDesk(store, check_of({"hello_again"}), files=folder)
        await submit(newer, main_text(3, go_to="aid"))
        await newer.review("main", 3, by="王强")
        done = await newer.publish("main", 3, by="王强", note="改正")
        assert done.is_held_back
        assert (await newer.book()).releases[-1].flows == {"main": 3, "aid": 1}
        await submit(newer, aid_text(2))
        await newer.review("aid", 2, by="王强")
        done = await newer.publish("aid", 2, by="王强", note="改正")
        assert done.faults == ()
        # back to what has more faults than what is in force now
        told = await faults(newer.rollback(1, by="王强"))
        assert told == ["aid.yaml:6: steps.p.say: the prompt hello_again has no audio"]


async def test_nothing_is_done_while_the_database_is_away(tmp_path: Path) -> None:
    async with Store(f"sqlite:///{tmp_path}/none.db") as store:
        desk = FlowDesk(store, check_of(), files=files(tmp_path / "flows"))
        for work in (submit(desk, main_text(2)), desk.book(), desk.store.newest()):
            with pytest.raises(DatabaseAway):
                await work
