"""What the routes work with besides the view of the hotline: one field for each topic."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from aiohttp import web
from pydantic import BaseModel

from callcenter.accounts.accounts import Accounts
from callcenter.admission.desk import BlacklistDesk
from callcenter.desk_house import DeskHouse
from callcenter.documents.desk import ProvinceDesk
from callcenter.emergency import Emergency
from callcenter.flows.console import FlowConsole
from callcenter.notice_desk import NoticeDesk
from callcenter.open_requests import OpenRequests
from callcenter.pop import Pops
from callcenter.prompt_shelf import PromptShelf
from callcenter.supervision import Supervision
from callcenter.system.watch import SystemWatch
from callcenter.web.calls_desk import CallsDesk
from callcenter.web.feed import Feed
from callcenter.web.peers import Peers
from callcenter.web.view import Figures


@dataclass(frozen=True, kw_only=True)
class WebParts:
    """Built in callcenter.parts; a topic that is None is not served by this process."""

    feed: Feed = field(default_factory=Feed)
    figures: Figures | None = None
    requests: OpenRequests | None = None
    targets: Callable[[str], BaseModel] | None = None
    """Whom a talk of this seat may go to: a TargetsAnswer."""
    accounts: Accounts | None = None
    phones: Callable[[], Collection[str]] = tuple
    """Numbers of the seats' and the supervisors' telephones, as they are now."""
    service_keys: Callable[[], Collection[str]] = tuple
    """Names of the secrets that services are shown."""
    calls: CallsDesk | None = None
    supervision: Supervision | None = None
    province: ProvinceDesk | None = None
    blacklist: BlacklistDesk | None = None
    prompts: PromptShelf | None = None
    system: SystemWatch | None = None
    notices: NoticeDesk | None = None
    desk: DeskHouse | None = None
    pops: Pops | None = None
    emergency: Emergency | None = None
    flows: FlowConsole | None = None
    peers: Peers | None = None
    """The other controllers; None where there is one."""


PARTS = web.AppKey("parts", WebParts)
