"""BENCH_PEERS: servers of others, by command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import plan
from bench.peers import custom_peers, missing, reads_cluster


def test_several_peers_with_semicolons_between() -> None:
    found = custom_peers(" coredns = run-coredns -p {port} ; go=x --kube={kubeconfig} {port};")
    assert found == {"coredns": "run-coredns -p {port}", "go": "x --kube={kubeconfig} {port}"}
    assert reads_cluster("go", custom=found)
    assert not reads_cluster("coredns", custom=found)


def test_none() -> None:
    assert custom_peers("") == custom_peers(" ; ") == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("words only", "not name=command"),
        ("name=", "not name=command"),
        ("=run {port}", "not name=command"),
        ("two words=run {port}", "not name=command"),
        ("front=run {port}", "'front' is taken"),
        ("a=run {port}; a=run {port}", "'a' is taken"),
        ("a=run {port} {where}", "known: {port}"),
        ("a=run {port", "cannot be used"),
        ("a=run '{port}", "cannot be used"),
        ("a=run {port.x}", "cannot be used"),
        ("a=run 53", "has no {port}"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as error:
        custom_peers(text)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


@given(st.text(alphabet="ab=;{}' port\"\\[]!:.\n", max_size=40))
def test_any_text_is_peers_or_a_reason(text: str) -> None:
    try:
        found = custom_peers(text)
    except ValueError as error:
        assert "\n" not in str(error)
    else:
        for words in found.values():
            assert "{port}" in words


def test_a_program_that_is_not_there_is_named() -> None:
    custom = custom_peers("mine=sh {port}; other=no-such-program {port}")
    assert missing(custom, custom=custom) == {
        "other": "other is missing here (no program no-such-program)"
    }


def test_custom_peers_are_in_both_plans() -> None:
    custom = custom_peers("mine=run {port}; sized=run {port} {cache}")
    for cases in (plan.full(custom), plan.quick(custom)):
        assert {"mine", "sized"} <= {case.peer for case in cases}
        assert len({case.key for case in cases}) == len(cases)
    # A peer whose cache cannot be set has no place where its size matters.
    uncached = {case.peer for case in plan.full(custom) if case.cache == 0}
    assert uncached == {"front", "dnsmasq", "sized"}
