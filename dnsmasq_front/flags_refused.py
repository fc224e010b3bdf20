"""The flags of dnsmasq that are refused, and why. Pure."""

from __future__ import annotations

from dnsmasq_front.getopt import Takes

_N, _V, _M = Takes.NOTHING, Takes.VALUE, Takes.MAYBE
_DHCP = "no DHCP is served here"
_RA = "no router advertisements are sent here"
_TFTP = "no TFTP is served here"
_AUTH = "no zone is served here, only other servers' answers and single names"
_DNSSEC = "signatures are not checked here; clients that set CD and DO can do so"
_TELLS = "nothing is told to other servers of the clients that ask"
_MARKS = "names and connections are not marked for a packet filter here"
_REWRITES = "answers are not rewritten here"
_BUS = "there is no message bus in a container"
_RUNS = "no program is run here"

REFUSED: tuple[tuple[str, str, Takes, str], ...] = (
    *(
        (name, short, takes, _DHCP)
        for name, short, takes in (
            ("dhcp-range", "F", _V),
            ("dhcp-host", "G", _V),
            ("dhcp-hostsfile", "", _V),
            ("dhcp-optsfile", "", _V),
            ("dhcp-hostsdir", "", _V),
            ("dhcp-optsdir", "", _V),
            ("tag-if", "", _V),
            ("dhcp-userclass", "j", _V),
            ("dhcp-circuitid", "", _V),
            ("dhcp-remoteid", "", _V),
            ("dhcp-subscrid", "", _V),
            ("dhcp-pxe-vendor", "", _V),
            ("dhcp-ignore", "J", _V),
            ("dhcp-broadcast", "", _M),
            ("dhcp-authoritative", "K", _N),
            ("dhcp-leasefile", "l", _V),
            ("dhcp-boot", "M", _V),
            ("dhcp-option", "O", _V),
            ("dhcp-option-force", "", _V),
            ("dhcp-vendorclass", "U", _V),
            ("dhcp-lease-max", "X", _V),
            ("read-ethers", "Z", _N),
            ("no-dhcp-interface", "2", _V),
            ("no-dhcpv4-interface", "", _V),
            ("no-dhcpv6-interface", "", _V),
            ("bootp-dynamic", "3", _M),
            ("dhcp-mac", "4", _V),
            ("bridge-interface", "", _V),
            ("shared-network", "", _V),
            ("no-ping", "5", _N),
            ("dhcp-script", "6", _V),
            ("dhcp-luascript", "", _V),
            ("dhcp-scriptuser", "", _V),
            ("script-arp", "", _N),
            ("script-on-renewal", "", _N),
            ("leasefile-ro", "9", _N),
            ("dhcp-ignore-names", "", _M),
            ("dhcp-no-override", "", _N),
            ("log-dhcp", "", _N),
            ("dhcp-match", "", _V),
            ("dhcp-name-match", "", _V),
            ("dhcp-alternate-port", "", _M),
            ("dhcp-fqdn", "", _N),
            ("dhcp-generate-names", "", _M),
            ("dhcp-proxy", "", _M),
            ("dhcp-relay", "", _V),
            ("pxe-prompt", "", _V),
            ("pxe-service", "", _V),
            ("dhcp-sequential-ip", "", _N),
            ("dhcp-ignore-clid", "", _N),
            ("dhcp-client-update", "", _N),
            ("dhcp-duid", "", _V),
            ("dhcp-ttl", "", _V),
            ("dhcp-reply-delay", "", _V),
            ("dhcp-rapid-commit", "", _N),
        )
    ),
    ("enable-ra", "", _N, _RA),
    ("ra-param", "", _V, _RA),
    *(
        (name, "", takes, _TFTP)
        for name, takes in (
            ("enable-tftp", _M),
            ("tftp-root", _V),
            ("tftp-unique-root", _M),
            ("tftp-secure", _N),
            ("tftp-no-fail", _N),
            ("tftp-max", _V),
            ("tftp-mtu", _V),
            ("tftp-no-blocksize", _N),
            ("tftp-lowercase", _N),
            ("tftp-port-range", _V),
            ("tftp-single-port", _N),
        )
    ),
    *(
        (f"auth-{name}", "", _V, _AUTH)
        for name in ("server", "zone", "ttl", "soa", "sec-servers", "peer")
    ),
    ("naptr-record", "", _V, "records of this type are not made here"),
    ("caa-record", "", _V, "records of this type are not made here"),
    ("dns-rr", "", _V, "records of any type are not made here; see --txt-record and its like"),
    ("interface-name", "", _V, "addresses of interfaces are not published here"),
    ("dynamic-host", "", _V, "addresses of interfaces are not published here"),
    ("synth-domain", "", _V, "names are not made of addresses here; see --host-record"),
    ("selfmx", "e", _N, "use --mx-host"),
    ("localmx", "L", _N, "use --mx-host"),
    ("filterwin2k", "f", _N, "it would hide SRV records, which name the ports of services"),
    ("dnssec", "", _N, _DNSSEC),
    ("trust-anchor", "", _V, _DNSSEC),
    ("dnssec-debug", "", _N, _DNSSEC),
    ("dnssec-check-unsigned", "", _M, _DNSSEC),
    ("dnssec-no-timecheck", "", _N, _DNSSEC),
    ("dnssec-timestamp", "", _V, _DNSSEC),
    ("dnssec-limits", "", _V, _DNSSEC),
    ("proxy-dnssec", "", _N, "AD of other servers cannot be trusted over plain DNS (RFC 6840 5.8)"),
    ("add-mac", "", _M, _TELLS),
    ("add-subnet", "", _M, _TELLS),
    ("add-cpe-id", "", _V, _TELLS),
    ("umbrella", "", _M, _TELLS),
    ("conntrack", "", _N, _MARKS),
    ("connmark-allowlist-enable", "", _M, _MARKS),
    ("connmark-allowlist", "", _V, _MARKS),
    ("ipset", "", _V, _MARKS),
    ("nftset", "", _V, _MARKS),
    ("alias", "V", _V, _REWRITES),
    ("bogus-nxdomain", "B", _V, _REWRITES),
    ("ignore-address", "", _V, _REWRITES),
    ("enable-dbus", "1", _M, _BUS),
    ("enable-ubus", "", _M, _BUS),
    ("conf-script", "", _V, _RUNS),
    ("dumpfile", "", _V, "capture packets with tcpdump"),
    ("dumpmask", "", _V, "capture packets with tcpdump"),
)
"""Name, short form, value and reason of each."""
