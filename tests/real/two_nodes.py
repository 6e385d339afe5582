"""Two nodes of one hotline: two Asterisks on 127.0.0.x, a controller beside each, one Redis and
one database for both.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from callcenter.address import parse_address
from callcenter.settings import DEMO_PROVINCE
from reports.facts import Conversation
from tests.real.asterisk_node import free_ports
from tests.real.house import House
from tests.real.redis_server import RedisServer

HOSTS = {"a": "127.0.0.1", "b": "127.0.0.3"}
SECRET = "ami-of-both-nodes"


class TwoNodes:
    """Start, break and mend its parts; `a` and `b` are houses that share what nodes share."""

    def __init__(
        self,
        folder: Path,
        *,
        province: Path = DEMO_PROVINCE,
        ami_of: dict[str, str] | None = None,
        **settings: object,
    ) -> None:
        """`ami_of`: where controllers find a node's AMI in place of its own address.

        `settings`: for both houses, as `wrap_up_s=3`.
        """
        ami_of = ami_of or {}
        folder.mkdir(parents=True, exist_ok=True)
        self.redis = RedisServer(folder)
        self.province = folder / "province"
        shutil.copytree(province, self.province)
        ports = {name: free_ports(5, host) for name, host in HOSTS.items()}
        at = {
            name: dict(
                zip(
                    ("sip", "agi", "ami", "ws", "web"),
                    (f"{host}:{p}" for p in ports[name]),
                    strict=True,
                )
            )
            for name, host in HOSTS.items()
        }
        nodes = [
            {
                "name": name,
                "sip": one["sip"],
                "agi": one["agi"],
                "ami": ami_of.get(name, one["ami"]),
                "web": one["web"],
            }
            for name, one in at.items()
        ]
        (self.province / "nodes.yaml").write_text(yaml.safe_dump({"nodes": nodes}))
        shared = {
            "province": self.province,
            "cluster": "test",
            "redis_url": self.redis.url,
            "database_url": f"sqlite:///{folder / 'hotline.db'}",
            **settings,
        }
        self.houses = {
            name: House(
                folder / name, host=HOSTS[name], ami_secret=SECRET, node=name, **at[name], **shared
            )
            for name in HOSTS
        }
        for name, address in ami_of.items():
            house = self.houses[name]
            ami = parse_address(address)
            house.settings = house.settings.model_copy(update={"ami": ami})
        self.a, self.b = self.houses["a"], self.houses["b"]
        # Each process that speaks for itself needs its own audio ports.
        first = self.a.node.given.rtp_first
        for n, house in enumerate(self):
            house.node.given = replace(
                house.node.given, rtp_first=first + 400 * n, rtp_last=first + 400 * n + 399
            )

    def __iter__(self) -> Iterator[House]:
        return iter(self.houses.values())

    def start(self) -> TwoNodes:
        """All parts, ready for calls."""
        self.redis.launch()
        self.a.wait_for(self.redis.socket.exists, what="redis is up")
        self.a.hotline("db", "upgrade")
        for house in self:
            house.node.start()
            house.start_controller(wait=False)
        for house in self:
            house.wait_for(house.is_healthy, what="the controllers are healthy", timeout_s=90)
        for house in self:
            self.a.wait_for(
                lambda h=house: "Avail" in h.node.cli("pjsip show contacts"),  # type: ignore[misc]
                timeout_s=60,
                what="the nodes see each other",
            )
        return self

    def close(self) -> None:
        """End everything."""
        for house in self:
            house.close()
        self.redis.kill()

    def calls(self) -> dict[str, Conversation]:
        """What the database holds, by the caller's number."""
        return {call.caller or "": call for call in self.a.calls()}

    def restart_redis(self) -> None:
        """Killed, and empty again."""
        self.redis.send(signal.SIGKILL)
        self.redis.kill()
        self.redis.launch()
