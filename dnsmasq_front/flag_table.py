"""Every flag of dnsmasq 2.90 and what becomes of it here.

A flag works, or is accepted without effect for a reason that `--help` tells, or is refused with
its reason: dnsmasq serves DHCP, TFTP and zones of its own too, and a command line that asks for
those must not seem to have been understood. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dnsmasq_front import flag_values as values
from dnsmasq_front import local_records as records
from dnsmasq_front.flags_refused import REFUSED
from dnsmasq_front.getopt import Takes
from dnsmasq_front.rev_server import parse_rev_server
from dnsmasq_front.routes import parse_address_rule, parse_server


class Verdict(Enum):
    """What becomes of a flag."""

    WORKS = "works"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag."""

    name: str
    short: str
    takes: Takes
    verdict: Verdict
    help: str
    """What it does, or why it does nothing or is refused."""
    parse: Callable[[str], Any] | None = None
    """The value of a text; None: a flag without one is True."""
    default: Any = None
    many: bool = False
    """Whether its values add up; else the last one wins."""
    into: str = ""
    """Where values are put that come from several flags, in order."""


def _on(name: str, short: str, help: str) -> Flag:
    return Flag(name, short, Takes.NOTHING, Verdict.WORKS, help, default=False)


def _value(
    name: str, short: str, default: Any, parse: Callable[[str], Any], help: str, **more: Any
) -> Flag:
    return Flag(name, short, Takes.VALUE, Verdict.WORKS, help, parse, default, **more)


def _maybe(name: str, short: str, parse: Callable[[str], Any], help: str) -> Flag:
    return Flag(name, short, Takes.MAYBE, Verdict.WORKS, help, parse)


def _many(name: str, short: str, parse: Callable[[str], Any], help: str, *, into: str = "") -> Flag:
    flag_into = into or name
    return Flag(name, short, Takes.VALUE, Verdict.WORKS, help, parse, (), many=True, into=flag_into)


def _ignored(
    name: str,
    short: str,
    reason: str,
    takes: Takes = Takes.NOTHING,
    parse: Callable[[str], Any] | None = None,
) -> Flag:
    return Flag(name, short, takes, Verdict.IGNORED, reason, parse)


_whole = values.whole()

