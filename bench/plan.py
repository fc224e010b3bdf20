"""Which servers are put under which workload, in the full run and in the quick one. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bench.measure import Case
from bench.peers import DNSMASQ, FLOOR, KUBEDNS, OURS, UNBOUND
from bench.workloads import ZIPF_CACHE, all_workloads

FORWARDERS = (OURS, DNSMASQ, UNBOUND)


def full(custom: Mapping[str, str]) -> list[Case]:
    """Every case of one round; `custom` are the peers given by command."""
    work = all_workloads()
    cases = []
    for name in ("warm", "warm-1", "warm-1000", "case", "mix", "storm"):
        cases += [Case(peer, work[name]) for peer in (*FORWARDERS, *custom)]
    for name in ("headless-a", "headless-srv", "headless-tcp"):
        for peer in (*FORWARDERS, KUBEDNS, *custom):
            # Latencies are measured over UDP.
            cases.append(Case(peer, work[name], latency=name != "headless-tcp"))
    sized = [peer for peer, words in custom.items() if "{cache}" in words]
    cases += [Case(peer, work["zipf"], cache=ZIPF_CACHE) for peer in (*FORWARDERS, *sized)]
    for name in ("miss", "miss-outside"):
        cases += [Case(peer, work[name], cache=0) for peer in (OURS, DNSMASQ, *sized)]
    cases += [Case(FLOOR, work[name]) for name in ("warm", "warm-1", "warm-1000")]
    cases.append(Case(KUBEDNS, work["warm"]))
    for count in (1, 2):
        cases.append(Case(OURS, work[f"workers-{count}"], workers=count, latency=False))
    return cases


def quick(custom: Mapping[str, str]) -> list[Case]:
    """The headline ratios only."""
    work = all_workloads()
    servers = (OURS, DNSMASQ, FLOOR, KUBEDNS, *custom)
    return [
        *(Case(peer, work["warm"], latency=peer in (OURS, DNSMASQ)) for peer in servers),
        *(Case(peer, work["miss"], cache=0, latency=False) for peer in (OURS, DNSMASQ)),
        *(Case(peer, work["zipf"], cache=ZIPF_CACHE, latency=False) for peer in (OURS, DNSMASQ)),
        Case(KUBEDNS, work["headless-a"], latency=False),
    ]
