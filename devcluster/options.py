"""The command line of devcluster, as settings. Pure: the caller passes the words."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devcluster.cluster import Settings
from devcluster.resources import resource_named
from dnscore.flags import Flags, FlagSet, UsageError, klog_flags


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    settings: Settings
    kubeconfig_out: Path | None
    """File to write a kubeconfig to."""
    verbosity: int
    log_format: str
    version: str
    """`true` or `raw` to print the version and exit, else `false`."""


def flag_set() -> FlagSet:
    """Every flag with its help."""
    flags = FlagSet("devcluster")
    flags.string(
        "listen", "127.0.0.1:8001", help="ADDRESS:PORT to serve the API on", parse=parse_listen
    )
    flags.boolean("sample", help="begin with the sample cluster")
    flags.string(
        "state",
        help="file that keeps the objects over a restart; without it every start is a new cluster",
    )
    flags.string("kubeconfig-out", help="file to write a kubeconfig for this server to")
    flags.string("token", help="bearer token to ask for; kubectl sends none over HTTP")
    flags.repeated(
        "forbid", help="resource to answer with 403; may be repeated", parse=_parse_resource
    )
    flags.boolean(
        "watch-list", default=True, help="understand watches with sendInitialEvents; else 422"
    )
    flags.integer(
        "history-size", 10_000, help="changes remembered per resource", minimum=1, maximum=10**7
    )
    flags.duration("bookmark-period", 60.0, help="time between two bookmarks of a watch")
    klog_flags(flags)
    return flags


def read_options(argv: Sequence[str]) -> Options | None:
    """The options in argv; None when help is asked for. Raises UsageError."""
    flags = flag_set().parse(argv)
    return None if flags.help_wanted else _options(flags)


def _options(flags: Flags) -> Options:
    listen = flags["listen"]
    host, port = parse_listen(listen) if isinstance(listen, str) else listen
    if flags["bookmark-period"] <= 0:
        raise UsageError("--bookmark-period: must be more than 0s")
    settings = Settings(
        host=host,
        port=port,
        sample=flags["sample"],
        token=flags["token"],
        forbid=tuple(flags["forbid"]),
        watch_list=flags["watch-list"],
        history_size=flags["history-size"],
        bookmark_every_s=flags["bookmark-period"],
        state=Path(flags["state"]) if flags["state"] else None,
    )
    out = flags["kubeconfig-out"]
    return Options(
        settings=settings,
        kubeconfig_out=Path(out) if out else None,
        verbosity=flags["v"],
        log_format=flags["log-format"],
        version=flags["version"],
    )


def parse_listen(text: str) -> tuple[str, int]:
    """`127.0.0.1:8001` or `[::1]:8001`. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    address = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise ValueError(f"not ADDRESS:PORT: {text!r}")
    if address == "localhost":
        address = "127.0.0.1"
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise ValueError(f"not an IP address: {address!r}") from None
    return address, int(port)


def _parse_resource(text: str) -> str:
    return resource_named(text).plural
