"""`--probe=label,server,name[,interval[,type]]`: what is taken, what is refused and how."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.address import ServerAddress
from sidecar.probe_spec import MAX_INTERVAL_S, TYPES, ProbeSpec, parse_probe


@pytest.mark.parametrize(
    ("text", "label", "server", "name", "interval_s", "rdtype"),
    [
        # S01
        ("abc,[127.0.0.1]:10053,x.test,5,SRV", "abc", "127.0.0.1:10053", "x.test.", 5, "SRV"),
        ("abc,[127.0.0.1]:53,x.test,20,ANY", "abc", "127.0.0.1:53", "x.test.", 20, "ANY"),
        ("abc,[127.0.0.1]:53,x.test,20,A", "abc", "127.0.0.1:53", "x.test.", 20, "A"),
        ("abc,[::1]:53,x.test,20,AAAA", "abc", "[::1]:53", "x.test.", 20, "AAAA"),
        ("abc,[::1]:53,x.test,20,SRV", "abc", "[::1]:53", "x.test.", 20, "SRV"),
        ("abc,127.0.0.1:53,x.test,20", "abc", "127.0.0.1:53", "x.test.", 20, "ANY"),
        ("abc,127.0.0.1:53,x.test", "abc", "127.0.0.1:53", "x.test.", 5, "ANY"),
        # Servers without a port, IPv6 without brackets (kubernetes/kubernetes issue 56543)
        ("a_1,127.0.0.1,x.test.", "a_1", "127.0.0.1:53", "x.test.", 5, "ANY"),
        ("a_1,::1,x.test.", "a_1", "[::1]:53", "x.test.", 5, "ANY"),
        ("a_1,[::1],x.test.", "a_1", "[::1]:53", "x.test.", 5, "ANY"),
        ("a_1,kube-dns.kube-system,.", "a_1", "kube-dns.kube-system:53", ".", 5, "ANY"),
        # The stock manifest
        (
            "kubedns,127.0.0.1:10053,kubernetes.default.svc.cluster.local,5,SRV",
            "kubedns",
            "127.0.0.1:10053",
            "kubernetes.default.svc.cluster.local.",
            5,
            "SRV",
        ),
        ("x,127.0.0.1,_http._tcp.UPPER.test,1", "x", "127.0.0.1:53", "_http._tcp.UPPER.test.", 1,
         "ANY"),
    ],
)  # fmt: skip
def test_specs_that_are_taken(
    text: str, label: str, server: str, name: str, interval_s: int, rdtype: str
) -> None:
    spec = parse_probe(text)
    assert (spec.label, str(spec.server), spec.name) == (label, server, name)
    assert (spec.interval_s, spec.rdtype) == (interval_s, rdtype)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        # S02
        ("abc,127.0.0.1", "invalid format to --probe"),
        ("", "invalid format to --probe"),
        ("abc,127.0.0.1:53,x.test,5,A,more", "invalid format to --probe"),
        ("dn$m@s#,127.0.0.1:53,x.test,5", "label must be of format"),
        (",127.0.0.1:53,x.test,5", "label must be of format"),
        ("abc\n,127.0.0.1:53,x.test,5", "label must be of format"),
        ("é,127.0.0.1:53,x.test,5", "label must be of format"),
        ("abc,127.0.0.1:53,x.test,0.5", "invalid syntax"),
        ("abc,127.0.0.1:53,x.test,", "invalid syntax"),
        ("abc,127.0.0.1:53,x.test,5s", "invalid syntax"),
        ("abc,127.0.0.1:53,x.test,\u0665", "invalid syntax"),
        ("abc,127.0.0.1:53,x.test,5,BogusType", "invalid type for DNS"),
        ("abc,127.0.0.1:53,x.test,5,srv", "invalid type for DNS"),
        ("abc,127.0.0.1:53,x.test,5,", "invalid type for DNS"),
        # These end the stock sidecar at start
        ("abc,127.0.0.1:53,x.test,0", "interval must be from 1"),
        ("abc,127.0.0.1:53,x.test,-5", "interval must be from 1"),
        ("abc,127.0.0.1:53,x.test,86401", "interval must be from 1"),
        ("abc,127.0.0.1:53,,5", "not a DNS name"),
        ("abc,127.0.0.1:53,x..test,5", "not a DNS name"),
        ("abc,127.0.0.1:53,x test,5", "not a DNS name"),
        (f"abc,127.0.0.1:53,{'x' * 64}.test,5", "not a DNS name"),
        ("abc,,x.test", "not an IP address"),
        ("abc,127.0.0.1:0,x.test", "not a port"),
        ("abc,::1:99999,x.test", "not an IP address"),
    ],
)
def test_specs_that_are_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match="^.*" + reason.replace("-", r"\-")) as refused:
        parse_probe(text)
    assert "\n" not in str(refused.value)


_WORD = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=20)
_NAME = st.lists(st.text(string.ascii_letters + "-_", min_size=1, max_size=20), max_size=5)
_HOST = st.ip_addresses().map(str) | st.sampled_from(["localhost", "a.b-c.d"])


@given(
    label=_WORD,
    host=_HOST,
    port=st.integers(1, 65535),
    name=_NAME.map(".".join).filter(bool),
    interval_s=st.integers(1, MAX_INTERVAL_S),
    rdtype=st.sampled_from(TYPES),
)
def test_a_spec_reads_back_from_its_own_text(
    label: str, host: str, port: int, name: str, interval_s: int, rdtype: str
) -> None:
    spec = ProbeSpec(label, ServerAddress(host, port), name + ".", interval_s, rdtype)
    assert parse_probe(str(spec)) == spec


@given(st.text(max_size=60) | st.lists(st.text(max_size=15), max_size=6).map(",".join))
def test_any_text_is_a_spec_or_a_value_error(text: str) -> None:
    try:
        spec = parse_probe(text)
    except ValueError:
        return
    assert parse_probe(str(spec)) == spec
    assert spec.interval_s >= 1
    assert spec.name.endswith(".")


@given(st.text("abc:.[]%0123456789,-+SRVA ", max_size=40))
def test_near_misses_are_a_spec_or_a_value_error(text: str) -> None:
    try:
        spec = parse_probe("l," + text)
    except ValueError:
        return
    assert parse_probe(str(spec)) == spec
