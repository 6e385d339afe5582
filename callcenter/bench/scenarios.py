"""SIPp's scenarios as text: what the benches' callers and seat phones send and wait for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from callcenter.bench.keys import write_keys

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="%s">\n'
_SDP = (
    "Content-Type: application/sdp\nContent-Length: [len]\n\n"
    "v=0\no=- 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [media_ip]\nt=0 0\n"
    "m=audio [media_port] RTP/AVP 8 101\na=rtpmap:8 PCMA/8000\n"
    "a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\na=sendrecv"
)
_EMPTY = "Content-Length: 0\n"
_ALAW = 8  # RTP payload type of G.711 A-law


def _send(message: str, **attributes: str) -> str:
    given = "".join(f' {k}="{v}"' for k, v in attributes.items())
    return f"<send{given}><![CDATA[\n{message}\n]]></send>\n"


def _recv(**attributes: str) -> str:
    return "<recv" + "".join(f' {k}="{v}"' for k, v in attributes.items()) + "/>\n"


def _request(method: str, cseq: int, caller: str, body: str, *, to_tag: bool = True) -> str:
    uri = "sip:[service]@[remote_ip]:[remote_port]"
    return (
        f"{method} {uri} SIP/2.0\n"
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        f"From: <sip:{caller}@[local_ip]>;tag=[pid]x[call_number]\n"
        f"To: <{uri}>{'[peer_tag_param]' if to_tag else ''}\n"
        f"Call-ID: [call_id]\nCSeq: {cseq} {method}\n"
        f"Contact: <sip:caller@[local_ip]:[local_port]>\nMax-Forwards: 70\n{body}"
    )


def _reply(status: str, body: str = _EMPTY) -> str:
    return (
        f"SIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]y[call_number]\n"
        f"[last_Call-ID:]\n[last_CSeq:]\nContact: <sip:seat@[local_ip]:[local_port]>\n{body}"
    )


def caller(
    folder: Path,
    *,
    number: str,
    keys: Sequence[tuple[float, str]],
    stays_s: float,
    hangs_up: bool = False,
    sound: Path | None = None,
    spread_s: float = 0,
) -> str:
    """A call from the trunk that presses keys, each (seconds after the one before, key).

    Each caller first lets pass a time of his own up to `spread_s`: else callers who arrive in
    step press in step, which people do not.
    After the last key BYE is waited for at most `stays_s`; then the call has failed, or, with
    `hangs_up`, hangs up itself and has succeeded. Sends audio only with `sound` (raw A-law).
    """
    out = _HEAD % "caller"
    out += _send(_request("INVITE", 1, number, _SDP, to_tag=False), retrans="500")
    for early in ("100", "180", "183"):
        out += _recv(response=early, optional="true")
    out += _recv(response="200") + _send(_request("ACK", 1, number, _EMPTY))
    if sound is not None:
        stream = f"{escape(str(sound))},-1,{_ALAW}"
        out += f'<nop><action><exec rtp_stream="{stream}"/></action></nop>\n'
    if spread_s:
        out += f'<pause distribution="uniform" min="0" max="{_ms(spread_s)}"/>\n'
    for i, (after_s, key) in enumerate(keys):
        write_keys(folder / f"key{i}.pcap", key, i)
        out += _until_bye(after_s, f"key{i}")
        out += f'<nop><action><exec play_pcap_audio="key{i}.pcap"/></action></nop>\n'
    if hangs_up:
        out += _until_bye(stays_s, "hangup")
        out += _send(_request("BYE", 900, number, _EMPTY), retrans="500")
        out += _recv(response="200", next="end")
    else:
        out += _recv(request="BYE", timeout=_ms(stays_s), next="bye")
    out += '<label id="bye"/>\n' + _send(_reply("200 OK"))
    return out + '<label id="end"/>\n</scenario>\n'


def _until_bye(seconds: float, then: str) -> str:
    waiting = _recv(request="BYE", timeout=_ms(seconds), ontimeout=then, next="bye")
    return waiting + f'<label id="{then}"/>\n'


def _ms(seconds: float) -> str:
    return str(max(1, round(seconds * 1000)))


def registering() -> str:
    """One registration a call; field 0 of the CSV is the number, field 1 its credentials."""
    uri = "sip:[remote_ip]:[remote_port]"
    head = (
        f"REGISTER {uri} SIP/2.0\n"
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        "From: <sip:[field0]@[remote_ip]>;tag=[pid]x[call_number]\n"
        "To: <sip:[field0]@[remote_ip]>\nCall-ID: [call_id]\n"
        "Contact: <sip:[field0]@[local_ip]:[local_port]>\nMax-Forwards: 70\nExpires: 3600\n"
    )
    out = _HEAD % "registering"
    out += _send(head + f"CSeq: 1 REGISTER\n{_EMPTY}", retrans="500")
    out += _recv(response="401", auth="true")
    out += _send(head + f"CSeq: 2 REGISTER\n[field1]\n{_EMPTY}", retrans="500")
    return out + _recv(response="200") + "</scenario>\n"


def seats(*, answer_after_s: float, stays_s: float) -> str:
    """Every seat's phone in one process: rings, answers, hangs up after `stays_s`; takes OPTIONS.

    Sends no audio. Goes along with a CANCEL, and with a BYE that comes first.
    """
    out = _HEAD % "seats"
    out += _recv(request="OPTIONS", optional="true", next="options")
    # Whom to address in our own BYE: the caller's From with its tag.
    keep = '<action><ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/></action>'
    out += f'<recv request="INVITE" rrs="true">{keep}</recv>\n' + _send(_reply("180 Ringing"))
    wait = {"timeout": _ms(answer_after_s), "ontimeout": "answer", "next": "cancelled"}
    out += _recv(request="CANCEL", **wait) + '<label id="answer"/>\n'
    out += _send(_reply("200 OK", _SDP), retrans="500") + _recv(request="ACK")
    out += _until_bye(stays_s, "hangup") + _send(_OWN_BYE, retrans="500")
    out += _recv(response="200", next="end")
    out += '<label id="bye"/>\n' + _send(_reply("200 OK")) + '<nop next="end"/>\n'
    out += '<label id="cancelled"/>\n' + _send(_reply("200 OK"))
    ended = _reply("487 Request Terminated")
    out += _send(ended.replace("[last_CSeq:]", "CSeq: [last_cseq_number] INVITE"))
    out += _recv(request="ACK", next="end")
    out += '<label id="options"/>\n' + _send(_reply("200 OK"))
    return out + '<label id="end"/>\n</scenario>\n'


_OWN_BYE = (
    "BYE [next_url] SIP/2.0\n"
    # Its own branch: [branch] repeats from call to call in a scenario that begins by receiving,
    # and a repeated one is taken for the same BYE sent again (RFC 3261 §17.2.3).
    "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-bye-[call_id]\n"
    "From: <sip:seat@[local_ip]>;tag=[pid]y[call_number]\nTo:[$caller]\n"
    f"Call-ID: [call_id]\nCSeq: 1 BYE\nMax-Forwards: 70\n{_EMPTY}"
)
