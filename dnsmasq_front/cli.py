"""The command line of the front: dnsmasq-nanny's flags, then dnsmasq's behind `--`.

Without `--` both may stand together, as in manifests older than the nanny. Flags that are
accepted without effect are listed by `--help` and logged when they are given.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from dnscore import VERSION
from dnscore.flags import Flags, FlagSet, UsageError, klog_flags
from dnscore.net.address import Address, parse_address
from dnscore.wire import names
from dnsmasq_front.cache import CacheOptions
from dnsmasq_front.options import CONFIG_DIR, WORKERS_MAX, FrontOptions
from dnsmasq_front.routes import Rule, parse_address_rule, parse_server

PROGRAM = "dnsmasq-front"
_TTL_MAX = 0x7FFFFFFF
_MIN_CACHE_TTL_MAX_S = 3600  # dnsmasq(8): "limited to one hour unless recompiled"


def nanny_flags(flags: FlagSet) -> None:
    """The flags before `--`."""
    flags.string("configDir", CONFIG_DIR, help="directory of the mounted kube-dns ConfigMap")
    flags.duration("syncInterval", 10.0, help="how often the ConfigMap is looked at")
    flags.duration("logInterval", 0.0, help="how often statistics are logged; 0 is never")
    flags.duration("lameduck", 5.0, help="longest time to go on answering after SIGTERM")
    flags.integer(
        "workers",
        1,
        help="processes that share the port, each with a cache of --cache-size records; "
        "cachesize.bind and the other counters are their sums",
        minimum=1,
        maximum=WORKERS_MAX,
    )
    # Own code serves: nothing is executed or restarted, and servers named by host are not resolved.
    flags.ignored("dnsmasqExec", "kubednsServer", takes_value=True)
    flags.ignored("restartDnsmasq", takes_value=False)
    klog_flags(flags)


def dnsmasq_flags(flags: FlagSet) -> None:
    """The flags behind `--`, with dnsmasq's meanings."""
    flags.repeated("server", help="[/domain/...]ip[#port]: where to ask", parse=parse_server)
    flags.repeated("local", help="/domain/: never forwarded", parse=parse_server)
    flags.repeated(
        "address", help="/domain/ip: answered here; /domain/: NXDOMAIN", parse=parse_address_rule
    )
    flags.repeated("rev-server", help="net/length,ip[#port]: reverse names", parse=parse_rev_server)
    flags.integer("cache-size", 150, help="records in the cache; 0 is no cache", minimum=0)
    flags.boolean("no-negcache", help="do not keep NXDOMAIN and NODATA")
    flags.integer("neg-ttl", 0, help="life of negative answers without SOA, seconds", minimum=0)
    flags.integer("max-ttl", _TTL_MAX, help="largest TTL shown to clients, seconds", minimum=0)
    flags.integer("max-cache-ttl", _TTL_MAX, help="longest life in the cache", minimum=0)
    flags.integer("min-cache-ttl", 0, help="shortest life in the cache, at most 3600", minimum=0)
    flags.integer("dns-forward-max", 150, help="outstanding questions per domain", minimum=1)
    flags.boolean("no-resolv", help="do not ask the servers of resolv.conf")
    flags.string("resolv-file", "/etc/resolv.conf", help="whose servers answer for the rest")
    flags.boolean("no-poll", help="read resolv.conf once")
    flags.integer("port", 53, help="UDP and TCP port", minimum=1, maximum=65535)
    flags.repeated("listen-address", help="address to serve on (all by default)", parse=_parse_ip)
    flags.boolean("log-queries", help="log each query", parse=_parse_log_queries)
    flags.ignored("keep-in-foreground", "no-daemon", "dns-loop-detect", takes_value=False)
    flags.ignored("bind-interfaces", "bind-dynamic", "local-service", takes_value=False)
    flags.ignored("no-hosts", "clear-on-reload", "all-servers", "strict-order", takes_value=False)
    flags.ignored("log-facility", "log-async", "edns-packet-max", takes_value=True)
    flags.ignored("user", "group", "pid-file", takes_value=True)
    flags.ignored("min-port", "max-port", "port-limit", takes_value=True)
    for short, name in _SHORT.items():
        flags.alias(short, of=name)


