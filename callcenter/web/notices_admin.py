"""Emergency notices: heard before they are set, switched, extended, taken back."""

import asyncio
import base64
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from aiohttp import web

from callcenter.notice_desk import (
    ZONE,
    NoNotice,
    NoticeDesk,
    Tried,
    Unplayable,
    changed,
)
from callcenter.notice_sound import NoVoice
from callcenter.notices import MOST_AT_ONCE, Notice
from callcenter.web.auth import VISITOR
from callcenter.web.errors import ApiFault
from callcenter.web.notices_models import (
    ListedNotice,
    NoticeChange,
    NoticeClear,
    NoticeCopy,
    NoticesAnswer,
    NoticeSaved,
    NoticeSet,
    NoticeTimes,
    NoticeWords,
    RecordedNotice,
    TriedNotice,
)
from callcenter.web.notices_nodes import spread, take_back, taken
from callcenter.web.person import person_of
from callcenter.web.province_part import province_desk
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model, read_query
from callcenter.web.uploads import save_to
from callcenter.web.web_parts import PARTS
from ivr_flows.prompts.texts import PromptFault
from ivr_flows.prompts.upload import MOST_BYTES

T = TypeVar("T")
_ONE_AT_A_TIME = asyncio.Semaphore(1)  # speaking and levelling take memory and a core


def _desk(request: web.Request, *, changes: bool = True) -> NoticeDesk:
    """The notices of this process. They are heard in the whole province."""
    desk = request.app[PARTS].notices
    if desk is None:
        raise ApiFault(503, "not_here", "此服务进程不管理紧急通知。")
    if changes and person_of(request).city is not None:
        raise ApiFault(403, "not_your_city", "紧急通知由全省来电人听到，由省级人员设置。")
    return desk


def _no_voice() -> ApiFault:
    return ApiFault(409, "no_voice", "本机不能合成语音，请上传录音。")


async def _at_desk(work: Callable[[], T]) -> T:
    """File work in a thread, its refusals as faults of the API."""
    try:
        return await asyncio.to_thread(work)
    except NoNotice:
        raise ApiFault(404, "notice_unknown", "没有这条紧急通知，请刷新后再试。") from None
    except PromptFault as fault:
        raise ApiFault(422, "unfit", f"{str(fault).rstrip('。')}。", where="text") from None
    except NoVoice:
        raise _no_voice() from None
    except Unplayable:
        raise ApiFault(503, "unplayable", "紧急通知没有设置：声音文件放不出来。") from None
    except OSError as refused:
        what = f"文件写不进去：{refused.strerror}。"
        raise ApiFault(503, "not_written", what) from refused


async def get_notices(request: web.Request) -> web.Response:
    """All notices."""
    desk, now = _desk(request, changes=False), datetime.now(UTC)
    every = await _at_desk(lambda: desk.every(now))
    found = [
        ListedNotice(
            id=one.notice.id,
            language=one.notice.language,
            text=one.notice.text,
            since=one.notice.since,
            until=one.notice.until,
            set_at=one.notice.set_at,
            by=one.notice.by,
            state=one.state,
            heard=one.heard,
            duration_s=one.seconds,
        )
        for one in every
    ]
    return json_answer(
        NoticesAnswer(notices=found, can_speak=desk.can_speak, most_at_once=MOST_AT_ONCE)
    )


async def get_audio(request: web.Request) -> web.StreamResponse:
    """What callers hear."""
    desk = _desk(request, changes=False)
    file = await _at_desk(lambda: desk.audio(request.match_info["notice"]))
    return web.FileResponse(file, headers={"Content-Type": "audio/wav"})


async def post_spoken(request: web.Request) -> web.Response:
    """A text spoken, to be heard before it is set."""
    desk, asked = _desk(request), await read_model(request, NoticeWords)
    if not desk.can_speak:
        raise _no_voice()
    text = " ".join(asked.text.split())
    async with _ONE_AT_A_TIME:
        return _told(await _at_desk(lambda: desk.speak(text, asked.language)))


async def post_recorded(request: web.Request) -> web.Response:
    """A recording made ready, to be heard before it is set."""
    desk, asked = _desk(request), read_query(request, RecordedNotice)
    text = " ".join(asked.text.split())
    async with _ONE_AT_A_TIME:
        with tempfile.TemporaryDirectory(prefix="hotline-notice-") as folder:
            file = Path(folder) / "recording"
            await save_to(request, file, most=MOST_BYTES)
            return _told(await _at_desk(lambda: desk.record(file, text, asked.language)))


def _told(tried: Tried) -> web.Response:
    return json_answer(
        TriedNotice(
            id=tried.id,
            done=list(tried.done),
            duration_s=tried.seconds,
            audio=base64.b64encode(tried.audio[".wav"]).decode(),
        )
    )


def _times(asked: NoticeTimes, now: datetime) -> tuple[datetime, datetime]:
    """Since when and until when in UTC; raises ApiFault where it would never be heard."""
    since = (asked.since or now).astimezone(UTC)
    until = asked.until.astimezone(UTC)
    if until <= max(since, now):
        raise ApiFault(422, "until_past", "结束时间要在开始时间和现在之后。", where="until")
    return since, until


