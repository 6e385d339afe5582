"""Excel files, in and out."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from aiohttp import web

from callcenter.documents.workbook import CONTENT_TYPE, MOST_BYTES, NoWorkbook
from callcenter.web.errors import ApiFault
from callcenter.web.uploads import read_bytes
from reports.metrics import ZONE

T = TypeVar("T")


async def brought(request: web.Request, read: Callable[[bytes], T]) -> T:
    """What `read` finds in the workbook that somebody sends, read in a thread; raises ApiFault 413
    or, where it is no workbook, 422.
    """
    data = await read_bytes(request, most=MOST_BYTES)
    try:
        return await asyncio.to_thread(read, data)
    except NoWorkbook as refused:
        raise ApiFault(422, "no_workbook", str(refused)) from None


def excel_file(body: bytes, name: str) -> web.Response:
    """A workbook to be kept as a file of this name with today's date."""
    file = f"{name}-{datetime.now(ZONE):%Y%m%d}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return web.Response(body=body, content_type=CONTENT_TYPE, headers=headers)
