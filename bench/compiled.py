"""The C programs of the bench."""

from __future__ import annotations

import subprocess
from pathlib import Path

from dnscore.lifecycle import StartError


def compiled(name: str, folder: Path) -> Path:
    """`bench/NAME.c`, compiled into a folder. Raises StartError."""
    made, source = folder / name, Path(__file__).parent / f"{name}.c"
    words = ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(made), str(source), "-lm"]
    try:
        subprocess.run(words, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise StartError(f"{source.name} cannot be compiled; is there a cc? {error}") from None
    return made
