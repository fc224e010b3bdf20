"""kubedns's figures are gathered from its page and exported again under names of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.exposition import choose_encoder

from devcluster.cluster import DevCluster, Settings
from sidecar.collector import build_registry
from sidecar.daemon_figures import FIGURES, SERIES_MAX, PageError, read_page
from sidecar.state import State
from tests.fakes.dns_server import DnsServer
from tests.kubedns_process.daemon import Kubedns
from tests.waiting import eventually

PAGE = """
# HELP kubedns_ready x
# TYPE kubedns_ready gauge
kubedns_ready 1.0
# TYPE skydns_skydns_dns_request_count counter
skydns_skydns_dns_request_count_total{system="auth"} 12.0
skydns_skydns_dns_request_count_total{system="reverse"} 3.0
skydns_skydns_dns_error_count_total{system="auth",cause="nxdomain"} 2.0
kubedns_watch_synced{resource="services"} 1.0
kubedns_notify_sent_total{target="127.0.0.1:53"} 7.0
process_open_fds 9.0
something_else{x="y"} 1.0
"""


def exported(state: State, *, accept: str = "") -> str:
    encode, _ = choose_encoder(accept)
    return encode(build_registry(state, namespace="kubedns")).decode()


def test_what_is_known_is_taken_and_the_rest_left() -> None:
    assert read_page(PAGE) == {
        ("ready", ()): 1,
        ("requests", ("auth",)): 12,
        ("requests", ("reverse",)): 3,
        ("errors", ("auth", "nxdomain")): 2,
        ("watch_synced", ("services",)): 1,
        ("notify_sent", ("127.0.0.1:53",)): 7,
    }


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text; version=1.0.0"])
def test_it_is_exported_again(accept: str) -> None:
    state = State([])
    state.record_daemon(read_page(PAGE))
    lines = exported(state, accept=accept).splitlines()
    for line in (
        "kubedns_daemon_up 1.0",
        "kubedns_daemon_ready 1.0",
        'kubedns_daemon_requests_total{system="auth"} 12.0',
        'kubedns_daemon_errors_total{cause="nxdomain",system="auth"} 2.0',
        'kubedns_daemon_watch_synced{resource="services"} 1.0',
        'kubedns_daemon_notify_sent_total{target="127.0.0.1:53"} 7.0',
    ):
        assert line in lines


def test_the_prefix_that_flags_of_kubedns_change_does_not_matter() -> None:
    assert read_page('a_b_dns_request_count_total{system="auth"} 1\n') == {
        ("requests", ("auth",)): 1
    }


def test_a_kubedns_that_never_showed_any_is_not_down() -> None:
    state = State([])
    assert not state.record_daemon_error()
    assert "kubedns_daemon_" not in exported(state)


def test_one_that_shows_them_no_more_is() -> None:
    state = State([])
    assert state.record_daemon(read_page(PAGE))
    assert not state.record_daemon(read_page(PAGE))
    assert state.record_daemon_error()
    assert not state.record_daemon_error()
    rendered = exported(state)
    assert "\nkubedns_daemon_up 0.0\n" in rendered
    assert "kubedns_daemon_ready" not in rendered


@pytest.mark.parametrize("text", ["kubedns_ready x\n", 'kubedns_ready{a="b 1\n', "<html>\n"])
def test_a_page_that_is_none(text: str) -> None:
    with pytest.raises(PageError, match="not metrics"):
        read_page(text)


@given(st.text(alphabet='kubedns_ready{}=", \n#10TYPE+Inf\\') | st.text())
def test_any_text_is_a_page_or_none(text: str) -> None:
    with suppress(PageError):
        read_page(text)


def test_the_number_of_series_is_bounded() -> None:
    lines = (f'kubedns_watch_synced{{resource="r{n}"}} 1\n' for n in range(SERIES_MAX + 9))
    assert len(read_page("".join(lines))) == SERIES_MAX


@pytest.fixture
def kubedns() -> Iterator[Kubedns]:
    """Tells somebody who does not answer of its changes."""
    with DevCluster(Settings(sample=True)) as cluster, DnsServer() as told:
        flags = (f"--nameservers={told.address}", f"--notify={told.address}")
        with Kubedns(*flags, api=cluster.url, metrics=True) as running:
            yield running.wait_ready()


def test_our_kubedns_shows_every_figure(kubedns: Kubedns) -> None:
    def missing() -> set[str]:
        page = kubedns.get("/metrics", kubedns.metrics_port).text
        return {figure.name for figure in FIGURES} - {name for name, _ in read_page(page)}

    eventually(lambda: not missing(), message=lambda: f"not shown: {missing()}")
