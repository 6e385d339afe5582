"""What the API says and hears, as pydantic models: the OpenAPI document is made from these."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from callcenter.web.view import TargetKind


class ApiModel(BaseModel):
    """Unknown fields are refused, so a misspelt one is noticed."""

    model_config = ConfigDict(
        extra="forbid",
        from_attributes=True,
        # an answer holds every field: whoever reads it need not ask whether it is there
        json_schema_serialization_defaults_required=True,
    )


class Fault(ApiModel):
    """Any answer that is not a success."""

    error: str = Field(description="stable id", examples=["seat_unknown"])
    message: str = Field(description="one sentence, in Chinese or as Accept-Language says")
    where: str | None = Field(default=None, description="the field of the form that is wrong")


class SeatChange(ApiModel):
    """A wish to set a seat ready or not ready."""

    state: Literal["ready", "not_ready"]
    reason: str = Field(default="supervisor", min_length=1, max_length=40, pattern=r"^[\w-]+$")


class Target(ApiModel):
    """Exactly one of the four."""

    seat: str | None = Field(default=None, pattern=r"^[0-9]{2,8}$", examples=["8002"])
    group: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]{0,30}$", examples=["labour"])
    line: str | None = Field(default=None, pattern=r"^[\w-]{1,40}$", examples=["court"])
    number: str | None = Field(default=None, pattern=r"^[0-9]{3,20}$", examples=["04315550123"])

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("exactly one of seat, group, line, number")
        return self

    def one(self) -> tuple[TargetKind, str]:
        """Its kind and its name."""
        kinds: tuple[TargetKind, ...] = ("seat", "group", "line", "number")
        return next((kind, name) for kind in kinds if (name := getattr(self, kind)) is not None)


class TalkWish(ApiModel):
    """What is to be done with a talk; `to` with transfer, consult, and a conference from none."""

    to: Target | None = None


class SeatRelease(ApiModel):
    """Who takes a seat out of its state, and why: both are kept."""

    by: str = Field(min_length=1, max_length=80, examples=["王强"])
    reason: str = Field(min_length=1, max_length=400, examples=["话机死机，坐席卡在通话中"])


class SeatCity(ApiModel):
    """Where the caller says that he is: a code of `hotline places show`."""

    city: str = Field(pattern="^([0-9]{6}|[a-z]{2,20})$", examples=["222400", "cbs"])


class Done(ApiModel):
    """A change was made."""

    ok: Literal[True] = True
