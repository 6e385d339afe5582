"""The AMI client on a scripted manager: the contract, and faults a real one shows rarely."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest

from callcenter.asterisk import ami, ami_link
from callcenter.asterisk.ami import AmiClient, AmiDown, AmiFault, AmiRefused, OutcomeUnknown
from callcenter.asterisk.protocol import BadValue
from tests.callcenter.asterisk.ami_contract import AmiContract, Talk, talk
from tests.callcenter.asterisk.fake_ami import FakeAmi, frame


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami, "BACK_OFF_S", (0.005, 0.01))


@pytest.fixture
async def manager() -> AsyncIterator[FakeAmi]:
    fake = FakeAmi()
    await fake.start()
    yield fake
    await fake.stop()


def told(name: str) -> bytes:
    return frame("Event: UserEvent", f"Name: {name}")


class TestContract(AmiContract):
    def never_answers(self, manager: FakeAmi) -> None:
        manager.mute.add("WaitEvent")


def test_pauses_grow_from_a_fifth_of_a_second_to_five_with_jitter(monkeypatch):
    monkeypatch.setattr(ami, "BACK_OFF_S", (0.2, 5.0))
    pauses = list(itertools.islice(ami._pauses_s(), 8))
    exact = [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    assert all(0.75 * e <= p <= 1.25 * e for p, e in zip(pauses, exact, strict=True))
    assert pauses != exact


async def test_the_first_action_of_a_link_is_the_login(manager: FakeAmi):
    async with talk(manager) as it:
        await it.client.action("Ping")
    assert [action["action"] for action in manager.actions] == ["Login", "Ping"]


async def test_without_a_link_nothing_is_sent(manager: FakeAmi):
    client = Talk(manager).client
    with pytest.raises(AmiDown, match="Ping: no AMI link, not sent") as caught:
        await client.action("Ping")
    assert caught.value.retryable and manager.actions == []


async def test_a_bad_value_is_refused_before_anything_is_sent(manager: FakeAmi):
    async with talk(manager) as it:
        with pytest.raises(BadValue, match="Value"):
            await it.client.action("Setvar", Variable="A", Value="a\r\nAction: Logoff")
        assert (await it.client.action("Ping"))["ping"] == "Pong"
    assert len(manager.actions) == 2


async def test_too_many_actions_on_their_way_are_not_sent(manager: FakeAmi, monkeypatch):
    monkeypatch.setattr(ami, "MAX_PENDING", 1)
    manager.mute.add("Slow")
    async with talk(manager) as it:
        slow = asyncio.ensure_future(it.client.action("Slow"))
        await it.until(lambda: len(manager.actions) == 2)
        with pytest.raises(AmiDown, match="1 actions wait"):
            await it.client.action("Ping")
        slow.cancel()
        await asyncio.wait([slow])
        assert (await it.client.action("Ping"))["ping"] == "Pong"


async def test_a_late_reply_is_dropped_with_a_log_line(manager: FakeAmi, monkeypatch, caplog):
    monkeypatch.setattr(ami, "REPLY_S", 0.02)
    manager.mute.add("Slow")
    async with talk(manager) as it:
        with pytest.raises(OutcomeUnknown, match="Slow: no reply in 0 s, outcome unknown"):
            await it.client.action("Slow")
        ident = manager.actions[-1]["actionid"]
        manager.emit(frame("Response: Success", f"ActionID: {ident}", "Message: late"))
        assert (await it.client.action("Ping"))["ping"] == "Pong"
        assert it.client.orphans == 1 and "nobody waits for dropped: late" in caplog.text


async def test_a_stray_error_without_action_id_harms_nobody(manager: FakeAmi):
    async with talk(manager) as it:
        manager.emit(frame("Response: Error", "Message: Missing action in request"))
        assert (await it.client.action("Ping"))["ping"] == "Pong"
        assert it.client.orphans == 1


async def test_two_replies_to_one_action_count_once(manager: FakeAmi):
    manager.mute.add("Odd")
    async with talk(manager) as it:
        ask = asyncio.ensure_future(it.client.action("Odd"))
        await it.until(lambda: len(manager.actions) == 2)
        ident = manager.actions[-1]["actionid"]
        reply = frame("Response: Success", f"ActionID: {ident}", "Message: one")
        manager.emit(reply + reply.replace(b"one", b"two"))
        assert (await ask)["message"] == "one"


async def test_an_exception_in_the_callback_is_logged_and_ends_nothing(manager: FakeAmi, caplog):
    heard = []

    def on_event(event) -> None:
        heard.append(event["Name"])
        if event["Name"] == "bad":
            raise RuntimeError("no such seat")

    async with talk(manager, on_event=on_event) as it:
        manager.emit(told("bad") + told("good"))
        await it.until(lambda: heard == ["bad", "good"])
        assert it.client.is_up and it.client.faults == 1
    assert "AMI event UserEvent could not be handled" in caplog.text
    assert "no such seat" in caplog.text


async def test_an_exception_in_on_down_is_logged_and_ends_nothing(manager: FakeAmi, caplog):
    def on_down() -> None:
        raise RuntimeError("no such board")

    async with talk(manager, on_down=on_down) as it:
        manager.cut()
        await it.until(lambda: it.client.links == 2 and it.client.is_up)
    assert "no such board" in caplog.text


async def test_the_end_of_file_is_noticed_at_once_and_said_once(manager: FakeAmi, caplog):
    async with talk(manager) as it:
        await manager.stop()
        await it.until(lambda: not it.client.is_up)
        await asyncio.sleep(0.05)
        await manager.start()
        await it.until(lambda: it.client.is_up)
    assert caplog.text.count("AMI link is down") == 2  # the loss, and that nobody answers


async def test_a_peer_that_is_silent_is_left_after_the_ping(manager: FakeAmi, monkeypatch, caplog):
    async with talk(manager) as it:
        manager.mute.add("Ping")
        monkeypatch.setattr(ami, "PING_S", 0.02)
    async with talk(manager) as it:
        await it.until(lambda: it.client.links == 2)
    assert "nothing was heard for" in caplog.text


async def test_a_pong_behind_a_flood_does_not_end_the_link(manager: FakeAmi, monkeypatch):
    manager.mute.add("Ping")
    monkeypatch.setattr(ami, "PING_S", 0.03)
    async with talk(manager) as it:
        for number in range(60):
            manager.emit(told(str(number)))
            await asyncio.sleep(0.002)
        assert it.client.links == 1 and it.client.is_up
        assert [action["action"] for action in manager.actions].count("Ping") >= 1


async def test_pings_that_are_answered_keep_the_link(manager: FakeAmi, monkeypatch):
    monkeypatch.setattr(ami, "PING_S", 0.01)
    async with talk(manager) as it:
        await it.until(lambda: len(manager.actions) > 4)
        assert it.client.links == 1


async def test_events_wait_in_order_until_the_snapshot_is_taken(manager: FakeAmi, monkeypatch):
    monkeypatch.setattr(ami, "SLICE", 2)
    order: list[str] = []

    async def snapshot(it: Talk) -> None:
        for number in range(5):
            manager.emit(told(str(number)))
        order.append(f"{len(await it.client.collect('CoreShowChannels'))} channels")
        order.append(f"{len(it.events)} events")

    async with talk(manager, snapshot=snapshot) as it:
        manager.emit(told("5"))
        assert await it.names(6) == ["0", "1", "2", "3", "4", "5"]
    assert order == ["2 channels", "0 events"]


async def test_too_many_events_during_the_snapshot_begin_the_link_anew(
    manager: FakeAmi, monkeypatch, caplog
):
    monkeypatch.setattr(ami, "MAX_KEPT_BACK", 10)

    async def snapshot(it: Talk) -> None:
        if it.client.links == 1:
            manager.emit(b"".join(told(str(number)) for number in range(30)))
            await asyncio.Event().wait()

    async with talk(manager, snapshot=snapshot) as it:
        assert it.client.links == 2 and it.events == []
    assert "over 10 events came while the snapshot was taken" in caplog.text
    assert it.said == ["up", "down", "up", "down"]


async def test_a_snapshot_that_fails_begins_the_link_anew(manager: FakeAmi, caplog):
    async def snapshot(it: Talk) -> None:
        if it.client.links == 1:
            raise OSError("no Redis")

    async with talk(manager, snapshot=snapshot) as it:
        assert it.client.links == 2
    assert "AMI snapshot could not be taken" in caplog.text and "no Redis" in caplog.text


async def test_a_snapshot_that_hangs_begins_the_link_anew(manager: FakeAmi, monkeypatch):
    monkeypatch.setattr(ami, "SNAPSHOT_S", 0.02)

    async def snapshot(it: Talk) -> None:
        if it.client.links == 1:
            await asyncio.Event().wait()

    async with talk(manager, snapshot=snapshot) as it:
        assert it.client.links == 2


async def test_a_link_lost_during_the_snapshot_is_no_fault_of_the_snapshot(
    manager: FakeAmi, caplog
):
    async def snapshot(it: Talk) -> None:
        if it.client.links == 1:
            manager.cut()
            await it.client.action("Ping")

    async with talk(manager, snapshot=snapshot) as it:
        assert it.client.links == 2
    assert "snapshot" not in caplog.text


async def test_ten_megabytes_without_an_end_drop_the_link_with_one_line(manager: FakeAmi, caplog):
    async with talk(manager) as it:
        manager.emit(b"Event: UserEvent\r\nName: " + b"x" * 10_000_000)
        await it.until(lambda: it.client.links == 2 and it.client.is_up)
    assert caplog.text.count("without the end of a message") == 1


async def test_a_peer_that_is_no_asterisk_is_said_so(manager: FakeAmi, caplog):
    manager.banner = b"220 mail.example ESMTP\r\n"
    async with talk(manager, up=False) as it:
        await it.until(lambda: manager.links >= 2)
    assert caplog.text.count("the peer is no Asterisk manager") == 1


async def test_everything_works_when_it_comes_byte_by_byte(manager: FakeAmi):
    manager.piece = 1
    async with talk(manager) as it:
        assert len(await it.client.collect("CoreShowChannels")) == 2
        manager.emit("".join(f"Event: UserEvent\r\nName: 王{n}\r\n\r\n" for n in "ab").encode())
        assert await it.names(2) == ["王a", "王b"]


class TestLists:
    async def asked(self, manager: FakeAmi, *frames: tuple[str, ...], **talks) -> list[str]:
        """What a list action gives when these messages answer it."""
        manager.mute.add("List")
        async with talk(manager, **talks) as it:
            ask = asyncio.ensure_future(it.client.collect("List"))
            await it.until(lambda: len(manager.actions) == 2)
            ident = f"ActionID: {manager.actions[-1]['actionid']}"
            manager.emit(b"".join(frame(first, ident, *rest) for first, *rest in frames))
            events = await ask
            self.others = it.events
            return [event.name for event in events]

    START = ("Response: Success", "EventList: start")
    END = ("Event: ListComplete", "EventList: Complete")

    async def test_other_events_between_go_their_own_way(self, manager: FakeAmi):
        other = ("Event: UserEvent", "ActionID: other")
        got = await self.asked(manager, self.START, ("Event: Row",), self.END)
        assert got == ["Row"]
        del manager.actions[:]
        frames = (self.START, ("Event: Row",), self.END)
        manager.mute.add("List")
        async with talk(manager) as it:
            ask = asyncio.ensure_future(it.client.collect("List"))
            await it.until(lambda: len(manager.actions) == 2)
            ident = f"ActionID: {manager.actions[-1]['actionid']}"
            whole = [frame(first, ident, *rest) for first, *rest in frames]
            strays = frame(*other) + frame("Event: Row", "ActionID: of a list that was given up")
            manager.emit(whole[0] + strays + b"".join(whole[1:]))
            assert [event.name for event in await ask] == ["Row"]
            assert [event.name for event in it.events] == ["UserEvent"]

    async def test_a_list_that_is_cancelled_is_refused(self, manager: FakeAmi):
        with pytest.raises(AmiRefused):
            await self.asked(manager, self.START, ("Event: X", "EventList: Cancelled"))

    async def test_a_list_action_answered_without_a_list_has_no_events(self, manager: FakeAmi):
        assert await self.asked(manager, ("Response: Success",)) == []

    async def test_a_list_without_end_is_given_up(self, manager: FakeAmi, monkeypatch):
        monkeypatch.setattr(ami_link, "MAX_LIST", 3)
        with pytest.raises(AmiFault, match="over 3 events"):
            await self.asked(manager, self.START, *[("Event: Row",)] * 9, self.END)

    async def test_a_list_that_ends_before_its_reply_is_whole(self, manager: FakeAmi):
        assert await self.asked(manager, ("Event: Row",), self.END, self.START) == ["Row"]


async def test_cancelling_the_client_leaves_nothing_behind(manager: FakeAmi):
    manager.mute.add("Slow")
    async with talk(manager) as it:
        slow = asyncio.ensure_future(it.client.action("Slow"))
        await it.until(lambda: len(manager.actions) == 2)
    with pytest.raises(OutcomeUnknown):
        await slow
    assert it.said == ["up", "down"] and isinstance(it.client, AmiClient)
    assert it.client._pending == {}


async def test_a_cancel_in_the_moment_of_a_loss_still_ends_the_client(manager: FakeAmi):
    manager.mute.add("Slow")
    it = Talk(manager)
    task = asyncio.ensure_future(it.client.run())
    await it.until(lambda: it.client.is_up)
    slow = asyncio.ensure_future(it.client.action("Slow"))
    slow.add_done_callback(lambda _: task.cancel())
    await it.until(lambda: len(manager.actions) == 2)
    manager.cut()
    await asyncio.wait([slow, task], timeout=30)
    assert task.cancelled() and isinstance(slow.exception(), OutcomeUnknown)
