"""The command line of the front: dnsmasq-nanny's flags, then dnsmasq's behind `--`.

The nanny's have Go's grammar and dnsmasq's getopt's. Without `--` both may stand together, as in
manifests older than the nanny; what both know, such as `-v` and `-h`, is the nanny's there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from dnscore import VERSION
from dnscore.flags import Flags, FlagSet, UsageError, klog_flags
from dnscore.net.address import Address, parse_address
from dnscore.wire import names
from dnscore.wire.const import AAAA, A
from dnsmasq_front.cache import CacheOptions
from dnsmasq_front.conf_file import with_files
from dnsmasq_front.flag_help import flag_help
from dnsmasq_front.flag_table import FLAGS, Flag, Verdict
from dnsmasq_front.getopt import Given, Grammar
from dnsmasq_front.local import LocalOptions
from dnsmasq_front.local_records import check_cnames
from dnsmasq_front.options import CONFIG_DIR, KUBEDNS, WORKERS_MAX, FrontOptions, HostsOptions
from dnsmasq_front.quoting import unquoted
from dnsmasq_front.screen import ScreenOptions

PROGRAM = "dnsmasq-front"
HOSTS_FILE = "/etc/hosts"
_CLUSTER_NEG_TTL_S = 5
_SPLITS_ITSELF = frozenset(("host-record", "cname", "txt-record", "srv-host", "ptr-record"))
"""Flags whose parsers look at quotes: a quoted comma is no comma."""


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
    flags.string(
        "kubednsServer",
        KUBEDNS,
        help="ip:port that is asked for stub servers named below cluster.local",
        parse=_parse_kubedns_server,
    )
    flags.string(
        "statusAddress",
        "",
        help="ip:port to serve /status.json on, the names asked for most included, and "
        "/explain; empty: nowhere",
        parse=_parse_status_address,
    )
    # Own code serves: nothing is executed or restarted.
    flags.ignored("dnsmasqExec", takes_value=True)
    flags.ignored("restartDnsmasq", takes_value=False)
    klog_flags(flags)


def parse_options(argv: Sequence[str], *, default_conf: str | None = None) -> FrontOptions | str:
    """The options, or a text to print instead of running.

    `default_conf` is read if it exists and no `--conf-file` is given. Raises UsageError, and
    StartError for a configuration file that cannot be read.
    """
    nanny = FlagSet(PROGRAM)
    nanny_flags(nanny)
    words, given = _parted(argv, nanny)
    before = nanny.parse(words)
    behind = {one.name for one in given}
    if before.help_wanted or "help" in behind:
        return nanny.usage() + flag_help()
    if before["version"] != "false" or "version" in behind:
        return f"{PROGRAM} {VERSION}\n"
    settings = Settings(with_files(given, default=default_conf))
    options = _options(before, settings)
    if settings["test"]:
        return f"{PROGRAM}: syntax check OK.\n"
    return options


def _parse_kubedns_server(text: str) -> Address:
    return parse_address(text, default_port=53)


def _parse_status_address(text: str) -> Address | None:
    if not text:
        return None
    address = parse_address(text, default_port=0)
    if not address.port:
        raise ValueError(f"not an ip:port: {text!r}")
    return address


def _parted(argv: Sequence[str], nanny: FlagSet) -> tuple[list[str], list[Given]]:
    """The words that are the nanny's, and dnsmasq's flags. Raises UsageError."""
    grammar = Grammar(FLAGS.values())
    words, given, at = list(argv), list[Given](), 0
    theirs: list[str] = []
    while at < len(words) and words[at] != "--":
        count = nanny.words_of(words[at])
        if count:
            theirs += words[at : at + count]
            at += count
            continue
        name = words[at].lstrip("-").partition("=")[0]
        if words[at][:1] == "-" != words[at][1:2] and len(name) > 1 and grammar.knows_long(name):
            words[at] = "-" + words[at]  # One dash is as good as two in Go's grammar.
        more, at = grammar.read(words, at)
        given += more
    at += 1
    while at < len(words):
        if words[at] == "--" and at + 1 < len(words):
            raise UsageError("a second -- makes no sense; see --help")
        if words[at] == "--":
            break
        more, at = grammar.read(words, at)
        given += more
    return theirs, given


class Settings:
    """The values of dnsmasq's flags; of a scalar that is given again the last one counts."""

    def __init__(self, given: Iterable[Given]) -> None:
        """Raises UsageError for a flag that is refused and a value that cannot be used."""
        self._values: dict[str, Any] = {}
        for flag in FLAGS.values():
            self._values[flag.into or flag.name] = [] if flag.many else flag.default
        self.ignored: dict[str, None] = {}
        """Flags that were given and have no effect."""
        self.given: set[str] = set()
        in_files: set[str] = set()
        for one in given:
            flag = FLAGS[one.name]
            if one.place and flag.verdict is Verdict.WORKS and flag.parse and not flag.many:
                if one.name in in_files:
                    raise UsageError(f"{one.place}: {one.name} is there a second time")
                in_files.add(one.name)
            self._take(flag, one)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def _take(self, flag: Flag, given: Given) -> None:
        where = f"{given.place}: " if given.place else ""
        if flag.verdict is Verdict.REFUSED:
            raise UsageError(f"{where}--{flag.name} is refused: {flag.help}")
        value: Any = True
        try:
            if flag.parse is not None:
                text = given.value or ""
                # Quotes mean something in files; on a command line the shell has taken them.
                if given.place and flag.name not in _SPLITS_ITSELF:
                    text = unquoted(text)
                value = flag.parse(text)
        except ValueError as error:
            raise UsageError(f"{where}--{flag.name}: {error}") from None
        self.given.add(flag.name)
        if flag.verdict is Verdict.IGNORED:
            self.ignored[flag.name] = None
        elif flag.many:
            self._values[flag.into].append(value)
        else:
            self._values[flag.name] = value


