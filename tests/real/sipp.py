"""Citizens and seat phones played by SIPp: real SIP over UDP, real audio, keys by RFC 4733.

Needs Debian's `sip-tester`. SIPp sends keys and recorded audio through a raw socket, so the tests
that press keys need root (or CAP_NET_RAW on /usr/bin/sipp).
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from sip_config.sounds import FOLDER as SOUNDS
from tests.real import sipp_scenarios as scenarios
from tests.real.asterisk_node import (
    HOST,
    TRUNK_HOST,
    AsteriskNode,
    free_media_port,
    free_ports,
)


class SippFailed(AssertionError):
    """A party did not get the messages it waited for; the message holds SIPp's own account."""


@dataclass
class Party:
    """A SIPp process: one or more calls. `wait` raises SippFailed unless all went as written."""

    name: str
    process: subprocess.Popen[bytes]
    folder: Path
    port: int
    ends_by_itself: bool = True
    _done: bool = field(default=False, repr=False)

    def wait(self, timeout_s: float = 60) -> None:
        """Wait for the end; SIPp's exit code 0 means every call went through its scenario."""
        try:
            code = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.stop()
            raise SippFailed(f"{self.name}: not over in {timeout_s} s\n{self.account()}") from None
        self._done = True
        if code != 0:
            raise SippFailed(f"{self.name}: SIPp exit code {code}\n{self.account()}")

    def stop(self) -> None:
        """End the process, whatever it does."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._done = True

    @property
    def is_over(self) -> bool:
        """Whether the process has ended."""
        return self.process.poll() is not None

    def messages(self) -> str:
        """Every SIP message sent and received so far."""
        return _text(self.folder / "messages")

    def account(self) -> str:
        """SIPp's errors and its last messages, for a failure's text."""
        errors = _text(self.folder / "errors")[-3000:]
        output = _text(self.folder / "output")[-1500:]
        return f"{errors or output}\n--- messages ---\n{self.messages()[-3000:]}"


class Sipp:
    """Starts parties against one node and ends them all in `close`."""

    def __init__(self, node: AsteriskNode, folder: Path) -> None:
        self.node = node
        self.folder = folder
        self.parties: list[Party] = []

    def citizen(
        self,
        *,
        keys: tuple[tuple[float, str], ...] = (),
        hangup_after_s: float | None = None,
        caller: str = "04315550123",
        display: str = "",
        dialled: str = "12348",
        dtmf: str = "rfc4733",
        codecs: str = scenarios.MEDIA,
        expect: int = 200,
        cancel_after_s: float | None = None,
        calls: int = 1,
        rate: float = 10,
        audio: Path | None = None,
        longest_s: float = 120,
        host: str = TRUNK_HOST,
    ) -> Party:
        """A call from the trunk; with `calls`, that many at `rate` a second, all from `host`.

        keys: (seconds after the one before or after the answer, key or keys). hangup_after_s: after
        the last key; None waits for the other side to hang up, at most `longest_s`. dtmf: rfc4733
        or info. expect: the final answer that INVITE must get.
        """
        folder = self._folder("citizen")
        scenario = scenarios.citizen(
            folder=folder,
            keys=keys,
            hangup_after_s=hangup_after_s,
            caller=caller,
            display=display,
            dialled=dialled,
            dtmf=dtmf,
            codecs=codecs,
            expect=expect,
            audio=audio or speech(self.folder),
            longest_s=longest_s,
            cancel_after_s=cancel_after_s,
        )
        sip = self.node.given.sip
        return self._start(
            "citizen",
            scenario,
            [f"{sip.host}:{sip.port}", "-i", host, "-mi", host]
            + ["-m", str(calls), "-r", str(rate), "-l", str(calls)],
            folder=folder,
        )

    def seat(
        self,
        number: str,
        secret: str | None = None,
        *,
        answer_after_s: float = 0.5,
        decline: int | None = None,
        never_answer: bool = False,
        talk_s: float | None = None,
        audio: Path | None = None,
        codec: str = scenarios.MEDIA,
        wait_s: float = 10,
    ) -> Party:
        """A desk phone that registers and takes calls until stopped, any number one after another.

        talk_s: hangs up after so long; None leaves it to the caller. decline: the status to refuse
        with (486, 603). Returns when Asterisk has the registration.
        """
        register = scenarios.registering(number, secret or f"secret-{number}")
        taking = scenarios.taking_calls(
            answer_after_s=answer_after_s,
            decline=decline,
            never_answer=never_answer,
            talk_s=talk_s,
            audio=audio or speech(self.folder),
            codec=codec,
        )
        sip = self.node.given.sip
        folder = self._folder(f"seat{number}")
        (folder / "taking.xml").write_text(taking, encoding="utf-8")
        party = self._start(
            f"seat {number}",
            register,
            [f"{sip.host}:{sip.port}", "-i", HOST, "-mi", HOST, "-m", "1"]
            + ["-oocsf", str(folder / "taking.xml")],
            folder=folder,
        )
        party.ends_by_itself = False
        try:
            self.node.wait_registered(number, wait_s, port=party.port)
        except AssertionError as fault:
            raise SippFailed(f"{fault}\n{party.account()}") from fault
        return party

    def outside(
        self,
        host: str,
        port: int,
        *,
        answer_after_s: float = 0.5,
        decline: int | None = None,
        never_answer: bool = False,
        talk_s: float | None = None,
        audio: Path | None = None,
        before: Path | None = None,
    ) -> Party:
        """A line of the public network at `host:port`, for trunks that call out; as `seat`.

        `before`: what is heard before the answer, instead of ringing.
        """
        folder = self._folder("outside")
        taking = scenarios.taking_calls(
            answer_after_s=answer_after_s,
            decline=decline,
            never_answer=never_answer,
            talk_s=talk_s,
            audio=audio or speech(self.folder),
            codec=scenarios.MEDIA,
            before=before,
        )
        sip = self.node.given.sip
        party = self._start(
            f"line at {host}",
            taking,
            [f"{sip.host}:{sip.port}", "-i", host, "-mi", host],
            folder=folder,
            port=port,
        )
        party.ends_by_itself = False
        return party

    def dial(self, number: str, extension: str, *, seconds: float = 2) -> Party:
        """A seat's phone dials (`*1` ready, `*0` not ready) and waits for the other side's BYE."""
        sip = self.node.given.sip
        scenario = scenarios.dialling(number, f"secret-{number}", extension, seconds)
        return self._start(
            f"seat {number} dials {extension}",
            scenario,
            [f"{sip.host}:{sip.port}", "-i", HOST, "-mi", HOST, "-m", "1"],
        )

    def unregister(self, number: str) -> Party:
        """A seat's phone takes back its registration, whichever it is."""
        scenario = scenarios.registering(number, f"secret-{number}")
        here = f"Contact: <sip:{number}@[local_ip]:[local_port]>"
        contact = f"{here}\nMax-Forwards: 70\nExpires: 3600"
        assert scenario.count(contact) == 2
        scenario = scenario.replace(contact, "Contact: *\nMax-Forwards: 70\nExpires: 0")
        scenario = scenario.replace('<pause milliseconds="3600000"/>\n', "")
        sip = self.node.given.sip
        return self._start(
            f"seat {number} unregisters",
            scenario,
            [f"{sip.host}:{sip.port}", "-i", HOST, "-mi", HOST, "-m", "1"],
        )

    def close(self) -> None:
        """End every party that still runs."""
        for party in self.parties:
            party.stop()

    def _folder(self, name: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))

    def _start(
        self,
        name: str,
        scenario: str,
        arguments: list[str],
        *,
        folder: Path | None = None,
        port: int | None = None,
    ) -> Party:
        folder = folder or self._folder(re.sub(r"\W+", "-", name))
        (folder / "scenario.xml").write_text(scenario, encoding="utf-8")
        port = port or free_ports(1, arguments[2])[0]
        media = free_media_port(arguments[2])
        command = ["sipp", *arguments, "-sf", "scenario.xml", "-p", str(port)]
        command += ["-nostdin", "-trace_err", "-error_file", "errors"]
        command += ["-trace_msg", "-message_file", "messages", "-key", "unused", "x"]
        command += ["-mp", str(media), "-timeout_error", "-recv_timeout", "200000"]
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        party = Party(name, process, folder, port)
        self.parties.append(party)
        return party


