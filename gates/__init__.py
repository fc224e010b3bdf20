"""Checks on the source tree and the machine that `make check` and `make test` run."""
