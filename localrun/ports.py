"""Whether the ports of a plan can be had, asked before anything is started."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable

from localrun.plan import Port, ProcessSpec

_KIND = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def unusable_ports(specs: Iterable[ProcessSpec]) -> list[str]:
    """One line for each port that cannot be listened on, with the variable to change."""
    lines = []
    for spec in specs:
        for port in spec.ports:
            reason = _why_unusable(port)
            if reason:
                other = port.number + 1000 if port.number < 64000 else port.number - 1000
                lines.append(
                    f"port {port.number} ({spec.name}) {reason}; "
                    f"choose another: make run {port.variable}={other}"
                )
    return lines


def _why_unusable(port: Port) -> str:
    for protocol in port.protocols:
        with socket.socket(socket.AF_INET, _KIND[protocol]) as probe:
            if protocol == "tcp":
                # Connections of an earlier run linger in TIME_WAIT; only a listener is in the way.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((port.address, port.number))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return f"is already in use by another program ({protocol})"
                if error.errno == errno.EACCES:
                    return "needs root"
                return f"cannot be used: {error.strerror}"
    return ""
