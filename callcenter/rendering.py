"""From this hotline's settings, province and secrets to what `sip_config` renders from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from callcenter.address import Address
from callcenter.launch.asterisk_program import AsteriskProgram
from callcenter.province import Province
from callcenter.province_secrets import Secrets
from callcenter.settings import Settings
from callcenter.sounds import sound_folder
from sip_config import model
from sip_config.sounds import FOLDER as OWN_SOUNDS

DIALPLAN_VERSION = 1
DIALPLAN = f"v{DIALPLAN_VERSION}"
RTP = (10_000, 19_999)  # Asterisk skips ports that are taken: two hotlines may share the range


def asterisk_log(settings: Settings) -> Path:
    """Where Asterisk's logs and its journal of calls lie."""
    return settings.home / "asterisk" / "log"


def render_input(
    settings: Settings, province: Province, kept: Secrets, asterisk: AsteriskProgram, *, out: Path
) -> model.RenderInput:
    """Everything Asterisk's files are rendered from; `out` is where they will lie."""
    home = settings.home
    return model.RenderInput(
        node=settings.node,
        peers=tuple(_peers(settings, province)),
        peer_secret=_peer_secret(kept) if len(province.nodes) > 1 else "",
        sip=_address(settings.sip),
        agi=_address(settings.agi),
        ami=_address(settings.ami),
        ws=_address(settings.ws),
        rtp_first=RTP[0],
        rtp_last=RTP[1],
        tree=model.AsteriskTree(
            modules=asterisk.modules, data=asterisk.data, opus_module=asterisk.opus_module
        ),
        folders=model.Folders(
            config=out,
            run=home / "asterisk" / "run",
            log=asterisk_log(settings),
            recordings=home / "recordings",
            prompts=sound_folder(home),
            sounds=OWN_SOUNDS,
        ),
        trunks=province.trunks,
        seats=tuple(_endpoints(province, kept)),
        supervisors=tuple(_supervisors(province, kept)),
        ami_secret=kept.ami,
        patience=model.Patience(ring_s=settings.ring_s),
        dialplan_version=DIALPLAN_VERSION,
    )


def _endpoints(province: Province, kept: Secrets) -> Iterable[model.SeatEndpoint]:
    for seat in province.seats:
        yield model.SeatEndpoint(
            number=seat.number,
            secret=kept.seats[seat.number],
            display_name=seat.name,
            level=seat.level.value,
        )


def _supervisors(province: Province, kept: Secrets) -> Iterable[model.SupervisorEndpoint]:
    for one in province.supervisors:
        yield model.SupervisorEndpoint(
            number=one.number, secret=kept.supervisors[one.number], display_name=one.name
        )


def _peers(settings: Settings, province: Province) -> Iterable[model.Peer]:
    for node in province.nodes:
        if node.name != settings.node:
            yield model.Peer(name=node.name, sip=_address(node.sip), agi=_address(node.agi))


def _peer_secret(kept: Secrets) -> str:
    """The same on all nodes, since they share seats.json."""
    return hashlib.sha256(f"between nodes {kept.ami}".encode()).hexdigest()[:40]


def _address(address: Address) -> model.Address:
    return model.Address(host=address.host, port=address.port)
