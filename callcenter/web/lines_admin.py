"""Lines outside, services and supervisors' telephones: seen, checked as typed, saved."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from aiohttp import web

from callcenter.documents.folder import Document
from callcenter.documents.outside_plan import (
    Unsound,
    phones_of,
    plan_lines,
    plan_phones,
    plan_services,
    read_lines,
    read_services,
)
from callcenter.documents.roster_plan import Plan, read_roster
from callcenter.province import SEATS, TRUNKS, load_trunks
from callcenter.web.errors import ApiFault
from callcenter.web.lines_models import (
    LinesAnswer,
    LinesChange,
    LinesSave,
    PhonesAnswer,
    PhonesChange,
    PhonesSave,
    ServicesAnswer,
    ServicesChange,
    ServicesSave,
)
from callcenter.web.person import person_of
from callcenter.web.province_models import MOST_BYTES, Checked, Saved
from callcenter.web.province_part import (
    plan_faults,
    province_desk,
    refuse_faulty,
    refuse_other,
    save_plan,
)
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer
from callcenter.web.uploads import read_rows
from callcenter.web.web_parts import PARTS
from ivr_flows.catalogue_files import LINES, SERVICES
from seats.source import FileFaults

T = TypeVar("T")
_Change = TypeVar("_Change", LinesChange, ServicesChange, PhonesChange)


async def _sound(work: Callable[[], T], document: str) -> T:
    """What is read of a document; raises ApiFault 503 where its file has a fault."""
    try:
        return await asyncio.to_thread(work)
    except (FileFaults, Unsound) as broken:
        why = broken.faults[0] if isinstance(broken, FileFaults) else broken
        what = f"{document} 有错，请先在文件中改正：{why}"
        raise ApiFault(503, "document_broken", what) from None


async def _trunks_out(request: web.Request) -> list[str]:
    text = (await province_desk(request).read(TRUNKS)).text.encode()
    trunks = await _sound(lambda: load_trunks(Path(TRUNKS), text), TRUNKS)
    return [one.name for one in trunks if one.outbound]


async def get_lines(request: web.Request) -> web.Response:
    """All lines outside."""
    desk = province_desk(request)
    document = await desk.read(LINES)
    return json_answer(
        LinesAnswer(
            revision=document.revision,
            lines=await _sound(lambda: read_lines(document.text), LINES),
            trunks=await _trunks_out(request),
            used={name: list(flows) for name, flows in (await desk.lines_in_flows()).items()},
        )
    )


async def get_services(request: web.Request) -> web.Response:
    """All services."""
    desk = province_desk(request)
    document = await desk.read(SERVICES)
    return json_answer(
        ServicesAnswer(
            revision=document.revision,
            services=await _sound(lambda: read_services(document.text), SERVICES),
            keys=sorted(request.app[PARTS].service_keys()),
            used={name: list(flows) for name, flows in (await desk.services_in_flows()).items()},
        )
    )


async def get_phones(request: web.Request) -> web.Response:
    """All supervisors' telephones."""
    document = await province_desk(request).read(SEATS)
    roster = await _sound(lambda: read_roster(document.text), SEATS)
    return json_answer(
        PhonesAnswer(
            revision=document.revision,
            phones=phones_of(roster),
            seats=[seat.number for seat in roster.seats],
        )
    )


async def _plan_lines(request: web.Request, text: str, change: LinesChange) -> Plan:
    trunks = await _trunks_out(request)
    used = await province_desk(request).lines_in_flows()
    return await _sound(lambda: plan_lines(text, change.lines, trunks=trunks, used=used), LINES)


async def _plan_services(request: web.Request, text: str, change: ServicesChange) -> Plan:
    used = await province_desk(request).services_in_flows()
    return await _sound(lambda: plan_services(text, change.services, used=used), SERVICES)


