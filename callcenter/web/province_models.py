"""What the API says and hears of changed documents of the province."""

from typing import Annotated

from pydantic import Field, StringConstraints

from callcenter.documents.rows import CellFault, FieldFault, GroupRow, SeatRow
from callcenter.english.said import Said
from callcenter.web.account_models import Printable, Reason
from callcenter.web.models import ApiModel

Revision = Annotated[str, StringConstraints(max_length=64), Printable]
MOST_BYTES = 2_000_000


class PlaceChoice(ApiModel):
    """A place that a seat may belong to."""

    code: str
    name: str


class GroupAnswer(ApiModel):
    """A group, and the flows in force that send callers to it: it stays while there are any."""

    name: str
    title: str
    flows: list[str]


class SeatsAnswer(ApiModel):
    """Seats and groups as they are; `revision` is to be named with a change."""

    revision: str
    groups: list[GroupAnswer]
    seats: list[SeatRow]
    places: list[PlaceChoice]


class SeatsChange(ApiModel):
    """Seats put in place of those with their numbers, or added; others gone; groups as they
    shall be, null for those there are."""

    revision: Revision
    put: list[SeatRow] = Field(default=[], max_length=2000)
    remove: list[str] = Field(default=[], max_length=2000)
    groups: list[GroupRow] | None = Field(default=None, max_length=100)


class SeatsSave(SeatsChange):
    """The same, with why."""

    reason: Reason


class Checked(ApiModel):
    """What would be wrong with a change, at the field, and what it changes in words."""

    faults: list[FieldFault]
    changes: list[Said]


class SheetChecked(ApiModel):
    """What is wrong in a table, at row and column, and what it changes in words."""

    faults: list[CellFault]
    changes: list[Said]
    rows: int = Field(description="rows that were read")


class Saved(ApiModel):
    """A change that was written down. `taken_up`: whether calls follow it here already."""

    revision: str
    changes: list[Said]
    taken_up: bool
    faults: list[Said] = Field(description="why it is not taken up")
    telephones: Said = Field(description="why Asterisk does not know changed telephones yet")


class SheetQuery(ApiModel):
    """`only`: what is not in the table goes."""

    only: bool = False


class WholeSheetSave(ApiModel):
    """The revision that was looked at, and why the table takes its place."""

    revision: Revision
    reason: Reason


class SheetSaveQuery(WholeSheetSave):
    """The same; `only`: what is not in the table goes."""

    only: bool = False
