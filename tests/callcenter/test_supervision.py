"""What supervisors do: checked, written down, done, in this order."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callcenter.asterisk import heard, recover
from callcenter.call import Stage
from callcenter.call.table import parse_spy_id, spy_id
from callcenter.supervision import By
from callcenter.web.view import SeatFault
from reports import audit
from reports.store import Store
from seats.seat import Change
from tests.callcenter.supervised_house import NOW, TALK, SupervisedHouse, told
from tests.new_database import upgraded

WANG = By("王强", "带教", "7001")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its schema, made once."""
    file = tmp_path_factory.mktemp("empty") / "facts.db"

    async def make() -> None:
        async with Store(f"sqlite:///{file}") as store:
            await upgraded(store)

    asyncio.run(make())
    return file


@pytest.fixture
async def store(empty: Path, tmp_path: Path) -> AsyncIterator[Store]:
    file = shutil.copy(empty, tmp_path / "facts.db")
    async with Store(f"sqlite:///{file}") as store:
        yield store


@pytest.fixture
def house(store: Store) -> SupervisedHouse:
    return SupervisedHouse(store)


async def test_listening_is_written_down_and_begun(house: SupervisedHouse, store: Store) -> None:
    await house.supervision.join(TALK, "listen", WANG)
    assert house.hands.did == [("begin", TALK, "7001", "listen")]
    (entry,) = await audit.entries(store)
    assert (entry.by, entry.action, entry.subject) == ("王强", "listen", TALK)
    assert (entry.reason, entry.before) == ("带教", "seat 8001")
    place = house.telephones.place_of("7001")
    assert told(place) == {"call_id": TALK, "mode": "listen", "is_there": False}
    house.picked_up()
    assert told(house.telephones.place_of("7001"))["is_there"]


async def test_who_listens_whispers_by_the_same_telephone_call(house: SupervisedHouse) -> None:
    await house.supervision.join(TALK, "listen", WANG)
    house.picked_up()
    await house.supervision.join(TALK, "whisper", WANG)
    assert house.hands.did[1:] == [("change", TALK, "whisper")]
    assert told(house.telephones.place_of("7001"))["mode"] == "whisper"


async def test_who_listens_and_joins_lets_go_of_listening_first(house: SupervisedHouse) -> None:
    await house.supervision.join(TALK, "whisper", WANG)
    await house.supervision.join(TALK, "barge", WANG)
    assert [one[0] for one in house.hands.did] == ["begin", "end"]
    assert house.talk.call.legs[0].kind == "barge"
    assert told(house.telephones.place_of("7001"))["mode"] == "barge"
    house.talk.parted()
    house.talk.guest_comes()
    await house.supervision.join(TALK, "take_over", WANG)
    assert house.talk.call.seat is None
    assert len(house.hands.did) == 2  # his telephone stays where it is


async def test_a_supervisor_leaves(house: SupervisedHouse) -> None:
    await house.supervision.leave(WANG)
    await house.supervision.join(TALK, "listen", WANG)
    await house.supervision.leave(WANG)
    assert house.telephones.place_of("7001") is None


@pytest.mark.parametrize(
    ("call_id", "by", "error"),
    [
        ("gone", WANG, "call_unknown"),
        ("waits", WANG, "not_talking"),
        (TALK, By("王强", "带教"), "no_phone"),
        (TALK, By("王强", "带教", "8001"), "no_phone"),
        (TALK, By("王强", "带教", "7002"), "phone_offline"),
    ],
)
@pytest.mark.parametrize("mode", ["listen", "barge"])
async def test_what_cannot_be_is_refused_and_not_written_down(
    house: SupervisedHouse, store: Store, call_id: str, by: By, error: str, mode: str
) -> None:
    with pytest.raises(SeatFault) as refused:
        await house.supervision.join(call_id, mode, by)  # type: ignore[arg-type]
    assert refused.value.error == error
    assert await audit.entries(store) == [] and house.hands.did == []


async def test_the_same_twice_is_refused(house: SupervisedHouse) -> None:
    await house.supervision.join(TALK, "listen", WANG)
    with pytest.raises(SeatFault, match="已在"):
        await house.supervision.join(TALK, "listen", WANG)


