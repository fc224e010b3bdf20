"""What a response of the front says, and what is told of a front that gives none."""

from __future__ import annotations

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from sidecar.address import ServerAddress
from sidecar.explain.asked import NO_ANSWER, Sources, ask_front, read_answer
from sidecar.explain.attribution import reasons
from tests.fakes.dns_server import DnsServer
from tests.ports import free_port

ALIAS = "out.test. 30 IN CNAME web.test."
WEB = "web.test. 12 IN A 192.0.2.1"


def response(*lines: str, rcode: int = dns.rcode.NOERROR) -> dns.message.Message:
    message = dns.message.make_response(dns.message.make_query("out.test.", "A"))
    message.set_rcode(dns.rcode.Rcode(rcode))
    for line in lines:
        owner, ttl, rdclass, rdtype, data = line.split(maxsplit=4)
        message.answer.append(dns.rrset.from_text(owner, int(ttl), rdclass, rdtype, data))
    return message


@pytest.mark.parametrize(
    ("lines", "rdtype", "outcome", "ttl_s"),
    [
        ((WEB,), "A", "ANSWER", 12),
        ((ALIAS, WEB), "A", "ANSWER", 12),
        ((ALIAS,), "A", "NODATA", 30),
        ((ALIAS,), "CNAME", "ANSWER", 30),
        ((ALIAS,), "ANY", "ANSWER", 30),
        ((), "ANY", "NODATA", None),
        ((), "A", "NODATA", None),
    ],
)
def test_outcomes(lines: tuple[str, ...], rdtype: str, outcome: str, ttl_s: int | None) -> None:
    said = read_answer(response(*lines), rdtype)
    assert (said["outcome"], said["ttl_s"]) == (outcome, ttl_s)
    assert len(said["answers"]) == len(lines)
    assert reasons(None, None, said) == ("unknown", [])


@pytest.mark.parametrize("rcode", ["NXDOMAIN", "SERVFAIL", "REFUSED"])
def test_an_rcode_is_the_outcome(rcode: str) -> None:
    said = read_answer(response(rcode=dns.rcode.from_text(rcode)), "A")
    assert (said["outcome"], said["ttl_s"]) == (rcode, None)


def test_what_the_front_says_of_its_answer() -> None:
    message = response(WEB)
    message.flags |= dns.flags.TC
    message.use_edns(0, options=[dns.edns.EDEOption(dns.edns.EDECode.NETWORK_ERROR)])
    _, said = reasons(None, None, read_answer(message, "A"))
    assert said == [
        "The front says (RFC 8914): 23 NETWORK_ERROR.",
        "The answer is longer than a datagram: clients ask again over TCP.",
    ]


def test_a_stale_answer_is_told() -> None:
    message = response(WEB)
    message.use_edns(0, options=[dns.edns.EDEOption(dns.edns.EDECode.STALE_ANSWER)])
    _, said = reasons(None, None, read_answer(message, "A"))
    assert said == ["The front says that this answer is stale."]


def sources(port: int) -> Sources:
    return Sources(ServerAddress("127.0.0.1", port), None, None)


def test_a_front_that_answers() -> None:
    with DnsServer("web.test. 12 IN A 192.0.2.1") as server:
        said = ask_front(sources(server.port), "web.test.", "A")
    assert (said["outcome"], said["answers"]) == ("ANSWER", ["web.test. A 192.0.2.1"])


def test_a_front_that_is_not_there() -> None:
    said = ask_front(sources(free_port()), "web.test.", "A")
    assert said["outcome"] == NO_ANSWER
    _, (only,) = reasons(None, None, said)
    assert "refused" in only
