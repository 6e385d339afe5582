"""What the parts count by themselves, read when /metrics is asked for.

Counting stays plain integers in the parts: nothing here is on the path of a call.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from callcenter.asterisk.agi import AgiServer
from callcenter.asterisk.ami import AmiClient
from callcenter.cluster import Cluster
from callcenter.dispatcher import Dispatcher
from callcenter.flows.releases import Releases
from reports.drain import Drainer
from reports.spool import Spool
from seats.board import Board
from seats.board_link import BoardCounters

_BOARD = {
    "written": "Keys of live state written to Redis.",
    "round_trips": "Round trips of the writing behind.",
    "outages": "Times Redis went away.",
    "resyncs": "Times all live state was written anew.",
    "reserved": "Seats reserved for a call.",
    "refused": "Reservations that another was faster to.",
    "decided_alone": "Reservations granted from memory while Redis was away.",
    "late_saves": "Seat statuses older than the one known.",
    "adopted": "Seat statuses that another controller had made first.",
}
assert _BOARD.keys() == {field.name for field in fields(BoardCounters)}


@dataclass(frozen=True)
class PartsCollector(Collector):
    """Figures of one controller's parts; all but those called gauges only grow."""

    spool: Spool
    drainer: Drainer
    board: Board
    ami: AmiClient
    agi: AgiServer
    dispatcher: Dispatcher
    releases: Releases
    cluster: Cluster | None = None

    def collect(self) -> Iterable[Metric]:
        """All figures as they are now."""
        yield from self._facts()
        yield from self._board()
        yield from self._wire()
        yield from self._seats()
        yield from self._flows()
        if self.cluster is not None:
            yield from self._nodes(self.cluster)

    def _facts(self) -> Iterable[Metric]:
        spool, counts = self.spool, self.drainer.counts
        yield _grows("facts_appended", "Records written to the spool.", spool.appended)
        yield _grows("facts_lost", "Records given up: the disk refused too many.", spool.lost)
        yield _grows("spool_refused_writes", "Writes the disk refused.", spool.refused_writes)
        yield _gauge("facts_held", "Records in memory that the disk refuses.", spool.held)
        yield _grows("facts_drained", "Records taken into the database.", counts.drained)
        yield _grows("facts_refused", "Records put aside as unreadable.", counts.refused)
        yield _grows("database_failures", "Times the database was away.", counts.failures)
        behind = self.drainer.behind_bytes()
        yield _gauge("spool_behind_bytes", "Spooled and not yet in the database.", behind)

    def _board(self) -> Iterable[Metric]:
        for name, text in _BOARD.items():
            yield _grows(f"board_{name}", text, getattr(self.board.counters, name))
        yield _gauge("board_pending", "Keys not yet written to Redis.", self.board.pending)

    def _wire(self) -> Iterable[Metric]:
        ami, agi = self.ami, self.agi
        yield _grows("ami_links", "AMI connections that logged in.", ami.links)
        yield _grows("ami_events", "AMI events taken in.", ami.events)
        yield _grows("ami_filtered", "AMI events dropped by name on former links.", ami.filtered)
        yield _grows("ami_faults", "AMI events that could not be handled.", ami.faults)
        yield _grows("ami_orphans", "AMI replies nobody waited for.", ami.orphans)
        yield _gauge("agi_lines", "AGI connections open.", agi.lines)
        yield _grows("agi_refused", "AGI connections refused: too many.", agi.refused)

    def _nodes(self, cluster: Cluster) -> Iterable[Metric]:
        line = cluster.line
        yield _gauge("controllers_alive", "Controllers that gave a sign of life.", len(line.alive))
        yield _gauge("line_others", "Callers in line at other controllers.", len(line.others))
        yield _grows("line_catches_up", "Times the whole line was read again.", line.catches_up)
        yield _grows("calls_taken_over", "Calls of dead controllers.", cluster.taken_over)

    def _seats(self) -> Iterable[Metric]:
        seats = self.dispatcher
        yield _grows("leases_expired", "Seats given back by their lease.", seats.expired_leases)
        yield _grows("seat_moves_refused", "Seat moves that did not fit.", seats.refused_moves)

    def _flows(self) -> Iterable[Metric]:
        flows = self.releases
        yield _gauge(
            "flow_release", "Release of the flows that new calls hear.", flows.current.release
        )
        yield _gauge("flow_releases_kept", "Releases in memory, older ones for calls.", flows.kept)
        published = flows.published
        yield _gauge(
            "routing_version",
            "Published routing policy that holds; 0: that of the province folder.",
            published.policy.version if published else 0,
        )
        yield _grows("flow_releases_taken_up", "Releases taken up while running.", flows.taken_up)
        yield _grows("flow_releases_refused", "Releases refused for their faults.", flows.refused)
        yield _grows(
            "flow_releases_missing", "Older releases that were not to be had.", flows.missing
        )


def _grows(name: str, text: str, value: int) -> Metric:
    return CounterMetricFamily(f"hotline_{name}", text, value=value)


def _gauge(name: str, text: str, value: int) -> Metric:
    return GaugeMetricFamily(f"hotline_{name}", text, value=value)
