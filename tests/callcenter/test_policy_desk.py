"""Routing policies on SQLite, bad ones, what they change in words, and who takes them up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from callcenter.flows.copies import ReleaseCopies
from callcenter.flows.desk import FlowDesk
from callcenter.flows.policies import Here
from callcenter.flows.policy_words import policy_differences, wait_differences
from callcenter.flows.releases import Releases
from callcenter.flows.store import FlowStore
from reports.store import Store
from seats.longest_wait import Duty
from seats.policy import (
    DEFAULT,
    Assumed,
    CallbackPolicy,
    First,
    GroupPolicy,
    Order,
    Policy,
    Stage,
    When,
    Who,
)
from seats.policy_file import Known
from tests.callcenter.flow_desk_contract import LI, faults, live
from tests.callcenter.flow_texts import check_of, files, main_text, routing_text
from tests.callcenter.policy_desk_contract import (
    HERE,
    SEAT,
    PolicyDeskContract,
    live_policy,
)
from tests.new_database import upgraded


class TestSqlite(PolicyDeskContract):
    @pytest.fixture
    def address(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/facts.db"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(f"sqlite:///{tmp_path}/facts.db") as store:
        await upgraded(store)
        yield store


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> FlowDesk:
    return FlowDesk(store, check_of(here=HERE), files=files(tmp_path / "flows"))


def controller(store: Store, folder: Path, here: Here, told: list[int]) -> Releases:
    found: list[Releases] = []

    def on_policy() -> None:
        published = found[0].published
        told.append(published.policy.version if published else 0)

    found.append(
        Releases(
            FlowStore(store),
            check_of(here=here),
            ReleaseCopies(folder / "releases"),
            files=check_of().flows({"main": main_text()}, release=0),
            in_use=set,
            on_policy=on_policy,
        )
    )
    return found[0]


BAD = {
    "huge": (b"version: 1\n" + b"#" * 10_000_000, "new.yaml:1: file: is larger than the limit"),
    "binary": (bytes(range(256)) * 20, "new.yaml:1: file: is not UTF-8 text"),
    "a character of none": (b"default: \x00\n", "new.yaml:1: yaml: is not YAML"),
    "empty": (b"\n", "new.yaml:1: file: is empty"),
    "half a character": ("default: 主".encode()[:-1], "new.yaml:1: file: is not UTF-8 text"),
    "not yaml": (b"default:\n  stages: [", "new.yaml:2: yaml: "),
    "a list": (b"- default\n", "new.yaml:1: file: must be a table"),
    "a flow": (main_text(2).encode(), "new.yaml:1: file: unknown key 'flow'"),
    "no such line": (
        routing_text(line="bell").encode(),
        "new.yaml:5: default.stages[2].line: 'bell' is not in lines.yaml (oncall)",
    ),
    "nobody": (
        b"version: 1\ndefault: {stages: [{who: city}]}\n",
        "new.yaml:2: default (general): a caller of no known city reaches no seat",
    ),
}


@pytest.mark.parametrize("bad", BAD)
async def test_a_policy_that_nobody_should_submit_is_refused_with_its_line(
    desk: FlowDesk, bad: str
) -> None:
    raw, fault = BAD[bad]
    told = await faults(desk.submit_policy(raw, shown="new.yaml", author=LI, note="x"))
    assert any(one.startswith(fault) for one in told), told
    assert (await desk.book()).versions.keys() == {("main", 1)}


async def test_no_flow_may_take_the_name_of_the_policy(desk: FlowDesk) -> None:
    text = main_text(1).replace("flow: main", "flow: routing")
    told = await faults(desk.submit(text.encode(), shown="new.yaml", author=LI, note="x"))
    assert told == [
        "new.yaml:1: flow: routing is the name of the routing policy: hotline routing submit"
    ]


async def test_a_controller_is_told_of_each_policy_and_of_nothing_else(
    desk: FlowDesk, store: Store, tmp_path: Path
) -> None:
    told: list[int] = []
    releases = controller(store, tmp_path, HERE, told)
    await releases.start()
    assert (told, releases.published) == ([], None)
    await live(desk, main_text(2))
    await releases.look()
    assert told == []
    await live_policy(desk, routing_text(1))
    await releases.look()
    assert told == [1]
    assert releases.published
    assert releases.published.policy.default.stages[1] == Stage(Who.LINE, 30.0, line="oncall")
    assert releases.published.text == routing_text(1)
    await live(desk, main_text(3))
    await releases.look()
    assert told == [1]
    await desk.restore_policy(by="王强")
    await releases.look()
    assert told == [1, 0]
    assert releases.published is None


async def test_a_policy_of_lines_that_are_not_here_is_refused_whole(
    desk: FlowDesk, store: Store, tmp_path: Path
) -> None:
    told: list[int] = []
    lineless = Here(Known((SEAT,), (), ()))
    releases = controller(store, tmp_path, lineless, told)
    await releases.start()
    await live_policy(desk, routing_text(1))
    with capture_logs() as logs:
        await releases.look()
    assert (told, releases.current.release) == ([], 0)
    assert any("'oncall' is not in lines.yaml" in str(log.get("fault")) for log in logs)


async def test_without_the_newest_release_a_start_takes_an_older_ones_policy(
    desk: FlowDesk, store: Store, tmp_path: Path
) -> None:
    await live_policy(desk, routing_text(1, line="oncall"))
    both = Here(Known((SEAT,), ("oncall", "night"), ()))
    other = FlowDesk(store, check_of(here=both), files=tmp_path / "flows")
    await live_policy(other, routing_text(2, line="night"))
    told: list[int] = []
    releases = controller(store, tmp_path, HERE, told)
    await releases.start()
    assert (told, releases.current.release) == ([1], 1)


OLD = Policy(
    default=GroupPolicy((Stage(Who.CITY), Stage(Who.PROVINCIAL, 30.0))),
    groups={"family": GroupPolicy((Stage(Who.CITY),))},
    neighbours={"220100": ("220200",)},
    head_start_s={"elderly": 300.0},
)


def words(new: Policy) -> list[str]:
    return [one.words for one in policy_differences(OLD, new)]


def test_the_same_policy_changes_nothing() -> None:
    assert words(replace(OLD, version=9)) == []


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (replace(OLD, catch_all="labour"), ["兜底组 general 改为 labour"]),
        (
            replace(OLD, neighbours={"220100": ("220200", "220300")}),
            ["邻近市州：长春市 吉林市 改为 吉林市、四平市"],
        ),
        (replace(OLD, neighbours={}), ["邻近市州：长春市 吉林市 改为 无"]),
        (
            replace(OLD, head_start_s={"elderly": 60.0, "own": 1.0}),
            [
                "优先群体提前秒数：老年人 300 改为 60",
                "优先群体提前秒数：own 无 改为 1",
            ],
        ),
        (
            replace(OLD, callback=CallbackPolicy(First.SEAT, 1, end=time(20, 30))),
            [
                "回拨先拨谁 先拨群众 改为 先拨坐席",
                "回拨次数 3 改为 1",
                "回拨最晚时间 21:00 改为 20:30",
            ],
        ),
        (
            replace(OLD, assume=Assumed(1800.0, 9)),
            [
                "最长等候的假定：一次接听秒数 3600 改为 1800",
                "最长等候的假定：同时排队人数 60 改为 9",
            ],
        ),
        (
            replace(OLD, groups={}),
            ["业务组 family 不再单独规定，同其他业务组"],
        ),
        (
            replace(OLD, groups={**OLD.groups, "labour": GroupPolicy((Stage(Who.CITY),))}),
            [
                "业务组 labour 改为单独规定",
                "业务组 labour：取消“30 秒起 省级坐席”",
            ],
        ),
        (
            replace(
                OLD,
                default=GroupPolicy(
                    OLD.default.stages, Order.WEIGHTED, sticky_days=7, language_s=5.0
                ),
            ),
            [
                "其他业务组：坐席次序 空闲最久优先 改为 按权重分派",
                "其他业务组：熟悉的律师 不优先 改为 7 天内通过话的先等 20 秒",
                "其他业务组：先等会说来电语言的坐席秒数 0 改为 5",
            ],
        ),
        (
            replace(
                OLD,
                default=GroupPolicy(
                    (
                        Stage(Who.PROVINCIAL, 20.0),
                        Stage(Who.CITY),
                        Stage(Who.MUNICIPAL, 60.0, When(3, 40.0, 0.2), by_catch_all=True),
                        Stage(Who.CALLBACK, 180.0),
                    )
                ),
            ),
            [
                "其他业务组：“30 秒起 省级坐席”改为“20 秒起 省级坐席”",
                "其他业务组：第 3 档新增“60 秒起 全省市级坐席（兜底组），"
                "仅当排队不少于 3 人且最长已等不少于 40 秒且15 分钟放弃率不低于 0.2”",
                "其他业务组：第 4 档新增“180 秒起 转回拨”",
            ],
        ),
        (
            replace(OLD, default=GroupPolicy(OLD.default.stages[::-1])),
            ["其他业务组：“30 秒起 省级坐席”移到第 1 档"],
        ),
    ],
)
def test_each_change_is_told_in_words(new: Policy, told: list[str]) -> None:
    assert words(new) == told


SEATS = Duty((SEAT,), 15, datetime(2026, 11, 22, tzinfo=UTC))


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (OLD, []),
        (
            replace(OLD, assume=Assumed(1800.0, 2)),
            ["最长等候（general）：61小时33分30秒（按假定） 改为 1小时6分30秒（按假定）"],
        ),
        (
            replace(OLD, default=GroupPolicy((Stage(Who.PROVINCIAL), Stage(Who.MESSAGE, 95.0)))),
            ["最长等候（general）：61小时33分30秒（按假定） 改为 2分"],
        ),
        (
            replace(OLD, groups={"family": GroupPolicy((Stage(Who.CALLBACK),))}),
            ["最长等候（family）：没有上限 改为 0秒"],
        ),
    ],
)
def test_a_change_of_the_longest_wait_is_told(new: Policy, told: list[str]) -> None:
    assert [one.words for one in wait_differences(OLD, new, SEATS)] == told


def test_everything_that_the_program_lays_down_has_words() -> None:
    assert policy_differences(OLD, DEFAULT)
