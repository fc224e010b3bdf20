"""The commands that tests need from Debian packages: which are here, and which package has each.

Reads `packages.debian` at the root of the project; installs nothing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PACKAGE_FILE = Path(__file__).resolve().parent.parent / "packages.debian"

# Debian gives dnsmasq a place that an ordinary user's PATH leaves out.
_MORE_PLACES = ("/usr/local/sbin", "/usr/sbin", "/sbin")


@dataclass(frozen=True, slots=True)
class Tool:
    """A command and the Debian package that brings it."""

    package: str
    command: str


def parse_packages(text: str) -> tuple[Tool, ...]:
    """The tools of a package file. Raises ValueError naming a line that is not two words."""
    tools = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 2:
            raise ValueError(f"line {number}: expected a package and a command, got {line!r}")
        tools.append(Tool(*words))
    return tuple(tools)


def known_tools() -> tuple[Tool, ...]:
    """The tools of the project's own package file."""
    return parse_packages(PACKAGE_FILE.read_text(encoding="utf-8"))


def find_command(command: str) -> str | None:
    """The path of a command, in PATH or where Debian puts daemons; None if it is not here."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *_MORE_PLACES])
    return shutil.which(command, path=path)


def missing(tools: Iterable[Tool]) -> tuple[Tool, ...]:
    """Those whose command is not here."""
    return tuple(tool for tool in tools if find_command(tool.command) is None)
