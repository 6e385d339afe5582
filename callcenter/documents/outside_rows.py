"""The shape of what is outside the seats as pages change it: lines, services, telephones."""

from __future__ import annotations

from pydantic import Field

from callcenter.documents.rows import Row


class LineRow(Row):
    """A number outside that callers may be transferred to. `hours`: always, or open."""

    name: str = Field(max_length=60, examples=["court"])
    title: str = Field(max_length=200, examples=["诉讼服务热线 12368"])
    number: str = Field(max_length=60, examples=["12368"])
    trunk: str = Field(max_length=60, examples=["demo"])
    hours: str = Field(default="always", max_length=20, examples=["always", "open"])


class FactRow(Row):
    """A fact that a service tells, and its values."""

    name: str = Field(max_length=60, examples=["order_state"])
    values: list[str] = Field(max_length=60, examples=[["accepted", "done"]])


class ServiceRow(Row):
    """A service that may be asked in a call. `key`: name of the secret it is shown, null: none."""

    name: str = Field(max_length=60, examples=["work_orders"])
    title: str = Field(max_length=200)
    url: str = Field(max_length=600)
    send: list[str] = Field(default=[], max_length=20, examples=[["order_number"]])
    facts: list[FactRow] = Field(max_length=30)
    key: str | None = Field(default=None, max_length=60)


class PhoneRow(Row):
    """A supervisor's telephone: it listens and joins, and no call is ever sent to it."""

    number: str = Field(max_length=20, examples=["7001"])
    name: str = Field(max_length=80)
