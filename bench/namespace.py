"""An address that is not loopback, for a server that a forwarder must treat as off the machine.

Given to the loopback interface of a network namespace of our own, so nothing of the machine's
own network is touched and no packet leaves. That needs root and ip(8); without them loopback is
used and said.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from gates.tools import find_command

ADDRESS = "192.0.2.53"
"""RFC 5737 TEST-NET-1: documentation, routed nowhere."""
_CLONE_NEWNET = 0x40000000


@contextmanager
def outside_address() -> Iterator[str]:
    """Move this process into a namespace that has ADDRESS; gives the address to use."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or not find_command("ip") or libc.unshare(_CLONE_NEWNET) != 0:
        print("bench: no network namespace without root and ip(8): miss-outside goes to loopback")
        yield "127.0.0.1"
        return
    for words in (
        ["ip", "link", "set", "lo", "up"],
        ["ip", "address", "add", f"{ADDRESS}/32", "dev", "lo"],
    ):
        subprocess.run(words, check=True)
    yield ADDRESS
