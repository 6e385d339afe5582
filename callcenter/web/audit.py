"""The audit trail: searched by auditors, taken away as Excel."""

import asyncio
from datetime import UTC, date, datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from callcenter.documents.workbook import CONTENT_TYPE as EXCEL
from callcenter.documents.workbook import Column, Sheet, write_workbook
from callcenter.english.said import Said, said
from callcenter.web.account_models import Printable
from callcenter.web.audit_words import ACTIONS, TOLD, action_words
from callcenter.web.auth import GATE
from callcenter.web.days import midnight
from callcenter.web.errors import ApiFault
from callcenter.web.models import ApiModel
from callcenter.web.person import person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_query
from reports import audit
from reports.audit import Entry, Kept, Wanted
from reports.metrics import ZONE
from reports.store import Store

MOST = 50_000  # lines of one file: what a spreadsheet still opens at once
Text = Annotated[str, StringConstraints(max_length=100), Printable]


class AuditQuery(ApiModel):
    """Which lines; days are Shanghai's, both included."""

    first: date | None = None
    last: date | None = None
    by: Text | None = Field(default=None, description="who did it, whole")
    action: Annotated[str, StringConstraints(max_length=40), Printable] | None = None
    words: Text | None = Field(default=None, description="found in who, whom or why")
    before: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        default=None, description="lines older than this one"
    )
    limit: int = Field(default=100, ge=1, le=500)

    def wanted(self, *, limit: int) -> Wanted:
        """As the store is asked."""
        return Wanted(
            first_at=midnight(self.first) if self.first else None,
            until_at=midnight(self.last, days=1) if self.last else None,
            by=self.by,
            action=self.action,
            words=self.words,
            before=self.before,
            limit=limit,
        )


class AuditLine(ApiModel):
    """Who did what to whom, why, and what was before."""

    n: int
    at: datetime
    by: str
    action: str
    subject: str
    reason: str
    before: Said
    hash: str = Field(description="of this line and the hash before it")


class AuditAction(ApiModel):
    """A kind of line in both languages."""

    action: str
    zh: str
    en: str


class AuditAnswer(ApiModel):
    """Lines, the newest first; `more`: there are older ones."""

    lines: list[AuditLine]
    more: bool
    actions: list[AuditAction]


async def get_audit(request: web.Request) -> web.Response:
    """A page of lines."""
    query = read_query(request, AuditQuery)
    found = await audit.search(audit_store(request), query.wanted(limit=query.limit + 1))
    return json_answer(
        AuditAnswer(
            lines=[_line(one) for one in found[: query.limit]],
            more=len(found) > query.limit,
            actions=[AuditAction(action=name, zh=zh, en=en) for name, (zh, en) in ACTIONS.items()],
        )
    )


def _line(kept: Kept) -> AuditLine:
    """People's own words as they wrote them, the program's in the language of the page."""
    line = AuditLine.model_validate(kept)
    return line.model_copy(update={"reason": said(kept.reason)}) if kept.action in TOLD else line


async def get_audit_excel(request: web.Request) -> web.Response:
    """The lines as a file; taking them away is a line itself."""
    query = read_query(request, AuditQuery)
    store, person = audit_store(request), person_of(request)
    found = await audit.search(store, query.wanted(limit=MOST))
    taken = Entry(
        at=datetime.now(UTC),
        by=person.name,
        action="audit_exported",
        subject="audit",
        reason=f"导出 {len(found)} 条",
    )
    await audit.write(store, taken)
    body = await asyncio.to_thread(write_workbook, [_sheet(found)])
    name = f"audit-{datetime.now(ZONE):%Y%m%d-%H%M}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=EXCEL, headers=headers)


def _sheet(lines: list[Kept]) -> Sheet:
    headings = ("序号", "时间", "操作人", "操作", "对象", "原因", "操作前", "校验值")
    widths = (8, 20, 14, 18, 20, 40, 30, 66)
    rows = [
        (
            one.n,
            f"{one.at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}",
            one.by,
            action_words(one.action),
            one.subject,
            said(one.reason) if one.action in TOLD else one.reason,
            said(one.before),
            one.hash,
        )
        for one in lines
    ]
    columns = [Column(*pair) for pair in zip(headings, widths, strict=True)]
    return Sheet("审计日志", columns, rows)


def audit_store(request: web.Request) -> Store:
    """Where the trail is; raises ApiFault 503 where there are no accounts."""
    accounts = request.app[GATE].accounts
    if accounts is None:
        raise ApiFault(503, "no_accounts", "这里没有审计日志。")
    return accounts.store.database


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/audit",
        handler=get_audit,
        name="audit",
        summary="Who did what to whom and why, the newest first",
        right=Right.AUDIT_SEE,
        query=AuditQuery,
        answer=AuditAnswer,
        faults=(503,),
    ),
    Route(
        method="GET",
        path="/api/v1/audit.xlsx",
        handler=get_audit_excel,
        name="audit_excel",
        summary="The same lines as an Excel file",
        right=Right.AUDIT_SEE,
        query=AuditQuery,
        answer=EXCEL,
        faults=(503,),
    ),
)
