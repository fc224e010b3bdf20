"""A new list of servers leaves the cache alone, unless `--clear-on-reload` is given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.dnsmasq_front.process import FrontProcess
from tests.dnsmasq_front.test_process_config import mount
from tests.fakes.dns_server import DnsServer
from tests.waiting import eventually


@pytest.mark.parametrize(("flags", "kept"), [([], True), (["--clear-on-reload"], False)])
def test_answers_of_the_servers_before(tmp_path: Path, flags: list[str], kept: bool) -> None:
    with (
        DnsServer("a.test. 300 IN A 10.0.0.1") as one,
        DnsServer("a.test. 300 IN A 10.0.0.2\nb.test. 300 IN A 10.0.0.2") as two,
    ):
        mount(tmp_path, "1", upstreamNameservers=json.dumps([one.address]))
        more = [f"-configDir={tmp_path}", "-syncInterval=100ms", "--no-resolv", *flags]
        with FrontProcess(*more) as front:
            assert front.addresses("a.test.") == ["10.0.0.1"]
            mount(tmp_path, "2", upstreamNameservers=json.dumps([two.address]))
            eventually(lambda: front.addresses("b.test.") == ["10.0.0.2"])
            assert front.addresses("a.test.") == (["10.0.0.1"] if kept else ["10.0.0.2"])
