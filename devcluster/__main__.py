"""Entry point of `python -m devcluster`."""

from __future__ import annotations

import sys

from devcluster.app import main as run
from dnscore.lifecycle import run_program


def main() -> int:
    """Console script; returns the exit code."""
    return run_program("devcluster", run, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
