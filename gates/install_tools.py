"""Brings the commands that tests need: installs them as root on Debian, else says what is left out.

Never fails the build: a test whose command is missing is left out loudly, or fails under
STRICT_TOOLS=1 (see tests/conftest.py).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from gates.tools import Tool, known_tools, missing

INSTALL_TIMEOUT_S = 240.0


def apt_commands(tools: Sequence[Tool]) -> list[list[str]]:
    """What installs the packages: each by itself, so that one that is unknown costs no other."""
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    return [["apt-get", "update", "-qq"], *([*install, tool.package] for tool in tools)]


def left_out(tools: Sequence[Tool]) -> str:
    """The loud text about commands that are not here."""
    lines = ["", "=" * 78]
    lines += [
        f"NO {tool.command}: tests marked needs_{tool.command} are left out "
        f"(Debian package {tool.package})"
        for tool in tools
    ]
    lines += ["=" * 78, ""]
    return "\n".join(lines)


def _install(tools: Sequence[Tool]) -> None:
    names = ", ".join(tool.package for tool in tools)
    print(f"test: installing Debian packages: {names} ... ", end="", flush=True)
    complaint = ""
    for command in apt_commands(tools):
        try:
            done = subprocess.run(
                command,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=INSTALL_TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            complaint = f"{command[1]} took more than {INSTALL_TIMEOUT_S:g} s"
            continue
        if done.returncode != 0:
            complaint = (done.stderr.strip() or done.stdout.strip()).replace("\n", " ")[-300:]
    print("done" if not missing(tools) else f"failed: {complaint}", flush=True)


def main() -> int:
    """Install what is missing if that can be done, then say what is still missing."""
    wanted = missing(known_tools())
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(wanted)
        wanted = missing(wanted)
    if wanted:
        print(left_out(wanted), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
