"""Bodies that are larger than a form: files that people bring, long lists of rows."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel

from callcenter.web.errors import ApiFault
from callcenter.web.route import parse_model

Model = TypeVar("Model", bound=BaseModel)


async def read_bytes(request: web.Request, *, most: int) -> bytes:
    """The body, whatever it is; raises ApiFault 413 as soon as it is more than `most` bytes."""
    body = bytearray()
    async for part in request.content.iter_any():
        body += part
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


async def read_rows(request: web.Request, model: type[Model], *, most: int) -> Model:
    """A long JSON body; raises ApiFault 413 or 422."""
    return parse_model(await read_bytes(request, most=most), model)


async def save_to(request: web.Request, file: Path, *, most: int) -> None:
    """The body into a file, piece by piece; raises ApiFault 413."""
    written = 0
    with file.open("wb") as out:
        async for part in request.content.iter_any():
            written += len(part)
            if written > most:
                raise _too_large(most)
            out.write(part)


def _too_large(most: int) -> ApiFault:
    return ApiFault(413, "too_large", f"内容超过 {most / 1_000_000:g} MB。")
