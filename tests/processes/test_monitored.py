"""The alerts and the dashboard find every figure of theirs on the sidecar's page of a real pod."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from tests.manifests.test_monitoring import EXPRESSIONS, RECORDED, metrics_of
from tests.processes.pod import Pod
from tests.waiting import eventually


def test_every_figure_that_is_watched_is_there(pod: Pod) -> None:
    wanted = {name for expression in EXPRESSIONS for name in metrics_of(expression)} - RECORDED
    pod.answer("www.example.com. A")

    def missing() -> set[str]:
        page = pod.get(pod.options.sidecar_port, "/metrics")[1]
        families = text_string_to_metric_families(page)
        return wanted - {sample.name for family in families for sample in family.samples}

    eventually(lambda: not missing(), 20.0, lambda: f"not on the page: {missing()}")
