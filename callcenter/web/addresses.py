"""Where a request came from, and whether over https: as a trusted proxy says.

What anybody else says in `X-Forwarded-…` is not looked at.
"""

import ipaddress
from collections.abc import Iterable
from contextlib import suppress

from aiohttp import web

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PROXIES = web.AppKey("proxies", tuple[Network, ...])


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses or networks; raises ValueError that names the wrong one."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def is_in(address: str, wanted: tuple[Network, ...]) -> bool:
    """Is this address in one of the networks? What is no address is in none."""
    with suppress(ValueError):
        found = ipaddress.ip_address(address)
        return any(found in network for network in wanted)
    return False


def address_of(request: web.Request) -> str:
    """The network address that the request came from; empty when there is none."""
    proxies = request.app[PROXIES]
    address = _peer(request)
    # The last proxy adds whom it heard from at the end: the first that is no proxy of ours.
    for told in reversed(_said(request, "X-Forwarded-For")):
        if not is_in(address, proxies):
            break
        address = told
    return address


def is_https(request: web.Request) -> bool:
    """Did the page come over https, to us or to a proxy in front of us?"""
    if request.secure:
        return True
    said = _said(request, "X-Forwarded-Proto")
    return is_in(_peer(request), request.app[PROXIES]) and said[-1:] == ["https"]


def _peer(request: web.Request) -> str:
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return str(peer[0]) if isinstance(peer, tuple) else ""


def _said(request: web.Request, name: str) -> list[str]:
    values = ",".join(request.headers.getall(name, []))
    return [part.strip()[:64] for part in values.split(",") if part.strip()]
