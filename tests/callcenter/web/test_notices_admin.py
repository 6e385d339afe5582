"""Emergency notices over HTTP: tried by ear, set, switched off and on, extended, taken back."""

from __future__ import annotations

import base64
import io
import shutil
import wave
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import soundfile
from aiohttp.test_utils import TestClient

from callcenter.address import Address
from callcenter.notice_desk import NoticeDesk
from callcenter.notices import Notices
from callcenter.sounds import ENDINGS, PACKAGED, prepare
from callcenter.web.peers import Peers
from callcenter.web.rights import Role
from callcenter.web.seal import Seal
from callcenter.web.web_parts import WebParts
from reports import audit
from tests.callcenter.documents.desk_here import Here, here
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.people import People, enter

NOTICES = "/api/v1/notices"
TEXT = "因暴雨，长春大厅今日停止接待。"
BYTES = {"Content-Type": "application/octet-stream"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Here]:
    async with here(tmp_path) as one:
        prepare(one.settings.home)
        yield one


def speaks(stem: Path, *, text: str, language: str, cache: Path) -> tuple[str, ...]:
    for ending in ENDINGS:
        shutil.copyfile(PACKAGED / f"greeting{ending}", f"{stem}{ending}")
    return (f"已合成语音 2.0 秒：{text}",)


async def opened(
    open_client: OpenClient, house: Here, *, voice: bool = True, **options: Any
) -> TestClient[Any, Any]:
    home = house.settings.home
    desk = NoticeDesk(home, cache=home, speaks=speaks if voice else None)
    parts = WebParts(province=house.desk, notices=desk, accounts=options.pop("accounts", None))
    return await open_client(parts=parts, **options)


async def listed(client: TestClient[Any, Any]) -> list[dict[str, Any]]:
    answer = await client.get(NOTICES)
    assert answer.status == 200, await answer.text()
    return list((await answer.json())["notices"])


def times(begin_h: float, end_h: float) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "since": (now + timedelta(hours=begin_h)).isoformat(),
        "until": (now + timedelta(hours=end_h)).isoformat(),
    }


async def put(client: TestClient[Any, Any], **given: Any) -> str:
    """A notice spoken and set; its id."""
    tried = await (await client.post(f"{NOTICES}/tried/spoken", json={"text": TEXT})).json()
    body = {"tried": tried["id"], "reason": "暴雨红色预警", **times(-1, 2), **given}
    answer = await client.post(NOTICES, json=body)
    assert answer.status == 200, await answer.text()
    return str((await listed(client))[0]["id"])


async def test_a_notice_is_heard_first_and_then_by_every_caller(
    open_client: OpenClient, house: Here
) -> None:
    client = await opened(open_client, house)
    answer = await client.post(f"{NOTICES}/tried/spoken", json={"text": TEXT})
    tried = await answer.json()
    with wave.open(io.BytesIO(base64.b64decode(tried["audio"]))) as audio:
        assert audio.getframerate() == 8000
    assert await listed(client) == [] and Notices(house.settings.home).in_force() == {}

    body = {"tried": tried["id"], "reason": "暴雨红色预警", **times(-1, 2)}
    assert (await client.post(NOTICES, json=body)).status == 200
    (one,) = await listed(client)
    assert (one["state"], one["heard"], one["text"], one["by"]) == ("active", True, TEXT, "api-key")
    heard = Notices(house.settings.home).in_force()["zh-CN"]
    assert heard == (f"notice_{one['id']}",)
    assert (await client.get(f"{NOTICES}/{one['id']}/audio")).content_type == "audio/wav"
    (entry,) = await audit.entries(house.store)
    assert (entry.action, entry.reason) == ("notice_set", "暴雨红色预警") and TEXT in entry.before
    again = await client.post(NOTICES, json=body)
    assert (again.status, (await again.json())["error"]) == (404, "notice_unknown")


async def test_a_notice_is_switched_off_and_on_extended_and_taken_back(
    open_client: OpenClient, house: Here
) -> None:
    client = await opened(open_client, house)
    one = f"{NOTICES}/{await put(client)}"
    home = house.settings.home

    async def change(**given: Any) -> dict[str, Any]:
        answer = await client.post(one, json={"reason": "雨停了", **given})
        assert answer.status == 200, await answer.text()
        return (await listed(client))[0]

    span = times(-1, 2)
    off = await change(is_on=False, **span)
    assert (off["state"], off["heard"]) == ("off", False) and Notices(home).in_force() == {}
    on = await change(is_on=True, **span)
    assert on["state"] == "active" and Notices(home).in_force()
    assert (await change(is_on=True, **times(1, 3)))["state"] == "waiting"
    assert (await client.post(f"{one}/clear", json={"reason": "解除预警"})).status == 200
    assert await listed(client) == [] and not list(home.glob("**/notice_*"))
    gone = await client.post(f"{one}/clear", json={"reason": "解除预警"})
    assert (gone.status, (await gone.json())["error"]) == (404, "notice_unknown")
    trail = await audit.entries(house.store)
    assert [entry.action for entry in trail] == [
        *("notice_cleared", "notice_changed", "notice_changed", "notice_changed", "notice_set")
    ]
    assert trail[3].before.startswith("停用，") and trail[2].before.startswith("启用，")


