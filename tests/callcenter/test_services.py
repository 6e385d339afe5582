"""Asking a service outside, against a real server that behaves as badly as it can."""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from callcenter import services as module
from callcenter.services import LARGEST, Services, facts_of, is_safe
from ivr_flows.catalogue import Service

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TYPED = "20260042"  # what the caller typed: nowhere but in the request
FACTS = {"order_state": ("accepted", "working", "done", "none")}


def service(url: str, **more: object) -> Service:
    return Service.model_validate(
        {"title": "工单", "url": url, "send": ("order_number",), "facts": FACTS, **more}
    )


class Counts:
    def __init__(self) -> None:
        self.counted: list[tuple[str, str]] = []

    def service_asked(self, service: str, outcome: str) -> None:
        self.counted.append((service, outcome))


class Bench:
    """A server and Services that know it as `orders`."""

    def __init__(self) -> None:
        self.requests: list[dict[str, object]] = []
        self.keys: dict[str, str] = {}
        self.counts = Counts()
        self.known: dict[str, Service] = {}
        self.services = Services(lambda: self.known, lambda: self.keys, self.counts)
        self._servers: list[TestServer] = []

    async def serve(
        self, handler: Handler, tls: ssl.SSLContext | None = None, **more: object
    ) -> TestServer:
        async def take(request: web.Request) -> web.StreamResponse:
            self.requests.append({"body": await request.json(), "headers": dict(request.headers)})
            return await handler(request)

        app = web.Application()
        app.router.add_post("/progress", take)
        app.router.add_post("/elsewhere", take)
        server = TestServer(app, scheme="https" if tls else "http")
        await server.start_server(ssl=tls)
        self._servers.append(server)
        self.known["orders"] = service(str(server.make_url("/progress")), **more)
        return server

    async def asked(self, name: str = "orders", **sent: str) -> Mapping[str, str] | str:
        """The facts, or the reason why there are none."""
        answer: asyncio.Future[Mapping[str, str] | str] = asyncio.get_running_loop().create_future()
        self.services.ask("c1", name, {"order_number": TYPED, **sent}, answer.set_result)
        return await answer

    async def close(self) -> None:
        await self.services.close()
        for server in self._servers:
            await server.close()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    await made.close()


def says(answer: object, **more: int) -> Handler:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(text=json.dumps(answer), content_type="application/json", **more)

    return handle


async def test_what_the_flow_sends_goes_there_and_declared_facts_come_back(bench: Bench) -> None:
    await bench.serve(says({"order_state": "working", "secret": "left there", "n": 3}))
    assert await bench.asked(id_number="not declared") == {"order_state": "working"}
    (request,) = bench.requests
    assert request["body"] == {"order_number": TYPED}
    assert bench.counts.counted == [("orders", "answered")]
    assert bench.services.asking == 0


async def test_a_secret_goes_as_bearer_and_without_it_nothing_goes(bench: Bench) -> None:
    await bench.serve(says({"order_state": "done"}), key="work_orders")
    assert await bench.asked() == "the secret work_orders is not there"
    assert bench.requests == []
    bench.keys["work_orders"] = "s3cret"
    assert await bench.asked() == {"order_state": "done"}
    headers = bench.requests[0]["headers"]
    assert isinstance(headers, dict) and headers["Authorization"] == "Bearer s3cret"


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (says({"order_state": "stolen"}), "bad_fact", "its answer has no declared value of"),
        (says({"order_state": ["done"]}), "bad_fact", "its answer has no declared value of"),
        (says({}), "bad_fact", "its answer has no declared value of"),
        (says(["done"]), "not_json", "its answer is not a JSON object"),
        (says({"order_state": "done"}, status=500), "status", "its status is 500"),
        (says({"order_state": "done"}, status=201), "status", "its status is 201"),
    ],
)
async def test_an_answer_that_does_not_fit_is_a_failure(
    bench: Bench, answer: Handler, kind: str, reason: str
) -> None:
    await bench.serve(answer)
    told = await bench.asked()
    assert isinstance(told, str) and told.startswith(reason)
    assert bench.counts.counted == [("orders", kind)]


async def test_a_redirect_is_not_followed(bench: Bench) -> None:
    async def away(request: web.Request) -> web.Response:
        if request.path == "/elsewhere":
            return web.json_response({"order_state": "done"})
        raise web.HTTPTemporaryRedirect("/elsewhere")

    await bench.serve(away)
    assert await bench.asked() == "it sends us elsewhere"
    assert len(bench.requests) == 1


