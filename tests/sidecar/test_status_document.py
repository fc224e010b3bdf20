"""/status.json: the three processes, their last hour, traffic, settings and errors."""

from __future__ import annotations

import json

from sidecar.history import HOUR
from sidecar.peer_status import PERIOD_S
from tests.sidecar.status_world import StatusWorld


def _well() -> StatusWorld:
    world = StatusWorld()
    world.ask_peers()
    for label in ("kubedns", "dnsmasq"):
        world.probe(label)
    return world


def test_all_is_well() -> None:
    world = _well()
    world.pass_time(hits=30, misses=10)
    document = world.document()
    assert document["schema"] == 1
    assert document["state"] == "ok"
    assert [(one["name"], one["state"], one["history"]) for one in document["processes"]] == [
        ("kubedns", "ok", "+"),
        ("dnsmasq_front", "ok", "+"),
        ("sidecar", "ok", "+"),
    ]
    assert [one["label"] for one in document["probes"]] == ["kubedns", "dnsmasq"]
    assert document["front"]["document"]["popular"]["names"][0]["item"].startswith("web.shop.")
    assert {one["name"] for one in document["options"]} >= {"probes", "dnsmasq_status"}


def test_nothing_is_known_at_first() -> None:
    document = StatusWorld().document()
    assert document["state"] == "waiting"
    assert [one["state"] for one in document["processes"]] == ["waiting", "waiting", "ok"]
    assert (document["kubedns"]["document"], document["front"]["document"]) == (None, None)


def test_a_process_that_is_away_fails_and_keeps_what_it_told() -> None:
    world = _well()
    world.pass_time()
    world.kubedns.said = None
    world.ask_peers()
    world.probe("kubedns", "no answer from 127.0.0.1:10053 within 1 s")
    world.pass_time()
    document = world.document()
    assert document["state"] == "failing"
    kubedns = world.process("kubedns")
    assert (kubedns["state"], kubedns["history"]) == ("failing", "+-")
    assert kubedns["text"] == "no answer from 127.0.0.1:10053 within 1 s"
    assert kubedns["status_error"].endswith("Connection refused")
    assert kubedns["status_age_s"] == 20.0
    assert document["kubedns"]["document"]["watches"][0]["objects"] == 11


def test_a_front_that_answers_from_its_cache_alone_is_stale() -> None:
    world = _well()
    world.probe("dnsmasq", "stale", stale=True)
    world.pass_time()
    front = world.process("dnsmasq_front")
    assert (front["state"], front["history"]) == ("stale", "~")
    assert world.document()["state"] == "stale"


def test_a_probe_that_has_stopped_is_no_good_sign() -> None:
    world = _well()
    world.pass_time(10)
    assert world.process("kubedns")["state"] == "failing"
    assert "last probe finished 100 s ago" in world.process("kubedns")["text"]


def test_without_a_probe_its_own_word_counts_until_it_is_old() -> None:
    world = StatusWorld(probes=())
    world.ask_peers()
    assert world.process("kubedns")["state"] == "ok"
    world.kubedns.said = None
    world.now += 10 * PERIOD_S
    world.ask_peers()
    assert world.process("kubedns")["state"] == "failing"


def test_traffic_of_the_hour_and_no_more() -> None:
    world = _well()
    world.pass_time(HOUR + 50, hits=30, misses=10)
    traffic = world.document()["traffic"]
    assert traffic["queries_per_s"][1:] == [4.0] * (HOUR - 1)
    assert traffic["hit_ratio"][1:] == [0.75] * (HOUR - 1)
    assert traffic["hour"] == {"queries": 40 * (HOUR - 1), "hit_ratio": 0.75}
    assert len(world.process("kubedns")["history"]) == HOUR


def test_errors_of_all_three_the_latest_first() -> None:
    errors = [one for one in _well().document()["errors"] if one["process"] != "sidecar"]
    assert [(one["process"], one["text"]) for one in errors] == [
        ("dnsmasq_front", "no room"),
        ("kubedns", "watch lost"),
    ]


def test_the_document_is_json_and_small_after_an_hour() -> None:
    world = _well()
    world.pass_time(2 * HOUR, hits=30, misses=10)
    assert len(json.dumps(world.document())) < 40_000
