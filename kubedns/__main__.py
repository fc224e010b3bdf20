"""`python -m kubedns`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dnscore.lifecycle import run_program
from kubedns.cli import PROGRAM, run


def main(argv: Sequence[str] | None = None) -> int:
    """Run the daemon; returns the exit code."""
    return run_program(PROGRAM, run, sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
