"""nodes.yaml: the nodes of one hotline, each an Asterisk with its controller beside it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from callcenter.address import Address, parse_address
from seats.source import Source

NODES = "nodes.yaml"  # may be absent: this node is the only one
_NAME = re.compile(r"[A-Za-z][0-9A-Za-z_-]{0,30}")
_RESERVED = ("phone",)  # 8001@phone is a seat's own door in Asterisk


@dataclass(frozen=True)
class Node:
    """Where the others reach a node: its Asterisk's SIP and AMI, its controller's FastAGI, and its
    pages, without which nobody at another node can do anything with its calls.
    """

    name: str
    sip: Address
    agi: Address
    ami: Address
    web: Address | None = None


def load_nodes(path: Path) -> tuple[Node, ...]:
    """The nodes in the file's order, none when there is no file; raises FileFaults."""
    if not path.exists():
        return ()
    source = Source(path)
    top = source.table(source.root, "file", required=("nodes",))
    nodes: dict[str, Node] = {}
    for n, item in enumerate(source.items(top.get("nodes"), "nodes"), start=1):
        where = f"nodes[{n}]"
        required = ("name", "sip", "agi", "ami")
        fields = source.table(item, where, required=required, optional=("web",))
        if not set(required) <= fields.keys():
            continue
        name = source.text(fields["name"], f"{where}.name")
        if not _NAME.fullmatch(name) or name in nodes or name in _RESERVED:
            source.fault(
                fields["name"], f"{where}.name", f"{name!r} is no new name of letters and digits"
            )
        sip, agi, ami = (
            _address(source, fields[key], f"{where}.{key}") for key in ("sip", "agi", "ami")
        )
        web = _address(source, fields["web"], f"{where}.web") if "web" in fields else None
        if sip and agi and ami:
            nodes[name] = Node(name=name, sip=sip, agi=agi, ami=ami, web=web)
    source.finish()
    return tuple(nodes.values())


def _address(source: Source, node: yaml.Node, where: str) -> Address | None:
    text = source.text(node, where)
    try:
        address = parse_address(text)
        assert isinstance(address, Address)
        ipaddress.IPv4Address(address.host)
    except ValueError:
        source.fault(node, where, f"{text!r} is not like 10.0.0.1:5060")
        return None
    return address


def cluster_faults(
    nodes: tuple[Node, ...], *, own: str, cluster: str, is_private: bool
) -> list[str]:
    """Why this node cannot be one of them, a line each. `is_private`: a Redis of its own."""
    if len(nodes) < 2:
        return []
    faults = []
    if own not in {node.name for node in nodes}:
        faults.append(f"{NODES}: HOTLINE_NODE is {own!r}, which is none of its nodes")
    if not cluster:
        faults.append(f"{NODES}: several nodes need HOTLINE_CLUSTER, one name for all of them")
    if is_private:
        faults.append(f"{NODES}: several nodes need REDIS_URL, one Redis for all of them")
    return faults
