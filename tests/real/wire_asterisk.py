"""A bare private Asterisk for tests of the wire alone: AMI, AGI, Local channels, one trunk.

It knows nothing of the hotline's own dialplan, so a fault seen here is a fault of the wire.
"""

import os
import pathlib
import signal
import socket
import subprocess
import time
import wave

USER, SECRET = "hotline", "wire-test-secret"

MODULES = """
pbx_config res_speech res_agi res_timing_timerfd res_musiconhold res_sorcery_config
res_sorcery_memory res_sorcery_astdb res_pjproject res_pjsip res_pjsip_session res_pjsip_sdp_rtp
res_pjsip_registrar res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user
res_pjsip_rfc3326 res_pjsip_caller_id res_pjsip_pubsub res_rtp_asterisk chan_pjsip bridge_simple
bridge_native_rtp bridge_softmix bridge_builtin_features codec_ulaw codec_alaw codec_resample
format_pcm format_wav format_sln app_dial app_playback app_record app_senddtmf app_milliwatt
app_echo app_userevent app_stack app_verbose app_queue app_mixmonitor func_callerid func_channel
func_strings func_logic func_timeout func_global
""".split()

EXTENSIONS = """
[far]
exten => echo,1,Answer()
 same => n,Echo()
exten => quiet,1,Answer()
 same => n,Wait(600)
exten => tone,1,Answer()
 same => n,Milliwatt()
[seat]
exten => _X.,1,Answer()
 same => n,Wait(2)
 same => n,Hangup()
[agi]
exten => _X.,1,Answer()
 same => n,AGI(agi://127.0.0.1:${EXTEN}/call)
 same => n,UserEvent(AgiOver,CallId: ${UNIQUEID},Status: ${AGISTATUS})
 same => n,Hangup()
[ended]
exten => s,1,UserEvent(HotlineEnded,CallId: ${UNIQUEID})
 same => n,Return()
[trunk]
exten => _X.,1,Set(CALLERID(all)=王小明 <04315550123>)
 same => n,Set(CHANNEL(hangup_handler_push)=ended,s,1)
 same => n,Goto(agi,${EXTEN},1)
"""


