"""What is added to the rendered files: the same Asterisk without our controller, for comparison.

Calls from 127.0.0.3 (trunk `bare`, rendered as the real one is) reach these extensions:
- a port number: FastAGI to a server on that port; `2`: AsyncAGI;
- `3`: Answer and Dial, nothing else;
- `4`: the whole call as a dialplan alone would serve it: recorded as ours, a menu key, a seat with
  the same announcements, recorded too, a rating key, farewell.
"""

from __future__ import annotations

from pathlib import Path

AMI_USER = "bench"
AMI_SECRET = "bench-loopback-only"
ASYNC, DIAL, WHOLE_CALL = "2", "3", "4"

_EXTENSIONS = """
[from-bare]
exten => _XXXX.,1,Answer()
same => n,AGI(agi://127.0.0.1:${{EXTEN}}/probe)
same => n,Hangup()
exten => 2,1,Answer()
same => n,AGI(agi:async)
same => n,Hangup()
exten => 3,1,Answer()
same => n,Dial({seat},15,g)
same => n,Hangup()
exten => 4,1,Answer()
same => n,Set(__STEM={recordings}/bare/${{UNIQUEID}})
same => n,MixMonitor(,r(${{STEM}}-caller.wav)t(${{STEM}}-heard.wav))
same => n,Read(MENU,{sounds}/greeting&{sounds}/main_menu,1,,1,5)
same => n,Dial({seat},15,gm(hold)A({who}:{greeting})U(bare-connect))
same => n,Read(RATING,{sounds}/survey,1,,1,10)
same => n,Playback({sounds}/thanks&{sounds}/goodbye)
same => n,Hangup()

[bare-connect]
exten => s,1,MixMonitor(,r(${{STEM}}-seat.wav16))
same => n,Return()
"""

_SEAT = """
[bare-seat]
type = endpoint
context = bare-connect
disallow = all
allow = g722,alaw,ulaw
dtmf_mode = rfc4733
direct_media = no
rtp_symmetric = yes
force_rport = yes
rewrite_contact = yes
media_address = 127.0.0.1
bind_rtp_to_media_address = yes
rtp_timeout = 60
"""

_AMI = f"""
[{AMI_USER}]
secret = {AMI_SECRET}
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.0/255.0.0.0
writetimeout = 5000
read = agi
write = agi
"""


def with_bare(
    files: dict[str, str],
    *,
    seats_port: int,
    recordings: Path,
    sounds: Path,
    who: str,
    greeting: str,
) -> dict[str, str]:
    """The rendered files with the comparison in them; `who` and `greeting` are clips' paths.

    `seats_port`: where the seats' phones listen, the bare calls ring them all alike.
    """
    extensions = _EXTENSIONS.format(
        seat=f"PJSIP/bare-seat/sip:seat@127.0.0.1:{seats_port}",
        recordings=recordings,
        sounds=sounds,
        who=who,
        greeting=greeting,
    )
    rendered = files["extensions.conf"].replace("[from-bare]", "[from-bare-as-rendered]")
    return {
        **files,
        "extensions.conf": rendered + extensions,
        "pjsip.conf": files["pjsip.conf"] + _SEAT,
        "manager.conf": files["manager.conf"] + _AMI,
        "modules.conf": files["modules.conf"] + "load = app_read.so\n",
    }
