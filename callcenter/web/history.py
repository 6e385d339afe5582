"""Earlier versions of the province's documents: listed, compared with what holds now, restored."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from callcenter.documents.desk import Change, ProvinceDesk
from callcenter.documents.folder import Document
from callcenter.documents.history import NoVersion, told
from callcenter.documents.roster_plan import read_roster
from callcenter.province import CALENDAR, SEATS
from callcenter.web.errors import ApiFault
from callcenter.web.history_models import (
    DocumentHistory,
    DocumentVersion,
    VersionCompared,
    VersionRestore,
)
from callcenter.web.person import person_of
from callcenter.web.province_models import Saved
from callcenter.web.province_part import general_faults, province_desk, refuse_other, saved
from callcenter.web.rights import Right
from callcenter.web.route import Route, Schema, json_answer, read_model
from ivr_flows.catalogue_files import LINES, SERVICES
from ivr_flows.changes import unified
from seats.source import FileFaults

ACTION = "document_restored"
_DOCUMENTS = {"seats": SEATS, "calendar": CALENDAR, "lines": LINES, "services": SERVICES}


def _which(request: web.Request) -> tuple[ProvinceDesk, str]:
    """Whole documents are the whole province's."""
    document = _DOCUMENTS.get(request.match_info["document"])
    if document is None:
        raise ApiFault(404, "not_found", "没有这个地址。")
    if person_of(request).city is not None:
        raise ApiFault(403, "not_your_city", "历史版本由省级管理员查看和恢复。")
    return province_desk(request), document


async def _then(request: web.Request, desk: ProvinceDesk, document: str) -> str:
    try:
        return await desk.earlier_text(document, request.match_info["version"])
    except NoVersion:
        raise ApiFault(404, "version_unknown", "没有这个历史版本。") from None


async def _words(desk: ProvinceDesk, now: Document, then: str) -> tuple[str, ...]:
    """What restoring comes to; the groups are called as now."""
    seats = await desk.read(SEATS)

    def compare() -> tuple[str, ...]:
        try:
            groups = read_roster(seats.text).groups
        except FileFaults:
            groups = {}
        return told(now.name, now.text, then, groups)

    return await asyncio.to_thread(compare)


async def get_history(request: web.Request) -> web.Response:
    """All versions of a document."""
    desk, document = _which(request)
    now = await desk.read(document)
    versions = [
        DocumentVersion(id=one.id, since=one.since, by=one.by, reason=one.reason, changes=one.words)
        for one in await desk.versions(document)
    ]
    return json_answer(DocumentHistory(revision=now.revision, versions=versions))


async def get_version(request: web.Request) -> web.Response:
    """What an earlier version would change, and whether it would do."""
    desk, document = _which(request)
    now, then = await desk.read(document), await _then(request, desk, document)
    name = request.match_info["version"]
    lines = unified(now.text, then, old_name=document, new_name=f"{document} {name}")
    return json_answer(
        VersionCompared(
            faults=await general_faults(desk, document, then),
            changes=list(await _words(desk, now, then)),
            lines=lines,
        )
    )


async def post_restore(request: web.Request) -> web.Response:
    """Let an earlier version hold again: checked and written down as any change."""
    desk, document = _which(request)
    wish = await read_model(request, VersionRestore)
    now, then = await desk.read(document), await _then(request, desk, document)
    refuse_other(now.revision, wish.revision)
    if then == now.text:
        raise ApiFault(409, "nothing_to_do", "这个版本就是现在的内容，无需恢复。")
    words = await _words(desk, now, then)
    change = Change(
        document=document,
        text=then,
        revision=now.revision,
        by=person_of(request).name,
        reason=wish.reason,
        action=ACTION,
        words=words,
    )
    return json_answer(await saved(desk.save(change), words))


_PATH = "/api/v1/province/history/{document}"
_TYPES: Mapping[str, Schema] = {
    "document": {"type": "string", "enum": list(_DOCUMENTS)},
    "version": {"type": "string", "pattern": "^[0-9]{8}T[0-9]{6}-[0-9a-f]{16}$"},
}
ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=_PATH,
        handler=get_history,
        name="document_history",
        summary="All versions of a document: who made them when and why",
        right=Right.PROVINCE_SEE,
        answer=DocumentHistory,
        path_types=_TYPES,
        faults=(503,),
    ),
    Route(
        method="GET",
        path=f"{_PATH}/{{version}}",
        handler=get_version,
        name="compare_version",
        summary="What an earlier version would change, and what would be wrong with it",
        right=Right.PROVINCE_SEE,
        answer=VersionCompared,
        path_types=_TYPES,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/{{version}}/restore",
        handler=post_restore,
        name="restore_version",
        summary="Let an earlier version hold again, with a reason that is kept",
        right=Right.PROVINCE_EDIT,
        answer=Saved,
        body=VersionRestore,
        path_types=_TYPES,
        faults=(409, 503),
    ),
)
