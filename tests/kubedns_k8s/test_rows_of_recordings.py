"""What a real API server said, as rows."""

from __future__ import annotations

import json
from ipaddress import ip_address

from kubedns.k8s import model
from kubedns.k8s.project import endpoint_slices, project_service, services
from kubedns.rows import PortRow, ServiceRow, SliceRow
from tests.kubedns_k8s.support import Driven, recorded


def service_rows() -> dict[str, ServiceRow]:
    driven = Driven(services())
    driven.asks_list()
    driven.reflector.page(recorded("services-rv0-limit3").body, driven.now)
    driven.take()
    return {
        f"{namespace}/{name}": row
        for (namespace, name), row in driven.rows.items()
        if isinstance(row, ServiceRow)
    }


def slice_rows(*, want_pods: bool = False) -> dict[tuple[str, int], SliceRow]:
    driven = Driven(endpoint_slices(want_pods=want_pods))
    driven.asks_list()
    driven.reflector.page(recorded("endpointslices").body, driven.now)
    driven.take()
    return {
        (row.service, row.family): row for row in driven.rows.values() if isinstance(row, SliceRow)
    }


def texts(row: SliceRow) -> list[str]:
    size = row.family
    packed = [row.addresses[at : at + size] for at in range(0, len(row.addresses), size)]
    return [str(ip_address(address)) for address in packed]


def test_the_services() -> None:
    rows = service_rows()
    assert len(rows) == len(json.loads(recorded("services-rv0-limit3").body)["items"])
    web = rows["prod/web"]
    assert [len(ip) for ip in web.cluster_ips] == [4, 16]
    assert web.ports == (PortRow("http", "tcp", 80), PortRow("dns", "udp", 53))
    assert not web.headless
    assert rows["prod/db"].headless
    assert rows["prod/db"].cluster_ips == ()
    assert rows["prod/db-all"].publish_not_ready
    assert rows["prod/ext"].external_name == "www.example.com"
    assert not rows["prod/ext"].headless
    assert rows["prod/manual"].ports == (PortRow("", "tcp", 9000),)


def test_the_slices_agree_with_their_json() -> None:
    rows = slice_rows()
    items = json.loads(recorded("endpointslices").body)["items"]
    families = {"IPv4": 4, "IPv6": 16}
    for item in items:
        service = item["metadata"]["labels"]["kubernetes.io/service-name"]
        row = rows[service, families[item["addressType"]]]
        ready = [
            (address, endpoint.get("hostname", ""))
            for endpoint in item["endpoints"] or ()
            if endpoint["conditions"].get("ready") is not False
            for address in endpoint["addresses"]
        ]
        assert texts(row) == [address for address, _ in ready]
        if any(hostname for _, hostname in ready):
            assert list(row.hostnames) == [hostname for _, hostname in ready]
        else:
            assert row.hostnames == ()
        assert row.pods == ()
    assert {family for _, family in rows} == {4, 16}
    assert any(row.hostnames for row in rows.values())


def test_pods_only_when_wanted() -> None:
    row = slice_rows(want_pods=True)["db", 4]
    assert len(row.pods) == len(row.addresses) // 4
    assert set(row.pods) <= {"db-0", "db-1", "db-x"}


def test_several_addresses_of_one_endpoint_all_count() -> None:
    body = {
        "metadata": {
            "name": "s",
            "namespace": "ns",
            "labels": {"kubernetes.io/service-name": "svc"},
        },
        "addressType": "IPv6",
        "endpoints": [
            {"addresses": ["fd00::1", "fd00::2"], "hostname": "h"},
            {"addresses": ["fd00::3"]},
        ],
    }
    kind = endpoint_slices()
    decoded = model.decode_slice(json.dumps(body).encode())
    [(_, row)] = kind.project(kind.key_of(decoded.metadata), decoded)
    assert isinstance(row, SliceRow)
    assert texts(row) == ["fd00::1", "fd00::2", "fd00::3"]
    assert row.hostnames == ("h", "h", "")


def test_slices_that_feed_no_service_have_no_row() -> None:
    kind = endpoint_slices()
    labels = {"kubernetes.io/service-name": "svc"}
    for fields in (
        {"metadata": {"name": "s", "namespace": "ns", "labels": labels}, "addressType": "FQDN"},
        {"metadata": {"name": "s", "namespace": "ns", "labels": None}, "addressType": "IPv4"},
        {"metadata": {"name": "s", "namespace": "ns"}, "addressType": "IPv4"},
    ):
        decoded = model.decode_slice(json.dumps(fields).encode())
        assert kind.project(kind.key_of(decoded.metadata), decoded) == ()


def test_cluster_ips_are_normalised() -> None:
    def packed(text: str) -> tuple[bytes, ...]:
        spec = model.ServiceSpec(cluster_ip="10.0.0.1", cluster_ips=[text])
        return project_service(("ns", "a"), model.Service(spec=spec)).cluster_ips

    assert packed("2001:db8:0:0:aaaa::1") == (ip_address("2001:db8:0:0:aaaa::1").packed,)
    assert packed("::ffff:10.0.0.2") == (b"\x0a\0\0\2",)
    assert packed("010.000.0.09") == (b"\x0a\0\0\x09",)


def test_repeated_strings_are_stored_once() -> None:
    rows = list(slice_rows().values())
    [first, second] = [row for row in rows if row.service == "db"]
    assert first.namespace is second.namespace
    assert first.service is second.service
    assert first.ports is second.ports
