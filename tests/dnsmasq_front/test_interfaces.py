"""`--interface` and `--except-interface` choose addresses to serve on."""

from __future__ import annotations

import pytest

from dnscore.lifecycle import StartError
from dnsmasq_front.interfaces import InterfaceAddress, choose_hosts, interface_addresses
from dnsmasq_front.listening import with_interfaces
from tests.dnsmasq_front.test_command_lines import options_of

KNOWN = [
    InterfaceAddress("lo", "127.0.0.1", True),
    InterfaceAddress("lo", "::1", True),
    InterfaceAddress("eth0", "10.0.0.1", False),
    InterfaceAddress("eth0", "fd00::1", False),
    InterfaceAddress("eth1", "10.0.1.1", False),
]
LO = ("127.0.0.1", "::1")


@pytest.mark.parametrize(
    ("wanted", "unwanted", "given", "hosts"),
    [
        (("eth0",), (), (), (*LO, "10.0.0.1", "fd00::1")),  # loopback goes along
        (("eth*",), (), (), (*LO, "10.0.0.1", "fd00::1", "10.0.1.1")),
        (("eth*",), ("eth1",), (), (*LO, "10.0.0.1", "fd00::1")),
        (("eth0",), ("lo",), (), ("10.0.0.1", "fd00::1")),
        ((), ("eth0",), (), (*LO, "10.0.1.1")),
        ((), ("eth0",), ("10.0.1.1",), ("10.0.1.1",)),
        (("eth1",), (), ("10.9.9.9",), ("10.9.9.9", *LO, "10.0.1.1")),
        ((), ("eth0",), ("10.0.0.1", "10.9.9.9"), ("10.9.9.9",)),
    ],
)
def test_chosen(
    wanted: tuple[str, ...],
    unwanted: tuple[str, ...],
    given: tuple[str, ...],
    hosts: tuple[str, ...],
) -> None:
    assert choose_hosts(KNOWN, wanted=wanted, unwanted=unwanted, given=given) == hosts


def test_missing_interface_is_named() -> None:
    with pytest.raises(StartError, match="--interface eth7"):
        choose_hosts(KNOWN, wanted=("eth7",), unwanted=())


def test_nothing_left_is_told() -> None:
    with pytest.raises(StartError, match="--except-interface"):
        choose_hosts(KNOWN, wanted=(), unwanted=("*",))


def test_this_machine_has_loopback() -> None:
    assert InterfaceAddress("lo", "127.0.0.1", True) in interface_addresses()


def test_options_get_addresses_and_keep_the_port() -> None:
    options = with_interfaces(options_of(["--interface=lo", "-p5353"]))
    assert "127.0.0.1:5353" in [str(address) for address in options.listen]
    assert all(address.is_loopback for address in options.listen)
    assert with_interfaces(options_of([])).listen == options_of([]).listen
