"""The demo's orders and bookings, and the small service that tells of them."""

from __future__ import annotations

import asyncio
import socket
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from callcenter.demo import service
from callcenter.demo.orders import book, progress
from callcenter.province import load_province
from callcenter.services import Services
from callcenter.settings import DEMO_PROVINCE

MONDAY = date(2026, 11, 23)
PROVINCE = load_province(DEMO_PROVINCE)


@pytest.mark.parametrize(
    ("number", "code", "state"),
    [
        ("100001", "1111", "accepted"),
        ("100002", "2222", "working"),
        ("100003", "3333", "done"),
        ("100003", "1111", "none"),
        ("", "", "none"),
    ],
)
def test_an_order_is_told_to_who_knows_its_code(number: str, code: str, state: str) -> None:
    assert progress({"order_number": number, "order_code": code}) == {"order_state": state}


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("1124", "taken"),
        ("1123", "refused"),  # today
        ("1122", "refused"),  # was yesterday: in a year
        ("1128", "refused"),  # a Saturday
        ("0105", "taken"),  # next year
        ("0315", "refused"),  # too far away
        ("0231", "refused"),
        ("1332", "refused"),
        ("", "refused"),
        ("１１２４", "refused"),
        (["1124"], "refused"),
    ],
)
def test_a_booking_is_for_a_coming_workday(day: object, state: str) -> None:
    sent = {"booking_number": "04315550177", "booking_day": day}
    assert book(sent, MONDAY) == {"booking_state": state}


def test_a_booking_needs_a_number() -> None:
    assert book({"booking_day": "1124"}, MONDAY) == {"booking_state": "refused"}


def test_what_the_province_names_is_what_the_demo_serves_and_only_on_this_machine() -> None:
    served = {
        resource.canonical
        for resource in service.make_app().router.resources()
        if resource.canonical
    }
    urls = [urlsplit(one.url) for one in PROVINCE.services.values()]
    assert {url.path for url in urls} == served
    assert {(url.hostname, url.port) for url in urls} == {(service.HOST, service.PORT)}


class Counted:
    """Counts nothing."""

    def service_asked(self, service: str, outcome: str) -> None:
        """One request has come to its end."""


@pytest.fixture(name="port")
async def _port() -> object:
    runner = web.AppRunner(service.make_app(lambda: MONDAY), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, service.HOST, 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_the_controllers_own_client_takes_its_answers_as_facts(port: int) -> None:
    known = {
        name: one.model_copy(update={"url": one.url.replace(str(service.PORT), str(port))})
        for name, one in PROVINCE.services.items()
    }
    services = Services(lambda: known, dict, Counted())

    async def asked(name: str, **sent: str) -> object:
        told: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        services.ask("1.1", name, sent, told.set_result)
        return await told

    try:
        assert await asked("work_orders", order_number="100002", order_code="2222") == {
            "order_state": "working"
        }
        assert await asked("booking", booking_number="04315550177", booking_day="1124") == {
            "booking_state": "taken"
        }
    finally:
        await services.close()


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"{" * 5_000])
async def test_what_is_no_request_is_refused_in_a_word(port: int, body: bytes) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"http://{service.HOST}:{port}/progress", data=body) as reply,
    ):
        assert reply.status in (400, 413)
        assert len(await reply.text()) < 100


async def test_a_second_demo_serves_when_the_first_has_ended() -> None:
    with socket.create_server((service.HOST, 0)) as first:
        taken = first.getsockname()[1]
        second = asyncio.ensure_future(service.serve(taken, again_s=0.02))
        await asyncio.sleep(0.1)
        assert not second.done()
    try:
        async with asyncio.timeout(10), aiohttp.ClientSession() as http:
            while True:
                try:
                    url = f"http://{service.HOST}:{taken}/progress"
                    async with http.post(url, json={}) as reply:
                        assert await reply.json() == {"order_state": "none"}
                        return
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.02)
    finally:
        second.cancel()
        await asyncio.wait([second])


def test_the_demo_rings_no_number_of_the_world() -> None:
    from callcenter.demo import outside

    leads = {trunk.name: trunk.outbound for trunk in PROVINCE.trunks}
    assert leads == {"demo": f"sip:{outside.HOST}:{outside.PORT}"}
    assert outside.HOST.startswith("127.")
    assert {line.trunk for line in PROVINCE.lines.values()} == {"demo"}
    assert {"police", "night"} <= PROVINCE.lines.keys()
    assert Path(DEMO_PROVINCE / "lines.yaml").is_file()