def asterisk_root() -> pathlib.Path:
    """The relocated Asterisk tree that set-up keeps in the cache folder."""
    cache = os.environ.get("HOTLINE_CACHE") or pathlib.Path.home() / ".cache" / "hotline"
    return (pathlib.Path(cache) / "asterisk" / "current").resolve(strict=True)


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class WireAsterisk:
    """One Asterisk process in its own folder; can be killed and started again on the same ports."""

    def __init__(self, home: pathlib.Path) -> None:
        self.home = home
        self.ami_port = free_port()
        self.sip_port = free_port(socket.SOCK_DGRAM)
        self.far_sip_port = free_port(socket.SOCK_DGRAM)
        self._process: subprocess.Popen[bytes] | None = None
        self._render()

    def _render(self) -> None:
        root, home = asterisk_root(), self.home
        for name in ("etc", "log", "run", "spool", "keys", "db"):
            (home / name).mkdir(parents=True, exist_ok=True)
        (home / "log" / "queue_log").touch()
        write = lambda name, text: (home / "etc" / name).write_text(text)  # noqa: E731
        write(
            "asterisk.conf",
            f"[directories]\nastetcdir => {home}/etc\n"
            f"astmoddir => {root}/usr/lib/x86_64-linux-gnu/asterisk/modules\n"
            f"astvarlibdir => {home}\nastdbdir => {home}/db\nastkeydir => {home}/keys\n"
            f"astdatadir => {root}/usr/share/asterisk\nastagidir => {home}\n"
            f"astspooldir => {home}/spool\nastrundir => {home}/run\nastlogdir => {home}/log\n"
            "[options]\nnofork = yes\nhideconnect = yes\ndocumentation_language = en_US\n"
            "systemname = wire\n",
        )
        write(
            "modules.conf",
            "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in MODULES),
        )
        write("logger.conf", "[logfiles]\nmessages.log => notice,warning,error\n")
        write("extensions.conf", EXTENSIONS)
        write("rtp.conf", "[general]\nrtpstart=14000\nrtpend=14999\nstrictrtp=no\n")
        write(
            "manager.conf",
            f"[general]\nenabled=yes\nbindaddr=127.0.0.1\nport={self.ami_port}\n[{USER}]\n"
            f"secret={SECRET}\nread=all\nwrite=all\nwritetimeout=5000\n",
        )
        write(
            "pjsip.conf",
            "[udp]\ntype=transport\nprotocol=udp\n"
            f"bind=127.0.0.1:{self.sip_port}\n"
            "[far]\ntype=endpoint\ncontext=trunk\ndisallow=all\nallow=ulaw,alaw\n"
            "direct_media=no\nsend_connected_line=no\naors=far\n"
            f"[far]\ntype=aor\ncontact=sip:far@127.0.0.2:{self.far_sip_port}\n"
            "[far]\ntype=identify\nendpoint=far\nmatch=127.0.0.2\n",
        )
        write("musiconhold.conf", f"[hold]\nmode=files\ndirectory={home}/moh\n")
        for name in "udptl features ccss cel cdr http indications queues stasis codecs".split():
            write(f"{name}.conf", "[general]\n")
        (home / "moh").mkdir(exist_ok=True)
        silence(home / "moh" / "music.wav", 20)
        silence(home / "long.wav", 20)
        silence(home / "short.wav", 0.1)
        silence(home / "instant.wav", 0.02)

    def start(self) -> None:
        """Start it and wait until AMI answers with its banner and the core is booted."""
        root = asterisk_root()
        command = [
            str(root / "usr/lib64/ld-linux-x86-64.so.2"),
            "--library-path",
            str(root / "usr/lib/x86_64-linux-gnu"),
            str(root / "usr/sbin/asterisk"),
        ]
        with (self.home / "log" / "console").open("ab") as console:
            self._process = subprocess.Popen(
                [*command, "-C", str(self.home / "etc/asterisk.conf"), "-f"],
                stdout=console,
                stderr=console,
                stdin=subprocess.DEVNULL,
            )
        deadline = time.monotonic() + 60
        while not self._booted():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"Asterisk did not start, see {self.home}/log")
            time.sleep(0.1)

    def _booted(self) -> bool:
        try:
            return "FullyBooted" in self._say("", until="FullyBooted")
        except OSError:
            return False

    def act(self, action: str, **headers: object) -> str:
        """One action on a link of its own; its answer as text."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        answer = self._say(f"Action: {action}\r\n{lines}ActionID: act\r\n\r\n", until="ID: act")
        assert "Response: Success" in answer, answer
        return answer

    def _say(self, action: str, *, until: str) -> str:
        login = f"Action: Login\r\nUsername: {USER}\r\nSecret: {SECRET}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.ami_port), 5) as link:
            link.sendall((login + action).encode())
            seen = ""
            while until not in seen and (piece := link.recv(4096)):
                seen += piece.decode()
            return seen

    def originate(self, far: str, agi_port: int) -> None:
        """A Local channel that ends at an AGI server: `far` is what its other half does."""
        self.act(
            "Originate",
            Channel=f"Local/{far}@far",
            Context="agi",
            Exten=agi_port,
            Priority=1,
            Async="true",
        )

    def ring_in(self, extension: int, *, calls: int = 1, talk_s: float = 60) -> "Sipp":
        """Calls from the trunk to an extension, by SIPp: real PJSIP channels that send no audio."""
        where = ["-s", str(extension), "-m", str(calls), "-r", str(calls)]
        target = f"127.0.0.1:{self.sip_port}"
        return Sipp(self.home, "uac", *where, "-d", str(int(talk_s * 1000)), target)

    def answering_far_end(self) -> "Sipp":
        """Somebody who answers what is dialled as PJSIP/far."""
        return Sipp(self.home, "uas", "-p", str(self.far_sip_port))

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL, no farewell."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


class Sipp:
    """One SIPp process on the trunk's address; ended with the block it is used in."""

    def __init__(self, home: pathlib.Path, scenario: str, *arguments: str) -> None:
        self._command = ["sipp", "-sn", scenario, "-i", "127.0.0.2", "-nostdin", *arguments]
        self._home = home

    def __enter__(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            cwd=self._home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


def silence(path: pathlib.Path, seconds: float) -> None:
    """Write so much silence, 8 kHz mono PCM16."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(2 * int(8000 * seconds)))
