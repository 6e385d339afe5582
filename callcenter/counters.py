"""What the controller counts for /metrics (Prometheus)."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from callcenter.call import Call

_BEGAN = Counter("hotline_calls_began", "Calls taken up for the first time.")
_RESUMED = Counter("hotline_calls_resumed", "Calls taken up again after an interruption.")
_ENDED = Counter("hotline_calls_ended", "Calls that ended.", ["stage", "by"])
_STEPS_FAILED = Counter("hotline_steps_failed", "Steps of calls that a fault of a rule broke.")
_FLOWS_FAILED = Counter(
    "hotline_flow_steps_failed", "Flow steps that broke.", ["flow", "version", "step"]
)
_ALARMS = Counter("hotline_alarms", "Alarms that steps of flows raised.", ["name"])
_SERVICES = Counter(
    "hotline_service_requests", "Requests to services outside.", ["service", "outcome"]
)
_MENDED = Counter("hotline_states_mended", "Differences between Asterisk and us, mended.", ["what"])
_WAIT = Histogram(
    "hotline_wait_seconds",
    "From asking for a person to the answer.",
    buckets=(1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600),
)


_BLOCKED = Counter("hotline_calls_blocked", "Calls that were not let in.", ["why"])


_NUMBERS_BLOCKED = Gauge("hotline_numbers_blocked", "Numbers of the blacklist that are in force.")


class PrometheusCounters:
    """Counts into the process's registry."""

    def call_began(self) -> None:
        """A new call."""
        _BEGAN.inc()

    def call_resumed(self) -> None:
        """A call taken up again."""
        _RESUMED.inc()

    def call_over(self, call: Call) -> None:
        """A call ended."""
        _ENDED.labels(call.end_stage or "", call.ended_by or "").inc()
        if call.answered_at and call.asked_at:
            _WAIT.observe((call.answered_at - call.asked_at).total_seconds())

    def call_blocked(self, why: str) -> None:
        """A call was not let in."""
        _BLOCKED.labels(why).inc()

    def numbers_blocked(self, count: int) -> None:
        """So many numbers are refused from now on."""
        _NUMBERS_BLOCKED.set(count)

    def step_failed(self) -> None:
        """A rule broke."""
        _STEPS_FAILED.inc()

    def flow_failed(self, flow: str, version: int, step: str) -> None:
        """A step of a flow broke."""
        _FLOWS_FAILED.labels(flow, str(version), step).inc()

    def alarm_raised(self, name: str) -> None:
        """A step raised an alarm."""
        _ALARMS.labels(name).inc()

    def service_asked(self, service: str, outcome: str) -> None:
        """A request to a service came to its end."""
        _SERVICES.labels(service, outcome).inc()

    def mended(self, what: str) -> None:
        """A difference between Asterisk's state and ours was mended."""
        _MENDED.labels(what).inc()
