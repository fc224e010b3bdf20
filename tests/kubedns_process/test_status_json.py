"""/status.json of kubedns: what the sidecar's page shows of it."""

from __future__ import annotations

import json
from dataclasses import replace

from dnscore.net.address import Address
from kubedns.notify import NotifyTarget
from kubedns.options import Options
from kubedns.status_page import Snapshot, status_json, status_json_route
from sidecar.peer_documents import KubednsDocument, read_document
from tests.kubedns_process.test_status import FACTS, GOOD, LISTING


def _target(*delays_s: float) -> NotifyTarget:
    target = NotifyTarget(Address("127.0.0.1", 53))
    for delay_s in delays_s:
        target.count_delay(delay_s)
    return target


SNAPSHOT = Snapshot(
    replace(FACTS, watches=(GOOD, LISTING)),
    uptime_s=12.34,
    requests=9,
    upstream_tries=5,
    upstream_failures=2,
    serial=77,
    changes=3,
    config_rejected=1,
    notify=(),
)


def _read(snapshot: Snapshot) -> KubednsDocument:
    return read_document(json.dumps(status_json(Options(), snapshot)), KubednsDocument)


def test_the_sidecar_reads_every_field_that_is_told() -> None:
    told = status_json(Options(), replace(SNAPSHOT, notify=(_target(0.001),)))
    document = read_document(json.dumps(told), KubednsDocument)
    assert set(told) == set(KubednsDocument.__struct_fields__)
    (target,), watches = document.notify, told["watches"]
    assert isinstance(watches, list)
    assert set(watches[0]) == set(document.watches[0].__struct_fields__)
    assert isinstance(told["notify"], list)
    assert set(told["notify"][0]) == set(target.__struct_fields__)


def test_watches_and_their_age() -> None:
    good, listing = _read(SNAPSHOT).watches
    assert (good.resource, good.state, good.objects, good.age_s) == ("services", "watching", 12, 5)
    assert (listing.synced, listing.age_s, listing.last_error) == (
        False,
        None,
        "Unreachable: refused",
    )


def test_why_it_is_not_ready() -> None:
    document = _read(replace(SNAPSHOT, facts=replace(FACTS, draining=True)))
    assert (document.ready, document.reason) == (False, "draining")
    assert _read(SNAPSHOT).ready


def test_without_a_watch_the_api_server_is_not_up() -> None:
    assert not _read(replace(SNAPSHOT, facts=replace(FACTS, watches=()))).api_server_up


def test_how_long_changes_took() -> None:
    (target,) = _read(replace(SNAPSHOT, notify=(_target(*[0.001] * 99, 0.5),))).notify
    assert target.delay_mean_ms == round((99 * 0.001 + 0.5) / 100 * 1000, 3)
    assert target.delay_p99_ms is not None
    assert 1 <= target.delay_p99_ms < 500
    (idle,) = _read(replace(SNAPSHOT, notify=(_target(),))).notify
    assert (idle.state, idle.delay_mean_ms, idle.delay_p99_ms) == ("not told", None, None)


def test_no_password_of_a_url_is_told() -> None:
    options = replace(Options(), kube_master_url="https://user:pa55w0rd@api.test")
    assert "pa55w0rd" not in json.dumps(status_json(options, SNAPSHOT))


def test_the_page_is_json() -> None:
    reply = status_json_route(Options(), lambda: SNAPSHOT)("")
    assert (reply.status, reply.content_type) == (200, "application/json")