_SHORT = {
    "S": "server",
    "A": "address",
    "c": "cache-size",
    "N": "no-negcache",
    "0": "dns-forward-max",
    "R": "no-resolv",
    "r": "resolv-file",
    "n": "no-poll",
    "p": "port",
    "a": "listen-address",
    "q": "log-queries",
    "k": "keep-in-foreground",
    "d": "no-daemon",
    "z": "bind-interfaces",
    "o": "strict-order",
    "8": "log-facility",
    "P": "edns-packet-max",
    "u": "user",
    "g": "group",
    "x": "pid-file",
}


def parse_options(argv: Sequence[str]) -> FrontOptions | str:
    """The options, or a text to print instead of running. Raises UsageError."""
    first = FlagSet(PROGRAM)
    nanny_flags(first)
    dnsmasq_flags(first)
    before = first.parse(argv)
    if before.help_wanted:
        return first.usage()
    if before["version"] != "false":
        return f"{PROGRAM} {VERSION}\n"
    second = FlagSet(PROGRAM)
    dnsmasq_flags(second)
    second.alias("h", of="no-hosts")  # dnsmasq's; before `--` it asks for help, as in the nanny.
    after = second.parse(before.rest)
    if after.help_wanted:
        return first.usage()
    if after.rest:
        raise UsageError("a second -- makes no sense; see --help")
    return _options(before.overlaid(after))


def _options(flags: Flags) -> FrontOptions:
    return FrontOptions(
        listen=_listen_addresses(flags["listen-address"], flags["port"]),
        rules=(*flags["server"], *flags["local"], *flags["address"], *flags["rev-server"]),
        cache=CacheOptions(
            records=flags["cache-size"],
            max_cache_ttl_s=flags["max-cache-ttl"] or _TTL_MAX,
            min_cache_ttl_s=min(flags["min-cache-ttl"], _MIN_CACHE_TTL_MAX_S),
            max_ttl_s=flags["max-ttl"] or _TTL_MAX,
            negative=not flags["no-negcache"],
            neg_ttl_s=flags["neg-ttl"],
        ),
        resolv_file=None if flags["no-resolv"] else flags["resolv-file"],
        poll_resolv_file=not flags["no-poll"],
        group_max=flags["dns-forward-max"],
        log_queries=flags["log-queries"],
        config_dir=flags["configDir"],
        sync_interval_s=flags["syncInterval"] or 10.0,
        log_interval_s=flags["logInterval"],
        lameduck_s=flags["lameduck"],
        workers=flags["workers"],
        verbosity=flags["v"],
        log_format=flags["log-format"],
        ignored_flags=flags.ignored_given,
    )


def _listen_addresses(ips: Sequence[str], port: int) -> tuple[Address, ...]:
    return tuple(Address(ip, port) for ip in ips or ("0.0.0.0", "::"))


def parse_rev_server(text: str) -> Rule:
    """A value of `--rev-server`: reverse names of a network, by whole octets or nibbles.

    Lengths between those become several domains (dnsmasq(8)). Raises ValueError with the reason.
    """
    network_text, comma, server = text.partition(",")
    if not comma:
        raise ValueError(f"not of the form net/length,server: {text!r}")
    network = ipaddress.ip_network(network_text, strict=False)
    step = 8 if network.version == 4 else 4
    if not network.prefixlen:
        raise ValueError(f"the network has no length: {network_text!r}")
    whole = -(-network.prefixlen // step) * step
    domains = []
    for part in network.subnets(new_prefix=whole):
        labels = part.network_address.reverse_pointer.split(".")
        domains.append(names.from_text(".".join(labels[(network.max_prefixlen - whole) // step :])))
    address = parse_address(server.removesuffix("#"), default_port=53, separator="#")
    return Rule(tuple(domains), server=address)


def _parse_ip(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError(f"not an IP address: {text!r}") from None


def _parse_log_queries(text: str) -> bool:
    if text in ("true", "extra"):
        return True
    if text == "false":
        return False
    raise ValueError(f"nothing or extra, not {text!r}")
