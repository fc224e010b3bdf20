"""`python -m sidecar` and the `kube-dns-sidecar` command."""

from __future__ import annotations

import sys

from dnscore.lifecycle import run_program
from sidecar.cli import run


def main() -> int:
    """Run on the process's own command line; the exit code."""
    return run_program("sidecar", run, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
