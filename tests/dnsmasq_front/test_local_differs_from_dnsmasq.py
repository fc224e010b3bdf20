"""Where local data is something else than in dnsmasq 2.90, on purpose; each with its reason."""

from __future__ import annotations

import pytest

from tests.dnsmasq_front.messages import query_wire
from tests.dnsmasq_front.real_dnsmasq import ask_at
from tests.dnsmasq_front.test_differs_from_dnsmasq import both
from tests.fakes.dns_server import DnsServer

pytestmark = pytest.mark.needs_dnsmasq

ZONE = """\
host.test. 300 IN A 10.0.0.1
host.test. 300 IN AAAA fd00::1
real.test. 300 IN A 10.0.0.1
real.test. 300 IN AAAA fd00::1
"""


def data(ports: tuple[int, int], question: str) -> list[list[str]]:
    """What both say."""
    return [ask_at(port, query_wire(question, edns=1232)).data for port in ports]


def test_address_of_the_other_family_does_not_come_from_outside() -> None:
    # dnsmasq forwards the AAAA of a name that a hosts file gives an A only: clients that prefer
    # IPv6 go where the file was to keep them from.
    flags = ("--host-record=host.test,10.9.9.9",)
    with DnsServer(ZONE) as server, both(server, flags=flags) as ports:
        assert data(ports, "host.test. AAAA") == [[], ["fd00::1"]]
        assert server.count("host.test.") == 1


def test_names_above_a_known_private_address_exist() -> None:  # RFC 8020 2
    flags = ("--bogus-priv", "--host-record=host.test,10.9.9.9")
    with DnsServer(ZONE) as server, both(server, flags=flags) as ports:
        rcodes = [ask_at(port, query_wire("9.10.in-addr.arpa. PTR")).rcode for port in ports]
        assert rcodes == ["NOERROR", "NXDOMAIN"]


def test_servers_of_this_machine_may_give_private_addresses() -> None:
    # dnsmasq empties every answer of kube-dns: --stop-dns-rebind is of no use in a pod.
    with DnsServer(ZONE) as server, both(server, flags=("--stop-dns-rebind",)) as ports:
        assert data(ports, "real.test. A") == [["10.0.0.1"], []]


def test_filtered_record_leaves_no_trace_in_an_answer_from_the_cache() -> None:
    # dnsmasq keeps what it filters and says so each time; here the rest alone is kept.
    with DnsServer(ZONE) as server, both(server, flags=("--filter-AAAA",)) as ports:
        wire = query_wire("real.test. AAAA", edns=1232)
        for port in ports:
            assert ask_at(port, wire).errors == [17]
        assert [ask_at(port, wire).errors for port in ports] == [[], [17]]
