"""The wire shapes of a person's desk."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from callcenter.web.models import ApiModel


class DeskClaim(ApiModel):
    """A page wants the telephone of its person's account."""

    take_over: bool = Field(default=False, description="from another page that has it now")
    desk: str = Field(
        default="",
        max_length=64,
        pattern="^[A-Za-z0-9_-]*$",
        description="the key that this page had before it was reloaded",
    )
    seat: str | None = Field(
        default=None, pattern=r"^[0-9]{2,8}$", description="for the bearer of the API key only"
    )


class DeskSeat(ApiModel):
    """Which desk: for the bearer of the API key only, who has none of his own."""

    seat: str | None = Field(default=None, pattern=r"^[0-9]{2,8}$")


class IceAnswer(ApiModel):
    """A STUN or TURN server as RTCPeerConnection takes it."""

    urls: str = Field(examples=["turn:turn.example.cn:3478?transport=udp"])
    username: str = Field(description="empty for STUN")
    credential: str


class PhoneAnswer(ApiModel):
    """By which the page's telephone registers: SIP over WebSocket at `socket`, on this server."""

    uri: str = Field(examples=["sip:8001@hotline"])
    user: str
    secret: str
    socket: str = Field(examples=["/api/v1/sip?desk=…"])
    realm: str
    ice: list[IceAnswer] = Field(description="empty: the browser's own addresses are enough")
    is_relayed: bool = Field(description="sound goes by a TURN server and no other way")


class DeskToday(ApiModel):
    """What the seat did on this Shanghai day; seconds."""

    calls: int
    talk_s: int
    wrap_up_s: int
    answer_rate: float | None = Field(description="taken of those offered; null before the first")
    satisfaction: float | None = Field(description="null before the first rating")


class DeskGuest(ApiModel):
    """Who else is in the talk, or being rung for it."""

    kind: str = Field(description="how he came in", examples=["consult", "conference", "barge"])
    target: Literal["seat", "group", "line", "number", "supervisor"]
    name: str = Field(description="a seat or a line by name, a group by id, a number masked")
    at: datetime = Field(description="UTC, when he was asked for")
    answered_at: datetime | None = Field(description="UTC; null while it rings")


class DeskBrought(ApiModel):
    """Who had this seat rung into a talk that was his."""

    kind: Literal["transfer", "consult", "conference"]
    by: str = Field(description="seat with its name", examples=["8001 长春一席"])


class DeskAnswer(ApiModel):
    """A telephone's place now."""

    seat: str
    name: str
    person: str | None = Field(description="who has the desk")
    desk: str | None = Field(description="key of the page that has it; null for other persons")
    state: str = Field(description="of the seat; `supervising` for a supervisor's telephone")
    reason: str | None
    since: datetime = Field(description="UTC, when this state began")
    call_id: str | None
    caller: str | None = Field(description="masked", examples=["138****0000"])
    direction: Literal["in", "out"] | None = Field(description="of the call")
    leads: bool = Field(description="hold and transfer are this seat's to ask: it is no guest")
    brought: DeskBrought | None = Field(description="null: the call came from the line")
    guest: DeskGuest | None = Field(description="whom this seat called into the talk it leads")
    supervisor: DeskGuest | None = Field(description="who joins that talk, or takes it over")
    is_awaited: bool = Field(description="a caller who was cut off waits for this seat")
    wrap_up_until: datetime | None = Field(description="UTC")
    rest_next: str | None = Field(
        description="why it will be not ready after this call and its wrap-up; null: ready"
    )
    today: DeskToday | None = Field(description="null while history cannot be had")
    phone: PhoneAnswer | None = Field(default=None, description="told to the page that claims")


class DeskState(ApiModel):
    """Ready, or not ready and why; now, or as soon as the call in hand is over."""

    state: Literal["ready", "not_ready"]
    when: Literal["now", "after_call"] = Field(
        default="now",
        description="after_call: once the call and its wrap-up are over; `ready` takes it back",
    )
    reason: str = Field(default="other", min_length=1, max_length=40, pattern=r"^[\w-]+$")


class CallOutWish(ApiModel):
    """Whom to call, and why: both are kept. Either a number or an earlier conversation."""

    number: str | None = Field(default=None, pattern=r"^\+?[0-9]{3,20}$", examples=["13904310000"])
    call_id: str | None = Field(
        default=None, max_length=200, description="one that asked to be called, or one's own"
    )
    reason: str = Field(min_length=1, max_length=200, examples=["回复来电人的咨询"])

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.number is None) == (self.call_id is None):
            raise ValueError("either number or call_id")
        return self


class CalledOut(ApiModel):
    """The seat's own telephone rings now, then who was called."""

    call_id: str


class LoggedOut(ApiModel):
    """A supervisor has logged out whoever sits at this seat."""

    seat: str
    reason: str = Field(description="as the supervisor gave it")


class DeskLost(ApiModel):
    """A page has lost its desk to another."""

    desk: str = Field(description="key of the page that lost it")
    seat: str
