"""A probe of the front is not content with its cache while the server behind it is dead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sidecar.health import Health, ProbeResult
from sidecar.probe import run_probe
from sidecar.probe_spec import ProbeSpec, parse_probe
from sidecar.state import State
from tests.dnsmasq_front.process import FrontProcess
from tests.fakes.dns_server import DnsServer
from tests.waiting import eventually

NAME = "kubernetes.default.svc.cluster.local"
ZONE = f"{NAME}. 300 IN A 10.0.0.1"
SHORT = f"{NAME}. 1 IN A 10.0.0.1"


@pytest.fixture
def kubedns() -> Iterator[DnsServer]:
    with DnsServer(ZONE) as server:
        yield server


def front_of(kubedns: DnsServer, *flags: str) -> FrontProcess:
    server = f"--server=/cluster.local/{kubedns.host}#{kubedns.port}"
    return FrontProcess("--no-resolv", server, *flags)


def spec(label: str, port: int) -> ProbeSpec:
    return parse_probe(f"{label},127.0.0.1:{port},{NAME},1,A")


def probed(front: FrontProcess) -> ProbeResult:
    return run_probe(spec("dnsmasq", front.port), retries=1)


@pytest.mark.parametrize(
    ("zone", "flags"),
    [(ZONE, []), (SHORT, ["--use-stale-cache"])],
    ids=["within the TTL", "use-stale-cache"],
)
def test_a_cache_that_answers_for_a_dead_server_fails_and_both_facts_are_told(
    kubedns: DnsServer, zone: str, flags: list[str]
) -> None:
    kubedns.set_zone(zone)
    with front_of(kubedns, *flags) as front:
        assert probed(front).ok
        kubedns.stop()
        failed = eventually(lambda: (result := probed(front)).stale and result)
        assert failed
        assert (failed.ok, failed.answered, failed.stale) == (False, True, True)
        assert front.addresses(NAME) == ["10.0.0.1"]  # clients are served all the same


def test_a_front_without_a_cache_is_seen_to_live(kubedns: DnsServer) -> None:
    with front_of(kubedns, "--cache-size=0") as front:
        assert probed(front).ok
        kubedns.stop()
        failed = eventually(lambda: not (result := probed(front)).ok and result)
        assert failed
        assert (failed.answered, failed.stale) == (True, False)


def test_a_cache_that_has_its_server_again_is_well_again(kubedns: DnsServer) -> None:
    with front_of(kubedns) as front:
        assert probed(front).ok
        kubedns.stop()
        eventually(lambda: probed(front).stale)
        with DnsServer(ZONE, port=kubedns.port):
            eventually(lambda: probed(front).ok)


def test_the_two_probes_of_the_pod_tell_who_is_dead(kubedns: DnsServer) -> None:
    with front_of(kubedns) as front:
        specs = [spec("kubedns", kubedns.port), spec("dnsmasq", front.port)]
        state = State(specs, tries=2)

        def facts() -> dict[str, tuple[bool, bool, bool]]:
            for one in specs:
                state.record_probe(one.label, run_probe(one, retries=1))
            healths: dict[str, Health | None] = {
                one.label: state.health(one.label) for one in specs
            }
            return {k: (h.ok, h.answered, h.stale) for k, h in healths.items() if h}

        assert facts() == {"kubedns": (True, True, False), "dnsmasq": (True, True, False)}
        kubedns.stop()
        dead = {"kubedns": (False, False, False), "dnsmasq": (False, True, True)}
        eventually(lambda: facts() == dead)
