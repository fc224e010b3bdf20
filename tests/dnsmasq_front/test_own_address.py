"""A server that is this very front is not asked: it would be asked its own questions for ever."""

from __future__ import annotations

import socket

import pytest

from dnscore.net.address import Address
from dnsmasq_front.cli import parse_options
from dnsmasq_front.named_servers import NamedServers
from dnsmasq_front.options import FrontOptions
from dnsmasq_front.own_host import is_own_host
from dnsmasq_front.upstreams import Upstreams

POD = "10.244.1.7"


def servers(*flags: str) -> list[Address]:
    """Whom a front in a pod with the address POD asks."""
    options = parse_options(["-configDir=/nowhere", "--no-resolv", *flags])
    assert isinstance(options, FrontOptions)
    named = NamedServers(lambda host, on_found: None)
    own = Upstreams(options, named, use=lambda routes: None, is_own=lambda host: host == POD)
    default = own.routes().default
    return list(default.servers) if default else []


@pytest.mark.parametrize(
    ("flags", "is_asked"),
    [
        ((), False),  # All addresses are listened on.
        (("--listen-address=0.0.0.0",), False),
        ((f"--listen-address={POD}",), False),
        (("--listen-address=127.0.0.1",), True),
        (("--port=5353",), True),
    ],
)
def test_address_of_the_pod(flags: tuple[str, ...], is_asked: bool) -> None:
    expected = [POD, "8.8.8.8"] if is_asked else ["8.8.8.8"]
    asked = servers(*flags, f"--server={POD}", "--server=8.8.8.8")
    assert [server.host for server in asked] == expected


def test_other_port_of_the_pod_is_another_server() -> None:
    assert servers(f"--server={POD}#5353") == [Address(POD, 5353)]


@pytest.mark.parametrize("nobody", ["0.0.0.0", "::"])
def test_unspecified_address_is_nobody(nobody: str) -> None:
    assert servers(f"--server={nobody}#5353") == []


def test_addresses_of_this_machine_are_known() -> None:
    assert is_own_host("127.0.0.1")
    own = socket.gethostbyname(socket.gethostname())
    assert is_own_host(own) or own.startswith("127.")


@pytest.mark.parametrize("host", ["192.0.2.1", "198.51.100.1", "2001:db8::1", "127.0.0.66"])
def test_other_addresses_are_not(host: str) -> None:
    assert not is_own_host(host)
