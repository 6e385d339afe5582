"""Versions of flows, the releases that calls hear, and the log of who did what."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What is kept for ever, and the columns of it that never change.
KEPT = {
    "flow_versions": ("flow", "version", "text", "author", "created_at"),
    "releases": ("release", "flows", '"by"', "note", "at", "since"),
    "flow_log": ("n", "at", '"by"', "move", "flow", "version", "release", "note"),
}
REFUSAL = "the history of flows is never deleted or changed"


def upgrade() -> None:
    op.create_table(
        "flow_versions",
        sa.Column("flow", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("flow", "version", name=op.f("pk_flow_versions")),
    )
    op.create_table(
        "releases",
        sa.Column("release", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("flows", sa.JSON(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, quote=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("release", name=op.f("pk_releases")),
    )
    op.create_table(
        "flow_log",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, quote=True),
        sa.Column("move", sa.String(length=20), nullable=False),
        sa.Column("flow", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_flow_log")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _keep_on_postgresql()
    else:
        _keep_on_sqlite()


def downgrade() -> None:
    for table in KEPT:
        op.drop_table(table)  # its triggers go with it
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION flow_history_stays()")


def _keep_on_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for table, columns in KEPT.items():
        op.execute(f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} {refuse}")
        changed = ", ".join(columns)
        op.execute(f"CREATE TRIGGER {table}_same BEFORE UPDATE OF {changed} ON {table} {refuse}")


def _keep_on_postgresql() -> None:
    # 23001, restrict_violation: a refusal of what was asked, not a server that is away
    op.execute(
        "CREATE FUNCTION flow_history_stays() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = '23001'; END $$"
    )
    refuse = "EXECUTE FUNCTION flow_history_stays()"
    for table, columns in KEPT.items():
        changed = ", ".join(columns)
        op.execute(
            f"CREATE TRIGGER {table}_stays BEFORE DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT {refuse}"
        )
        op.execute(
            f"CREATE TRIGGER {table}_same BEFORE UPDATE OF {changed} ON {table}"
            f" FOR EACH ROW {refuse}"
        )