async def post_notice(request: web.Request) -> web.Response:
    """Put what was tried in force."""
    desk, asked = _desk(request), await read_model(request, NoticeSet)
    now, by = datetime.now(UTC), person_of(request).name
    since, until = _times(asked, now)
    tried = await _at_desk(lambda: desk.tried(asked.tried))
    said = f"{tried.text}（{_local(since)} 至 {_local(until)}）"
    await _note(request, "notice_set", tried.language, asked.reason, said)
    notice = await _at_desk(lambda: desk.put(tried, since=since, until=until, by=by, now=now))
    return json_answer(NoticeSaved(missing=await spread(request, notice)))


async def post_change(request: web.Request) -> web.Response:
    """Other times, or switched."""
    desk, asked = _desk(request), await read_model(request, NoticeChange)
    now = datetime.now(UTC)
    notice = await _at_desk(lambda: desk.one(request.match_info["notice"]))
    since, until = notice.since, notice.until
    if asked.is_on or asked.until != until:
        since, until = _times(asked, now)
    by = person_of(request).name
    after = changed(notice, since=since, until=until, is_on=asked.is_on, by=by)
    await _note(request, "notice_changed", notice.id, asked.reason, _words(notice, after))
    await _at_desk(lambda: desk.change(after))
    return json_answer(NoticeSaved(missing=await spread(request, after)))


async def post_clear(request: web.Request) -> web.Response:
    """Take it back; calls that are hearing it hear it to its end."""
    desk, asked = _desk(request), await read_model(request, NoticeClear)
    is_passed_on = request[VISITOR].is_passed_on
    try:
        notice = await _at_desk(lambda: desk.one(request.match_info["notice"]))
    except ApiFault:
        if is_passed_on:  # a node that never had it plays it no longer
            return json_answer(NoticeSaved(missing=[]))
        raise
    if not is_passed_on:
        await _note(request, "notice_cleared", notice.id, asked.reason, notice.text)
    await _at_desk(lambda: desk.clear(notice))
    return json_answer(NoticeSaved(missing=await take_back(request, notice, asked.reason)))


async def post_copy(request: web.Request) -> web.Response:
    """Another node's notice, here as well; there it is in the audit trail."""
    desk, asked = _desk(request), await read_model(request, NoticeCopy)
    await taken(request, desk, asked)
    return json_answer(NoticeSaved(missing=[]))


def _words(before: Notice, after: Notice) -> str:
    said = f"{after.text}（{_local(after.since)} 至 {_local(after.until)}）"
    if before.is_on == after.is_on:
        return said
    return f"启用，{said}" if after.is_on else f"停用，{said}"


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"


async def _note(request: web.Request, action: str, subject: str, reason: str, words: str) -> None:
    """Written down before it is done."""
    by = person_of(request).name
    await province_desk(request).note(
        by=by, action=action, subject=subject, reason=reason, words=words
    )


_PATH = "/api/v1/notices"
_ONE = f"{_PATH}/{{notice}}"
_TYPES = {"notice": {"type": "string", "pattern": "^[0-9A-Za-z_]{1,60}$"}}
ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_PATH,
        handler=get_notices,
        name="notices",
        summary="Emergency notices that callers hear right after the greeting",
        right=Right.NOTICES_SEE,
        answer=NoticesAnswer,
        faults=(503,),
    ),
    Route(
        method="GET",
        path=f"{_ONE}/audio",
        handler=get_audio,
        name="notice_audio",
        summary="A notice as callers hear it",
        right=Right.NOTICES_SEE,
        answer="audio/wav",
        path_types=_TYPES,
        faults=(416, 503),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/tried/spoken",
        handler=post_spoken,
        name="speak_notice",
        summary="A notice spoken from its text, to be heard before it is set",
        right=Right.NOTICES_SET,
        answer=TriedNotice,
        body=NoticeWords,
        faults=(409, 503),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/tried/recorded",
        handler=post_recorded,
        name="record_notice",
        summary="A recording of a notice made ready, to be heard before it is set",
        right=Right.NOTICES_SET,
        answer=TriedNotice,
        query=RecordedNotice,
        takes="application/octet-stream",
        faults=(503,),
    ),
    Route(
        method="POST",
        path=_PATH,
        handler=post_notice,
        name="set_notice",
        summary="Put a tried notice in force from one time until another",
        right=Right.NOTICES_SET,
        answer=NoticeSaved,
        body=NoticeSet,
        faults=(404, 503),
    ),
    Route(
        method="POST",
        path=_ONE,
        handler=post_change,
        name="change_notice",
        summary="Other times for a notice, or switch it off or on",
        right=Right.NOTICES_SET,
        answer=NoticeSaved,
        body=NoticeChange,
        path_types=_TYPES,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_ONE}/copy",
        handler=post_copy,
        name="copy_notice",
        summary="A notice of another node, which alone may ask for it",
        right=Right.NOTICES_SET,
        answer=NoticeSaved,
        body=NoticeCopy,
        path_types=_TYPES,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_ONE}/clear",
        handler=post_clear,
        name="clear_notice",
        summary="Take a notice back",
        right=Right.NOTICES_SET,
        answer=NoticeSaved,
        body=NoticeClear,
        path_types=_TYPES,
        faults=(503,),
    ),
)
