"""What routes that change documents of the province share."""

from collections.abc import Awaitable, Iterable, Sequence

from aiohttp import web

from callcenter.documents.desk import Change, ProvinceDesk, Refused
from callcenter.documents.desk import Saved as Kept
from callcenter.documents.folder import Document, DocumentChanged
from callcenter.documents.roster_plan import Plan
from callcenter.documents.rows import CellFault, FieldFault
from callcenter.web.errors import ApiFault
from callcenter.web.person import person_of
from callcenter.web.province_models import Saved
from callcenter.web.route import json_answer
from callcenter.web.web_parts import PARTS


def province_desk(request: web.Request) -> ProvinceDesk:
    """The desk of this process; raises ApiFault 503 where there is none."""
    desk = request.app[PARTS].province
    if desk is None:
        raise ApiFault(503, "not_here", "此服务进程不管理坐席和日历。")
    return desk


async def general_faults(desk: ProvinceDesk, document: str, text: str) -> list[FieldFault]:
    """What would go wrong with this text that is no single field's fault."""
    found = await desk.faults({document: text})
    return [FieldFault(at="", field="", error="province", message=line) for line in found]


async def plan_faults(request: web.Request, document: Document, plan: Plan) -> list[FieldFault]:
    """What is wrong with a planned change: at its fields, or else with the whole province."""
    if plan.faults or plan.text == document.text:
        return list(plan.faults)
    return await general_faults(province_desk(request), document.name, plan.text)


def cell(fault: FieldFault, sheet: str = "", row: int = 0) -> CellFault:
    """A fault that shows only with all rows together; row 0: of the whole sheet."""
    column = "A" if row else ""
    return CellFault(sheet=sheet, row=row, column=column, error=fault.error, message=fault.message)


def refuse_faulty(faults: Sequence[FieldFault | CellFault]) -> None:
    """Raise ApiFault 422 where there is any; the page has them from the check before."""
    if faults:
        more = f"（共 {len(faults)} 处）" if len(faults) > 1 else ""
        field = faults[0].field if isinstance(faults[0], FieldFault) else ""
        raise ApiFault(422, faults[0].error, f"{faults[0].message}{more}", where=field)


def refuse_other(revision: str, named: str) -> None:
    """Raise ApiFault 409 where somebody else has changed the document meanwhile."""
    if revision != named:
        raise document_changed()


def document_changed() -> ApiFault:
    """Somebody else was faster."""
    return ApiFault(409, "document_changed", "其他人刚刚改过，请刷新后再改。")


async def saved(saving: Awaitable[Kept], words: Iterable[str]) -> Saved:
    """Wait for a change to be saved; raises ApiFault 409 or 422."""
    try:
        kept = await saving
    except DocumentChanged:
        raise document_changed() from None
    except Refused as refused:
        raise ApiFault(422, "province", refused.faults[0]) from None
    except OSError as refused:
        what = f"文件写不进去：{refused.strerror}"
        raise ApiFault(503, "not_written", what) from refused
    return Saved(
        revision=kept.document.revision,
        changes=list(words),
        taken_up=not kept.taken_up.faults,
        faults=list(kept.taken_up.faults),
        telephones=kept.taken_up.telephones,
    )


async def save_plan(
    request: web.Request, document: Document, plan: Plan, *, action: str, reason: str
) -> web.Response:
    """Make a planned change of a document, if it is one; raises ApiFault as `saved` does."""
    if plan.text == document.text:
        return json_answer(
            Saved(revision=document.revision, changes=[], taken_up=True, faults=[], telephones="")
        )
    change = Change(
        document=document.name,
        text=plan.text,
        revision=document.revision,
        by=person_of(request).name,
        reason=reason,
        action=action,
        words=plan.words,
    )
    return json_answer(await saved(province_desk(request).save(change), plan.words))
