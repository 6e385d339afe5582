"""What is set at this node, as it holds now."""

from dataclasses import dataclass
from pathlib import Path

from callcenter.province import Province
from callcenter.province_secrets import Secrets
from callcenter.settings import Settings
from ivr_flows.load import FLOWS


@dataclass
class Site:
    """`province` and `kept` are replaced while the hotline runs (callcenter.documents.uptake):
    ask for them each time. `files`: the flows that run until others are published.
    """

    settings: Settings
    province: Province
    kept: Secrets
    files: Path = FLOWS
