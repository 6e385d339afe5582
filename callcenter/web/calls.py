"""Calls that were: found, seen as a time line, heard with a reason."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from callcenter.call_audio import BOTH, AudioGone, Track, both_sides, peaks, tracks
from callcenter.web.call_story import moments
from callcenter.web.calls_desk import CallsDesk
from callcenter.web.calls_models import (
    Because,
    CallDetail,
    CallsPage,
    CallsQuery,
    NumberAnswer,
    PlaceAnswer,
    PlacesAnswer,
    SoundQuery,
    TrackAnswer,
    TurnAnswer,
    Waveform,
    WaveformQuery,
    call_row,
    called_back,
    called_out,
    heard_in,
)
from callcenter.web.days import midnight
from callcenter.web.errors import ApiFault
from callcenter.web.models import Done
from callcenter.web.person import person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model, read_query
from callcenter.web.web_parts import PARTS
from reports.facts import Conversation
from reports.metrics import ZONE
from reports.search import Wish, search, transcript
from seats.places import city_of, seat_places


def _desk(request: web.Request) -> CallsDesk:
    desk = request.app[PARTS].calls
    if desk is None:
        raise ApiFault(503, "not_here", "此服务进程不提供通话记录。")
    return desk


async def _category_names(request: web.Request) -> Callable[[str | None], str | None]:
    """What each code of the taxonomy is called now; nothing, where no records are kept."""
    pops = request.app[PARTS].pops
    return (await pops.taxonomy.look()).name_of if pops else lambda _code: None


async def get_calls(request: web.Request) -> web.Response:
    """One page of calls that fit."""
    desk, person, asked = _desk(request), person_of(request), read_query(request, CallsQuery)
    sees_all = person.may(Right.CALLS_SEE)
    if not sees_all and person.seat is None:
        return json_answer(CallsPage(rows=[], total=0, page=asked.page))
    wish = Wish(
        first=midnight(asked.first) if asked.first else None,
        before=midnight(asked.last, days=1) if asked.last else None,
        number=asked.number,
        seat=asked.seat,
        city=asked.city,
        group=asked.group,
        category=asked.category,
        outcome=asked.outcome or "",
        record=asked.record or "",
        words=asked.words.strip(),
        rated=asked.rated,
        of_seat=None if sees_all else person.seat,
        of_city=person.city if sees_all else None,
    )
    offset = (asked.page - 1) * asked.size
    found = await search(desk.store, wish, limit=asked.size, offset=offset)
    name_of = await _category_names(request)
    rows = [
        call_row(
            call,
            found.words.get(call.call_id),
            record=found.records.get(call.call_id),
            category_name=name_of(call.category),
        )
        for call in found.calls
    ]
    return json_answer(CallsPage(rows=rows, total=found.total, page=asked.page))


async def get_call(request: web.Request) -> web.Response:
    """One call with its time line and what was said."""
    desk, person = _desk(request), person_of(request)
    call = await desk.call(request.match_info["call_id"], person)
    said = await transcript(desk.store, call.call_id) if person.may(Right.CALLS_HEAR) else []
    name_of = await _category_names(request)
    there = await asyncio.to_thread(_tracks, call)
    return json_answer(
        CallDetail(
            row=call_row(call, category_name=name_of(call.category)),
            trunk=call.trunk,
            dialled=call.dialled,
            special=list(call.special),
            flow=call.flow,
            flow_version=call.flow_version,
            ended_by=call.ended_by,
            talk_from_s=call.recording.talk_from_s if call.recording else None,
            talk_to_s=call.recording.talk_to_s if call.recording else None,
            callback_of=call.callback_of,
            called_back=called_back(call),
            call_out=called_out(call),
            is_kept="hold" in (call.model_extra or {}),
            moments=moments(call, desk.line_titles()),
            tracks=[
                TrackAnswer(name=one.name, who=heard_in(call, one.name), duration_s=one.duration_s)
                for one in there
            ],
            said=[TurnAnswer.model_validate(turn) for turn in said],
        )
    )


def _tracks(call: Conversation) -> list[Track]:
    return tracks(Path(call.recording.path)) if call.recording else []


async def get_waveform(request: web.Request) -> web.Response:
    """Both sides in outline."""
    desk, asked = _desk(request), read_query(request, WaveformQuery)
    call = await desk.call(request.match_info["call_id"], person_of(request))

    def outline() -> Waveform:
        found = {one.name: one for one in _tracks(call)}
        duration_s = max((one.duration_s for one in found.values()), default=0.0)
        sides = [
            peaks(found[name].file, points=asked.points) if name in found else []
            for name in ("caller", "heard")
        ]
        return Waveform(duration_s=duration_s, caller=sides[0], heard=sides[1])

    try:
        return json_answer(await asyncio.to_thread(outline))
    except AudioGone:
        raise _no_audio() from None


async def post_hear(request: web.Request) -> web.Response:
    """Give the reason for which a call is to be heard: it is written down, and opens the sound."""
    desk, person, because = _desk(request), person_of(request), await read_model(request, Because)
    call = await desk.call(request.match_info["call_id"], person)
    await desk.note(person, "hear_call", call.call_id, because.reason)
    desk.let_hear(person, call.call_id, because.reason)
    return json_answer(Done())


async def get_sound(request: web.Request) -> web.StreamResponse:
    """A track of the recording, or both sides in step; answers requests for a part of it."""
    desk, person, asked = _desk(request), person_of(request), read_query(request, SoundQuery)
    call = await desk.call(request.match_info["call_id"], person)
    reason = desk.reason_of(person, call.call_id)
    file = await asyncio.to_thread(_sound_file, desk, call, request.match_info["track"])
    headers = {"Content-Type": "audio/wav"}
    if asked.download:
        because = f"{reason}（{request.match_info['track']}）"
        await desk.note(person, "download_call", call.call_id, because)
        name = f"12348-{call.arrived_at.astimezone(ZONE):%Y%m%d-%H%M%S}-{file.stem[-8:]}.wav"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return web.FileResponse(file, headers=headers)


def _sound_file(desk: CallsDesk, call: Conversation, track: str) -> Path:
    if call.recording is None:
        raise _no_audio()
    try:
        if track == BOTH:
            return both_sides(Path(call.recording.path), desk.folder)
    except AudioGone:
        raise _no_audio() from None
    for one in _tracks(call):  # a closed list: no name from outside becomes a path
        if one.name == track:
            return one.file
    raise _no_audio()


def _no_audio() -> ApiFault:
    return ApiFault(404, "recording_gone", "这通来电没有录音，或录音不在本机。")


async def post_reveal(request: web.Request) -> web.Response:
    """The whole number of a caller, for a reason that is written down."""
    desk, person, because = _desk(request), person_of(request), await read_model(request, Because)
    call = await desk.call(request.match_info["call_id"], person)
    await desk.note(person, "reveal_number", call.call_id, because.reason)
    return json_answer(NumberAnswer(number=call.caller or ""))


async def get_places(_request: web.Request) -> web.Response:
    """The places that calls are counted under, for choosing one."""
    places = [
        PlaceAnswer(code=code, name=one.name)
        for code, one in seat_places().items()
        if city_of(code) == code
    ]
    return json_answer(PlacesAnswer(places=places))


_CALL = "/api/v1/calls/{call_id}"
ROUTES = (
    Route(
        method="GET",
        path="/api/v1/places",
        handler=get_places,
        name="places",
        summary="Places that callers come from",
        right=Right.SELF,
        answer=PlacesAnswer,
    ),
    Route(
        method="GET",
        path="/api/v1/calls",
        handler=get_calls,
        name="calls",
        summary="Calls by time, number, seat, city, category, outcome and words said",
        right=Right.CALLS_OWN,
        query=CallsQuery,
        answer=CallsPage,
        faults=(503,),
    ),
    Route(
        method="GET",
        path=_CALL,
        handler=get_call,
        at="call",
        name="call",
        summary="One call: its time line, tracks and what was said",
        right=Right.CALLS_OWN,
        answer=CallDetail,
        faults=(503,),
    ),
    Route(
        method="GET",
        path=f"{_CALL}/waveform",
        handler=get_waveform,
        at="call",
        name="waveform",
        summary="Both sides of the recording in outline",
        right=Right.CALLS_HEAR,
        query=WaveformQuery,
        answer=Waveform,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_CALL}/hear",
        handler=post_hear,
        at="call",
        name="hear",
        summary="Give the reason for which a call is to be heard; opens its sound for an hour",
        right=Right.CALLS_HEAR,
        body=Because,
        answer=Done,
        faults=(503,),
    ),
    Route(
        method="GET",
        path=f"{_CALL}/sound/{{track}}",
        handler=get_sound,
        at="call",
        name="sound",
        summary="A track of the recording, or `both` sides left and right; takes Range",
        right=Right.CALLS_HEAR,
        query=SoundQuery,
        answer="audio/wav",
        faults=(416, 503),
    ),
    Route(
        method="POST",
        path=f"{_CALL}/reveal",
        handler=post_reveal,
        name="reveal",
        summary="The whole number of a caller, for a reason that is written down",
        right=Right.CALLS_REVEAL,
        body=Because,
        answer=NumberAnswer,
        faults=(503,),
    ),
)
