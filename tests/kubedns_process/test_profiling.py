"""--profiling: a look inside, on this machine only and in bounds."""

from __future__ import annotations

import re
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from devcluster.cluster import DevCluster
from dnscore.httpd import Reply
from kubedns.profiling import PORT, SECONDS_MAX, MemoryPage, ProfilePage, debug_routes
from tests.kubedns_process.daemon import Kubedns
from tests.ports import HOST
from tests.waiting import eventually

WEB = "web.shop.svc.cluster.local."


def text(reply: Reply) -> str:
    assert isinstance(reply.body, bytes)
    return reply.body.decode()


@pytest.fixture
def waiting() -> Iterator[None]:
    """A thread that waits."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name="the-one-that-waits")
    thread.start()
    yield
    end.set()
    thread.join()


def test_the_index_names_every_page() -> None:
    routes = debug_routes()
    named = set(re.findall(r"^(/debug/\w+)", text(routes["/debug"]("")), re.MULTILINE))
    assert named == set(routes) - {"/debug"}


def test_threads_shows_where_each_is(waiting: None) -> None:
    page = text(debug_routes()["/debug/threads"](""))
    assert "MainThread" in page
    assert re.search(r"the-one-that-waits\n(.*\n)*.*threading\.py.* in wait", page)


def test_a_profile_counts_stacks_and_leaves_itself_out(waiting: None) -> None:
    slept: list[float] = []
    page = text(ProfilePage(sleep=slept.append)("seconds=0.1"))
    assert len(slept) == 20
    (line,) = (line for line in page.splitlines() if line.startswith("the-one-that-waits;"))
    assert re.search(r";threading\.Event\.wait;threading\.Condition\.wait 20$", line)
    assert "ProfilePage" not in page


@pytest.mark.parametrize("query", ["seconds=0", "seconds=-1", "seconds=x", "seconds=nan"])
def test_a_length_that_is_none_is_refused(query: str) -> None:
    assert ProfilePage(sleep=lambda _: None)(query).status == 400


def test_a_profile_has_a_longest_time() -> None:
    page = ProfilePage(sleep=lambda _: None)
    assert page(f"seconds={SECONDS_MAX}").status == 200
    assert page(f"seconds={SECONDS_MAX + 0.1}").status == 400
    assert page("seconds=inf").status == 400


def test_one_profile_at_a_time() -> None:
    statuses: list[int] = []

    def another(_: float) -> None:
        statuses.append(page("seconds=0.005").status)

    page = ProfilePage(sleep=another)
    assert page("seconds=0.005").status == 200
    assert statuses == [429]
    assert page("seconds=0.005").status == 200


def test_memory_is_traced_when_asked_for_and_no_longer_than_wanted() -> None:
    page = MemoryPage(trace_s=0.05)
    try:
        assert not tracemalloc.is_tracing()
        first = text(page(""))
        assert "VmRSS:" in first and "ask again" in first
        assert tracemalloc.is_tracing()
        assert "allocated since tracing began" in text(page(""))
        eventually(lambda: not tracemalloc.is_tracing())
        page("")
        page("stop")
        assert not tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()


def test_pages_of_a_daemon(cluster: DevCluster) -> None:
    with Kubedns("--profiling", api=cluster.url) as kubedns:
        kubedns.wait_ready()
        threads = kubedns.get("/debug/threads", PORT).text
        for name in ("MainThread", "watch-services", "watch-endpointslices"):
            assert f"{name}" in threads
        assert "MainThread;" in kubedns.get("/debug/profile?seconds=0.1", PORT).text
        assert kubedns.get("/debug/threads").status == 404, "not on the port of the probes"
        assert "--profiling" not in kubedns.log


def test_without_the_flag_nobody_listens(kubedns: Kubedns) -> None:
    assert "6060" not in kubedns.log
    with suppress(OSError):  # Another program may listen there.
        assert kubedns.get("/debug/threads", PORT).status == 404


def test_a_port_in_use_keeps_nobody_from_answers(cluster: DevCluster) -> None:
    with ExitStack() as stack:
        with suppress(OSError):  # It is in use, then.
            stack.enter_context(socket.create_server((HOST, PORT)))
        with Kubedns("--profiling", api=cluster.url) as kubedns:
            kubedns.wait_ready()
            assert "no profiles are served" in kubedns.log
            assert kubedns.answers(WEB) == [f"{WEB} A 10.96.0.20"]
