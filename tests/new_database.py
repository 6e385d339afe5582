"""A database with the newest schema and nothing in it, in a few milliseconds."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from reports.schema import upgrade
from reports.store import Store


async def upgraded(store: Store) -> None:
    """Give a store the schema: a new SQLite file is a copy of one that the migrations made once in
    this process. The migrations themselves are tested in tests/reports.
    """
    if store.file is None or store.file.exists():
        await upgrade(store)
        return
    store.file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(await _empty(), store.file)


async def _empty() -> Path:
    file = _folder() / "empty.db"
    if not file.exists():
        async with Store(f"sqlite:///{file}") as store:
            await upgrade(store)
    return file


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hotline-empty-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
