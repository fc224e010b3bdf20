"""From the command line to a running daemon: help, version, logs, options, `app`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from dnscore import VERSION, log
from kubedns.app import serve
from kubedns.options import Options, flag_set, parse_options

PROGRAM = "kubedns"


def run(argv: Sequence[str]) -> int:
    """Everything behind `python -m kubedns`. Raises UsageError or StartError."""
    flags = flag_set(PROGRAM).parse(argv)
    if flags.help_wanted:
        sys.stdout.write(flag_set(PROGRAM).usage())
        return 0
    if flags["version"] != "false":
        print(f'"{VERSION}"' if flags["version"] == "raw" else f"Kube-DNS {VERSION}")
        return 0
    options = parse_options(argv, os.environ)
    log.configure(verbosity=options.verbosity, fmt=options.log_format)
    _tell(options)
    return serve(options)


def _tell(options: Options) -> None:
    """Log what the person who wrote the flags should know."""
    logger = log.get_logger("kubedns")
    logger.info("starting", version=VERSION, domain=options.domain)
    for notice in options.notices:
        logger.warning("flag without effect", flag=notice.flag, reason=notice.reason)
    if logger.v(2):
        for name in options.__dataclass_fields__:
            logger.info("option", name=name, value=repr(getattr(options, name)))
