"""A port that cannot be had: one line that names protocol, address and the flag to change."""

from __future__ import annotations

import resource
from collections.abc import Callable

import pytest

from dnscore.lifecycle import StartError
from dnscore.net.address import Address
from dnscore.net.tcp import bind_tcp
from dnscore.net.udp import bind_udp

BINDS = [("UDP", bind_udp), ("TCP", bind_tcp)]


@pytest.mark.parametrize(("protocol", "bind"), BINDS)
@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0.0.0.0", "::"])
def test_port_in_use(protocol: str, bind: Callable[..., object], host: str) -> None:
    first = bind_udp if protocol == "UDP" else bind_tcp
    with first(Address(host, 0), flag="--dns-port") as sock:
        address = Address(*sock.getsockname()[:2])
        with pytest.raises(StartError) as caught:
            bind(address, flag="--dns-port")
    assert str(caught.value) == (
        f"cannot listen on {protocol} {address}: Address already in use; "
        "choose another with --dns-port"
    )


@pytest.mark.parametrize(("protocol", "bind"), BINDS)
@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_address_that_is_not_ours(protocol: str, bind: Callable[..., object], host: str) -> None:
    with pytest.raises(StartError, match=f"cannot listen on {protocol} .*--listen-address"):
        bind(Address(host, 5353), flag="--listen-address")


@pytest.mark.parametrize(("protocol", "bind"), BINDS)
def test_no_socket_at_all(protocol: str, bind: Callable[..., object]) -> None:
    # What a machine without IPv6 says of `::`, made here by running out of descriptors.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        with pytest.raises(StartError, match=f"cannot listen on {protocol} .*Too many open files"):
            bind(Address("::", 5353), flag="--listen-address")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(("protocol", "bind"), BINDS)
def test_port_may_be_shared_when_asked(protocol: str, bind: Callable[..., object]) -> None:
    first = bind_udp if protocol == "UDP" else bind_tcp
    with first(Address("127.0.0.1", 0), flag="--x", reuse_port=True) as one:
        address = Address(*one.getsockname()[:2])
        with first(address, flag="--x", reuse_port=True):
            pass
