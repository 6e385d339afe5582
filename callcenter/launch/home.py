"""The runtime folder and the ports: free before anything is started, ours while we run."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from callcenter.address import Address
from callcenter.launch.child import LaunchFault
from callcenter.settings import Settings

LOCK_PATIENCE_S = 5.0  # the run before may still be stopping
PORT_PATIENCE_S = 3.0  # after a kill -9 the kernel needs a moment to end the old children
WHY_NOT = {
    errno.EADDRINUSE: "is taken by another program",
    errno.EACCES: "may not be used by this user",
    errno.EADDRNOTAVAIL: "is no address of this machine",
}


@contextmanager
def only_one_run(home: Path) -> Iterator[None]:
    """Hold HOTLINE_HOME; the kernel lets go of it however this process ends."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / "run.lock").open("a+")
    except OSError as unable:
        raise LaunchFault(f"HOTLINE_HOME: {home} cannot be used: {unable.strerror}") from None
    with lock:
        if not _locked(lock):
            lock.seek(0)
            raise LaunchFault(
                f"HOTLINE_HOME: {home} is in use by process {lock.read().strip() or '?'}; "
                "stop it, or set HOTLINE_HOME and the ports for a second hotline"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _locked(lock: TextIO) -> bool:
    give_up_at = time.monotonic() + LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > give_up_at:
                return False
            time.sleep(0.1)


def addresses(settings: Settings) -> list[tuple[str, Address, socket.SocketKind]]:
    """What a run listens on: the setting's name, the address, stream or datagram."""
    stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
    return [
        ("HOTLINE_WEB", settings.web, stream),
        ("HOTLINE_SIP", settings.sip, datagram),
        ("HOTLINE_SIP", settings.sip, stream),
        ("HOTLINE_AGI", settings.agi, stream),
        ("HOTLINE_AMI", settings.ami, stream),
        ("HOTLINE_WS", settings.ws, stream),
    ]


def need_free_ports(wanted: Iterable[tuple[str, Address, socket.SocketKind]]) -> None:
    """Raise LaunchFault naming every setting whose address cannot be listened on."""
    faults: dict[str, str] = {}
    give_up_at = time.monotonic() + PORT_PATIENCE_S
    for name, address, kind in wanted:
        while (why := _cannot_listen(address, kind)) and time.monotonic() < give_up_at:
            time.sleep(0.1)
        if why:
            faults.setdefault(name, f"{name}: {address} {why}; set {name} to another address")
    if faults:
        raise LaunchFault("\n".join(faults.values()))


def _cannot_listen(address: Address, kind: socket.SocketKind) -> str:
    try:
        family, _, _, _, place = socket.getaddrinfo(address.host, address.port, type=kind)[0]
        with socket.socket(family, kind) as trial:
            if kind is socket.SOCK_STREAM:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(place)
            if kind is socket.SOCK_STREAM:
                trial.listen(1)
    except socket.gaierror as unknown:
        return f"is no address: {unknown.strerror}"
    except OSError as unable:
        return WHY_NOT.get(unable.errno or 0, f"cannot be used: {unable.strerror}")
    return ""
