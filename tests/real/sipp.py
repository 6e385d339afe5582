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
from xml.sax.saxutils import escape

from tests.real import dtmf as rfc4733
from tests.real.asterisk_node import HOST, SOUNDS, TRUNK_HOST, AsteriskNode, free_ports

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="%s">\n'
_ALAW = 8  # RTP payload type of G.711 A-law
_NO_CODEC = "m=audio [media_port] RTP/AVP 18\na=rtpmap:18 G729/8000"
_MEDIA = (
    "m=audio [auto_media_port] RTP/AVP 8 101\na=rtpmap:8 PCMA/8000\n"
    "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\na=sendrecv"
)


class SippFailed(AssertionError):
    """A party did not get the messages it waited for; the message holds SIPp's own account."""


@dataclass
class Party:
    """A SIPp process: one or more calls. `wait` raises SippFailed unless all went as written."""

    name: str
    process: subprocess.Popen[bytes]
    folder: Path
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
        codecs: str = _MEDIA,
        expect: int = 200,
        cancel_after_s: float | None = None,
        calls: int = 1,
        rate: float = 10,
        audio: Path | None = None,
        longest_s: float = 120,
    ) -> Party:
        """A call from the trunk; with `calls`, that many at `rate` a second.

        keys: (seconds after the one before or after the answer, key or keys). hangup_after_s: after
        the last key; None waits for the other side to hang up, at most `longest_s`. dtmf: rfc4733,
        info, or none to send nothing. expect: the final answer that INVITE must get.
        """
        folder = self._folder("citizen")
        scenario = _citizen(
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
            [f"{sip.host}:{sip.port}", "-i", TRUNK_HOST, "-mi", TRUNK_HOST]
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
        codec: str = _MEDIA,
    ) -> Party:
        """A desk phone that registers and takes calls until stopped, any number one after another.

        talk_s: hangs up after so long; None leaves it to the caller. decline: the status to refuse
        with (486, 603). Returns when Asterisk has the registration.
        """
        register = _register(number, secret or f"secret-{number}")
        taking = _taking(
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
        self.node.wait_registered(number)
        return party

    def dial(self, number: str, extension: str, *, seconds: float = 2) -> Party:
        """A seat's phone dials (`*1` ready, `*0` not ready) and waits for the other side's BYE."""
        sip = self.node.given.sip
        scenario = _seat_dials(number, f"secret-{number}", extension, seconds)
        return self._start(
            f"seat {number} dials {extension}",
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
        self, name: str, scenario: str, arguments: list[str], *, folder: Path | None = None
    ) -> Party:
        folder = folder or self._folder(re.sub(r"\W+", "-", name))
        (folder / "scenario.xml").write_text(scenario, encoding="utf-8")
        (port, media) = free_ports(2, arguments[2])
        command = ["sipp", *arguments, "-sf", "scenario.xml", "-p", str(port)]
        command += ["-nostdin", "-trace_err", "-error_file", "errors"]
        command += ["-trace_msg", "-message_file", "messages", "-key", "unused", "x"]
        command += ["-mp", str(_even(media)), "-timeout_error", "-recv_timeout", "200000"]
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        party = Party(name, process, folder)
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


def _even(port: int) -> int:
    return port if port % 2 == 0 else port + 1


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""


def _send(message: str, **attributes: str) -> str:
    given = "".join(f' {k}="{v}"' for k, v in attributes.items())
    return f"<send{given}><![CDATA[\n{message}\n]]></send>\n"


def _recv(**attributes: str) -> str:
    given = "".join(f' {k.rstrip("_")}="{v}"' for k, v in attributes.items())
    return f"<recv{given}/>\n"


def _sdp(media: str) -> str:
    return "v=0\no=- 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [media_ip]\nt=0 0\n" + media


def _body(media: str) -> str:
    return f"Content-Type: application/sdp\nContent-Length: [len]\n\n{_sdp(media)}"


def _play(audio: Path) -> str:
    return f'<nop><action><exec rtp_stream="{escape(str(audio))},-1,{_ALAW}"/></action></nop>\n'


def _request(
    method: str, uri: str, sender: str, *, cseq: int, to_tag: bool = True, more: str = ""
) -> str:
    tag = "[peer_tag_param]" if to_tag else ""
    return (
        f"{method} {uri} SIP/2.0\n"
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        f"From: {sender};tag=[pid]x[call_number]\n"
        f"To: <{uri}>{tag}\n"
        "Call-ID: [call_id]\n"
        f"CSeq: {cseq} {method}\n"
        "Contact: <sip:sipp@[local_ip]:[local_port]>\n"
        "Max-Forwards: 70\n" + (more or "Content-Length: 0\n")
    )


def _reply(status: str, body: str = "") -> str:
    return (
        f"SIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]y[call_number]\n"
        "[last_Call-ID:]\n[last_CSeq:]\nContact: <sip:sipp@[local_ip]:[local_port]>\n"
        + (body or "Content-Length: 0\n")
    )


def _citizen(
    *,
    folder: Path,
    keys: tuple[tuple[float, str], ...],
    hangup_after_s: float | None,
    caller: str,
    display: str,
    dialled: str,
    dtmf: str,
    codecs: str,
    expect: int,
    audio: Path,
    longest_s: float,
    cancel_after_s: float | None,
) -> str:
    uri = f"sip:{dialled}@[remote_ip]:[remote_port]"
    sender = f"{display} <sip:{caller}@[local_ip]>".strip()
    out = _HEAD % "citizen"
    out += _send(
        _request("INVITE", uri, sender, cseq=1, to_tag=False, more=_body(codecs)), retrans="500"
    )
    out += _recv(response="100", optional="true") + _recv(response="180", optional="true")
    out += _recv(response="183", optional="true")
    out += _recv(response=str(expect), rtd="true")
    if expect != 200:
        return out + _send(_request("ACK", uri, sender, cseq=1)) + "</scenario>\n"
    out += _send(_request("ACK", uri, sender, cseq=1)) + _play(audio)
    for i, (after_s, pressed) in enumerate(keys):
        out += _recv(
            request="BYE", timeout=str(int(after_s * 1000)), ontimeout=f"key{i}", next="bye"
        )
        out += f'<label id="key{i}"/>\n'
        if dtmf == "rfc4733":
            out += _press(folder, pressed, i)
        elif dtmf == "info":
            out += _press_by_info(pressed, uri, sender, first_cseq=10 + 20 * i)
    last_s = longest_s if hangup_after_s is None else hangup_after_s
    out += _recv(request="BYE", timeout=str(int(last_s * 1000)), ontimeout="hangup", next="bye")
    out += '<label id="hangup"/>\n'
    if hangup_after_s is None:
        out += '<nop><action><error message="nobody hung up"/></action></nop>\n'
    out += _send(_request("BYE", uri, sender, cseq=900), retrans="500")
    out += _recv(response="200", next="end")
    out += '<label id="bye"/>\n' + _send(_reply("200 OK"))
    return out + '<label id="end"/>\n</scenario>\n'


def _press(folder: Path, keys: str, index: int) -> str:
    """As a real phone does: no audio packets while the keys are sent."""
    seconds = rfc4733.write_keys(folder / f"keys{index}.pcap", keys, index)
    return (
        '<nop><action><exec rtp_stream="pause"/>'
        f'<exec play_pcap_audio="keys{index}.pcap"/></action></nop>\n'
        f'<pause milliseconds="{int(seconds * 1000)}"/>\n'
        '<nop><action><exec rtp_stream="resume"/></action></nop>\n'
    )


def _press_by_info(keys: str, uri: str, sender: str, *, first_cseq: int) -> str:
    out = ""
    for i, key in enumerate(keys):
        body = (
            "Content-Type: application/dtmf-relay\nContent-Length: [len]\n\n"
            f"Signal={key}\nDuration=160"
        )
        request = _request("INFO", uri, sender, cseq=first_cseq + i, more=body)
        out += _send(request, retrans="500") + _recv(response="200")
    return out


def _register(number: str, secret: str) -> str:
    uri = "sip:[remote_ip]:[remote_port]"
    sender = f"<sip:{number}@[remote_ip]>"
    head = (
        f"REGISTER {uri} SIP/2.0\n"
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        f"From: {sender};tag=[pid]x[call_number]\nTo: {sender}\nCall-ID: [call_id]\n"
        f"Contact: <sip:{number}@[local_ip]:[local_port]>\nMax-Forwards: 70\nExpires: 3600\n"
    )
    auth = f"[authentication username={number} password={secret}]\n"
    out = _HEAD % "register"
    out += _send(head + "CSeq: 1 REGISTER\nContent-Length: 0\n", retrans="500")
    out += _recv(response="401", auth="true")
    out += _send(head + "CSeq: 2 REGISTER\n" + auth + "Content-Length: 0\n", retrans="500")
    out += _recv(response="200")
    # Stays there so that calls, which are other dialogues, find the process.
    return out + '<pause milliseconds="3600000"/>\n</scenario>\n'


def _taking(
    *,
    answer_after_s: float,
    decline: int | None,
    never_answer: bool,
    talk_s: float | None,
    audio: Path,
    codec: str,
) -> str:
    out = _HEAD % "taking calls"
    out += _recv(request="OPTIONS", optional="true", next="options")
    # Whom to address in a BYE of our own: the caller's From with its tag.
    out += (
        '<recv request="INVITE" rrs="true"><action><ereg regexp=".*" search_in="hdr" '
        'header="From:" assign_to="caller"/></action></recv>\n'
    )
    out += _send(_reply("180 Ringing"))
    if decline is not None:
        out += _wait_for_cancel(answer_after_s, "decline")
        out += '<label id="decline"/>\n' + _send(_reply(f"{decline} Declined"), retrans="500")
        out += _recv(request="ACK", next="end")
    else:
        out += _wait_for_cancel(3600 if never_answer else answer_after_s, "answer")
        out += '<label id="answer"/>\n' + _send(_reply("200 OK", _body(codec)), retrans="500")
        out += _recv(request="ACK") + _play(audio)
        out += _recv(
            request="BYE",
            timeout=str(int((3600 if talk_s is None else talk_s) * 1000)),
            ontimeout="hangup",
            next="bye",
        )
        out += '<label id="hangup"/>\n' + _send(_own_bye(), retrans="500")
        out += _recv(response="200", next="end")
        out += '<label id="bye"/>\n' + _send(_reply("200 OK")) + '<nop next="end"/>\n'
    out += '<label id="cancelled"/>\n' + _send(_reply("200 OK"))
    out += _send(
        _reply("487 Request Terminated").replace("[last_CSeq:]", "CSeq: [last_cseq_number] INVITE")
    )
    out += _recv(request="ACK", next="end")
    out += '<label id="options"/>\n' + _send(_reply("200 OK"))
    return out + '<label id="end"/>\n</scenario>\n'


def _wait_for_cancel(seconds: float, then: str) -> str:
    return _recv(
        request="CANCEL", timeout=str(max(1, int(seconds * 1000))), ontimeout=then, next="cancelled"
    )


def _own_bye() -> str:
    return (
        "BYE [next_url] SIP/2.0\n"
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        "From: <sip:seat@[local_ip]>;tag=[pid]y[call_number]\nTo:[$caller]\n"
        "Call-ID: [call_id]\nCSeq: 1 BYE\nMax-Forwards: 70\nContent-Length: 0\n"
    )


def _seat_dials(number: str, secret: str, extension: str, seconds: float) -> str:
    uri = f"sip:{extension}@[remote_ip]:[remote_port]"
    sender = f"<sip:{number}@[remote_ip]>"
    auth = f"[authentication username={number} password={secret}]\n"
    out = _HEAD % "seat dials"
    out += _send(
        _request("INVITE", uri, sender, cseq=1, to_tag=False, more=_body(_MEDIA)), retrans="500"
    )
    out += _recv(response="401", auth="true") + _send(_request("ACK", uri, sender, cseq=1))
    again = _request("INVITE", uri, sender, cseq=2, to_tag=False, more=auth + _body(_MEDIA))
    out += _send(again, retrans="500")
    out += _recv(response="100", optional="true") + _recv(response="200")
    out += _send(_request("ACK", uri, sender, cseq=2))
    out += _recv(request="BYE", timeout=str(int(seconds * 1000 + 8000)))
    return out + _send(_reply("200 OK")) + "</scenario>\n"
