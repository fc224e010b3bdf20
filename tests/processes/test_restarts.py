"""One process of the pod goes away and comes back; the others go on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.dns_server import DnsServer
from tests.processes.pod import Pod, service
from tests.waiting import eventually

QUESTION = "web.shop.svc.cluster.local. A"


@pytest.fixture
def own_pod(tmp_path: Path, upstream: DnsServer) -> Iterator[Pod]:
    """A pod for a test that ends parts of it."""
    with Pod(tmp_path, upstream) as running:
        yield running


class Asker:
    """Asks one question over and over, and keeps every answer that was not the expected one."""

    def __init__(self, pod: Pod, question: str, expected: list[str]) -> None:
        self._pod = pod
        self._question = question
        self._expected = expected
        self._end = threading.Event()
        self.asked = 0
        self.wrong: list[str] = []
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Asker:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(15)

    def _run(self) -> None:
        while not self._end.is_set():
            try:
                found = self._pod.answer(self._question)
            except Exception as error:
                found = [repr(error)]
            self.asked += 1
            if found != self._expected:
                self.wrong.append(f"{self.asked}: {found}")


def test_devcluster_restarts_and_answers_come_all_along(own_pod: Pod) -> None:
    pod = own_pod
    expected = ["web.shop.svc.cluster.local. A 10.96.0.20"]
    with Asker(pod, QUESTION, expected) as asker:
        eventually(lambda: asker.asked > 20)
        pod.stop("devcluster")
        before = asker.asked
        eventually(lambda: asker.asked > before + 100, 20.0, "no answers without the API")
        pod.start("devcluster")
        pod.api("POST", "/api/v1/namespaces/shop/services", service("late", "shop", "10.96.9.9"))
        # The watch backs off while the API is away, so it may take its longest pause.
        eventually(
            lambda: pod.answer("late.shop.svc.cluster.local. A") != [],
            35.0,
            lambda: "what came after the restart is not seen\n" + pod.log("kubedns")[-2000:],
        )
    assert not asker.wrong
    assert pod.is_running("kubedns")


def test_kubedns_killed_and_started_again(own_pod: Pod) -> None:
    pod = own_pod
    assert pod.answer(QUESTION)
    pod.kill("kubedns")
    # What is known is answered until its TTL is over; of the rest, the failure is told.
    assert pod.answer(QUESTION)
    unknown = "metrics.kube-system.svc.cluster.local. TXT"
    eventually(lambda: pod.rcode(unknown) == "SERVFAIL", 5.0, "a dead server must be said")
    assert pod.answer("www.example.com. A") == ["www.example.com. A 192.0.2.80"]
    assert pod.answer(QUESTION)
    pod.start("kubedns")
    eventually(lambda: pod.rcode(unknown) != "SERVFAIL", 5.0, "does not come back")


def test_front_killed_and_started_again_at_once(own_pod: Pod) -> None:
    pod = own_pod
    pod.ask(QUESTION, tcp=True)
    pod.kill("dnsmasq_front")
    pod.start("dnsmasq_front")
    assert pod.answer(QUESTION)


def test_sidecar_says_which_process_is_dead(own_pod: Pod) -> None:
    pod = own_pod

    def health(label: str) -> tuple[int, bool]:
        status, body = pod.get(pod.options.sidecar_port, f"/healthcheck/{label}")
        return status, json.loads(body)["IsOk"]

    eventually(lambda: health("kubedns") == (200, True), 15.0, "kubedns is not healthy")
    eventually(lambda: health("dnsmasq") == (200, True), 15.0, "dnsmasq is not healthy")
    pod.kill("dnsmasq_front")
    eventually(lambda: health("dnsmasq") == (503, False), 15.0, "a dead front passes for healthy")
    assert health("kubedns") == (200, True)


def test_every_process_ends_cleanly_on_sigterm(own_pod: Pod) -> None:
    for name in ("sidecar", "dnsmasq_front", "kubedns", "devcluster"):
        assert own_pod.stop(name) == "exit status 0", own_pod.log(name)[-2000:]
