"""Earlier recordings of prompts over HTTP: kept, told, heard, put back."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from callcenter.prompt_shelf import PromptShelf
from callcenter.sounds import prepare, sound_folder
from callcenter.web.prompts_history import brought
from callcenter.web.web_parts import WebParts
from ivr_flows.prompts.texts import PACKAGED
from reports import audit
from tests.callcenter.documents.desk_here import NOW, Here, here
from tests.callcenter.web.conftest import OpenClient

GREETING = "/api/v1/prompts/zh-CN/greeting"
EARLIER = f"{GREETING}/earlier"
STUDIO = (PACKAGED / "zh-CN" / "greeting.wav16").read_bytes()
SOUND = {"Content-Type": "application/octet-stream"}
FIRST = int(NOW.timestamp()) + 5


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Here]:
    async with here(tmp_path) as one:
        prepare(one.settings.home)
        yield one


@pytest.fixture
async def client(open_client: OpenClient, house: Here) -> TestClient[Any, Any]:
    shelf = PromptShelf(house.settings.home)
    return await open_client(parts=WebParts(province=house.desk, prompts=shelf))


async def record(client: TestClient[Any, Any], own: Path, reason: str, at: int) -> bytes:
    """Replace the greeting as of this moment; what is heard then."""
    query = {"reason": reason}
    answer = await client.post(f"{GREETING}/recording", params=query, data=STUDIO, headers=SOUND)
    assert answer.status == 200, await answer.text()
    os.utime(own, (at, at))
    return own.read_bytes()


async def earlier(client: TestClient[Any, Any]) -> list[dict[str, Any]]:
    answer = await client.get(EARLIER)
    assert answer.status == 200, await answer.text()
    return list((await answer.json())["recordings"])


async def count(client: TestClient[Any, Any]) -> int:
    found = (await (await client.get("/api/v1/prompts")).json())["prompts"]
    return int(next(one["earlier"] for one in found if one["id"] == "greeting"))


async def test_a_recording_that_was_replaced_is_heard_and_put_back(
    client: TestClient[Any, Any], house: Here
) -> None:
    own = house.settings.home / "prompts" / "zh-CN" / "greeting.wav"
    assert await earlier(client) == [] and await count(client) == 0
    was = await record(client, own, "李老师录音", FIRST)
    assert await earlier(client) == []
    await record(client, own, "王老师录音", FIRST + 60)
    (one,) = await earlier(client)
    assert one["by"] == "api-key"
    assert datetime.fromisoformat(one["recorded_at"]).timestamp() == FIRST
    assert await count(client) == 1
    assert await (await client.get(f"{EARLIER}/{one['id']}/audio")).read() == was

    answer = await client.post(f"{EARLIER}/{one['id']}/restore", json={"reason": "更清楚"})
    assert answer.status == 200, await answer.text()
    assert own.read_bytes() == was and own.with_suffix(".wav16").exists()
    assert (sound_folder(house.settings.home) / "greeting.wav").resolve() == own
    (line, *_) = await audit.entries(house.store)
    assert (line.action, line.subject, line.before) == (
        *("recording_restored", "zh-CN/greeting"),
        one["id"],
    )
    (other,) = await earlier(client)
    assert datetime.fromisoformat(other["recorded_at"]).timestamp() == FIRST + 60


async def test_a_recording_taken_back_for_the_packaged_voice_is_kept(
    client: TestClient[Any, Any], house: Here
) -> None:
    own = house.settings.home / "prompts" / "zh-CN" / "greeting.wav"
    was = await record(client, own, "录音", FIRST)
    assert (await client.post(f"{GREETING}/back", json={"reason": "试试"})).status == 200
    (one,) = await earlier(client)
    answer = await client.post(f"{EARLIER}/{one['id']}/restore", json={"reason": "还是它好"})
    assert answer.status == 200 and own.read_bytes() == was
    assert await earlier(client) == []


async def test_only_recordings_that_are_kept_are_there(
    client: TestClient[Any, Any], house: Here
) -> None:
    gone = f"{EARLIER}/20260101T000000"
    for answer in (
        await client.get(f"{gone}/audio"),
        await client.post(f"{gone}/restore", json={"reason": "试试"}),
    ):
        assert (answer.status, (await answer.json())["error"]) == (404, "recording_unknown")
    assert (await client.get("/api/v1/prompts/zh-CN/nothing/earlier")).status == 404
    assert await audit.entries(house.store) == []


def test_a_recording_is_whose_line_was_written_just_before_it() -> None:
    def line(after_s: float, reason: str, action: str = "prompt_replaced") -> audit.Entry:
        at = NOW + timedelta(seconds=after_s)
        return audit.Entry(at=at, by="李梅", action=action, subject="", reason=reason)

    trail = [line(60.4, "second"), line(30, "worded", "prompt_worded"), line(0.7, "first")]
    for recorded_s, reason in ((0, "first"), (59, "first"), (60, "second"), (900, "second")):
        found = brought(trail, NOW + timedelta(seconds=recorded_s))
        assert found is not None and found.reason == reason
    assert brought(trail, NOW - timedelta(seconds=1)) is None
