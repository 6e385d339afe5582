"""Asterisk Gateway Interface: bytes of one call's session to its messages, no input or output.

Source: Asterisk 22 `res/res_agi.c`; the shapes below were seen on 22.10.1.
"""

import re

import msgspec

MAX_HELD = 64 * 1024  # bytes of one line, one environment, one reply; more is no AGI

_REPLY = re.compile(
    r"(?P<code>\d{3})(?: result=(?P<result>[^\s(]*))?(?: ?\((?P<text>.*)\))?"
    r"(?: endpos=(?P<endpos>\d{1,18}))?(?P<rest>(?: .*)?)",
    re.DOTALL,
)
_PLAIN = re.compile(rb"200 result=(-?\d{1,18})\n")
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_OPEN_VALUE = re.compile(r"\d{3} result=[^\s(]* \(")
_CLOSED_VALUE = re.compile(r"\)(?: [a-z0-9]+=\S*)*\Z")  # `(text) endpos=8000`


class AgiEnv(msgspec.Struct, frozen=True):
    """What Asterisk says of the call before the first command; `agi_…` name → value."""

    values: dict[str, str]
    odd_lines: int = 0
    """Lines that were no `name: value`; left out."""


class AgiReply(msgspec.Struct, frozen=True):
    """The answer to one command."""

    code: int
    """200 good, 510 unknown command, 511 not on a dead channel, 520 wrong use."""
    result: int | None
    """`result=`; None when absent or no whole number (a key string of GET DATA)."""
    text: str
    """What stood in parentheses; for codes over 200 the rest of the reply."""
    endpos: int | None
    """Samples at 8 kHz played or recorded, where the command says so."""
    raw: str

    @property
    def timeout(self) -> bool:
        """The command ended because its time was over."""
        return self.text == "timeout"


class AgiHangup(msgspec.Struct, frozen=True):
    """The channel is gone; commands that do not need one still work."""


class AgiGarbage(msgspec.Struct, frozen=True):
    """No AGI: the connection cannot be read on and must be closed."""

    reason: str


AgiMessage = AgiEnv | AgiReply | AgiHangup | AgiGarbage


class AgiDecoder:
    """Bytes of one AGI connection in, messages out; `feed` never raises.

    First comes one AgiEnv, then replies and hang-ups. After an AgiGarbage everything is ignored.
    Lines end with LF, a CR before it is dropped. A `HANGUP` line may come anywhere, even within
    the lines of one reply. Provisional replies (1xx) are left out: another one follows.
    Bytes that are not UTF-8 become U+FFFD. Memory is bounded by MAX_HELD plus one feed.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._env: dict[str, str] | None = {}
        self._held = 0  # bytes of the environment or of the reply that goes on
        self._odd_lines = 0
        self._hung_up_early = False
        self._block: list[str] = []  # lines of a reply that goes on
        self._is_over = False

    def feed(self, data: bytes) -> list[AgiMessage]:
        """Messages that `data` completes, in order; an empty list when none."""
        buffer = self._buffer
        if not buffer and self._awaits_a_reply and (plain := _PLAIN.fullmatch(data)):
            # Nearly every reply: worth a way of its own, for a caller waits for each.
            return [AgiReply(200, int(plain[1]), "", None, data[:-1].decode())]
        messages: list[AgiMessage] = []
        seen = len(buffer)
        buffer += data
        end = buffer.rfind(b"\n", seen)
        if end >= 0:
            lines = bytes(buffer[:end]).split(b"\n")
            del buffer[: end + 1]
            for line in lines:
                self._take(line, messages)
        if len(buffer) > MAX_HELD:
            self._give_up(f"{len(buffer)} bytes without a line end", messages)
        if self._is_over:
            buffer.clear()
        return messages

    @property
    def _awaits_a_reply(self) -> bool:
        return self._env is None and not self._block and not self._is_over

    def _give_up(self, reason: str, messages: list[AgiMessage]) -> None:
        if not self._is_over:
            self._is_over = True
            self._block.clear()
            messages.append(AgiGarbage(reason))

    def _take(self, raw: bytes, messages: list[AgiMessage]) -> None:
        if self._is_over:
            return
        self._held += len(raw) + 1
        if self._held > MAX_HELD + 1:
            what = "the environment" if self._env is not None else "one reply"
            self._give_up(f"{self._held} bytes for {what}", messages)
            return
        line = raw.decode("utf-8", "replace").removesuffix("\r")
        if self._env is not None:
            self._take_env(self._env, line, messages)
        elif line == "HANGUP":
            messages.append(AgiHangup())
        elif self._block:
            self._take_more(line, messages)
        elif line.startswith("520-") or _is_open(line):
            self._block.append(line)
        else:
            self._finish(line, messages)
        if self._env is None and not self._block:
            self._held = 0

    def _take_env(self, env: dict[str, str], line: str, messages: list[AgiMessage]) -> None:
        name, colon, value = line.partition(":")
        if colon and name.startswith("agi_"):
            # The first of two wins: what a caller may shape (his name) comes after the ids.
            env.setdefault(name, value.removeprefix(" "))
        elif line == "HANGUP":
            self._hung_up_early = True
        elif not env:
            self._give_up("the first line is no agi_ variable", messages)
        elif line:
            self._odd_lines += 1
        else:
            self._env = None
            messages.append(AgiEnv(env, self._odd_lines))
            if self._hung_up_early:
                messages.append(AgiHangup())

    def _take_more(self, line: str, messages: list[AgiMessage]) -> None:
        block = self._block
        block.append(line)
        if block[0].startswith("520-"):
            # The usage text need not end with a line end: then the last line is glued to it.
            ends = line.startswith("520 ") or line.endswith("520 End of proper usage.")
        else:
            ends = _CLOSED_VALUE.search(line) is not None
        if ends:
            whole = "\n".join(block)
            block.clear()
            self._finish(whole, messages)

    def _finish(self, line: str, messages: list[AgiMessage]) -> None:
        found = _REPLY.fullmatch(line)
        if line.startswith("520-"):
            messages.append(AgiReply(520, None, line[4:], None, line))
        elif found is None:
            self._give_up("a line that is no reply", messages)
        elif found["code"][0] != "1":
            messages.append(_reply(found, line))


def _is_open(line: str) -> bool:
    """A value with a line feed inside: its parenthesis is not closed in this line."""
    return _OPEN_VALUE.match(line) is not None and _CLOSED_VALUE.search(line) is None


def _reply(found: re.Match[str], line: str) -> AgiReply:
    result, endpos = found["result"], found["endpos"]
    whole = result is not None and _INTEGER.fullmatch(result) is not None
    text = found["text"] if found["text"] is not None else found["rest"].strip()
    return AgiReply(
        code=int(found["code"]),
        result=int(result) if whole else None,
        text=text,
        endpos=None if endpos is None else int(endpos),
        raw=line,
    )
