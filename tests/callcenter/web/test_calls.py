"""Calls that were: who may find, see and hear which, and what is written down of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from aiohttp.test_utils import TestClient

from callcenter.call_audio import peaks, tracks
from callcenter.web.call_story import moments
from callcenter.web.calls_desk import CallsDesk
from callcenter.web.errors import ApiFault
from callcenter.web.person import Person, rights_of
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from reports import audit
from reports.facts import (
    Callbacks,
    CallbackTry,
    CallOut,
    Leg,
    Note,
    OverflowRequest,
    Passed,
    Recording,
    Transfer,
)
from reports.records import put
from reports.search import Turn, keep_transcript
from reports.store import Store
from tests.callcenter.web.conftest import OpenClient
from tests.new_database import upgraded
from tests.reports.made import answered, at, call, queued
from tests.reports.records_contract import record

RATE = 8000
CALLER = "+8613900000123"


def person(*roles: Role, seat: str | None = None, city: str | None = None) -> Person:
    return Person(
        name="wang", roles=frozenset(roles), rights=rights_of(roles), seat=seat, city=city
    )


def write_sound(file: Path, *, seconds: float, loud_from_s: float, rate: int = RATE) -> None:
    sound = np.zeros(int(seconds * rate), np.int16)
    sound[int(loud_from_s * rate) :] = 16384
    soundfile.write(file, sound, rate, format="WAV", subtype="PCM_16")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    stem = tmp_path / "recordings" / "main-1.1"
    stem.parent.mkdir()
    write_sound(Path(f"{stem}-caller.wav"), seconds=2, loud_from_s=1)
    write_sound(Path(f"{stem}-heard.wav"), seconds=1.5, loud_from_s=0)
    write_sound(Path(f"{stem}-seat-1.wav16"), seconds=1, loud_from_s=0, rate=16000)
    Path(f"{stem}-leg-0.wav16").write_bytes(b"")  # begun and never filled
    talked = answered(
        "talked",
        caller=CALLER,
        recording=Recording(path=str(stem), duration_s=2, talk_from_s=1, talk_to_s=2),
        path=(Passed(at=at(1), flow="main", version=1, step="menu", way="keys.2"),),
        legs=(Leg(kind="hold", by="8001", at=at(30), ended_at=at(40), outcome="retrieved"),),
    )
    async with Store(f"sqlite:///{tmp_path}/facts.db") as store:
        await upgraded(store)
        await store.upsert([talked, queued("gave-up", caller=CALLER, city="222400")])
        await keep_transcript(store, "talked", [Turn("caller", 1.0, 2.0, "老板拖欠工资")])
        yield store


@pytest.fixture
async def client(open_client: OpenClient, store: Store, tmp_path: Path) -> TestClient[Any, Any]:
    return await open_client(parts=WebParts(calls=CallsDesk(store, home=tmp_path)))


async def test_a_list_masks_numbers_and_says_where_words_were_said(
    client: TestClient[Any, Any],
) -> None:
    said = await (await client.get("/api/v1/calls", params={"words": "拖欠"})).json()
    assert said["total"] == 1
    row = said["rows"][0]
    assert (row["caller"], row["spoken"]) == ("139****0123", "老板拖欠工资")
    assert (row["outcome"], row["seats"], row["city_name"]) == ("answered", ["8001"], "长春市")
    assert (row["waited_s"], row["talk_s"], row["rating"]) == (10.0, 110.0, 2)


async def test_a_list_says_whose_record_is_still_to_be_filed(
    client: TestClient[Any, Any], store: Store
) -> None:
    none = (await (await client.get("/api/v1/calls")).json())["rows"]
    assert {one["record"] for one in none} == {None}
    await put(store, [record("talked", main="0702")])
    said = await (await client.get("/api/v1/calls", params={"record": "open"})).json()
    assert [(one["call_id"], one["record"]) for one in said["rows"]] == [("talked", "open")]
    filed = await (await client.get("/api/v1/calls", params={"record": "filed"})).json()
    assert filed["total"] == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        *(("number=abc", "number"), ("outcome=lost", "outcome"), ("size=5000", "size")),
        *(("x=1", "x"), ("last=9999-12-31", "日期"), ("first=0001-01-01", "日期")),
    ],
)
async def test_a_wrong_wish_is_named(client: TestClient[Any, Any], query: str, field: str) -> None:
    answer = await client.get(f"/api/v1/calls?{query}")
    said = await answer.json()
    assert (answer.status, said["error"]) == (422, "invalid")
    assert field in said["message"]


@pytest.mark.parametrize("path", ["", "/talked"])
async def test_without_the_database_calls_say_so(
    client: TestClient[Any, Any], tmp_path: Path, path: str
) -> None:
    (tmp_path / "facts.db").unlink()
    answer = await client.get(f"/api/v1/calls{path}")
    assert (answer.status, (await answer.json())["error"]) == (503, "database_away")


async def test_one_call_is_told_as_a_time_line(client: TestClient[Any, Any]) -> None:
    said = await (await client.get("/api/v1/calls/talked")).json()
    story = [(one["what"], one["who"], one["how"]) for one in said["moments"]]
    assert story == [
        ("arrived", None, None),
        ("menu", "menu", "keys.2"),
        ("offered", "8001", "answered"),
        ("talking", "8001", None),
        ("hold", "8001", "retrieved"),
        ("survey", None, "2"),
        ("ended", "caller", None),
    ]
    assert [(one["name"], one["who"]) for one in said["tracks"]] == [
        ("caller", None),
        ("heard", None),
        ("seat-1", "8001"),
    ]
    assert said["said"][0]["text"] == "老板拖欠工资"


async def test_what_the_caller_left_is_heard_by_itself(
    client: TestClient[Any, Any], store: Store, tmp_path: Path
) -> None:
    stem = tmp_path / "recordings" / "main-1.2"
    for n in (3, 7):
        write_sound(Path(f"{stem}-voice-{n}.wav"), seconds=1, loud_from_s=0)
    asked = OverflowRequest(number=CALLER, audio=f"{stem}-voice-7", requested_at=at(50))
    missed = CallbackTry(call_id="missed", at=at(80), ended_at=at(85), outcome="no_answer")
    rung = CallbackTry(call_id="rung", at=at(90), ended_at=at(99), outcome="answered")
    left = queued(
        "left",
        overflow="callback",
        overflow_request=asked,
        callbacks=Callbacks(state="calling", tries=(missed, rung)),
        notes=(Note(name="complaint", audio=f"{stem}-voice-3", duration_s=1),),
        recording=Recording(path=str(stem)),
        hold="emergency",
    )
    await store.upsert([left, call("rung", callback_of="left")])
    said = await (await client.get("/api/v1/calls/left")).json()
    assert [(one["name"], one["who"]) for one in said["tracks"]] == [
        ("voice-3", "complaint"),
        ("voice-7", "callback"),
    ]
    assert (said["called_back"], said["is_kept"]) == (["rung"], True)
    back = await (await client.get("/api/v1/calls/rung")).json()
    assert (back["callback_of"], back["called_back"], back["is_kept"]) == ("left", [], False)
    await client.post("/api/v1/calls/left/hear", json={"reason": "办理留言"})
    sound = await client.get("/api/v1/calls/left/sound/voice-7")
    assert (await sound.read())[:4] == b"RIFF"


def test_lines_outside_are_told_by_their_titles() -> None:
    legs = (Leg(kind="conference", target="line court", by="8001", at=at(20)),)
    transfers = (Transfer(line="police", at=at(30)), Transfer(line="gone", at=at(40)))
    story = moments(
        answered("told", legs=legs, transfers=transfers), {"court": "中级法院", "police": "110"}
    )
    told = [one.who for one in story if one.what in ("conference", "line")]
    assert told == ["line 中级法院", "110", "gone"]


async def test_a_call_out_tells_who_called_and_why(
    client: TestClient[Any, Any], store: Store
) -> None:
    out = CallOut(seat="8001", by="wang", number=CALLER, reason="补充材料")
    await store.upsert([answered("out", call_out=out)])
    said = await (await client.get("/api/v1/calls/out")).json()
    assert said["call_out"] == {"seat": "8001", "by": "wang", "reason": "补充材料"}
    assert CALLER not in str(said)


async def test_a_waveform_shows_where_each_side_is_loud(client: TestClient[Any, Any]) -> None:
    said = await (await client.get("/api/v1/calls/talked/waveform?points=10")).json()
    assert said["duration_s"] == 2.0
    assert said["caller"] == [0] * 5 + [50] * 5
    assert set(said["heard"]) == {50}


async def test_a_call_is_heard_only_after_a_reason_which_is_kept(
    client: TestClient[Any, Any], store: Store
) -> None:
    sound = "/api/v1/calls/talked/sound/both"
    refused = await client.get(sound)
    assert (refused.status, (await refused.json())["error"]) == (403, "reason_needed")
    given = await client.post("/api/v1/calls/talked/hear", json={"reason": "投诉复核"})
    assert given.status == 200
    answer = await client.get(sound, headers={"Range": "bytes=0-43"})
    assert answer.status == 206
    assert (await answer.read())[:4] == b"RIFF"
    entries = await audit.entries(store, subject="talked")
    assert [(one.by, one.action, one.reason) for one in entries] == [
        ("api-key", "hear_call", "投诉复核")
    ]


async def test_both_sides_come_left_and_right_in_step(
    client: TestClient[Any, Any], store: Store, tmp_path: Path
) -> None:
    await client.post("/api/v1/calls/talked/hear", json={"reason": "质检"})
    answer = await client.get("/api/v1/calls/talked/sound/both?download=true")
    (taken, _) = await audit.entries(store, subject="talked")
    assert (taken.action, taken.reason) == ("download_call", "质检（both）")
    assert 'filename="12348-20260302-090203-' in answer.headers["Content-Disposition"]
    file = tmp_path / "got.wav"
    file.write_bytes(await answer.read())
    samples, rate = soundfile.read(file, dtype="int16")
    assert (samples.shape, rate) == ((2 * RATE, 2), RATE)
    assert samples[RATE - 1].tolist() == [0, 16384]
    assert samples[RATE + 1].tolist() == [16384, 16384]
    assert samples[-1].tolist() == [16384, 0]


@pytest.mark.parametrize("track", ["leg-0", "nothing", "..%2f..%2fapi.key"])
async def test_no_other_file_than_a_track_is_given_out(
    client: TestClient[Any, Any], track: str
) -> None:
    await client.post("/api/v1/calls/talked/hear", json={"reason": "质检"})
    answer = await client.get(f"/api/v1/calls/talked/sound/{track}")
    assert (answer.status, (await answer.json())["error"]) == (404, "recording_gone")


async def test_a_call_without_a_recording_says_so(client: TestClient[Any, Any]) -> None:
    await client.post("/api/v1/calls/gave-up/hear", json={"reason": "质检"})
    assert (await client.get("/api/v1/calls/gave-up/sound/both")).status == 404
    outline = await (await client.get("/api/v1/calls/gave-up/waveform")).json()
    assert outline == {"duration_s": 0.0, "caller": [], "heard": []}


async def test_a_number_is_shown_whole_for_a_reason_which_is_kept(
    client: TestClient[Any, Any], store: Store
) -> None:
    refused = await client.post("/api/v1/calls/talked/reveal", json={"reason": ""})
    assert refused.status == 422
    said = await client.post("/api/v1/calls/talked/reveal", json={"reason": "回访"})
    assert (await said.json())["number"] == CALLER
    assert [one.action for one in await audit.entries(store)] == ["reveal_number"]


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (person(Role.SEAT, seat="8001"), {"talked"}),
        (person(Role.SEAT, seat="8002"), set()),
        (person(Role.SEAT), set()),
        (person(Role.SUPERVISOR), {"talked", "gave-up"}),
        (person(Role.SUPERVISOR, city="222400"), {"gave-up"}),
        (person(Role.QUALITY, city="220100"), {"talked"}),
        (person(Role.ADMIN), set()),
        (person(Role.AUDITOR), set()),
    ],
    ids=lambda value: (
        f"{sorted(value.roles)} {value.seat} {value.city}" if isinstance(value, Person) else ""
    ),
)
async def test_people_see_the_calls_in_their_reach_and_are_not_told_of_others(
    who: Person, sees: set[str], store: Store, tmp_path: Path
) -> None:
    desk = CallsDesk(store, home=tmp_path)
    seen = set()
    for call_id in ("talked", "gave-up", "nothing"):
        try:
            seen.add((await desk.call(call_id, who)).call_id)
        except ApiFault as refused:
            assert (refused.status, refused.error) == (404, "call_unknown")
    assert seen == sees


def test_outlines_of_a_short_sound_have_no_more_points_than_samples(tmp_path: Path) -> None:
    file = tmp_path / "x-caller.wav"
    soundfile.write(file, np.array([1, -32768, 3], np.int16), RATE)
    assert peaks(file, points=100) == [0, 100, 0]
    assert [one.name for one in tracks(tmp_path / "x")] == ["caller"]