LI = By("李敏", "质检", "7002")


async def both_listen(house: SupervisedHouse) -> list[str]:
    """Two supervisors beside one talk; whoever is told of something from now on."""
    house.telephones.hear(heard.PhoneSeen("7002", True), "main")
    await house.supervision.join(TALK, "listen", WANG)
    house.picked_up()
    told: list[str] = []
    house.telephones.on_change = told.append
    await house.supervision.join(TALK, "listen", LI)
    house.picked_up("7002")
    return told


async def test_two_listen_and_each_is_told_of_the_other(house: SupervisedHouse) -> None:
    heard_of = await both_listen(house)
    assert set(heard_of) == {"7001", "7002"}
    heard_of.clear()
    await house.supervision.join(TALK, "whisper", LI)
    assert heard_of == ["7001", "7002"]
    assert {n: p.mode for n, p in house.telephones.others("7001", TALK).items()} == {
        "7002": "whisper"
    }
    await house.supervision.leave(LI)
    assert house.telephones.others("7001", TALK) == {}
    assert house.telephones.others("7001", "waits") == {}


async def test_two_do_not_whisper_at_once_but_one_whispers_while_the_other_joins(
    house: SupervisedHouse, store: Store
) -> None:
    await both_listen(house)
    await house.supervision.join(TALK, "whisper", WANG)
    with pytest.raises(SeatFault) as refused:
        await house.supervision.join(TALK, "whisper", LI)
    assert refused.value.error == "another_whispers"
    await house.supervision.join(TALK, "barge", LI)
    with pytest.raises(SeatFault) as refused:
        await house.supervision.join(TALK, "barge", WANG)
    assert refused.value.error == "another_in"
    await house.supervision.join(TALK, "listen", WANG)
    actions = [one.action for one in await audit.entries(store)]
    assert actions == ["listen", "barge", "whisper", "listen", "listen"]


async def test_without_its_record_nothing_is_done(house: SupervisedHouse, store: Store) -> None:
    async with store.writing() as connection:
        await connection.exec_driver_sql("DROP TABLE audit")
    with pytest.raises(SeatFault) as refused:
        await house.supervision.join(TALK, "listen", WANG)
    assert refused.value.error == "database_away" and house.hands.did == []


async def test_a_talk_that_ended_meanwhile_leaves_the_telephone_free(
    house: SupervisedHouse,
) -> None:
    house.hands.is_here = False
    with pytest.raises(SeatFault) as refused:
        await house.supervision.join(TALK, "listen", WANG)
    assert refused.value.error == "not_talking"
    assert house.telephones.place_of("7001") is None


async def test_a_waiting_caller_is_moved(house: SupervisedHouse, store: Store) -> None:
    await house.supervision.move("waits", "group", "family", WANG)
    assert house.waits.call.group == "family"
    await house.supervision.move("waits", "seat", "8002", WANG)
    assert house.waits.call.wants == "8002"
    await house.supervision.move("waits", "head", "", WANG)
    assert house.waits.call.at_head and house.waits.call.stage is Stage.QUEUE
    assert [one.before for one in await audit.entries(store)] == [
        "group family → head",
        "group family → seat 8002",
        "group labour → group family",
    ]


@pytest.mark.parametrize(
    ("call_id", "to", "name", "error"),
    [
        (TALK, "head", "", "not_waiting"),
        ("waits", "group", "tax", "target_unknown"),
        ("waits", "seat", "8099", "seat_unknown"),
        ("waits", "seat", "8901", "seat_offline"),
    ],
)
async def test_nobody_is_moved_where_nobody_is(
    house: SupervisedHouse, call_id: str, to: str, name: str, error: str
) -> None:
    with pytest.raises(SeatFault) as refused:
        await house.supervision.move(call_id, to, name, WANG)  # type: ignore[arg-type]
    assert refused.value.error == error