def _options(nanny: Flags, flags: Settings) -> FrontOptions:
    ips = [ip for ips in flags["listen-address"] for ip in ips]
    return FrontOptions(
        listen=tuple(Address(ip, flags["port"]) for ip in ips or ("0.0.0.0", "::")),
        listen_given=bool(ips),
        interfaces=_flat(flags["interface"]),
        except_interfaces=_flat(flags["except-interface"]),
        rules=tuple(flags["rules"]),
        servers_files=tuple(flags["servers-file"]),
        cache=_cache_options(flags),
        local=_local_options(flags),
        hosts=_hosts_options(flags),
        screen=_screen_options(flags),
        resolv_file=None if flags["no-resolv"] else flags["resolv-file"],
        poll_resolv_file=not flags["no-poll"],
        clear_on_reload=flags["clear-on-reload"],
        group_max=flags["dns-forward-max"],
        all_servers=flags["all-servers"],
        strict_order=flags["strict-order"],
        loop_detect=flags["dns-loop-detect"],
        max_tcp_connections=flags["max-tcp-connections"],
        round_robin=not flags["no-round-robin"],
        edns_packet_max=flags["edns-packet-max"],
        no_ident=flags["no-ident"],
        log_facility=flags["log-facility"],
        log_queries=flags["log-queries"] is not None,
        log_extra=flags["log-queries"] == "extra",
        kubedns_server=nanny["kubednsServer"],
        config_dir=nanny["configDir"],
        sync_interval_s=nanny["syncInterval"] or 10.0,
        log_interval_s=nanny["logInterval"],
        lameduck_s=nanny["lameduck"],
        status_address=nanny["statusAddress"] or None,
        workers=nanny["workers"],
        verbosity=nanny["v"],
        log_format=nanny["log-format"],
        ignored_flags=(*nanny.ignored_given, *flags.ignored),
    )


def _cache_options(flags: Settings) -> CacheOptions:
    return CacheOptions(
        records=flags["cache-size"],
        max_cache_ttl_s=flags["max-cache-ttl"],
        min_cache_ttl_s=flags["min-cache-ttl"],
        max_ttl_s=flags["max-ttl"],
        negative=not flags["no-negcache"],
        neg_ttl_s=flags["neg-ttl"],
        max_negative_ttl_s=flags["max-neg-ttl"],
        cluster_negative_ttl_s=min(flags["max-neg-ttl"], _CLUSTER_NEG_TTL_S),
        stale_s=flags["use-stale-cache"] or 0.0,
        prefetch=flags["prefetch"],
    )


def _local_options(flags: Settings) -> LocalOptions:
    return LocalOptions(
        ttl_s=flags["local-ttl"],
        domain_needed=flags["domain-needed"],
        bogus_priv=flags["bogus-priv"],
        round_robin=not flags["no-round-robin"],
    )


def _hosts_options(flags: Settings) -> HostsOptions:
    target = flags["mx-target"] or names.from_text(os.uname().nodename)
    mail = [host.record(target) for host in flags["mx-host"]]
    records = (*_flat(flags["records"]), *mail)
    try:
        check_cnames(records)
    except ValueError as error:
        raise UsageError(f"--cname: {error}") from None
    return HostsOptions(
        files=(*(() if flags["no-hosts"] else (HOSTS_FILE,)), *flags["addn-hosts"]),
        watched=tuple(flags["hostsdir"]),
        suffix=flags["domain"] if flags["expand-hosts"] else None,
        host_records=tuple(flags["host-record"]),
        records=records,
    )


def _screen_options(flags: Settings) -> ScreenOptions:
    filtered = {rtype for types in flags["filter-rr"] for rtype in types}
    filtered.update((A,) if flags["filter-A"] else ())
    filtered.update((AAAA,) if flags["filter-AAAA"] else ())
    return ScreenOptions(
        filtered=frozenset(filtered),
        stop_rebind=flags["stop-dns-rebind"],
        rebind_localhost_ok=flags["rebind-localhost-ok"],
        rebind_domains_ok=_flat(flags["rebind-domain-ok"]),
    )


def _flat(tuples: Iterable[tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple(one for values in tuples for one in values)
