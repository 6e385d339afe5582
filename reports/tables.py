"""The tables: one schema for SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

from reports.metrics import COUNT_NAMES

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC datetime, stored as microseconds since 1970: exact, and the same on both
    databases (SQLite has no time type, and comparing its text costs a parse)."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Microseconds since 1970 UTC."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Aware datetime in UTC."""
        return None if value is None else _EPOCH + value * _MICROSECOND


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


def _call_id() -> Column[str]:
    owner = ForeignKey("conversation.call_id", ondelete="CASCADE")
    return Column("call_id", String(200), owner, primary_key=True)


def _extra() -> Column[object]:
    # NULL, not JSON null, where there is nothing unknown: a byte less per row
    return Column("extra", JSON(none_as_null=True))


conversation = Table(
    "conversation",
    metadata,
    Column("call_id", String(200), primary_key=True),
    Column("revision", BigInteger, nullable=False),  # a controller counts in milliseconds
    Column("arrived_at", UtcTime, nullable=False),
    Column("caller", Text),
    Column("trunk", Text),
    Column("dialled", Text),
    Column("city", Text),
    Column("city_source", Text),
    Column("group", Text),
    Column("language", Text),
    Column("special", JSON, nullable=False),
    Column("asked_at", UtcTime),
    Column("answered_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("ended_by", Text),
    Column("end_stage", Text),
    Column("overflow", Text),
    Column("category", Text),
    Column("talk_ended_at", UtcTime),
    Column("talk_ended_by", Text),
    Column("recording", JSON(none_as_null=True)),
    Column("source", Text),
    Column("reconciled", Boolean, nullable=False),
    Column("flow", Text),
    Column("flow_version", Text),
    _extra(),
    Index("ix_conversation_arrived_at", "arrived_at", "call_id"),
    Index("ix_conversation_caller", "caller", "arrived_at"),  # who calls again
)
# A controller that comes back asks which calls never got their end: few of very many.
Index(
    "ix_conversation_open",
    conversation.c.call_id,
    sqlite_where=conversation.c.ended_at.is_(None),
    postgresql_where=conversation.c.ended_at.is_(None),
)

attempt = Table(
    "attempt",
    metadata,
    _call_id(),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("seat", Text, nullable=False),
    Column("level", Text),
    Column("offered_at", UtcTime, nullable=False),
    Column("rang_at", UtcTime),
    Column("answered_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("outcome", Text),
    _extra(),
)

stint = Table(
    "stint",
    metadata,
    _call_id(),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("group", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("left_at", UtcTime),
    Column("outcome", Text),
    _extra(),
)

survey = Table(
    "survey",
    metadata,
    _call_id(),
    Column("invited_at", UtcTime, nullable=False),
    Column("answer", SmallInteger),
    _extra(),
)

# What a caller left instead of waiting. `done_at` is set by people later and never unset by
# a later revision of the call.
overflow = Table(
    "overflow",
    metadata,
    _call_id(),
    Column("kind", Text, nullable=False),
    Column("number", Text),
    Column("audio", Text),
    Column("duration_s", Float),
    Column("requested_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    _extra(),
    Index("ix_overflow_done_at", "done_at", "requested_at"),
)

# A cache: each finished call as `metrics.tally` counts it. Narrow, so that a report over a
# million calls reads little; `hotline report rebuild` makes it anew.
tally = Table(
    "tally",
    metadata,
    _call_id(),
    Column("rules", SmallInteger, nullable=False),
    Column("day", Integer, nullable=False),
    Column("hour", SmallInteger, nullable=False),
    Column("city", Text),
    Column("group", Text),
    Column("seat", Text),
    Column("category", Text),
    *(
        Column(name, BigInteger if name.endswith("_ms") else SmallInteger, nullable=False)
        for name in COUNT_NAMES
    ),
    Index("ix_tally_day", "day"),
)

# What was said, as speech recognition wrote it down; seconds of the call's recording.
transcripts = Table(
    "transcripts",
    metadata,
    _call_id(),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("speaker", String(10), nullable=False),
    Column("start_s", Float, nullable=False),
    Column("end_s", Float, nullable=False),
    Column("text", Text, nullable=False),
)

# Flows as people wrote them. Only state, reviewer, note and decided_at ever change, and no row of
# these three tables is ever deleted: the database itself refuses it (migration 0002).
flow_versions = Table(
    "flow_versions",
    metadata,
    Column("flow", String(40), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("reviewer", Text),
    Column("state", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("decided_at", UtcTime),
)

# What calls hear, all flows together: `flows` is {flow: version}; the highest number is in force.
# `since`: the release that this one repeats, when it was rolled back to.
releases = Table(
    "releases",
    metadata,
    Column("release", Integer, primary_key=True, autoincrement=False),
    Column("flows", JSON, nullable=False),
    Column("by", Text, nullable=False, quote=True),
    Column("note", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("since", Integer),
)

# Numbers that are refused, or proposed to be. Only approval, lifting and appeal ever change, and no
# row of these two tables is ever deleted: the database itself refuses it.
blacklist = Table(
    "blacklist",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("approved_by", Text),
    Column("approved_at", UtcTime),
    Column("lifted_by", Text),
    Column("lifted_at", UtcTime),
    Column("appeal", Text),
)
blacklist_log = Table(
    "blacklist_log",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False, quote=True),
    Column("move", String(20), nullable=False),
    Column("entry", Integer, nullable=False),
    Column("note", Text, nullable=False),
)

# What people did to the hotline at work: never deleted or changed (migration 0005). Each row holds
# the hash of the one before it (`reports.audit_chain`).
audit = Table(
    "audit",
    metadata,
    Column("n", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False, quote=True),
    Column("action", String(40), nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# Who may log in. `password` is argon2id; `totp` a seed that is of no use without the key in HOME.
users = Table(
    "users",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("seat", Text),
    Column("city", Text),
    Column("password", Text, nullable=False),
    Column("password_at", UtcTime, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("earlier", JSON, nullable=False),
    Column("totp", Text),
    Column("totp_at", UtcTime),
    Column("totp_step", BigInteger, nullable=False),
    Column("wrong", SmallInteger, nullable=False),
    Column("locked_until", UtcTime),
    Column("is_disabled", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("last_login_at", UtcTime),
)

# Who is logged in. `id` is a digest of the cookie, so that a copy of this table opens nothing.
sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("address", Text, nullable=False),
    Column("browser", Text, nullable=False),
    Index("ix_sessions_name", "name"),
)

# Who did what when, a line for each move.
flow_log = Table(
    "flow_log",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False, quote=True),
    Column("move", String(20), nullable=False),
    Column("flow", String(40)),
    Column("version", Integer),
    Column("release", Integer),
    Column("note", Text, nullable=False),
)

# What lawyers wrote of each call that a person answered (工单): one row a call. `revision` grows by
# one with each saving; of two that meet here the greater stays.
call_record = Table(
    "call_record",
    metadata,
    Column("call_id", String(200), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("seat", Text, nullable=False),
    Column("seats", JSON, nullable=False),
    Column("caller", Text),
    Column("city", Text),
    Column("group", Text),
    Column("answered_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("filed_at", UtcTime),
    Column("filed_by", Text),
    Column("name", Text, nullable=False),
    Column("sex", Text, nullable=False),
    Column("caller_group", Text, nullable=False),
    Column("main", String(4)),
    Column("secondary", JSON, nullable=False),
    Column("question", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("outcome", Text),
    Column("litigation", Boolean, nullable=False),
    Column("petition", Boolean, nullable=False),
    Column("follow_up", Text),
    Column("identity_confirmed", Boolean, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Index("ix_call_record_caller", "caller", "answered_at"),
    Index("ix_call_record_main", "main", "filed_at"),
    Index("ix_call_record_filed_at", "filed_at"),
)

# Each filing, and each correction after it, as it was then: never deleted or changed.
record_filing = Table(
    "record_filing",
    metadata,
    Column("call_id", String(200), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False, quote=True),
    Column("reason", Text, nullable=False),
    Column("body", JSON, nullable=False),
)

# The province's own list of categories, in place of the one that comes with the program. A code is
# never used again: what is no longer chosen is retired and keeps its name.
taxonomy = Table(
    "taxonomy",
    metadata,
    Column("code", String(4), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("category", String(2), nullable=False),
    Column("category_name", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("retired_at", UtcTime),
)

# How many ended calls took which way out of which step, by day: `way` as in `ivr_flows.turn.Way`.
# `day` is YYYYMMDD in Shanghai, of the call's arrival.
flow_passes = Table(
    "flow_passes",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("flow", String(40), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("step", String(40), primary_key=True),
    Column("way", String(120), primary_key=True),
    Column("calls", BigInteger, nullable=False),
)
