"""The flags of exechealthz."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dnscore import VERSION
from dnscore.flags import Flags, FlagSet, UsageError, klog_flags

DEFAULT_COMMAND = "echo healthz"
DEFAULT_URL = "/healthz"
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Check:
    """A command and the page that tells how it does."""

    command: str
    path: str


@dataclass(frozen=True, slots=True)
class Options:
    """Defaults are those of exechealthz."""

    checks: tuple[Check, ...] = (Check(DEFAULT_COMMAND, DEFAULT_URL),)
    port: int = 8080
    period_s: float = 2.0
    """From the start of one run to the start of the next, which waits for the end of the first."""
    latency_s: float = 30.0
    """The age at which a result is worth nothing, and the time that a run may take."""
    quiet: bool = False
    output: bool = False
    verbosity: int = 0
    log_format: str = "text"


def run(argv: Sequence[str]) -> int:
    """Run until a signal ends it; the exit code. Raises UsageError and StartError."""
    flags = _flag_set()
    parsed = flags.parse(argv)
    if parsed.help_wanted:
        print(flags.usage(), end="")
        return 0
    if parsed["version"] != "false":
        print(VERSION)
        return 0
    options = to_options(parsed)
    from sidecar.exechealthz.app import serve

    return serve(options)


def parse_options(argv: Sequence[str]) -> Options:
    """The settings that these words ask for. Raises UsageError."""
    return to_options(_flag_set().parse(argv))


def to_options(parsed: Flags) -> Options:
    """Checked settings from parsed flags. Raises UsageError."""
    if parsed.rest:
        raise UsageError(f"unexpected words after --: {' '.join(parsed.rest)}")
    commands = parsed["cmd"] or [DEFAULT_COMMAND]
    paths = parsed["url"] or [DEFAULT_URL]
    if len(commands) != len(paths):
        raise UsageError(
            f"--cmd is given {len(commands)} times and --url {len(paths)} times: they are pairs"
        )
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice:
        raise UsageError(f"--url: {twice!r} is given twice")
    for name in ("period", "latency"):
        if not parsed[name]:
            raise UsageError(f"--{name}: must be more than 0")
    return Options(
        checks=tuple(map(Check, commands, paths)),
        port=parsed["port"],
        period_s=parsed["period"],
        latency_s=parsed["latency"],
        quiet=parsed["quiet"],
        output=parsed["output"],
        verbosity=parsed["v"],
        log_format=parsed["log-format"],
    )


def _flag_set() -> FlagSet:
    default = Options()
    flags = FlagSet("exechealthz")
    flags.repeated("cmd", parse=_parse_command, help="a shell command, run by sh -c; repeatable")
    flags.repeated("url", parse=_parse_path, help="the page of each --cmd, in the same order")
    flags.integer(
        "port", default.port, minimum=0, maximum=65535, help="port that HTTP listens on; 0: any"
    )
    flags.duration("period", default.period_s, help="between the starts of two runs")
    flags.duration(
        "latency", default.latency_s, help="age of a result, and time of a run, that is too much"
    )
    flags.boolean("quiet", help="log failures only")
    flags.boolean("output", help="a good page is what the command wrote, not ok")
    klog_flags(flags)
    return flags


def _parse_command(text: str) -> str:
    if not text.strip():
        raise ValueError("empty command")
    return text


def _parse_path(text: str) -> str:
    if not _PATH.fullmatch(text):
        raise ValueError(f"not a path such as /healthz: {text!r}")
    return text
