"""Trunks, nodes and what they need, to look at."""

from aiohttp import web

from callcenter.system.trunks import TrunkNow
from callcenter.web.errors import ApiFault
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer
from callcenter.web.trunks_models import (
    NodeStateAnswer,
    PartAnswer,
    SystemAnswer,
    TrunkAnswer,
    TrunkFaultAnswer,
)
from callcenter.web.web_parts import PARTS


async def get_system(request: web.Request) -> web.Response:
    """Everything at this moment."""
    watch = request.app[PARTS].system
    if watch is None:
        raise ApiFault(503, "not_here", "呼叫控制未在本进程运行。")
    now = await watch.now()
    return json_answer(
        SystemAnswer(
            at=now.at,
            node=now.node,
            asked_every_s=now.asked_every_s,
            trunks=[_trunk(one) for one in now.trunks],
            nodes=[NodeStateAnswer.model_validate(one) for one in now.nodes],
            parts=[PartAnswer.model_validate(one) for one in now.parts],
            counted=now.counted,
        )
    )


def _trunk(one: TrunkNow) -> TrunkAnswer:
    return TrunkAnswer(
        name=one.trunk.name,
        match=list(one.trunk.match),
        dialled=one.trunk.dialled,
        outbound=one.trunk.outbound,
        reach=one.reach,
        since=one.since,
        came=one.load.came,
        made=one.load.made,
        used_at=one.used_at,
        fault=TrunkFaultAnswer.model_validate(one.fault) if one.fault else None,
    )


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/api/v1/system",
        handler=get_system,
        name="system",
        summary="Trunks, nodes and what they need: reached or not, since when, their last faults",
        right=Right.SYSTEM_SEE,
        answer=SystemAnswer,
        faults=(503,),
    ),
)
