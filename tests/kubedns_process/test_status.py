"""When kubedns is ready and alive, and what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kubedns.k8s.reflector import Counters, Phase
from kubedns.k8s.runner import WatchStatus
from kubedns.rows import ENDPOINT_SLICES, SERVICES
from kubedns.status import Facts, Verdict, api_server_away, liveness, readiness, verbose_lines

GOOD = WatchStatus(
    resource=SERVICES,
    phase=Phase.WATCHING,
    synced=True,
    objects=12,
    bad_objects=0,
    resource_version="7",
    last_error="an old one",
    last_event_at=95.0,
    counters=Counters(),
)
LISTING = replace(
    GOOD,
    resource=ENDPOINT_SLICES,
    phase=Phase.WAITING,
    synced=False,
    objects=0,
    bad_objects=2,
    last_error="Unreachable: refused",
    last_event_at=None,
)
FACTS = Facts(synced=True, draining=False, beat_age_s=0.1, watches=(GOOD,), now=100.0)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (FACTS, Verdict(True)),
        (replace(FACTS, draining=True), Verdict(False, "draining")),
        (
            replace(FACTS, synced=False),
            Verdict(False, "waiting for the first lists of endpointslices"),
        ),
        (
            replace(FACTS, synced=False, watches=()),
            Verdict(False, "waiting for the first lists of services, endpointslices"),
        ),
        # Records that are there stay good when the API server goes away.
        (replace(FACTS, watches=(replace(GOOD, phase=Phase.WAITING),)), Verdict(True)),
    ],
)
def test_readiness(facts: Facts, expected: Verdict) -> None:
    assert readiness(facts) == expected


def test_liveness_is_about_the_loop_alone() -> None:
    assert liveness(replace(FACTS, synced=False, draining=True, watches=())).good
    assert not liveness(replace(FACTS, beat_age_s=11.0)).good


def test_verbose() -> None:
    assert verbose_lines(replace(FACTS, synced=False, watches=(GOOD, LISTING))) == [
        "[+] watch services: watching, 12 objects, last heard 5.0 s ago",
        "[-] watch endpointslices: waiting, 0 objects, never heard from the API server, "
        "2 bad objects, last error: Unreachable: refused",
        "[-] API server: away, trying on",
        "[+] not draining",
        "not ready: waiting for the first lists of endpointslices",
    ]


def test_an_api_server_that_is_away_is_said_and_what_is_not_allowed_is_not() -> None:
    refused = replace(LISTING, phase=Phase.REFUSED)
    for watches, away in (
        ((GOOD,), False),
        ((GOOD, LISTING), True),
        ((replace(GOOD, phase=Phase.WAITING),), True),
        ((GOOD, refused), False),
        ((replace(GOOD, phase=Phase.LISTING),), False),
    ):
        facts = replace(FACTS, watches=watches)
        assert api_server_away(facts) is away
        assert ("[-] API server: away, trying on" in verbose_lines(facts)) is away
        assert verbose_lines(facts)[-1] == "ready"


def test_verbose_before_the_client_is_there() -> None:
    lines = verbose_lines(replace(FACTS, synced=False, watches=()))
    assert lines[0] == "[-] API client: loading"
