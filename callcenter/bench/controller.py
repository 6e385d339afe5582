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
from callcenter.asterisk import telephony
from callcenter.asterisk.protocol import agi_commands
from callcenter.asterisk.protocol.agi import AgiReply
from callcenter.log import set_up_log
from callcenter.province import load_province
from callcenter.province_secrets import load_secrets
from callcenter.settings import load_settings

FLOWS = Path(__file__).parent / "flows"


_lease = telephony.Line._lease


def noop_and_lease(
    line: telephony.Line, seconds: int = telephony.LEASE_S
) -> Generator[bytes, AgiReply, None]:
    """In place of the lease alone."""
    yield agi_commands.noop()
    yield from _lease(line, seconds)


async def serve() -> None:
    """Serve until stopped."""
    settings = load_settings()
    loaded = load_province(settings.province)
    kept = load_secrets(settings.home, *loaded.phones)
    hotline = Hotline(settings, loaded, kept, files=FLOWS)
    setattr(telephony.Line, "_lease", noop_and_lease)  # noqa: B010
    await hotline.run(ROLES)


if __name__ == "__main__":
    set_up_log()
    uvloop.run(serve())
