"""The controller as the bench `ivr` measures it: `python -m callcenter.bench.controller`.

`hotline serve` with two differences: the flow is the bench's (two menus that lead to each other),
and before the lease on the call is renewed or not, a NOOP is sent at every step: one command more,
and one that Asterisk answers at once, so that a whole round trip can be measured.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import uvloop

from callcenter.app import ROLES, Hotline
from callcenter.asterisk.lease import LEASE_S, Lease
from callcenter.asterisk.protocol import agi_commands
from callcenter.asterisk.protocol.agi import AgiReply
from callcenter.log import set_up_log
from callcenter.province import load_province
from callcenter.province_secrets import load_secrets
from callcenter.settings import load_settings

FLOWS = Path(__file__).parent / "flows"


_renew = Lease.renew


def noop_and_renew(lease: Lease, seconds: int = LEASE_S) -> Generator[bytes, AgiReply, None]:
    """In place of the lease alone."""
    yield agi_commands.noop()
    yield from _renew(lease, seconds)


async def serve() -> None:
    """Serve until stopped."""
    settings = load_settings()
    loaded = load_province(settings.province)
    kept = load_secrets(settings.home, *loaded.phones)
    hotline = Hotline(settings, loaded, kept, files=FLOWS)
    setattr(Lease, "renew", noop_and_renew)  # noqa: B010
    await hotline.run(ROLES)


if __name__ == "__main__":
    set_up_log()
    uvloop.run(serve())
