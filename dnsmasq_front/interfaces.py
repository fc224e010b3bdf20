"""The addresses of this machine's interfaces (getifaddrs(3)), for `--interface` and its like."""

from __future__ import annotations

import ctypes
import socket
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from dnscore.lifecycle import StartError

_LOOPBACK = 0x8  # netdevice(7), IFF_LOOPBACK


class InterfaceAddress(NamedTuple):
    """One address of one interface."""

    interface: str
    host: str
    is_loopback: bool


class _SockAddr(ctypes.Structure):
    _fields_ = (("family", ctypes.c_ushort), ("rest", ctypes.c_ubyte * 26))


class _IfAddrs(ctypes.Structure):
    pass


_IfAddrs._fields_ = (
    ("next", ctypes.POINTER(_IfAddrs)),
    ("name", ctypes.c_char_p),
    ("flags", ctypes.c_uint),
    ("address", ctypes.POINTER(_SockAddr)),
)


def interface_addresses() -> list[InterfaceAddress]:
    """Every IP address but the link-local ones, which mean nothing without their interface.

    Raises OSError.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    first = ctypes.POINTER(_IfAddrs)()
    if libc.getifaddrs(ctypes.byref(first)):
        raise OSError(ctypes.get_errno(), "getifaddrs failed")
    found = []
    try:
        at = first
        while at:
            entry = at.contents
            host = _host(entry.address.contents) if entry.address else None
            if host is not None:
                name = entry.name.decode("utf-8", "replace")
                found.append(InterfaceAddress(name, host, bool(entry.flags & _LOOPBACK)))
            at = entry.next
    finally:
        libc.freeifaddrs(first)
    return found


def _host(address: _SockAddr) -> str | None:
    raw = bytes(address.rest)
    if address.family == socket.AF_INET:  # ip(7): port, address
        return socket.inet_ntop(socket.AF_INET, raw[2:6])
    if address.family == socket.AF_INET6:  # ipv6(7): port, flow, address, scope
        packed = raw[6:22]
        is_link_local = packed[0] == 0xFE and packed[1] & 0xC0 == 0x80
        return None if is_link_local else socket.inet_ntop(socket.AF_INET6, packed)
    return None


def choose_hosts(
    known: Iterable[InterfaceAddress],
    *,
    wanted: tuple[str, ...],
    unwanted: tuple[str, ...],
    given: Iterable[str] = (),
) -> tuple[str, ...]:
    """The addresses to serve on: the given ones and those of the wanted interfaces.

    Loopback goes with the wanted ones, and everything is wanted when nothing is; unwanted
    interfaces never are. A `*` at the end of a name stands for anything (dnsmasq(8)). Raises
    StartError for a wanted interface that is not there: nobody would be served on it.
    """
    known, given = list(known), tuple(given)
    for pattern in wanted:
        if not any(fnmatchcase(one.interface, pattern) for one in known):
            raise StartError(f"--interface {pattern}: no such interface, or it has no address")
    shut = {one.host for one in known if _matches(one.interface, unwanted)}
    chosen = dict.fromkeys(host for host in given if host not in shut)
    for one in known:
        open_ = one.is_loopback or _matches(one.interface, wanted) if wanted else not given
        if open_ and one.host not in shut:
            chosen[one.host] = None
    if not chosen:
        raise StartError("--except-interface leaves no address to serve on")
    return tuple(chosen)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
