"""What every database must do for routing policies; SQLite here, PostgreSQL in tests/real."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callcenter.flows.desk import Done, FlowDesk
from callcenter.flows.policies import Here
from reports.store import Store
from seats.policy import DEFAULT
from seats.policy_file import Known
from seats.seat import Level, Seat
from tests.callcenter.flow_desk_contract import LI, WANG, ZHAO, faults, heard, live, refusal
from tests.callcenter.flow_texts import check_of, files, main_text, routing_text
from tests.new_database import upgraded

SEAT = Seat("8901", Level.PROVINCIAL, None, frozenset({"general"}), frozenset({"zh-CN"}), "x")
KNOWN = Known((SEAT,), ("oncall",), ("elderly",))
HERE = Here(KNOWN, DEFAULT)


async def submit_policy(desk: FlowDesk, text: str, author: str = LI) -> Done:
    return await desk.submit_policy(text.encode(), shown="new.yaml", author=author, note="放宽")


async def live_policy(desk: FlowDesk, text: str) -> int:
    """Submitted, reviewed and published: the release it became."""
    version = (await submit_policy(desk, text)).change.version
    assert version
    await desk.review("routing", version.version, by=WANG)
    done = await desk.publish("routing", version.version, by=WANG, note="上线")
    assert done.change.release
    return done.change.release.release


class PolicyDeskContract:
    """Subclasses give a fixture `address`: DATABASE_URL of an empty database for each test."""

    @pytest.fixture
    async def store(self, address: str) -> AsyncIterator[Store]:
        async with Store(address) as store:
            await upgraded(store)
            yield store

    @pytest.fixture
    def desk(self, store: Store, tmp_path: Path) -> FlowDesk:
        return FlowDesk(store, check_of(here=HERE), files=files(tmp_path / "flows"))

    async def test_a_policy_is_published_beside_the_flows(self, desk: FlowDesk) -> None:
        assert await live_policy(desk, routing_text()) == 1
        assert await heard(desk) == {"main": 1, "routing": 1}
        kept = await desk.store.release(1)
        assert kept
        assert kept[1] == {"main": main_text(), "routing": routing_text()}
        await live(desk, main_text(2))
        await live_policy(desk, routing_text(2, after_s=60))
        assert await heard(desk) == {"main": 2, "routing": 2}
        assert await desk.text("routing", 1) == routing_text()

    async def test_nobody_reviews_his_own_policy(self, desk: FlowDesk) -> None:
        await submit_policy(desk, routing_text())
        assert await refusal(desk.review("routing", 1, by=LI)) == "own_text"
        assert await refusal(desk.publish("routing", 1, by=WANG, note="x")) == "wrong_state"

    async def test_the_number_must_be_the_next_one(self, desk: FlowDesk) -> None:
        work = submit_policy(desk, routing_text(None))
        assert await faults(work) == [
            "new.yaml:1: version: is missing: the next one of routing is 1"
        ]
        work = submit_policy(desk, "# 说明\n" + routing_text(4))
        assert await faults(work) == ["new.yaml:2: version: is 4, but the next one of routing is 1"]
        assert [key for key in (await desk.book()).versions if key[0] == "routing"] == []

    async def test_the_policy_goes_back_without_the_flows(self, desk: FlowDesk) -> None:
        await live_policy(desk, routing_text(1))
        await live_policy(desk, routing_text(2, after_s=60))
        await live(desk, main_text(2))
        await desk.restore_policy(by=ZHAO)
        assert await heard(desk) == {"main": 2, "routing": 1}
        await desk.restore_policy(by=ZHAO, note="再退")
        assert await heard(desk) == {"main": 2}
        assert await refusal(desk.restore_policy(by=ZHAO)) == "nothing_before"
        await desk.restore_policy(2, by=ZHAO)
        assert await heard(desk) == {"main": 2, "routing": 2}
        newest = (await desk.store.log())[0]
        assert (newest.move, newest.flow, newest.version) == ("rollback", "routing", 2)
        await desk.restore_policy(0, by=ZHAO)
        assert await heard(desk) == {"main": 2}

    async def test_a_release_as_a_whole_goes_back_with_its_policy(self, desk: FlowDesk) -> None:
        await live_policy(desk, routing_text(1))
        await live(desk, main_text(2))
        await desk.rollback(0, by=ZHAO)
        assert await heard(desk) == {"main": 1}
        await desk.rollback(2, by=ZHAO)
        assert await heard(desk) == {"main": 2, "routing": 1}

    async def test_a_withdrawn_policy_gives_way_to_the_one_before(self, desk: FlowDesk) -> None:
        await live_policy(desk, routing_text(1))
        await live_policy(desk, routing_text(2, after_s=60))
        await desk.withdraw("routing", 2, by=ZHAO, note="有误")
        assert await heard(desk) == {"main": 1, "routing": 1}
        assert await refusal(desk.restore_policy(2, by=ZHAO)) == "wrong_state"
        await desk.withdraw("routing", 1, by=ZHAO, note="有误")
        assert await heard(desk) == {"main": 1}

    async def test_a_comparison_is_with_the_province_where_none_was_before(
        self, desk: FlowDesk
    ) -> None:
        await submit_policy(desk, routing_text(1))
        found = await desk.compare("routing", None, 1)
        assert found.old is None
        assert "其他业务组：第 2 档新增“30 秒起 外线 oncall”" in [one.words for one in found.words]
        await desk.review("routing", 1, by=WANG)
        await desk.publish("routing", 1, by=WANG, note="x")
        await submit_policy(desk, routing_text(2, after_s=60))
        found = await desk.compare("routing", None, 2)
        assert (found.old, [one.words for one in found.words]) == (
            1,
            ["其他业务组：“30 秒起 外线 oncall”改为“60 秒起 外线 oncall”"],
        )
        assert [line for line in found.lines if line.startswith("+")][1:] == [
            "+version: 2",
            "+    - {who: line, line: oncall, after_s: 60}",
        ]

    async def test_a_policy_that_this_province_cannot_follow_is_not_brought_back(
        self, desk: FlowDesk, store: Store, tmp_path: Path
    ) -> None:
        await live_policy(desk, routing_text(1))
        await desk.restore_policy(by=ZHAO)
        lineless = Here(Known((SEAT,), (), ("elderly",)))
        later = FlowDesk(store, check_of(here=lineless), files=tmp_path / "flows")
        assert await faults(later.restore_policy(1, by=ZHAO)) == [
            "routing.yaml:5: default.stages[2].line: 'oncall' is not in lines.yaml (empty)"
        ]
        assert await heard(later) == {"main": 1}
