"""Whose NOTIFY is believed: that of a server of a domain, about the domain and what is above it."""

from __future__ import annotations

from dnscore.net.address import Address
from dnscore.wire import names
from dnscore.wire.const import SOA
from tests.dnsmasq_front.pure import PureFront
from tests.notify.front import KUBEDNS, ZONE, From, ToldFront

WEB = "web.shop.svc.cluster.local."
REMOTE = Address("10.96.0.10", 10053)
REVERSE = "1.0.0.10.in-addr.arpa."


class OtherFront(ToldFront):
    """A ToldFront with nothing but these flags."""

    def __init__(self, *flags: str) -> None:
        PureFront.__init__(self, *flags, "--cache-size=1000")
        self.serial = 1


def keeps(front: ToldFront, question: str, answer: str) -> None:
    front.resolve(question, answer)
    assert front.known(question)


def test_server_on_another_machine_has_its_names_dropped() -> None:
    front = OtherFront(f"--server=/cluster.local/{REMOTE.host}#{REMOTE.port}")
    keeps(front, f"{WEB} A", f"{WEB} 30 IN A 10.0.0.1")
    assert front.notify(WEB, source=REMOTE) == "NOERROR"
    assert front.known(f"{WEB} A") is None


def test_serial_of_a_server_on_another_machine_that_we_were_not_told_of_drops_everything() -> None:
    front = OtherFront(f"--server=/cluster.local/{REMOTE.host}#{REMOTE.port}")
    keeps(front, f"{WEB} A", f"{WEB} 30 IN A 10.0.0.1")
    assert front.sign_of_life(source=REMOTE) == "NOERROR"
    assert front.known(f"{WEB} A") is None
    keeps(front, f"{WEB} A", f"{WEB} 30 IN A 10.0.0.1")
    assert front.sign_of_life(source=REMOTE, serial=99) == "NOERROR"
    assert front.known(f"{WEB} A") is None


def test_server_of_a_stub_domain_says_nothing_about_the_cluster_with_a_zone_above_both() -> None:
    """Its SOA for the root dropped every answer, and so could anyone under its address."""
    front = OtherFront(
        f"--server=/cluster.local/127.0.0.1#{KUBEDNS.port}", "--server=/corp.test/10.0.0.9"
    )
    keeps(front, f"{WEB} A", f"{WEB} 30 IN A 10.0.0.1")
    keeps(front, "a.corp.test. A", "a.corp.test. 30 IN A 10.1.0.1")
    stub = Address("10.0.0.9", 53)
    assert front.notify(".", SOA, source=stub) == "NOERROR"
    assert front.known(f"{WEB} A")
    assert front.known("a.corp.test. A") is None


def test_everything_that_is_told_is_what_we_ask_about_and_no_more() -> None:
    """kubedns names the whole reverse zone where we ask it about a part."""
    kubedns, other = f"127.0.0.1#{KUBEDNS.port}", "10.0.0.53"
    front = OtherFront(
        f"--server=/cluster.local/{kubedns}",
        f"--server=/0.10.in-addr.arpa/{kubedns}",
        f"--server=/168.192.in-addr.arpa/{other}",
    )
    elsewhere = "1.0.168.192.in-addr.arpa."
    keeps(front, f"{REVERSE} PTR", f"{REVERSE} 30 IN PTR {WEB}")
    keeps(front, f"{elsewhere} PTR", f"{elsewhere} 30 IN PTR host.test.")
    assert front.notify("in-addr.arpa.") == "NOERROR"
    assert front.known(f"{REVERSE} PTR") is None
    assert front.known(f"{elsewhere} PTR")


def test_zone_of_which_we_ask_about_a_part_gives_signs_of_life() -> None:
    front = OtherFront("--server=/svc.cluster.local/127.0.0.1#10053").told()
    front.resolve(f"{WEB} A", f"{WEB} 30 IN A 10.0.0.1")
    front.live(10)
    front.new_epoch()
    assert front.known(f"{WEB} A")
    assert front.notify(ZONE) == "NOERROR"
    assert front.known(f"{WEB} A") is None


def test_server_of_everything_else_is_not_believed() -> None:
    """What came from there is not found by its names, so we must not say that it was dropped."""
    front = OtherFront("--server=127.0.0.1#10053")
    keeps(front, f"{WEB} A", f"{WEB} 30 IN A 10.0.0.1")
    assert front.notify(WEB) == "REFUSED"
    assert front.sign_of_life() == "REFUSED"
    assert front.known(f"{WEB} A")


def test_notify_without_a_name_of_ours_is_refused() -> None:
    front = OtherFront("--server=/cluster.local/127.0.0.1#10053")
    assert front.notify("svc.other.local.") == "REFUSED"
    assert front.server.handle(b"\x12\x34\x20\x00" + bytes(8), None, From(KUBEDNS)) is not None
    assert names.from_text(ZONE)
