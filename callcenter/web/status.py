"""For machines: /health and /metrics."""

from collections.abc import Iterable, Mapping

from aiohttp import web
from prometheus_client import REGISTRY, CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from callcenter.web.addresses import Network, address_of, is_in
from callcenter.web.auth import GATE
from callcenter.web.errors import ApiFault, Handler
from callcenter.web.live import VIEW
from callcenter.web.live_models import HealthAnswer, HealthReport
from callcenter.web.route import Route, json_answer
from callcenter.web.view import HotlineView, Stage

METRICS_FROM = web.AppKey("metrics_from", tuple[Network, ...])


async def get_health(request: web.Request) -> web.Response:
    """Each dependency by name: 200 if all work, else 503."""
    health = request.app[VIEW].health()
    report = HealthReport(
        ok=all(one.ok for one in health.values()),
        dependencies={name: HealthAnswer.model_validate(one) for name, one in health.items()},
    )
    return json_answer(report, status=200 if report.ok else 503)


class LiveCollector(Collector):
    """Gauges of this node's part of the live state, read when Prometheus asks."""

    def __init__(self, view: HotlineView) -> None:
        """`view`: asked at each scrape."""
        self._view = view

    def collect(self) -> Iterable[Metric]:
        """Calls by stage, seats by state, the line, dependencies."""
        own = self._view.share()
        yield _gauge(
            "hotline_calls",
            "Calls of this node in progress.",
            "stage",
            {stage.value: own.stages.get(stage, 0) for stage in Stage},
        )
        yield _gauge("hotline_seats", "Seats of this node by state.", "state", own.states)
        yield GaugeMetricFamily(
            "hotline_waiting", "Callers of this node who wait.", value=own.waiting
        )
        yield GaugeMetricFamily(
            "hotline_longest_wait_seconds",
            "Longest present wait of its callers.",
            value=own.longest_wait_s,
        )
        health = {name: int(one.ok) for name, one in self._view.health().items()}
        yield _gauge("hotline_dependency_up", "1 if the dependency works.", "name", health)


def _gauge(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family


class WebMetrics:
    """This application's own figures, beside those the rest of the program registered."""

    def __init__(self, view: HotlineView) -> None:
        """One registry per application, so that two can live in one process."""
        self._registry = CollectorRegistry()
        self._registry.register(LiveCollector(view))
        self.requests = Counter(
            "hotline_http_requests",
            "HTTP requests by route and status.",
            ["method", "route", "status"],
            registry=self._registry,
        )

    def text(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self._registry) + generate_latest(REGISTRY)


METRICS = web.AppKey("metrics", WebMetrics)


async def get_metrics(request: web.Request) -> web.Response:
    """Figures for Prometheus, to the allowed addresses or to a bearer of the key."""
    is_allowed = is_in(address_of(request), request.app[METRICS_FROM])
    if not is_allowed and not request.app[GATE].has_bearer(request):
        raise ApiFault(403, "address_not_allowed", "此地址不可读取运行指标。")
    return web.Response(
        body=request.app[METRICS].text(), content_type="text/plain", charset="utf-8"
    )


@web.middleware
async def count_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count by route pattern, never by address asked for: that could hold a number."""
    response = await handler(request)
    resource = request.match_info.route.resource
    route = resource.canonical if resource is not None else "none"
    request.app[METRICS].requests.labels(request.method, route, str(response.status)).inc()
    return response


ROUTES = (
    Route(
        method="GET",
        path="/health",
        handler=get_health,
        name="health",
        summary="Each dependency by name",
        right=None,
        answer=HealthReport,
        also={503: HealthReport},
    ),
    Route(
        method="GET",
        path="/metrics",
        handler=get_metrics,
        name="metrics",
        summary="Figures for Prometheus, to allowed addresses or the bearer of the API key",
        right=None,
        answer="text/plain",
        faults=(403,),
    ),
)
