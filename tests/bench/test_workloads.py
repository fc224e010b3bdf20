"""The queries: the same from the same seed, and of the shape that each workload claims."""

from __future__ import annotations

from collections import Counter

import pytest

from bench import workloads
from bench.cluster import objects
from bench.workloads import all_workloads, warming

Lines = tuple[str, ...]


@pytest.fixture(scope="module")
def lines() -> dict[str, Lines]:
    return {name: workload.lines for name, workload in all_workloads().items()}


def test_the_seed_gives_the_same_queries_again(lines: dict[str, Lines]) -> None:
    assert {name: workload.lines for name, workload in all_workloads().items()} == lines


def test_every_line_is_a_name_and_a_type(lines: dict[str, Lines]) -> None:
    for name, found in lines.items():
        for line in found[:20_000]:
            host, rtype = line.split(" ")
            assert rtype in ("A", "AAAA", "SRV"), (name, line)
            assert not host.endswith(".") and len(host) < 254, (name, line)


def test_warm_asks_each_of_1000_services_once(lines: dict[str, Lines]) -> None:
    assert len(lines["warm"]) == len(set(lines["warm"])) == 1000
    assert list(lines["warm"]) != sorted(lines["warm"])


def test_client_sockets_are_1_20_and_1000() -> None:
    work = all_workloads()
    assert [work[name].clients for name in ("warm-1", "warm", "warm-1000")] == [1, 20, 1000]
    assert work["warm-1"].lines == work["warm"].lines == work["warm-1000"].lines


def test_mixed_case_is_the_same_names_in_other_letters(lines: dict[str, Lines]) -> None:
    assert [line.lower() for line in lines["case"]] == [line.lower() for line in lines["warm"]]
    changed = sum(a != b for a, b in zip(lines["case"], lines["warm"], strict=True))
    assert changed > 990


def test_the_perf_tests_mix_has_25_queries(lines: dict[str, Lines]) -> None:
    assert len(lines["mix"]) == len(set(lines["mix"])) == 25
    kinds = Counter(line.split()[1] for line in lines["mix"])
    assert kinds == {"A": 13, "AAAA": 12}
    assert sum("pod" in line.split(".") for line in lines["mix"]) == 1


def test_a_storm_asks_three_names_that_are_not_there_before_each_that_is(
    lines: dict[str, Lines],
) -> None:
    asked = lines["storm"]
    in_zone = sum(line.split()[0].endswith(".cluster.local") for line in asked)
    assert in_zone == len(asked) * 3 // 4
    assert len(asked) % 8 == 0


def test_headless_workloads_ask_for_the_services_of_100_endpoints(lines: dict[str, Lines]) -> None:
    slices = [o for o in objects() if o["kind"] == "EndpointSlice"]
    big = {
        o["metadata"]["name"].removesuffix("-1"): o for o in slices if len(o["endpoints"]) == 100
    }
    assert {line.split(".")[0] for line in lines["headless-a"]} == set(big)
    assert {line.split(".")[2] for line in lines["headless-srv"]} == set(big)
    port = f"_{next(iter(big.values()))['ports'][0]['name']}"
    assert {line.split(".")[0] for line in lines["headless-srv"]} == {port}


def test_no_workload_asks_for_names_that_change(lines: dict[str, Lines]) -> None:
    assert not [line for found in lines.values() for line in found if "churn" in line]


def test_zipf_is_zipf() -> None:
    count = 200_000
    seen = Counter(line.split(".")[0] for line in workloads.zipf(count))
    harmonic = sum(1 / n for n in range(1, workloads.ZIPF_NAMES + 1))
    for rank in (0, 1, 9, 99):
        expected = count / harmonic / (rank + 1)
        assert seen[f"host{rank}"] == pytest.approx(expected, rel=5 / expected**0.5)
    # More names than the cache holds, or it would not be tested.
    assert len(seen) > 2 * workloads.ZIPF_CACHE


def test_warming_ends_where_the_workload_begins_again() -> None:
    for name, workload in all_workloads().items():
        asked = warming(workload)
        assert len(asked) == workload.warm_queries, name
        assert asked[-1] == workload.lines[-1], name
        whole = workload.lines * (len(asked) // len(workload.lines) + 1)
        assert tuple(asked) == whole[-len(asked) :], name
