"""What the API says and hears of people: log-in, one's own account, the accounts of all."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from callcenter.web.models import ApiModel
from callcenter.web.rights import Role

Printable = StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")
Reason = Annotated[str, StringConstraints(min_length=1, max_length=400), Printable]
Password = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=40), Printable]


class LogIn(ApiModel):
    """Name and password, with a code when one is asked for; or the API key alone."""

    name: Annotated[str, StringConstraints(max_length=100), Printable] | None = None
    password: Password | None = None
    code: Annotated[str, StringConstraints(max_length=20)] | None = None
    key: Password | None = None

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        by_name = self.name is not None and self.password is not None
        if by_name == (self.key is not None):
            raise ValueError("name and password, or key")
        return self


class Me(ApiModel):
    """Who is logged in."""

    name: str
    display_name: str
    roles: list[str]
    rights: list[str] = Field(description="ids of what this person may do")
    seat: str | None
    city: str | None = Field(description="limited to this city; null: the province")
    city_name: str | None
    totp: bool = Field(description="a second factor is asked for at log-in")
    must_change_password: bool = Field(description="nothing else is open before")
    must_add_second_factor: bool = Field(description="nothing else is open before")
    idle_s: int | None = Field(description="log-in ends untouched after so long; null: never")
    ends_at: datetime | None = Field(description="UTC, when the log-in ends; null: never")


class SessionAnswer(ApiModel):
    """A log-in of one's own."""

    id: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str
    browser: str
    is_this: bool


class SessionsAnswer(ApiModel):
    """All log-ins of one's own, the newest first."""

    sessions: list[SessionAnswer]


class PasswordChange(ApiModel):
    """The old password and the new one."""

    old: Password
    password: Password


class OwnPassword(ApiModel):
    """One's own password, so that nobody else at one's desk does it."""

    password: Password


class SecondFactorAnswer(ApiModel):
    """What a telephone needs to make codes: as an address for a QR code, and to be typed."""

    secret: str
    address: str = Field(examples=["otpauth://totp/…"])


class Code(ApiModel):
    """Six digits of the telephone."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=20)]


class UserAnswer(ApiModel):
    """An account as administrators and auditors see it."""

    name: str
    display_name: str
    roles: list[Role]
    seat: str | None
    city: str | None
    city_name: str | None
    totp: bool
    must_change_password: bool
    is_locked: bool
    is_disabled: bool
    created_at: datetime
    last_login_at: datetime | None
    logged_in: int = Field(description="log-ins at this moment")


class RoleAnswer(ApiModel):
    """A role and its rights."""

    role: Role
    rights: list[str]
    second_factor: bool = Field(description="is demanded")


class UsersAnswer(ApiModel):
    """All accounts by name, and what the roles may do."""

    users: list[UserAnswer]
    roles: list[RoleAnswer]
    seats: list[str] = Field(description="numbers of seats and supervisors' telephones")
    cities: dict[str, str] = Field(description="code → name, for `city`")


class UserChange(ApiModel):
    """What an account is to be from now on, and why."""

    display_name: Name
    roles: list[Role] = Field(max_length=5)
    seat: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,8}$")] | None = None
    city: Annotated[str, StringConstraints(max_length=20), Printable] | None = None
    reason: Reason


class NewUser(UserChange):
    """An account to be made."""

    name: Name


class Why(ApiModel):
    """The reason of what is done; it is kept for ever."""

    reason: Reason


class GivenPassword(ApiModel):
    """A password shown this once; null: the move gives none."""

    name: str
    password: str | None


USER_MOVES = (
    *("disable", "enable", "unlock", "reset_password", "remove_second_factor", "log_out"),
)
