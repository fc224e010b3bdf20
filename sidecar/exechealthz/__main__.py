"""`python -m sidecar.exechealthz` and the `exechealthz` command."""

from __future__ import annotations

import sys

from dnscore.lifecycle import run_program
from sidecar.exechealthz.cli import run


def main() -> int:
    """Run on the process's own command line; the exit code."""
    return run_program("exechealthz", run, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
