"""A failure in our own code costs one query, is reported, and its client is told."""

from __future__ import annotations

from dnsmasq_front.query_log import QueryLog
from tests.dnsmasq_front.pure import PureFront


def test_client_gets_servfail_and_the_next_query_is_served() -> None:
    front = PureFront("--local=/d.test/")
    failure = RuntimeError("broken")

    def broken(line: str) -> None:
        raise failure

    front.server.query_log = QueryLog(broken)
    (response,) = front.ask("x.d.test. A").responses
    assert response[3] & 0x0F == 2
    assert front.failures == [failure]
    front.server.query_log = None
    assert front.ask("x.d.test. A").reply.rcode == "NXDOMAIN"
