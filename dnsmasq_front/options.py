"""What the command line asks of the front, checked once and passed down."""

from __future__ import annotations

from dataclasses import dataclass, field

from dnscore.net.address import Address
from dnsmasq_front.cache import CacheOptions
from dnsmasq_front.local import LocalOptions
from dnsmasq_front.local_records import HostRecord, LocalRecord
from dnsmasq_front.routes import Rule
from dnsmasq_front.screen import ScreenOptions

CONFIG_DIR = "/etc/k8s/dns/dnsmasq-nanny"
"""Where the stock manifest mounts the kube-dns ConfigMap."""

KUBEDNS = Address("127.0.0.1", 10053)
"""Where kubedns serves in the stock pod."""

WORKERS_MAX = 64


@dataclass(frozen=True, slots=True)
class HostsOptions:
    """Where names that are known here come from."""

    files: tuple[str, ...] = ()
    """Hosts files, and directories of them, in order."""
    watched: tuple[str, ...] = ()
    """`--hostsdir`: directories whose changes are seen."""
    suffix: bytes | None = None
    """`--expand-hosts`: what plain names of the files are known with, too."""
    host_records: tuple[HostRecord, ...] = ()
    """`--host-record`, which goes before the files."""
    records: tuple[LocalRecord, ...] = ()
    """`--cname`, `--txt-record`, `--srv-host`, `--ptr-record` and `--mx-host`."""


@dataclass(frozen=True, slots=True)
class FrontOptions:
    """The options of one run."""

    listen: tuple[Address, ...]
    """Addresses to serve on, UDP and TCP."""
    rules: tuple[Rule, ...] = ()
    """From `--server`, `--local`, `--address` and `--rev-server`, in order."""
    servers_files: tuple[str, ...] = ()
    """`--servers-file`: further ones, read again on SIGHUP."""
    interfaces: tuple[str, ...] = ()
    """`--interface`: `listen` gets the addresses of these and of loopback."""
    except_interfaces: tuple[str, ...] = ()
    """`--except-interface`: but not of these."""
    listen_given: bool = False
    """Whether there was a `--listen-address`, and `listen` is not just everything."""
    local: LocalOptions = field(default_factory=LocalOptions)
    hosts: HostsOptions = field(default_factory=HostsOptions)
    screen: ScreenOptions = field(default_factory=ScreenOptions)
    cache: CacheOptions = field(default_factory=CacheOptions)
    resolv_file: str | None = "/etc/resolv.conf"
    """Whose servers answer for everything else; None with `--no-resolv`."""
    poll_resolv_file: bool = True
    """False with `--no-poll`: it is read once."""
    group_max: int = 150
    """`--dns-forward-max`: outstanding questions per group of servers."""
    all_servers: bool = False
    """`--all-servers`: every server of a group is asked at once, and the first good answer wins."""
    strict_order: bool = False
    """`--strict-order`: the servers of a group are asked in the order they were given."""
    loop_detect: bool = False
    """`--dns-loop-detect`: a server that sends our own questions back is dropped."""
    max_tcp_connections: int = 512
    """Open TCP connections of clients, of all addresses of a worker together."""
    round_robin: bool = True
    """False with `--no-round-robin`: records stay in the order they came in."""
    edns_packet_max: int = 1232
    """Largest UDP answer, and the payload size told to servers and clients."""
    clear_on_reload: bool = False
    """`--clear-on-reload`: a new list of servers empties the cache."""
    no_ident: bool = False
    """`--no-ident`: no CHAOS answers."""
    log_facility: str = "-"
    """`-` is stderr, a text with a slash the file that log lines are appended to."""
    log_extra: bool = False
    """`--log-queries=extra`: a serial number and the client's address and port in each line."""
    log_queries: bool = False
    kubedns_server: Address = KUBEDNS
    """`-kubednsServer`: who is asked for servers that are named in the cluster."""
    config_dir: str = CONFIG_DIR
    """Directory of the mounted ConfigMap; it may be missing."""
    sync_interval_s: float = 10.0
    """How often the ConfigMap is looked at."""
    log_interval_s: float = 0.0
    """How often statistics are logged; 0 is never."""
    lameduck_s: float = 5.0
    """Longest time after SIGTERM in which queries are still answered."""
    status_address: Address | None = None
    """`-statusAddress`: where status is served over HTTP; None: nowhere."""
    workers: int = 1
    """Processes that share the addresses. Each has a cache of its own, of the whole size."""
    verbosity: int = 0
    log_format: str = "text"
    ignored_flags: tuple[str, ...] = ()
    """Flags that were given and have no effect."""
