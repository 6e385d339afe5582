"""A real headless Chromium, spoken to by the DevTools protocol."""

import asyncio
import base64
import itertools
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from callcenter.bench.browser_processes import memory_mb, network_process

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--disable-dev-shm-usage --hide-scrollbars --remote-debugging-port=0"
).split()
# The middle of an element as soon as it is the one that a click there would hit.
_STANDING = """
new Promise((done) => {{
  let before = "";
  const look = () => {{
    const one = document.querySelector({selector});
    one?.scrollIntoView({{ block: "nearest" }});
    const box = one?.getBoundingClientRect();
    const at = box ? [box.x + box.width / 2, box.y + box.height / 2] : null;
    const hit = at && document.elementFromPoint(at[0], at[1]);
    const stands = hit && (one.contains(hit) || hit.contains(one)) && !one.disabled;
    if (stands && String(at) === before) return done(at);
    before = String(at);
    setTimeout(look, 50);
  }};
  look();
}})
"""
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
        """Take in what the tab says; runs as long as the tab is open."""
        async for message in self._socket:
            said = message.json()
            if "id" in said:
                answer = self._answers.pop(said["id"])
                if not answer.done():  # else nobody waited that long
                    answer.set_result(said)
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
        """One command of the DevTools protocol and its result; raises Navigated, TimeoutError."""
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
        """Go to an address, in a window of this size."""
        await self.size(width, height)
        await self.send("Page.navigate", url=url)

    async def size(self, width: int, height: int) -> None:
        """Make the window as large as so many pixels; narrow ones are telephones."""
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
        except TimeoutError:
            shown = await self.value("document.body?.innerText")
            raise AssertionError(f"never so: {script}\nshown: {shown}") from None

    async def click(self, selector: str) -> None:
        """A mouse click in the middle of the first match, once it is there and stands still."""
        at = await self.value(_STANDING.format(selector=json.dumps(selector)))
        for kind in ("mousePressed", "mouseReleased"):
            await self.send(
                "Input.dispatchMouseEvent",
                **{"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1},
            )

    async def give_file(self, selector: str, file: Path) -> None:
        """Choose a file of this machine in a file field, as its dialog does."""
        field = f"document.querySelector('{selector}')"
        found = await self.send("Runtime.evaluate", expression=field)
        given = {"files": [str(file)], "objectId": found["result"]["objectId"]}
        await self.send("DOM.setFileInputFiles", **given)

    async def type(self, text: str) -> None:
        """Text into whatever has the focus."""
        await self.send("Input.insertText", text=text)

    async def key(self, name: str, code: str, *, alt: bool = False) -> None:
        """One key: `key("F2", "F2")`, `key("t", "KeyT", alt=True)`."""
        for kind in ("rawKeyDown", "keyUp"):
            await self.send(
                "Input.dispatchKeyEvent",
                **{"type": kind, "key": name, "code": code, "modifiers": int(alt)},
            )

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


class Browser:
    """One Chromium with a profile of its own: cookies, storage and microphone are its own too."""

    def __init__(self, session: aiohttp.ClientSession, address: str, pid: int) -> None:
        self._session = session
        self._address = address
        self._pid = pid
        self._opened: list[tuple[aiohttp.ClientWebSocketResponse, asyncio.Future[None]]] = []

    async def page(self) -> Page:
        """The first tab, or one more."""
        if self._opened:
            async with self._session.put(f"{self._address}/json/new?about:blank") as answer:
                tab = await answer.json()
        else:
            async with self._session.get(f"{self._address}/json/list") as answer:
                tab = next(one for one in await answer.json() if one["type"] == "page")
        socket = await self._session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0)
        page = Page(socket)
        self._opened.append((socket, asyncio.ensure_future(page.listen())))
        for domain in ("Page", "Runtime", "Log"):
            await page.send(f"{domain}.enable")
        return page

    def memory_mb(self) -> float:
        """What the heaviest page's process holds for itself alone, in MB."""
        return memory_mb(self._pid)

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """Without a network, as when a cable is pulled: nothing comes or goes, and nobody is told.

        All of Chromium's sockets, those of WebRTC too, are those of one process.
        """
        network = network_process(self._pid)
        os.kill(network, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(network, signal.SIGCONT)

    async def close(self) -> None:
        """Let go of its tabs; the process is ended by `open_browser`."""
        for socket, listener in self._opened:
            listener.cancel()
            await socket.close()


def speaking(microphone: Path) -> tuple[str, ...]:
    """Flags of a Chromium whose microphone says what this WAV file holds, over and over.

    It is on one machine with the Asterisk that it talks with, so loopback must do for media.
    """
    return (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}",
        "--allow-loopback-in-peer-connection",
    )


@asynccontextmanager
async def open_browser(
    flags: Sequence[str] = (), *, before: Sequence[str] = ()
) -> AsyncIterator[Browser]:
    """Start Chromium with an empty profile, end it again; `before`: what starts it, as `nice`."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "Chromium is not installed (Debian package chromium)"
    profile = Path(tempfile.mkdtemp(prefix="hotline-browser-"))
    process = await asyncio.create_subprocess_exec(
        *before,
        program,
        *FLAGS,
        *flags,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await _devtools_port(profile, process)
        async with aiohttp.ClientSession() as session:
            browser = Browser(session, f"http://127.0.0.1:{port}", process.pid)
            yield browser
            await browser.close()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
        shutil.rmtree(profile, ignore_errors=True)


async def log_in(page: Page, url: str, name: str, password: str) -> None:
    """Log the tab's browser in to the hotline at this address, past the log-in page."""
    body = json.dumps({"name": name, "password": password})
    await page.open(f"{url}/icon.svg")
    status = await page.value(
        "fetch('/api/v1/login', {method: 'POST', headers: {'Content-Type': 'application/json'},"
        f" body: {json.dumps(body)}}}).then((answer) => answer.status)"
    )
    assert status == 200, f"log-in answered {status}"


@asynccontextmanager
async def open_page() -> AsyncIterator[Page]:
    """Start Chromium with an empty profile, hand over one tab, end it again."""
    async with open_browser() as browser:
        yield await browser.page()
