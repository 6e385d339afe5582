"""Each row of the audit trail holds the hash of the one before it; rows of before are bound too."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from reports.audit_chain import BATCH, BEGIN, FIELDS, link

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMNS = ("previous", "hash")
SAME = (
    "CREATE TRIGGER audit_same BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit trail is never deleted or changed'); END"
)
STAYS = (
    "CREATE TRIGGER audit_stays BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit trail is never deleted or changed'); END"
)


def upgrade() -> None:
    bind = op.get_bind()
    is_postgresql = bind.dialect.name == "postgresql"
    if is_postgresql:
        op.execute("ALTER TABLE audit DISABLE TRIGGER audit_stays")
    else:
        op.execute("DROP TRIGGER audit_same")
    for name in COLUMNS:
        op.add_column(
            "audit", sa.Column(name, sa.String(length=64), nullable=False, server_default="")
        )
    _bind_rows(bind)
    if is_postgresql:
        for name in COLUMNS:
            op.alter_column("audit", name, server_default=None)
        op.execute("ALTER TABLE audit ENABLE TRIGGER audit_stays")
        return
    with op.batch_alter_table("audit") as audit:
        for name in COLUMNS:
            audit.alter_column(name, server_default=None)
    for trigger in (STAYS, SAME):  # the table is a new one
        op.execute(trigger)


def _bind_rows(bind: sa.Connection) -> None:
    text = [sa.column(name, sa.Text()) for name in FIELDS[2:]]
    audit = sa.table(
        "audit",
        sa.column("n", sa.Integer()),
        sa.column("at", sa.BigInteger()),
        *text,
        *(sa.column(name, sa.String(64)) for name in COLUMNS),
    )
    fill = (
        sa.update(audit)
        .where(audit.c.n == sa.bindparam("of"))
        .values(previous=sa.bindparam("last"), hash=sa.bindparam("made"))
    )
    last_n, last = -(2**31), BEGIN
    while True:
        asked = sa.select(audit).where(audit.c.n > last_n).order_by(audit.c.n).limit(BATCH)
        rows = bind.execute(asked).mappings().all()
        filled = []
        for row in rows:
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=row["at"])
            made = link(last, **{**{name: row[name] for name in FIELDS}, "at": at})
            filled.append({"of": row["n"], "last": last, "made": made})
            last_n, last = row["n"], made
        if not filled:
            return
        bind.execute(fill, filled)


def downgrade() -> None:
    with op.batch_alter_table("audit") as audit:
        for name in COLUMNS:
            audit.drop_column(name)
    if op.get_bind().dialect.name != "postgresql":
        for trigger in (STAYS, SAME):
            op.execute(trigger)
