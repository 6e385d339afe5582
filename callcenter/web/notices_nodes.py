"""A notice at every node: who sets one in a page sets it for the callers of all of them.

A node that is away then is named to the person, who changes the notice once more when it is back.
"""

from __future__ import annotations

import asyncio
from datetime import UTC

from aiohttp import web

from callcenter.notice_desk import NoNotice, NoticeDesk
from callcenter.notices import Notice
from callcenter.web.auth import VISITOR
from callcenter.web.errors import ApiFault
from callcenter.web.notices_models import NoticeClear, NoticeCopy
from callcenter.web.person import person_of
from callcenter.web.web_parts import PARTS

MOST_AUDIO = 2_000_000  # bytes: two minutes of 8 kHz


async def spread(request: web.Request, notice: Notice) -> list[str]:
    """Have all other nodes take this notice as it is here; names of those that did not."""
    peers = request.app[PARTS].peers
    if peers is None:
        return []
    copy = NoticeCopy(
        node=peers.places.own,
        language=notice.language,
        text=notice.text,
        since=notice.since,
        until=notice.until,
        set_at=notice.set_at,
        by=notice.by,
        is_on=notice.is_on,
    )
    return await _tell(request, f"/api/v1/notices/{notice.id}/copy", copy.model_dump_json())


async def take_back(request: web.Request, notice: Notice, reason: str) -> list[str]:
    """Have all other nodes take this notice back; names of those that did not."""
    if request[VISITOR].is_passed_on:
        return []
    body = NoticeClear(reason=reason).model_dump_json()
    return await _tell(request, f"/api/v1/notices/{notice.id}/clear", body)


async def _tell(request: web.Request, path: str, body: str) -> list[str]:
    peers = request.app[PARTS].peers
    if peers is None:
        return []
    places = peers.places.others()
    asked = {name: address for name, address in places.items() if address is not None}
    person = person_of(request)
    did = await asyncio.gather(
        *(peers.tell(person, address, path, body.encode()) for address in asked.values())
    )
    took = {name for name, is_done in zip(asked, did, strict=True) if is_done}
    return sorted(places.keys() - took)


async def taken(request: web.Request, desk: NoticeDesk, copy: NoticeCopy) -> None:
    """Take another node's notice; only another controller may ask for it."""
    peers = request.app[PARTS].peers
    if peers is None or not request[VISITOR].is_passed_on:
        raise ApiFault(403, "not_a_node", "只有其他节点可以这样做。")
    notice_id = request.match_info["notice"]
    notice = Notice(
        notice_id,
        copy.language,
        copy.text,
        copy.since.astimezone(UTC),
        copy.until.astimezone(UTC),
        copy.set_at.astimezone(UTC),
        by=copy.by,
        is_on=copy.is_on,
    )
    try:
        await asyncio.to_thread(desk.audio, notice_id)
    except NoNotice:
        address = peers.places.others().get(copy.node)
        if address is None:
            raise ApiFault(503, "node_away", "另一节点暂时没有响应，请稍后再试。") from None
        path = f"/api/v1/notices/{notice_id}/audio"
        audio = await peers.fetch(person_of(request), address, path, most=MOST_AUDIO)
        await asyncio.to_thread(desk.copy, notice, audio)
    else:
        await asyncio.to_thread(desk.change, notice)
