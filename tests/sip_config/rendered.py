"""What the files are rendered from in tests, and how a section of them is read back."""

from pathlib import Path

from sip_config.model import (
    Address,
    AsteriskTree,
    Folders,
    RenderInput,
    SeatEndpoint,
    Trunk,
)

HOST = "127.0.0.1"
GIVEN = RenderInput(
    node="node-1",
    sip=Address(host=HOST, port=5060),
    agi=Address(host=HOST, port=4573),
    ami=Address(host=HOST, port=5038),
    ws=Address(host=HOST, port=5088),
    rtp_first=10000,
    rtp_last=19999,
    tree=AsteriskTree(
        modules=Path("/tree/modules"), data=Path("/tree/data"), opus_module="codec_opus.so"
    ),
    folders=Folders(
        config=Path("/home/h/etc"),
        run=Path("/home/h/run"),
        log=Path("/home/h/log"),
        recordings=Path("/home/h/recordings"),
        prompts=Path("/home/h/prompts/zh-CN"),
        sounds=Path("/program/sounds"),
    ),
    trunks=(Trunk(name="demo", match=("127.0.0.2", "10.0.0.0/24"), dialled="12348"),),
    seats=(
        SeatEndpoint(
            number="8001", secret="s3cret-8001", display_name="长春一席", level="municipal"
        ),
        SeatEndpoint(
            number="8901", secret="s3cret-8901", display_name="省级一席", level="provincial"
        ),
    ),
    ami_secret="s3cret-ami",
)


def section(text: str, name: str, kind: str = "") -> list[str]:
    """The lines of [name], of that type where several sections share the name."""
    for part in text.split("\n[")[1:]:
        head, _, body = part.partition("]\n")
        if head == name and (not kind or f"type = {kind}\n" in body):
            return [line for line in body.splitlines() if line and not line.startswith(";")]
    raise AssertionError(f"no section {name} {kind}")
