"""`hotline db`: the database's schema."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import typer

from callcenter.cli import Fault

if TYPE_CHECKING:
    from reports.schema import SchemaStatus
    from reports.store import Store

T = TypeVar("T")

db = typer.Typer(help="The database's schema: upgrade, status.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Register `hotline db …` on the root app."""
    app.add_typer(db, name="db")


@db.command("upgrade", epilog="Example: hotline db upgrade")
def upgrade_database() -> None:
    """Bring the database up to date (makes the SQLite file where there is none)."""
    from reports.schema import upgrade

    typer.echo(_told(with_store(upgrade)))


@db.command("status", epilog="Example: hotline db status")
def show_status() -> None:
    """Say whether the database is up to date; exit 1 when it is not."""
    from reports.schema import status

    found = with_store(status)
    if not found.is_current:
        raise Fault(f"{_told(found)}: run `hotline db upgrade`")
    typer.echo(_told(found))


def with_store(work: Callable[[Store], Awaitable[T]]) -> T:
    """Do `work` on the configured database and close it; faults become one clear line."""
    import asyncio

    from callcenter.settings import SettingsFault, load_settings
    from reports.queries import StaleTallies
    from reports.schema import SchemaOld
    from reports.store import DatabaseAway, DatabaseFault, Store

    async def run(address: str) -> T:
        async with Store(address) as store:
            return await work(store)

    try:
        return asyncio.run(run(load_settings().database_url))
    except SettingsFault as fault:
        raise Fault(str(fault)) from None
    except (DatabaseAway, DatabaseFault, SchemaOld, StaleTallies) as fault:
        raise Fault(str(fault)) from None


def _told(status: SchemaStatus) -> str:
    if status.is_current:
        return f"database schema {status.current}: up to date"
    return f"database schema {status.current or 'none'}, newest {status.head}"
