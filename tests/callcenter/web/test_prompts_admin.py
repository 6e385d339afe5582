"""Prompts over HTTP: heard, tried, replaced, reworded, put back, as Excel out and in."""

from __future__ import annotations

import base64
import io
import wave
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from aiohttp.test_utils import TestClient

from callcenter.documents.workbook import CONTENT_TYPE
from callcenter.prompt_shelf import PromptShelf
from callcenter.sounds import prepare, sound_folder
from callcenter.web.web_parts import WebParts
from ivr_flows.prompts.texts import PACKAGED
from reports import audit
from tests.callcenter.documents.desk_here import Here, here
from tests.callcenter.web.conftest import OpenClient

PROMPTS = "/api/v1/prompts"
GREETING = f"{PROMPTS}/zh-CN/greeting"
STUDIO = (PACKAGED / "zh-CN" / "greeting.wav16").read_bytes()
SOUND = {"Content-Type": "application/octet-stream"}
Client = TestClient[Any, Any]


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    async with here(tmp_path) as one:
        prepare(one.settings.home)
        yield one


@pytest.fixture
async def client(open_client: OpenClient, house: Here) -> Client:
    shelf = PromptShelf(house.settings.home)
    return await open_client(parts=WebParts(province=house.desk, prompts=shelf))


async def greeting(client: Client) -> dict[str, Any]:
    found = await (await client.get(PROMPTS)).json()
    return next(one for one in found["prompts"] if one["id"] == "greeting")


async def test_a_prompt_is_told_with_whose_voice_it_is_and_heard(client: Client) -> None:
    one = await greeting(client)
    assert (one["source"], one["own_text"], one["is_due"]) == ("packaged", None, False)
    assert "12348 总机" in one["flows"] and 5 < one["duration_s"] < 9
    sound = await (await client.get(f"{GREETING}/audio")).read()
    assert sound == (PACKAGED / "zh-CN" / "greeting.wav").read_bytes()
    part = await client.get(f"{GREETING}/audio", headers={"Range": "bytes=0-3"})
    assert (part.status, await part.read()) == (206, b"RIFF")
    assert (await client.get(f"{PROMPTS}/zh-CN/nothing/audio")).status == 404
    assert (await client.get(f"{PROMPTS}/fr/greeting/audio")).status == 404


async def test_a_recording_is_tried_then_heard_then_taken_back(client: Client, house: Here) -> None:
    laid = sound_folder(house.settings.home) / "greeting.wav"
    answer = await client.post(f"{GREETING}/recording", data=STUDIO, headers=SOUND)
    tried = await answer.json()
    assert answer.status == 200 and not tried["saved"] and any("响度" in x for x in tried["done"])
    with wave.open(io.BytesIO(base64.b64decode(tried["audio"]))) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (8000, 1)
    assert (await greeting(client))["source"] == "packaged"

    answer = await client.post(
        f"{GREETING}/recording", params={"reason": "新录音"}, data=STUDIO, headers=SOUND
    )
    assert (await answer.json())["saved"] and (await answer.json())["heard"]
    own = house.settings.home / "prompts" / "zh-CN" / "greeting.wav"
    assert laid.resolve() == own and (await greeting(client))["source"] == "own"
    heard = await (await client.get(f"{GREETING}/audio")).read()
    assert heard == own.read_bytes()

    answer = await client.post(f"{GREETING}/back", json={"reason": "试完了"})
    assert answer.status == 200 and not own.exists()
    assert laid.resolve() == PACKAGED / "zh-CN" / "greeting.wav"
    told = [(e.action, e.subject, e.reason) for e in await audit.entries(house.store)]
    assert told == [
        ("prompt_restored", "zh-CN/greeting", "试完了"),
        ("prompt_replaced", "zh-CN/greeting", "新录音"),
    ]


async def test_what_is_not_fit_is_refused_with_the_reason(client: Client, house: Here) -> None:
    for data, why in [
        (b"no sound", "不是能读的声音文件"),
        (b"", "不是能读的声音文件"),
        ((PACKAGED / "zh-CN" / "digit_1.wav").read_bytes(), "与文字不符"),
    ]:
        answer = await client.post(
            f"{GREETING}/recording", params={"reason": "x"}, data=data, headers=SOUND
        )
        said = await answer.json()
        assert (answer.status, said["error"]) == (422, "unfit") and why in said["message"]
        assert "/" not in said["message"].split("：")[0]
    assert await audit.entries(house.store) == []


async def test_a_sites_own_wording_wants_a_recording_of_that_length(
    client: Client, house: Here
) -> None:
    body = {"text": "您好，请讲。", "reason": "改称呼"}
    assert (await client.post(f"{GREETING}/wording", json=body)).status == 200
    one = await greeting(client)
    assert (one["own_text"], one["is_due"]) == (body["text"], True)
    answer = await client.post(f"{GREETING}/recording", data=STUDIO, headers=SOUND)
    assert answer.status == 422 and body["text"] in (await answer.json())["message"]
    short = (PACKAGED / "zh-CN" / "ai_mark.wav").read_bytes()
    query = {"reason": "新录音"}
    answer = await client.post(f"{GREETING}/recording", params=query, data=short, headers=SOUND)
    assert answer.status == 200, await answer.text()
    assert not (await greeting(client))["is_due"]
    back = {"text": one["text"], "reason": "改回"}
    assert (await client.post(f"{GREETING}/wording", json=back)).status == 200
    assert (await greeting(client))["own_text"] is None


async def test_the_script_goes_out_as_excel_and_wordings_come_back(
    client: Client, house: Here
) -> None:
    body = await (await client.get(f"{PROMPTS}/sheet")).read()
    book = openpyxl.load_workbook(io.BytesIO(body))
    page = book.active
    assert page["A2"].value == "greeting"
    page["C2"] = "您好，请讲。"
    page["A3"] = "nothing"
    checked = await sheet(client, book)
    assert [(one["row"], one["column"]) for one in checked["faults"]] == [(3, "A")]
    page["A3"] = "ai_mark"
    assert (await sheet(client, book))["changes"] == ["greeting：您好，请讲。"]
    assert (await greeting(client))["own_text"] is None
    await sheet(client, book, reason="导入")
    assert (await greeting(client))["own_text"] == "您好，请讲。"
    assert (await sheet(client, book))["changes"] == []


async def sheet(client: Client, book: openpyxl.Workbook, **query: str) -> dict[str, Any]:
    out = io.BytesIO()
    book.save(out)
    answer = await client.post(
        f"{PROMPTS}/sheet",
        params=query,
        data=out.getvalue(),
        headers={"Content-Type": CONTENT_TYPE},
    )
    assert answer.status == 200, await answer.text()
    return dict(await answer.json())