async def test_a_recording_must_go_with_its_text(open_client: OpenClient, house: Here) -> None:
    client = await opened(open_client, house, voice=False)
    page = await (await client.get(NOTICES)).json()
    assert page["can_speak"] is False
    refused = await client.post(f"{NOTICES}/tried/spoken", json={"text": TEXT})
    assert (refused.status, (await refused.json())["error"]) == (409, "no_voice")

    record = f"{NOTICES}/tried/recorded"
    speech, rate = soundfile.read(str(PACKAGED / "transfer.wav"))
    out = io.BytesIO()
    soundfile.write(out, speech, rate, format="WAV")
    sound, seconds = out.getvalue(), len(speech) / rate
    short = await client.post(record, params={"text": TEXT * 10}, data=sound, headers=BYTES)
    said = await short.json()
    assert (short.status, said["error"], said["where"]) == (422, "unfit", "text")
    assert "/tmp" not in said["message"] and "与文字不符" in said["message"]
    fits = "请稍候，" * round(seconds)
    answer = await client.post(record, params={"text": fits}, data=sound, headers=BYTES)
    assert answer.status == 200, await answer.text()
    tried = await answer.json()
    body = {"tried": tried["id"], "reason": "试播", **times(-1, 1)}
    assert (await client.post(NOTICES, json=body)).status == 200
    assert (await listed(client))[0]["heard"]


async def test_a_notice_that_nobody_would_hear_is_refused(
    open_client: OpenClient, house: Here
) -> None:
    client = await opened(open_client, house)
    tried = await (await client.post(f"{NOTICES}/tried/spoken", json={"text": TEXT})).json()
    for span in (times(-3, -1), times(3, 2)):
        body = {"tried": tried["id"], "reason": "试试", **span}
        refused = await client.post(NOTICES, json=body)
        said = await refused.json()
        assert (refused.status, said["error"], said["where"]) == (422, "until_past", "until")


async def test_of_many_notices_it_is_said_which_are_heard(
    open_client: OpenClient, house: Here
) -> None:
    client = await opened(open_client, house)
    for _ in range(4):
        await put(client)
    assert [one["heard"] for one in await listed(client)] == [True, True, True, False]


async def test_the_auditor_looks_on_and_a_citys_supervisor_sets_nothing(
    open_client: OpenClient, house: Here, people: People
) -> None:
    client = await opened(open_client, house, known=False, accounts=people.accounts)
    page = await enter(client, await people.add(Role.AUDITOR))
    assert await listed(client) == []
    spoken = f"{NOTICES}/tried/spoken"
    refused = await client.post(spoken, json={"text": TEXT}, headers=page)
    assert (refused.status, (await refused.json())["error"]) == (403, "no_right")
    page = await enter(client, await people.add(Role.SUPERVISOR, "ccban", city="220100"))
    refused = await client.post(spoken, json={"text": TEXT}, headers=page)
    assert (refused.status, (await refused.json())["error"]) == (403, "not_your_city")


class Two:
    """Two nodes: `b` has its pages at this address; None: it is away."""

    def __init__(self, own: str) -> None:
        self.own = own
        self.addresses: dict[str, Address | None] = {}

    def others(self) -> dict[str, Address | None]:
        return self.addresses

    def of_call(self, call_id: str) -> Address | None:
        return None

    def of_seat(self, number: str) -> Address | None:
        return None

    def of_desk(self, number: str) -> Address | None:
        return None


async def test_every_node_plays_the_notice_and_one_that_is_away_is_named(
    open_client: OpenClient, house: Here, tmp_path: Path
) -> None:
    homes = {"a": house.settings.home, "b": tmp_path / "b"}
    homes["b"].mkdir()
    prepare(homes["b"])
    places, clients, peers = {}, {}, []
    for name, home in homes.items():
        places[name] = Two(name)
        peers.append(Peers(places[name], Seal(lambda: "of-both-nodes")))
        desk = NoticeDesk(home, cache=home, speaks=speaks)
        parts = WebParts(province=house.desk, notices=desk, peers=peers[-1])
        clients[name] = await open_client(parts=parts)
    for name, other in (("a", "b"), ("b", "a")):
        places[name].addresses = {other: Address("127.0.0.1", clients[other].port or 0)}

    notice_id = await put(clients["a"])
    assert Notices(homes["b"]).in_force()["zh-CN"] == (f"notice_{notice_id}",)
    one = f"{NOTICES}/{notice_id}"
    off = {"is_on": False, "reason": "雨停了", **times(-1, 2)}
    assert await (await clients["b"].post(one, json=off)).json() == {"missing": []}
    assert Notices(homes["a"]).in_force() == Notices(homes["b"]).in_force() == {}
    places["a"].addresses["b"] = None
    on = {**off, "is_on": True}
    assert await (await clients["a"].post(one, json=on)).json() == {"missing": ["b"]}
    assert Notices(homes["a"]).in_force() and not Notices(homes["b"]).in_force()
    cleared = await clients["b"].post(f"{one}/clear", json={"reason": "解除预警"})
    assert await cleared.json() == {"missing": []}
    assert not [file for home in homes.values() for file in home.glob("**/notice_*")]
    trail = [entry.action for entry in await audit.entries(house.store)]
    assert trail == ["notice_cleared", "notice_changed", "notice_changed", "notice_set"]

    copy = {"node": "b", "language": "zh-CN", "text": TEXT, "by": "x", "is_on": True}
    body = {**copy, "set_at": times(0, 1)["since"], **times(-1, 1)}
    refused = await clients["a"].post(f"{one}/copy", json=body)
    assert (refused.status, (await refused.json())["error"]) == (403, "not_a_node")
    for one_of_two in peers:
        await one_of_two.close()
