"""What a controller runs with while people publish, the database dies and releases have faults."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from callcenter.flows import releases as module
from callcenter.flows.copies import ReleaseCopies
from callcenter.flows.desk import FlowDesk
from callcenter.flows.releases import Releases
from callcenter.flows.store import FlowStore
from ivr_flows import engine
from ivr_flows.turn import JoinQueue, Key
from reports.schema import upgrade
from reports.store import DatabaseAway, Store
from tests.callcenter.flow_desk_contract import live
from tests.callcenter.flow_texts import check_of, files, main_text
from tests.new_database import upgraded
from tests.reports.made import until


class Town:
    """A database, a desk, and controllers that come and go."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self.store = store
        self.files = files(folder / "flows")
        self.desk = FlowDesk(store, check_of(), files=self.files)
        self.calls: set[int] = set()
        self.database = folder / "facts.db"
        self.stores: list[Store] = []

    async def controller(
        self, name: str = "a", *, silent: Collection[str] = (), start: bool = True
    ) -> Releases:
        store = Store(f"sqlite:///{self.database}")
        self.stores.append(store)
        releases = Releases(
            FlowStore(store),
            check_of(silent),
            ReleaseCopies(self.folder / name / "releases"),
            files=check_of().flows({"main": main_text()}, release=0),
            in_use=lambda: self.calls,
        )
        if start:
            await releases.start()
        return releases

    def database_goes(self) -> None:
        self.database.rename(self.folder / "away")

    def database_comes(self) -> None:
        (self.folder / "away").rename(self.database)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Store(f"sqlite:///{tmp_path}/facts.db") as store:
        await upgraded(store)
        town = Town(tmp_path, store)
        yield town
        for each in town.stores:
            await each.close()


def version(releases: Releases, release: int | None = None) -> int:
    flows = releases.current if release is None else releases.of(release)
    return flows.by_name["main"].version


