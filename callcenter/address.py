"""Where servers listen: addresses as people write them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    """Where a server of ours listens: a host name or number, and a TCP or UDP port."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def from_here(self) -> str:
        """`host:port` for a client on this machine, where a server on all addresses is too."""
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
        return str(Address(everywhere.get(self.host, self.host), self.port))


def parse_address(value: object) -> object:
    """Read `host:port` or `[IPv6]:port`; other types pass through to pydantic."""
    if not isinstance(value, str):
        return value
    host, colon, port = value.strip().rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError("write an IPv6 address in brackets: [::1]:5060")
    if not colon or not host or any(c.isspace() for c in host):
        raise ValueError(f"{value!r} is not host:port")
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError(f"{port!r} is not a port from 1 to 65535")
    return Address(host, int(port))
