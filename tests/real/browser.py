"""A real headless Chromium, spoken to by the DevTools protocol."""

import asyncio
import base64
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--disable-dev-shm-usage --hide-scrollbars --remote-debugging-port=0"
).split()
START_LIMIT_S = 60
ANSWER_LIMIT_S = 30


class Navigated(Exception):
    """The page went elsewhere while it was being asked."""


class Page:
    """One tab. `complaints` holds what its console and network had to say against it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.complaints: list[str] = []

    async def listen(self) -> None:
        async for message in self._socket:
            said = message.json()
            if "id" in said:
                self._answers.pop(said["id"]).set_result(said)
            else:
                self._note(said["method"], said["params"])

    def _note(self, method: str, params: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in {"error", "warning"}:
            self.complaints.append(str(params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(ANSWER_LIMIT_S):
            said = await answer
        if "navigated" in said.get("error", {}).get("message", ""):
            raise Navigated
        assert "error" not in said, said
        result: dict[str, Any] = said["result"]
        return result

    async def open(self, url: str, *, width: int = 1366, height: int = 768) -> None:
        await self.size(width, height)
        await self.send("Page.navigate", url=url)

    async def size(self, width: int, height: int) -> None:
        await self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 700,
        )

    async def value(self, script: str) -> Any:
        """What a JavaScript expression (or promise) gives."""
        said = await self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    async def until(self, script: str) -> None:
        """Wait for an expression to become true."""
        look = f"const look = () => ({script}) ? done() : setTimeout(look, 50); look();"
        waiting = f"new Promise((done) => {{ {look} }})"
        try:
            await self.value(waiting)
        except Navigated:
            await self.value(waiting)

    async def text(self, selector: str) -> str:
        """The visible text of the first match."""
        return str(await self.value(f"document.querySelector({selector!r}).innerText"))

    async def picture(self) -> bytes:
        """A PNG of what the window shows."""
        said = await self.send("Page.captureScreenshot", format="png")
        return base64.b64decode(said["data"])


async def _devtools_port(profile: Path, process: asyncio.subprocess.Process) -> int:
    port_file = profile / "DevToolsActivePort"
    async with asyncio.timeout(START_LIMIT_S):
        while not (port_file.exists() and port_file.read_text().strip()):
            assert process.returncode is None, "Chromium ended at its start"
            await asyncio.sleep(0.05)
    return int(port_file.read_text().split()[0])


@asynccontextmanager
async def open_page() -> AsyncIterator[Page]:
    """Start Chromium with an empty profile, hand over one tab, end it again."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "Chromium is not installed (Debian package chromium)"
    profile = Path(tempfile.mkdtemp(prefix="hotline-browser-"))
    process = await asyncio.create_subprocess_exec(
        program,
        *FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await _devtools_port(profile, process)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                tabs = await answer.json()
            address = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
            async with session.ws_connect(address, max_msg_size=0) as socket:
                page = Page(socket)
                listener = asyncio.ensure_future(page.listen())
                for domain in ("Page", "Runtime", "Log"):
                    await page.send(f"{domain}.enable")
                yield page
                listener.cancel()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
        shutil.rmtree(profile, ignore_errors=True)
