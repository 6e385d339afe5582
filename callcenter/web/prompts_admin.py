"""Prompts: heard, replaced by a recording, reworded, put back, as Excel out and in."""

import asyncio
import base64
import io
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import soundfile
from aiohttp import web

from callcenter.documents.desk import ProvinceDesk
from callcenter.documents.prompts_sheet import read_wordings, write_prompts
from callcenter.documents.workbook import CONTENT_TYPE
from callcenter.prompt_history import NoRecording
from callcenter.prompt_shelf import NoPrompt, PromptShelf
from callcenter.web.errors import ApiFault
from callcenter.web.excel import brought, excel_file
from callcenter.web.models import Done
from callcenter.web.person import person_of
from callcenter.web.prompts_models import (
    PromptAnswer,
    PromptBack,
    PromptsAnswer,
    PromptsQuery,
    PromptWording,
    RecordingAnswer,
    RecordingQuery,
    WordingsQuery,
)
from callcenter.web.province_models import SheetChecked
from callcenter.web.province_part import province_desk
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model, read_query
from callcenter.web.uploads import save_to
from callcenter.web.web_parts import PARTS
from ivr_flows.names import LANGUAGES
from ivr_flows.prompts.texts import ENDINGS, PromptFault
from ivr_flows.prompts.upload import MOST_BYTES as MOST_RECORDING
from ivr_flows.prompts.upload import Ready

T = TypeVar("T")
_ONE_AT_A_TIME = asyncio.Semaphore(1)  # levelling a long recording takes memory and a core


def shelf_of(request: web.Request) -> PromptShelf:
    """The prompts of this process; raises ApiFault 503 where there are none."""
    shelf = request.app[PARTS].prompts
    if shelf is None:
        raise ApiFault(503, "not_here", "此服务进程不管理提示音。")
    return shelf


async def at_shelf(work: Callable[[], T]) -> T:
    """File work in a thread, its refusals as faults of the API."""
    try:
        return await asyncio.to_thread(work)
    except NoPrompt:
        raise ApiFault(404, "prompt_unknown", "没有这条提示音。") from None
    except NoRecording:
        raise ApiFault(404, "recording_unknown", "没有这个历史录音。") from None
    except PromptFault as fault:
        raise ApiFault(422, "unfit", f"{str(fault).rstrip('。')}。") from None
    except OSError as refused:
        what = f"文件写不进去：{refused.strerror}。"
        raise ApiFault(503, "not_written", what) from refused


def which(request: web.Request) -> tuple[str, str]:
    """Prompt and language in the path; raises ApiFault 404."""
    language = request.match_info["language"]
    if language not in LANGUAGES:
        raise ApiFault(404, "prompt_unknown", "没有这种语言的提示音。")
    return request.match_info["prompt"], language


async def get_prompts(request: web.Request) -> web.Response:
    """All prompts of a language."""
    shelf, asked = shelf_of(request), read_query(request, PromptsQuery)
    used = await province_desk(request).prompts_in_flows()
    every = await at_shelf(lambda: shelf.every(asked.language))
    found = [
        PromptAnswer(
            id=one.id,
            kind=one.kind,
            text=one.text,
            own_text=one.own_text,
            source=one.source,
            duration_s=one.duration_s,
            recorded_at=one.recorded_at,
            is_due=one.is_due,
            earlier=one.earlier,
            flows=list(used.get(one.id, ())),
        )
        for one in every
    ]
    return json_answer(PromptsAnswer(language=asked.language, prompts=found))


async def get_audio(request: web.Request) -> web.StreamResponse:
    """What callers hear."""
    shelf, (prompt, language) = shelf_of(request), which(request)
    file = await at_shelf(lambda: shelf.audio(prompt, language))
    return web.FileResponse(file, headers={"Content-Type": "audio/wav"})


async def post_recording(request: web.Request) -> web.Response:
    """A recording in a prompt's place, or tried; refused with the reason when it is not fit."""
    shelf, (prompt, language) = shelf_of(request), which(request)
    asked = read_query(request, RecordingQuery)
    async with _ONE_AT_A_TIME:
        with tempfile.TemporaryDirectory(prefix="hotline-recording-") as folder:
            file = Path(folder) / "recording"
            await save_to(request, file, most=MOST_RECORDING)
            ready = await at_shelf(lambda: shelf.fitted(prompt, language, file))
        is_heard = False
        if asked.reason is not None:
            await note(request, "prompt_replaced", asked.reason, "；".join(ready.done))
            is_heard = await at_shelf(lambda: shelf.put(prompt, language, ready))
        audio = await asyncio.to_thread(_wav, ready)
    return json_answer(
        RecordingAnswer(
            done=list(ready.done),
            duration_s=round(ready.duration_s, 1),
            saved=asked.reason is not None,
            heard=is_heard,
            audio=base64.b64encode(audio).decode(),
        )
    )


def _wav(ready: Ready) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, ready.samples["wav"], ENDINGS["wav"], format="WAV", subtype="PCM_16")
    return out.getvalue()


