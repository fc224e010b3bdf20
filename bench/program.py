"""What the benchmark programs share: what they need here, what they say, how they are ended."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from types import FrameType

from dnscore.lifecycle import StartError
from gates.tools import find_command


def require(commands: Mapping[str, str]) -> None:
    """Raises StartError for a command that is not here; by each stands its Debian package."""
    for command, package in commands.items():
        if find_command(command) is None:
            raise StartError(f"{command} is missing here (Debian package {package})")


def say(program: str, line: str) -> None:
    """Show progress."""
    print(f"{program}: {line}", flush=True)


def end_on_term() -> None:
    """SIGTERM ends the program as Ctrl-C does, with all that it has started."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
