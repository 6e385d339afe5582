"""What the API says of trunks, nodes and what they need."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.system.trunks import Reach
from callcenter.system.watch import State
from callcenter.web.models import ApiModel


class TrunkFaultAnswer(ApiModel):
    """A channel that the network ended."""

    at: datetime
    cause: int = Field(description="Q.850")
    node: str
    outward: bool = Field(description="a call that the hotline made")


class TrunkAnswer(ApiModel):
    """A line to the public network. `reach`: what its other end answers to this node."""

    name: str
    match: list[str] = Field(description="addresses that calls come from")
    dialled: str
    outbound: str | None = Field(description="where calls are sent; null: none are")
    reach: Reach
    since: datetime
    came: int = Field(description="channels of calls that came in")
    made: int = Field(description="channels of calls that the hotline made")
    used_at: datetime | None = Field(description="when a channel ended last, since the start")
    fault: TrunkFaultAnswer | None


class NodeStateAnswer(ApiModel):
    """An Asterisk and the controller beside it."""

    name: str
    is_own: bool
    asterisk: bool
    asterisk_since: datetime
    controller: bool
    controller_since: datetime
    version: str = Field(description="of Asterisk; empty while not known")
    calls: int
    phones: int = Field(description="telephones that are registered")


class PartAnswer(ApiModel):
    """Something that the hotline needs."""

    name: Literal["redis", "database", "disk", "recognition", "voice"]
    state: State
    since: datetime
    kind: str
    figure: int | None = Field(description="database: bytes that wait; disk: bytes free")
    of: int | None = Field(description="disk: bytes in all")


class SystemAnswer(ApiModel):
    """One moment, as the node that answers sees it."""

    at: datetime
    node: str
    asked_every_s: float = Field(description="how often trunks are asked; 0: never")
    trunks: list[TrunkAnswer]
    nodes: list[NodeStateAnswer]
    parts: list[PartAnswer]
    counted: bool = Field(description="every Asterisk that is reached told of its channels")