async def test_an_answer_that_never_ends_is_cut_off_at_its_limit(bench: Bench) -> None:
    sent = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 16_384)
            sent += 16_384

    await bench.serve(flood)
    assert await bench.asked() == f"its answer is over {LARGEST} bytes"
    assert bench.counts.counted == [("orders", "too_large")]


async def test_a_packed_answer_is_not_unpacked(bench: Bench) -> None:
    async def bomb(_: web.Request) -> web.Response:
        packed = gzip.compress(b'{"order_state": "done", "x": "' + b"0" * 50_000_000 + b'"}')
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    await bench.serve(bomb)
    assert await bench.asked() == "its answer is not JSON"


async def test_a_service_that_is_slow_anywhere_fails_in_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert module.WHOLE_S == 3.0
    monkeypatch.setattr(module, "WHOLE_S", 0.3)

    async def drips(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)

    await bench.serve(drips)
    told = await bench.asked()
    assert isinstance(told, str) and told.startswith("no whole answer within")
    assert bench.counts.counted == [("orders", "slow")]


async def test_a_service_that_is_down_or_speaks_no_http_fails(bench: Bench) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    bench.known["orders"] = service(f"http://127.0.0.1:{port}/progress")
    assert await bench.asked() == "cannot be reached, or speaks no HTTP"
    server.close()
    await server.wait_closed()
    assert await bench.asked() == "cannot be reached, or speaks no HTTP"
    assert bench.counts.counted == [("orders", "unreachable")] * 2


@pytest.fixture(scope="module")
def own_tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's certificate that it signed itself, and a client that was told to trust it."""
    folder: Path = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        + ["-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=127.0.0.1"]
        + ["-addext", "subjectAltName=IP:127.0.0.1"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=folder / "cert.pem")


async def test_a_certificate_that_nobody_vouches_for_ends_it_before_a_digit_is_sent(
    bench: Bench, own_tls: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    theirs, ours = own_tls
    await bench.serve(says({"order_state": "done"}), tls=theirs)
    assert await bench.asked() == "its certificate is not to be trusted"
    assert bench.requests == []
    await bench.services.close()
    bench.services = Services(lambda: bench.known, lambda: {}, bench.counts, tls=ours)
    assert await bench.asked() == {"order_state": "done"}
    assert bench.counts.counted == [("orders", "certificate"), ("orders", "answered")]


async def test_who_hangs_up_meanwhile_hears_of_nothing(bench: Bench) -> None:
    begun, told = asyncio.Event(), list[object]()

    async def slow(_: web.Request) -> web.Response:
        begun.set()
        await asyncio.sleep(60)
        return web.Response()

    await bench.serve(slow)
    bench.services.ask("c1", "orders", {"order_number": TYPED}, told.append)
    await begun.wait()
    bench.services.forget("c1")
    bench.services.forget("c1")
    assert bench.services.asking == 0
    await bench.serve(says({"order_state": "none"}))
    assert await bench.asked() == {"order_state": "none"}
    assert told == []


async def test_nothing_that_was_typed_is_logged(
    bench: Bench, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(status=400, reason=TYPED, text=await request.text())

    await bench.serve(echo)
    told = await bench.asked()
    said = capsys.readouterr()
    assert TYPED not in f"{told}{said.out}{said.err}{caplog.text}"
    assert "service failed" in f"{said.out}{said.err}{caplog.text}"


async def test_a_fault_of_ours_is_an_answer_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(service: Service, body: bytes) -> dict[str, str]:
        raise KeyError("broken")

    monkeypatch.setattr(module, "facts_of", broken)
    await bench.serve(says({"order_state": "done"}))
    assert await bench.asked() == "a fault of ours"
    assert bench.counts.counted == [("orders", "fault")]
    assert "asking a service failed" in capsys.readouterr().out


async def test_a_service_that_nobody_knows_is_not_asked(bench: Bench) -> None:
    assert await bench.asked("nobody") == "there is no such service"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://orders.example.org/x", True),
        ("http://127.0.0.1:8349/x", True),
        ("http://localhost/x", True),
        ("http://[::1]:1/x", True),
        ("http://10.0.0.9/x", False),
        ("http://127.0.0.1.example.org/x", False),
        ("http://orders.example.org/x", False),
        ("ftp://127.0.0.1/x", False),
    ],
)
def test_only_tls_or_this_machine_is_safe(url: str, safe: bool) -> None:
    assert is_safe(url) is safe


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 60_000, b'{"order_state": NaN}'])
def test_a_body_that_is_no_json_is_refused_and_no_more(body: bytes) -> None:
    with pytest.raises(module.ServiceRefused, match="not JSON"):
        facts_of(service("https://x.example"), body)
