"""What the API says and hears of lines outside, services, and supervisors' telephones."""

from pydantic import Field

from callcenter.documents.outside_faults import MOST
from callcenter.documents.outside_rows import LineRow, PhoneRow, ServiceRow
from callcenter.web.account_models import Reason
from callcenter.web.models import ApiModel
from callcenter.web.province_models import Revision

Used = dict[str, list[str]]


class LinesAnswer(ApiModel):
    """Lines outside; `revision` is to be named with a change."""

    revision: str
    lines: list[LineRow]
    trunks: list[str] = Field(description="those that lead out")
    used: Used = Field(description="line: titles of the flows in force that transfer to it")


class ServicesAnswer(ApiModel):
    """Services that may be asked in a call."""

    revision: str
    services: list[ServiceRow]
    keys: list[str] = Field(description="names of the secrets that this hotline holds")
    used: Used = Field(description="service: titles of the flows in force that ask it")


class PhonesAnswer(ApiModel):
    """Supervisors' telephones."""

    revision: str
    phones: list[PhoneRow]
    seats: list[str] = Field(description="numbers that are taken")


class LinesChange(ApiModel):
    """All lines as they shall be."""

    revision: Revision
    lines: list[LineRow] = Field(max_length=MOST["lines"])


class LinesSave(LinesChange):
    """The same, with why."""

    reason: Reason


class ServicesChange(ApiModel):
    """All services as they shall be."""

    revision: Revision
    services: list[ServiceRow] = Field(max_length=MOST["services"])


class ServicesSave(ServicesChange):
    """The same, with why."""

    reason: Reason


class PhonesChange(ApiModel):
    """All supervisors' telephones as they shall be."""

    revision: Revision
    phones: list[PhoneRow] = Field(max_length=MOST["phones"])


class PhonesSave(PhonesChange):
    """The same, with why."""

    reason: Reason
