"""What routes that change documents of the province share."""

from collections.abc import Awaitable, Iterable, Sequence
from datetime import date

from aiohttp import web

from callcenter.documents.desk import ProvinceDesk, Refused
from callcenter.documents.desk import Saved as Kept
from callcenter.documents.folder import DocumentChanged
from callcenter.documents.rows import CellFault, FieldFault
from callcenter.documents.workbook import CONTENT_TYPE
from callcenter.web.errors import ApiFault
from callcenter.web.province_models import Saved
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


def excel_file(body: bytes, name: str) -> web.Response:
    """A workbook to be kept as a file of this name with today's date."""
    file = f"{name}-{date.today():%Y%m%d}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return web.Response(body=body, content_type=CONTENT_TYPE, headers=headers)
