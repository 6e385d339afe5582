"""Earlier recordings of a prompt: who brought them, heard, put back."""

from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from callcenter.prompt_history import NoRecording
from callcenter.prompt_shelf import PromptShelf
from callcenter.web.models import Done
from callcenter.web.prompts_admin import at_shelf, note, shelf_of, which
from callcenter.web.prompts_models import EarlierRecording, EarlierRecordings, PromptBack
from callcenter.web.province_part import province_desk
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_model
from ivr_flows.names import LANGUAGES
from reports.audit import Entry

_BROUGHT = frozenset({"prompt_replaced"})
_LATE = timedelta(seconds=1)  # a recording is named by the whole second after it was noted


async def get_earlier(request: web.Request) -> web.Response:
    """All recordings that were heard once."""
    shelf, (prompt, language) = shelf_of(request), which(request)
    found = await at_shelf(lambda: shelf.earlier(prompt, language))
    trail = await province_desk(request).trail(f"{language}/{prompt}")
    return json_answer(
        EarlierRecordings(
            recordings=[
                _answer(one.id, one.recorded_at, brought(trail, one.recorded_at)) for one in found
            ]
        )
    )


def brought(trail: list[Entry], recorded_at: datetime) -> Entry | None:
    """The line of the trail that was written just before the recording was."""
    until = recorded_at + _LATE
    return next((one for one in trail if one.action in _BROUGHT and one.at <= until), None)


def _answer(version: str, recorded_at: datetime, line: Entry | None) -> EarlierRecording:
    return EarlierRecording(
        id=version,
        recorded_at=recorded_at,
        by=line.by if line else "",
        reason=line.reason if line else "",
    )


async def get_earlier_audio(request: web.Request) -> web.StreamResponse:
    """What callers heard then."""
    shelf, (prompt, language) = shelf_of(request), which(request)
    version = request.match_info["version"]
    file = await at_shelf(lambda: _find(shelf, prompt, language, version))
    return web.FileResponse(file, headers={"Content-Type": "audio/wav"})


def _find(shelf: PromptShelf, prompt: str, language: str, version: str) -> Path:
    for one in shelf.earlier(prompt, language):
        if one.id == version:
            return one.file
    raise NoRecording(version)


async def post_restore(request: web.Request) -> web.Response:
    """An earlier recording again; what is heard now is kept."""
    shelf, (prompt, language) = shelf_of(request), which(request)
    version = request.match_info["version"]
    asked = await read_model(request, PromptBack)
    await at_shelf(lambda: _find(shelf, prompt, language, version))
    await note(request, "recording_restored", asked.reason, version)
    await at_shelf(lambda: shelf.restore(prompt, language, version))
    return json_answer(Done())


_PATH = "/api/v1/prompts/{language}/{prompt}/earlier"
_LANGUAGE = {"type": "string", "enum": list(LANGUAGES)}
_VERSION = {"type": "string", "pattern": "^[0-9]{8}T[0-9]{6}$"}
ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_PATH,
        handler=get_earlier,
        name="earlier_recordings",
        summary="Recordings of a prompt that were heard before, who brought them and why",
        right=Right.PROVINCE_SEE,
        answer=EarlierRecordings,
        path_types={"language": _LANGUAGE},
        faults=(503,),
    ),
    Route(
        method="GET",
        path=f"{_PATH}/{{version}}/audio",
        handler=get_earlier_audio,
        name="earlier_audio",
        summary="A prompt as callers heard it then",
        right=Right.PROVINCE_SEE,
        answer="audio/wav",
        path_types={"language": _LANGUAGE, "version": _VERSION},
        faults=(416, 503),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/{{version}}/restore",
        handler=post_restore,
        name="restore_recording",
        summary="Let an earlier recording be heard again, with a reason that is kept",
        right=Right.PROVINCE_EDIT,
        answer=Done,
        body=PromptBack,
        path_types={"language": _LANGUAGE, "version": _VERSION},
        faults=(503,),
    ),
)