async def note(request: web.Request, action: str, reason: str, words: str) -> None:
    """Write down what is about to be done to the prompt in the path."""
    prompt, language = which(request)
    desk: ProvinceDesk = province_desk(request)
    by, subject = person_of(request).name, f"{language}/{prompt}"
    await desk.note(by=by, action=action, subject=subject, reason=reason, words=words)


async def post_back(request: web.Request) -> web.Response:
    """The packaged voice again."""
    shelf, (prompt, language) = shelf_of(request), which(request)
    asked = await read_model(request, PromptBack)
    await at_shelf(lambda: shelf.audio(prompt, language))
    await note(request, "prompt_restored", asked.reason, "")
    await at_shelf(lambda: shelf.put_back(prompt, language))
    return json_answer(Done())


async def post_wording(request: web.Request) -> web.Response:
    """This site's own text, to be recorded from; what is heard stays until it is."""
    shelf, (prompt, language) = shelf_of(request), which(request)
    asked = await read_model(request, PromptWording)
    text, now = " ".join(asked.text.split()), datetime.now(UTC)
    await at_shelf(lambda: shelf.audio(prompt, language))
    await note(request, "prompt_worded", asked.reason, text)
    await at_shelf(lambda: shelf.word({prompt: text}, language, now=now))
    return json_answer(Done())


async def get_sheet(request: web.Request) -> web.Response:
    """The script of a language as an Excel file."""
    shelf, asked = shelf_of(request), read_query(request, PromptsQuery)
    used = await province_desk(request).prompts_in_flows()
    every = await at_shelf(lambda: shelf.every(asked.language))
    body = await asyncio.to_thread(write_prompts, every, used)
    return excel_file(body, f"prompts-{asked.language}")


async def post_sheet(request: web.Request) -> web.Response:
    """Own wordings out of an Excel file; without a reason only checked."""
    shelf, asked = shelf_of(request), read_query(request, WordingsQuery)
    language, now = asked.language, datetime.now(UTC)
    known = {one.id: one for one in await at_shelf(lambda: shelf.every(language))}
    texts, table = await brought(request, lambda data: read_wordings(data, known))
    told = [f"{prompt}：{text or '用原来的文字'}" for prompt, text in texts.items()]
    if asked.reason is not None and texts and not table.faults:
        await province_desk(request).note(
            by=person_of(request).name,
            action="prompt_worded",
            subject=language,
            reason=asked.reason,
            words="；".join(told)[:2000],
        )
        await at_shelf(lambda: shelf.word(texts, language, now=now))
    faults = list(table.faults)
    return json_answer(SheetChecked(faults=faults, changes=told, rows=len(table.rows)))


_PATH = "/api/v1/prompts"
_ONE = f"{_PATH}/{{language}}/{{prompt}}"
_TYPES = {"language": {"type": "string", "enum": list(LANGUAGES)}}
ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_PATH,
        handler=get_prompts,
        name="prompts",
        summary="What callers and seats hear in a language, and whose voice it is",
        right=Right.PROVINCE_SEE,
        answer=PromptsAnswer,
        query=PromptsQuery,
        faults=(503,),
    ),
    Route(
        method="GET",
        path=f"{_PATH}/sheet",
        handler=get_sheet,
        name="prompts_sheet",
        summary="The script of a language as an Excel file",
        right=Right.PROVINCE_SEE,
        answer=CONTENT_TYPE,
        query=PromptsQuery,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/sheet",
        handler=post_sheet,
        name="import_wordings",
        summary="A site's own wordings out of an Excel file; without a reason only checked",
        right=Right.PROVINCE_EDIT,
        answer=SheetChecked,
        query=WordingsQuery,
        takes=CONTENT_TYPE,
        faults=(503,),
    ),
    Route(
        method="GET",
        path=f"{_ONE}/audio",
        handler=get_audio,
        name="prompt_audio",
        summary="A prompt as callers hear it",
        right=Right.PROVINCE_SEE,
        answer="audio/wav",
        path_types=_TYPES,
        faults=(416, 503),
    ),
    Route(
        method="POST",
        path=f"{_ONE}/recording",
        handler=post_recording,
        name="replace_prompt",
        summary="A human recording for a prompt: checked, levelled, tried, or with a reason heard",
        right=Right.PROVINCE_EDIT,
        answer=RecordingAnswer,
        query=RecordingQuery,
        takes="application/octet-stream",
        path_types=_TYPES,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_ONE}/back",
        handler=post_back,
        name="restore_prompt",
        summary="The packaged voice again",
        right=Right.PROVINCE_EDIT,
        answer=Done,
        body=PromptBack,
        path_types=_TYPES,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_ONE}/wording",
        handler=post_wording,
        name="word_prompt",
        summary="A site's own text of a prompt, to be recorded from",
        right=Right.PROVINCE_EDIT,
        answer=Done,
        body=PromptWording,
        path_types=_TYPES,
        faults=(503,),
    ),
)
