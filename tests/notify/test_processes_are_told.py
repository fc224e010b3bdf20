"""Real processes: what a front has in its cache goes when it changes in the API.

Every wait here is shorter than the lives of what is kept, so none can be over by itself.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest

from dnscore.wire import names
from dnscore.wire.const import ANY, REFUSED, SOA
from kubedns.notify import notify_message
from tests.dnsmasq_front.process import FrontProcess
from tests.notify.rig import NAMESPACE, Rig, name_of, until
from tests.ports import HOST

WORKERS = (1, 2)
ZONE = names.from_text("cluster.local.")
DOMAIN = f"{NAMESPACE}.svc.cluster.local."


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """A front with one process and one with two, told by the same kubedns."""
    with Rig(*WORKERS) as running:
        yield running


def test_new_service_is_seen_behind_its_nxdomain(rig: Rig) -> None:
    question = name_of("new")
    assert all(front.ask(question).rcode == "NXDOMAIN" for front in rig.fronts)
    rig.keep(question)
    rig.service("new", "10.96.1.1")
    rig.until_all(question, ["10.96.1.1"])


def test_pod_of_a_headless_service_is_seen_behind_its_nxdomain(rig: Rig) -> None:
    question = name_of("db", pod="db-0")
    rig.service("db", "None")
    rig.keep(question)
    rig.pods("db", {"db-0": "10.244.1.1"})
    rig.until_all(question, ["10.244.1.1"])


def test_deleted_service_is_gone_and_comes_again_elsewhere(rig: Rig) -> None:
    question = name_of("moved")
    rig.service("moved", "10.96.1.2")
    rig.until_all(question, ["10.96.1.2"])
    rig.keep(question)
    rig.no_service("moved")
    rig.until_all(question, [])
    rig.keep(question)
    rig.service("moved", "10.96.1.3")
    rig.until_all(question, ["10.96.1.3"])


def test_alias_is_gone_when_it_leads_elsewhere(rig: Rig) -> None:
    question, targets = name_of("alias"), [f"blue.{DOMAIN}", f"green.{DOMAIN}"]
    for target, address in (("blue", "10.96.1.5"), ("green", "10.96.1.6")):
        rig.service(target, address)
    rig.alias("alias", targets[0])
    rig.until_all(question, [targets[0], "10.96.1.5"])
    rig.keep(question)
    rig.alias("alias", targets[1])
    rig.until_all(question, [targets[1], "10.96.1.6"])


def test_alias_is_gone_when_what_it_leads_to_has_moved(rig: Rig) -> None:
    question, target = name_of("through"), f"under.{DOMAIN}"
    rig.service("under", "10.96.1.7")
    rig.alias("through", target)
    rig.until_all(question, [target, "10.96.1.7"])
    rig.keep(question)
    rig.no_service("under")
    rig.service("under", "10.96.1.8")
    rig.until_all(question, [target, "10.96.1.8"])


def test_pod_that_is_not_ready_is_gone_until_it_is(rig: Rig) -> None:
    question = name_of("set", pod="set-0")
    rig.service("set", "None")
    for ready, data in ((True, ["10.244.1.2"]), (False, []), (True, ["10.244.1.2"])):
        rig.pods("set", {"set-0": "10.244.1.2"}, ready=ready)
        rig.until_all(question, data)
        rig.keep(question)


def test_reverse_name_leads_to_who_has_the_address_now(rig: Rig) -> None:
    question = "9.1.96.10.in-addr.arpa. PTR"
    for name in ("first", "second"):
        rig.service(name, "10.96.1.9")
        rig.until_all(question, [f"{name}.{DOMAIN}"])
        rig.keep(question)
        rig.no_service(name)
        rig.until_all(question, [])


def test_both_sides_count(rig: Rig) -> None:
    (front, *_) = rig.fronts
    before = front.counter("notifies"), front.counter("dropped"), _acknowledged(rig, front)
    rig.keep(name_of("counted"), front)
    rig.service("counted", "10.96.1.4")
    until(lambda: front.counter("notifies") > before[0], "not counted")
    until(lambda: front.counter("dropped") > before[1], "not counted")
    until(lambda: _acknowledged(rig, front) > before[2], "not counted")


def _acknowledged(rig: Rig, front: FrontProcess) -> int:
    page = rig.kubedns.get("/metrics", rig.kubedns.metrics_port).text
    family = "kubedns_notify_acknowledged_total"
    found = re.search(rf'^{family}{{target="{HOST}:{front.port}"}} ([\d.]+)', page, re.M)
    assert found is not None
    return int(float(found[1]))


@pytest.mark.parametrize("at", range(len(WORKERS)), ids=["one", "workers"])
def test_forged_notify_drops_nothing(rig: Rig, at: int) -> None:
    front, question = rig.fronts[at], "kubernetes.default.svc.cluster.local. A"
    rig.keep(question, front)
    before = {name: front.counter(name) for name in ("dropped", "told")}
    refused = front.counter("notifies-refused")
    forged = 16
    for number in range(forged):
        serial = 0xFFFF0000 + number
        for qtype in (ANY, SOA):
            assert _notify(front, ZONE, qtype, serial=serial) == REFUSED
    until(lambda: front.counter("notifies-refused") == refused + 2 * forged, "not counted")
    assert {name: front.counter(name) for name in before} == before
    rig.keep(question, front)


def _notify(front: FrontProcess, name: bytes, qtype: int, *, serial: int) -> int:
    """The rcode of the answer to a NOTIFY from a port of nobody's."""
    wire = notify_message(b"\x0f\x0e", name, qtype, serial=serial, zone=ZONE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forger:
        forger.settimeout(5)
        forger.connect((HOST, front.port))
        forger.send(wire)
        response = forger.recv(512)
    assert response[:2] == wire[:2]
    return response[3] & 15