def speech(folder: Path) -> Path:
    """Ten seconds of A-law sound for rtp_stream, made once from the waiting music."""
    path = folder / "speech.alaw"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["sox", str(SOUNDS / "hold" / "pentatonic.wav"), "-t", "raw", "-e", "a-law"]
            + ["-r", "8000", str(path), "trim", "0", "10"],
            check=True,
            capture_output=True,
        )
    return path


def tone(folder: Path, hertz: int) -> Path:
    """Ten seconds of one A-law tone for rtp_stream: whose voice it is can be told from it."""
    path = folder / f"tone{hertz}.alaw"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        make = f"sox -n -t raw -e a-law -r 8000 -c 1 {path} synth 10 sine {hertz} gain -12"
        subprocess.run(make.split(), check=True, capture_output=True)
    return path


def spoken(folder: Path, speech: Path) -> Path:
    """A recorded speech as A-law for rtp_stream, which says it over and over."""
    path = folder / f"{speech.stem}.alaw"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        convert = ["sox", str(speech), "-t", "raw", "-e", "a-law", "-r", "8000", "-c", "1"]
        subprocess.run([*convert, str(path)], check=True, capture_output=True)
    return path


def spoken_keys(folder: Path) -> Path:
    """Sound of a phone that sends keys as tones alone: 5 after 2 s, # after 4 s (ITU-T Q.23)."""
    path = folder / "keys.alaw"
    folder.mkdir(parents=True, exist_ok=True)
    make = (
        "sox -n -t raw -r 8000 -c 1 -e a-law keys.alaw synth 0.2 sine %d sine %d remix 1,2 gain -9"
    )
    for low, high in ((770, 1336), (941, 1477)):
        command = [*(make % (low, high)).split(), "pad", "2", "0"]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
        with (folder / "all").open("ab") as out:
            out.write(path.read_bytes())
    (folder / "all").replace(path)
    return path


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""