async def _plan_phones(_request: web.Request, text: str, change: PhonesChange) -> Plan:
    return await _sound(lambda: plan_phones(text, change.phones), SEATS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind(Generic[_Change]):
    """One list that is changed whole: in which document, and what a change comes to."""

    name: str
    document: str
    action: str
    change: type[_Change]
    plan: Callable[[web.Request, str, _Change], Awaitable[Plan]]

    async def planned(self, request: web.Request, change: _Change) -> tuple[Document, Plan]:
        """Lines, services and telephones are the whole province's."""
        if person_of(request).city is not None:
            raise ApiFault(403, "not_your_city", "外线、业务接口和班长话机由省级管理员更改。")
        document = await province_desk(request).read(self.document)
        return document, await self.plan(request, document.text, change)

    async def check(self, request: web.Request) -> web.Response:
        """What would be wrong with a change, and what it would change."""
        change = await read_rows(request, self.change, most=MOST_BYTES)
        document, plan = await self.planned(request, change)
        faults = await plan_faults(request, document, plan)
        return json_answer(Checked(faults=faults, changes=list(plan.words)))

    async def save(self, request: web.Request, change: _Change, reason: str) -> web.Response:
        """Make a change."""
        document, plan = await self.planned(request, change)
        refuse_other(document.revision, change.revision)
        refuse_faulty(plan.faults)
        return await save_plan(request, document, plan, action=self.action, reason=reason)


_LINES = _Kind(
    name="lines", document=LINES, action="lines_changed", change=LinesChange, plan=_plan_lines
)
_SERVICES = _Kind(
    name="services",
    document=SERVICES,
    action="services_changed",
    change=ServicesChange,
    plan=_plan_services,
)
_PHONES = _Kind(
    name="phones", document=SEATS, action="phones_changed", change=PhonesChange, plan=_plan_phones
)


async def post_lines(request: web.Request) -> web.Response:
    """Change lines outside."""
    wish = await read_rows(request, LinesSave, most=MOST_BYTES)
    return await _LINES.save(request, wish, wish.reason)


async def post_services(request: web.Request) -> web.Response:
    """Change services."""
    wish = await read_rows(request, ServicesSave, most=MOST_BYTES)
    return await _SERVICES.save(request, wish, wish.reason)


async def post_phones(request: web.Request) -> web.Response:
    """Change supervisors' telephones."""
    wish = await read_rows(request, PhonesSave, most=MOST_BYTES)
    return await _PHONES.save(request, wish, wish.reason)


_PATH = "/api/v1/province"
ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path=f"{_PATH}/lines",
        handler=get_lines,
        name="province_lines",
        summary="Lines outside that callers may be transferred to",
        right=Right.LINES_SEE,
        answer=LinesAnswer,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/lines/check",
        handler=_LINES.check,
        name="check_lines",
        summary="What would be wrong with changed lines outside, at the field",
        right=Right.PROVINCE_EDIT,
        answer=Checked,
        body=LinesChange,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/lines",
        handler=post_lines,
        name="save_lines",
        summary="Change lines outside: in force at once, kept with name and reason",
        right=Right.PROVINCE_EDIT,
        answer=Saved,
        body=LinesSave,
        faults=(409, 503),
    ),
    Route(
        method="GET",
        path=f"{_PATH}/services",
        handler=get_services,
        name="province_services",
        summary="Services that may be asked in a call",
        right=Right.LINES_SEE,
        answer=ServicesAnswer,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/services/check",
        handler=_SERVICES.check,
        name="check_services",
        summary="What would be wrong with changed services, at the field",
        right=Right.PROVINCE_EDIT,
        answer=Checked,
        body=ServicesChange,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/services",
        handler=post_services,
        name="save_services",
        summary="Change services: in force at once, kept with name and reason",
        right=Right.PROVINCE_EDIT,
        answer=Saved,
        body=ServicesSave,
        faults=(409, 503),
    ),
    Route(
        method="GET",
        path=f"{_PATH}/phones",
        handler=get_phones,
        name="province_phones",
        summary="Supervisors' telephones",
        right=Right.LINES_SEE,
        answer=PhonesAnswer,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/phones/check",
        handler=_PHONES.check,
        name="check_phones",
        summary="What would be wrong with changed telephones of supervisors, at the field",
        right=Right.PROVINCE_EDIT,
        answer=Checked,
        body=PhonesChange,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/phones",
        handler=post_phones,
        name="save_phones",
        summary="Change supervisors' telephones: in force at once, kept with name and reason",
        right=Right.PROVINCE_EDIT,
        answer=Saved,
        body=PhonesSave,
        faults=(409, 503),
    ),
)
