"""What is asked: query files for dnsperf, each made by a generator with a seed.

Names lie in the zone that `bench.cluster` builds (services `svcN` in namespaces `nsM`, headless
services of 100 endpoints) or in example.test, which the C responder answers. Pure.
"""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

SEED = 20260101
SERVICES = 1000
NAMESPACES = 20
HEADLESS = 10
ENDPOINTS = 100
PORT_NAME = "pg"
ZONE = "cluster.local"
CHURN_NAMESPACE = "churn"
"""Where names live that no workload asks for."""
OUTSIDE = "example.test"
ZIPF_NAMES = 100_000
ZIPF_CACHE = 10_000


@dataclass(frozen=True, slots=True)
class Workload:
    """A stream of queries and how they are sent."""

    name: str
    about: str
    lines: tuple[str, ...] = field(repr=False)
    """`name type`, as dnsperf reads them; run through again and again."""
    clients: int = 20
    """Client sockets."""
    outstanding: int = 100
    edns: bool = False
    tcp: bool = False
    loads: int = 1
    """Load generators at once."""
    warm_queries: int = 1000
    """Asked before measuring."""


def warming(workload: Workload) -> list[str]:
    """The queries before the first one, as the workload is gone through again and again."""
    count = workload.warm_queries
    rounds = -(-count // len(workload.lines))
    return list(workload.lines * rounds)[-count:]


def service_name(number: int) -> str:
    """The DNS name of service `number`, without the final dot."""
    return f"svc{number}.ns{number % NAMESPACES}.svc.{ZONE}"


def headless_name(number: int) -> str:
    """The DNS name of headless service `number`."""
    return f"db{number}.ns{number % NAMESPACES}.svc.{ZONE}"


def warm_names() -> list[str]:
    """A of each service, in a shuffled order."""
    names = [f"{service_name(n)} A" for n in range(SERVICES)]
    random.Random(SEED).shuffle(names)
    return names


def mixed_case(lines: list[str]) -> list[str]:
    """The same names with random letter case, as 0x20 resolvers and sloppy clients send them."""
    rng = random.Random(SEED + 1)

    def shake(line: str) -> str:
        name, _, rtype = line.partition(" ")
        return "".join(rng.choice((c.lower(), c.upper())) for c in name) + " " + rtype

    return [shake(line) for line in lines]


def zipf(count: int, *, names: int = ZIPF_NAMES, exponent: float = 1.0) -> Iterator[str]:
    """A of outside names, the n-th most popular asked in proportion to 1/n."""
    rng = random.Random(SEED + 2)
    weights = list(itertools.accumulate(1 / (n + 1) ** exponent for n in range(names)))
    for _ in range(count):
        rank = bisect.bisect(weights, rng.random() * weights[-1])
        yield f"host{rank}.{OUTSIDE} A"


def perf_tests_mix() -> list[str]:
    """The 25 queries of kubernetes/perf-tests `all-queries`, over this zone's services.

    Two services in four search-path forms, A and AAAA, an outside name in all its forms, a pod.
    """
    lines: list[str] = []
    for number in (1, 2):
        namespace = f"ns{number % NAMESPACES}"
        for tail in ("", f".{ZONE}", f".svc.{ZONE}", f".{namespace}.svc.{ZONE}"):
            for rtype in ("A", "AAAA"):
                lines.append(f"svc{number}.{namespace}.svc.{ZONE}{tail} {rtype}")
    for tail in (f".ns1.svc.{ZONE}", f".svc.{ZONE}", f".{ZONE}", ""):
        for rtype in ("A", "AAAA"):
            lines.append(f"www.{OUTSIDE}{tail} {rtype}")
    lines.append(f"10-244-1-9.ns1.pod.{ZONE} A")
    return lines


def search_path_storm(count: int) -> list[str]:
    """What ndots:5 makes of outside names: three NXDOMAINs of the zone before the real one."""
    rng = random.Random(SEED + 3)
    lines: list[str] = []
    while len(lines) < count:
        name = f"host{rng.randrange(2000)}.{OUTSIDE}"
        namespace = f"ns{rng.randrange(NAMESPACES)}"
        for tail in (f".{namespace}.svc.{ZONE}", f".svc.{ZONE}", f".{ZONE}"):
            for rtype in ("A", "AAAA"):
                lines.append(f"{name}{tail} {rtype}")
        lines += [f"{name} A", f"{name} AAAA"]
    return lines


def all_workloads() -> dict[str, Workload]:
    """Every workload by name."""
    names = warm_names()
    outside = [f"host{n}.{OUTSIDE} A" for n in range(SERVICES)]
    heads = [headless_name(n) for n in range(HEADLESS)]
    a = tuple(f"{name} A" for name in heads)
    srv = tuple(f"_{PORT_NAME}._tcp.{name} SRV" for name in heads)
    found = [
        Workload("warm-1", "1,000 cluster names, one client socket", tuple(names), clients=1),
        Workload("warm", "1,000 cluster names, 20 client sockets", tuple(names)),
        Workload("warm-1000", "the same, 1,000 client sockets", tuple(names), clients=1000),
        Workload("case", "the same names in mixed letter case", tuple(mixed_case(names))),
        Workload("miss", "1,000 cluster names, no cache on either side", tuple(names)),
        Workload("miss-outside", "1,000 outside names, no cache", tuple(outside)),
        Workload(
            "zipf",
            f"Zipf over {ZIPF_NAMES:,} outside names, {ZIPF_CACHE:,} records of cache",
            tuple(zipf(300_000)),
            warm_queries=60_000,
        ),
        Workload("mix", "the kubernetes perf-tests mix", tuple(perf_tests_mix())),
        Workload(
            "storm",
            "NXDOMAIN storm of search paths",
            tuple(search_path_storm(16_000)),
            warm_queries=16_000,
        ),
        Workload("headless-a", "A of 100 endpoints, EDNS 1232", a, edns=True),
        Workload("headless-srv", "SRV of 100 endpoints, EDNS 1232", srv, edns=True),
        Workload(
            "headless-tcp", "A of 100 endpoints over TCP", a, tcp=True, clients=5, outstanding=20
        ),
        Workload("workers-1", "1,000 names, two load generators, 1 worker", tuple(names), loads=2),
        Workload("workers-2", "1,000 names, two load generators, 2 workers", tuple(names), loads=2),
    ]
    return {workload.name: workload for workload in found}
