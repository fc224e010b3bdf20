"""The C server behind the forwarders answers as real ones do: what is not there can be cached."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import dns.exception
import dns.message
import dns.query
import dns.rdatatype
import pytest

from bench.compiled import compiled
from tests.ports import HOST, free_port
from tests.waiting import eventually

pytestmark = pytest.mark.needs_cc


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    program, free = compiled("responder", tmp_path_factory.mktemp("responder")), free_port()
    process = subprocess.Popen([str(program), "answer", str(free)])
    eventually(lambda: answers(free))
    yield free
    process.terminate()
    process.wait(10)


def answers(port: int) -> bool:
    """Whether anything is heard at all; before it is bound nothing is."""
    try:
        return bool(dns.query.udp(dns.message.make_query(".", "A"), HOST, port=port, timeout=0.1))
    except dns.exception.Timeout:
        return False


def asked(port: int, name: str, rtype: str) -> dns.message.Message:
    return dns.query.udp(dns.message.make_query(name, rtype), HOST, port=port, timeout=5)


def test_an_address_of_each_name(port: int) -> None:
    records = {asked(port, f"host{n}.example.test.", "A").answer[0].to_text() for n in range(20)}
    assert len(records) == 20
    assert all(".example.test. 300 IN A 10." in record for record in records)
    assert asked(port, "host1.example.test.", "A").answer == (
        asked(port, "host1.example.test.", "A").answer
    )


@pytest.mark.parametrize("rtype", ["AAAA", "MX", "HTTPS"])
def test_no_data_comes_with_an_soa(port: int, rtype: str) -> None:
    response = asked(port, "host1.example.test.", rtype)
    assert not response.answer
    (soa,) = response.authority
    assert soa.rdtype == dns.rdatatype.SOA
    assert str(soa.name) == "example.test."
    assert (soa.ttl, soa[0].minimum) == (300, 300)


def test_the_root(port: int) -> None:
    assert str(asked(port, ".", "NS").authority[0].name) == "."
