"""Asks a process, over loopback, whether it is ready; one try per call, bounded in time."""

from __future__ import annotations

import http.client
import socket

from localrun.plan import HOST, DnsReady, HttpReady

TRY_TIMEOUT_S = 1.0

# RFC 1035 4.1: ID 0x6c72, RD, one question: version.bind TXT CH.
VERSION_BIND = bytes.fromhex("6c72 0100 0001 0000 0000 0000") + b"\7version\4bind\0\0\x10\0\3"


def why_not_ready(ready: HttpReady | DnsReady) -> str:
    """Empty when the process is ready, else what the try met."""
    try:
        return _http(ready) if isinstance(ready, HttpReady) else _dns(ready)
    except TimeoutError:
        return "no answer yet"
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__


def _http(ready: HttpReady) -> str:
    # Not urllib: it would send the request through the proxy of the environment.
    connection = http.client.HTTPConnection(HOST, ready.port, timeout=TRY_TIMEOUT_S)
    try:
        connection.request("GET", ready.path)
        status = connection.getresponse().status
    finally:
        connection.close()
    return "" if status == 200 else f"{ready.path} answers {status}"


def _dns(ready: DnsReady) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(TRY_TIMEOUT_S)
        client.connect((HOST, ready.port))
        client.send(VERSION_BIND)
        reply = client.recv(4096)
    answered = reply[:2] == VERSION_BIND[:2] and len(reply) >= 12 and reply[2] & 0x80
    return "" if answered else "answers something that is not DNS"