@contextlib.asynccontextmanager
async def running(releases: Releases) -> AsyncIterator[None]:
    task = asyncio.create_task(releases.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_publishing_and_rolling_back_reach_every_controller_by_themselves(town: Town) -> None:
    one, other = await town.controller("a"), await town.controller("b")
    async with running(one), running(other):
        await live(town.desk, main_text(2))
        await until(lambda: version(one) == version(other) == 2)
        assert (one.current.release, other.current.release) == (1, 1)
        await town.desk.rollback(by="王强")
        await until(lambda: version(one) == version(other) == 1)
        assert (one.current.release, other.current.release) == (2, 2)


async def test_a_call_goes_on_in_the_release_it_began_with(town: Town) -> None:
    releases = await town.controller()
    town.calls = {0}
    before = engine.start(releases.of(0), {})
    await live(town.desk, main_text(2, say="hello_again"))
    await releases.look()
    assert engine.start(releases.current, {}).say == ("hello_again", "choose")
    after = engine.resume(releases.of(0), before.session, Key("1"), {})
    assert (after.say, after.act, after.fault) == (("hello",), JoinQueue("general"), None)
    assert after.session.version == 1


async def test_a_release_is_let_go_when_its_last_call_has_ended(town: Town) -> None:
    releases = await town.controller()
    for number in (2, 3):
        await live(town.desk, main_text(number))
        await releases.look()
    town.calls = {1}
    async with running(releases):
        await until(lambda: releases.kept == 2)
        assert version(releases, 1) == 2
        copies = ReleaseCopies(town.folder / "a" / "releases")
        assert sorted(copies.numbers()) == [1, 2]
        town.calls = set()
        await until(lambda: releases.kept == 1)
    assert copies.numbers() == [2]


async def test_a_restarted_controller_has_the_release_of_its_calls(town: Town) -> None:
    for number in (2, 3):
        await live(town.desk, main_text(number))
    town.calls = {0, 1}
    releases = await town.controller()
    assert [version(releases, one) for one in (0, 1, 2)] == [1, 2, 3]
    assert version(releases) == 3


async def test_without_a_database_a_controller_starts_with_what_it_ran_with(town: Town) -> None:
    first = await town.controller()
    town.calls = {1}
    for number in (2, 3):
        await live(town.desk, main_text(number))
        await first.look()
    town.database_goes()
    with capture_logs() as logs:
        again = await town.controller()
    assert (version(again), again.current.release, version(again, 1)) == (3, 2, 2)
    assert [each["log_level"] for each in logs] == ["warning", "info"]
    town.database_comes()
    await again.look()
    assert again.is_up
    assert version(again) == 3


async def test_a_new_controller_without_a_database_runs_the_files(town: Town) -> None:
    await live(town.desk, main_text(2))
    town.database_goes()
    releases = await town.controller()
    assert (version(releases), releases.is_up) == (1, False)
    town.database_comes()
    await releases.look()
    assert (version(releases), releases.is_up) == (2, True)


async def test_a_release_that_cannot_be_had_costs_no_call(town: Town) -> None:
    await live(town.desk, main_text(2))
    town.calls = {7}
    with capture_logs() as logs:
        releases = await town.controller()
    assert releases.of(7) is releases.current
    assert releases.missing == 1
    assert [each["release"] for each in logs if each["log_level"] == "error"] == [7]
    # a call that stood in a step of another version meets an apology and a person
    old = check_of().flows({"main": main_text(9)}, release=7)
    session = engine.start(old, {}).session
    turn = engine.resume(releases.of(7), session, Key("1"), {})
    assert (turn.say, turn.act) == (("sorry_person",), JoinQueue("general"))
    assert turn.fault and turn.fault.version == 9


async def test_a_database_that_goes_away_changes_nothing_and_is_told_once(town: Town) -> None:
    releases = await town.controller()
    await live(town.desk, main_text(2))
    await releases.look()
    town.database_goes()
    with capture_logs() as logs:
        for _ in range(5):
            await releases.look()
        town.database_comes()
        await releases.look()
        await releases.look()
    assert version(releases) == 2
    assert [each["log_level"] for each in logs] == ["warning", "info"]


async def test_a_release_that_this_controller_cannot_play_is_refused(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = await town.controller(silent={"hello_again"})
    await live(town.desk, main_text(2, say="hello_again"))
    with capture_logs() as logs:
        await releases.look()
        await releases.look()
    assert (version(releases), releases.current.release, releases.refused) == (1, 0, 1)
    told = [each for each in logs if each["log_level"] == "error"]
    assert len(told) == 2
    assert told[1]["fault"].startswith("main.yaml:6: steps.greeting.say: the prompt hello_again")
    monkeypatch.setattr(module, "RETRY_S", 0.0)
    await live(town.desk, main_text(3))
    await releases.look()
    assert (version(releases), releases.refused) == (3, 1)


async def test_a_refused_release_is_taken_up_once_its_prompt_is_there(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_S", 0.0)
    missing = {"hello_again"}
    releases = await town.controller(silent=missing)
    await live(town.desk, main_text(2, say="hello_again"))
    with capture_logs() as logs:
        await releases.look()
        await releases.look()
        assert sum(each["log_level"] == "error" for each in logs) == 2  # told once, tried twice
    missing.clear()
    await releases.look()
    assert version(releases) == 2


async def test_a_start_with_a_refused_release_takes_the_one_before(town: Town) -> None:
    await live(town.desk, main_text(2))
    await live(town.desk, main_text(3, say="hello_again"))
    releases = await town.controller(silent={"hello_again"})
    assert (version(releases), releases.current.release) == (2, 1)


async def test_an_older_release_that_has_become_faulty_costs_no_call(town: Town) -> None:
    await live(town.desk, main_text(2, say="hello_again"))
    await live(town.desk, main_text(3))
    town.calls = {1}
    with capture_logs() as logs:
        releases = await town.controller(silent={"hello_again"})
    assert releases.of(1) is releases.current
    (told,) = [each for each in logs if each["log_level"] == "error"]
    assert "the prompt hello_again has no audio" in told["why"]
    assert (version(releases), releases.missing) == (3, 1)


async def test_a_database_that_goes_away_between_two_questions_is_away(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = await town.controller()
    await live(town.desk, main_text(2))
    whole = FlowStore.release

    async def away(self: FlowStore, number: int) -> Any:
        raise DatabaseAway("gone")

    monkeypatch.setattr(FlowStore, "release", away)
    await releases.look()
    assert (version(releases), releases.is_up) == (1, False)
    monkeypatch.setattr(FlowStore, "release", whole)
    await releases.look()
    assert (version(releases), releases.is_up) == (2, True)


async def test_an_emptied_database_means_the_files_again(town: Town) -> None:
    releases = await town.controller()
    await live(town.desk, main_text(2))
    await releases.look()
    town.database_goes()
    async with Store(f"sqlite:///{town.database}") as empty:
        await upgrade(empty)  # not a copy: a database of its own
    await releases.look()
    await releases.look()
    assert (version(releases), releases.current.release) == (1, 0)


@pytest.mark.parametrize("is_away_at_first", [False, True])
async def test_copies_of_another_database_are_not_run_with(
    town: Town, is_away_at_first: bool
) -> None:
    ReleaseCopies(town.folder / "a" / "releases").keep(5, {"main": main_text(6)})
    if is_away_at_first:
        town.database_goes()
    releases = await town.controller("a")
    assert version(releases) == (6 if is_away_at_first else 1)
    if is_away_at_first:
        town.database_comes()
        await releases.look()
    assert (version(releases), releases.current.release) == (1, 0)


async def test_a_database_of_the_last_program_means_the_files(tmp_path: Path) -> None:
    (tmp_path / "old.db").touch()  # no such tables
    async with Store(f"sqlite:///{tmp_path}/old.db") as store:
        flows = check_of().flows({"main": main_text()}, release=0)
        copies = ReleaseCopies(tmp_path / "copies")
        releases = Releases(FlowStore(store), check_of(), copies, files=flows, in_use=set)
        await releases.start()
        assert (releases.current, releases.is_up) == (flows, False)


async def test_whatever_goes_wrong_the_looking_goes_on(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_S", 0.01)
    releases = await town.controller()
    asked = 0
    newest = FlowStore.newest

    async def sometimes(self: FlowStore) -> Any:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise RuntimeError("a bug")
        return await newest(self)

    monkeypatch.setattr(FlowStore, "newest", sometimes)
    async with running(releases):
        await live(town.desk, main_text(2))
        await until(lambda: version(releases) == 2)
    assert asked > 1 and releases.is_up


async def test_a_database_that_never_answers_is_away(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = await town.controller()

    async def never(self: FlowStore) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(FlowStore, "newest", never)
    monkeypatch.setattr(module, "ANSWER_S", 0.01)
    await releases.look()
    assert not releases.is_up


def test_a_disk_that_refuses_costs_only_the_copy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    copies = ReleaseCopies(tmp_path / "file" / "copies")
    with capture_logs() as logs:
        copies.keep(1, {"main": "x"})
        copies.drop(1)
    assert copies.texts(1) is None
    assert copies.numbers() == []
    assert {each["log_level"] for each in logs} == {"warning"}


def test_a_torn_copy_is_none(tmp_path: Path) -> None:
    copies = ReleaseCopies(tmp_path)
    copies.keep(3, {"main": "text"})
    assert copies.texts(3) == {"main": "text"}
    (tmp_path / "3.json").write_bytes(b'{"main": "te')
    assert copies.texts(3) is None
    copies.drop(3)
    assert copies.numbers() == []
