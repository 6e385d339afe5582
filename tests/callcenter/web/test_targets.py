"""Whom a lawyer may hand a talk to, over HTTP."""

from callcenter.web.targets import GroupTarget, LineTarget, SeatTarget, TargetsAnswer
from callcenter.web.web_parts import WebParts
from tests.callcenter.web.conftest import OpenClient

TARGETS = TargetsAnswer(
    seats=[
        SeatTarget(number="8002", name="长春二席", level="municipal", city="长春市", state="ready")
    ],
    groups=[GroupTarget(name="labour", ready=1)],
    lines=[LineTarget(name="court", title="诉讼服务热线", number="12368", is_open=False)],
)


async def test_targets_are_told_for_the_seat_of_who_asks(open_client: OpenClient) -> None:
    asked: list[str] = []

    def targets(seat: str) -> TargetsAnswer:
        asked.append(seat)
        return TARGETS

    client = await open_client(parts=WebParts(targets=targets))
    async with client.get("/api/v1/desk/targets") as answer:
        assert answer.status == 200
        assert TargetsAnswer.model_validate(await answer.json()) == TARGETS
    assert asked == [""]  # the bearer of the key has no seat


async def test_without_a_controller_there_are_none(open_client: OpenClient) -> None:
    client = await open_client(parts=WebParts())
    async with client.get("/api/v1/desk/targets") as answer:
        assert answer.status == 503
        assert (await answer.json())["error"] == "controller_away"
