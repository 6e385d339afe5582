"""What the API says and hears of records, of the screen pop and of emergencies."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from callcenter.english.said import Said
from callcenter.web.models import ApiModel

Text = Field(default="", max_length=4000)


def _without_nul(text: object) -> object:
    return text.replace("\0", "") if isinstance(text, str) else text


Typed = Annotated[str, BeforeValidator(_without_nul)]
"""What was typed or pasted: PostgreSQL holds no NUL, and a lawyer cannot see what is wrong."""


class PopNews(ApiModel):
    """Event `pop`: this call rings at the seat now."""

    call_id: str


class RecordDraft(ApiModel):
    """What a lawyer writes; empty where nothing was said."""

    name: Typed = Field(default="", max_length=60)
    sex: Literal["", "male", "female"] = ""
    caller_group: str = Field(default="", max_length=30, pattern=r"^[a-z_]*$")
    main: str | None = Field(default=None, pattern=r"^[0-9]{4}$", examples=["0702"])
    secondary: list[str] = Field(default=[], max_length=2, examples=[["0601"]])
    question: Typed = Text
    reply: Typed = Text
    outcome: str | None = Field(default=None, max_length=30, pattern=r"^[a-z_]+$")
    litigation: bool = Field(default=False, description="inclined to sue")
    petition: bool = Field(default=False, description="inclined to petition")
    follow_up: date | None = None


class RecordSave(RecordDraft):
    """`revision`: of the record that was read; another one is refused as `record_changed`."""

    revision: int = Field(ge=1, le=2**31 - 1)


class RecordFile(RecordSave):
    """`reason` is needed when the record was filed before: why it is corrected."""

    reason: Typed = Field(default="", max_length=400)


class RecordAnswer(RecordDraft):
    """A record as it is now."""

    call_id: str
    revision: int
    seat: str
    seats: list[str]
    answered_at: datetime
    changed_at: datetime
    changed_by: str
    filed_at: datetime | None
    filed_by: str | None
    identity_confirmed: bool
    urgent: bool
    main_name: str | None = Field(description="in words", examples=["劳动报酬与社保福利·拖欠工资"])
    secondary_names: list[str]
    can_write: bool = Field(description="by who asks")


class FilingAnswer(ApiModel):
    """One filing or correction."""

    at: datetime
    by: str
    reason: str
    revision: int


class FilingsAnswer(ApiModel):
    """How a record was filed and corrected, in order."""

    filings: list[FilingAnswer]


class ItemAnswer(ApiModel):
    """An item of the taxonomy."""

    code: str
    name: str
    queue: str


class CategoryAnswer(ApiModel):
    """A category with its items."""

    code: str
    name: str
    items: list[ItemAnswer]


class TaxonomyAnswer(ApiModel):
    """What may be chosen, and by whom callers of which group are most often helped."""

    categories: list[CategoryAnswer]
    groups: dict[str, list[str]] = Field(description="group of the menu -> likely categories")


class EarlierAnswer(ApiModel):
    """An earlier call of the same number. What was said is told once the identity is confirmed."""

    call_id: str
    arrived_at: datetime
    answered: bool
    seat: str | None
    group: str | None
    overflow: str | None
    main: str | None
    main_name: str | None
    outcome: str | None
    filed: bool
    follow_up: date | None
    open: list[Literal["callback", "message", "unfiled", "follow_up"]]
    name: str | None
    question: str | None
    reply: str | None


class LawAnswer(ApiModel):
    """An article of a law; `version`: the day on which this text was passed; `in_force`: since
    when it holds.
    """

    law: str
    version: str
    in_force: date | None
    article: str
    text: str


class SimilarAnswer(ApiModel):
    """A closed matter of somebody else."""

    main_name: str | None
    question: str
    reply: str
    outcome: str | None
    filed_at: datetime


class SuggestionsAnswer(ApiModel):
    """What may help to answer. `similar` is null when history cannot be had."""

    laws: list[LawAnswer]
    similar: list[SimilarAnswer] | None


def _as_list(given: object) -> object:
    return [given] if isinstance(given, str) else given


Codes = Annotated[list[Annotated[str, Field(pattern=r"^[0-9]{4}$")]], BeforeValidator(_as_list)]


class SuggestionsQuery(ApiModel):
    """The categories chosen now; without them those of the record."""

    code: Codes = Field(default=[], max_length=3, examples=[["0702"]])


class PopAnswer(ApiModel):
    """Who calls, from where, for what, and what is known of the number."""

    call_id: str
    caller: str = Field(description="masked", examples=["138****0000"])
    is_known: bool = Field(description="the number was not withheld")
    arrived_at: datetime
    waited_s: int
    city: str | None
    city_name: str | None
    city_source: str
    county_name: str | None
    group: str | None
    language: str
    keys: list[str] = Field(description="pressed in menus, in order")
    special: list[str]
    is_repeat: bool
    order_state: str | None = Field(description="of an order, as a service told")
    alarms: list[str]
    is_callback: bool
    identity_confirmed: bool
    earlier: list[EarlierAnswer] | None = Field(description="null when history cannot be had")
    suggestions: SuggestionsAnswer


class IdentityConfirm(ApiModel):
    """The lawyer has asked who calls."""

    confirmed: Literal[True]


class HelpWanted(ApiModel):
    """Whom to ring; `call_id`: the call, when it is not the one of the seat's talk now."""

    to: Literal["police", "ambulance"]
    call_id: str = Field(min_length=1, max_length=200)


class HelpAnswer(ApiModel):
    """Supervisors are told, the recording is held. `joining`: help is rung; else why not."""

    joining: bool
    error: str | None
    message: Said | None
