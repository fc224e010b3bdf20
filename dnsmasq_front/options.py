"""What the command line asks of the front, checked once and passed down."""

from __future__ import annotations

from dataclasses import dataclass, field

from dnscore.net.address import Address
from dnsmasq_front.cache import CacheOptions
from dnsmasq_front.routes import Rule

CONFIG_DIR = "/etc/k8s/dns/dnsmasq-nanny"
"""Where the stock manifest mounts the kube-dns ConfigMap."""

WORKERS_MAX = 64


@dataclass(frozen=True, slots=True)
class FrontOptions:
    """The options of one run."""

    listen: tuple[Address, ...]
    """Addresses to serve on, UDP and TCP."""
    rules: tuple[Rule, ...] = ()
    """From `--server`, `--local`, `--address` and `--rev-server`, in order."""
    cache: CacheOptions = field(default_factory=CacheOptions)
    resolv_file: str | None = "/etc/resolv.conf"
    """Whose servers answer for everything else; None with `--no-resolv`."""
    poll_resolv_file: bool = True
    """False with `--no-poll`: it is read once."""
    group_max: int = 150
    """`--dns-forward-max`: outstanding questions per group of servers."""
    log_queries: bool = False
    config_dir: str = CONFIG_DIR
    """Directory of the mounted ConfigMap; it may be missing."""
    sync_interval_s: float = 10.0
    """How often the ConfigMap is looked at."""
    log_interval_s: float = 0.0
    """How often statistics are logged; 0 is never."""
    lameduck_s: float = 5.0
    """Longest time after SIGTERM in which queries are still answered."""
    workers: int = 1
    """Processes that share the addresses. Each has a cache of its own, of the whole size."""
    verbosity: int = 0
    log_format: str = "text"
    ignored_flags: tuple[str, ...] = ()
    """Flags that were given and have no effect."""