async def test_a_seat_in_no_call_is_set(house: SupervisedHouse, store: Store) -> None:
    await house.supervision.force("8002", Change.NOT_READY, WANG)
    assert house.moved == [("8002", Change.NOT_READY, "supervisor")]
    (entry,) = await audit.entries(store)
    assert (entry.action, entry.subject, entry.before) == (
        "force_seat",
        "8002",
        "ready → not_ready",
    )


@pytest.mark.parametrize(
    ("number", "change", "error"),
    [
        ("8001", Change.NOT_READY, "seat_busy"),
        ("8002", Change.READY, "seat_unchanged"),
        ("8901", Change.READY, "seat_offline"),
        ("8099", Change.READY, "seat_unknown"),
    ],
)
async def test_a_seat_that_cannot_be_set_is_left_alone(
    house: SupervisedHouse, number: str, change: Change, error: str
) -> None:
    with pytest.raises(SeatFault) as refused:
        await house.supervision.force(number, change, WANG)
    assert refused.value.error == error and house.moved == []


async def test_whoever_sits_there_is_logged_out_but_not_out_of_a_talk(
    house: SupervisedHouse,
) -> None:
    await house.supervision.log_out("8002", WANG)
    assert (house.put_out, house.moved) == (
        ["8002"],
        [("8002", Change.NOT_READY, "signed_off")],
    )
    with pytest.raises(SeatFault) as refused:
        await house.supervision.log_out("8001", WANG)
    assert refused.value.error == "seat_busy" and house.put_out == ["8002"]


# --- telephones ---


def seen(*channels: str, phones: tuple[str, ...] = ()) -> dict[str, recover.Snapshot]:
    found = {one: recover.Channel(one, "PJSIP/7001-1", one, False) for one in channels}
    return {"main": recover.Snapshot(channels=found, phones=frozenset(phones))}


async def test_a_telephone_is_there_while_it_is_registered(house: SupervisedHouse) -> None:
    changed: list[str] = []
    house.telephones.on_change = changed.append
    house.telephones.hear(heard.PhoneSeen("7002", True), "main")
    house.telephones.hear(heard.PhoneSeen("8001", True), "main")
    assert house.telephones.is_registered("7002") and changed == ["7002"]
    house.telephones.hear(heard.PhoneSeen("7002", False), "main")
    assert not house.telephones.is_registered("7002")
    house.telephones.compare(seen(phones=("7002",)))
    assert house.telephones.is_registered("7002")
    assert not house.telephones.is_registered("7001") and "7001" in changed


async def test_a_contact_that_is_removed_is_asked_for(house: SupervisedHouse) -> None:
    asked: list[str] = []
    house.telephones.if_gone = lambda number, node, gone: asked.append(number)
    house.telephones.hear(heard.PhoneSeen("7001", False, is_removed=True), "main")
    assert asked == ["7001"] and house.telephones.is_registered("7001")
    house.telephones.if_gone = lambda number, node, gone: gone()
    house.telephones.hear(heard.PhoneSeen("7001", False, is_removed=True), "main")
    assert not house.telephones.is_registered("7001")


async def test_a_telephone_that_vanishes_is_let_go_of(house: SupervisedHouse) -> None:
    lost: list[str] = []
    house.telephones.on_lost = lambda place: lost.append(place.channel)
    await house.supervision.join(TALK, "listen", WANG)
    gone = heard.PhoneSeen("7001", False, is_removed=True)
    house.telephones.hear(gone, "main")
    assert lost == []  # it is rung: the page has just been loaded anew
    house.picked_up()
    house.telephones.hear(gone, "main")
    assert [parse_spy_id(one) for one in lost] == [(TALK, "7001")]


async def test_who_listens_is_known_to_the_next_controller(house: SupervisedHouse) -> None:
    spy = spy_id(TALK, "7001", 3)
    assert parse_spy_id(spy) == (TALK, "7001") and parse_spy_id("t-1.1-leg-3") is None
    house.telephones.compare(seen(spy, phones=("7001",)))
    assert told(house.telephones.place_of("7001")) == {
        "call_id": TALK,
        "mode": "listen",
        "is_there": True,
    }
    house.telephones.hear(heard.ChannelGone(spy, "PJSIP/7001-1", NOW))
    assert house.telephones.place_of("7001") is None
