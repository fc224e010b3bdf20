"""What made the figures: the machine and the versions of the programs."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path

from bench.processors import Processors
from gates.tools import find_command

_PROGRAMS = {"dnsmasq": "--version", "unbound": "-V", "dnsperf": "-h"}


def about(command: str, *, processors: Processors, custom: Mapping[str, str]) -> dict[str, str]:
    """The facts at the head of the results."""
    facts = {
        "command": f"`{command}`",
        "Python": platform.python_version(),
        "kernel": platform.release().partition("-")[0],
        "processor": _processor(),
        "processors": f"{processors.count}; servers on {processors.server}, load on "
        f"{processors.load}, several workers on {processors.workers}",
    }
    facts |= {program: _version(program, flag) for program, flag in _PROGRAMS.items()}
    return facts | {name: f"`{words}`" for name, words in custom.items()}


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(program: str, flag: str) -> str:
    path = find_command(program)
    if path is None:
        return "missing"
    done = subprocess.run([path, flag], capture_output=True, text=True, check=False, timeout=10)
    lines = (done.stdout + done.stderr).splitlines()
    return next((line.strip() for line in lines if "ersion" in line), "unknown")
