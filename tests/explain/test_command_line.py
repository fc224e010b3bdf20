"""What kube-dns-explain takes and refuses."""

from __future__ import annotations

import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import names
from sidecar.explain.cli import main
from sidecar.explain.question import (
    default_type,
    parse_name,
    parse_ndots,
    parse_pod,
    parse_type,
    parse_zone,
)
from sidecar.explain.search_list import search_list, tried_names


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", "the following arguments are required: NAME"),
        (".a", "a label has 1 to 63 octets"),
        ("a\\.b", "not a name: 'a"),
        ("fe80::1%eth0", "not a name: 'fe80::1%eth0'"),
        ("a\x01b", "not a name: "),
        ("b\u00fccher", "not an ASCII domain name"),
        ("a..b", "a label has 1 to 63 octets"),
        (f"{'a' * 64}", "a label has 1 to 63 octets"),
        ("web FOO", "not a record type: 'FOO'"),
        ("web AXFR", "not a type to ask for: AXFR"),
        ("web A B", "unrecognized arguments: B"),
        ("web --pod=Shop/x", "not of the form namespace/name"),
        ("web --pod=shop/", "not of the form namespace/name"),
        ("web --ndots=16", "not a number from 0 to 15"),
        ("web --front=127.0.0.1:x", "not a port"),
        ("web --front-page=ftp://x", "not an http:// URL"),
        ("web --zone=a..b", "a label has 1 to 63 octets"),
        ("web --unknown", "unrecognized arguments: --unknown"),
    ],
)
def test_bad_usage(words: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err


def test_no_name_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([""])
    assert "not a name: ''" in capsys.readouterr().err


@given(st.text(st.characters(max_codepoint=0x17F), max_size=70))
def test_what_is_taken_for_a_name_can_be_asked_for(text: str) -> None:
    try:
        name = parse_name(text)
    except ValueError:
        return
    for tried in tried_names(name, search_list("default", "cluster.local")):
        asked = dns.message.make_query(tried, "A").question[0].name.to_wire()
        assert asked == names.from_text(tried)


def test_good_values() -> None:
    assert parse_name("Web.Shop") == "web.shop"
    assert parse_name("::1") == "::1"
    assert parse_type("srv") == "SRV"
    assert parse_type("TYPE65280") == "TYPE65280"
    assert parse_pod("shop/web-0.x") == "shop/web-0.x"
    assert parse_pod("shop") == "shop"
    assert parse_zone("cluster.local.") == "cluster.local"
    assert parse_ndots("0") == 0
    assert (default_type("10.0.0.1"), default_type("fd00::1"), default_type("web")) == (
        "PTR",
        "PTR",
        "A",
    )
