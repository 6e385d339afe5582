"""The controller with a test's own flows: `python own_flows.py FOLDER`, else as `hotline serve`."""

from __future__ import annotations

import sys
from pathlib import Path

import uvloop

from callcenter.app import ROLES, Hotline
from callcenter.log import set_up_log
from callcenter.province import load_province
from callcenter.province_secrets import load_secrets
from callcenter.settings import load_settings


async def serve(flows: Path) -> None:
    settings = load_settings()
    province = load_province(settings.province)
    kept = load_secrets(settings.home, *province.phones)
    await Hotline(settings, province, kept, files=flows).run(ROLES)


if __name__ == "__main__":
    set_up_log()
    uvloop.run(serve(Path(sys.argv[1])))
