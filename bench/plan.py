"""Which servers are put under which workload, in the full run and in the quick one. Pure."""

from __future__ import annotations

from bench.measure import Case
from bench.peers import DNSMASQ, FLOOR, KUBEDNS, OURS, UNBOUND
from bench.workloads import ZIPF_CACHE, all_workloads

FORWARDERS = (OURS, DNSMASQ, UNBOUND)


def full(extra: list[str]) -> list[Case]:
    """Every case of one round; `extra` are peers given by path."""
    work = all_workloads()
    cases = []
    for name in ("warm", "warm-1", "warm-1000", "case", "mix", "storm"):
        for peer in (*FORWARDERS, *extra):
            cases.append(Case(peer, work[name]))
    for name in ("headless-a", "headless-srv", "headless-tcp"):
        for peer in (*FORWARDERS, KUBEDNS):
            # dnsperf prints no latencies of single queries over TCP that are worth sorting.
            cases.append(Case(peer, work[name], latency=name != "headless-tcp"))
    for peer in FORWARDERS:
        cases.append(Case(peer, work["zipf"], cache=ZIPF_CACHE))
    for name in ("miss", "miss-outside"):
        for peer in (OURS, DNSMASQ):
            cases.append(Case(peer, work[name], cache=0))
    for name in ("warm", "warm-1", "warm-1000"):
        cases.append(Case(FLOOR, work[name]))
    cases.append(Case(KUBEDNS, work["warm"]))
    return cases


def quick() -> list[Case]:
    """The headline ratios only."""
    work = all_workloads()
    return [
        *(Case(peer, work["warm"], latency=False) for peer in (OURS, DNSMASQ, FLOOR, KUBEDNS)),
        *(Case(peer, work["miss"], cache=0, latency=False) for peer in (OURS, DNSMASQ)),
        *(Case(peer, work["zipf"], cache=ZIPF_CACHE, latency=False) for peer in (OURS, DNSMASQ)),
        Case(KUBEDNS, work["headless-a"], latency=False),
    ]
