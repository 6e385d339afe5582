"""A small scripted Asterisk manager: what the contract asks of the real one, and faults on top."""

import asyncio

USER, SECRET = "hotline", "fake-secret"


def frame(*lines: str) -> bytes:
    """Header lines to one message."""
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


class FakeAmi:
    """Listens on a free port; keeps every action that came, as a dict of lower-case headers."""

    banner = b"Asterisk Call Manager/11.0.0\r\n"
    user, secret = USER, SECRET

    def __init__(self) -> None:
        self.port = 0
        self.links = 0
        self.actions: list[dict[str, str]] = []
        self.mute: set[str] = set()
        """Names of actions that get no answer."""
        self.piece = 0
        """Bytes written at a time; 0: as they are."""
        self._writers: set[asyncio.StreamWriter] = set()
        self._variables: dict[str, str] = {}

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        self.cut()
        await asyncio.sleep(0)

    async def restart(self) -> None:
        """As an Asterisk that is killed and started again."""
        await self.stop()
        await self.start()

    def cut(self) -> None:
        """End every connection at once."""
        for writer in self._writers:
            writer.transport.abort()

    def emit(self, data: bytes) -> None:
        """Send bytes to everybody."""
        for writer in self._writers:
            if self.piece:
                for start in range(0, len(data), self.piece):
                    writer.write(data[start : start + self.piece])
            else:
                writer.write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.links += 1
        self._writers.add(writer)
        writer.write(self.banner)
        try:
            while True:
                block = await reader.readuntil(b"\r\n\r\n")
                lines = block.decode().split("\r\n")
                pairs = [line.split(": ", 1) for line in lines if line]
                action = {name.lower(): value for name, value in pairs}
                self.actions.append(action)
                if action["action"] not in self.mute:
                    self.emit(self._answer(action))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    def _answer(self, action: dict[str, str]) -> bytes:
        name, ident = action["action"], f"ActionID: {action['actionid']}"
        if name == "Login":
            if action["secret"] != self.secret:
                return frame("Response: Error", ident, "Message: Authentication failed")
            return frame("Response: Success", ident, "Message: Authentication accepted") + frame(
                "Event: FullyBooted", "Privilege: system,all", "Status: Fully Booted"
            )
        if name == "Ping":
            return frame("Response: Success", ident, "Ping: Pong")
        if name == "Setvar":
            self._variables[action["variable"]] = action["value"]
            return frame("Response: Success", ident, "Message: Variable Set")
        if name == "Getvar":
            value = self._variables.get(action["variable"], "")
            return frame("Response: Success", ident, f"Value: {value}")
        if name == "UserEvent":
            told = [f"{k}: {v}" for k, v in action.items() if k not in ("action", "actionid")]
            return frame("Response: Success", ident, "Message: Event Sent") + frame(
                "Event: UserEvent", "Privilege: user,all", *told
            )
        return self._lists(name, ident)

    def _lists(self, name: str, ident: str) -> bytes:
        if name == "CoreShowChannels":
            return (
                frame("Response: Success", ident, "EventList: start", "Message: will follow")
                + frame("Event: CoreShowChannel", ident, "Channel: Local/quiet@far-1;1")
                + frame("Event: CoreShowChannel", ident, "Channel: Local/quiet@far-1;2")
                + frame("Event: CoreShowChannelsComplete", ident, "EventList: Complete")
            )
        if name == "PJSIPShowContacts":
            return frame("Response: Error", ident, "Message: No Contacts found\n")
        return frame("Response: Error", ident, "Message: Invalid/unknown command")
