"""The controller as the bench `ivr` measures it: `python -m callcenter.bench.controller`.

`hotline serve` with two differences: the flow is the bench's (two menus that lead to each other),
and the lease on the call is renewed at every step, in service every 20 s. That renewal is one
command more for each step, and one that Asterisk carries out at once, so that a whole round trip
can be measured.
"""

from __future__ import annotations

from pathlib import Path

import uvloop

from callcenter.app import ROLES, Hotline
from callcenter.asterisk import telephony
from callcenter.log import set_up_log
from callcenter.province import load_province
from callcenter.province_secrets import load_secrets
from callcenter.settings import load_settings
from ivr_flows.load import load_flows

FLOWS = Path(__file__).parent / "flows"


async def serve() -> None:
    """Serve until stopped."""
    settings = load_settings()
    loaded = load_province(settings.province)
    kept = load_secrets(settings.home, (seat.number for seat in loaded.seats))
    hotline = Hotline(settings, loaded, kept)
    hotline.flows = load_flows(FLOWS)
    telephony.RENEW_S = 0
    await hotline.run(ROLES)


if __name__ == "__main__":
    set_up_log()
    uvloop.run(serve())
