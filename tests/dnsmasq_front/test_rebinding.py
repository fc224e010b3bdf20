"""`--stop-dns-rebind`: a name from outside must not point into one's own network."""

from __future__ import annotations

import pytest

from dnscore.wire import names
from tests.dnsmasq_front.pure import PureFront

BLOCKED = 15


def front_with(*flags: str) -> PureFront:
    return PureFront("--stop-dns-rebind", "--cache-size=100", "--server=8.8.8.8", *flags)


def family(address: str) -> str:
    return "AAAA" if ":" in address else "A"


PRIVATE = [
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "127.0.0.1", "0.0.0.0",
    "169.254.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "255.255.255.255", "::", "::1",
    "fd00::1", "fe80::1", "2001:db8::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8", "172.15.255.255", "172.32.0.0", "100.64.0.1", "198.18.0.1", "224.0.0.1",
    "2001:db9::1", "fc00::1", "fec0::1", "ff02::1", "::2", "::ffff:8.8.8.8",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_address_from_outside_is_emptied_told_and_not_kept(address: str) -> None:
    front = front_with()
    client = front.ask(f"Evil.test. {family(address)}", edns=1232)
    front.answer(f"evil.test. 60 IN {family(address)} {address}")
    assert (client.reply.rcode, client.reply.answers) == ("NOERROR", [])
    assert client.reply.errors == [BLOCKED]
    assert [names.to_text(name) for name in front.rebindings] == ["evil.test."]
    assert front.cached(f"evil.test. {family(address)}") is None


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_passes(address: str) -> None:
    front = front_with()
    reply = front.resolve(
        f"good.test. {family(address)}", f"good.test. 60 IN {family(address)} {address}"
    )
    assert len(reply.answers) == 1
    assert not front.rebindings


@pytest.mark.parametrize(
    "answers",
    [
        "evil.test. 60 IN A 8.8.8.8\nevil.test. 60 IN A 10.0.0.1",
        "evil.test. 60 IN CNAME x.test.\nx.test. 60 IN A 10.0.0.1",
    ],
    ids=["mixed", "alias"],
)
def test_one_private_address_is_enough(answers: str) -> None:
    assert front_with().resolve("evil.test. A", answers).answers == []


def test_localhost_ok() -> None:
    front = front_with("--rebind-localhost-ok")
    for address in ("127.0.0.1", "0.0.0.0", "::1", "::"):
        rdtype = family(address)
        name = f"n{len(front.sent)}.test."
        assert front.resolve(f"{name} {rdtype}", f"{name} 60 IN {rdtype} {address}").answers
    assert front.resolve("x.test. A", "x.test. 60 IN A 10.0.0.1").answers == []


def test_domains_that_are_named_pass() -> None:
    front = front_with("--rebind-domain-ok=/corp.test/", "--rebind-domain-ok=other.test")
    for name in ("corp.test.", "x.corp.test.", "other.test."):
        assert front.resolve(f"{name} A", f"{name} 60 IN A 10.0.0.1").answers
    assert front.resolve("xcorp.test. A", "xcorp.test. 60 IN A 10.0.0.1").answers == []


def test_names_of_the_cluster_pass_without_a_flag() -> None:
    # dnsmasq empties every answer of kube-dns unless --rebind-domain-ok names the domain.
    front = front_with("--server=/cluster.local/127.0.0.1#10053")
    name = "svc.ns.svc.cluster.local."
    assert front.resolve(f"{name} A", f"{name} 30 IN A 10.0.0.10").data == ["10.0.0.10"]
    assert front.resolve("evil.test. A", "evil.test. 60 IN A 10.0.0.10").data == []


def test_server_for_everything_on_this_machine_passes_too() -> None:
    front = PureFront("--stop-dns-rebind", "--server=127.0.0.1#10053")  # as in Kubernetes 1.3
    assert front.resolve("svc.ns.svc.x. A", "svc.ns.svc.x. 30 IN A 10.0.0.10").answers


def test_stub_domain_elsewhere_does_not() -> None:
    front = front_with("--server=/corp.test/10.0.0.53")
    assert front.resolve("a.corp.test. A", "a.corp.test. 60 IN A 10.0.0.1").answers == []


def test_without_the_flag_everything_passes() -> None:
    front = PureFront("--server=8.8.8.8")
    assert front.resolve("a.test. A", "a.test. 60 IN A 10.0.0.1").answers


def test_types_without_addresses_pass() -> None:
    front = front_with()
    assert front.resolve("a.test. TXT", 'a.test. 60 IN TXT "10.0.0.1"').answers