_ROUTING = (
    _many("server", "S", parse_server, "[/domain/...]ip[#port]: where to ask", into="rules"),
    _many("local", "", parse_server, "/domain/: never forwarded", into="rules"),
    _many(
        "address",
        "A",
        parse_address_rule,
        "/domain/ip: answered here; /domain/: NXDOMAIN",
        into="rules",
    ),
    _many("rev-server", "", parse_rev_server, "net/length,ip[#port]: reverse names", into="rules"),
    _many("servers-file", "", values.path, "file of server= lines, read again on SIGHUP"),
    _on("no-resolv", "R", "do not ask the servers of resolv.conf"),
    _value("resolv-file", "r", "/etc/resolv.conf", values.path, "its servers answer for the rest"),
    _on("no-poll", "n", "read resolv.conf once"),
    _on("clear-on-reload", "", "empty the cache when the servers of resolv.conf change"),
    _on("strict-order", "o", "ask the servers of a group in the order they were given"),
    _on("all-servers", "", "ask all servers of a group at once"),
    _on("dns-loop-detect", "", "drop a server that sends our own questions back"),
    _value("dns-forward-max", "0", 150, values.whole(1), "outstanding questions per domain"),
)
_CACHE = (
    _value("cache-size", "c", 150, values.cache_records, "records in the cache; 0 is no cache"),
    _on("no-negcache", "N", "do not keep NXDOMAIN and NODATA"),
    _value("neg-ttl", "", 0, _whole, "life of negative answers without SOA, seconds"),
    _value(
        "max-neg-ttl",
        "",
        30,
        values.whole(1),
        "longest life of negative answers, at most 5 for the cluster's names (not in dnsmasq)",
    ),
    _value("max-ttl", "", values.TTL_MAX, values.or_none, "largest TTL shown to clients, seconds"),
    _value("max-cache-ttl", "", values.TTL_MAX, values.or_none, "longest life in the cache"),
    _value(
        "min-cache-ttl",
        "",
        0,
        values.at_most(values.MIN_CACHE_TTL_MAX_S),
        "shortest life in the cache, at most 3600",
    ),
    _maybe("use-stale-cache", "", values.stale_seconds, "[s]: expired answers are given so long"),
    _on("prefetch", "", "ask for popular names before they expire (not in dnsmasq)"),
    _on("no-round-robin", "", "addresses do not take turns"),
)
_LOCAL = (
    _on("no-hosts", "h", "do not read /etc/hosts"),
    _many("addn-hosts", "H", values.path, "a further hosts file, or a directory of them"),
    _many("hostsdir", "", values.path, "directory of hosts files that is watched"),
    _on("expand-hosts", "E", "plain names of hosts files are known with --domain behind, too"),
    _value("domain", "s", None, values.domain, "the domain of --expand-hosts"),
    _value("local-ttl", "T", 0, _whole, "TTL of hosts files and of records from flags"),
    _many("host-record", "", records.parse_host_record, "name[,name],[IPv4],[IPv6][,TTL]"),
    _many("cname", "", records.parse_cname, "alias[,alias],target[,TTL]", into="records"),
    _many("txt-record", "Y", records.parse_txt_record, "name[,text,...]", into="records"),
    _many(
        "srv-host",
        "W",
        records.parse_srv_host,
        "name[,target[,port[,priority[,weight]]]]",
        into="records",
    ),
    _many("ptr-record", "", records.parse_ptr_record, "name[,target]", into="records"),
    _many("mx-host", "m", records.parse_mx_host, "name[[,host],preference]"),
    _value("mx-target", "t", None, values.domain, "the host of --mx-host without one"),
    _on("domain-needed", "D", "plain names are not asked of the servers for everything"),
    _on("bogus-priv", "b", "nor are the names of private addresses"),
    _on("filter-A", "", "clients get no A records of other servers"),
    _on("filter-AAAA", "", "clients get no AAAA records of other servers"),
    _many("filter-rr", "", values.record_types, "type[,type]: nor those"),
    _on("stop-dns-rebind", "", "no private addresses from servers off this machine"),
    _on("rebind-localhost-ok", "", "but those of this machine"),
    _many("rebind-domain-ok", "", records.parse_domain_list, "/domain/...: but those of these"),
)
_SERVING = (
    _value("port", "p", 53, values.port, "UDP and TCP port"),
    _many("listen-address", "a", values.ips, "ip[,ip]: addresses to serve on (all by default)"),
    _many("interface", "i", values.words, "serve on the addresses of these and of loopback"),
    _many("except-interface", "I", values.words, "but not of these"),
    _value("edns-packet-max", "P", 1232, values.edns_size, "largest UDP payload, 512 to 4096"),
    _value("max-tcp-connections", "", 512, values.whole(1), "connections of clients at once"),
    _on("no-ident", "", "do not answer *.bind questions of class CHAOS"),
    _maybe("log-queries", "q", values.log_queries, "[extra]: log each query"),
    _value("log-facility", "8", "-", values.log_facility, "-: stderr; a path: append to that file"),
    _many("conf-file", "C", str, "file of flags without dashes; empty: not /etc/dnsmasq.conf"),
    _many("conf-dir", "7", values.path, "directory[,suffix...] of such files"),
    _on("test", "", "read the flags and files, say whether they can be used, and end"),
    _on("version", "v", "print the version and exit"),
    _on("help", "w", "this text"),
)
_IGNORED = (
    _ignored("keep-in-foreground", "k", "always so"),
    _ignored("no-daemon", "d", "always in the foreground"),
    _ignored("bind-interfaces", "z", "each address has sockets of its own"),
    _ignored("bind-dynamic", "", "addresses are those of the start"),
    _ignored(
        "local-service", "", "who may ask is up to the network", Takes.MAYBE, values.local_service
    ),
    _ignored("localise-queries", "y", "all addresses of a name are given"),
    _ignored("log-async", "", "the log never blocks", Takes.MAYBE, values.queue_length),
    _ignored("log-debug", "", "see -v"),
    _ignored("user", "u", "set the user of the container", Takes.VALUE),
    _ignored("group", "g", "set the group of the container", Takes.VALUE),
    _ignored("pid-file", "x", "nobody needs it in a container", Takes.VALUE),
    _ignored("query-port", "Q", "0 only: ports are random", Takes.VALUE, values.query_port),
    _ignored("min-port", "", "the kernel picks the ports", Takes.VALUE, values.whole(0, 65535)),
    _ignored("max-port", "", "the kernel picks the ports", Takes.VALUE, values.whole(0, 65535)),
    _ignored("port-limit", "", "each try has a port of its own", Takes.VALUE, values.whole(1)),
    _ignored("fast-dns-retry", "", "tries end by themselves", Takes.MAYBE, values.retry_times),
    _ignored("cache-rr", "", "every type is cached", Takes.VALUE, values.record_types),
    _ignored("strip-mac", "", "options of clients are never sent on"),
    _ignored("strip-subnet", "", "options of clients are never sent on"),
    _ignored("do-0x20-encode", "", "decided for each server"),
    _ignored("no-0x20-encode", "", "decided for each server"),
    _ignored("quiet-dhcp", "", "no DHCP here"),
    _ignored("quiet-dhcp6", "", "no DHCP here"),
    _ignored("quiet-ra", "", "no router advertisements here"),
    _ignored("quiet-tftp", "", "no TFTP here"),
)
_REFUSED = tuple(
    Flag(name, short, takes, Verdict.REFUSED, reason) for name, short, takes, reason in REFUSED
)

FLAGS: dict[str, Flag] = {
    flag.name: flag for flag in (*_ROUTING, *_CACHE, *_LOCAL, *_SERVING, *_IGNORED, *_REFUSED)
}
"""By name."""
