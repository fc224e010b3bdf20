"""`python -m sidecar.explain`."""

from __future__ import annotations

from sidecar.explain.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
