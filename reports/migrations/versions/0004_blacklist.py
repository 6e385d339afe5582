"""Numbers that are refused, and the log of who proposed, approved and lifted each."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What is kept for ever, and the columns of it that never change.
KEPT = {
    "blacklist": (
        *("n", "number", "reason", "evidence", "proposed_by", "proposed_at"),
        "until",
    ),
    "blacklist_log": ("n", "at", '"by"', "move", "entry", "note"),
}
REFUSAL = "the history of the blacklist is never deleted or changed"


def upgrade() -> None:
    op.create_table(
        "blacklist",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_blacklist")),
    )
    op.create_table(
        "blacklist_log",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, quote=True),
        sa.Column("move", sa.String(length=20), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_blacklist_log")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _keep_on_postgresql()
    else:
        _keep_on_sqlite()


def downgrade() -> None:
    for table in KEPT:
        op.drop_table(table)  # its triggers go with it
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION blacklist_history_stays()")


def _keep_on_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for table, columns in KEPT.items():
        op.execute(f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} {refuse}")
        changed = ", ".join(columns)
        op.execute(f"CREATE TRIGGER {table}_same BEFORE UPDATE OF {changed} ON {table} {refuse}")


def _keep_on_postgresql() -> None:
    # 23001, restrict_violation: a refusal of what was asked, not a server that is away
    op.execute(
        "CREATE FUNCTION blacklist_history_stays() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = '23001'; END $$"
    )
    refuse = "EXECUTE FUNCTION blacklist_history_stays()"
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
