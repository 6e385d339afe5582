"""Rates over time, for the board's trends."""

from aiohttp import web

from callcenter.web.errors import ApiFault
from callcenter.web.live_models import KpiAnswer
from callcenter.web.person import person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer
from callcenter.web.view import FiguresAway
from callcenter.web.web_parts import PARTS


async def get_kpi(request: web.Request) -> web.Response:
    """Today by the hour, the last days, this year; of the city that who asks is limited to."""
    figures = request.app[PARTS].figures
    if figures is None:
        raise ApiFault(503, "database_away", "此进程不提供统计数据。")
    try:
        trends = await figures.trends(person_of(request).city)
    except FiguresAway as fault:
        raise ApiFault(503, "database_away", "统计数据暂不可用，请稍后再试。") from fault
    return json_answer(KpiAnswer.model_validate(trends))


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/kpi",
        handler=get_kpi,
        name="kpi",
        summary="Rates of today by the hour, of the last days, of this year by the month",
        right=Right.KPI_SEE,
        answer=KpiAnswer,
        faults=(503,),
    ),
)
