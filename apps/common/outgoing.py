"""Requests to outside services: one resolved address, one time limit for the whole answer.

A host name is resolved once and the connection goes to that address, so that a name that changes
its meaning between two look-ups leads nowhere else. Redirects are not followed. What may be
contacted is decided by the caller's rule (`Rule`).
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import urlsplit

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
# Whether an address may be contacted, with TLS or without.
Rule: TypeAlias = Callable[[Address, bool], bool]

# Networks whose IPv6 addresses carry an IPv4 address in their last bits.
_NAT64: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE: Final = ipaddress.ip_network("::/96")


class NotAllowed(Exception):
    """The address is not one that may be contacted, or its name is unknown."""


def embedded(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64), or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    is_compatible = address in _COMPATIBLE and int(address) > 1
    if is_compatible or any(address in network for network in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_never_allowed(address: Address) -> bool:
    """Link-local addresses (where clouds serve their keys), multicast, unspecified, reserved."""
    return (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
    )


def only_public(address: Address, is_secure: bool) -> bool:
    """The rule for services of the internet: public addresses, with TLS."""
    return is_secure and address.is_global and not is_never_allowed(address)


def public_or_this_machine(address: Address, is_secure: bool) -> bool:
    """Like `only_public`, and a stand-in on this machine, also without TLS."""
    return address.is_loopback or only_public(address, is_secure)


@dataclass(frozen=True)
class Target:
    """Where a service is, with the resolved IP address, which is then fixed.

    `query` begins with `?`, or is empty.
    """

    is_secure: bool
    host: str
    port: int
    address: str
    path: str
    query: str = ""

    @classmethod
    def of(cls, url: str, rule: Rule) -> Target:
        """The target of an address `https://host[:port]/path`.

        Raises: NotAllowed for an address that the rule does not allow, or with a user name in it.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise NotAllowed from None
        is_secure = parts.scheme == "https"
        if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
            raise NotAllowed
        try:
            found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
            address = ipaddress.ip_address(str(found[0][4][0]).partition("%")[0])
        except (OSError, UnicodeError, ValueError):
            raise NotAllowed from None
        if is_never_allowed(address) or not rule(embedded(address), is_secure):
            raise NotAllowed
        query = f"?{parts.query}" if parts.query else ""
        return cls(is_secure, parts.hostname, port, str(address), parts.path, query)


class Connection(http.client.HTTPConnection):
    """A connection to the fixed address, cut when the time for the whole answer is over.

    Start `clock` before the request and call `finish` at the end; `is_cut` says that the time was
    over.
    """

    def __init__(self, target: Target, timeout_s: float) -> None:
        super().__init__(target.host, target.port, timeout=timeout_s)
        self.target, self.is_cut = target, False
        self.clock = threading.Timer(timeout_s, self._cut)
        self.clock.daemon = True
        # a second handle of the socket: the first one goes over to TLS and to the response
        self._handle: socket.socket | None = None

    def connect(self) -> None:
        raw = socket.create_connection((self.target.address, self.target.port), self.timeout)
        self._handle = raw.dup()
        self.sock = raw
        if self.target.is_secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(raw, server_hostname=self.target.host)

    def _cut(self) -> None:
        """Shut the socket down. A slow-drip response resets the socket timeout with each byte, so a
        total deadline is enforced here.
        """
        self.is_cut = True
        if self._handle is not None:
            try:
                self._handle.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def finish(self) -> None:
        """Stop the clock and close everything. `close` is called by the library, too, as soon as
        the head of an answer is read, and must not stop the clock.
        """
        self.clock.cancel()
        self.close()
        if self._handle is not None:
            self._handle.close()
