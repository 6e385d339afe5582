"""Records of calls as lawyers wrote them, their filings, and the province's own categories."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

REFUSAL = "a filed record is never deleted or changed"


def upgrade() -> None:
    _records()
    op.create_table(
        "record_filing",
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, quote=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "revision", name=op.f("pk_record_filing")),
    )
    op.create_table(
        "taxonomy",
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("category_name", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_taxonomy")),
    )
    _keep_filings()


def _records() -> None:
    op.create_table(
        "call_record",
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("seats", sa.JSON(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.BigInteger(), nullable=True),
        sa.Column("filed_by", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("caller_group", sa.Text(), nullable=False),
        sa.Column("main", sa.String(length=4), nullable=True),
        sa.Column("secondary", sa.JSON(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("litigation", sa.Boolean(), nullable=False),
        sa.Column("petition", sa.Boolean(), nullable=False),
        sa.Column("follow_up", sa.Text(), nullable=True),
        sa.Column("identity_confirmed", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_record")),
    )
    op.create_index("ix_call_record_caller", "call_record", ["caller", "answered_at"])
    op.create_index("ix_call_record_main", "call_record", ["main", "filed_at"])
    op.create_index("ix_call_record_filed_at", "call_record", ["filed_at"])


def _keep_filings() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION record_filing_stays() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = '23001'; END $$"
        )
        op.execute(
            "CREATE TRIGGER record_filing_stays BEFORE DELETE OR TRUNCATE OR UPDATE"
            " ON record_filing FOR EACH STATEMENT EXECUTE FUNCTION record_filing_stays()"
        )
        return
    for name, move in (("stays", "DELETE"), ("same", "UPDATE")):
        op.execute(
            f"CREATE TRIGGER record_filing_{name} BEFORE {move} ON record_filing"
            f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def downgrade() -> None:
    op.drop_table("record_filing")  # its triggers go with it
    op.drop_table("call_record")
    op.drop_table("taxonomy")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION record_filing_stays()")
