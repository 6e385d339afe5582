"""What every database must do for flows; on SQLite here, on a real PostgreSQL in tests/real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest

from callcenter.flows.desk import Done, FlowDesk
from ivr_flows.book import MoveRefused
from ivr_flows.load import FlowsRefused
from reports.store import Store
from tests.callcenter.flow_texts import aid_text, check_of, files, main_text
from tests.new_database import upgraded

LI, WANG, ZHAO = "李梅", "王强", "赵云"


async def submit(desk: FlowDesk, text: str, author: str = LI) -> Done:
    return await desk.submit(text.encode(), shown="new.yaml", author=author, note="改词")


async def live(desk: FlowDesk, text: str) -> int:
    """Submitted, reviewed and published: the release it became."""
    version = (await submit(desk, text)).change.version
    assert version
    await desk.review(version.flow, version.version, by=WANG)
    done = await desk.publish(version.flow, version.version, by=WANG, note="上线")
    assert done.change.release
    return done.change.release.release


async def heard(desk: FlowDesk) -> dict[str, int]:
    return (await desk.book()).releases[-1].flows


async def refusal(work: Awaitable[Any]) -> str:
    with pytest.raises(MoveRefused) as caught:
        await work
    return caught.value.reason


async def faults(work: Awaitable[Any]) -> list[str]:
    with pytest.raises(FlowsRefused) as caught:
        await work
    return [str(fault) for fault in caught.value.faults]


class FlowDeskContract:
    """Subclasses give a fixture `address`: DATABASE_URL of an empty database for each test."""

    @pytest.fixture
    async def store(self, address: str) -> AsyncIterator[Store]:
        async with Store(address) as store:
            await upgraded(store)
            yield store

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return files(tmp_path / "flows")

    @pytest.fixture
    def desk(self, store: Store, folder: Path) -> FlowDesk:
        return FlowDesk(store, check_of(), files=folder)

    async def test_the_files_are_in_force_until_something_is_published(
        self, desk: FlowDesk
    ) -> None:
        assert await desk.store.newest() is None
        assert await heard(desk) == {"main": 1}
        assert await desk.text("main", 1) == main_text()
        await submit(desk, main_text(2))
        assert await heard(desk) == {"main": 1}
        newest = await desk.store.newest()
        assert newest and newest[0] == 0
        kept = await desk.store.release(0)
        assert kept and kept[1] == {"main": main_text()}

    async def test_a_text_goes_live_beside_the_others_and_comes_back_as_it_was(
        self, desk: FlowDesk
    ) -> None:
        assert await live(desk, aid_text()) == 1
        text = main_text(2, go_to="aid") + "# 附注\n"
        assert await live(desk, text) == 2
        kept = await desk.store.release(2)
        assert kept
        release, texts = kept
        assert (release.flows, release.by, release.note) == ({"main": 2, "aid": 1}, WANG, "上线")
        assert texts == {"main": text, "aid": aid_text()}
        assert await desk.store.newest() == (2, release.at)
        assert await desk.store.release(3) is None
        version = (await desk.book()).versions["main", 2]
        assert (version.author, version.reviewer, version.state) == (LI, WANG, "published")
        assert version.decided_at and version.created_at <= version.decided_at

    async def test_every_move_is_in_the_log(self, desk: FlowDesk) -> None:
        await live(desk, main_text(2))
        await desk.rollback(by=ZHAO)
        await desk.withdraw("main", 2, by=LI, note="作废")
        told = [(e.by, e.move, e.version, e.release) for e in await desk.store.log()]
        assert told[::-1] == [
            (LI, "submit", 2, None),
            (WANG, "review", 2, None),
            (WANG, "publish", 2, 1),
            (ZHAO, "rollback", None, 2),
            (LI, "withdraw", 2, None),
        ]
        assert len(await desk.store.log(limit=2)) == 2

    async def test_rolling_back_and_withdrawing_change_what_is_heard(self, desk: FlowDesk) -> None:
        await live(desk, main_text(2))
        await live(desk, main_text(3))
        done = await desk.rollback(by=ZHAO, note="退回")
        assert done.change.release and done.change.release.since == 1
        assert await heard(desk) == {"main": 2}
        await desk.withdraw("main", 2, by=ZHAO, note="有误")
        assert await heard(desk) == {"main": 3}
        assert await refusal(desk.rollback(1, by=ZHAO)) == "withdrawn"

    async def test_what_may_not_be_done_is_refused_and_nothing_is_written(
        self, desk: FlowDesk
    ) -> None:
        await submit(desk, main_text(2))
        assert await refusal(desk.review("main", 2, by=LI)) == "own_text"
        assert await refusal(desk.publish("main", 2, by=WANG, note="x")) == "wrong_state"
        assert await refusal(desk.publish("main", 7, by=WANG, note="x")) == "not_found"
        assert await refusal(desk.rollback(by=WANG)) == "nothing_before"
        assert await refusal(desk.text("main", 9)) == "not_found"
        # the only version of the flow that every call begins with
        assert (await faults(desk.withdraw("main", 1, by=WANG, note="x")))[0].endswith(
            "does not exist"
        )
        assert [entry.move for entry in await desk.store.log()] == ["submit"]

    async def test_of_two_who_publish_at_once_one_wins(
        self, desk: FlowDesk, address: str, folder: Path
    ) -> None:
        await submit(desk, main_text(2))
        await submit(desk, aid_text())
        for flow, version in (("main", 2), ("aid", 1)):
            await desk.review(flow, version, by=WANG)
        async with Store(address) as second:
            other = FlowDesk(second, check_of(), files=folder)
            both = await asyncio.gather(
                desk.publish("main", 2, by=WANG, note="a", seen=0),
                other.publish("aid", 1, by=ZHAO, note="b", seen=0),
                return_exceptions=True,
            )
        (refused,) = [one for one in both if isinstance(one, MoveRefused)]
        assert refused.reason == "conflict"
        assert "刚刚完成了第 1 次发布" in str(refused)
        book = await desk.book()
        assert [one.release for one in book.releases] == [0, 1]
        states = sorted(book.versions[key].state for key in (("main", 2), ("aid", 1)))
        assert states == ["in_review", "published"]

    async def test_of_two_who_submit_at_once_both_get_a_number_or_a_line(
        self, desk: FlowDesk, address: str, folder: Path
    ) -> None:
        async with Store(address) as second:
            other = FlowDesk(second, check_of(), files=folder)
            both = await asyncio.gather(
                submit(desk, main_text(2)), submit(other, main_text(2)), return_exceptions=True
            )
        assert sum(isinstance(one, Done) for one in both) == 1
        (refused,) = [one for one in both if not isinstance(one, Done)]
        assert isinstance(refused, MoveRefused | FlowsRefused)
        assert len((await desk.book()).versions) == 2

    async def test_a_comparison_is_with_what_is_in_force_or_was_before(
        self, desk: FlowDesk
    ) -> None:
        await live(desk, main_text(2, say="[hello, hello_again]"))
        one = await desk.compare("main", None, 2)
        assert (one.old, one.new) == (1, 2)
        words = "步骤 greeting：提示语 hello 改为 hello、hello_again"
        assert [each.words for each in one.words] == [words]
        assert sum(line[:1] in "+-" for line in one.lines[2:]) == 4
        assert (await desk.compare("main", 2, 1)).new == 1
        await submit(desk, aid_text())
        new = await desk.compare("aid", None, 1)
        assert new.old is None
        assert [each.kind for each in new.words] == ["flow"]

    async def test_a_fault_that_only_the_whole_shows_keeps_a_release_from_being_made(
        self, desk: FlowDesk
    ) -> None:
        await live(desk, aid_text())
        await live(desk, main_text(2, go_to="aid"))
        told = await faults(desk.withdraw("aid", 1, by=WANG, note="x"))
        assert told == ["main.yaml:8: steps.one.flow: there is no flow aid"]
        assert await heard(desk) == {"aid": 1, "main": 2}
        await desk.rollback(0, by=WANG)
        assert await heard(desk) == {"main": 1}
