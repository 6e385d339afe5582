"""The call's facts: conversation, attempts, stints, survey, overflow requests, tallies."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversation",
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=True),
        sa.Column("trunk", sa.Text(), nullable=True),
        sa.Column("dialled", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("city_source", sa.Text(), nullable=True),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("special", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_stage", sa.Text(), nullable=True),
        sa.Column("overflow", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("talk_ended_at", sa.BigInteger(), nullable=True),
        sa.Column("talk_ended_by", sa.Text(), nullable=True),
        sa.Column("recording", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("reconciled", sa.Boolean(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=True),
        sa.Column("flow_version", sa.Text(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_conversation")),
    )
    op.create_index(
        "ix_conversation_arrived_at", "conversation", ["arrived_at", "call_id"], unique=False
    )
    op.create_index(
        "ix_conversation_open",
        "conversation",
        ["call_id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "attempt",
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("offered_at", sa.BigInteger(), nullable=False),
        sa.Column("rang_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["conversation.call_id"],
            name=op.f("fk_attempt_call_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("call_id", "n", name=op.f("pk_attempt")),
    )
    op.create_table(
        "overflow",
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("audio", sa.Text(), nullable=True),
        sa.Column("duration_s", sa.Float(), nullable=True),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["conversation.call_id"],
            name=op.f("fk_overflow_call_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_overflow")),
    )
    op.create_index("ix_overflow_done_at", "overflow", ["done_at", "requested_at"], unique=False)
    op.create_table(
        "stint",
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"], ["conversation.call_id"], name=op.f("fk_stint_call_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", "n", name=op.f("pk_stint")),
    )
    op.create_table(
        "survey",
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("invited_at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.SmallInteger(), nullable=True),
        sa.Column("extra", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["conversation.call_id"],
            name=op.f("fk_survey_call_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_survey")),
    )
    op.create_table(
        "tally",
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column("rules", sa.SmallInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("hour", sa.SmallInteger(), nullable=False),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("n_in", sa.SmallInteger(), nullable=False),
        sa.Column("n_blocked", sa.SmallInteger(), nullable=False),
        sa.Column("n_ivr_end", sa.SmallInteger(), nullable=False),
        sa.Column("n_req", sa.SmallInteger(), nullable=False),
        sa.Column("n_ans", sa.SmallInteger(), nullable=False),
        sa.Column("n_overflow", sa.SmallInteger(), nullable=False),
        sa.Column("n_abandon", sa.SmallInteger(), nullable=False),
        sa.Column("n_busy", sa.SmallInteger(), nullable=False),
        sa.Column("n_in_15", sa.SmallInteger(), nullable=False),
        sa.Column("n_in_20", sa.SmallInteger(), nullable=False),
        sa.Column("n_short_in", sa.SmallInteger(), nullable=False),
        sa.Column("n_short_req", sa.SmallInteger(), nullable=False),
        sa.Column("n_invited", sa.SmallInteger(), nullable=False),
        sa.Column("n_rated", sa.SmallInteger(), nullable=False),
        sa.Column("n_satisfied", sa.SmallInteger(), nullable=False),
        sa.Column("n_callback", sa.SmallInteger(), nullable=False),
        sa.Column("n_message", sa.SmallInteger(), nullable=False),
        sa.Column("wait_ms", sa.BigInteger(), nullable=False),
        sa.Column("talk_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["conversation.call_id"], name=op.f("fk_tally_call_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_tally")),
    )
    op.create_index("ix_tally_day", "tally", ["day"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_tally_day", table_name="tally")
    op.drop_table("tally")
    op.drop_table("survey")
    op.drop_table("stint")
    op.drop_index("ix_overflow_done_at", table_name="overflow")
    op.drop_table("overflow")
    op.drop_table("attempt")
    op.drop_index(
        "ix_conversation_open",
        table_name="conversation",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_conversation_arrived_at", table_name="conversation")
    op.drop_table("conversation")
