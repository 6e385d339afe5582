"""What the AMI client does with any Asterisk manager: run on the fake one and on the real one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

import pytest

from callcenter.asterisk import ami
from callcenter.asterisk.ami import AmiClient, AmiRefused, OutcomeUnknown
from callcenter.asterisk.protocol import AmiMessage


class Manager(Protocol):
    """A manager to talk to."""

    port: int
    user: str
    secret: str

    async def restart(self) -> None:
        """Kill it and start it again."""


class Talk:
    """A client on its way, and all that it told."""

    def __init__(self, manager: Manager, *, secret: str = "", **callbacks: Any) -> None:
        self.events: list[AmiMessage] = []
        self.said: list[str] = []
        self.came = asyncio.Condition()
        self._snapshot: Callable[[Talk], Awaitable[None]] | None = callbacks.pop("snapshot", None)
        self.client = AmiClient(
            "127.0.0.1",
            manager.port,
            manager.user,
            secret or manager.secret,
            on_event=callbacks.pop("on_event", self.events.append),
            on_up=self._on_up,
            on_down=callbacks.pop("on_down", lambda: self.said.append("down")),
            keep=callbacks.pop("keep", frozenset({"UserEvent"})),
        )
        assert not callbacks

    async def _on_up(self) -> None:
        self.said.append("up")
        if self._snapshot is not None:
            await self._snapshot(self)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():  # noqa: ASYNC110 - conditions of many kinds, looked at often
                await asyncio.sleep(0.002)

    async def names(self, count: int) -> list[str]:
        """The `Name` header of the first so many events, waited for."""
        await self.until(lambda: len(self.events) >= count)
        return [event.get("Name") for event in self.events[:count]]


@contextlib.asynccontextmanager
async def talk(manager: Manager, *, up: bool = True, **options: Any) -> AsyncIterator[Talk]:
    talk = Talk(manager, **options)
    task = asyncio.ensure_future(talk.client.run())
    try:
        if up:
            await talk.until(lambda: talk.client.is_up)
        yield talk
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)


class AmiContract:
    """The subclass gives the fixture `manager`."""

    async def test_the_login_comes_first_and_then_actions_are_answered(self, manager: Manager):
        async with talk(manager) as it:
            assert (await it.client.action("Ping")).get("ping") == "Pong"
            assert it.said == ["up"] and it.client.links == 1
        assert it.said == ["up", "down"] and not it.client.is_up

    async def test_what_asterisk_refuses_is_raised_with_its_reason(self, manager: Manager):
        async with talk(manager) as it:
            with pytest.raises(AmiRefused, match="^Nope: Invalid/unknown command") as caught:
                await it.client.action("Nope")
            assert not caught.value.retryable
            assert caught.value.reply.get("response") == "Error"

    async def test_a_wrong_secret_never_gets_up(self, manager: Manager, caplog):
        async with talk(manager, up=False, secret="wrong") as it:
            await it.until(lambda: "Login: Authentication failed" in caplog.text)
            assert not it.client.is_up and it.said == []

    async def test_a_list_is_collected_without_its_closing_event(self, manager: Manager):
        async with talk(manager) as it:
            channels = await it.client.collect("CoreShowChannels")
            assert [event.name for event in channels] == ["CoreShowChannel"] * len(channels)
            assert it.events == []

    async def test_a_list_of_nothing_is_empty_and_no_error(self, manager: Manager):
        async with talk(manager) as it:
            assert await it.client.collect("PJSIPShowContacts") == []

    async def test_each_of_many_actions_at_once_gets_its_own_reply(self, manager: Manager):
        async with talk(manager) as it:

            async def ask(number: int) -> str:
                name = f"HOTLINE_{number}"
                await it.client.action("Setvar", Variable=name, Value=str(number))
                return (await it.client.action("Getvar", Variable=name))["Value"]

            answers = await asyncio.gather(*(ask(number) for number in range(100)))
            assert answers == [str(number) for number in range(100)]

    async def test_events_come_in_order_and_whole_in_any_language(self, manager: Manager):
        async with talk(manager) as it:
            for number in range(20):
                await it.client.action("UserEvent", UserEvent="T", Name=f"王小明{number}")
            assert await it.names(20) == [f"王小明{number}" for number in range(20)]

    async def test_names_that_are_not_wanted_do_not_come(self, manager: Manager):
        async with talk(manager, keep=frozenset({"Nothing"})) as it:
            await it.client.action("UserEvent", UserEvent="T")
            await it.client.action("Ping")
            assert it.events == []
        assert it.client.filtered >= 1

    async def test_after_a_restart_it_is_up_again_with_a_new_snapshot(
        self, manager: Manager, monkeypatch
    ):
        monkeypatch.setattr(ami, "BACK_OFF_S", (0.02, 0.1))

        async def snapshot(it: Talk) -> None:
            channels = await it.client.collect("CoreShowChannels")
            it.said.append(f"{len(channels) // 100} hundred channels")

        async with talk(manager, snapshot=snapshot) as it:
            await manager.restart()
            await it.until(lambda: it.client.links == 2 and it.client.is_up)
            up = ["up", "0 hundred channels"]
            assert it.said == [*up, "down", *up]
            await it.client.action("UserEvent", UserEvent="T", Name="again")
            assert await it.names(1) == ["again"]

    async def test_what_was_on_its_way_when_the_link_broke_has_an_unknown_outcome(
        self, manager: Manager
    ):
        async with talk(manager) as it:
            ask = asyncio.ensure_future(it.client.action("WaitEvent", Timeout="30"))
            self.never_answers(manager)
            await asyncio.sleep(0.05)
            await manager.restart()
            with pytest.raises(OutcomeUnknown, match="WaitEvent: .*outcome unknown") as caught:
                await ask
            assert caught.value.retryable

    def never_answers(self, manager: Manager) -> None:
        """WaitEvent is not answered for a while: nothing to prepare on the real one."""
