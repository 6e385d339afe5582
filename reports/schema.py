"""The database's schema: bringing it up to date, and telling how old it is."""

import os
from dataclasses import dataclass
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.command import upgrade as alembic_upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from reports import tables
from reports.store import Store, raise_if_away

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 12348  # PostgreSQL advisory lock: two nodes starting together migrate one by one


class SchemaOld(Exception):
    """The database is older than this program and holds facts: a person upgrades it."""


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """Revision in the database (None: empty) and the newest one that this program has."""

    current: str | None
    head: str

    @property
    def is_current(self) -> bool:
        """Whether nothing needs to be done."""
        return self.current == self.head


async def upgrade(store: Store, *, to: str = "head") -> SchemaStatus:
    """Bring the schema up to date (`to`: this revision), making the SQLite file if it is not there;
    safe to repeat and to run twice at once. Raises DatabaseAway."""
    if store.file is not None and not store.file.exists():
        store.file.parent.mkdir(parents=True, exist_ok=True)
        # citizens' numbers are in it: for nobody else's eyes
        os.close(os.open(store.file, os.O_CREAT | os.O_RDWR, 0o600))
    async with store.writing() as connection:
        await connection.run_sync(_upgrade, to)
    return await status(store)


async def status(store: Store) -> SchemaStatus:
    """Say which revision the database has. Raises DatabaseAway."""
    async with store.reading() as connection:
        current = await connection.run_sync(_current)
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return SchemaStatus(current, str(head))


async def differences(store: Store) -> list[object]:
    """What Alembic would change to make the database like `reports.tables`; empty is right."""
    async with store.reading() as connection:
        return await connection.run_sync(_differences)


def _upgrade(connection: Connection, to: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = _config()
    config.attributes["connection"] = connection
    try:
        alembic_upgrade(config, to)
    except DBAPIError as error:
        raise_if_away(error)
        raise


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, tables.metadata))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


async def ready(store: Store) -> None:
    """Make an empty or missing database usable; SchemaOld when a filled one is behind, which
    is for a person to decide. Raises DatabaseAway."""
    is_missing = store.file is not None and not store.file.exists()
    found = None if is_missing else await status(store)
    if found is None or found.current is None:
        await upgrade(store)
    elif not found.is_current:
        raise SchemaOld(f"the database schema is {found.current}: run `hotline db upgrade`")
