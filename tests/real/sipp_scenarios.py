"""SIPp's scenarios as text: what a citizen and a seat's phone send and wait for."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from callcenter.bench import keys as rfc4733

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="%s">\n'
_ALAW = 8  # RTP payload type of G.711 A-law
NO_CODEC = "m=audio [media_port] RTP/AVP 18\na=rtpmap:18 G729/8000"
INBAND_ONLY = "m=audio [auto_media_port] RTP/AVP 8\na=rtpmap:8 PCMA/8000\na=sendrecv"
MEDIA = (
    "m=audio [auto_media_port] RTP/AVP 8 101\na=rtpmap:8 PCMA/8000\n"
    "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\na=sendrecv"
)


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


def citizen(
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
    """A call from the trunk; keywords as those of Sipp.citizen."""
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
        + _recv(
            request="BYE", timeout=str(int(seconds * 1000)), ontimeout=f"sent{index}", next="bye"
        )
        + f'<label id="sent{index}"/>\n'
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


def registering(number: str, secret: str) -> str:
    """Registers with a digest and stays."""
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


def taking_calls(
    *,
    answer_after_s: float,
    decline: int | None,
    never_answer: bool,
    talk_s: float | None,
    audio: Path,
    codec: str,
    before: Path | None = None,
) -> str:
    """Takes each INVITE that comes, beside the registration; answers OPTIONS.

    `before`: what the network says before the answer, instead of ringing.
    """
    out = _HEAD % "taking calls"
    out += _recv(request="OPTIONS", optional="true", next="options")
    # Whom to address in a BYE of our own: the caller's From with its tag. SIPp refuses a scenario
    # that keeps what it never uses.
    keep = '<action><ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/></action>'
    out += f'<recv request="INVITE" rrs="true">{keep if decline is None else ""}</recv>\n'
    if before is None:
        out += _send(_reply("180 Ringing"))
    else:
        out += _send(_reply("183 Session Progress", _body(codec))) + _play(before)
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
        # [branch] is the same in every out-of-call scenario: the next call's BYE would be taken
        # for this one sent again (RFC 3261 §17.2.3).
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-bye-[call_id]\n"
        "From: <sip:seat@[local_ip]>;tag=[pid]y[call_number]\nTo:[$caller]\n"
        "Call-ID: [call_id]\nCSeq: 1 BYE\nMax-Forwards: 70\nContent-Length: 0\n"
    )


def dialling(number: str, secret: str, extension: str, seconds: float) -> str:
    """A seat's phone dials, proves who it is, and waits for BYE."""
    uri = f"sip:{extension}@[remote_ip]:[remote_port]"
    sender = f"<sip:{number}@[remote_ip]>"
    auth = f"[authentication username={number} password={secret}]\n"
    out = _HEAD % "seat dials"
    out += _send(
        _request("INVITE", uri, sender, cseq=1, to_tag=False, more=_body(MEDIA)), retrans="500"
    )
    out += _recv(response="401", auth="true") + _send(_request("ACK", uri, sender, cseq=1))
    again = _request("INVITE", uri, sender, cseq=2, to_tag=False, more=auth + _body(MEDIA))
    out += _send(again, retrans="500")
    out += _recv(response="100", optional="true") + _recv(response="200")
    out += _send(_request("ACK", uri, sender, cseq=2))
    out += _recv(request="BYE", timeout=str(int(seconds * 1000 + 8000)))
    return out + _send(_reply("200 OK")) + "</scenario>\n"
