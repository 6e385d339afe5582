"""How the parts are, in words for the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from callcenter.live import calendar_health
from callcenter.parts.calls import CallParts
from callcenter.parts.stores import Stores
from callcenter.parts.wire import Wire
from callcenter.site import Site
from callcenter.web.view import Health


@dataclass(frozen=True)
class HealthOfParts:
    """Called each time somebody looks."""

    site: Site
    stores: Stores
    calls: CallParts
    wire: Wire

    def __call__(self) -> Mapping[str, Health]:
        """By part."""
        drainer, board, ami = self.stores.drainer, self.stores.board, self.wire.ami
        behind = drainer.behind_bytes()
        return {
            "controller": Health(True, f"通话 {len(self.calls.switchboard.sessions)} 路"),
            "asterisk": Health(ami.is_up, "已连接" if ami.is_up else "连接中断"),
            "redis": Health(board.is_up, "已连接" if board.is_up else "连接中断，暂用内存"),
            "database": Health(
                drainer.is_up,
                "正常" if drainer.is_up else f"暂不可写，{behind} 字节话单待入库",
            ),
            **self._missing_nodes(),
            **calendar_health(self.site.province.calendar, datetime.now(UTC)),
        }

    def _missing_nodes(self) -> dict[str, Health]:
        """Nodes whose controllers are gone: the hotline works on, so it is no failure."""
        nodes = self.wire.nodes
        gone = [name for name in nodes.names if name not in nodes.alive]
        said = f"{'、'.join(gone)} 没有响应，其来电由其他节点接续"
        return {"nodes": Health(True, said)} if gone else {}
