"""A small scripted Asterisk that calls an AGI server, with the reading habits of the real one."""

import asyncio

ENV = (
    b"agi_network: yes\nagi_request: agi://127.0.0.1/call\nagi_uniqueid: fake-1.0\n"
    b"agi_callerid: 04315550123\n\n"
)


class FakeSwitch:
    """Rings, and answers commands as res_agi.c does.

    Like Asterisk it reads through a line buffer: bytes that came with an earlier line wake nobody.
    """

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._variables: dict[str, str] = {}
        self._is_dead = False

    async def ring(self, port: int) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        self._writer.write(ENV)
        self._lines: list[str] = []
        self._kept = b""
        self._task = asyncio.ensure_future(self._serve())

    async def hang_up(self, line: object) -> None:
        self._is_dead = True
        self._writer.write(b"HANGUP\n")

    async def stop(self) -> None:
        if self._task is not None:
            self._writer.close()
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _read(self) -> None:
        piece = await self._reader.read(4096)
        if not piece:
            raise ConnectionResetError
        *lines, self._kept = (self._kept + piece).split(b"\n")
        self._lines += [line.decode() for line in lines]

    async def _serve(self) -> None:
        try:
            while True:
                # poll() looks at the socket alone: a line in the buffer waits for new bytes.
                # Then one line after the other is taken, and WAIT FOR DIGIT polls again.
                await self._read()
                while self._lines:
                    self._writer.write(await self._answer(self._lines.pop(0)))
        except ConnectionError:
            self._writer.close()

    async def _answer(self, line: str) -> bytes:
        words = [word for word in line.split('"') if word.strip()]
        match words[0].strip(), *words[1:]:
            case "NOOP" | "SET MUSIC ON" | "SET MUSIC OFF", *_:
                return b"200 result=0\n"
            case "SET VARIABLE", name, value:
                self._variables[name] = value
                return b"200 result=1\n"
            case "SET VARIABLE", *_:
                return b"520-Invalid command syntax.\nSets a variable\n520 End of proper usage.\n"
            case "GET VARIABLE", name:
                value = self._variables.get(name)
                return f"200 result=1 ({value})\n".encode() if value else b"200 result=0\n"
            case "GET FULL VARIABLE", expression:
                return f"200 result=1 ({expression})\n".encode()
            case "WAIT FOR DIGIT", _ if self._is_dead:
                return b"511 Command Not Permitted on a dead channel or intercept routine\n"
            case "WAIT FOR DIGIT", _:
                await self._read()
                return b"200 result=1\n"
        return b"510 Invalid or unknown command\n"
