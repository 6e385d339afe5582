"""An index by caller and time: whether a number called before is asked at each arrival."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_conversation_caller", "conversation", ["caller", "arrived_at"])


def downgrade() -> None:
    op.drop_index("ix_conversation_caller", table_name="conversation")
