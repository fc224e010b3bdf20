"""`python -m dnsmasq_front`."""

from __future__ import annotations

import sys

from dnscore.lifecycle import run_program
from dnsmasq_front.app import run
from dnsmasq_front.cli import PROGRAM


def main() -> int:
    """The console script."""
    return run_program(PROGRAM, run, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
